"""How many results did not fit the output sample, and what would keep them."""

import operator
from dataclasses import astuple, dataclass
from typing import Protocol, Self

import numpy as np

from ..model.filter import Filter
from ..model.golden import Integers, requantise
from ..model.interval import hull
from ..model.pipeline import FilterStage, FormulaStage, Stage
from ..model.sample import Sample


__all__ = ["Clipping"]


class Fitted(Protocol):
    """What brings results to samples: a filter, or a stage of a pipeline."""

    @property
    def overflow(self) -> str: ...
    @property
    def output(self) -> Sample: ...


@dataclass(frozen=True)
class Clipping:
    """Counts of samples."""

    below: int = 0
    """Less than the least output sample."""
    above: int = 0
    """More than the greatest."""
    magnitudes: int = 0
    """Whose absolute value is more than the greatest."""
    samples: int = 0
    """All of them."""

    def __add__(self, other: "Clipping") -> "Clipping":
        return Clipping(*map(operator.add, astuple(self), astuple(other)))

    @classmethod
    def of(cls, exact: Integers, made_by: Fitted) -> Self:
        """Count in the results of :meth:`~windrow.model.filter.Filter.exact`."""
        magnitude = np.abs(exact)
        value = magnitude if made_by.overflow == "abs-saturate" else exact
        least, greatest = made_by.output.minimum, made_by.output.maximum
        return cls(int((value < least).sum()), int((value > greatest).sum()),
                   int((magnitude > greatest).sum()), exact.size)

    def describe(self, made_by: Filter | Stage) -> str:
        """Say how many there are and what keeps them: a filter's flag, a stage's key.

        Empty if all fit.
        """
        key = "--{} {}" if isinstance(made_by, Filter) else '{} = "{}"'
        lost = self.below + self.above
        if not lost:
            return ""
        sides = [(count, where) for count, where in (
            (self.below, f"below {made_by.output.minimum}"),
            (self.above, f"above {made_by.output.maximum}")) if count]
        text = (f"{self._share(lost, ' samples')} "
                f"{'wrapped' if made_by.overflow == 'wrap' else 'clipped'}")
        text += (f", all {sides[0][1]}" if len(sides) == 1 else
                 f" ({', '.join(f'{self._share(count)} {where}' for count, where in sides)})")
        text += f": {_keeper(made_by, key)}"
        if made_by.overflow == "saturate" and self.magnitudes < self.below:
            absolute = key.format("overflow", "abs-saturate")
            text += (f", {absolute} keeps their magnitudes" if not self.magnitudes else
                     f"; {absolute} clips {self._share(self.magnitudes)}")
        return text

    def _share(self, count: int, what: str = "") -> str:
        if count < self.samples / 1000:
            return f"{count} of {self.samples}{what}" if what else str(count)
        return f"{100 * count / self.samples:.1f} %{' of' + what if what else ''}"


def _keeper(made_by: Filter | Stage, key: str) -> str:
    """The flag or key with which every result of any frame fits."""
    low, high = _results(made_by)
    if made_by.overflow == "abs-saturate":
        low, high = 0, max(abs(low), abs(high))
    for bits in (8, 16, 32):
        output = Sample(low < 0, bits)
        if low in output and high in output:
            return f"{key.format('output', output)} keeps them"
    return f"a greater {'--' * key.startswith('-')}shift keeps more of them"


def _results(made_by: Filter | Stage) -> tuple[int, int]:
    """The least and the greatest result of any frame."""
    if isinstance(made_by, FormulaStage):
        return hull(each.ranges(made_by.ranges)[-1] for each in made_by.expressions)
    filter = made_by.filter if isinstance(made_by, FilterStage) else made_by
    assert isinstance(filter, Filter), "a part of a frame clips nothing"
    ends = np.array(hull(filter.applied.ranges(filter.format.interval)), np.int64)
    low, high = map(int, requantise(
        ends, shift=filter.shift, offset=filter.offset, rounding=filter.rounding))
    return low, high
