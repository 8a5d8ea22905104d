"""`windrow synth`: what a filter takes of a device, and how fast it is there."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from windrow.console import Table, progress, show
from windrow.effort import announce
from windrow.filter_flags import (
    DESIGN,
    add_filter_flags,
    add_strategy_flag,
)
from windrow.network_flags import add_network_flags, network_plan, read_design
from windrow.output_folder import work_folder
from windrow.parser import Commands, add_command
from windrow.usage import UsageError, whole_number


if TYPE_CHECKING:
    from windrow.synth import Outcome

__all__ = ["add_to"]

#: Here and not from windrow.synth, so that `--help` does not wait for numpy. A test compares them.
TARGET_NAMES = "ecp5-25k, ecp5-85k, up5k, hx8k, gw1n-9, gw2a-18 or ccgm1a1"
PLACER_NAMES = "heap or static"
AREA_NAMES = "xc7, cyclone-v, polarfire or efinix"

MOST_SEEDS = 100


def add_to(commands: Commands) -> None:
    """Add this command to the parser."""
    parser = add_command(
        commands, "synth", run, takes="[FILTER] --target T [-o DIR]", works=True,
        summary="synthesise, place and route a filter, and show its size and speed",
        description="Build a filter for a device with yosys, nextpnr and the device's packer, and "
                    "show what it takes and how fast it is. The core stands between shift "
                    "registers, so that pins limit nothing; they are not counted. Ends with "
                    "status 1 where --clock is missed. The very first start of yosys takes up to a "
                    "minute.",
        examples=(
            "windrow synth edges.toml --target ecp5-25k -o built",
            "windrow synth --kernel sobel-x --size 640x480 --target up5k --clock 30",
        ),
    )
    parser.add_argument("filter", nargs="?", metavar="FILTER", help=DESIGN)
    parser.add_argument("--target", metavar="T",
                        help=f"the device: {TARGET_NAMES}; or, for the size alone, the family: "
                             f"{AREA_NAMES}")
    add_strategy_flag(parser)
    parser.add_argument("--seeds", default="3", metavar="N",
                        help="place and route N times; the clock is their median (3)")
    parser.add_argument("--placer", metavar="NAME",
                        help=f"nextpnr's placer, {PLACER_NAMES} (the one that is the better of the "
                             "two for most cores on the target)")
    parser.add_argument("--clock", metavar="MHZ", help="the clock that must be reached")
    parser.add_argument("-o", "--out", type=Path, default=Path("windrow_synth"), metavar="DIR",
                        help="folder for the netlist, the bitstream, logs and reports, made where "
                             "it is not there (windrow_synth)")
    add_network_flags(parser)
    add_filter_flags(parser)


def run(args: argparse.Namespace) -> int:
    """Build, print what was found, and judge the clock."""
    if args.target is None:
        raise UsageError(f"target is missing: give --target {TARGET_NAMES}")
    seeds = whole_number("seeds", args.seeds, most=MOST_SEEDS)
    clock = None if args.clock is None else megahertz(args.clock)
    design: Any = read_design(args, args.filter)

    # Late: numpy and Amaranth come with them.
    from windrow.hdl import PlannedNetwork
    from windrow.model.errors import nearest
    from windrow.model.network import Network
    from windrow.synth import synthesise, target
    from windrow.synth.area import AREAS
    from windrow.synth.targets import PLACERS

    if args.placer not in (None, *PLACERS):
        raise UsageError(f"placer {args.placer!r} is not known: {nearest(args.placer, PLACERS)}")
    if args.target in AREAS:
        if args.placer is not None:
            raise UsageError(f"placer {args.placer!r} cannot be taken: for {args.target} only "
                             "yosys runs, and the vendor's tool places")
        if isinstance(design, Network):
            raise UsageError(f"target {args.target!r} takes filters and pipelines: a network needs "
                             f"a device, {TARGET_NAMES}")
        return area(args, design)
    chosen = target(args.target)
    if args.placer is not None:
        chosen = chosen.with_arguments(f"--placer={args.placer}")
    if isinstance(design, Network):
        design = PlannedNetwork(design, network_plan(args, design))
    else:
        announce(design, quiet=args.quiet)
    with work_folder(args.out), progress(quiet=args.quiet) as report:
        outcome = synthesise(design, chosen, args.out, strategy=args.strategy,
                             seeds=range(1, seeds + 1), progress=report)
    met, verdict = True, ""
    if clock is not None:
        if outcome.fmax is None:
            raise UsageError(
                f"clock {args.clock!r} cannot be judged on {chosen.name}: the design has DSPs, "
                "whose delays nextpnr does not know; choose a --strategy without multipliers")
        met = outcome.fmax >= clock
        missed = f"missed by {clock - outcome.fmax:.1f} MHz"
        verdict = f"{clock:g} MHz is {'met' if met else missed}"
    show(args, {**data(outcome), "clock_wanted_mhz": clock, "clock_met": met if verdict else None},
         [Table(("", ""), rows(outcome))], verdict)
    return 0 if met else 1


def area(args: argparse.Namespace, design: Any) -> int:
    """Count what yosys makes of a design for a family whose clock the vendor's tool knows."""
    from windrow.synth.area import AREAS, synthesise_area

    target = AREAS[args.target]
    if args.clock is not None:
        raise UsageError(f"clock {args.clock!r} cannot be judged on {target.name}: yosys knows the "
                         "size, and the vendor's tool the clock")
    announce(design, quiet=args.quiet)
    with work_folder(args.out), progress(quiet=args.quiet) as report:
        found = synthesise_area(design, target, args.out, strategy=args.strategy, progress=report)
    show(args, {
        "target": target.name, "device": target.device, "strategy": found.strategy,
        "luts": found.luts, "flip_flops": found.flip_flops, "rams": found.rams,
        "dsps": found.dsps, "cells": dict(found.cells), "fmax_mhz": None,
        "tools": {"yosys": found.yosys}, "folder": args.out,
    }, [Table(("", ""), [
        ("device", target.device), ("strategy", found.strategy),
        ("LUTs", f"{found.luts}, carries included"), ("FFs", str(found.flip_flops)),
        ("RAMs", str(found.rams)), ("DSPs", str(found.dsps)),
        ("cells", ", ".join(f"{count} {name}" for name, count in found.cells.items())),
        ("fmax", "by your vendor's tool: yosys counts cells and knows no delays"),
        ("tools", f"yosys {found.yosys}"), ("files", str(args.out)),
    ])])
    return 0


