"""From a top on a board to its bitstream: yosys, nextpnr and the packer."""

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

from amaranth.hdl import Elaboratable

from ..sim import tools
from ..sim.engine import Progress
from .carry_ends import cut_carry_ends
from .flow import route
from .step import run_step
from .targets import family_cells
from .yosys import run_yosys


__all__ = [
    "FAMILIES", "MARGIN", "TOP", "BoardBuild", "Clock", "Family", "build_board", "design_files",
    "nextpnr_package", "synthesis_commands",
]

TOP = "top"
MARGIN = 0.10
"""How much faster than needed each clock should be, as a part of it: what no tool models, such as
jitter and the temperature, is to fit into it. With less, another seed is tried."""


@dataclass(frozen=True)
class Clock:
    """One clock of a placed and routed design, in MHz.

    Parameters
    ----------
    name : :class:`str`
        Of its net.
    needed, reached : :class:`float`
        The frequency that it has on the board, and the highest one that nextpnr finds to work.
    """

    name: str
    needed: float
    reached: float

    @property
    def margin(self) -> float:
        """How much faster than needed it could be, as a part of it; negative if it is missed."""
        return self.reached / self.needed - 1


@dataclass(frozen=True)
class Family:
    """How a device family is built.

    Parameters
    ----------
    synthesis : :class:`str`
        yosys command.
    router : :class:`str`
        Program for place and route.
    constraints : :class:`str`
        Ending of Amaranth's file of constraints.
    packer : tuple of :class:`str`
        Program and arguments; ``{device}`` is what :func:`_device` says.
    bitstream : :class:`str`
        Its file's ending.
    """

    synthesis: str
    router: str
    constraints: str
    packer: tuple[str, ...]
    bitstream: str


FAMILIES = {
    # What is not a default is explained in .targets.
    "ecp5": Family("synth_ecp5 -cmp2softlogic", "nextpnr-ecp5", "lpf",
                    ("ecppack", "--compress", "routed.txt", "try_top.bit"), "bit"),
    "ice40": Family("synth_ice40 -device u", "nextpnr-ice40", "pcf",
                     ("icepack", "routed.txt", "try_top.bin"), "bin"),
    "gowin": Family("synth_gowin", "nextpnr-gowin", "cst",
                     ("gowin_pack", "-d", "{device}", "--sspi_as_gpio", "--mspi_as_gpio",
                      "-o", "try_top.fs", "routed.json"), "fs"),
    "gatemate": Family("synth_gatemate -luttree", "nextpnr-gatemate", "ccf",
                       ("gmpack", "routed.txt", "try_top.bit"), "bit"),
}


@dataclass(frozen=True)
class BoardBuild:
    """What became of a build.

    Parameters
    ----------
    clocks : tuple of :class:`Clock`
        The slowest relative to its need first.
    used : mapping of :class:`str` to pairs of :class:`int`
        LUTs, flip-flops, block RAMs, large RAMs and DSPs, as far as there are some: how many are
        used, and how many the device has. See :class:`~.targets.Target` for what is counted; an
        iCE40's logic cell is a LUT, a flip-flop or both.
    untimed : :class:`str`
        Resource that is used and whose delays nextpnr does not know, so that the clocks are
        slower than it says if they depend on it; empty if there is none.
    seed : :class:`int`
        Seed of the placement that was taken.
    bitstream : :class:`~pathlib.Path`
        The result.
    versions : mapping of :class:`str` to :class:`str`
        Of the tools.
    """

    clocks: tuple[Clock, ...]
    used: Mapping[str, tuple[int, int]]
    untimed: str
    seed: int
    bitstream: Path
    versions: Mapping[str, str]

    @property
    def met(self) -> bool:
        """Whether every clock is as fast as the board needs it."""
        return all(clock.margin >= 0 for clock in self.clocks)

    @property
    def margin(self) -> float:
        """The least of the clocks' margins."""
        return min(clock.margin for clock in self.clocks)


