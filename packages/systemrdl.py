"""The registers in SystemRDL 2.0, which systemrdl-compiler and PeakRDL read."""

from ..hdl.ports.verilog import Build
from .words import fill


__all__ = ["files"]


def files(build: Build) -> dict[str, str]:
    """Text of each file, by path."""
    return {f"{build.name}.rdl": fill("registers.rdl", build, quoted=_quoted)}


def _quoted(text: str) -> str:
    """A string of SystemRDL."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
