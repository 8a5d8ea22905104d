"""`windrow simulate`: a picture through the generated Verilog, judged by the golden model."""

from __future__ import annotations

import argparse
import contextlib
import random
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from windrow.filter_flags import add_filter_flags, add_strategy_flag, filter_keys, make_filter
from windrow.output_folder import output_folder
from windrow.parser import Commands, add_command
from windrow.report import Table, progress, show
from windrow.usage import UsageError


if TYPE_CHECKING:
    from windrow.sim import Mismatch, Result
    from windrow.sim.engine import Design, Progress
    from windrow.synth.netlist import Netlist

__all__ = ["add_to"]


def add_to(commands: Commands) -> None:
    """Add this command to the parser."""
    parser = add_command(
        commands, "simulate", run, takes="[FILTER] PICTURE [-o OUT.png]", works=True,
        summary="run a picture through a filter's Verilog and compare with the model",
        description="Run PICTURE through the Verilog of a filter and compare every sample with the "
                    "golden model. Size and channels are the picture's where the filter does not "
                    "say. Ends with `bit-exact`, or with the first differing pixel and status 1.",
        examples=(
            "windrow simulate --kernel gaussian:ksize=5 pictures/coffee.jpg -o blurred.png",
            "windrow simulate --kernel box:ksize=3 --frames 3 --stall 0.2 pictures/camera.png",
        ),
    )
    parser.add_argument("inputs", nargs="*", metavar="[FILTER] PICTURE",
                        help="a .toml or .json file, unless flags say all; a PNG or JPEG picture")
    parser.add_argument("-o", "--out", type=Path, metavar="OUT.png",
                        help="write the filtered picture here (no picture is written)")
    parser.add_argument("--frames", default="1", metavar="N",
                        help="frames back to back, up to 1000; every second one upside down, so "
                             "that no two neighbours are alike (1)")
    parser.add_argument("--stall", default="0", metavar="P",
                        help="probability, each cycle and on each side, of a stall: 0 to 0.99 (0)")
    parser.add_argument("--seed", metavar="S", help="of the stalls (a new one, printed)")
    parser.add_argument("--waves", type=Path, metavar="FILE", help="keep a waveform, a .vcd file")
    parser.add_argument("--engine", default="verilator", metavar="ENGINE",
                        help="verilator, icarus, cocotb or pysim (verilator)")
    parser.add_argument("--netlist", metavar="FAMILY",
                        help="run what synthesis makes of the Verilog for ecp5 or ice40: yosys's "
                             "cells instead of the source")
    add_strategy_flag(parser)
    add_filter_flags(parser)


def run(args: argparse.Namespace) -> int:
    """Simulate, print what was measured, and judge."""
    if not 1 <= len(args.inputs) <= 2:
        given = " ".join(args.inputs) or "nothing"
        raise UsageError(f"simulate takes [FILTER] PICTURE, not {given}")
    *file, picture = args.inputs
    keys = filter_keys(args, file[0] if file else None)
    frame_count = whole_number("frames", args.frames, 1, most=1000)
    stall = probability("stall", args.stall)
    seed = new_seed() if args.seed is None else whole_number("seed", args.seed, 0)

    # Late: numpy, Pillow and Amaranth come with them.
    from windrow.sim import CoreError, compare, pictures, simulate
    from windrow.synth.netlist import check_family, netlist_design

    where = ""
    netlists: list[Netlist] = []
    if args.netlist is not None:
        check_family(args.netlist)
        where = f" on the {args.netlist} netlist"

    def synthesised(design: Design, report: Progress) -> Design:
        design, netlist = netlist_design(design, args.netlist, report)
        netlists.append(netlist)
        return design

    for key, value in zip(("width", "height", "channels"), pictures.size(picture), strict=True):
        keys.setdefault(key, value)
    filter = make_filter(keys)
    if args.out is not None:
        pictures.check_name(args.out, filter.channels)
    frame = pictures.load(picture, width=filter.width, height=filter.height,
                          channels=filter.channels, pixel=filter.pixel)
    upside_down = frame[::-1]
    frames = [frame if index % 2 == 0 else upside_down for index in range(frame_count)]

    note = ""
    try:
        with contextlib.nullcontext() if args.out is None else output_folder(args.out.parent):
            with progress(quiet=args.quiet) as report:
                result = simulate(filter, frames, engine=args.engine, stall=stall, seed=seed,
                                  waves=args.waves, progress=report,
                                  target=args.netlist or "generic", strategy=args.strategy,
                                  remake=None if args.netlist is None else synthesised)
                report("comparing with the model", 0, 0)
                mismatch = compare(result, filter, frames)
            if args.out is not None:
                note = pictures.save(args.out, result.outputs[0], filter.output)
    except CoreError as error:
        show(args, {"bit_exact": False, "error": str(error)}, [],
             f"not bit-exact{where}: {error}")
        return 1
    rows = [("netlist", str(netlist)) for netlist in netlists]
    cells = dict(netlists[0].cells) if netlists else None
    show(args, {**data(result, mismatch, args), "netlist": cells},
         [Table(("", ""), [*rows, *measured(result, args, note)])],
         verdict(result, mismatch, where))
    return 0 if mismatch is None else 1


