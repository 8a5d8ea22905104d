"""A bench for streams that need not be well-formed, in Amaranth's own simulator."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from amaranth.sim import Simulator

from windrow.hdl import Core, PipelineCore
from windrow.hdl.settings import Events
from windrow.model import Filter, Pipeline
from windrow.model.framing import Beat, Framer, frames_of


#: Order of the events that may come in the same cycle; ``taken`` is not the sequencer's.
EVENTS = ("early_start", "frame", "short_line", "long_line", "stray")


@dataclass
class Outcome:
    """What came out of a core."""

    beats: list[Beat] = field(default_factory=list)
    events: list[str] = field(default_factory=list)


def stream(
    filter: Filter | Pipeline, beats: Sequence[Beat], *, stall_in: float = 0.0,
    stall_out: float = 0.0, pause: float = 0.0, seed: int = 0, strategy: str = "auto",
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
    kind = PipelineCore if isinstance(filter, Pipeline) else Core
    core = kind(filter, strategy=strategy)
    # What comes first into a pipeline of several parts mends the stream for all of them.
    sequencer = core.parts[0].sequencer if isinstance(core, PipelineCore) else core._sequencer
    outcome = Outcome()
    # Nothing is owed for longer than a frame takes to be filled, drained and taken.
    rests = core.latency + core.cycles_per_frame + 20 * filter.clocks_per_pixel
    patience = 10 * rests + 100

    async def testbench(ctx: Any) -> None:
        held: Beat | None = None

        async def cycle() -> int:
            nonlocal held
            ready = rng.random() >= stall_out
            ctx.set(core.o.ready, ready)
            _, _, taken, valid, beat, events = await ctx.tick().sample(
                core.i.ready, core.o.valid, core.o.payload, sequencer.events)
            outcome.events.extend(name for name in EVENTS if events[name])
            assert valid or held is None, "valid was withdrawn"
            if valid:
                now = Beat(list(beat.samples), bool(beat.first), bool(beat.last))
                assert held in (None, now), "payload changed while it waited"
                held = None if ready else now
                if ready:
                    outcome.beats.append(now)
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
            before = len(outcome.beats)
            await cycle()
            quiet = quiet + 1 if before == len(outcome.beats) else 0

    sim = Simulator(core)
    sim.add_clock(1e-6)
    sim.add_testbench(testbench)
    sim.run()
    return outcome


def check(filter: Filter | Pipeline, beats: Sequence[Beat], outcome: Outcome) -> Framer:
    """Compare with the golden model of the frames that the rules make of the beats."""
    assert set(EVENTS) == set(Events().members) - {"taken"}
    framer = frames_of(filter, beats)
    assert outcome.events == framer.events

    # A frame that has begun has shown some of its output, and where that was waited for with it, a
    # part of the frame before.
    begun = [] if framer.begun is None else [framer.begun]
    wanted = [beat for image in (*framer.frames, *begun) for beat in _beats_of(filter, image)]
    least = len(framer.frames) - len(begun)
    for number, got in enumerate(outcome.beats):
        assert number < len(wanted), "output after the last frame"
        assert got == wanted[number], (
            f"beat {number} of {len(wanted)}: got {got}, wanted {wanted[number]}; {filter}")
    assert len(outcome.beats) >= least * len(wanted) // max(len(framer.frames) + len(begun), 1)
    return framer


def _beats_of(filter: Filter | Pipeline, image: np.ndarray) -> list[Beat]:
    """The frame's output: zeros past the end of a line."""
    lanes = filter.pixels_per_clock
    rows = np.atleast_3d(filter.compute(image))
    past_end = -filter.output_width % lanes
    padded = np.pad(rows, ((0, 0), (0, past_end), (0, 0)))
    return [
        Beat(padded[y, x : x + lanes].ravel().tolist(), y == 0 and x == 0,
             x + lanes >= filter.output_width)
        for y in range(filter.output_height) for x in range(0, filter.output_width, lanes)
    ]
