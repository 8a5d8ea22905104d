"""`windrow preview`: what a board's screen would show, from a simulation of the whole design."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from windrow.board_flags import add_board_flags, design
from windrow.output_folder import output_folder
from windrow.report import print_table, progress
from windrow.simulate_command import whole_number
from windrow.usage import UsageError


if TYPE_CHECKING:
    from windrow.boards.board import Board
    from windrow.boards.demo import Demo
    from windrow.boards.video.timing import Timing
    from windrow.synth.preview import Preview

__all__ = ["add_to"]


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this command to the parser."""
    parser = commands.add_parser(
        "preview", allow_abbrev=False,
        usage="windrow preview BOARD [FILTER] [--source NAME,...] [--mode MODE] [-o OUT.png] "
              "[flags]",
        help="simulate all that goes onto a board, and write the picture on its screen",
        description="Simulate what `windrow build` builds, pins and PLL included, decode the video "
                    "pins, check the signal against the standard and the pictures against the "
                    "models, and write the last one. With several sources each of them is shown "
                    "in a run of its own. Ends with status 1 where a check fails.",
    )
    add_board_flags(parser)
    parser.add_argument("--frames", default="2", metavar="N",
                        help="whole frames to show of each source, up to 100 (2)")
    parser.add_argument("--netlist", action="store_true",
                        help="simulate what synthesis makes of it: yosys's cells instead of the "
                             "source")
    parser.add_argument("-o", "--out", type=Path, default=Path("preview.png"), metavar="OUT.png",
                        help="the picture, with the source's name in it where there are several "
                             "(preview.png)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Simulate, print what was checked, write the pictures, and judge."""
    frame_count = whole_number("frames", args.frames, 1, most=100)
    names = args.source.split(",")
    if "camera" in names:
        raise UsageError("source 'camera' cannot be previewed: nobody knows what it will see")

    # Late: numpy, Pillow and Amaranth come with them.
    from windrow.boards.top import Top
    from windrow.model import Sample
    from windrow.sim import pictures
    from windrow.synth.preview import preview

    pictures.check_name(args.out, 3)
    passed = True
    with output_folder(args.out.parent):
        for number, name in enumerate(names):
            # The same design, with another source first: that one is shown after a reset.
            args.source = ",".join(names[number:] + names[:number])
            made = design(args)
            if made.timing is None or not isinstance(made.top, Top):
                raise UsageError(f"board {made.board.name} has no screen to be previewed")
            with progress() as report:
                shown = preview(made.board, made.filter, made.timing, made.top,
                                frames=frame_count, netlist=args.netlist, progress=report)
            written = ""
            if shown.frames:
                path = args.out if len(names) == 1 else args.out.with_stem(
                    f"{args.out.stem}_{name}")
                pictures.save(path, shown.frames[-1], Sample.parse("u8"))
                written = str(path)
            if number:
                print()
            print_table(("", ""), rows(made.board, made.timing, made.top.demo, name, shown, written,
                                      args.netlist))
            passed = passed and shown.passed
    print("all checks passed" if passed else "a check failed")
    return 0 if passed else 1


def rows(
    board: Board, timing: Timing, demo: Demo, name: str, shown: Preview, picture: str,
    netlist: bool,
) -> list[tuple[str, str]]:
    """What was found, as rows of a table."""
    table = [
        ("board", board.title),
        ("design", f"the {board.family} netlist" if netlist else "the source"),
        ("mode", str(timing)),
        ("source", name),
        ("latency", f"at most {demo.lines:.2f} lines from a source's pixel to the screen"),
    ]
    table += [(check.name, f"{'passed' if check.passed else 'FAILED'}: {check.finding}")
              for check in shown.checks]
    if shown.recording is not None:
        seconds = shown.recording.seconds
        table.append(("simulated", f"{shown.cycles} pixel clocks in {seconds:.1f} s, "
                                   f"{shown.cycles / seconds:,.0f} a second, after a build of "
                                   f"{shown.recording.build_seconds:.1f} s"))
    table.append(("picture", picture or "none: there is no whole frame"))
    return table
