"""The sources of a demo, by the names that a user types."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from ..model import InputError
from ..model.errors import nearest
from .board import Board, Still
from .video.camera import Camera
from .video.pattern import PATTERNS, TestPattern
from .video.source import FrameSource
from .video.still import BLOCK_BITS, StillPicture, shrink
from .video.timing import Timing


__all__ = ["SOURCES", "check_sources", "fit", "make_sources"]

MOVING = "box"
"""The pattern that ``pattern`` stands for."""

SOURCES = ("pattern", *PATTERNS, "still", "camera")
"""All names."""


def make_sources(
    names: Sequence[str], board: Board, timing: Timing, picture: npt.NDArray[np.uint8],
    camera: Callable[[], Camera],
) -> dict[str, FrameSource | Camera]:
    """Make the sources of a demo.

    Parameters
    ----------
    names : sequence of :class:`str`
        At least one, each of them in :data:`SOURCES` and none twice.
    board : :class:`~.board.Board`
        The board.
    timing : :class:`~.video.timing.Timing`
        Of the screen.
    picture : (H, W, 3) uint8 array
        The still picture, of any size; see :func:`fit`.
    camera : callable
        Makes the camera, if there is to be one.

    Raises
    ------
    :exc:`InputError`
        If a name is unknown or there twice, or the board has nothing of this kind.
    """
    check_sources(names, board)
    made: dict[str, FrameSource | Camera] = {}
    for name in names:
        if name == "camera":
            made[name] = camera()
        elif name == "still":
            assert board.still is not None  # as checked
            made[name] = _still(board.still, board.family, timing, picture)
        else:
            made[name] = TestPattern(
                timing.width, timing.height, [MOVING if name == "pattern" else name])
    return made


def check_sources(names: Sequence[str], board: Board) -> None:
    """Refuse names that :func:`make_sources` cannot make sources of."""
    if not names:
        raise InputError("source must name at least one source")
    for number, name in enumerate(names):
        if name not in SOURCES:
            raise InputError(f"source {name!r} is not known; {nearest(name, SOURCES)}")
        if name in names[:number]:
            raise InputError(f"source {name!r} is there twice")
    if "still" in names and board.still is None:
        raise InputError(f"source 'still': board {board.name} has no room for a picture")
    if "camera" in names and board.camera is None:
        raise InputError(f"source 'camera': board {board.name} has no header for one")


def _still(
    still: Still, family: str, timing: Timing, picture: npt.NDArray[np.uint8]
) -> StillPicture:
    # As many pixels in the memory, whatever the mode.
    scale = -(-timing.width * still.scale // 640)
    small = fit(picture, -(-timing.width // scale), -(-timing.height // scale))
    return StillPicture(timing.width, timing.height, small, scale=scale,
                        pixel_format=still.pixel_format, block=BLOCK_BITS[family])


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
    rows, columns = larger * rows, larger * columns
    kept_columns = max(min(columns, rows * width // height), width)
    kept_rows = max(min(rows, columns * height // width), height)
    top, left = (rows - kept_rows) // 2, (columns - kept_columns) // 2
    # Only what is kept is repeated: a strip a pixel wide would become gigabytes.
    down = (top + np.arange(kept_rows)) // larger
    across = (left + np.arange(kept_columns)) // larger
    return shrink(picture[np.ix_(down, across)], width, height)
