"""`windrow build`: from a filter to a board's bitstream."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from windrow.board_flags import Design, add_board_flags, design
from windrow.console import Table, progress, show
from windrow.output_folder import work_folder
from windrow.parser import Commands, add_command
from windrow.synth_command import MOST_SEEDS
from windrow.usage import whole_number


if TYPE_CHECKING:
    from windrow.synth.board import BoardBuild

__all__ = ["add_to", "build_folder"]


def add_to(commands: Commands) -> None:
    """Add this command to the parser."""
    parser = add_command(
        commands, "build", run, takes="BOARD [FILTER] [--source NAME,...] [-o DIR]", works=True,
        summary="build a demo of a filter for a board: video in, filter, screen",
        description="Build a bitstream that shows a source on a screen, as it is on the left and "
                    "filtered on the right. Ends with status 1 where a clock is missed. The very "
                    "first start of yosys takes up to a minute.",
        examples=(
            "windrow build ulx3s-85f",
            'windrow build tang-nano-9k --kernel "1 2 1; 2 4 2; 1 2 1" --shift 4',
        ),
    )
    add_board_flags(parser)
    parser.add_argument("--seeds", default="3", metavar="N",
                        help="place and route up to N times, until every clock has a margin of "
                             "10 %% (3)")
    parser.add_argument("-o", "--out", type=Path, metavar="DIR",
                        help="folder for the bitstream, logs and reports, made where it is not "
                             "there (windrow_build/BOARD)")


def build_folder(board: str) -> Path:
    """Where a board's build is, unless another place is given."""
    return Path("windrow_build") / board


def run(args: argparse.Namespace) -> int:
    """Build, print what was found, and judge the clocks."""
    seeds = whole_number("seeds", args.seeds, most=MOST_SEEDS)
    made = design(args)

    from windrow.synth.board import MARGIN, build_board
    from windrow.synth.targets import family_cells

    folder = args.out or build_folder(made.board.name)
    with work_folder(folder), progress(quiet=args.quiet) as report:
        built = build_board(
            made.top, made.top.platform, made.board.family, made.top.frequency, folder,
            seeds=range(1, seeds + 1), progress=report)
    verdict = [f"{missed.name} is missed by {missed.needed - missed.reached:.2f} MHz"
               for missed in built.clocks if missed.margin < 0]
    if built.met:
        verdict.append("all clocks are met" + (
            f", with a margin of less than {MARGIN:.0%}" if built.margin < MARGIN else ""))
    if built.met and built.untimed:
        verdict.append(f"but nextpnr does not know the delays of the {built.untimed}: a path "
                       "through them may be slower")
    if caveat := family_cells(made.board.family).caveat:
        verdict.append(f"the clocks are {caveat}")
    most = "at most " if built.untimed else ""
    steps = instructions(made)
    show(args, {**data(made, built), "use": dict(steps)}, [
        Table(("", ""), rows(made, built)),
        *([Table(("", ""), steps)] if steps else []),
        Table(("clock", "needed, MHz", "reached, MHz", "margin"), [
            (clock.name, f"{clock.needed:.2f}", f"{most}{clock.reached:.2f}",
             f"{most}{clock.margin:+.1%}")
            for clock in built.clocks]),
    ], "\n".join(verdict))
    return 0 if built.met else 1


def data(made: Design, built: BoardBuild) -> dict[str, Any]:
    """What was built as ``--json`` prints it."""
    return {
        "board": made.board.name,
        "mode": None if made.timing is None else str(made.timing),
        "bitstream": built.bitstream,
        "met": built.met,
        "clocks": [{"name": each.name, "needed_mhz": each.needed, "reached_mhz": each.reached,
                    "margin": each.margin} for each in built.clocks],
        "untimed": built.untimed or None,
        "pins": made.pins,
        "used": {name: {"used": used, "there": there}
                  for name, (used, there) in built.used.items()},
        "seed": built.seed,
        "tools": dict(built.versions),
        "filter": made.filter.to_dict(),
    }


def rows(made: Design, built: BoardBuild) -> list[tuple[str, str]]:
    """What was built, as rows of a table."""
    return [
        ("board", made.board.title),
        ("pins", made.pins),
        *what(made),
        *((name, f"{used} of {there} ({used / there:.0%})")
          for name, (used, there) in built.used.items()),
        ("seed", str(built.seed)),
        ("tools", ", ".join(f"{name} {version}" for name, version in built.versions.items())),
        ("bitstream", str(built.bitstream)),
    ]


def instructions(made: Design) -> list[tuple[str, str]]:
    """What to know while it runs, as rows of a table."""
    from windrow.boards.operation import operation
    from windrow.boards.top import Top

    if not isinstance(made.top, Top):
        return []
    return operation(made.board, made.filter, list(made.top.demo.sources))


def what(made: Design) -> list[tuple[str, str]]:
    """What the board does, as rows of a table."""
    from windrow.boards.serial_top import BAUD, SerialTop

    top = made.top
    if isinstance(top, SerialTop):
        frame = made.filter.format
        return [
            ("pictures", f"{frame.width}x{frame.height} over the UART at {BAUD} baud: "
                         "`windrow serial`"),
            ("strategy", top.filter.core.core.strategy),
        ]
    assert made.timing is not None
    from windrow.boards.recognition import Recogniser

    shown = top.demo.middle
    seen = []
    if isinstance(shown, Recogniser):
        left, upper, width, height = shown.layout.box
        seen = [("network", f"{shown.network.name}: {shown.layout.classes} classes of what is in "
                            f"the box of {width}x{height} at ({left}, {upper}), in "
                            f"{shown.core.cycles_per_frame} clocks")]
    return [
        *seen,
        ("mode", f"{made.timing}, pixel clock {top.frequency / 1e6:.3f} MHz "
                 f"({made.timing.pixel_clock / 1e6:g} MHz wanted)"),
        ("sources", ", ".join(top.demo.sources)),
        ("strategy", top.demo.middle.strategy),
        ("latency", f"at most {top.demo.lines:.2f} lines from a source's pixel to the screen"),
    ]
