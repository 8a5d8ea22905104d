"""A bench for streams that need not be well-formed, in Amaranth's own simulator."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from amaranth.sim import Simulator

from windrow.hdl import Core
from windrow.hdl.settings import Events
from windrow.model import Filter
from windrow.model.framing import Beat, Framer, frames_of


#: Order of the events that may come in the same cycle; ``taken`` is not the sequencer's.
EVENTS = ("early_start", "frame", "short_line", "long_line", "stray")


@dataclass
class Outcome:
    """What came out of a core: complete frames, the beats of one that is not, and the events."""

    frames: list[np.ndarray] = field(default_factory=list)
    begun: list[list[int]] = field(default_factory=list)
    events: list[str] = field(default_factory=list)


def stream(
    filter: Filter, beats: Sequence[Beat], *, stall_in: float = 0.0, stall_out: float = 0.0,
    pause: float = 0.0, seed: int = 0, strategy: str = "auto",
) -> Outcome:
    """Send ``beats`` through a core, and wait until it is quiet.

    Parameters
    ----------
    stall_in, stall_out : :class:`float`
        How often there is no beat, and how often one is not taken.
    pause : :class:`float`
        How often so long a time passes before a beat that the core has nothing left to do.
    """
    rng = random.Random(seed)
    core = Core(filter, strategy=strategy)
    outcome = Outcome()
    seen: list[tuple[list[int], int, int]] = []
    # Nothing is owed for longer than a frame takes to be filled, drained and taken.
    rests = core.latency + core.cycles_per_frame + 20 * filter.clocks_per_pixel
    patience = 10 * rests + 100

    async def testbench(ctx: Any) -> None:
        held: tuple[list[int], int, int] | None = None

        async def cycle() -> int:
            nonlocal held
            ready = rng.random() >= stall_out
            ctx.set(core.o.ready, ready)
            _, _, taken, valid, beat, events = await ctx.tick().sample(
                core.i.ready, core.o.valid, core.o.payload, core._sequencer.events)
            outcome.events.extend(name for name in EVENTS if events[name])
            assert valid or held is None, "valid was withdrawn"
            if valid:
                now = (list(beat.samples), beat.first, beat.last)
                assert held in (None, now), "payload changed while it waited"
                held = None if ready else now
                if ready:
                    seen.append(now)
            return taken

        for number, beat in enumerate(beats):
            ctx.set(core.i.valid, 0)
            if rng.random() < pause:
                for _ in range(rests):
                    await cycle()
            while rng.random() < stall_in:
                await cycle()
            ctx.set(core.i.valid, 1)
            ctx.set(core.i.payload, {
                "samples": list(beat.samples), "first": beat.first, "last": beat.last})
            waited = 0
            while not await cycle():
                waited += 1
                assert waited < patience, f"beat {number} was not taken"
        ctx.set(core.i.valid, 0)
        # What stands there while nothing is valid must not matter.
        quiet = 0
        while quiet < rests:
            ctx.set(core.i.payload.first, rng.random() < 0.5)
            ctx.set(core.i.payload.last, rng.random() < 0.5)
            before = len(seen)
            await cycle()
            quiet = quiet + 1 if before == len(seen) else 0

    sim = Simulator(core)
    sim.add_clock(1e-6)
    sim.add_testbench(testbench)
    sim.run()
    _take_apart(filter, seen, outcome)
    return outcome


def _take_apart(
    filter: Filter, seen: Sequence[tuple[list[int], int, int]], outcome: Outcome
) -> None:
    """Put beats together to frames; check that they say where they stand."""
    lanes, channels = filter.pixels_per_clock, filter.channels
    line = -(-filter.output_width // lanes)
    size = line * filter.output_height
    for number, (_, first, last) in enumerate(seen):
        assert first == (number % size == 0), f"first is {first} at beat {number}"
        assert last == (number % line == line - 1), f"last is {last} at beat {number}"
    whole = len(seen) // size * size
    samples = np.array([beat for beat, _, _ in seen[:whole]], np.int64)
    outcome.frames = list(
        samples.reshape(-1, filter.output_height, line * lanes, channels)[
            :, :, : filter.output_width])
    outcome.begun = [beat for beat, _, _ in seen[whole:]]


def check(filter: Filter, beats: Sequence[Beat], outcome: Outcome) -> Framer:
    """Compare with the golden model of the frames that the rules make of the beats."""
    framer = frames_of(filter, beats)
    assert set(EVENTS) == set(Events().members) - {"taken"}
    assert outcome.events == framer.events
    images = list(framer.frames)
    # Where a padding leaves the last rows out, the output may be complete before the frame is.
    if len(outcome.frames) > len(images) and framer.begun is not None:
        images.append(framer.begun)
    for number, (image, got) in enumerate(zip(images, outcome.frames, strict=True)):
        wanted = filter.compute(image)
        for y, x, c in np.argwhere(got != wanted)[:1]:
            raise AssertionError(
                f"frame {number} row {y} column {x} channel {c}: got {got[y, x, c]}, "
                f"wanted {wanted[y, x, c]}; {filter}")

    # The output of a frame that is not complete is the beginning of what it will be.
    if len(images) > len(framer.frames) or framer.begun is None:
        assert not outcome.begun
        return framer
    wanted = filter.compute(framer.begun)
    lanes = filter.pixels_per_clock
    line = -(-filter.output_width // lanes)
    for number, beat in enumerate(outcome.begun):
        y, x = number // line, number % line * lanes
        there = wanted[y, x : x + lanes].ravel()
        assert beat[: len(there)] == there.tolist(), f"unfinished frame row {y} column {x}"
    return framer
