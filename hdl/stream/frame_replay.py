"""A frame held in memory, and given again with rows and columns of its other side around it."""

from typing import Any

from amaranth import *
from amaranth.lib import memory, stream, wiring
from amaranth.lib.wiring import In, Out

from ...model.format import Format as FrameFormat
from ...model.sides import Sides
from ..beat import PixelBeat


__all__ = ["FrameReplay"]


class FrameReplay(wiring.Component):
    """Holds two frames: one comes in while the one before goes out, beat by beat.

    Nothing is lost under any pattern of stalls; once valid, the output is held until it is taken.

    Parameters
    ----------
    source : :class:`~windrow.model.format.Format`
        What comes in, one pixel a clock.
    pads : :class:`~windrow.model.sides.Sides` of :class:`int`
        Rows and columns around it: each less than the frame has.

    Members
    -------
    i, o : streams of :class:`~.beat.PixelBeat`
        Frames in and out.
    """

    i: stream.Interface
    o: stream.Interface

    latency = 3
    """Cycles from a frame's last beat to its first output beat."""

    def __init__(self, source: FrameFormat, pads: Sides[int]) -> None:
        self._source = source
        self._pads = pads
        beat = PixelBeat(source.sample, source.samples_per_beat)
        super().__init__({"i": In(stream.Signature(beat)), "o": Out(stream.Signature(beat))})

    @property
    def depth(self) -> int:
        """Beats that it holds."""
        return 2 * self._source.width * self._source.height

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        width, height, pads = self._source.width, self._source.height, self._pads
        size = width * height
        storage: memory.Memory = memory.Memory(
            shape=unsigned(self._source.beat_bits), depth=2 * size, init=[])
        m.submodules.storage = storage
        write = storage.write_port()
        read = storage.read_port()

        waits = Signal(2)  # each half holds a frame
        done = Signal(2)
        fills = Signal()  # the half that comes in
        shows = Signal()  # the half that goes out
        put = Signal()
        ends = Signal()
        count = Signal(range(size))
        place = Signal(range(2 * size))
        m.d.comb += [
            self.i.ready.eq(~waits.bit_select(fills, 1)),
            put.eq(self.i.valid & self.i.ready),
            ends.eq(put & (count == size - 1)),
            write.addr.eq(place),
            write.data.eq(Value.cast(self.i.payload.samples)),
            write.en.eq(put),
        ]
        with m.If(put):
            m.d.sync += [
                count.eq(Mux(ends, 0, count + 1)),
                place.eq(Mux(ends & fills, 0, place + 1)),
                fills.eq(fills ^ ends),
            ]
        m.d.sync += waits.eq((waits | (ends << fills)) & ~done)

        # What goes out: a row begins so many columns before its end, the frame so many rows.
        first_column = (width - pads.left) % width
        first_row = (height - pads.top) % height * width
        columns, rows = width + pads.left + pads.right, height + pads.top + pads.bottom
        column = Signal(range(columns))
        row = Signal(range(rows))
        along = Signal(range(width), init=first_column)
        line = Signal(range(size), init=first_row)  # where the row begins in its half
        moves = Signal()
        stays = Signal()
        taken = Signal()
        row_ends = Signal()
        frame_ends = Signal()
        m.d.comb += [
            taken.eq(waits.bit_select(shows, 1) & stays),
            row_ends.eq(column == columns - 1),
            frame_ends.eq(row_ends & (row == rows - 1)),
            done.eq((taken & frame_ends) << shows),
            read.addr.eq(Mux(shows, size, 0) + line + along),
            read.en.eq(stays),
        ]
        with m.If(taken):
            m.d.sync += [
                column.eq(Mux(row_ends, 0, column + 1)),
                along.eq(Mux(row_ends, first_column, Mux(along == width - 1, 0, along + 1))),
            ]
            with m.If(row_ends):
                m.d.sync += [
                    row.eq(Mux(frame_ends, 0, row + 1)),
                    line.eq(Mux(frame_ends, first_row,
                                Mux(line == size - width, 0, line + width))),
                    shows.eq(shows ^ frame_ends),
                ]
        held = Signal()
        place_held = Signal(2)
        m.d.comb += [
            moves.eq(~self.o.valid | self.o.ready),
            stays.eq(~held | moves),
        ]
        with m.If(stays):
            m.d.sync += [held.eq(taken), place_held.eq(Cat((column == 0) & (row == 0), row_ends))]
        with m.If(moves):
            m.d.sync += [
                self.o.valid.eq(held),
                Value.cast(self.o.payload.samples).eq(read.data),
                Cat(self.o.payload.first, self.o.payload.last).eq(place_held),
            ]
        return m
