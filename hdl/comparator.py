"""Which of two numbers is less."""

from typing import Any

from amaranth import *
from amaranth.hdl import ShapeLike
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


__all__ = ["Comparator"]


class Comparator(wiring.Component):
    """``(a < b) & ~inhibit``, combinational, as any vendor's tools infer it.

    A device whose carry chains are dear to enter and to leave has its own: see :mod:`.devices`.

    Parameters
    ----------
    shape : :ref:`shape-like <lang-shapelike>`
        Of ``a`` and ``b``.

    Members
    -------
    a, b : :py:`In(shape)`
        What is compared.
    inhibit : :py:`In(1)`
        The answer is no.
    o : :py:`Out(1)`
        The answer, in the same cycle.
    """

    a: Signal
    b: Signal
    inhibit: Signal
    o: Signal

    def __init__(self, shape: ShapeLike) -> None:
        super().__init__({"a": In(shape), "b": In(shape), "inhibit": In(1), "o": Out(1)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.d.comb += self.o.eq((self.a < self.b) & ~self.inhibit)
        return m
