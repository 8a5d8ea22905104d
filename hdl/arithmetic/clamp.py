"""Saturation without a carry chain."""

from amaranth import *

from ...model.interval import Interval
from ...model.sample import Sample


__all__ = ["clamped"]


def clamped(value: Value, interval: Interval, output: Sample) -> Value:
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
