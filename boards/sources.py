"""The sources of a demo, by the names that a user types."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..model import InputError
from ..model.errors import nearest
from .board import Still
from .video.pattern import PATTERNS, TestPattern
from .video.source import FrameSource
from .video.still import StillPicture, shrink
from .video.timing import Timing


__all__ = ["SOURCES", "fit", "make_sources"]

MOVING = "box"
"""The pattern that ``pattern`` stands for."""

SOURCES = ("pattern", *PATTERNS, "still")
"""All names."""


def make_sources(
    names: Sequence[str], timing: Timing, still: Still | None, picture: npt.NDArray[np.uint8]
) -> dict[str, FrameSource]:
    """Make sources of frames for a screen.

    Parameters
    ----------
    names : sequence of :class:`str`
        At least one, each of them in :data:`SOURCES` and none twice.
    timing : :class:`~.video.timing.Timing`
        Of the screen.
    still : :class:`~.board.Still` or ``None``
        How the board keeps a still picture.
    picture : (H, W, 3) uint8 array
        The still picture, of any size; see :func:`fit`.

    Raises
    ------
    :exc:`InputError`
        If a name is unknown or there twice, or the board has no room for a still picture.
    """
    if not names:
        raise InputError("source must name at least one source")
    sources: dict[str, FrameSource] = {}
    for name in names:
        if name not in SOURCES:
            raise InputError(f"source {name!r} is not known; {nearest(name, SOURCES)}")
        if name in sources:
            raise InputError(f"source {name!r} is there twice")
        if name != "still":
            pattern = MOVING if name == "pattern" else name
            sources[name] = TestPattern(timing.width, timing.height, [pattern])
            continue
        if still is None:
            raise InputError("source 'still': the board has no memory for a picture")
        # As many pixels in the memory, whatever the mode.
        scale = -(-timing.width * still.scale // 640)
        small = fit(picture, -(-timing.width // scale), -(-timing.height // scale))
        sources[name] = StillPicture(timing.width, timing.height, small, scale=scale,
                                     pixel_format=still.pixel_format)
    return sources


def fit(picture: npt.NDArray[np.uint8], width: int, height: int) -> npt.NDArray[np.uint8]:
    """Make a picture fill a size: cut off on both sides what has other proportions, and shrunk.

    A picture that is too small has its pixels repeated first.

    Parameters
    ----------
    picture : (H, W, 3) uint8 array
        The picture.
    width, height : :class:`int`
        The size.

    Returns
    -------
    (height, width, 3) uint8 array
    """
    rows, columns, _ = picture.shape
    larger = max(-(-width // columns), -(-height // rows))
    picture = picture.repeat(larger, axis=0).repeat(larger, axis=1)
    rows, columns = larger * rows, larger * columns
    kept_columns = max(min(columns, rows * width // height), width)
    kept_rows = max(min(rows, columns * height // width), height)
    top, left = (rows - kept_rows) // 2, (columns - kept_columns) // 2
    return shrink(picture[top : top + kept_rows, left : left + kept_columns], width, height)
