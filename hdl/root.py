"""The square root of a value, digit by digit."""

from amaranth import *

from ..model.interval import Interval
from ..model.nodes import Root
from .delay import delayed
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
    rest: Value = Cat(value[: min(interval.bits, 2 * digits)],
                      Const(0, max(2 * digits - interval.bits, 0)))
    if node.nearest:
        rest = Cat(Const(0, 2), rest)
    remains: Value = Const(0, 2)  # in two's complement; all roots with all remainders fit
    root: Value = Const(0, 0)
    inverse: Value = Const(0, 0)
    for digit in range(digits + node.nearest):
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
        root, inverse, rest = (
            delayed(m, each, 1, name=name, reset_less=True) if len(each) else each
            for name, each in (("root", root), ("inverse", inverse), ("rest", rest[:-2])))
        root, inverse = Cat(~remains[-1], root), Cat(remains[-1], inverse)
    if not node.nearest:
        return root
    nearest = Signal(len(root), name="nearest", reset_less=True)
    m.d.sync += nearest.eq(root[1:] + root[0])
    return nearest
