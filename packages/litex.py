"""A LiteX module around the Verilog."""

from ..hdl.ports.verilog import Build
from .software import class_name
from .words import fill


__all__ = ["files"]


def files(build: Build) -> dict[str, str]:
    """Text of each file, by path."""
    return {f"{build.name}_litex.py": fill(
        "litex.py.jinja", build, class_name=class_name(build.name))}
