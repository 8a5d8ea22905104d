"""Exact ranges of integers, and the fewest bits that hold them."""

from collections.abc import Iterable
from typing import NamedTuple


__all__ = ["Interval", "hull"]


class Interval(NamedTuple):
    """All integers from ``low`` to ``high``, both included."""

    low: int
    high: int

    @property
    def signed(self) -> bool:
        """Whether a value may be below zero."""
        return self.low < 0

    @property
    def bits(self) -> int:
        """The narrowest width that holds every value, in two's complement where signed. At least 1.
        """
        if not self.signed:
            return max(self.high.bit_length(), 1)
        return max((~self.low).bit_length(), self.high.bit_length()) + 1

    def __add__(self, other: "Interval") -> "Interval":  # type: ignore[override]
        return Interval(self.low + other.low, self.high + other.high)

    def scale(self, factor: int) -> "Interval":
        """Range of ``factor`` times a value."""
        ends = (self.low * factor, self.high * factor)
        return Interval(min(ends), max(ends))

    def times(self, other: "Interval") -> "Interval":
        """Range of the product with another value."""
        ends = [a * b for a in self for b in other]
        return Interval(min(ends), max(ends))


def hull(intervals: Iterable[Interval]) -> Interval:
    """The least range that holds all of some others."""
    each = list(intervals)
    return Interval(min(one.low for one in each), max(one.high for one in each))
