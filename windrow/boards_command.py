"""`windrow boards`: the boards that can be built for."""

import argparse
from typing import TYPE_CHECKING, Any

from windrow.parser import Commands, add_command
from windrow.report import Table, bullets, show


if TYPE_CHECKING:
    from windrow.boards.board import Board

__all__ = ["add_to"]


def add_to(commands: Commands) -> None:
    """Add this command to the parser."""
    parser = add_command(
        commands, "boards", run, takes="[BOARD]",
        summary="show the boards: device, video out, inputs, largest mode",
        description="Show the boards that `windrow build` knows, or one of them with all its modes "
                    "and with what nobody could check without the hardware.",
        examples=("windrow boards", "windrow boards tang-nano-9k"),
    )
    parser.add_argument("board", nargs="?", metavar="BOARD", help="one of them")


def run(args: argparse.Namespace) -> int:
    """Print the table."""
    from windrow.boards.catalogue import BOARDS, board

    if args.board is None:
        show(args, {"boards": [data(each) for each in BOARDS.values()]}, [
            Table(("board", "device", "video out", "inputs", "largest mode"), [
                (each.name, each.title, each.video.kind if each.video else "none", each.inputs,
                 each.largest_mode)
                for each in BOARDS.values()])])
        return 0
    chosen = board(args.board)
    parts: list[Table | str] = [Table(("", ""), [
        ("board", chosen.name),
        ("device", chosen.title),
        ("family", chosen.family),
        ("video out", chosen.video.kind if chosen.video else "none"),
        ("modes", ", ".join(chosen.modes) or "none"),
        ("inputs", chosen.inputs),
        ("demo filter", ", ".join(f"{key} = {value}" for key, value in chosen.filter.items())),
    ])]
    if chosen.unchecked:
        parts.append("Not checked, for want of the hardware:\n" + bullets(chosen.unchecked))
    show(args, data(chosen), parts)
    return 0


def data(board: "Board") -> dict[str, Any]:
    """A board as ``--json`` prints it."""
    return {
        "name": board.name,
        "device": board.title,
        "family": board.family,
        "video": board.video.kind if board.video else None,
        "modes": list(board.modes),
        "inputs": board.inputs,
        "filter": dict(board.filter),
        "unchecked": list(board.unchecked),
    }
