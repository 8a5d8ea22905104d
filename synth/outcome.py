"""What synthesis, place and route found, read from their reports."""

import re
import statistics
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

from ..hdl import PlannedNetwork
from ..model import Filter, Pipeline
from ..model.markup import table
from .targets import CORE, HARNESS, INPUT_CLOCK, Target


__all__ = ["CriticalPath", "Outcome", "Placement", "Usage", "harness_luts", "placement", "usage"]


@dataclass(frozen=True)
class Usage:
    """What a core takes of a device, without the harness around it.

    What one LUT, RAM and DSP is, :class:`~.targets.Target` says for each device.
    """

    luts: int
    flip_flops: int
    rams: int
    large_rams: int
    dsps: int


@dataclass(frozen=True)
class CriticalPath:
    """The slowest path between two registers.

    Parameters
    ----------
    source, sink : :class:`str`
        Where it starts and ends, named as in the Verilog as far as synthesis keeps the names.
    logic : :class:`float`
        Nanoseconds in cells, from the clock edge on and with the setup time at the end.
    routing : :class:`float`
        Nanoseconds between them.
    depth : :class:`int`
        Cells on the way: LUTs, carries, multiplexers.
    """

    source: str
    sink: str
    logic: float
    routing: float
    depth: int

    def __str__(self) -> str:
        cells = f"{self.depth} cell{'' if self.depth == 1 else 's'} between"
        return (f"{self.source} to {self.sink}, {cells}: {self.logic:.2f} ns logic, "
                f"{self.routing:.2f} ns routing")

    @classmethod
    def from_report(cls, report: Mapping[str, Any]) -> "CriticalPath":
        """Read it from nextpnr's report: that of the core's clock."""
        steps = next(
            path["path"] for path in report["critical_paths"]
            if path["from"] == path["to"] and path["from"].startswith("posedge")
            and INPUT_CLOCK not in path["from"])
        routing = sum(step["delay"] for step in steps if step["type"] == "routing")
        return cls(
            source=_signal(steps[0]["from"]["cell"]),
            sink=_signal(steps[-1]["to"]["cell"]),
            logic=sum(step["delay"] for step in steps) - routing,
            routing=routing,
            depth=sum(step["type"] == "logic" for step in steps),
        )


def _signal(cell: str) -> str:
    """The signal after which yosys named a cell, without the modules that all cells lie in."""
    name = cell.removeprefix(f"{CORE}.").removeprefix(f"{CORE}.")
    return re.sub(r"_(TRELLIS|SB|CC|LUT\d|DFF|CCU2C|PFUMX|L6MUX21|ALU|MUX2).*", "", name)


@dataclass(frozen=True)
class Placement:
    """One seed's result.

    Parameters
    ----------
    seed : :class:`int`
        The seed.
    fmax : :class:`float` or ``None``
        Highest clock frequency in MHz; ``None`` where nextpnr does not know the delays of cells
        that the design has.
    path : :class:`CriticalPath` or ``None``
        What limits it.
    """

    seed: int
    fmax: float | None
    path: CriticalPath | None


