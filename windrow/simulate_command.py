"""`windrow simulate`: a picture through the generated Verilog, judged by the golden model."""

from __future__ import annotations

import argparse
import contextlib
import random
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from windrow.console import Table, progress, show
from windrow.effort import announce
from windrow.filter_flags import add_filter_flags, add_strategy_flag, filter_keys, make_design
from windrow.kernel_note import kernel_data, kernel_rows
from windrow.network_flags import add_network_flags, is_network_file, read_network
from windrow.network_simulation import simulate_network_command
from windrow.output_folder import output_folder
from windrow.parser import Commands, add_command
from windrow.picture_inputs import filter_and_pictures, open_pictures
from windrow.result_files import result_files, save_results, save_taps
from windrow.usage import UsageError, whole_number


if TYPE_CHECKING:
    from windrow import Filter, Pipeline
    from windrow.sim import Mismatch, Result
    from windrow.sim.clipping import Clipping

__all__ = ["add_to"]

MOST_FRAMES = 1000


def add_to(commands: Commands) -> None:
    """Add this command to the parser."""
    parser = add_command(
        commands, "simulate", run, takes="[FILTER] PICTURE... [-o OUT]", works=True,
        summary="run pictures through a filter's Verilog and compare with the model",
        description="Run each PICTURE through the Verilog of a filter, as frames back to back, and "
                    "compare every sample with the golden model. Size and channels are the first "
                    "picture's where the filter does not say. Ends with `bit-exact`, or with the "
                    "first differing pixel and status 1.",
        examples=(
            "windrow simulate --preset cv2.GaussianBlur:ksize=5 pictures/coffee.jpg",
            "windrow simulate --kernel box:ksize=3 --stall 0.2 pictures/camera.png -o b.png",
        ),
    )
    parser.add_argument("inputs", nargs="*", metavar="[FILTER] PICTURE",
                        help="a .toml, .json, .onnx or .tflite file, unless flags say all; "
                             "pictures (PNG, JPEG, "
                             "TIFF, WebP, BMP, GIF, PPM), .npy arrays of samples, folders of both")
    parser.add_argument("-o", "--out", metavar="OUT",
                        help="write the filtered picture here: a .png, .npy or other file, or a "
                             "folder; of several pictures a folder, or one .npy (nothing is "
                             "written)")
    parser.add_argument("--taps", type=Path, metavar="DIR",
                        help="of a pipeline or a bank: write each tap of the first frame here "
                             "as a picture, as the model has it, NAME.png or NAME.npy; a "
                             "pipeline's are compared with those of its hardware")
    parser.add_argument("--samples", default="scaled", metavar="HOW",
                        help="scaled: white stays white; low: the numbers in the file are the "
                             "samples, as of 10 or 12 bits in a file of 16 (scaled)")
    parser.add_argument("--frames", metavar="N",
                        help="frames back to back, up to 1000: the pictures again and again, one "
                             "alone every second time upside down, so that no two neighbours are "
                             "alike (each picture once)")
    parser.add_argument("--stall", default="0", metavar="P",
                        help="probability, each cycle and on each side, of a stall: 0 to 0.99 (0)")
    parser.add_argument("--seed", metavar="S", help="of the stalls (a new one, printed)")
    parser.add_argument("--waves", type=Path, metavar="FILE",
                        help="keep a waveform, a .vcd file, and beside it a .gtkw that groups its "
                             "signals for GTKWave")
    parser.add_argument("--engine", default="verilator", metavar="ENGINE",
                        help="verilator, icarus, cocotb or pysim (verilator)")
    parser.add_argument("--netlist", metavar="FAMILY",
                        help="run what synthesis makes of the Verilog for ecp5 or ice40: yosys's "
                             "cells instead of the source")
    parser.add_argument("--labels", type=Path, metavar="FILE",
                        help="of a network: what its classes are called, one a line")
    parser.add_argument("--jobs", metavar="N",
                        help="of a network: simulators side by side, each with a part of the "
                             "frames (one a processor)")
    add_strategy_flag(parser)
    add_network_flags(parser)
    add_filter_flags(parser)


