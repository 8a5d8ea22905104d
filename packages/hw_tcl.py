"""A component of Quartus's Platform Designer.

Source: Intel, "Quartus Prime Standard Edition User Guide: Platform Designer", component interface
Tcl reference. Its AXI4-Stream interface has no ``tuser`` in older versions: the file says which is
needed.
"""

from ..hdl.ports.verilog import Build
from .words import fill


__all__ = ["files"]


def files(build: Build) -> dict[str, str]:
    """Text of each file, by path."""
    return {f"{build.name}_hw.tcl": fill(
        "hw.tcl", build, constraints=[file for file in build.constraints
                                      if file.endswith(".sdc")])}
