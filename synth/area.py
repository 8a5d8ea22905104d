"""Families whose clock only the vendor's tool knows: what yosys makes of a core, counted.

Where a family has an open place and route of its own it is one of :data:`.targets.TARGETS`.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..hdl import build
from ..model import Filter, Pipeline
from ..sim import tools
from ..sim.engine import Progress
from .yosys import run_yosys


__all__ = ["AREAS", "Area", "AreaTarget", "count", "synthesise_area"]

_CORE = "core"


@dataclass(frozen=True)
class AreaTarget:
    """A family, and what its cells count as.

    Parameters
    ----------
    name, device : :class:`str`
        What ``--target`` takes; which parts it stands for.
    synthesis : :class:`str`
        yosys's commands, from the read core to mapped cells without pads.
    luts, flip_flops, rams, dsps : :class:`str`
        Regular expressions of the cells' types.
    initial_values : :class:`bool`
        Whether its flip-flops take them.
    """

    name: str
    device: str
    synthesis: str
    luts: str
    flip_flops: str
    rams: str
    dsps: str
    initial_values: bool = True


AREAS: Mapping[str, AreaTarget] = {each.name: each for each in (
    AreaTarget("xc7", "AMD 7 series and Zynq-7000",
               "synth_xilinx -family xc7 -top core -flatten -noiopad -noclkbuf",
               r"LUT\d|SRL16E|SRLC32E", r"FD[RSCP]E(_1)?", r"RAMB(18|36)E1", r"DSP48E1"),
    AreaTarget("cyclone-v", "Intel Cyclone V",
               "synth_intel_alm -family cyclonev -top core -noiopad -noclkbuf",
               r"MISTRAL_(ALUT\w+|NOT)", r"MISTRAL_FF", r"MISTRAL_M10K", r"MISTRAL_MUL\w+"),
    AreaTarget("polarfire", "Microchip PolarFire, without initial values",
               "synth_microchip -family polarfire -top core -noiopad -noclkbuf",
               r"CFG\d|ARI1", r"SLE", r"RAM1K20", r"MACC_PA\w*", initial_values=False),
    AreaTarget("efinix", "Efinix Trion", "synth_efinix -top core",
               r"EFX_LUT4|EFX_ADD", r"EFX_FF", r"EFX_RAM_5K", r"EFX_MULT"),
)}
"""The families by name."""


@dataclass(frozen=True)
class Area:
    """What a core takes of a family.

    Parameters
    ----------
    target : :class:`AreaTarget`
        The family.
    strategy : :class:`str`
        How its sums are made.
    luts, flip_flops, rams, dsps : :class:`int`
        Cells of each kind; carries are LUTs where they take the place of one.
    cells : mapping of :class:`str` to :class:`int`
        All cells by type.
    yosys : :class:`str`
        Its version.
    """

    target: AreaTarget
    strategy: str
    luts: int
    flip_flops: int
    rams: int
    dsps: int
    cells: Mapping[str, int]
    yosys: str


def synthesise_area(
    design: Filter | Pipeline, target: AreaTarget, folder: Path, *, strategy: str = "auto",
    progress: Progress = lambda text, done, total: None,
) -> Area:
    """Map a design to a family's cells, and count them.

    ``folder`` keeps the Verilog, the netlist and yosys's log.

    Raises
    ------
    :exc:`~windrow.model.errors.InputError`
        If the strategy does not suit the filter.
    :exc:`~windrow.sim.tools.MissingTool`
        If there is no yosys.
    :exc:`~windrow.sim.tools.ToolError`
        If it fails.
    """
    version = tools.synthesis_version("yosys") or "unknown"
    progress("generating Verilog", 0, 2)
    made = build(design, _CORE, strategy=strategy, initial_values=target.initial_values)
    (folder / f"{_CORE}.v").write_text(made.verilog, encoding="utf-8")
    progress("yosys (its very first start takes up to a minute)", 1, 2)
    run_yosys(f"read_verilog {_CORE}.v; {target.synthesis}; write_json netlist.json", folder)
    netlist = json.loads((folder / "netlist.json").read_text(encoding="utf-8"))
    return count(netlist, target, str(made.manifest["strategy"]), version)


def count(netlist: Mapping[str, Any], target: AreaTarget, strategy: str, version: str) -> Area:
    """Count the cells of a netlist of yosys's, whose one module is the core."""
    cells: dict[str, int] = {}
    for cell in netlist["modules"][_CORE]["cells"].values():
        kind = str(cell["type"])
        if not kind.startswith("$"):  # yosys's own: notes such as $scopeinfo
            cells[kind] = cells.get(kind, 0) + 1

    def of(pattern: str) -> int:
        return sum(number for kind, number in cells.items() if re.fullmatch(pattern, kind))

    return Area(target, strategy, of(target.luts), of(target.flip_flops), of(target.rams),
                of(target.dsps), dict(sorted(cells.items())), version)