def run(args: argparse.Namespace) -> int:
    """Simulate, print what was measured, and judge."""
    file, names = filter_and_pictures("simulate", args.inputs)
    keys = {} if is_network_file(file) else filter_keys(args, file)
    network = read_network(args, file, keys)
    count = None if args.frames is None else whole_number("frames", args.frames, 1, MOST_FRAMES)
    stall = probability("stall", args.stall)
    seed = new_seed() if args.seed is None else whole_number("seed", args.seed, 0, 10**18)
    if network is not None:
        return simulate_network_command(args, network, names, count, stall, seed)

    # Late: numpy, Pillow and Amaranth come with them.
    from windrow.sim import CoreError, pictures, simulate
    from windrow.sim.job import choose_engine, judge
    from windrow.sim.memory import check_memory
    from windrow.synth.netlist import Remake

    remake = None if args.netlist is None else Remake(args.netlist)
    where, netlists = ("", []) if remake is None else (remake.where, remake.made)

    if args.samples not in pictures.SAMPLES:
        raise UsageError(f"samples must be {' or '.join(pictures.SAMPLES)}, not {args.samples!r}")
    paths, first, passed_over = open_pictures(names, keys)
    design = make_design(keys)
    if args.taps is not None and not getattr(design, "kernels", True):  # a filter, and no bank
        raise UsageError(f"taps {str(args.taps)!r}: a filter has none, give a pipeline or a bank")
    # Before much is read:
    choose_engine(args.engine, takes_verilog=args.netlist is not None)
    check_memory(design, max(count or 1, len(paths) - 1 + first.count))
    frames, names, notes = pictures.read_frames(
        paths, first, most=MOST_FRAMES, width=design.width, height=design.height,
        channels=design.channels, pixel=design.pixel, samples=args.samples)
    if passed_over:
        notes.append(f"other files in folders, passed over: {passed_over}")
    files = [] if args.out is None else result_files(
        args.out, names, paths, design.output_format.channels)
    pictured, frames = frames, repeated(frames, count)

    written: list[tuple[Path, str]] = []
    folders = [file.parent for file in files[:1]] + ([] if args.taps is None else [args.taps])
    announce(design, quiet=args.quiet)
    try:
        with contextlib.ExitStack() as stack:
            for folder in folders:
                stack.enter_context(output_folder(folder))
            with progress(quiet=args.quiet) as report:
                def simulated(made: Filter | Pipeline, waves: Path | None = None) -> Result:
                    return simulate(made, frames, engine=args.engine, stall=stall, seed=seed,
                                    waves=waves, progress=report,
                                    target=args.netlist or "generic", strategy=args.strategy,
                                    remake=remake)

                result = simulated(design, args.waves)
                report("comparing with the model", 0, 0)
                mismatch, clippings = judge(result, design, frames)
                taps, wrong = 0, None
                if "stage" in keys and (mismatch is not None or args.taps is not None):
                    taps, wrong = compare_taps(design, simulated, frames)
            if files:
                written = save_results(files, result.outputs[:len(pictured)], design.output)
            if args.taps is not None:
                written += save_taps(args.taps, design, frames[0])
    except CoreError as error:
        show(args, {"bit_exact": False, "error": str(error)}, [],
             f"not bit-exact{where}: {error}")
        return 1
    cells = dict(netlists[0].cells) if netlists else None
    clipped = clipping_rows(design, clippings)
    rows = [*(("netlist", str(netlist)) for netlist in netlists), *kernel_rows(design)]
    rows += [("input", note) for note in notes]
    rows += measured(result, args)
    rows += [("output", text) for text in clipped]
    rows += [("taps", f"all {taps} compared with the model")] if taps else []
    rows += [("picture", text) for text in picture_rows(written)]
    found = {**data(result, mismatch, args), "taps": taps, "wrong_tap": wrong and wrong[0],
             "netlist": cells, "input_notes": notes,
             "kernel_error": kernel_data(design),
             "clipped": sum(each.below + each.above for each in clippings.values()),
             "pictures": [{"file": file, "note": note or None} for file, note in written]}
    if wrong is not None:
        show(args, found, [Table(("", ""), rows)],
             f"not bit-exact{where}: {tap_words(design, wrong[0])} is the first that differs: "
             f"{wrong[1]}")
        return 1
    show(args, found, [Table(("", ""), rows)], verdict(result, mismatch, where))
    return 0 if mismatch is None else 1


def compare_taps(
    design: Any, simulated: Callable[[Any], Result], frames: list[Any]
) -> tuple[int, tuple[str, Mismatch] | None]:
    """How many taps a pipeline's hardware has, and the first that differs from the model."""
    from windrow.sim.taps import first_wrong_tap, simulated_taps

    taps = simulated_taps(design, simulated)
    return len(taps), first_wrong_tap(design, frames, taps)


def tap_words(design: Any, name: str) -> str:
    """A tap, by its stage."""
    stage = design.taps[name].stage.name
    return f"stage {stage!r}" + ("" if name == stage else f", tap {name!r},")


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
        "waves": args.waves,
    }


def clipping_rows(design: Filter | Pipeline, clippings: dict[str, Clipping]) -> list[str]:
    """What did not fit, of a pipeline stage by stage."""
    makers = {stage.name: stage for stage in getattr(design, "stages", ())} or {"": design}
    texts = {name: clippings[name].describe(made_by) for name, made_by in makers.items()}
    return [f"{name}: {text}" if name else text for name, text in texts.items() if text]


def repeated(frames: list[Any], count: int | None) -> list[Any]:
    """``count`` frames: one alone and upside down in turn, several from the first again."""
    if count is None:
        return frames
    if count < len(frames):
        raise UsageError(f"frames {count} is less than the {len(frames)} that the pictures hold")
    if len(frames) == 1:
        frames = [frames[0], frames[0][::-1]]
    return [frames[index % len(frames)] for index in range(count)]


def picture_rows(written: list[tuple[Path, str]]) -> list[str]:
    """The files that were written; of many the first, and how many more there are."""
    rows = [f"{file}: {note}" if note else str(file) for file, note in written]
    return rows if len(rows) <= 4 else [*rows[:3], f"and {len(rows) - 3} more"]


def measured(result: Result, args: argparse.Namespace) -> list[tuple[str, str]]:
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
    if args.waves is not None:
        groups = args.waves.with_suffix(".gtkw")
        rows.append(("waves", f"{args.waves}; gtkwave {groups} shows it in groups"
                     if groups.is_file() else str(args.waves)))
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