def design_files(top: Elaboratable, platform: Any, family: str) -> dict[str, str]:
    """Elaborate a top for a board; return the text of ``top.il`` and of its constraints, by name.

    Parameters
    ----------
    top : :class:`~amaranth.hdl.Elaboratable`
        What goes onto the board.
    platform : Amaranth platform
        The board's. It is used up.
    family : :class:`str`
        Device family.
    """
    plan = platform.prepare(top, TOP)
    text = {name: content if isinstance(content, str) else content.decode()
            for name, content in plan.files.items()}
    constraints = f"{TOP}.{FAMILIES[family].constraints}"
    return {f"{TOP}.il": _without_brackets(text[f"{TOP}.il"]), constraints: text[constraints]}


def synthesis_commands(family: str) -> str:
    """The yosys commands from a board's ``top.il``, which is read, to mapped cells without a net
    that has two drivers or none."""
    return f"{FAMILIES[family].synthesis} -top {TOP}; check -assert"


def _without_brackets(text: str) -> str:
    r"""Turn names of RTLIL such as ``\samples[3]`` into ``\samples.3``: see
    :mod:`windrow.hdl.ports.verilog`. A bit of a signal has a blank before its bracket."""
    return re.sub(r"\\[^\s\"]+\[[^\s\"]*", lambda name: name[0].replace("[", ".").replace("]", ""),
                  text)


def build_board(
    top: Elaboratable,
    platform: Any,
    family: str,
    frequency: float,
    folder: Path,
    *,
    seeds: Sequence[int] = (1, 2, 3),
    progress: Progress = lambda text, done, total: None,
) -> BoardBuild:
    """Build a top for a board as far as its bitstream.

    Parameters
    ----------
    top, platform, family
        As for :func:`design_files`.
    frequency : :class:`float`
        The fastest clock that logic has, in hertz. For Gowin and GateMate, where no constraint
        reaches nextpnr.
    folder : :class:`~pathlib.Path`
        Gets the netlist, the bitstream and all logs. Must be there.
    seeds : sequence of :class:`int`
        Of the placement, tried in turn until every clock has :data:`MARGIN`. The best one is taken.
    progress : callable, optional
        Told each step.

    Raises
    ------
    :exc:`~windrow.sim.tools.MissingTool`
        If a program is missing.
    :exc:`~windrow.sim.tools.ToolError`
        If one fails, the design is too large, or the netlist is wrong.
    """
    how = FAMILIES[family]
    names = ("yosys", how.router, how.packer[0])
    programs = {name: tools.synthesis(name) for name in names}
    total = len(seeds) + 3

    progress("elaborating the design", 0, total)
    arguments = _device(platform, family)
    # That of a design before must not be taken for this one's, if this build fails.
    bitstream = folder / f"{TOP}.{how.bitstream}"
    bitstream.unlink(missing_ok=True)
    for name, text in design_files(top, platform, family).items():
        (folder / name).write_text(text, encoding="utf-8")

    progress("yosys (its very first start takes up to a minute)", 1, total)
    run_yosys("; ".join((
        f"read_rtlil {TOP}.il", synthesis_commands(family), "write_json netlist.json")), folder)
    if family == "ecp5":
        cut_carry_ends(folder)

    best: tuple[float, int, dict[str, Any]] | None = None
    for number, seed in enumerate(seeds):
        progress(f"{how.router}, seed {seed}", 2 + number, total)
        report = _place_and_route(programs[how.router], family, arguments, frequency, folder, seed)
        margin = min(clock.margin for clock in _clocks(report))
        if best is None or margin > best[0]:
            best = margin, seed, report
            for name in ("routed.json", "routed.txt"):
                if (folder / f"try_{name}").exists():
                    os.replace(folder / f"try_{name}", folder / name)
        if margin >= MARGIN:
            break
    assert best is not None
    _, seed, report = best

    progress(how.packer[0], total - 1, total)
    chip = arguments[-1].removeprefix("family=")
    run_step((programs[how.packer[0]], *(each.format(device=chip) for each in how.packer[1:])),
             folder)
    os.replace(folder / f"try_{bitstream.name}", bitstream)
    return BoardBuild(
        clocks=_clocks(report),
        used=(used := _used(report["utilization"], family)),
        untimed="DSPs" if "DSPs" in used and not family_cells(family).dsp_delays else "",
        seed=seed,
        bitstream=bitstream,
        versions={name: tools.synthesis_version(name) or "unknown" for name in names},
    )


