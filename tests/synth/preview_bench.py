"""What the tests of previews share: a small top of a board, and the tools that they need."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from needed import needed
from preview_timings import LOW

from windrow.boards.board import Board, Still
from windrow.boards.catalogue import board
from windrow.boards.top import Top
from windrow.boards.video.timing import Timing
from windrow.model import Filter
from windrow.sim import tools


SEED = 11

SHARPEN = {"kernel": [[0, -1, 0], [-1, 6, -1], [0, -1, -1]], "shift": 1, "border": "replicate"}


def small_board(name: str) -> Board:
    """A board with a still picture that elaborates in no time."""
    return replace(board(name), still=Still(scale=40, pixel_format="rgb565"))


BOARD = small_board("ulx3s-85f")


def need_tools() -> None:
    """Skip where a tool is missing."""
    with needed():
        tools.synthesis("yosys")
        tools.verilator()
        tools.cxx()


def design(
    mode: Timing = LOW, sources: Sequence[str] = ("pattern", "still"), board: Board = BOARD,
    **keys: Any,
) -> tuple[Filter, Top]:
    """A filter and a top with it."""
    filter = Filter.from_dict({**(keys or SHARPEN), "width": mode.width, "height": mode.height})
    return filter, Top(board, filter, mode, sources, photograph())


def photograph() -> np.ndarray:
    """Noise."""
    return np.random.default_rng(SEED).integers(0, 256, (40, 60, 3), np.uint8)
