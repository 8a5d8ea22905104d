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

    Latency is one cycle from an input beat to its push; throughput is one push a cycle. Every
    decision is between registers that were compared a cycle before: a counter compared in the cycle
    that uses it held an ECP5 (speed grade 6, yosys 0.70, nextpnr 0.11) at 205 MHz.

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
        beats = geometry.columns.input_beats
        last_column = geometry.row_pushes - 1
        last_row = geometry.rows.input_beats - 1
        forced_rows = geometry.added_rows - geometry.yielding_rows

        # Where the next push goes: between frames, inside a frame, or else in an added row.
        between = Signal(init=1)
        inside = Signal()
        # What the next push waits for: input can be taken; a push can be made without input.
        takes = Signal(init=1)
        forces = Signal()

        # Column and row, and what they are compared with, each a register of its own: a comparison
        # behind a counter would bound the clock. The counters have no reset but their wrap.
        column = Signal(bits_for(last_column), reset_less=True)
        starts = Signal(init=1)
        within = Signal(init=1)
        row_end = Signal(init=beats == 1)
        ends = Signal()
        row = Signal(bits_for(last_row), reset_less=True)
        row_is_last = Signal(init=last_row == 0)
        next_row_is_last = Signal()
        # Added rows not yet begun, and blank pushes not yet made.
        owed_rows = Signal(bits_for(geometry.added_rows))
        owes_rows = Signal()
        more_forced = Signal()
        owed_pushes = Signal(bits_for(geometry.drain_pushes))

        arrives = Signal()
        step = Signal()
        drains = Signal()
        m.d.comb += [
            arrives.eq(self.i.valid & self.i.payload.first),
            step.eq(self.room & (forces | (self.i.valid & (self.i.payload.first | ~between)))),
            drains.eq(between & ~arrives & ~owes_rows),
            self.i.ready.eq(self.room & takes),
        ]

        # Along a row.
        with m.If(ResetSignal() | (step & (ends | drains))):
            m.d.sync += column.eq(0)
        with m.Elif(step):
            m.d.sync += column.eq(column + 1)
        with m.If(step & ~drains):
            m.d.sync += [
                starts.eq(ends),
                ends.eq(column == last_column - 1),
                within.eq(ends | (within & ~row_end)),
                row_end.eq((column == beats - 2) & ~ends if beats > 1 else ends),
            ]

        # From row to row. A row has two pushes or more, so what is set as a row starts can be
        # compared with before it ends.
        m.d.sync += [
            next_row_is_last.eq(row == last_row - 1),
            owes_rows.eq(owed_rows != 0),
            more_forced.eq(owed_rows > geometry.yielding_rows),
        ]
        frame_ends = Signal()
        m.d.comb += frame_ends.eq(inside & step & ends & row_is_last)
        with m.If(ResetSignal() | frame_ends):
            m.d.sync += row.eq(0)
        with m.Elif(inside & step & ends):
            m.d.sync += row.eq(row + 1)
        with m.If(inside & step & ends):
            m.d.sync += row_is_last.eq(Mux(row_is_last, last_row == 0, next_row_is_last))

        with m.If(step):
            with m.If(between):
                with m.If(arrives):
                    m.d.sync += [
                        between.eq(0), inside.eq(1),
                        takes.eq(beats > 1), forces.eq(beats == 1),
                    ]
                with m.Elif(owes_rows):
                    m.d.sync += [between.eq(0), takes.eq(0), owed_rows.eq(owed_rows - 1)]
                with m.Else():
                    m.d.sync += [
                        owed_pushes.eq(owed_pushes - 1),
                        forces.eq(owed_pushes != 1),
                    ]
            with m.Elif(~ends):
                m.d.sync += [
                    takes.eq(inside & within & ~row_end),
                    forces.eq(~(inside & within & ~row_end)),
                ]
            with m.Else():
                m.d.sync += owed_pushes.eq(geometry.drain_pushes)
                with m.If(inside & ~row_is_last):
                    m.d.sync += [takes.eq(1), forces.eq(0)]
                with m.Elif(inside):
                    m.d.sync += [
                        inside.eq(0),
                        between.eq(forced_rows == 0),
                        takes.eq(forced_rows == 0),
                        forces.eq(geometry.added_rows + geometry.drain_pushes > 0),
                        owed_rows.eq(geometry.added_rows - (forced_rows > 0)),
                        owes_rows.eq(geometry.added_rows > 0),
                    ]
                with m.Elif(more_forced):
                    m.d.sync += owed_rows.eq(owed_rows - 1)
                with m.Else():
                    m.d.sync += [
                        between.eq(1), takes.eq(1),
                        forces.eq(owes_rows | (geometry.drain_pushes > 0)),
                    ]

        m.d.sync += [
            self.o.valid.eq(step),
            self.o.beat.eq(self.i.payload.samples.as_value()),
            self.o.address.eq(column),
            self.o.stored.eq(within & ~drains),
            self.o.row_start.eq(starts & ~drains),
            self.o.row_end.eq(row_end & ~drains),
            self.o.frame_start.eq(between & arrives),
            self.o.frame_end.eq(row_is_last & (inside | (between & arrives))),
        ]
        return m
