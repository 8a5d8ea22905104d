"""Stages that keep a part of a frame: ``shrink`` and ``crop``."""

from collections.abc import Callable, Mapping
from typing import Any

from ..errors import InputError, shorten
from ..subset import Subset
from .stage import SubsetStage, Tap


__all__ = ["SUBSETS", "subset_stage"]

_LARGEST_STEP = 64


def subset_stage(name: str, verb: str, source: Tap, keys: Mapping[str, Any]) -> SubsetStage:
    """A stage of one of these verbs.

    Raises
    ------
    :exc:`~windrow.model.errors.InputError`
        If the value is none for the verb or its frame, or if there are other keys.
    """
    for key in keys:
        if key != verb:
            raise InputError(f"key {key!r} means nothing beside {verb}")
    value = keys[verb]
    numbers = (value,) * 2 if verb == "shrink" and type(value) is int else value
    if not isinstance(numbers, (list, tuple)) or any(type(each) is not int for each in numbers):
        numbers = ()
    value, subset = SUBSETS[verb](tuple(numbers), source, value)
    return SubsetStage(name, (source.name,), (name,), (source.format,), subset, verb, value)


def _shrink(numbers: tuple[int, ...], source: Tap, value: object) -> tuple[tuple[int, ...], Subset]:
    if len(numbers) != 2 or not all(1 <= step <= _LARGEST_STEP for step in numbers):
        raise InputError(f"shrink must be a whole factor from 1 to {_LARGEST_STEP}, or [rows, "
                         f"columns], not {shorten(value)}")
    rows, columns = numbers
    return numbers, Subset(0, 0, -(-source.format.height // rows),
                           -(-source.format.width // columns), rows, columns)


def _crop(numbers: tuple[int, ...], source: Tap, value: object) -> tuple[tuple[int, ...], Subset]:
    frame = source.format
    if len(numbers) != 4 or min(numbers) < 0 or min(numbers[2:]) < 1:
        raise InputError("crop must be [top, left, height, width] in pixels, not "
                         f"{shorten(value)}")
    top, left, height, width = numbers
    if top + height > frame.height or left + width > frame.width:
        raise InputError(f"crop {list(numbers)} goes beyond the frame of {source.name!r}, "
                         f"which has {frame.height} rows and {frame.width} columns")
    return numbers, Subset(top, left, height, width)


SUBSETS: Mapping[str, Callable[[tuple[int, ...], Tap, object],
                               tuple[tuple[int, ...], Subset]]] = {
    "shrink": _shrink, "crop": _crop}
"""Each verb, and what makes the subset of its numbers."""
