"""A queue of beats in a block RAM, whose slow output nobody has to wait for."""

from typing import Any

from amaranth import *
from amaranth.hdl import ShapeLike
from amaranth.lib import fifo, stream, wiring
from amaranth.lib.wiring import In, Out

from ...model import InputError


__all__ = ["BeatQueue"]


class BeatQueue(wiring.Component):
    """First in, first out, with the beat whose turn it is in a register.

    A block RAM of ECP5 takes 5.8 ns to give a word (nextpnr 0.11, speed grade 6), so that what is
    decided by a beat straight out of it does not reach 80 MHz.

    Latency is :attr:`latency` cycles, throughput is a beat a cycle from a
    ``depth`` of 4 on.

    Parameters
    ----------
    shape : :ref:`shape-like <lang-shapelike>`
        A beat.
    depth : :class:`int`
        Beats that it holds, without the one whose turn it is; at least 2.

    Raises
    ------
    :exc:`InputError`
        If it is too small.

    Members
    -------
    i, o : streams of ``shape``
        In and out.
    level : :py:`Out(range(depth + 1))`
        Beats that it holds, without the one whose turn it is.
    """

    latency = 3
    """Cycles from ``i`` to ``o`` while it is empty."""

    i: stream.Interface
    o: stream.Interface
    level: Signal

    def __init__(self, shape: ShapeLike, depth: int) -> None:
        if depth < 2:
            raise InputError(f"depth must be at least 2 beats, not {depth}")
        self._shape = shape
        self._depth = depth
        super().__init__({
            "i": In(stream.Signature(shape)),
            "o": Out(stream.Signature(shape)),
            "level": Out(range(depth + 1)),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.memory = memory = fifo.SyncFIFOBuffered(
            width=Shape.cast(self._shape).width, depth=self._depth)
        moves = self.o.ready | ~self.o.valid
        m.d.comb += [
            memory.w_data.eq(Value.cast(self.i.payload)),
            memory.w_en.eq(self.i.valid),
            self.i.ready.eq(memory.w_rdy),
            self.level.eq(memory.level),
            memory.r_en.eq(moves),
        ]
        with m.If(moves):
            m.d.sync += [
                self.o.valid.eq(memory.r_rdy),
                Value.cast(self.o.payload).eq(memory.r_data),
            ]
        return m
