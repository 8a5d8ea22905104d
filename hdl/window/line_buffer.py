"""The rows above: one memory that holds the last few lines."""

from typing import Any

from amaranth import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ..delay import delayed
from ..framing.push import Push, beat_shape
from ..geometry import Geometry
from .line_memory import LineMemory


__all__ = ["LineBuffer"]


class LineBuffer(wiring.Component):
    """Gives each pushed beat together with the beats above it in the rows before.

    All lines share one memory, a word for each beat of a row and ``depth`` beats wide. The word is
    read at the beat's address, and written back with the new beat at its head and the oldest one
    dropped: one address, and no multiplexer to find a line's place.

    Latency is :attr:`latency` cycles, throughput is one beat a cycle.

    Parameters
    ----------
    geometry : :class:`~.geometry.Geometry`
        The frame.
    memory : class
        The device's :class:`~.line_memory.LineMemory`.
    depth : :class:`int`, optional
        How many rows above are wanted: those that the geometry's window needs, unless given.

    Members
    -------
    i : :py:`In(Push)`
        Pushes.
    o : :py:`Out(ArrayLayout(beat, depth + 1))`
        The beat pushed :attr:`latency` cycles ago and the beats above it; element ``d`` is ``d``
        rows above. What was never written means nothing.
    o_push : :py:`Out(Push)`
        That push.
    """

    i: Any
    o: Any
    o_push: Any

    def __init__(
        self, geometry: Geometry, memory: type[LineMemory] = LineMemory, depth: int | None = None
    ) -> None:
        self._memory = memory
        self._depth = geometry.rows.depth if depth is None else depth
        self._beats = geometry.line_beats
        self._resizes = geometry.adjustable
        self._beat = beat_shape(geometry)
        super().__init__({
            "i": In(Push(geometry)),
            "o": Out(data.ArrayLayout(self._beat, self._depth + 1)),
            "o_push": Out(Push(geometry)),
        })

    @property
    def latency(self) -> int:
        """Cycles from a push to its column."""
        return self._memory.read_latency

    def elaborate(self, platform: Any) -> Module:
        m = Module()

        push = delayed(m, self.i, self.latency, name="push", reset_less=True)
        valid = delayed(m, self.i.valid, self.latency, name="valid")
        m.d.comb += [
            self.o_push.eq(push),
            self.o_push.valid.eq(valid),
            self.o[0].eq(push.beat),
        ]

        if self._depth > 0:
            m.submodules.memory = memory = self._memory(
                data.ArrayLayout(self._beat, self._depth), self._beats, shorter=self._resizes)
            m.d.comb += [
                memory.read_enable.eq(self.i.valid & self.i.stored),
                memory.read_address.eq(self.i.address),
                memory.read_last.eq(self.i.row_end),
                memory.write_enable.eq(
                    delayed(m, self.i.valid & self.i.stored, self.latency, name="writes")),
                memory.write_address.eq(push.address),
                memory.write_last.eq(push.row_end),
            ]
            for line in range(self._depth):
                m.d.comb += [
                    self.o[line + 1].eq(memory.read_data[line]),
                    memory.write_data[line].eq(self.o[line]),
                ]
        return m
