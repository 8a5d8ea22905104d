"""From a filter to what it takes of a device: generate, synthesise, place and route, pack."""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..hdl import Build, PlannedNetwork, build
from ..model import Filter, InputError, Pipeline
from ..sim import tools
from ..sim.engine import Progress
from .carry_ends import cut_carry_ends
from .harness import harness
from .outcome import Outcome, Usage, harness_luts, placement, usage
from .step import run_step
from .targets import CORE, Target
from .yosys import run_yosys


__all__ = ["make_netlist", "packed", "place_and_route", "programs", "route",
           "synthesise"]


def programs(target: Target) -> dict[str, str]:
    """Return the path of each program that builds for a target, by its plain name.

    Raises
    ------
    :exc:`~windrow.sim.tools.MissingTool`
        If one is missing.
    """
    return {name: tools.synthesis(name) for name in ("yosys", target.router, target.packer[0])}


def make_netlist(
    target: Target, folder: Path, *, timeout: float | None = None
) -> dict[str, Any]:
    """Synthesise ``core.v`` and ``harness.v``, and return yosys's netlist, the two kept apart.

    Parameters
    ----------
    target : :class:`~.targets.Target`
        The device.
    folder : :class:`~pathlib.Path`
        Holds the two files, and gets ``netlist.json`` and ``yosys.log``.
    timeout : :class:`float`, optional
        Seconds that yosys may take.

    Raises
    ------
    :exc:`subprocess.TimeoutExpired`
        If it takes longer.
    :exc:`~windrow.sim.tools.ToolError`
        If yosys fails, or finds two drivers of one wire.
    """
    script = "; ".join((
        f"read_verilog {CORE}.v harness.v",
        f"setattr -mod -set keep_hierarchy 1 {CORE}",
        target.synthesis,
        "check -assert",
        "write_json netlist.json",
    ))
    with _named(folder / "yosys.log"):
        run_yosys(script, folder, timeout=timeout)
    if target.family == "ecp5":
        cut_carry_ends(folder)
    return _json(folder / "netlist.json")


def synthesise(
    design: Filter | Pipeline | PlannedNetwork,
    target: Target,
    folder: Path,
    *,
    strategy: str = "auto",
    seeds: Sequence[int] = (1, 2, 3),
    progress: Progress = lambda text, done, total: None,
) -> Outcome:
    """Build a design for a device as far as its bitstream, and read what it takes.

    Parameters
    ----------
    design : :class:`~windrow.model.Filter`, :class:`~windrow.model.Pipeline` or \
:class:`~windrow.hdl.PlannedNetwork`
        The filter, the pipeline or the network.
    target : :class:`~.targets.Target`
        The device.
    folder : :class:`~pathlib.Path`
        Keeps the Verilog, the netlist, the bitstream, and all logs and reports. Must be there.
    strategy : :class:`str`
        Strategy of the arithmetic, as for :func:`windrow.hdl.build`.
    seeds : sequence of :class:`int`
        Seeds of the place and route, at least one. The first one's result is packed.
    progress : callable, optional
        Told each step.

    Raises
    ------
    :exc:`~windrow.model.errors.InputError`
        If the strategy does not suit the filter.
    :exc:`~windrow.sim.tools.MissingTool`
        If a program is missing.
    :exc:`~windrow.sim.tools.ToolError`
        If one fails; if the core is too large for the device; or if the netlist is wrong.
    """
    paths = programs(target)
    steps = iter(range(len(seeds) + 3))
    total = len(seeds) + 3

    progress("generating Verilog", next(steps), total)
    built = _generate(design, target, folder, strategy)

    progress("yosys (its very first start takes up to a minute)", next(steps), total)
    netlist = make_netlist(target, folder)

    placements = []
    reports: list[dict[str, Any]] = []
    for seed in seeds:
        progress(f"{target.router}, seed {seed}", next(steps), total)
        report = place_and_route(paths[target.router], target, folder, seed, keep=not reports)
        reports.append(report)
        placements.append(placement(seed, report, target))
    harness_count = harness_luts(netlist, _json(folder / "routed.json"), target)

    progress(target.packer[0], next(steps), total)
    _pack(paths[target.packer[0]], target, folder)
    return Outcome(
        design=design,
        target=target,
        strategy=str(built.manifest.get("strategy", strategy)),
        usage=usage(netlist, reports[0], harness_count, target),
        placements=tuple(placements),
        harness_luts=harness_count,
        versions={name: tools.synthesis_version(name) or "unknown" for name in paths},
        folder=folder,
    )


def packed(
    design: Filter | Pipeline | PlannedNetwork, target: Target, folder: Path, *, strategy: str,
) -> tuple[str, Usage]:
    """The strategy and what it takes of a device: no place and route, which take long, no clock.

    Not for Gowin, of which nextpnr adds LUTs as it places. Parameters and errors are those of
    :func:`synthesise`.
    """
    if target.family == "gowin":
        raise InputError(f"target {target.name} must be placed to be counted")
    router = programs(target)[target.router]
    built = _generate(design, target, folder, strategy)
    netlist = make_netlist(target, folder)
    log = folder / "pack.log"
    _pack_only(router, target, folder, log, "--write", "routed.json")
    counts = {cell: {"used": int(used)} for cell, used, _ in _counts(log.read_text())}
    harness_count = harness_luts(netlist, _json(folder / "routed.json"), target)
    return str(built.manifest["strategy"]), usage(
        netlist, {"utilization": counts}, harness_count, target)


