"""The synthesised netlist as Verilog that a simulator takes: gates, and models of the gates.

Simulating the source shows that the design is right, simulating the netlist that synthesis left it
right. What comes out of :func:`netlist` runs on the engines of :mod:`windrow.sim` like any core.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ..model.errors import InputError, nearest
from ..sim import cache, tools
from ..sim.engine import Design, Progress
from ..sim.tools import ToolError
from .targets import HARNESS, TARGETS
from .yosys import run_yosys, share


__all__ = ["FAMILIES", "Netlist", "Remake", "check_family", "family_models", "needed_models",
           "netlist", "netlist_design", "with_models"]


@dataclass(frozen=True)
class _Family:
    """How a device family is synthesised, and where the models of its cells are.

    Parameters
    ----------
    synthesis : :class:`str`
        yosys commands, from the read design to mapped cells.
    defines : tuple of :class:`str`
        Macros that the models ask for.
    """

    synthesis: str
    defines: tuple[str, ...] = ()


def _as_on(name: str) -> str:
    """The commands of a target, for any top module."""
    return TARGETS[name].synthesis.replace(HARNESS, "{top}")


_FAMILIES: Mapping[str, _Family] = {
    "ecp5": _Family(_as_on("ecp5-25k")),
    # Without the macro the models have defaults for ports, which no Verilog knows.
    "ice40": _Family(_as_on("up5k"), ("NO_ICE40_DEFAULT_ASSIGNMENTS",)),
}

_MODELS = {family: f"{family}/cells_sim.v" for family in ("ecp5", "gatemate", "gowin", "ice40")}
"""yosys's files of models, below its folder :func:`~.yosys.share`."""

FAMILIES = tuple(_FAMILIES)
"""The device families whose netlists can be simulated."""

_OWN_MODELS = Path(__file__).with_name("cells")
"""Models of what yosys knows as black boxes only."""


@dataclass(frozen=True)
class Netlist:
    """A synthesised design.

    Parameters
    ----------
    verilog : :class:`str`
        The netlist and the models of its cells, complete in themselves. Verilog 2005.
    cells : mapping of :class:`str` to :class:`int`
        Types of the cells, and how many there are of each.
    family : :class:`str`
        The device family.
    yosys : :class:`str`
        The version of yosys.
    """

    verilog: str
    cells: Mapping[str, int]
    family: str
    yosys: str

    def __str__(self) -> str:
        cells = ", ".join(f"{count} {name}" for name, count in
                          sorted(self.cells.items(), key=lambda item: (-item[1], item[0])))
        return f"{self.family}, by yosys {self.yosys}: {cells}"


def netlist(verilog: str, top: str, family: str, *, synthesis: str | None = None) -> Netlist:
    """Synthesise a design and return its netlist, to be simulated.

    Takes 1 to 10 s for a core of a 3x3 kernel; the result is kept in the cache. The first start
    ever of YoWASP's yosys takes 40 s more.

    Parameters
    ----------
    verilog, top : :class:`str`
        The design and its top module.
    family : :class:`str`
        One of :data:`FAMILIES`.
    synthesis : :class:`str`
        yosys commands that replace the family's own.

    Raises
    ------
    :exc:`~windrow.model.errors.InputError`
        If the family is unknown, yosys is missing or fails, leaves a net with two drivers, or uses
        a cell that has no model.
    """
    check_family(family)
    kind = _FAMILIES[family]
    commands = (synthesis or kind.synthesis).format(top=top)
    version = tools.synthesis_version("yosys") or "unknown"
    models = family_models(family)

    def make(folder: Path) -> None:
        (folder / "core.v").write_text(verilog)
        run_yosys(
            f"read_verilog core.v\n{commands}\ncheck -assert\n"
            f"tee -q -o cells.json stat -json\nwrite_verilog -noattr netlist.v\n", folder)
        for path in folder.iterdir():
            if path.name not in ("netlist.v", "cells.json"):
                path.unlink()

    parts = (tools.synthesis("yosys"), version, verilog, top, commands)
    place = cache.entry("netlist", cache.key(*parts), make)
    report = json.loads((place / "cells.json").read_text())["design"]["num_cells_by_type"]
    cells = {name: int(count) for name, count in report.items() if not name.startswith("$")}
    text = "".join(f"`define {name}\n" for name in kind.defines)
    text += (place / "netlist.v").read_text() + "\n" + needed_models(models, cells)
    return Netlist(text, cells, family, version)


