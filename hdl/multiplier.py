"""One product, in the multiplier that a device has."""

from typing import Any

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ..model.interval import Interval
from .layout import interval_shape


__all__ = ["Multiplier"]


class Multiplier(wiring.Component):
    """Product of two values, as any vendor's tools infer it.

    Registered before and after the multiplier and once more, as a device's block wants it: a
    product comes out of its own output register too late in the cycle for an adder behind it.
    A device's own block takes the place of this one where inference loses its registers: see
    :mod:`.devices`. No register has a reset or an enable.

    Latency is :attr:`latency` cycles, throughput is one product a cycle.

    Parameters
    ----------
    a, b : :class:`~windrow.model.interval.Interval`
        Ranges of the factors.

    Members
    -------
    a, b : :py:`In`
        The factors.
    product : :py:`Out`
        Their product, :attr:`latency` cycles later.
    """

    latency = 3
    """Cycles from the factors to their product, with every device."""

    a: Signal
    b: Signal
    product: Signal

    def __init__(self, a: Interval, b: Interval) -> None:
        ends = [a.scale(b.low), a.scale(b.high)]
        self._interval = Interval(min(end.low for end in ends), max(end.high for end in ends))
        super().__init__({
            "a": In(interval_shape(a)),
            "b": In(interval_shape(b)),
            "product": Out(interval_shape(self._interval)),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        a = Signal(self.a.shape(), reset_less=True)
        b = Signal(self.b.shape(), reset_less=True)
        product = Signal(self.product.shape(), reset_less=True)
        later = Signal(self.product.shape(), reset_less=True)
        m.d.sync += [a.eq(self.a), b.eq(self.b), product.eq(a * b), later.eq(product)]
        m.d.comb += self.product.eq(later)
        return m