def nextpnr_package(platform: Any) -> str:
    """nextpnr's name of an ECP5's package."""
    name: str = platform.package
    return {"BG": "CABGA", "MG": "CSFBGA"}[name[:2]] + name[2:]


def _device(platform: Any, family: str) -> tuple[str, ...]:
    """nextpnr's arguments for a platform's device."""
    if family == "ecp5":
        kind, _, size = platform.device.removeprefix("LFE5U").rpartition("-")
        package = nextpnr_package(platform)
        prefix = f"u{kind.lower()}-" if kind else ""
        return (f"--{prefix}{size.removesuffix('F')}k", "--package", package,
                "--speed", platform.speed)
    if family == "ice40":
        return (f"--{platform.device.removeprefix('iCE40').lower()}",
                "--package", platform.package.lower())
    if family == "gatemate":
        return ("--device", "CCGM1A1")
    # The chips with memory beside them in the package are the same chips.
    return ("--device", platform.part, "--vopt", f"cst={TOP}.cst",
            "--vopt", f"family={platform.family.replace('R-', '-')}")


def _place_and_route(
    program: str, family: str, device: Sequence[str], frequency: float, folder: Path, seed: int
) -> dict[str, Any]:
    extra = {
        "ecp5": ("--lpf", f"{TOP}.lpf", "--textcfg", "try_routed.txt",
                 "--placer-heap-timingweight", "20"),
        "ice40": ("--pcf", f"{TOP}.pcf", "--asc", "try_routed.txt"),
        "gowin": ("--freq", f"{frequency / 1e6:.6f}"),
        "gatemate": ("--freq", f"{frequency / 1e6:.6f}", "--vopt", f"ccf={TOP}.ccf",
                     "--vopt", "out=try_routed.txt"),
    }[family]
    report, log = f"seed_{seed}.json", folder / f"seed_{seed}.log"
    try:
        route((program, "--json", "netlist.json", *device, *extra, "--timing-allow-fail",
               "--seed", str(seed), "--write", "try_routed.json", "--report", report,
               "--log", log.name, "--quiet"), log, "the design is too large for the board")
    except tools.ToolError as error:
        if log.is_file() and "cannot place differential IO" in log.read_text(errors="replace"):
            raise tools.ToolError("a differential pair of the board starts at the negative side of "
                                  f"a pair of pins (see {log})") from error
        raise
    content: dict[str, Any] = json.loads((folder / report).read_text())
    return content


def _used(cells: Mapping[str, Mapping[str, int]], family: str) -> dict[str, tuple[int, int]]:
    """What a design takes of each resource, and how much of it there is."""
    kinds = family_cells(family)
    found = {}
    for name, counts in (("LUTs", kinds.luts), ("flip-flops", {kinds.flip_flops: 1}),
                         ("block RAMs", kinds.rams), ("large RAMs", kinds.large_rams),
                         ("DSPs", kinds.dsps)):
        there = [cell for cell in counts if cell in cells and cells[cell]["used"]]
        if there:
            found[name] = (ceil(sum(cells[cell]["used"] * counts[cell] for cell in there)),
                           int(cells[there[0]]["available"] * counts[there[0]]))
    return found


def _clocks(report: Mapping[str, Any]) -> tuple[Clock, ...]:
    clocks = (Clock(name.removeprefix("$glbnet$"), each["constraint"], each["achieved"])
              for name, each in report["fmax"].items())
    return tuple(sorted(clocks, key=lambda clock: clock.margin))
