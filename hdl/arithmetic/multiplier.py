"""One product, in the multiplier that a device has."""

from typing import Any, ClassVar

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ...model.interval import Interval
from ...model.nodes import PRODUCT_LATENCY
from ..beat import interval_shape


__all__ = ["LUTMultiplier", "Multiplier"]


class Multiplier(wiring.Component):
    """Product of two values, as any vendor's tools infer it.

    Registered before and after the multiplier and once more, as a device's block wants it: a
    product comes out of its own output register too late in the cycle for an adder behind it.
    A device's own block takes the place of this one where inference loses its registers: see
    :mod:`.devices`. No register has a reset or an enable. Factors that are wider than a block are
    cut in pieces; the pieces' products are added before the last register.

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

    latency = PRODUCT_LATENCY
    """Cycles from the factors to their product."""

    factor_bits: ClassVar[int | None] = None
    """Width of the widest factor, signed or not, that one block takes; ``None``: any."""

    a: Signal
    b: Signal
    product: Signal

    def __init__(self, a: Interval, b: Interval) -> None:
        super().__init__({
            "a": In(interval_shape(a)),
            "b": In(interval_shape(b)),
            "product": Out(interval_shape(a.times(b))),
        })

    @classmethod
    def block_count(cls, a: Interval, b: Interval) -> int:
        """Blocks that a product of such factors takes."""
        return len(cls._cuts(a.bits)) * len(cls._cuts(b.bits))

    @classmethod
    def _cuts(cls, bits: int) -> list[tuple[int, int]]:
        """First and last bit (not included) of each piece of a factor.

        All but the last are unsigned, and a bit narrower than a block.
        """
        if cls.factor_bits is None or bits <= cls.factor_bits:
            return [(0, bits)]
        piece = cls.factor_bits - 1
        starts = list(range(0, bits - 1, piece))
        return list(zip(starts, [*starts[1:], bits], strict=True))

    def _block(self, m: Module, name: str, a: Value, b: Value) -> Value:
        """The product of two factors that fit, two cycles later."""
        first = Signal(a.shape(), name=f"{name}_a", reset_less=True)
        second = Signal(b.shape(), name=f"{name}_b", reset_less=True)
        product = Signal((a * b).shape(), name=name, reset_less=True)
        m.d.sync += [first.eq(a), second.eq(b), product.eq(first * second)]
        return product

    @classmethod
    def _widened(cls, m: Module, name: str, factor: Value) -> Signal:
        """A factor that fits, with its sign or zeros up to the width that a block takes."""
        assert cls.factor_bits is not None
        wide = Signal(Shape(cls.factor_bits, signed=factor.shape().signed), name=name)
        m.d.comb += wide.eq(factor)
        return wide

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        pieces = [
            (start + first,
             self._block(m, f"block_{start}_{first}", _piece(self.a, start, end),
                         _piece(self.b, first, last)))
            for start, end in self._cuts(len(self.a))
            for first, last in self._cuts(len(self.b))
        ]
        later = Signal(self.product.shape(), reset_less=True)
        m.d.sync += later.eq(sum((value << shift for shift, value in pieces[1:]), pieces[0][1]))
        m.d.comb += self.product.eq(later)
        return m


class LUTMultiplier(Multiplier):
    """Product in LUTs, for a device that has too few multipliers and whose tools infer none.

    Factors are cut into pieces of four bits, so that no cycle has more than three adders in a row.
    In one piece 8 by 8 bits bound a whole design for an UP5K at 22 MHz (nextpnr 0.11).
    """

    factor_bits: ClassVar[int] = 5


def _piece(factor: Signal, start: int, end: int) -> Value:
    """Some bits of a factor, with its sign where they are its highest."""
    piece = factor[start:end]
    return piece.as_signed() if factor.shape().signed and end == len(factor) else piece
