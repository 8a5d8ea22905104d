"""`windrow preview`: what a board's screen would show, from a simulation of the whole design."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from windrow.board_flags import (
    Design,
    add_board_flags,
    design,
    filter_name,
    find_board,
    read_picture,
    source_names,
)
from windrow.console import Table, progress, show
from windrow.output_folder import output_folder
from windrow.parser import Commands, add_command
from windrow.usage import UsageError, whole_number


if TYPE_CHECKING:
    from windrow.boards.demo import Demo
    from windrow.synth.preview import Preview

__all__ = ["add_to"]


def add_to(commands: Commands) -> None:
    """Add this command to the parser."""
    parser = add_command(
        commands, "preview", run, takes="BOARD [FILTER] [--source NAME,...] [-o OUT.png]",
        works=True,
        summary="simulate all that goes onto a board, and write the picture on its screen",
        description="Simulate what `windrow build` builds, pins and PLL included, decode the video "
                    "pins, check the signal against the standard and the pictures against the "
                    "models, and write the last one, with a caption below it (a .npy file has "
                    "the decoded pixels alone). With several sources each of them is shown in a "
                    "run of its own: the first one's picture is OUT.png, the others' are "
                    "OUT_SOURCE.png. A camera shows --picture. Ends with status 1 where a check "
                    "fails.",
        examples=(
            "windrow preview ulx3s-85f --source still -o screen.png",
            "windrow preview icebreaker --netlist",
        ),
    )
    add_board_flags(parser)
    parser.add_argument("--frames", metavar="N",
                        help="whole frames to show of each source, up to 100 (2; 4 of a network, "
                             "which sees one before it says something)")
    parser.add_argument("--netlist", action="store_true",
                        help="simulate what synthesis makes of it: yosys's cells instead of the "
                             "source")
    parser.add_argument("-o", "--out", type=Path, default=Path("preview.png"), metavar="OUT.png",
                        help="the picture (preview.png)")


def run(args: argparse.Namespace) -> int:
    """Simulate, print what was checked, write the pictures, and judge."""
    frame_count = (None if args.frames is None
                   else whole_number("frames", args.frames, 1, most=100))
    chosen = find_board(args.board)
    if chosen.video is None:
        raise UsageError(f"board {chosen.name} has no screen to be previewed")
    names = source_names(args, chosen)

    # Late: numpy, Pillow and Amaranth come with them.
    from windrow.boards.top import Top
    from windrow.hdl.network.planned import PlannedNetwork
    from windrow.model import Sample
    from windrow.sim import pictures
    from windrow.sim.caption import captioned
    from windrow.synth.preview import preview

    pictures.check_name(args.out, 3)
    parts: list[Table | str] = []
    found: list[dict[str, Any]] = []
    with output_folder(args.out.parent):
        for number, name in enumerate(names):
            # The same design, with another source first: that one is shown after a reset.
            made = design(args, names[number:] + names[:number])
            assert made.timing is not None
            assert isinstance(made.top, Top)
            network = isinstance(made.filter, PlannedNetwork)
            with progress(quiet=args.quiet) as report:
                shown = preview(made.board, made.filter, made.timing, made.top,
                                frames=frame_count or (4 if network else 2),
                                netlist=args.netlist, progress=report,
                                camera=read_picture(args.picture) if name == "camera" else None)
            written = note = ""
            if shown.frames:
                path = args.out.with_stem(f"{args.out.stem}_{name}") if number else args.out
                picture = shown.frames[-1]
                if path.suffix.lower() != ".npy":
                    picture = captioned(picture, (
                        f"{name}, as it is", f"filtered: {filter_name(args, made.board)}")
                        if not network else (f"{name}: {filter_name(args, made.board)}",))
                note = pictures.save(path, picture, Sample.parse("u8"))
                written = str(path)
            parts.append(Table(("", ""), rows(made, made.top.demo, name, shown, written,
                                              note, args.netlist)))
            found.append({
                "source": name, "passed": shown.passed, "picture": written or None,
                "checks": [asdict(check) for check in shown.checks],
                "pixel_clocks": shown.cycles,
            })
    passed = all(each["passed"] for each in found)
    show(args, {"board": made.board.name, "pins": made.pins, "mode": str(made.timing),
                "netlist": args.netlist, "passed": passed, "sources": found},
         parts, "all checks passed" if passed else "a check failed")
    return 0 if passed else 1


def rows(
    made: Design, demo: Demo, name: str, shown: Preview, picture: str, note: str,
    netlist: bool,
) -> list[tuple[str, str]]:
    """What was found, as rows of a table."""
    table = [
        ("board", made.board.title),
        ("pins", made.pins),
        ("design", f"the {made.board.family} netlist" if netlist else "the source"),
        ("mode", str(made.timing)),
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
    table.append(("picture", (f"{picture}: {note}" if note else picture)
                  or "none: there is no whole frame"))
    return table
