"""The order of things: which beat moves the window next."""

from typing import Any

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import bits_for

from .delay import delayed
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

    Latency is two cycles from an input beat to its push; throughput is one push a cycle, or one in
    ``clocks_per_pixel`` cycles. Decisions
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

    shortest_row = 6
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
        return 2

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        geometry = self._geometry
        beats = geometry.columns.input_beats
        pushes = geometry.row_pushes
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
        may_step = Signal()
        m.d.comb += [
            arrives.eq(self.i.valid & self.i.payload.first),
            drains.eq(between & ~arrives & ~owes_rows),
            may_step.eq(self.room & self._rested(m, step)),
            step.eq(may_step & (forces | (self.i.valid & (self.i.payload.first | ~between)))),
            self.i.ready.eq(may_step & takes),
        ]

        # The push as it was decided on. The counter that gives it its address follows a cycle
        # later, so that no decision waits for it; its only reset is the start of a row.
        decided = Signal()
        restarts = Signal(init=1)
        address = Signal(bits_for(pushes - 1), reset_less=True)
        m.d.sync += [decided.eq(step), restarts.eq(step & starts)]
        with m.If(restarts):
            m.d.sync += address.eq(0)
        with m.Elif(decided):
            m.d.sync += address.eq(address + 1)

        # The first few places along a row.
        places = [starts & ~drains]
        for number in range(1, self.shortest_row - 1):
            place = Signal(name=f"place_{number}")
            with m.If(step):
                m.d.sync += place.eq(places[-1])
            places.append(place)

        def reaches(count: int) -> Value:
            """True while ``count`` pushes of the row have been decided on."""
            if count < len(places):
                return places[count]
            # The address is that of the push before the last one where that was decided on just
            # now, else that of the last. It is compared early, four bits in a flag: no carry chain
            # and no second LUT. The flags go on with it.
            parts = []
            for low in range(0, len(address), 4):
                part = Signal(name=f"nearly_{count}_{low}")
                digit = address[low : low + 4]
                with m.If(decided):
                    m.d.sync += part.eq(digit == (count - 4 >> low) % (1 << len(digit)))
                parts.append(part)
            nearly = Cat(parts).all()
            just = Signal(name=f"just_{count}")
            with m.If(decided):
                m.d.sync += just.eq(nearly)
            there = Signal(name=f"place_{count}")
            with m.If(step):
                m.d.sync += there.eq(Mux(decided, nearly, just))
            return there

        before_end = reaches(pushes - 2)
        if beats == pushes:
            before_row_end = before_end
        else:
            before_row_end = reaches(beats - 2) if beats > 1 else ends
        within = Signal(init=1)
        with m.If(step):
            m.d.sync += [
                starts.eq(ends | drains),
                ends.eq(before_end),
                row_end.eq(before_row_end if beats > 1 else ends | drains),
                within.eq(ends | drains | (within & ~row_end)),
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

        # So does the count of rows that are still owed.
        row_added = Signal()
        m.d.sync += row_added.eq(step & Mux(
            between, ~arrives & owes_rows, ends & ~inside & more_forced))
        with m.If(frame_ends):
            m.d.sync += owes_rows.eq(geometry.added_rows > 0)
        with m.If(frame_ended):
            m.d.sync += [
                owed_rows.eq(geometry.added_rows - (forced_rows > 0)),
                owes_rows.eq(geometry.added_rows > 0),
            ]
        with m.Elif(row_added):
            m.d.sync += owed_rows.eq(owed_rows - 1)

        # The state after the next push: in a row it is known a push ahead, between frames it is up
        # to the input.
        state = Cat(between, inside, takes, forces)
        after_row = Cat(then_between, then_inside, then_takes, then_forces)
        upcoming = Signal(4)
        following = Signal(4)
        m.d.comb += following.eq(Mux(between, Cat(
            drains,
            arrives,
            Mux(arrives, beats > 1, ~owes_rows),
            Mux(arrives, beats == 1, owes_rows | owed_pushes[1:].any()),
        ), upcoming))
        with m.If(step):
            m.d.sync += [
                state.eq(following),
                upcoming.eq(Mux(before_end, after_row, Mux(
                    before_row_end, Cat(following[:2], Const(0b10, 2)), following))),
            ]
        with m.If(step & ends):
            m.d.sync += owed_pushes.eq((1 << geometry.drain_pushes) - 1)
        with m.Elif(step & between):
            m.d.sync += owed_pushes.eq(owed_pushes >> 1)

        # The push: first as it was decided on, then with its address. Without `valid` the rest
        # means nothing.
        beat = Signal(self.o.beat.shape(), reset_less=True)
        m.d.sync += [
            beat.eq(self.i.payload.samples.as_value()),
            self.o.valid.eq(decided),
        ]
        m.d.comb += [
            self.o.beat.eq(delayed(m, beat, 1, name="push_beat", reset_less=True)),
            self.o.address.eq(address),
        ]
        flags = Cat(
            within & ~drains,
            starts & ~drains,
            row_end & ~drains,
            between & arrives,
            row_is_last & (inside | (between & arrives)),
        )
        m.d.comb += Cat(
            self.o.stored, self.o.row_start, self.o.row_end, self.o.frame_start, self.o.frame_end
        ).eq(delayed(m, flags, self.latency, name="flags", reset_less=True))
        return m

    def _rested(self, m: Module, step: Value) -> Value:
        """True while the last push is at least ``clocks_per_pixel`` cycles old."""
        clocks = self._geometry.filter.clocks_per_pixel
        if clocks == 1:
            return Const(1)
        rested = Signal(init=1)
        left = Signal(range(max(clocks - 1, 2)))
        with m.If(step):
            m.d.sync += [rested.eq(0), left.eq(clocks - 2)]
        with m.Else():
            m.d.sync += rested.eq(left == 0)
            with m.If(left != 0):
                m.d.sync += left.eq(left - 1)
        return rested
