"""What `windrow build` and `windrow preview` share: a board, a filter, a mode and sources."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from windrow.filter_flags import add_filter_flags, filter_keys, make_design
from windrow.model.keys import VERBS
from windrow.network_flags import (
    add_network_flags,
    is_network_file,
    network_plan,
    read_network,
)
from windrow.usage import UsageError


if TYPE_CHECKING:
    from windrow import Filter, Pipeline
    from windrow.boards.board import Board
    from windrow.boards.serial_top import SerialTop
    from windrow.boards.top import Top
    from windrow.boards.video.timing import Timing
    from windrow.hdl.network.planned import PlannedNetwork
    from windrow.model.network import Network

__all__ = [
    "Design", "add_board_flags", "board_filter", "design", "filter_name", "find_board",
    "read_picture", "source_names",
]


class Design(NamedTuple):
    """What goes onto a board."""

    board: Board
    filter: Filter | Pipeline | PlannedNetwork
    timing: Timing | None
    """Of the screen, where there is one."""
    top: Top | SerialTop
    pins: str
    """What was found of the board's pins."""


def add_board_flags(parser: argparse.ArgumentParser) -> None:
    """Add what :func:`design` reads."""
    parser.add_argument("board", nargs="?", metavar="BOARD",
                        help="one of `windrow boards`, or a file of your own: ./my_board.py")
    parser.add_argument("filter", nargs="?", metavar="FILTER",
                        help="a .toml or .json file (the board's demo: edges, by the Sobel kernel, "
                             "or any other one at run time)")
    parser.add_argument("--mode", metavar="MODE",
                        help="what the screen is sent, as 1280x720p60 (the board's first one)")
    parser.add_argument("--source", metavar="NAME,...",
                        help="still; pattern or its kind: box, bars, checkerboard, zone-plate; "
                             "camera; the first one is shown first, a button or the UART changes "
                             "to the next (still,pattern)")
    parser.add_argument("--picture", type=Path, metavar="FILE",
                        help="the still picture, of any size (a photograph)")
    add_filter_flags(parser)
    add_network_flags(parser)
    parser.add_argument("--invert", action="store_true",
                        help="show a network the negative of the box: for dark ink on paper where "
                             "it was taught with white on black")


def source_names(args: argparse.Namespace, board: Board) -> list[str]:
    """The sources that are asked for, or the board's usual ones."""
    if args.source is not None:
        names: list[str] = args.source.split(",")
        return names
    return ["still", "pattern"] if board.still else ["pattern"]


def find_board(name: str | None) -> Board:
    """The board of a name or a file.

    Raises
    ------
    :exc:`UsageError`
        If none is named.
    :exc:`windrow.model.errors.InputError`
        If there is none.
    """
    if name is None:
        raise UsageError("board is missing: give one of `windrow boards`")
    from windrow.boards.catalogue import board

    return board(name)


def filter_name(args: argparse.Namespace, board: Board) -> str:
    """What to call the filter in a picture."""
    if own := args.key_preset or args.key_kernel:
        return str(own)
    for verb in VERBS:
        if given := getattr(args, f"key_{verb}"):
            return f"{verb} {given}"
    return Path(args.filter).stem if args.filter else str(board.filter["kernel"])


def design(args: argparse.Namespace, sources: Sequence[str] | None = None) -> Design:
    """Make what the arguments describe, with their sources or those that are given.

    Raises
    ------
    :exc:`UsageError`
        If there is no board, or a flag cannot be read.
    :exc:`windrow.model.errors.InputError`
        If anything does not fit.
    """
    chosen, keys = _board_and_keys(args)
    network = read_network(args, args.filter, keys)

    # Late: numpy and Amaranth come with them.
    from windrow.boards.serial_top import SerialTop
    from windrow.boards.top import Top, mode
    from windrow.synth.sites import check_pins

    pins = check_pins(chosen)
    if args.invert and network is None:
        raise UsageError("invert is for networks: this design is none")
    if chosen.video is None:
        if network is not None:
            raise UsageError(f"board {chosen.name} has no screen to show what a network sees")
        for flag in ("mode", "source", "picture"):
            if (value := getattr(args, flag)) is not None:
                raise UsageError(f"{flag} {str(value)!r}: board {chosen.name} has no screen")
        small = make_design(keys)
        return Design(chosen, small, None, SerialTop(chosen, small), pins)
    timing = mode(chosen, args.mode)
    filter_ = (make_design({"width": timing.width, "height": timing.height, **keys})
               if network is None else _planned(args, network, chosen, timing))
    top = Top(chosen, filter_, timing, sources or source_names(args, chosen),
              read_picture(args.picture), inverted=args.invert)
    return Design(chosen, filter_, timing, top, pins)


def _planned(
    args: argparse.Namespace, network: Network, board: Board, timing: Timing
) -> PlannedNetwork:
    """A network that has said what it sees in a quarter of a screen's frame, unless told else."""
    from windrow.hdl.network.planned import PlannedNetwork

    if args.multipliers is None and args.cycles is None:
        args.cycles = str(timing.total // 4)
    return PlannedNetwork(network, network_plan(args, network, board.family))


def board_filter(args: argparse.Namespace) -> tuple[Board, Filter | Pipeline]:
    """The board, and the filter that is built for it.

    Raises
    ------
    :exc:`windrow.model.errors.InputError`
        If there is no such board, or the filter is none.
    """
    chosen, keys = _board_and_keys(args)
    return chosen, make_design(keys)


def _board_and_keys(args: argparse.Namespace) -> tuple[Board, dict[str, Any]]:
    chosen = find_board(args.board)
    keys = {} if is_network_file(args.filter) else filter_keys(args, args.filter)
    if args.filter is None:
        # A kernel of one's own takes the demo's place, but for the size where there is no mode.
        own = {*VERBS, "preset", "stage"} & set(keys)
        keys = {**{key: value for key, value in chosen.filter.items()
                   if not own or key in ("width", "height")}, **keys}
    return chosen, keys


def read_picture(path: Path | None) -> Any:
    """A picture, or the photograph that comes with windrow: (H, W, 3) of 0 to 255."""
    from windrow import boards
    from windrow.model import Sample
    from windrow.sim import pictures

    if path is None:
        path = Path(boards.__path__[0]) / "photograph.jpg"
    picture = pictures.open_picture(path)
    if picture.count > 1:
        raise UsageError(f"picture {str(path)!r} holds {picture.count} frames: give one")
    frames, notes = picture.frames(width=picture.width, height=picture.height, channels=3,
                                   pixel=Sample.parse("u8"))
    for note in notes:
        print(f"windrow: picture {path.name}: {note}", file=sys.stderr)
    return frames[0]
