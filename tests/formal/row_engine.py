"""A layer of a network as far as its rows go: what it waits for, and what it lets go."""

from typing import Any

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from windrow.model.network.row_reads import RowReads


__all__ = ["RowEngine"]


class RowEngine(wiring.Component):
    """Keeps rows of ``width`` beats, and makes rows of as many, whenever it likes.

    A row begins when those that it reads are whole, and frees rows when its last beat is taken,
    which is later than in hardware. Between its beats any time may pass.

    Parameters
    ----------
    reads : :class:`~windrow.model.network.row_reads.RowReads`
        What it reads and frees.
    room : :class:`int`
        Rows that it keeps.
    width : :class:`int`
        Beats of a row.

    Members
    -------
    i, o : streams
        Beats.
    goes : :py:`In(1)`
        It has a beat, where it may have one.
    """

    i: Any
    o: Any
    goes: Signal

    def __init__(self, reads: RowReads, room: int, width: int) -> None:
        self._reads, self._room, self._width = reads, room, width
        beat = stream.Signature(unsigned(1))
        super().__init__({"i": In(beat), "o": Out(beat), "goes": In(1)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        reads, width = self._reads, self._width
        count = len(reads.last)
        kept = Signal(range(self._room + 1))
        beat_in, beat_out = Signal(range(width + 1)), Signal(range(width + 1))
        row = Signal(range(count))
        written, ends = Signal(), Signal()
        takes, gives = self.i.valid & self.i.ready, self.o.valid & self.o.ready
        before = (0, *reads.free[:-1])
        needed = Array(last + 1 - free for last, free in zip(reads.last, before, strict=True))
        freed = Array(free - past for free, past in zip(reads.free, before, strict=True))
        waits = Signal()
        m.d.comb += [
            self.i.ready.eq(kept != self._room),
            written.eq(takes & (beat_in == width - 1)),
            self.o.valid.eq(waits | ((kept >= needed[row]) & self.goes)),
            ends.eq(gives & (beat_out == width - 1)),
        ]
        m.d.sync += [
            waits.eq(self.o.valid & ~self.o.ready),
            kept.eq(kept + written - Mux(ends, freed[row], 0)),
        ]
        with m.If(takes):
            m.d.sync += beat_in.eq(Mux(written, 0, beat_in + 1))
        with m.If(gives):
            m.d.sync += beat_out.eq(Mux(ends, 0, beat_out + 1))
        with m.If(ends):
            m.d.sync += row.eq(Mux(row == count - 1, 0, row + 1))
        return m