def _pack_only(
    program: str, target: Target, folder: Path, log: Path, *more: str,
    timeout: float | None = None,
) -> None:
    """Run nextpnr as far as its log counts the cells."""
    _run((program, "--json", "netlist.json", *_device(target, folder), "--pack-only", *more,
          "--log", log.name, "--quiet"), log, timeout)


def _generate(
    design: Filter | Pipeline | PlannedNetwork, target: Target, folder: Path, strategy: str
) -> Build:
    """Begin a folder with the Verilog of the core and of its harness."""
    built = build(design, CORE, target=target.components, strategy=strategy)
    _clear(folder)
    (folder / f"{CORE}.v").write_text(built.verilog, encoding="utf-8")
    (folder / "harness.v").write_text(harness(built.manifest), encoding="utf-8")
    return built


def _clear(folder: Path) -> None:
    """Remove what an earlier run left, so that no seed or bitstream of another filter stays."""
    names = rf"seed_\d+\.(json|log)|routed\.(json|txt)|netlist\.json|{CORE}\.bit"
    for path in folder.iterdir():
        if re.fullmatch(names, path.name):
            path.unlink()


def place_and_route(
    program: str, target: Target, folder: Path, seed: int, *, keep: bool,
    timeout: float | None = None,
) -> dict[str, Any]:
    """Place and route with one seed, and return nextpnr's report.

    Parameters
    ----------
    program : :class:`str`
        Path of nextpnr.
    target : :class:`~.targets.Target`
        The device.
    folder : :class:`~pathlib.Path`
        Holds ``netlist.json``, and gets ``seed_N.json``, the report, and ``seed_N.log``.
    seed : :class:`int`
        The seed.
    keep : :class:`bool`
        Whether to write the routed design, ``routed.json`` and what the packer reads.
    timeout : :class:`float`, optional
        Seconds that it may take.

    Raises
    ------
    :exc:`~windrow.sim.tools.ToolError`
        If it fails, or the core is too large for the device.
    :exc:`subprocess.TimeoutExpired`
        If it takes longer.
    """
    arguments = [
        "--json", "netlist.json", *_device(target, folder),
        "--freq", str(target.frequency), "--timing-allow-fail", "--seed", str(seed),
        "--report", f"seed_{seed}.json", "--log", f"seed_{seed}.log", "--quiet",
    ]
    if keep:
        arguments += ["--write", "routed.json"]
        arguments += target.routed
    too_large = f"the core is too large for target {target.name}"
    if "static" in target.arguments:  # that placer goes on for ever where there is no place
        log = folder / "pack.log"
        _pack_only(program, target, folder, log, timeout=timeout)
        if lacking := lack(log.read_text(errors="replace")):
            raise tools.ToolError(f"{too_large}: {lacking} (see {log})")
    route((program, *arguments), folder / f"seed_{seed}.log", too_large, timeout)
    return _json(folder / f"seed_{seed}.json")


def route(
    command: Sequence[str], log: Path, too_large: str, timeout: float | None = None
) -> None:
    """Run nextpnr in its log's folder.

    Raises
    ------
    :exc:`~windrow.sim.tools.ToolError`
        If it fails: ``too_large`` with what there is too little of, where the log says that.
    """
    try:
        _run(command, log, timeout)
    except tools.ToolError as error:
        lacking = lack(log.read_text(errors="replace")) if log.is_file() else ""
        if not lacking:
            raise
        raise tools.ToolError(f"{too_large}: {lacking} (see {log})") from error


def _device(target: Target, folder: Path) -> list[str]:
    """Arguments of nextpnr for a device, and for its pins where they must be given."""
    if not target.pins:
        return [*target.arguments]
    (folder / "pins.cst").write_text(
        "".join(f'IO_LOC "{port}" {pin};\n' for port, pin in target.pins.items()))
    return [*target.arguments, "--vopt", "cst=pins.cst"]


def lack(log: str) -> str:
    """Say what a device has too little of, from nextpnr's log; empty where that is not the matter.

    The log counts the cells of each type that the device has. Where it has none of a type, the
    error alone names it.
    """
    counts = _counts(log)
    lacking = [f"{used} of {available} {cell}" for cell, used, available in counts
               if int(used) > int(available)]
    short = re.search(r"no BELs remaining to implement cell type '(\w+)'", log)
    if short is not None and short[1] not in [cell for cell, *_ in counts]:
        lacking.append(f"there is no {short[1]}")
    return ", ".join(lacking)


def _counts(log: str) -> list[tuple[str, str, str]]:
    """Of each type of cell in nextpnr's log, how many are used, and how many there are."""
    return re.findall(r"^Info:\s+(\w+):\s+(\d+)/\s*(\d+)\s", log, flags=re.M)


def _pack(program: str, target: Target, folder: Path) -> None:
    names = {"routed": "routed.txt" if target.routed else "routed.json",
             "bitstream": f"{CORE}.bit"}
    _run((program, *(each.format(**names) for each in target.packer[1:])), folder / "routed.json")


def _run(command: Sequence[str], log: Path, timeout: float | None = None) -> None:
    """Run a tool in its log's folder."""
    with _named(log):
        run_step(command, log.parent, timeout=timeout)


@contextmanager
def _named(log: Path) -> Iterator[None]:
    """Name the log in a tool's error."""
    try:
        yield
    except tools.ToolError as error:
        raise tools.ToolError(f"{error} (see {log})") from error


def _json(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content
