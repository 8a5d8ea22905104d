"""A Tcl script by which Vivado packages the core itself, as AMD wants it made (UG1118)."""

from ..hdl.ports.verilog import Build
from .words import fill


__all__ = ["files"]


def files(build: Build) -> dict[str, str]:
    """Text of each file, by path."""
    return {f"{build.name}_vivado.tcl": fill(
        "vivado.tcl", build, constraints=[file for file in build.constraints
                                          if file.endswith(".xdc")])}
