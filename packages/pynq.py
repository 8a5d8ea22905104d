"""A class for PYNQ, which binds it to the core by its name in the IP catalogue."""

from ..hdl.ports.verilog import Build
from .software import class_name, driver
from .words import fill, vlnv


__all__ = ["files"]


def files(build: Build) -> dict[str, str]:
    """Text of each file, by path."""
    return {f"{build.name}_driver.py": driver(build),
            f"{build.name}_pynq.py": fill("pynq.py.jinja", build, bound=":".join(vlnv(build)),
                                           class_name=class_name(build.name))}
