"""A part of a frame: every n-th row and column of a rectangle."""

from dataclasses import dataclass
from typing import Any

import numpy.typing as npt


__all__ = ["Subset"]


@dataclass(frozen=True)
class Subset:
    """``out[y, x] = in[top + row_step * y, left + column_step * x]``.

    Parameters
    ----------
    top, left : :class:`int`
        Where the first pixel lies.
    height, width : :class:`int`
        Rows and columns that are kept; all of them lie in the frame.
    row_step, column_step : :class:`int`
        From one that is kept to the next.
    """

    top: int
    left: int
    height: int
    width: int
    row_step: int = 1
    column_step: int = 1

    def compute(self, picture: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """That part of a picture, (height, width) or (height, width, channels)."""
        rows = slice(self.top, self.top + self.row_step * self.height, self.row_step)
        columns = slice(self.left, self.left + self.column_step * self.width, self.column_step)
        return picture[rows, columns]
