"""A cocotb test of the core, which runs as it is written and is meant to be changed."""

from ..hdl import PlannedNetwork
from ..hdl.ports.verilog import Build
from .words import fill


__all__ = ["files"]


def files(build: Build) -> dict[str, str]:
    """Text of each file, by path."""
    kind = "Network" if isinstance(build.design, PlannedNetwork) else type(build.design).__name__
    return {f"test_{build.name}.py": fill(
        "cocotb_test.py.jinja", build, kind=kind, key="filter" if kind == "Filter" else "design")}
