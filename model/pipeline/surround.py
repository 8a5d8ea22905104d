"""Stages that put rows and columns around a frame, out of its other side: ``surround``."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..errors import InputError, shorten
from ..format import Format
from ..golden import Integers
from ..sides import Sides
from .stage import Picture, Stage, Tap


__all__ = ["SurroundStage", "surround_stage"]


@dataclass(frozen=True)
class SurroundStage(Stage):
    """A frame as if it were repeated without end, cut out with some rows and columns around it.

    What a window at its edge sees is what it would see under ``border = "wrap"``: of ``numpy`` and
    ``scipy.ndimage``, ``circular`` of PyTorch.
    """

    pads: Sides[int]

    @property
    def title(self) -> str:
        return f"wrapped around by {', '.join(map(str, self.pads))}"

    @property
    def outputs(self) -> tuple[Format, ...]:
        frame, pads = self.inputs[0], self.pads
        return (replace(frame, height=frame.height + pads.top + pads.bottom,
                        width=frame.width + pads.left + pads.right),)

    def exact(self, pictures: Mapping[str, Picture]) -> Iterator[Integers]:
        pads = self.pads
        yield np.pad(pictures[self.sources[0]].astype(np.int64), (
            (pads.top, pads.bottom), (pads.left, pads.right), (0, 0)), mode="wrap")

    def to_dict(self, frame_keys: frozenset[str]) -> dict[str, Any]:
        return {"name": self.name, "from": self.sources[0], "surround": list(self.pads)}


def surround_stage(name: str, source: Tap, value: object) -> SurroundStage:
    """The stage of the verb ``surround``.

    Raises
    ------
    :exc:`~windrow.model.errors.InputError`
        If the value is not four numbers that are less than the frame's size, or several pixels come
        a clock.
    """
    frame = source.format
    if not isinstance(value, (list, tuple)) or len(value) != 4 or not all(
            type(each) is int and 0 <= each < most for each, most in zip(
                value, (frame.height, frame.height, frame.width, frame.width), strict=True)):
        raise InputError("surround must be [top, bottom, left, right], less rows than the "
                         f"{frame.height} and columns than the {frame.width} of the frame, not "
                         f"{shorten(value)}")
    if frame.pixels_per_clock > 1:
        raise InputError("surround, and border 'wrap', take one pixel a clock, not "
                         f"{frame.pixels_per_clock}: what comes from the other side does not begin "
                         "with a beat")
    return SurroundStage(name, (source.name,), (name,), (frame,), Sides(*value))
