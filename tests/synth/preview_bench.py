"""What the tests of whole boards in simulation share."""

from dataclasses import replace

import numpy as np

from windrow.boards.board import Still
from windrow.boards.catalogue import board
from windrow.boards.video.timing import Span, Timing


def timing(across: Span, down: Span) -> Timing:
    """A small one at a clock that boards have."""
    clock = 25_175_000
    return Timing(f"{across.active}x{down.active}", clock, clock / (across.total * down.total),
                  across, down, "test")


LOW = timing(Span(48, 3, 5, 4, positive=False), Span(20, 2, 1, 6, positive=False))
HIGH = timing(Span(37, 1, 2, 9, positive=True), Span(9, 1, 3, 7, positive=True))

BOARD = replace(board("ulx3s-85f"), still=Still(scale=40, pixel_format="rgb565"))
"""With a still picture that elaborates in no time."""


def photograph() -> np.ndarray:
    return np.random.default_rng(11).integers(0, 256, (40, 60, 3), np.uint8)
