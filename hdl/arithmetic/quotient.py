"""The quotient of two values, digit by digit."""

from amaranth import *

from ...model.interval import Interval
from ...model.nodes import Quotient
from ..delay import delayed
from .select_adder import SelectAdder


__all__ = ["divided"]


def divided(
    m: Module, node: Quotient, a: Value, b: Value, ranges: list[Interval],
    select_adder: type[SelectAdder],
) -> Value:
    """The value of a :class:`~windrow.model.nodes.Quotient` node, its cycles later.

    What remains of ``a`` lies between ``-b`` and ``b``. Each digit takes the next bit of ``a``
    behind it, and adds ``b`` where less than nothing remains, else subtracts it: a digit is one
    adder, and tells by the sign before it. The sign of what remains at the end is the last digit.
    """
    digits = node.digits(*ranges)
    width = max(ranges[1].high, 1).bit_length()
    b = b[:width]
    if node.nearest:  # floor((a + b // 2) / b), but for ties
        total = Signal(Shape(max(len(a), width) + 2, signed=True), name="dividend",
                       reset_less=True)
        m.d.sync += total.eq(a + (b >> 1))
        a, b = total, delayed(m, b, 1, name="divisor", reset_less=True)
    wide = Signal(Shape(digits + width + 1, signed=True), name="wide")
    m.d.comb += wide.eq(a)
    remains: Value = wide[digits:]
    rest: Value = wide[:digits]
    signs: Value = Const(0, 0)
    for _ in range(digits):
        # The lowest bit of the adder carries the 1 of ~b + 1.
        adder = select_adder(unsigned(width + 2), unsigned(width + 2))
        m.submodules += adder
        m.d.comb += [
            adder.select.eq(remains[-1]),
            adder.a.eq(Cat(Const(0, 1), b, Const(0, 1))),
            adder.b.eq(Cat(Const(1, 1), ~b, Const(1, 1))),
            adder.c.eq(Cat(Const(1, 1), rest[-1], remains[:-1])),
        ]
        signs = delayed(m, Cat(remains[-1], signs), 1, name="signs", reset_less=True)
        b = delayed(m, b, 1, name="divisor", reset_less=True)
        if len(rest) > 1:
            rest = delayed(m, rest[:-1], 1, name="rest", reset_less=True)
        remains = Signal(width + 1, name="remains", reset_less=True)
        m.d.sync += remains.eq(adder.o[1:])
    signs = Cat(remains[-1], signs)
    # In two's complement the highest digit is the sign; it alone is not turned.
    quotient = Cat(~signs[:-1], signs[-1])
    if not node.nearest:
        return quotient.as_signed()
    left = Signal(width, name="left", reset_less=True)
    m.d.sync += left.eq(remains[:width] + Mux(remains[-1], b, 0))
    even = delayed(m, b[0], 1, name="odd_divisor", reset_less=True)
    floor = delayed(m, quotient, 1, name="quotient", reset_less=True)
    nearest = Signal(Shape(len(floor), signed=True), name="nearest", reset_less=True)
    tie = (left == 0) & ~even
    m.d.sync += nearest.eq(Cat(floor[0] & ~tie, floor[1:]))
    return nearest
