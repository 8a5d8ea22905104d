"""The square root of a value, digit by digit."""

from math import isqrt

from amaranth import *

from ...model.interval import Interval
from ...model.nodes import Root
from ..delay import delayed
from .select_adder import SelectAdder


__all__ = ["rooted"]


def rooted(
    m: Module, node: Root, value: Value, interval: Interval, select_adder: type[SelectAdder]
) -> Value:
    """The value of a :class:`~windrow.model.nodes.Root` node, its cycles later.

    Each digit takes two bits of the value, from the highest, behind what remains, and adds or
    subtracts the square's increase: with the root ``S`` so far ``4 S + 3`` where less than nothing
    remains, else ``-(4 S + 1)``. These are ``(S ^ mask) << 2 | 3``, so that a digit is one adder.
    The nearest root has a digit more, behind the point, and half a unit added to it.

    Source: Y. Li and W. Chu, "A New Non-Restoring Square Root Algorithm and Its VLSI
    Implementations", ICCD 1996.
    """
    digits = node.digits(interval)
    count = digits + node.nearest
    rest: Value = Cat(value[:interval.bits], Const(0, 2 * digits - interval.bits))
    if node.nearest:
        rest = Cat(Const(0, 2), rest)
    # The first two digits are LUTs of four bits. What remains is in two's complement.
    first = min(count, 2)
    remains = Signal(first + 2, name="remains", reset_less=True)
    with m.Switch(rest[-2 * first:]):
        for square in range(1 << 2 * first):
            with m.Case(square):
                odd = isqrt(square) | 1
                m.d.sync += remains.eq(square - odd * odd)
    root: Value = Const(0, 0)
    inverse: Value = Const(0, 0)
    if first == 2:
        high = Signal(name="high", reset_less=True)
        m.d.sync += high.eq(rest[-2:].any())
        root, inverse = high, ~high
    root, inverse = Cat(~remains[-1], root), Cat(remains[-1], inverse)
    rest = _later(m, rest[:-2 * first], "rest")
    for digit in range(2, count):
        adder = select_adder(unsigned(digit + 3), unsigned(digit + 3))
        m.submodules += adder
        m.d.comb += [
            adder.select.eq(remains[-1]),
            adder.a.eq(Cat(Const(3, 2), root, Const(0, 1))),
            adder.b.eq(Cat(Const(3, 2), inverse, Const(1, 1))),
            adder.c.eq(Cat(rest[-2:], remains)),
        ]
        remains = Signal(digit + 3, name="remains", reset_less=True)
        m.d.sync += remains.eq(adder.o)
        root, inverse, rest = (_later(m, root, "root"), _later(m, inverse, "inverse"),
                               _later(m, rest[:-2], "rest"))
        root, inverse = Cat(~remains[-1], root), Cat(remains[-1], inverse)
    return _later(m, root[1:] + root[0], "nearest") if node.nearest else root


def _later(m: Module, value: Value, name: str) -> Value:
    return delayed(m, value, 1, name=name, reset_less=True) if len(value) else value
