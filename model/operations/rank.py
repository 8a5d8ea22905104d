"""The value at one place of a window's samples in ascending order: median, least, greatest."""

from dataclasses import dataclass

import numpy as np

from ..golden import Integers
from ..interval import Interval
from .footprint import Footprint


__all__ = ["Rank"]

#: Samples of windows that the model sorts at a time.
_SORTED_SAMPLES = 1 << 22


@dataclass(frozen=True)
class Rank:
    """The ``rank``-th smallest of the samples that a footprint shows.

    Parameters
    ----------
    footprint : (height, width) :class:`bool`
        Which cells of the window count; at least one.
    rank : :class:`int`
        Counted from 0, the least.
    """

    footprint: Footprint
    rank: int

    @property
    def height(self) -> int:
        """Rows of the window."""
        return len(self.footprint)

    @property
    def width(self) -> int:
        """Columns of the window."""
        return len(self.footprint[0])

    @property
    def outputs(self) -> tuple[str, ...]:
        """The one."""
        return ("",)

    @property
    def title(self) -> str:
        """What it is, for people."""
        count = sum(map(sum, self.footprint))
        names = {0: "erosion", count - 1: "dilation", count // 2: "median"}
        name = names.get(self.rank, f"rank {self.rank} of {count}")
        return f"{self.height}x{self.width} {name}"

    def compute(self, padded: Integers) -> Integers:
        """See :class:`~.operation.Operation`."""
        height, width = padded.shape[0] - self.height + 1, padded.shape[1] - self.width + 1
        cells = [(y, x) for y, row in enumerate(self.footprint) for x, cell in enumerate(row)
                 if cell]
        found = np.empty((1, height, width, *padded.shape[2:]), np.int64)
        step = max(1, _SORTED_SAMPLES // (len(cells) * max(found[0, 0].size, 1)))
        for top in range(0, height, step):
            rows = min(step, height - top)
            shown = [padded[top + y : top + y + rows, x : x + width] for y, x in cells]
            part = found[0, top : top + rows]
            if self.rank in (0, len(cells) - 1):
                extreme = np.maximum if self.rank else np.minimum
                part[:] = shown[0]
                for each in shown[1:]:
                    extreme(part, each, out=part)
            else:
                part[:] = np.partition(np.stack(shown), self.rank, axis=0)[self.rank]
        return found

    def ranges(self, pixel: Interval) -> tuple[Interval, ...]:
        """See :class:`~.operation.Operation`."""
        return (pixel,)
