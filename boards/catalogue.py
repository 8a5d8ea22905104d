"""All boards, by name; and boards of one's own, by the path of their file."""

import importlib.util
from pathlib import Path

from ..model.errors import InputError, nearest
from . import (
    colorlight_i5,
    ecp5_evaluation,
    gatemate_evb,
    icebreaker,
    icepi_zero,
    tang_nano_9k,
    tang_nano_20k,
    ulx3s,
)
from .board import Board


__all__ = ["BOARDS", "board"]

_FILES = (
    ulx3s, icepi_zero, colorlight_i5, ecp5_evaluation, icebreaker, tang_nano_9k, tang_nano_20k,
    gatemate_evb)

BOARDS: dict[str, Board] = {each.name: each for file in _FILES for each in file.BOARDS}
"""The boards that come with windrow."""


def board(name: str) -> Board:
    """Return a board by its name, or from a file whose path ends in ``.py``.

    The file is run as Python; see ``docs/adding_a_board.md`` for what it holds. ``FILE.py:NAME``
    names one of several boards in it.

    Raises
    ------
    :exc:`InputError`
        If there is none.
    """
    if name in BOARDS:
        return BOARDS[name]
    path, _, chosen = name.rpartition(":") if ".py:" in name else (name, "", "")
    if path.endswith(".py"):
        return _from_file(Path(path), chosen)
    sizes = [each for each in BOARDS if each.startswith(f"{name.lower().rstrip('-')}-")]
    if len(sizes) > 1:
        raise InputError(f"board {name!r} comes in several sizes; which one: "
                         f"{', '.join(sizes[:-1])} or {sizes[-1]}? (it is printed on the chip)")
    raise InputError(f"board {name!r} is not known; {nearest(name, BOARDS)}")


def _from_file(path: Path, chosen: str) -> Board:
    if not path.is_file():
        raise InputError(f"board {str(path)!r}: there is no such file")
    spec = importlib.util.spec_from_file_location("windrow_board_file", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # whatever is wrong with the user's file
        raise InputError(f"board {str(path)!r} cannot be loaded: "
                         f"{type(error).__name__}: {error}") from error
    found = getattr(module, "BOARDS", None)
    if not (isinstance(found, tuple | list) and found
            and all(isinstance(each, Board) for each in found)):
        raise InputError(f"board {str(path)!r} must hold BOARDS, a tuple of windrow.boards.board."
                         f"Board, not {found!r}")
    named = {each.name: each for each in found}
    if chosen and chosen not in named:
        raise InputError(f"board {chosen!r} is not in {str(path)!r}; {nearest(chosen, named)}")
    if not chosen and len(named) > 1:
        raise InputError(f"board {str(path)!r} holds several; give {path}:NAME, with one of "
                         f"{', '.join(named)}")
    return named[chosen] if chosen else found[0]
