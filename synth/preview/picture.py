"""What a demo shows on the screen, by the models of its parts, and where a screen differs."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...boards.recognition import Recogniser
from ...boards.video.camera import Camera
from ...boards.video.colour import GreyToRGB, RGBToLuma
from ...boards.video.pattern import TestPattern
from ...boards.video.source import FrameSource
from ...boards.video.still import StillPicture
from ...model import Filter, InputError, Pipeline


__all__ = ["Mismatch", "first_mismatch", "shown_picture", "source_frame"]

Picture = npt.NDArray[np.uint8]

_LINE = 255


@dataclass(frozen=True)
class Mismatch:
    """The first pixel of a screen that is not as it should be.

    Parameters
    ----------
    frame, row, column : :class:`int`
        Where, counted from 0: of the frames that are compared.
    part : :class:`str`
        Of the picture: source, line or filtered.
    got, wanted : tuple of :class:`int`
        Red, green and blue.
    """

    frame: int
    row: int
    column: int
    part: str
    got: tuple[int, ...]
    wanted: tuple[int, ...]

    def __str__(self) -> str:
        return (f"frame {self.frame} row {self.row} column {self.column} ({self.part}): "
                f"got {self.got}, wanted {self.wanted}")


def source_frame(source: FrameSource | Camera, number: int) -> Picture:
    """The frame of a source with a number: (height, width, 3).

    Raises
    ------
    :exc:`InputError`
        If the source's frames are not known before.
    """
    if isinstance(source, StillPicture):
        return source.frame()
    if isinstance(source, TestPattern):
        return source.frame(next(iter(source.patterns)), number)
    raise InputError(f"nobody knows what a {type(source).__name__} will show")


def shown_picture(
    frame: Picture, filter: Filter | Pipeline | Recogniser, split: int, bits: int,
    seen: Picture | None = None,
) -> Picture:
    """What a demo makes of a frame: itself on the left, filtered on the right.

    Parameters
    ----------
    frame : (height, width, 3) uint8 array
        The source's.
    filter : :class:`~windrow.model.Filter`, :class:`~windrow.model.Pipeline` or
            :class:`~windrow.boards.recognition.Recogniser`
        The filter or the pipeline, or what shows a network.
    split : :class:`int`
        Column of the line between the two; 0 for none.
    bits : :class:`int`
        Of each colour that the screen gets: 8, or 4, which are repeated.
    seen : (height, width, 3) uint8 array, optional
        The frame that a network has said something of; none: it has said nothing yet. Or the one
        that is filtered, where that is another one.
    """
    if isinstance(filter, Recogniser):
        shown = filter.compute(frame, seen)
    else:
        whole = frame if seen is None else seen
        result = filter.compute(RGBToLuma.compute(whole) if filter.channels == 1 else whole)
        shown = (GreyToRGB.compute(result) if filter.output_format.channels == 1
                 else result.astype(np.uint8))
    if split:
        shown[:, :split] = frame[:, :split]
        shown[:, split : split + 1] = _LINE
    return shown if bits == 8 else ((shown >> 4) * 17).astype(np.uint8)


def first_mismatch(number: int, got: Picture, wanted: Picture, split: int) -> Mismatch | None:
    """The first pixel in which two pictures differ; ``None`` if there is none."""
    for row, column in np.argwhere((got != wanted).any(axis=2))[:1].tolist():
        part = "filtered" if column > split or not split else (
            "line" if column == split else "source")
        return Mismatch(number, row, column, part, tuple(got[row, column].tolist()),
                        tuple(wanted[row, column].tolist()))
    return None
