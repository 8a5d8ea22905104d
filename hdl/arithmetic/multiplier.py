"""One product, in the multiplier that a device has."""

from math import isqrt
from typing import Any, ClassVar

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ...model.interval import Interval
from ...model.nodes import PRODUCT_LATENCY
from ..beat import interval_shape
from .select_adder import SelectAdder


__all__ = ["LUTMultiplier", "Multiplier"]


class Multiplier(wiring.Component):
    """Product of two values, as any vendor's tools infer it.

    Registered before and after the multiplier and once more, as a device's block wants it: a
    product comes out of its own output register too late in the cycle for an adder behind it.
    A device's own block takes the place of this one where inference loses its registers: see
    :mod:`.devices`. No register has a reset, none but that of ``b`` an enable. Factors that are
    wider than a block are cut in pieces; the pieces' products are added before the last register.

    Latency is :attr:`latency` cycles, throughput is one product a cycle.

    Parameters
    ----------
    a, b : :class:`~windrow.model.interval.Interval`
        Ranges of the factors.
    holds : :class:`bool`
        Whether the register of ``b`` has an enable. Only where the class :attr:`can_hold`.

    Members
    -------
    a, b : :py:`In`
        The factors.
    load : :py:`In(1)`
        ``b`` is taken; while it is 0 the one before stays. Only with ``holds``.
    product : :py:`Out`
        Their product, :attr:`latency` cycles later.
    """

    latency = PRODUCT_LATENCY
    """Cycles from the factors to their product."""

    factor_bits: ClassVar[int | None] = None
    """Width of the widest factor, signed or not, that one block takes; ``None``: any."""

    can_hold: ClassVar[bool] = True
    """Whether a block's register of ``b`` has an enable of its own."""

    a: Signal
    b: Signal
    load: Signal
    product: Signal

    def __init__(self, a: Interval, b: Interval, *, holds: bool = False) -> None:
        super().__init__({
            "a": In(interval_shape(a)),
            "b": In(interval_shape(b)),
            **({"load": In(1)} if holds else {}),
            "product": Out(interval_shape(a.times(b))),
        })
        self._load: Value | None = self.load if holds else None

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
        m.d.sync += [first.eq(a), second.eq(self._loaded(b, second)), product.eq(first * second)]
        return product

    def _loaded(self, b: Value, before: Value) -> Value:
        """What the register of ``b`` takes, and has now."""
        return b if self._load is None else Mux(self._load, b, before)

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
    """Product in LUTs, for a device that has too few multipliers: adders, a row for each bit.

    The second factor is cut into about as many pieces as each has bits, so that rows of a piece,
    and then pieces, are added by few adders in a row: two where it has 8 or 9 bits. Tools infer no
    multiplier of it.
    """

    adder: ClassVar[type[SelectAdder]] = SelectAdder

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        a = Signal.like(self.a, name="a_row", reset_less=True)
        b = Signal.like(self.b, name="b_row", reset_less=True)
        m.d.sync += [a.eq(self.a), b.eq(self._loaded(self.b, b))]
        total: Value = Const(0)
        bits = isqrt(len(b) - 1) + 1
        for start in range(0, len(b), bits):
            rows = self._rows(m, f"rows_{start}", a, _piece(b, start, min(start + bits, len(b))))
            piece = Signal(rows.shape(), name=f"piece_{start}", reset_less=True)
            m.d.sync += piece.eq(rows)
            total = total + (piece << start) if start else piece
        product = Signal(self.product.shape(), name="sum", reset_less=True)
        m.d.sync += product.eq(total)
        m.d.comb += self.product.eq(product)
        return m

    def _rows(self, m: Module, name: str, a: Signal, piece: Value) -> Value:
        """The product with a few bits, the last of which may be a sign."""
        low: list[Value] = []
        total: Value = Const(0, a.shape())
        for at, bit in enumerate(piece):
            if at == len(piece) - 1 and piece.shape().signed:
                total = total - Mux(bit, a, 0)
            elif at == 0:
                total = Mux(bit, a, 0)
            else:
                shape = Shape(len(a) + 1, signed=a.shape().signed)
                m.submodules[f"{name}_{at}"] = adder = self.adder(shape, shape)
                m.d.comb += [adder.select.eq(bit), adder.a.eq(a), adder.c.eq(total)]
                total = adder.o
            if at < len(piece) - 1:
                low.append(total[0])
                total = total >> 1
        found = Cat(*low, total)
        return found.as_signed() if total.shape().signed else found


def _piece(factor: Signal, start: int, end: int) -> Value:
    """Some bits of a factor, with its sign where they are its highest."""
    piece = factor[start:end]
    return piece.as_signed() if factor.shape().signed and end == len(factor) else piece
