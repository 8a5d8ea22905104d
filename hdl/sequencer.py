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

    Latency is one cycle from an input beat to its push; throughput is one push a cycle. Decisions
    are taken between single-bit registers: a counter that is compared in the cycle that needs the
    result would bound the clock.

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

    shortest_row = 5
    """Least number of pushes in a row: what is decided at its end takes that long to work out."""

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
        beats = geometry.columns.input_beats
        last_column = geometry.row_pushes - 1
        last_row = geometry.rows.input_beats - 1
        forced_rows = geometry.added_rows - geometry.yielding_rows

        # Where the next push goes: between frames, inside a frame, or else in an added row.
        between = Signal(init=1)
        inside = Signal()
        # What it waits for: input can be taken; a push can be made without input.
        takes = Signal(init=1)
        forces = Signal()
        # Along the row: the push is its first, the last in its width, its very last.
        starts = Signal(init=1)
        row_end = Signal(init=beats == 1)
        ends = Signal()
        # From row to row: the row is the frame's last; what is still owed after it.
        row_is_last = Signal(init=last_row == 0)
        owes_rows = Signal()
        owed_pushes = Signal(max(geometry.drain_pushes, 1))

        arrives = Signal()
        drains = Signal()
        step = Signal()
        m.d.comb += [
            arrives.eq(self.i.valid & self.i.payload.first),
            drains.eq(between & ~arrives & ~owes_rows),
            step.eq(self.room & (forces | (self.i.valid & (self.i.payload.first | ~between)))),
            self.i.ready.eq(self.room & takes),
        ]

        # The counters' only reset is their wrap; what they are compared with is a register.
        column = Signal(bits_for(last_column), reset_less=True)
        following = column + 1
        with m.If(ResetSignal() | (step & ends)):
            m.d.sync += column.eq(0)
        with m.Elif(step):
            m.d.sync += column.eq(Cat(~column[0] & ~drains, following[1 : len(column)]))
        with m.If(step):
            m.d.sync += [
                starts.eq(ends | drains),
                ends.eq(column == last_column - 1),
                row_end.eq(
                    (column == beats - 2) & ~drains if beats > 1 else ends | drains),
            ]

        # What comes after the row. It is known before the row ends, since a row has at least
        # `shortest_row` pushes.
        row = Signal(bits_for(last_row), reset_less=True)
        owed_rows = Signal(bits_for(geometry.added_rows))
        next_row_is_last = Signal()
        more_forced = Signal()
        then_between = Signal()
        then_inside = Signal()
        then_takes = Signal()
        then_forces = Signal()
        owes_anything = geometry.added_rows + geometry.drain_pushes > 0
        m.d.sync += [
            next_row_is_last.eq(row == last_row - 1),
            owes_rows.eq(owed_rows != 0),
            more_forced.eq(owed_rows > geometry.yielding_rows),
            then_inside.eq(inside & ~row_is_last),
            then_between.eq(Mux(inside, row_is_last & (forced_rows == 0), ~more_forced)),
            then_takes.eq(Mux(inside, ~row_is_last | (forced_rows == 0), ~more_forced)),
            then_forces.eq(Mux(inside, row_is_last & owes_anything,
                               owes_rows | (geometry.drain_pushes > 0))),
        ]
        input_row_ends = Signal()
        frame_ends = Signal()
        m.d.comb += [
            input_row_ends.eq(step & ends & inside),
            frame_ends.eq(input_row_ends & row_is_last),
        ]
        with m.If(input_row_ends):
            m.d.sync += row_is_last.eq(Mux(row_is_last, last_row == 0, next_row_is_last))
        # The row counter follows a cycle later.
        row_ended = Signal()
        frame_ended = Signal()
        m.d.sync += [
            row_ended.eq(input_row_ends),
            frame_ended.eq(frame_ends),
        ]
        with m.If(ResetSignal() | frame_ended):
            m.d.sync += row.eq(0)
        with m.Elif(row_ended):
            m.d.sync += row.eq(row + 1)

        added = Signal()
        m.d.comb += added.eq(Mux(between, ~arrives & owes_rows, ends & more_forced))
        with m.If(frame_ends):
            m.d.sync += [
                owed_rows.eq(geometry.added_rows - (forced_rows > 0)),
                owes_rows.eq(geometry.added_rows > 0),
            ]
        with m.Elif(step & ~inside & added):
            m.d.sync += owed_rows.eq(owed_rows - 1)

        with m.If(step):
            with m.If(between):
                m.d.sync += [
                    between.eq(drains),
                    inside.eq(arrives),
                    takes.eq(Mux(arrives, beats > 1, ~owes_rows)),
                    forces.eq(Mux(arrives, beats == 1, owes_rows | owed_pushes[1:].any())),
                    owed_pushes.eq(owed_pushes >> 1),
                ]
            with m.Elif(ends):
                m.d.sync += [
                    between.eq(then_between),
                    inside.eq(then_inside),
                    takes.eq(then_takes),
                    forces.eq(then_forces),
                    owed_pushes.eq((1 << geometry.drain_pushes) - 1),
                ]
            with m.Elif(row_end):
                m.d.sync += [takes.eq(0), forces.eq(1)]

        # The push. Without `valid` the rest means nothing.
        beat = Signal(self.o.beat.shape(), reset_less=True)
        address = Signal.like(column, reset_less=True)
        within = Signal(init=1)
        with m.If(step):
            m.d.sync += within.eq(ends | drains | (within & ~row_end))
        m.d.comb += [self.o.beat.eq(beat), self.o.address.eq(address)]
        m.d.sync += [
            self.o.valid.eq(step),
            beat.eq(self.i.payload.samples.as_value()),
            address.eq(column),
            self.o.stored.eq(within & ~drains),
            self.o.row_start.eq(starts & ~drains),
            self.o.row_end.eq(row_end & ~drains),
            self.o.frame_start.eq(between & arrives),
            self.o.frame_end.eq(row_is_last & (inside | (between & arrives))),
        ]
        return m
