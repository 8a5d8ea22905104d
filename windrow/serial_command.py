"""`windrow serial`: a picture through a filter on a board without a screen."""

from __future__ import annotations

import argparse
import threading
import time
from pathlib import Path
from typing import Any

from windrow.board_flags import board_filter, find_board, read_picture
from windrow.console import progress, show
from windrow.filter_flags import add_filter_flags
from windrow.parser import Commands, add_command
from windrow.usage import UsageError


__all__ = ["add_to"]

QUIET = 0.3
"""Seconds without a byte after which nothing more comes: longer than a board waits for the rest of
a picture."""


def add_to(commands: Commands) -> None:
    """Add this command to the parser."""
    parser = add_command(
        commands, "serial", run, takes="PORT BOARD [FILTER] [--picture FILE] [-o OUT.png]",
        works=True,
        summary="send a picture through the filter on a board without a screen",
        description="Send a picture to a board that was built with the same filter, write what "
                    "comes back, and compare it with the model. Ends with status 1 where they "
                    "differ, or too little comes back.",
        examples=(
            "windrow serial /dev/ttyUSB0 ecp5-evn",
            "windrow serial /dev/ttyUSB0 ecp5-evn --picture photo.jpg -o filtered.png",
        ),
    )
    parser.add_argument("port", nargs="?", metavar="PORT",
                        help="the serial port, as /dev/ttyUSB0")
    parser.add_argument("board", nargs="?", metavar="BOARD", help="one of `windrow boards`")
    parser.add_argument("filter", nargs="?", metavar="FILTER",
                        help="a .toml or .json file (what the board is built with by default)")
    parser.add_argument("--picture", type=Path, metavar="FILE",
                        help="the picture, of any size (a photograph)")
    parser.add_argument("-o", "--out", type=Path, default=Path("filtered.png"), metavar="OUT.png",
                        help="the result (filtered.png)")
    add_filter_flags(parser)


def run(args: argparse.Namespace) -> int:
    """Send, receive, write and compare."""
    if args.port is None or args.board is None:
        raise UsageError("port and board are needed: windrow serial PORT BOARD")

    # Late: numpy and Amaranth come with them.
    import numpy as np

    from windrow.boards.serial_top import BAUD, SerialTop
    from windrow.boards.sources import fit
    from windrow.boards.video.colour import RGBToLuma
    from windrow.sim import pictures

    if find_board(args.board).video is not None:
        raise UsageError(f"board {args.board} has a screen: nothing comes back from it")
    chosen, filter_ = board_filter(args)
    SerialTop(chosen, filter_)  # refuses what cannot be on the board
    pictures.check_name(args.out, filter_.output_format.channels)
    picture = fit(read_picture(args.picture), filter_.width, filter_.height)
    frame = picture if filter_.channels == 3 else RGBToLuma.compute(picture)
    wanted = filter_.compute(frame).astype(np.uint8)
    with progress(quiet=args.quiet) as report:
        got = exchange(args.port, BAUD, frame.tobytes(), wanted.size, report)
    if len(got) != wanted.size:
        show(args, {"bit_exact": False, "samples": wanted.size, "received": len(got),
                    "different": None, "picture": None}, [],
             f"{len(got)} of {wanted.size} samples came back: is the board programmed with this "
             "filter?")
        return 1
    result = np.frombuffer(got, np.uint8).reshape(wanted.shape)
    note = pictures.save(args.out, result, filter_.output)
    different = int((result != wanted).sum())
    show(args, {"bit_exact": not different, "samples": wanted.size, "received": len(got),
                "different": different, "picture": args.out},
         [f"{args.out}{': ' + note if note else ''}"],
         f"{different} of {wanted.size} samples differ from the model" if different
         else "bit-exact")
    return 1 if different else 0


def exchange(port: str, baud: int, data: bytes, count: int, report: Any) -> bytes:
    """Send bytes and receive ``count`` others, or fewer if no more come."""
    import serial

    failed: list[str] = []

    def send() -> None:
        try:
            line.write(data)
        except serial.SerialException as error:
            failed.append(str(error))

    try:
        # Two stop bits: see SerialFilter.
        line = serial.Serial(port, baud, stopbits=serial.STOPBITS_TWO, timeout=QUIET,
                             write_timeout=len(data) * 11 / baud + 2)
    except (serial.SerialException, ValueError) as error:
        raise UsageError(f"port {port!r} cannot be opened: {error}") from None
    got = b""
    try:
        with line:
            # The end of a picture that broke off before: no more than one.
            begun = time.monotonic()
            while line.read(4096):
                if time.monotonic() - begun > 2 + len(data) * 11 / baud:
                    raise UsageError(f"port {port!r} does not stop sending: is the board "
                                     "programmed with a filter?")
            sender = threading.Thread(target=send, daemon=True)
            sender.start()
            last = time.monotonic()
            # The first line comes when a few have been sent.
            while len(got) < count and (sender.is_alive() or time.monotonic() - last < 2):
                part = line.read(min(4096, count - len(got)))
                if part:
                    got, last = got + part, time.monotonic()
                    report("exchanging the picture", len(got), count)
            sender.join()
    except serial.SerialException as error:
        failed.append(str(error))
    if failed:
        raise UsageError(f"port {port!r} fails after {len(got)} of {count} samples: {failed[0]}")
    return got
