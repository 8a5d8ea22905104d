"""A SystemVerilog wrapper with an interface a stream."""

from ..hdl.ports.verilog import Build
from .words import fill


__all__ = ["files"]


def files(build: Build) -> dict[str, str]:
    """Text of each file, by path."""
    return {f"{build.name}_wrap.sv": fill("wrap.sv", build)}
