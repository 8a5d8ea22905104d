"""Stages that follow edges through a frame, or through some lines of it, behind all others."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..errors import InputError, shorten
from ..golden import Integers
from ..hysteresis import STRONG, hysteresis, line_hysteresis
from ..sample import Sample
from .stage import Picture, Stage, Tap


__all__ = ["EDGE", "HysteresisStage", "hysteresis_stage"]

MOST_LINES = 256
"""The most lines to look ahead."""

EDGE = Sample(signed=False, bits=8)
"""The sample of an edge map: 255 on an edge, 0 elsewhere."""


@dataclass(frozen=True)
class HysteresisStage(Stage):
    """The edges of a tap of classes: weak pixels stay where they hang together with strong ones.

    ``lines`` is how many rows are known below each row when it leaves; 0 where all of a frame is
    held.
    """

    lines: int = 0

    @property
    def title(self) -> str:
        return (f"hysteresis, {self.lines} lines ahead" if self.lines else
                "hysteresis of the whole frame")

    @property
    def outputs(self) -> tuple[Any, ...]:
        return (replace(self.inputs[0], sample=EDGE),)

    def exact(self, pictures: Mapping[str, Picture]) -> Iterator[Integers]:
        classes = pictures[self.sources[0]][:, :, 0]
        edges = line_hysteresis(classes, self.lines)[0] if self.lines else hysteresis(classes)
        yield edges[:, :, np.newaxis] * np.int64(EDGE.maximum)

    def to_dict(self, frame_keys: frozenset[str]) -> dict[str, Any]:
        return {"name": self.name, "from": self.sources[0], "hysteresis": self.lines or "frame"}


def hysteresis_stage(name: str, source: Tap, value: object) -> HysteresisStage:
    """The stage of the verb ``hysteresis``.

    Raises
    ------
    :exc:`~windrow.model.errors.InputError`
        If the value is neither ``frame`` nor a number of lines, or the source is no map of classes.
    """
    if value != "frame" and (type(value) is not int or not 1 <= value <= MOST_LINES):
        raise InputError("hysteresis must be 'frame', which holds the whole frame, or the lines to "
                         f"look ahead, from 1 to {MOST_LINES}, not {shorten(value)}")
    reached, channels = source.reached, source.format.channels
    if channels > 1 or reached.low < 0 or reached.high > STRONG:
        raise InputError(
            f"hysteresis takes one channel of classes 0, 1 (weak) and 2 (strong), and "
            f"{source.name!r} has {channels} of {reached.low} to {reached.high}")
    return HysteresisStage(name, (source.name,), (name,), (source.format,),
                           value if isinstance(value, int) else 0)