def check_family(family: str) -> None:
    """Check that netlists of a device family can be simulated.

    Raises
    ------
    :exc:`~windrow.model.errors.InputError`
        If it is none of :data:`FAMILIES`.
    """
    if family not in FAMILIES:
        raise InputError(f"netlist: there is none for {family!r}: {nearest(family, FAMILIES)}")


def netlist_design(
    design: Design, family: str, progress: Progress | None = None
) -> tuple[Design, Netlist]:
    """Return a core as its netlist, for :func:`windrow.sim.job.run_design`, and the netlist.

    Parameters
    ----------
    design : :class:`~windrow.sim.engine.Design`
        The core.
    family
        As for :func:`netlist`.
    progress : callable
        Told what is being done.
    """
    if progress is not None:
        progress(f"synthesising for {family} (yosys; its very first start takes 40 s)", 0, 0)
    made = netlist(design.verilog, design.top, family)
    # Without its source: what the engine ``pysim`` would make of it is not this netlist.
    return replace(design, verilog=made.verilog, source=None), made


class Remake:
    """Makes the netlist of each design that it is given for a family, and keeps what it made.

    Attributes
    ----------
    made : list of :class:`Netlist`
        The netlists.
    where : :class:`str`
        What ran, to stand behind a verdict.
    """

    def __init__(self, family: str) -> None:
        check_family(family)
        self._family = family
        self.made: list[Netlist] = []
        self.where = f" on the {family} netlist"

    def __call__(self, design: Design, progress: Progress) -> Design:
        design, made = netlist_design(design, self._family, progress)
        self.made.append(made)
        return design


def read_verilog(path: Path) -> str:
    """Return a file's text with what it includes."""
    return re.sub(
        r'^`include "([^"]+)"\s*$', lambda match: read_verilog(path.with_name(match[1])),
        path.read_text(), flags=re.M)


def family_models(family: str) -> str:
    """Return the models of a family's cells: the project's, which come first, and yosys's."""
    own = [path.read_text() for path in sorted(_OWN_MODELS.glob("*.v"))]
    return "\n".join((*own, read_verilog(share() / _MODELS[family])))


def with_models(design: Design, family: str) -> Design:
    """Return a core that was generated for a device family, with models of the cells it names.

    Raises
    ------
    :exc:`~windrow.sim.tools.MissingTool`
        If yosys is missing, which has most of the models.
    :exc:`~windrow.sim.tools.ToolError`
        If a cell has none.
    """
    cells = design.cells
    if not cells:
        return design
    kind = _FAMILIES.get(family)
    text = "".join(f"`define {name}\n" for name in (kind.defines if kind else ()))
    text += design.verilog + "\n" + needed_models(family_models(family), cells)
    return replace(design, verilog=text, source=None)


_MODULE = re.compile(r"^(?:\(\*[^\n]*\*\)\s*)?module\s+(\S+?)\s*[(#].*?\bendmodule\b[^\n]*\n",
                     flags=re.M | re.S)


def needed_models(models: str, cells: Iterable[str]) -> str:
    """Return those of the models that the cells need, with the macros around them.

    Simulators take seconds for all of them, and stumble over some. The first model of a name
    counts.

    Raises
    ------
    :exc:`~windrow.sim.tools.ToolError`
        If a cell has none.
    """
    found: dict[str, str] = {}
    for match in _MODULE.finditer(models):
        found.setdefault(match[1], match[0])
    wanted = set(cells)
    if missing := sorted(wanted - found.keys()):
        raise ToolError(f"the netlist holds cells without a model: {', '.join(missing)}")
    grown = 0
    while grown != len(wanted):
        grown = len(wanted)
        for name in list(wanted):
            wanted |= found.keys() & set(re.findall(r"\w+", found[name]))

    given: set[str] = set()

    def keep(match: re.Match[str]) -> str:
        if match[1] not in wanted or match[1] in given:
            return ""
        given.add(match[1])
        return match[0]

    # The models' time unit would set that of the whole simulation.
    return re.sub(r"^`timescale.*\n", "", _MODULE.sub(keep, models), flags=re.M)
