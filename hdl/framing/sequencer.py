"""The order of things: which beat moves the window next."""

from typing import Any

from amaranth import *
from amaranth.hdl import ValueLike
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import bits_for

from ..beat import PixelBeat
from ..delay import delayed
from ..geometry import Sweep
from ..ring import RING_START, ring_bits, ring_number, ring_step
from ..settings import Events, Extent
from .push import Push
from .row_size import Reach, RowSize


__all__ = ["Sequencer"]


class Sequencer(wiring.Component):
    """Turns the input stream into pushes, and adds those that let a frame finish by itself.

    Between frames it waits for a beat that is a frame's first, and drops any other. A frame that
    has come in whole still owes output: rows below its last input row, and a few beats of the
    last row. While a next frame streams in, its beats push these out, without a bubble. While none
    does, the sequencer makes blank pushes of its own: whole rows, after each of which a next frame
    may start, then single beats, after each of which it may.

    Whatever the input is, the pushes make up whole frames. What stands in for beats that do not
    come and what becomes of those that are too many is said in :mod:`windrow.model.framing`.

    Latency is two cycles from an input beat to its push; throughput is one push a cycle, or one in
    ``clocks_per_pixel`` cycles. Decisions
    are taken between single-bit registers: a counter that is compared in the cycle that needs the
    result would bound the clock.

    Parameters
    ----------
    geometry : :class:`~.geometry.Sweep`
        The frame.
    controlled : :class:`bool`
        Whether frames can be held back and dropped, although their size is fixed.

    Members
    -------
    i : stream of :class:`~.beat.PixelBeat`
        Input. ``ready`` does not depend on ``valid``. It depends on ``first``, in the same cycle:
        inside a frame such a beat waits until the frame has been finished without it.
    room : :py:`In(1)`
        A push may be made: there will be room for what it makes.
    reset_follows : :py:`In(1)`
        The next cycle ends in a reset; no beat is taken in it. There ``room`` is 0, too.
    o : :py:`Out(Push)`
        Pushes. Those that follow ``row_start`` make up a row, blank ones past its end included.
    started : :py:`Out(1)`
        A frame's first beat was taken, a cycle ago.
    events : :py:`Out(Events)`
        What happened to the input, two cycles ago. ``taken`` is always 0.

    Where it is controlled there are also the following.

    extent : :py:`In(Extent)`
        Size of the frames; only where the geometry is adjustable. It may change where ``idle`` is
        true and ``hold`` has been for two cycles, if ``hold`` stays so for :attr:`sizing_cycles`
        more.
    hold : :py:`In(1)`
        From the next cycle on no frame starts: a beat that would start one waits, and is as good as
        none.
    discard : :py:`In(1)`
        From the next cycle on no frame starts: a beat that would start one is dropped, and so is
        the rest of its frame, which is not ``stray``.
    idle : :py:`Out(1)`
        Between frames, with no push to be made.
    """

    sizing_cycles = RowSize.latency + 2
    """Cycles from a new size to the start of a frame of that size."""

    shortest_row = 6
    """Least number of pushes in a row: what is decided at its end takes that long to work out."""

    i: stream.Interface
    room: Signal
    reset_follows: Signal
    o: Any
    started: Signal
    events: Any
    extent: Any
    hold: Signal
    discard: Signal
    idle: Signal

    def __init__(self, geometry: Sweep, controlled: bool = False) -> None:
        self._geometry = geometry
        self._controlled = controlled or geometry.adjustable
        self._resizes = geometry.adjustable
        super().__init__({
            "i": In(stream.Signature(
                PixelBeat(geometry.frame.sample, geometry.frame.samples_per_beat))),
            "room": In(1),
            "reset_follows": In(1),
            "o": Out(Push(geometry)),
            "started": Out(1),
            "events": Out(Events()),
            **({"extent": In(Extent())} if self._resizes else {}),
            **({"hold": In(1), "discard": In(1), "idle": Out(1)} if self._controlled else {}),
        })

    @property
    def latency(self) -> int:
        """Cycles from an input beat to its push."""
        return 2

    @property
    def room_age(self) -> int:
        """Cycles from ``room`` to the push that it allows. One where pushes are rare: no other
        takes the room meanwhile, and the decision waits for one register instead of two."""
        return int(self._geometry.clocks_per_push > 1)

    def most_on_their_way(self, latency: int) -> int:
        """Values, at most, that come out of a pipeline of this latency, in cycles from an input
        beat, after ``room`` and the next push were decided on, that one included."""
        return -(-(latency + 1 + self.room_age) // self._geometry.clocks_per_push)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        geometry = self._geometry
        beats = geometry.columns.input_beats
        pushes = geometry.row_pushes
        last_row = geometry.rows.input_beats - 1
        # Whether the last beat of each row is its last push.
        full = beats == pushes and not self._resizes
        forced_rows = geometry.added_rows - geometry.yielding_rows
        # At least one, also where nothing is owed: then all frames end alike.
        drain_pushes = max(geometry.drain_pushes, 1)

        # Where the next push goes: between frames, inside a frame, or else in an added row.
        between = Signal(init=1)
        idle = Signal(init=1)  # between frames, and no row is owed
        inside = Signal()
        # What a push is made on: a beat that is a frame's first, or any other one; where it is made
        # on both, it is made without input. With neither, beats are dropped. Between frames
        # `on_first` is always set.
        on_first = Signal(init=1)
        on_rest = Signal()
        drops = ~on_first & ~on_rest
        # Along the row: the push is its first, the last in its width, its very last.
        starts = Signal(init=1)
        row_end = Signal(init=beats == 1)
        ends = Signal()
        # What is still owed after a frame's last input row.
        owes_rows = Signal()
        more_forced = Signal()
        # In unary. Nobody asks before a frame has set it. It begins with what is set, since an
        # ECP5's register is set to nothing else.
        owed_pushes = Signal(drain_pushes, init=(1 << drain_pushes) - 1, reset_less=True)

        valid, first, last = self.i.valid, self.i.payload.first, self.i.payload.last
        arrives = Signal()
        drains = Signal()
        step = Signal()
        decided = Signal()
        may_step = Signal()
        # Of a frame's first beat: a frame starts with it; inside a frame or held back, it waits.
        begins: Value = first
        waits: Value = first & ~between
        discards: Value = Const(0)
        if self._controlled:
            held = Signal()
            discards = Signal()
            barred = Signal()
            m.d.sync += [
                held.eq(self.hold), discards.eq(self.discard), barred.eq(self.hold | self.discard)]
            begins = first & ~barred
            waits = first & (~between | held)
            m.d.comb += self.idle.eq(between & ~on_rest)
        m.d.comb += [
            arrives.eq(valid & begins),
            drains.eq(idle & ~arrives),
            may_step.eq(self._may_push(m, step, decided)),
            step.eq(may_step & (
                on_first & on_rest | valid & Mux(first, on_first & begins, on_rest))),
            self.i.ready.eq(may_step & (between | ~on_first) & ~waits),
        ]

        # What follows from a push that was decided on follows a cycle later, so that no decision
        # waits for it: its address, and the counts of rows.
        restarts = Signal(init=1)  # the last push was a row's first: the address stays at 0
        m.d.sync += decided.eq(step)
        with m.If(step):
            m.d.sync += restarts.eq(starts)
        address = _counter(m, geometry.most_pushes - 1, decided, clear=restarts)

        # The first few places along a row.
        places = [starts & ~drains]
        for number in range(1, Reach.most_near + 1):
            place = Signal(name=f"place_{number}")
            with m.If(step):
                m.d.sync += place.eq(places[-1])
            places.append(place)

        def reaches(count: Any) -> Value:
            """True while so many pushes of the row have been decided on: a number, or a Reach."""
            near: Value = Const(0)
            if isinstance(count, int):
                if count < len(places):
                    return places[count]
                nearly = _digits_equal(m, address, count - Reach.most_near, decided)
            else:
                near = (count.near & Cat(places[:-1])).any()
                nearly = _digits_equal(
                    m, Cat(address, Const(1)), Cat(count.address, count.far), decided)
            # The address is that of the push before the last one where that was decided on just
            # now, else that of the last. It is compared early, and the flag goes on with it.
            just = Signal(name="just")
            with m.If(decided):
                m.d.sync += just.eq(nearly)
            there = Signal(name="place")
            with m.If(step):
                m.d.sync += there.eq(near | Mux(decided, nearly, just))
            return there

        if self._resizes:
            m.submodules.row_size = row_size = RowSize(geometry)
            m.d.comb += row_size.width.eq(self.extent.width)
            before_end, before_row_end = reaches(row_size.end), reaches(row_size.row_end)
        else:
            before_end = reaches(pushes - 2)
            if full:
                before_row_end = before_end
            else:
                before_row_end = reaches(beats - 2) if beats > 1 else ends
        within = Signal(init=1)
        next_row_end: Value = before_row_end if beats > 1 else ends | drains
        with m.If(step):
            m.d.sync += [
                starts.eq(ends | drains),
                ends.eq(before_end),
                row_end.eq(next_row_end),
                within.eq(ends | drains | (within & ~row_end)),
            ]

        # What comes after the row. It is known before the row ends, since a row has at least
        # `shortest_row` pushes.
        ended = Signal(reset_less=True)
        row_is_last = Signal(init=last_row == 0)
        row_ended = Signal(reset_less=True)
        frame_ended = Signal(init=1)
        m.d.sync += [
            ended.eq(ends & inside),
            row_ended.eq(decided & ended),
            frame_ended.eq(decided & ended & row_is_last),
        ]
        # Counted from 2, so that it is the height that the last but one is compared with.
        if self._resizes:
            row = _counter(m, geometry.most_rows, row_ended, clear=frame_ended, start=2)
            next_row_is_last = _digits_equal(m, row, self.extent.height)
        else:
            # Where the last row has the first one's number again, it is past what is asked for. It
            # begins with what is set, as above.
            bits = ring_bits(max(last_row, 1))
            row = Signal(bits, init=RING_START, reset_less=True)
            with m.If(frame_ended):
                m.d.sync += row.eq(RING_START)
            with m.Elif(row_ended):
                m.d.sync += row.eq(ring_step(row))
            next_row_is_last = _digits_equal(m, row, ring_number(bits, last_row - 1))
        with m.If(decided & ended):
            m.d.sync += row_is_last.eq(Mux(row_is_last, last_row == 0, next_row_is_last))

        owed_rows = Signal(bits_for(geometry.added_rows))
        added = Signal(reset_less=True)
        m.d.sync += [
            added.eq(Mux(between, ~arrives & owes_rows, ends & ~inside & more_forced)),
            owes_rows.eq(Mux(inside, geometry.added_rows > 0, owed_rows != 0)),
            more_forced.eq(owed_rows > geometry.yielding_rows),
        ]
        with m.If(inside):
            m.d.sync += owed_rows.eq(geometry.added_rows - (forced_rows > 0))
        with m.Elif(decided & added):
            m.d.sync += owed_rows.eq(owed_rows - 1)

        then_between = Signal(reset_less=True)
        then_inside = Signal(reset_less=True)
        m.d.sync += [
            then_between.eq(Mux(inside, row_is_last & (forced_rows == 0), ~more_forced)),
            then_inside.eq(inside & ~row_is_last),
        ]

        # The state after the push. In a row it stays as it is, unless the line ends early: then the
        # rest of the row is made without input. After a line that does not end, the next row begins
        # with dropping beats.
        starts_frame = Signal()
        skips = Signal()
        # After this push comes: a frame's next row; the time between frames, with no row owed; a
        # push on a frame's first, or without input. What is owed does not change between frames.
        then_row = Signal()
        then_out = Signal()
        then_idle = Signal()
        then_first = Signal(init=beats == 1 and not full)
        unended = Signal()  # a line that has not ended where the row's width does
        m.d.comb += [
            starts_frame.eq(between & arrives),
            skips.eq(then_row & (
                ~on_first & ~last if full else Mux(row_end, ~on_first & ~last, unended))),
        ]
        with m.If(step):
            m.d.sync += [
                between.eq(then_out | drains),
                idle.eq(then_idle | drains),
                inside.eq(Mux(ends, then_inside, inside | starts_frame)),
                then_row.eq(before_end & then_inside),
                then_out.eq(before_end & then_between),
                then_idle.eq(before_end & then_between & ~owes_rows),
                then_first.eq(Mux(before_end, ~then_inside, 0 if full else next_row_end)),
                unended.eq((row_end & ~last & (between | ~on_first)) | (unended & ~row_end)),
            ]
        with m.If(inside):
            m.d.sync += owed_pushes.eq((1 << drain_pushes) - 1)
        with m.Elif(may_step & idle & on_rest):  # where a step needs no beat
            m.d.sync += owed_pushes.eq(owed_pushes >> 1)

        # No push is made in such a cycle: inside a frame, ahead of a beat that is a next one's
        # first; and where beats are dropped, with the last of them. What the state becomes does not
        # ask for `step`, so that the two come side by side: one enables the other's register.
        cuts = Signal()
        m.d.comb += cuts.eq(valid & first & ~on_first)
        with m.If(step | cuts):
            m.d.sync += on_first.eq(then_first | cuts | (~then_row & (
                last | (on_first & ~starts_frame))))
        with m.If(step | (drops & valid & (first | (last & may_step)))):
            m.d.sync += on_rest.eq(~skips & (~drains | owed_pushes[1:2].any()))

        # The push: first as it was decided on, then with its address. Without `valid` the rest
        # means nothing.
        beat = Signal(self.o.beat.shape(), reset_less=True)
        m.d.sync += [
            beat.eq(self.i.payload.samples.as_value()),
            self.o.valid.eq(decided),
        ]
        with m.If(on_first & ~between):
            m.d.sync += Value.cast(beat).eq(0)
        m.d.comb += [
            self.o.beat.eq(delayed(m, beat, 1, name="push_beat", reset_less=True)),
            self.o.address.eq(address),
        ]
        flags: dict[str, Value] = {
            "stored": within & ~drains,
            "row_start": starts & ~drains,
            "row_end": row_end & ~drains,
            "frame_start": between & arrives,
            "frame_end": inside | (between & arrives),
        }
        once = delayed(m, Cat(flags.values()), 1, name="flags", reset_less=True)
        # Whether the row is the last is known a cycle after the row before it has ended.
        twice = delayed(m, Cat(once[:-1], once[-1] & row_is_last), 1, name="flags",
                        reset_less=True)
        m.d.comb += Cat(self.o[name] for name in flags).eq(twice)

        m.d.sync += self.started.eq(step & starts_frame)
        self._report(m, Cat(
            valid & self.i.ready, begins, last, between, drops, row_end, cuts, discards))
        return m

    def _report(self, m: Module, now: Value) -> None:
        """The events, off the way of the decisions: of what there was a cycle ago."""
        taken, first, last, between, drops, row_end, cuts, discards = delayed(
            m, now, 1, name="reported")
        pushed = Signal()
        skips = Signal()  # after a line's end, until a beat with `last`
        stray = Signal()
        strayed = Signal()
        cut = Signal()
        m.d.comb += [
            pushed.eq(taken & ~drops & (first | ~between)),
            stray.eq(taken & between & ~first & ~skips),
        ]
        with m.If(taken):
            m.d.sync += [
                skips.eq(~last & Mux(pushed, row_end, skips)),
                strayed.eq((~first | ~between) & (strayed | stray | (between & discards))),
            ]
        m.d.sync += [
            # A row that is cut off lets the next one begin, which then is cut off as well.
            cut.eq(cuts | (cut & ~between)),
            self.events.short_line.eq(pushed & last & ~row_end),
            self.events.long_line.eq(pushed & ~last & row_end),
            self.events.early_start.eq(cuts & ~cut),
            self.events.stray.eq(stray & ~strayed & ~discards),
            self.events.frame.eq(pushed & first),
        ]

    def _may_push(self, m: Module, step: Value, decided: Value) -> Value:
        """True while there is room, :attr:`room_age` cycles ago, and the last push is
        ``clocks_per_pixel`` cycles old."""
        clocks = self._geometry.clocks_per_push
        if not self.room_age:
            return self.room
        rested = Signal()
        room = self.room & ~self.reset_follows
        if clocks == 2:
            m.d.sync += rested.eq(room & ~step)
            return rested
        if clocks == 3:
            m.d.sync += rested.eq(room & ~step & ~decided)
            return rested
        left = Signal(range(max(clocks - 3, 2)))
        done = Signal(init=1)
        m.d.sync += [
            done.eq(~decided & (left == 0)),
            rested.eq(room & ~step & ~decided & done),
        ]
        with m.If(decided):
            m.d.sync += left.eq(clocks - 4)
        with m.Elif(left != 0):
            m.d.sync += left.eq(left - 1)
        return rested


def _counter(m: Module, most: int, step: Value, *, clear: Value, start: int = 0) -> Signal:
    """Counts steps, and goes back to ``start`` at ``clear``, which must be true after a reset.

    A flip-flop has one synchronous reset. Amaranth's own would take it, and the way back to zero
    become a LUT behind the carry chain (yosys 0.70, ECP5, binomial 3x3: 254 MHz instead of 283).
    """
    count = Signal(bits_for(most), reset_less=True)
    with m.If(clear):
        m.d.sync += count.eq(start)
    with m.Elif(step):
        m.d.sync += count.eq(count + 1)
    return count


def _digits_equal(m: Module, value: Value, number: int | Value, enable: ValueLike = 1) -> Value:
    """Whether ``value`` was ``number`` at the last enabled clock edge.

    A register for each four bits, or two that are compared with two: no carry chain, and one LUT
    before the clock edge.
    """
    width = 4 if isinstance(number, int) else 2
    digits = []
    for low in range(0, len(value), width):
        digit = value[low : low + width]
        equal = Signal(name="digit_equal")
        wanted = ((number >> low) % (1 << len(digit)) if isinstance(number, int)
                  else number[low : low + width])
        with m.If(enable):
            m.d.sync += equal.eq(digit == wanted)
        digits.append(equal)
    return Cat(digits).all()
