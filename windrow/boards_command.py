"""`windrow boards`: the boards that can be built for."""

import argparse

from windrow.report import print_table


__all__ = ["add_to"]


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add this command to the parser."""
    parser = commands.add_parser(
        "boards", allow_abbrev=False,
        help="show the boards: device, video out, inputs, largest mode",
        description="Show the boards that `windrow build` knows, or one of them with all its modes "
                    "and with what nobody could check without the hardware.",
    )
    parser.add_argument("board", nargs="?", metavar="BOARD", help="one of them")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the table."""
    from windrow.boards.catalogue import BOARDS, board

    if args.board is None:
        print_table(("board", "device", "video out", "inputs", "largest mode"), [
            (each.name, each.title, each.video.kind if each.video else "none", each.inputs,
             each.largest_mode)
            for each in BOARDS.values()])
        return 0
    chosen = board(args.board)
    print_table(("", ""), [
        ("board", chosen.name),
        ("device", chosen.title),
        ("family", chosen.family),
        ("video out", chosen.video.kind if chosen.video else "none"),
        ("modes", ", ".join(chosen.modes) or "none"),
        ("inputs", chosen.inputs),
        ("demo filter", ", ".join(f"{key} = {value}" for key, value in chosen.filter.items())),
    ])
    if chosen.unchecked:
        print("\nNot checked, for want of the hardware:")
        for line in chosen.unchecked:
            print(f"- {line}")
    return 0
