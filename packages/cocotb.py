"""A cocotb test of the core, which runs as it is written and is meant to be changed."""

from ..hdl.ports.verilog import Build
from .words import fill


__all__ = ["files"]


def files(build: Build) -> dict[str, str]:
    """Text of each file, by path."""
    key = "filter" if "filter" in build.manifest else "design"
    return {f"test_{build.name}.py": fill(
        "cocotb_test.py.jinja", build, key=key, kind="Filter" if key == "filter" else "Pipeline")}
