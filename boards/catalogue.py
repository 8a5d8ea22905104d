"""All boards, by name."""

from ..model.errors import InputError, nearest
from . import ulx3s
from .board import Board


__all__ = ["BOARDS", "board"]

BOARDS: dict[str, Board] = {each.name: each for each in (*ulx3s.BOARDS,)}
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
