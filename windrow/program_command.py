"""`windrow program`: put a bitstream onto a board."""

import argparse
from pathlib import Path

from windrow.board_flags import find_board
from windrow.build_command import build_folder
from windrow.console import show
from windrow.parser import Commands, add_command
from windrow.usage import UsageError


__all__ = ["add_to"]


def add_to(commands: Commands) -> None:
    """Add this command to the parser."""
    parser = add_command(
        commands, "program", run, takes="BOARD [FILE]", works=True,
        summary="put what was built onto a board, through openFPGALoader",
        description="Put a bitstream onto a board that is connected to this computer: until its "
                    "power goes, or with --flash for good.",
        examples=("windrow program ulx3s-85f", "windrow program icebreaker --flash"),
    )
    parser.add_argument("board", nargs="?", metavar="BOARD",
                        help="one of `windrow boards`, or a file of your own: ./my_board.py")
    parser.add_argument("bitstream", nargs="?", type=Path, metavar="FILE",
                        help="the bitstream (what `windrow build BOARD` made last)")
    parser.add_argument("--flash", action="store_true",
                        help="write it to the board's flash memory, from where it is loaded at "
                             "every power-up")


def run(args: argparse.Namespace) -> int:
    """Start openFPGALoader."""
    chosen = find_board(args.board)

    from windrow.synth.program import bitstream_name, program

    file = args.bitstream or build_folder(chosen.name) / bitstream_name(chosen.family)
    if not file.is_file():
        hint = "" if args.bitstream else f": run `windrow build {args.board}` first"
        raise UsageError(f"bitstream {str(file)!r} is not there{hint}")
    suffix = Path(bitstream_name(chosen.family)).suffix
    if file.suffix != suffix:
        raise UsageError(f"bitstream {str(file)!r} is none of {chosen.name}'s, whose names end in "
                         f"{suffix}")
    program(chosen.loader, file, flash=args.flash)
    show(args, {"board": chosen.name, "bitstream": file, "flash": args.flash}, [],
         f"{chosen.title} has {file}" + (" in its flash memory" if args.flash else ""))
    return 0
