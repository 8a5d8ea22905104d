"""Which of two numbers is less."""

from typing import Any

from amaranth import *
from amaranth.hdl import ShapeLike
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


__all__ = ["Less"]


class Less(wiring.Component):
    """``a < b``, combinational, as any vendor's tools infer it.

    A device whose adders can compare in fewer LUTs has its own: see :mod:`.devices`.

    Parameters
    ----------
    shape : :ref:`shape-like <lang-shapelike>`
        Of ``a`` and ``b``.

    Members
    -------
    a, b : :py:`In(shape)`
        Numbers.
    o : :py:`Out(1)`
        Whether ``a`` is less, in the same cycle.
    """

    a: Signal
    b: Signal
    o: Signal

    def __init__(self, shape: ShapeLike) -> None:
        super().__init__({"a": In(shape), "b": In(shape), "o": Out(1)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.d.comb += self.o.eq(self.a < self.b)
        return m
