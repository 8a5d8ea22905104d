"""A VHDL package with the core's component and records of its streams, and a wrapper around both.

Both languages meet in the tool: Vivado, Quartus, and simulators of mixed languages.
"""

from ..hdl.ports.verilog import Build
from ..model import InputError
from .words import fill


__all__ = ["files"]

# IEEE 1076-2008, 15.10: what a VHDL name cannot be.
_KEYWORDS = """
    abs access after alias all and architecture array assert assume assume_guarantee attribute begin
    block body buffer bus case component configuration constant context cover default disconnect
    downto else elsif end entity exit fairness file for force function generate generic group
    guarded if impure in inertial inout is label library linkage literal loop map mod nand new next
    nor not null of on open or others out package parameter port postponed procedure process
    property protected pure range record register reject release rem report restrict
    restrict_guarantee return rol ror select sequence severity signal shared sla sll sra srl strong
    subtype then to transport type unaffected units until use variable vmode vprop vunit wait when
    while with xnor xor
"""


def files(build: Build) -> dict[str, str]:
    """Text of each file, by path.

    Raises
    ------
    :exc:`~windrow.model.InputError`
        If the module's name can be none in VHDL.
    """
    name = build.name
    if (name.lower() in _KEYWORDS.split() or name.startswith("_") or name.endswith("_")
            or "__" in name):
        raise InputError(f"name: {name!r} can be no name in VHDL, for package vhdl: no keyword, no "
                         "underscore first, last or twice in a row")
    return {f"{name}_pkg.vhd": fill("package.vhd", build),
            f"{name}_records.vhd": fill("records.vhd", build)}
