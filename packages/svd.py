"""The registers as CMSIS-SVD, which svd2rust and debuggers read.

Source: Arm, "CMSIS-SVD File Format", schema version 1.3.
"""

from xml.sax.saxutils import escape

from ..hdl.ports.verilog import Build
from .words import fill


__all__ = ["files"]


def files(build: Build) -> dict[str, str]:
    """Text of each file, by path."""
    return {f"{build.name}.svd": fill("registers.svd", build, escape=escape)}
