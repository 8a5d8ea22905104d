"""Exact ranges of values, and the fewest bits that hold them."""

from typing import NamedTuple

from amaranth.hdl import Shape


__all__ = ["Interval"]


class Interval(NamedTuple):
    """All integers from ``low`` to ``high``, both included."""

    low: int
    high: int

    @property
    def shape(self) -> Shape:
        """The narrowest shape that holds every value. At least one bit."""
        if self.low >= 0:
            return Shape(max(self.high.bit_length(), 1), signed=False)
        return Shape(max((~self.low).bit_length(), self.high.bit_length()) + 1, signed=True)

    def __add__(self, other: "Interval") -> "Interval":  # type: ignore[override]
        return Interval(self.low + other.low, self.high + other.high)

    def scale(self, factor: int) -> "Interval":
        """Range of ``factor`` times a value."""
        ends = (self.low * factor, self.high * factor)
        return Interval(min(ends), max(ends))