def data(result: Result, mismatch: Mismatch | None, args: argparse.Namespace) -> dict[str, Any]:
    """What the run took as ``--json`` prints it."""
    return {
        "bit_exact": mismatch is None,
        "mismatch": None if mismatch is None else mismatch._asdict(),
        "frames": len(result.outputs),
        "shape": list(result.outputs[0].shape),
        "engine": result.engine,
        "note": result.note or None,
        "stall": result.traffic.stall,
        "seed": result.traffic.seed,
        "cycles": result.cycles,
        "cycles_per_frame": result.cycles_per_frame,
        "latency_cycles": result.latency_cycles,
        "seconds": result.seconds,
        "build_seconds": result.build_seconds,
        "picture": args.out,
        "waves": args.waves,
    }


def measured(result: Result, args: argparse.Namespace, picture_note: str) -> list[tuple[str, str]]:
    """What the run took, as rows of a table."""
    rows = [("engine", result.engine)]
    if result.note:
        rows.append(("note", result.note))
    if result.traffic.stall:
        rows.append(
            ("stalls", f"{result.traffic.stall:g} on each side, seed {result.traffic.seed}"))
    rows += [
        ("cycles", f"{result.cycles} in all"),
        ("cycles a frame", str(result.cycles_per_frame)),
        ("latency", f"{result.latency_cycles} cycles"),
        ("pixels a second", f"{result.pixels_per_second:,.0f} in simulation, after a build of "
                            f"{result.build_seconds:.1f} s"),
    ]
    if args.out is not None:
        rows.append(("picture", f"{args.out}: {picture_note}" if picture_note else str(args.out)))
    if args.waves is not None:
        rows.append(("waves", str(args.waves)))
    return rows


def verdict(result: Result, mismatch: Mismatch | None, where: str) -> str:
    """The last line: ``bit-exact`` with what was compared, or where it is not."""
    if mismatch is not None:
        return f"not bit-exact{where}: {mismatch}"
    count = len(result.outputs)
    height, width, *channel_count = result.outputs[0].shape
    samples = sum(output.size for output in result.outputs)
    frames = "1 frame" if count == 1 else f"{count} frames"
    channels = f" with {channel_count[0]} channels" if channel_count else ""
    return (f"bit-exact{where}: all {samples} samples of {frames} of {width}x{height}{channels} "
            "equal the golden model's")


def whole_number(option: str, text: str, least: int, most: int = 10**18) -> int:
    """An option's value; it is no key of the filter."""
    if not re.fullmatch(r"[0-9]{1,19}", text) or not least <= int(text) <= most:
        raise UsageError(f"{option} must be an integer from {least} to {most}, not {text!r}")
    return int(text)


def probability(option: str, text: str) -> float:
    """A probability that leaves something through."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 0.99:
        raise UsageError(f"{option} must be a probability from 0 to 0.99, not {text!r}")
    return value


def new_seed() -> int:
    """A seed that is short enough to be typed again."""
    return random.SystemRandom().randrange(1_000_000)