def data(outcome: Outcome) -> dict[str, Any]:
    """What was found as ``--json`` prints it."""
    path = None if outcome.fmax is None else outcome.typical.path
    return {
        "target": outcome.target.name,
        "device": outcome.target.device,
        "strategy": outcome.strategy,
        **asdict(outcome.usage),
        "capacity": dict(outcome.target.capacity),
        "harness_luts": outcome.harness_luts,
        "fmax_mhz": outcome.fmax,
        "seeds": [{"seed": each.seed, "fmax_mhz": each.fmax} for each in outcome.placements],
        "pixels_per_second": None if outcome.fmax is None else outcome.pixels_per_second,
        "frames_per_second": frames_per_second(outcome),
        "critical_path": None if path is None else asdict(path),
        "tools": dict(outcome.versions),
        "folder": outcome.folder,
    }


def rows(outcome: Outcome) -> list[tuple[str, str]]:
    """What was found, as rows of a table."""
    from windrow.synth.targets import NO_CLOCK

    target, usage = outcome.target, outcome.usage

    def of(count: int, resource: str) -> str:
        return f"{count} of {target.capacity[resource]}"

    cells = " + ".join(target.luts)
    plan = getattr(outcome.design, "plan", None)
    table = [
        ("device", target.device),
        ("strategy", outcome.strategy) if plan is None else
        ("cycles a frame", f"{plan.cycles}, with {plan.products} products a clock"),
        ("LUTs", f"{of(usage.luts, 'luts')} ({cells}), without the {outcome.harness_luts} of the "
                 "harness"),
        ("FFs", of(usage.flip_flops, "flip_flops")),
        ("RAMs", of(usage.rams, "rams") + f" ({' + '.join(target.rams)})"),
    ]
    if target.large_rams:
        table.append(("large RAMs", of(usage.large_rams, "large_rams")
                      + f" ({' + '.join(target.large_rams)})"))
    table.append(("DSPs", of(usage.dsps, "dsps")))
    if outcome.fmax is None:
        table.append(("fmax", NO_CLOCK))
    else:
        table.append(("fmax", f"{outcome.fmax:.1f} MHz, {spread(outcome.fmax_values)}"
                      + (f"; {target.caveat}" if target.caveat else "")))
        frames = frames_per_second(outcome)
        table.append(("pixels a second", f"{outcome.pixels_per_second:,.0f}")
                     if frames is None else ("frames a second", f"{frames:,.1f}"))
        table.append(("critical path", str(outcome.typical.path)))
    table.append(("tools", ", ".join(f"{name} {version}"
                                     for name, version in outcome.versions.items())))
    table.append(("files", str(outcome.folder)))
    return table


def frames_per_second(outcome: Outcome) -> float | None:
    """Frames a second of a network."""
    plan = getattr(outcome.design, "plan", None)
    return None if plan is None or outcome.fmax is None else outcome.fmax * 1e6 / plan.cycles


def spread(values: list[float]) -> str:
    """What a median is of."""
    if len(values) == 1:
        return "of one seed"
    return f"the median of {len(values)} seeds ({min(values):.1f} to {max(values):.1f})"


def megahertz(text: str) -> float:
    """A clock frequency."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 10_000:
        raise UsageError(f"clock must be a frequency in MHz, as 148.5, not {text!r}")
    return value
