"""An adder that chooses one of its summands."""

from typing import Any

from amaranth import *
from amaranth.hdl import ShapeLike
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


__all__ = ["SelectAdder"]


class SelectAdder(wiring.Component):
    """``(a if select else b) + c``, combinational, as any vendor's tools infer it.

    A device whose adders have inputs to spare has its own: see :mod:`.devices`.

    Parameters
    ----------
    shape : :ref:`shape-like <lang-shapelike>`
        Of ``a``, ``b`` and ``o``, which wraps around.
    addend : :ref:`shape-like <lang-shapelike>`
        Of ``c``.

    Members
    -------
    select : :py:`In(1)`
        Chooses ``a``.
    a, b : :py:`In(shape)`
        Summands of which one counts.
    c : :py:`In(addend)`
        The other summand.
    o : :py:`Out(shape)`
        The sum, in the same cycle.
    """

    select: Signal
    a: Signal
    b: Signal
    c: Signal
    o: Signal

    def __init__(self, shape: ShapeLike, addend: ShapeLike) -> None:
        super().__init__({
            "select": In(1),
            "a": In(shape),
            "b": In(shape),
            "c": In(addend),
            "o": Out(shape),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.d.comb += self.o.eq(Mux(self.select, self.a, self.b) + self.c)
        return m
