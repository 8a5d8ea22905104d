"""A bench for :class:`~windrow.hdl.framing.sequencer.Sequencer` alone: every push, cycle by cycle.

What stands where nothing is valid is noise. The pushes are held against what the sequencer promises
of them, and the frames that they make up against the rules of :mod:`windrow.model.framing`.
"""

import random
from collections.abc import Container, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from amaranth.hdl import Cat, ResetInserter, Signal
from amaranth.sim import Simulator
from stream_bench import EVENTS

from windrow.hdl.framing.sequencer import Sequencer
from windrow.hdl.geometry import Geometry
from windrow.model.framing import Beat, Framer


__all__ = ["Cycle", "Pushes", "Record", "record"]


@dataclass(frozen=True)
class Cycle:
    """What there was at a clock edge."""

    room: bool
    valid: bool
    ready: bool
    beat: Beat
    started: bool
    events: tuple[str, ...]
    push: Any
    """``None`` where none was made."""
    hold: bool
    discard: bool
    idle: bool
    size: tuple[int, int]

    @property
    def taken(self) -> bool:
        """Whether a beat was."""
        return self.valid and self.ready


@dataclass
class Record:
    """All cycles since the reset, and what the sequencer was made for."""

    geometry: Geometry
    latency: int
    cycles: list[Cycle] = field(default_factory=list)


def record(
    geometry: Geometry, beats: Sequence[Beat], *, stall_in: float = 0.0, stall_out: float = 0.0,
    pause: float = 0.0, hold: float = 0.0, discard: float = 0.0, discarded_at: Container[int] = (),
    upset: int = 0, seed: int = 0, sizes: Sequence[tuple[int, int]] = (),
    settle: int = Sequencer.sizing_cycles,
) -> Record:
    """Send ``beats`` through a sequencer, and wait until it has nothing left to do.

    Parameters
    ----------
    stall_in, stall_out : :class:`float`
        How often there is no beat, and how often no room.
    pause : :class:`float`
        How often so long a time passes before a beat that nothing is left to do.
    hold, discard : :class:`float`
        How often each of them changes, in a cycle.
    discarded_at : container of :class:`int`
        Numbers of beats that come while ``discard`` is true; if ``discard`` does not change.
    upset : :class:`int`
        Cycles before the reset in which anything at all comes.
    sizes : sequence of (:class:`int`, :class:`int`)
        Width and height of each frame, changed ahead of the first of its beats.
    settle : :class:`int`
        Cycles from a new size until ``hold`` goes.
    """
    rng = random.Random(seed)
    dut: Any = Sequencer(geometry)
    frame = geometry.frame
    resizes = geometry.adjustable
    samples = frame.samples_per_beat
    found = Record(geometry, dut.latency)
    rests = (geometry.added_rows + 3) * geometry.most_pushes * geometry.clocks_per_push + 30
    reset = Signal()
    discarded = False
    told = Cat(dut.events[name] for name in EVENTS)
    seen: tuple[Any, ...] = (dut.started, told, dut.o, *([dut.idle] if resizes else []))

    async def testbench(ctx: Any) -> None:
        nonlocal discarded
        held = False
        size = (frame.width, frame.height)

        async def cycle(beat: Beat | None, patient: bool = False) -> bool:
            """A clock cycle; whether the beat was taken."""
            nonlocal held, discarded
            room = rng.random() >= stall_out
            ctx.set(dut.room, room)
            shown = beat or Beat([rng.randrange(1 << frame.sample.bits) for _ in range(samples)],
                                 rng.random() < 0.5, rng.random() < 0.5)
            if resizes:
                if not patient:
                    held ^= rng.random() < hold
                    discarded ^= rng.random() < discard
                ctx.set(dut.hold, held)
                ctx.set(dut.discard, discarded)
                ctx.set(dut.extent, {"width": size[0], "height": size[1]})
            ctx.set(dut.i.payload, {
                "samples": list(shown.samples), "first": shown.first, "last": shown.last})
            ctx.set(dut.i.valid, beat is None)
            ready = ctx.get(dut.i.ready)
            ctx.set(dut.i.valid, beat is not None)
            assert ctx.get(dut.i.ready) == ready, "ready depends on valid"
            _, _, started, events, push, *idle = await ctx.tick().sample(*seen)
            found.cycles.append(Cycle(
                room, beat is not None, bool(ready), shown, bool(started),
                tuple(name for number, name in enumerate(EVENTS) if events >> number & 1),
                push if push.valid else None, held, discarded, bool(idle and idle[0]), size))
            return beat is not None and bool(ready)

        for _ in range(upset):
            await cycle(Beat([1] * samples, rng.random() < 0.2, rng.random() < 0.3))
        if upset:
            ctx.set(reset, 1)
            await ctx.tick()
            ctx.set(reset, 0)
            found.cycles.clear()
        coming = iter(sizes)
        for number, beat in enumerate(beats):
            if resizes and not discard and discarded != (number in discarded_at):
                discarded = not discarded
                await cycle(None)
            if rng.random() < pause:
                for _ in range(rests):
                    await cycle(None)
            while rng.random() < stall_in:
                await cycle(None)
            if sizes and beat.first:
                held = True
                waiting = beat if rng.random() < 0.5 else None
                await cycle(None, patient=True)  # `hold` counts from the next cycle on
                await cycle(waiting, patient=True)
                while not ctx.get(dut.idle):
                    await cycle(waiting, patient=True)
                size = next(coming)
                for _ in range(settle):
                    await cycle(waiting, patient=True)
                held = False
            waited = 0
            while not await cycle(beat):
                waited += 1
                assert waited < 40 * rests, f"beat {number} is not taken"
        for _ in range(rests):
            await cycle(None)
        # Until what is done without room is done as well.
        for _ in range(int(rests * stall_out / (1.01 - stall_out))):
            await cycle(None)

    sim = Simulator(ResetInserter(reset)(dut) if upset else dut)
    sim.add_clock(1e-6)
    sim.add_testbench(testbench)
    sim.run()
    return found


