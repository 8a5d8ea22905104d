"""A queue of many beats."""

from typing import Any

from amaranth import *
from amaranth.hdl import ShapeLike
from amaranth.lib import stream, wiring
from amaranth.lib.fifo import SyncFIFOBuffered
from amaranth.lib.wiring import In, Out


__all__ = ["DeepQueue"]


class DeepQueue(wiring.Component):
    """Beats wait in block RAM, and behind it in a register: it leaves no time for more.

    Latency is :attr:`latency` cycles while it is empty; throughput is one beat a cycle.

    Parameters
    ----------
    shape : :ref:`shape-like <lang-shapelike>`
        A beat.
    depth : :class:`int`
        Beats that it holds at least.

    Members
    -------
    i, o : streams of ``shape``
        The same beats in the same order. Once valid, the output is held until it is taken.
    """

    i: stream.Interface
    o: stream.Interface

    latency = 3
    """Cycles from a beat at ``i`` to the same at ``o``."""

    def __init__(self, shape: ShapeLike, depth: int) -> None:
        self._fifo = SyncFIFOBuffered(width=Shape.cast(shape).width, depth=depth)
        super().__init__({
            "i": In(stream.Signature(shape)),
            "o": Out(stream.Signature(shape)),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.fifo = fifo = self._fifo
        word = Signal(len(fifo.r_data), reset_less=True)
        m.d.comb += [
            fifo.w_data.eq(Value.cast(self.i.payload)),
            fifo.w_en.eq(self.i.valid),
            self.i.ready.eq(fifo.w_rdy),
            Value.cast(self.o.payload).eq(word),
            fifo.r_en.eq(~self.o.valid | self.o.ready),
        ]
        with m.If(fifo.r_en):
            m.d.sync += [word.eq(fifo.r_data), self.o.valid.eq(fifo.r_rdy)]
        return m