@dataclass(frozen=True)
class Outcome:
    """What :func:`~.flow.synthesise` returns.

    Parameters
    ----------
    design : :class:`~windrow.model.Filter`, :class:`~windrow.model.Pipeline` or \
:class:`~windrow.hdl.PlannedNetwork`
        The filter, the pipeline or the network.
    target : :class:`~.targets.Target`
        The device.
    strategy : :class:`str`
        The strategy of the arithmetic; where it was left to the planner, what that chose.
    usage : :class:`Usage`
        What the core takes, with the first seed. Others differ by a few LUTs at the most.
    placements : tuple of :class:`Placement`
        One for each seed.
    harness_luts : :class:`int`
        LUTs of the harness, which :attr:`usage` does not count.
    versions : mapping of :class:`str` to :class:`str`
        Version of each tool, by its name.
    folder : :class:`~pathlib.Path`
        Where the netlist, the logs and the reports are.
    """

    design: Filter | Pipeline | PlannedNetwork
    target: Target
    strategy: str
    usage: Usage
    placements: tuple[Placement, ...]
    harness_luts: int
    versions: Mapping[str, str]
    folder: Path

    def _repr_html_(self) -> str:
        """What a notebook shows: size and clock, of what the device has."""
        capacity = self.target.capacity
        return table(("", self.target.device), [
            ("strategy", self.strategy),
            *((label, f"{getattr(self.usage, key)} of {capacity[key]}")
              for key, label in (("luts", "LUTs"), ("flip_flops", "FFs"), ("rams", "RAMs"),
                                 ("dsps", "DSPs"))),
            ("clock", "not known" if self.fmax is None else f"{self.fmax:.1f} MHz")])

    @property
    def typical(self) -> Placement:
        """The placement with the median clock frequency; of an even number, the slower middle."""
        return sorted(self.placements, key=lambda each: each.fmax or 0.0)[
            (len(self.placements) - 1) // 2]

    @property
    def fmax(self) -> float | None:
        """Median of the seeds' clock frequencies in MHz; ``None`` where they have none."""
        found = self.fmax_values
        return statistics.median_low(found) if found else None

    @property
    def fmax_values(self) -> list[float]:
        """The seeds' clock frequencies in MHz."""
        return [each.fmax for each in self.placements if each.fmax is not None]

    @property
    def pixels_per_second(self) -> float | None:
        """Pixels a second at :attr:`fmax`."""
        if self.fmax is None:
            return None
        if isinstance(self.design, PlannedNetwork):
            frame = self.design.format
            return self.fmax * 1e6 / self.design.plan.cycles * frame.width * frame.height
        return self.fmax * 1e6 * self.design.pixels_per_clock / clocks_per_pixel(self.design)


def clocks_per_pixel(design: Filter | Pipeline) -> int:
    """Clock cycles that a pixel takes, where the design says so, else 1."""
    return int(getattr(design, "clocks_per_pixel", 1))


def harness_luts(
    netlist: Mapping[str, Any], routed: Mapping[str, Any], target: Target
) -> int:
    """Count the harness's own LUTs after place and route.

    nextpnr names a cell after the one that it was made from, so that a flip-flop with a LUT or a
    logic cell of its own counts where the netlist has it: in the harness or in the core.

    Parameters
    ----------
    netlist : mapping
        What yosys wrote, core and harness apart.
    routed : mapping
        What nextpnr wrote, in one module.
    target : :class:`~.targets.Target`
        The device.
    """
    names = tuple(name for name in netlist["modules"][HARNESS]["cells"] if name != CORE)
    (top,) = routed["modules"].values()
    return sum(
        name.startswith(names) and cell["type"].startswith(target.harness_luts)
        for name, cell in top["cells"].items())


def usage(
    netlist: Mapping[str, Any], report: Mapping[str, Any], harness: int, target: Target
) -> Usage:
    """Read what a core takes.

    Parameters
    ----------
    netlist : mapping
        What yosys wrote, core and harness apart.
    report : mapping
        nextpnr's report.
    harness : :class:`int`
        What :func:`harness_luts` counted.
    target : :class:`~.targets.Target`
        The device.
    """
    return Usage(
        luts=_used(target.luts, report) - harness,
        flip_flops=sum(
            cell["type"].startswith(target.flip_flops)
            for cell in netlist["modules"][CORE]["cells"].values()),
        rams=_used(target.rams, report, netlist),
        large_rams=_used(target.large_rams, report),
        dsps=_used(target.dsps, report),
    )


def placement(seed: int, report: Mapping[str, Any], target: Target) -> Placement:
    """Read one seed's clock from nextpnr's report; there is none for cells without delays."""
    if not target.dsp_delays and _used(target.dsps, report):
        return Placement(seed, None, None)
    return Placement(
        seed=seed,
        fmax=min(clock["achieved"] for name, clock in report["fmax"].items()
                 if INPUT_CLOCK not in name),
        path=CriticalPath.from_report(report),
    )


def _used(cells: Mapping[str, float], report: Mapping[str, Any],
          netlist: Mapping[str, Any] | None = None) -> int:
    """How many of a resource the routed design takes; cells that nextpnr does not know are counted
    in the netlist's core."""
    types = Counter() if netlist is None else Counter(
        cell["type"] for cell in netlist["modules"][CORE]["cells"].values())
    known = report["utilization"]
    return ceil(sum(count * (known[cell]["used"] if cell in known else types[cell])
                    for cell, count in cells.items()))
