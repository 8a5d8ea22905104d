"""All boards, by name."""

from ..model.errors import InputError, nearest
from . import (
    colorlight_i5,
    ecp5_evaluation,
    icebreaker,
    icepi_zero,
    tang_nano_9k,
    tang_nano_20k,
    ulx3s,
)
from .board import Board


__all__ = ["BOARDS", "board"]

_FILES = (
    ulx3s, icepi_zero, colorlight_i5, ecp5_evaluation, icebreaker, tang_nano_9k, tang_nano_20k)

BOARDS: dict[str, Board] = {each.name: each for file in _FILES for each in file.BOARDS}
"""A board of one's own goes here, see ``docs/adding_a_board.md``."""


def board(name: str) -> Board:
    """Return a board by its name.

    Raises
    ------
    :exc:`InputError`
        If there is none.
    """
    if name not in BOARDS:
        raise InputError(f"board {name!r} is not known; {nearest(name, BOARDS)}")
    return BOARDS[name]
