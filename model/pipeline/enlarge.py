"""Stages whose frame is larger than what they read: ``enlarge`` and ``shuffle``."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..errors import InputError, nearest, shorten
from ..format import Format
from ..golden import Integers
from .compound import Compound, Table
from .stage import Picture, Stage, Tap


__all__ = ["KEYS", "ShuffleStage", "enlarge", "shuffle_stage"]

KEYS = ("method",)
_LARGEST_FACTOR = 8
#: How much of the pixels before, here and behind is in the first and in the second of two.
_PHASES = {
    # (9a + 3b + 3c + d + 8) >> 4: cv2.INTER_LINEAR_EXACT
    "linear": (((1, 3, 0), (0, 3, 1)), 4, "replicate"),
    # Zeros between the pixels, then a binomial of 5x5 times 4: cv2.pyrUp. Its border lies in the
    # pixels before there are zeros, and is not the same on all sides.
    "binomial": (((1, 6, 1), (0, 4, 4)), 6, {
        "top": "reflect101", "left": "reflect101", "bottom": "replicate", "right": "replicate"}),
}


@dataclass(frozen=True)
class ShuffleStage(Stage):
    """Taps of one frame size, laid out as blocks: each pixel becomes one of each.

    ``block`` are the taps' names, row by row.
    """

    block: tuple[tuple[str, ...], ...]

    @property
    def title(self) -> str:
        return f"blocks of {len(self.block)}x{len(self.block[0])}"

    @property
    def outputs(self) -> tuple[Format, ...]:
        first = self.inputs[0]
        return (replace(first, height=first.height * len(self.block),
                        width=first.width * len(self.block[0])),)

    def exact(self, pictures: Mapping[str, Picture]) -> Iterator[Integers]:
        rows, columns = len(self.block), len(self.block[0])
        height, width, channels = pictures[self.sources[0]].shape
        made = np.empty((height, rows, width, columns, channels), np.int64)
        for row, names in enumerate(self.block):
            for column, name in enumerate(names):
                made[:, row, :, column] = pictures[name]
        yield made.reshape(height * rows, width * columns, channels)

    def to_dict(self, frame_keys: frozenset[str]) -> dict[str, Any]:
        return {"name": self.name, "shuffle": [list(row) for row in self.block]}


def shuffle_stage(name: str, value: object, taps: Mapping[str, Tap]) -> ShuffleStage:
    """The stage of a block of taps.

    Raises
    ------
    :exc:`~windrow.model.errors.InputError`
        If it is no block, a tap is not there, or they do not go together.
    """
    if not isinstance(value, (list, tuple)) or not value or not all(
            isinstance(row, (list, tuple)) and 0 < len(row) == len(value[0]) <= _LARGEST_FACTOR
            for row in value) or len(value) > _LARGEST_FACTOR:
        raise InputError("shuffle must be rows of taps, all as long, such as [[\"a\", \"b\"], "
                         f"[\"c\", \"d\"]], at most {_LARGEST_FACTOR} each way, not "
                         f"{shorten(value)}")
    names = tuple(each for row in value for each in row)
    for each in names:
        if not isinstance(each, str) or each not in taps:
            raise InputError(f"shuffle names {shorten(each)}, which no stage above defines; "
                             f"{nearest(str(each), taps)}")
    formats = tuple(taps[each].format for each in names)
    for each, made in zip(names, formats, strict=True):
        if made != formats[0]:
            raise InputError(f"shuffle has {names[0]!r} and {each!r}, which differ in size, sample "
                             "or channels")
    return ShuffleStage(name, names, (name,), formats, tuple(map(tuple, value)))


def enlarge(compound: Compound) -> list[Table]:
    """The pixels of each block as taps, and the block of them."""
    method = compound.choice("method", "nearest", ("nearest", *_PHASES))
    value = compound.value
    factors = [value] * 2 if type(value) is int else value
    most = _LARGEST_FACTOR if method == "nearest" else 2
    least = 1 if method == "nearest" else 2
    if not isinstance(factors, (list, tuple)) or len(factors) != 2 or not all(
            type(each) is int and least <= each <= most for each in factors):
        wanted = (f"a whole factor from 1 to {most}, or [rows, columns]"
                  if method == "nearest" else f"2 with method {method!r}")
        raise InputError(f"enlarge must be {wanted}, not {shorten(value)}")
    rows, columns = factors
    if method == "nearest":
        block = [[compound.source] * columns] * rows
        return [{"name": compound.name, "shuffle": block}]
    (even, odd), shift, border = _PHASES[method]
    taps = [[compound.inner(f"{down}{along}") for along in "01"] for down in "01"]
    kernels = {
        taps[down][along]: [[one * other for other in (even, odd)[along]]
                            for one in (even, odd)[down]]
        for down in (0, 1) for along in (0, 1)}
    phases = {**compound.part("phases", kernels=kernels, shift=shift)}
    phases.setdefault("border", border)
    return [phases, {"name": compound.name, "shuffle": taps}]
