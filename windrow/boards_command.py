"""`windrow boards`: the boards that can be built for."""

import argparse
from typing import TYPE_CHECKING, Any

from windrow.board_flags import find_board
from windrow.console import Table, bullets, show
from windrow.parser import Commands, add_command


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
    parser.add_argument("board", nargs="?", metavar="BOARD",
                        help="one of them, or a file of your own: ./my_board.py")


def run(args: argparse.Namespace) -> int:
    """Print the table."""
    from windrow import Filter
    from windrow.boards.catalogue import BOARDS
    from windrow.boards.operation import CAMERA_WIRES, operation, wiring
    from windrow.boards.top import mode

    if args.board is None:
        show(args, {"boards": [data(each) for each in BOARDS.values()]}, [
            Table(("board", "device", "video out", "inputs", "largest mode"), [
                (each.name, each.title, each.video.kind if each.video else "none", each.inputs,
                 each.largest_mode)
                for each in BOARDS.values()])])
        return 0
    chosen = find_board(args.board)
    parts: list[Table | str] = [Table(("", ""), [
        ("board", chosen.name),
        ("device", chosen.title),
        ("family", chosen.family),
        ("video out", chosen.video.kind if chosen.video else "none"),
        ("modes", ", ".join(chosen.modes) or "none"),
        ("inputs", chosen.inputs),
        ("demo filter", ", ".join(f"{key} = {value}" for key, value in chosen.filter.items())),
    ])]
    steps: list[tuple[str, str]] = []
    if chosen.video is not None:
        timing = mode(chosen)
        demo = Filter.from_dict(
            {**chosen.filter, "width": timing.width, "height": timing.height})
        steps = operation(chosen, demo, ["still", "pattern"] if chosen.still else ["pattern"],
                          sites=True)
        parts.append(Table(("", ""), steps))
    wires = wiring(chosen)
    if wires:
        parts += [Table(("camera", "header", "FPGA site"), wires),
                  Table(("", ""), [*CAMERA_WIRES, ("header", chosen.header)])]
    if chosen.seen_working:
        parts.append("Seen working by " + ", ".join(chosen.seen_working))
    if chosen.unchecked:
        parts.append("Not checked, for want of the hardware:\n" + bullets(chosen.unchecked))
    show(args, {**data(chosen), "use": dict(steps),
                "camera": [dict(zip(("pin", "header", "site"), each, strict=True))
                           for each in wires]}, parts)
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
        "seen_working": list(board.seen_working),
    }
