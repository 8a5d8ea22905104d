"""The order of things: which beat moves the window next."""

from typing import Any

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import bits_for

from .geometry import Geometry
from .layout import PixelBeat, Push


__all__ = ["Sequencer"]


class Sequencer(wiring.Component):
    """Turns the input stream into pushes, and adds those that let a frame finish by itself.

    Between frames it waits for a beat that is a frame's first, and drops any other. A frame that
    has come in whole still owes output: rows below its last input row, and a few beats of the
    last row. While a next frame streams in, its beats push these out, without a bubble. While none
    does, the sequencer makes blank pushes of its own: whole rows, after each of which a next frame
    may start, then single beats, after each of which it may.

    Latency is one cycle from an input beat to its push; throughput is one push a cycle.

    Parameters
    ----------
    geometry : :class:`~.geometry.Geometry`
        The frame.

    Members
    -------
    i : stream of :class:`~.layout.PixelBeat`
        Input. ``ready`` does not depend on ``valid``.
    room : :py:`In(1)`
        A push may be made: there will be room for what it makes.
    o : :py:`Out(Push)`
        Pushes. Those that follow ``row_start`` make up a row, blank ones past its end included.
    """

    i: stream.Interface
    room: Signal
    o: Any

    def __init__(self, geometry: Geometry) -> None:
        self._geometry = geometry
        filter = geometry.filter
        super().__init__({
            "i": In(stream.Signature(
                PixelBeat(filter.pixel, filter.pixels_per_clock * filter.channels))),
            "room": In(1),
            "o": Out(Push(geometry)),
        })

    @property
    def latency(self) -> int:
        """Cycles from an input beat to its push."""
        return 1

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        geometry = self._geometry
        last_column = geometry.row_pushes - 1
        last_row = geometry.rows.input_beats - 1
        forced_rows = geometry.added_rows - geometry.yielding_rows

        # Where the next push goes: between frames, in a row of the frame, or in an added row.
        between = Signal(init=1)
        inside = Signal()
        column = Signal(bits_for(last_column))
        row = Signal(bits_for(last_row))
        owed_rows = Signal(bits_for(geometry.added_rows))
        owed_pushes = Signal(bits_for(geometry.drain_pushes))

        within_width = Signal()
        m.d.comb += within_width.eq(column < geometry.columns.input_beats)

        # What is done in this cycle. All of it waits for room.
        arrives = Signal()
        start = Signal()
        add_row = Signal()
        drain = Signal()
        in_row = Signal()
        m.d.comb += [
            arrives.eq(self.i.valid & self.i.payload.first),
            start.eq(self.room & between & arrives),
            add_row.eq(self.room & between & ~arrives & (owed_rows != 0)),
            drain.eq(self.room & between & ~arrives & (owed_rows == 0) & (owed_pushes != 0)),
            in_row.eq(self.room & ~between & (self.i.valid | ~inside | ~within_width)),
            self.i.ready.eq(self.room & (between | (inside & within_width))),
        ]

        row_push = Signal()
        row_ends = Signal()
        of_frame = Signal()
        m.d.comb += [
            row_push.eq(start | add_row | in_row),
            row_ends.eq(row_push & (column == last_column)),
            of_frame.eq(start | inside),
        ]

        with m.If(start):
            m.d.sync += [between.eq(0), inside.eq(1)]
        with m.If(add_row):
            m.d.sync += between.eq(0)
        with m.If(drain):
            m.d.sync += owed_pushes.eq(owed_pushes - 1)
        with m.If(row_push):
            m.d.sync += column.eq(column + 1)
        with m.If(row_ends):
            m.d.sync += [
                column.eq(0),
                owed_pushes.eq(geometry.drain_pushes),
            ]
            with m.If(of_frame):
                m.d.sync += row.eq(row + 1)
                with m.If(row == last_row):
                    m.d.sync += [
                        row.eq(0),
                        inside.eq(0),
                        owed_rows.eq(geometry.added_rows),
                        between.eq(forced_rows == 0),
                    ]
            with m.Else():
                m.d.sync += [
                    owed_rows.eq(owed_rows - 1),
                    between.eq(owed_rows <= geometry.yielding_rows + 1),
                ]

        m.d.sync += [
            self.o.valid.eq(row_push | drain),
            self.o.beat.eq(self.i.payload.samples.as_value()),
            self.o.address.eq(column),
            self.o.stored.eq(row_push & within_width),
            self.o.row_start.eq(row_push & (column == 0)),
            self.o.row_end.eq(row_push & (column == geometry.columns.input_beats - 1)),
            self.o.frame_start.eq(start),
            self.o.frame_end.eq(of_frame & (row == last_row)),
        ]
        return m
