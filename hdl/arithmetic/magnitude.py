"""The magnitude of a number."""

from typing import Any

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


__all__ = ["Magnitude"]


class Magnitude(wiring.Component):
    """``-i if i < 0 else i``, combinational, as any vendor's tools infer it.

    A device whose adders have inputs to spare has its own: see :mod:`.devices`.

    Parameters
    ----------
    width : :class:`int`
        Bits of ``i``, the sign included.

    Members
    -------
    i : :py:`In(signed(width))`
        A number.
    o : :py:`Out(width)`
        Its magnitude, in the same cycle.
    """

    i: Signal
    o: Signal

    def __init__(self, width: int) -> None:
        super().__init__({"i": In(signed(width)), "o": Out(width)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.d.comb += self.o.eq(Mux(self.i < 0, -self.i, self.i))
        return m
