"""A device tree fragment, and a Python driver over UIO that needs numpy alone."""

from ..hdl.ports.verilog import Build
from .software import driver
from .words import fill


__all__ = ["files"]


def files(build: Build) -> dict[str, str]:
    """Text of each file, by path."""
    return {f"{build.name}.dtso": fill("node.dtso", build),
            f"{build.name}_driver.py": driver(build)}