class Pushes:
    """What the pushes of a record make up, checked on the way.

    Attributes
    ----------
    frames : list of arrays
        The input of each frame, as it was pushed.
    framer : :class:`~windrow.model.framing.Framer`
        What should become of the beats that were taken.
    added : list of :class:`int`
        Rows that were added after each frame, and before any.
    drained : list of :class:`int`
        Blank pushes after the last row of each, and before any.
    """

    def __init__(self, found: Record) -> None:
        self._geometry = found.geometry
        self._latency = found.latency
        self._cycles = found.cycles
        frame = found.geometry.frame
        self._clocks = found.geometry.clocks_per_push
        self._lanes = frame.pixels_per_clock
        self.framer = Framer(frame.width, frame.height, self._lanes, frame.channels)
        self.frames: list[Any] = []
        # After a reset nothing is owed.
        self.added: list[int] = [found.geometry.added_rows]
        self.drained: list[int] = [max(found.geometry.drain_pushes, 1)]
        self._height = 0
        self._row = 0  # of the frame, added ones included; how many have begun
        self._column = 0  # pushes that have been made of it
        self._beats = 0
        self._pushes = 0
        self._check()

    def _check(self) -> None:
        last_step = -self._clocks
        idled = False
        events: list[str] = []
        for at, now in enumerate(self._cycles[: -self._latency]):
            push = self._cycles[at + self._latency].push
            before = self._cycles[at - 1] if at else replace(
                now, room=False, hold=False, discard=False)
            room = now.room if self._clocks == 1 else before.room
            may = room and at - last_step >= self._clocks
            starts = now.taken and now.beat.first and not before.discard
            assert not (now.taken or push is not None) or may, "no room, or too soon"
            assert not starts or not before.hold, "held back"
            assert self._cycles[at + 1].started == starts, "told another start"
            if self._geometry.adjustable:
                assert now.idle == self._done, f"cycle {at}: idle is {now.idle}"

            # A beat that starts a frame inside another one takes a cycle of each of its rows.
            cuts = now.valid and now.beat.first and not now.taken and self._unfinished
            idles = may and not now.taken and push is None
            if idles and not cuts:
                waits = self._cycles[at : self._next_step(at) + 1]
                assert any(then.valid and then.beat.first for then in waits) or (
                    waits[-1].taken or waits[-1] is self._cycles[-1]), "a push came late"
                assert not now.valid or before.hold, "a beat had to wait"
            assert not (idles and cuts and idled), "more than a cycle of a row was lost"
            idled = idles and cuts

            could_start = now.valid and now.beat.first and not before.hold and not before.discard
            if starts:
                self.framer.width, self.framer.height = now.size
            told = len(self.framer.events)
            self.framer.discards = before.discard
            if now.taken:
                self.framer.take(now.beat)
            new = [name for name in self.framer.events[told:] if name != "early_start"]
            reported = self._cycles[at + 2].events
            assert [name for name in reported if name != "early_start"] == new, (
                f"cycle {at}: told of {reported}")
            events += reported
            if push is not None:
                last_step = at
                self._step(push, now, starts, could_start)
        # The pair of them comes a cycle or more before the beat itself.
        assert sorted(events) == sorted(self.framer.events)
        assert [name for name in events if name in ("early_start", "frame")] == [
            name for name in self.framer.events if name in ("early_start", "frame")]

    def _next_step(self, at: int) -> int:
        """The cycle in which the next push is decided on, or else the last one."""
        return next((then for then in range(at, len(self._cycles) - self._latency)
                     if self._cycles[then + self._latency].push is not None),
                    len(self._cycles) - 1)

    @property
    def _unfinished(self) -> bool:
        """Whether the frame lacks input."""
        return self._row < self._height or (
            self._row == self._height > 0 and self._column < self._pushes)

    @property
    def _done(self) -> bool:
        """Whether nothing is owed."""
        return bool(self._row_ended and self.added[-1] == self._geometry.added_rows
                    and self.drained[-1] >= max(self._geometry.drain_pushes, 1))

    @property
    def _row_ended(self) -> bool:
        return self._column == self._pushes

    def _step(self, push: Any, now: Cycle, starts: bool, could_start: bool) -> None:
        geometry = self._geometry
        forced = geometry.added_rows - geometry.yielding_rows
        if starts:
            assert push.row_start
            assert push.frame_start
            assert self._row_ended
            assert self._row >= self._height
            assert self.added[-1] >= forced
            width, self._height = self.framer.width, self.framer.height
            more = max(geometry.columns.output_beats - geometry.columns.input_beats, 0)
            self._beats = -(-width // self._lanes)
            self._pushes = max(self._beats + more, geometry.shortest_row)
            self.frames.append(np.zeros(
                (self._height, self._beats * self._lanes, geometry.frame.channels), np.int64))
            self.added.append(0)
            self.drained.append(0)
            self._row, self._column = 1, 0
        elif self._row_ended:
            assert not push.frame_start or not push.row_start
            if push.row_start:
                self._row, self._column = self._row + 1, 0
                if self._row > self._height:
                    assert self.drained[-1] == 0
                    assert not could_start or self.added[-1] < forced, "a frame had to wait"
                    self.added[-1] += 1
                    assert self.added[-1] <= geometry.added_rows
            else:
                assert self._row >= self._height
                assert self.added[-1] == geometry.added_rows
                assert not could_start, "a frame had to wait"
                self.drained[-1] += 1
                assert self.drained[-1] <= max(geometry.drain_pushes, 1)
                assert not push.stored
                assert not push.row_end
                return
        else:
            assert not push.row_start
        inside = self._column < self._beats
        assert push.stored == inside
        assert push.row_end == (self._column == self._beats - 1)
        if inside:
            assert push.address == self._column
            assert push.frame_end == (self._row == self._height)
            if self._row <= self._height:
                here = slice(self._column * self._lanes, (self._column + 1) * self._lanes)
                bits = geometry.frame.sample.bits
                values = [pixel >> bits * channel & (1 << bits) - 1 for pixel in push.beat
                          for channel in range(geometry.frame.channels)]
                assert values == (list(now.beat.samples) if now.taken else [0] * len(values))
                self.frames[-1][self._row - 1, here] = np.reshape(values, (self._lanes, -1))
        self._column += 1
