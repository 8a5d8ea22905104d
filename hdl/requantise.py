"""From the exact sum to the output sample."""

from typing import Any

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ..model import Filter
from ..model import Sample as SampleType
from ..model.interval import Interval
from .layout import interval_shape, sample_shape


__all__ = ["Requantise", "clamped"]


class Requantise(wiring.Component):
    """``overflow(round((sum + offset * 2**shift) / 2**shift))``.

    Free-running. Steps that a filter does not need are left out, and their cycle with them.

    Latency is :attr:`latency` cycles, throughput is one sample a cycle.

    Parameters
    ----------
    filter : :class:`~windrow.model.Filter`
        Gives ``shift``, ``offset``, ``rounding``, ``overflow`` and ``output``.
    interval : :class:`~.interval.Interval`
        Exact range of the sum.

    Members
    -------
    sum : :py:`In(interval_shape(interval))`
        Sum of products.
    sample : :py:`Out(sample_shape(filter.output))`
        Output sample, :attr:`latency` cycles later.
    """

    sum: Signal
    sample: Signal

    def __init__(self, filter: Filter, interval: Interval) -> None:
        self._interval = interval
        self._shift = filter.shift
        self._offset = filter.offset << filter.shift
        self._overflow = filter.overflow
        self._output = filter.output
        # Without a fraction there is nothing to round, without a sign nothing to take off.
        signed = interval.low + self._offset < 0
        self._rounding = filter.rounding if filter.shift > 0 else "floor"
        self._away_or_to_zero = signed and self._rounding in ("half-away", "toward-zero")
        self._absolute = signed and filter.overflow == "abs-saturate"
        super().__init__({
            "sum": In(interval_shape(interval)),
            "sample": Out(sample_shape(filter.output)),
        })

    @property
    def _bias(self) -> int:
        """Added to every sum: the offset, and half a unit where the nearest value is wanted."""
        half = (1 << self._shift) >> 1 if self._rounding.startswith("half") else 0
        return self._offset + half

    @property
    def _negative_bias(self) -> int:
        """Added to a sum that the offset leaves below zero, on top of the bias."""
        if not self._away_or_to_zero:
            return 0
        return -1 if self._rounding == "half-away" else (1 << self._shift) - 1

    @property
    def latency(self) -> int:
        """Cycles from a sum to its sample."""
        return (
            (self._bias != 0)
            + (self._negative_bias != 0)
            + (self._rounding == "half-even")
            + self._absolute
            + self._clamps
        )

    @property
    def _rounded(self) -> Interval:
        """Range of what the overflow rule is applied to."""
        low, high = (end + self._bias for end in self._interval)
        more = self._negative_bias
        low, high = (low + min(more, 0)) >> self._shift, (high + max(more, 0)) >> self._shift
        if self._rounding == "half-even":
            low &= ~1
        if self._absolute:
            return Interval(0, max(abs(low), abs(high)))
        return Interval(low, high)

    @property
    def _clamps(self) -> bool:
        """Whether any value lies outside of the output's range and is not wrapped into it."""
        low, high = self._rounded
        return self._overflow != "wrap" and not (low in self._output and high in self._output)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        value: Value = self.sum
        interval = self._interval
        negative: Value | None = None
        if self._negative_bias != 0:
            negative = value < -self._offset

        def register(new: Value, bounds: Interval, name: str) -> Signal:
            later = Signal(interval_shape(bounds), name=name, reset_less=True)
            m.d.sync += later.eq(new)
            return later

        if self._bias != 0:
            interval = interval + Interval(self._bias, self._bias)
            value = register(value + self._bias, interval, "biased")
            if negative is not None:
                negative = register(negative, Interval(0, 1), "negative")
        if negative is not None:
            more = self._negative_bias
            interval = Interval(interval.low + min(more, 0), interval.high + max(more, 0))
            value = register(value + Mux(negative, more, 0), interval, "rounded")

        fraction = value[: self._shift]
        value = value >> self._shift
        interval = Interval(interval.low >> self._shift, interval.high >> self._shift)
        if self._rounding == "half-even":
            # Half a unit has been added: no fraction is left exactly where there was a tie.
            tie = fraction == 0
            interval = Interval(interval.low & ~1, interval.high)
            value = register(Mux(tie & value[0], value - 1, value), interval, "even")
        if self._absolute:
            top = max(abs(interval.low), abs(interval.high))
            value = register(Mux(value < 0, -value, value), Interval(0, top), "magnitude")
            interval = Interval(0, top)
        if self._clamps:
            value = register(clamped(value, interval, self._output),
                             Interval(self._output.minimum, self._output.maximum), "clamped")
        m.d.comb += self.sample.eq(value)
        return m


def clamped(value: Value, interval: Interval, output: SampleType) -> Value:
    """``value``, or the end of the output's range that it lies beyond.

    The output's range ends at powers of two, so the bits above it tell: no carry chain.
    """
    low, high = output.minimum, output.maximum
    bits = output.bits - output.signed  # those that hold a magnitude
    result = value
    if interval.high > high:
        above = value[bits : interval.bits - interval.signed].any()
        if interval.signed:
            above = above & ~value[interval.bits - 1]
        result = Mux(above, high, value)
    if interval.low < low:
        below = value[interval.bits - 1]
        if low < 0:
            below = below & ~value[bits : interval.bits - 1].all()
        result = Mux(below, low, result)
    return result
