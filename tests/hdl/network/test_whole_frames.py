"""Streams that break the rules become whole frames, as the model of the rules cuts them."""

import random
from typing import Any

import numpy as np
import pytest
from amaranth.sim import Simulator

from windrow.hdl.network.whole_frames import WholeFrames
from windrow.model import Sample
from windrow.model.format import Format
from windrow.model.framing import Beat, Framer


@pytest.mark.parametrize("width, height, beats_per_pixel, faults", [
    (4, 3, 1, 0.05), (3, 2, 2, 0.1), (1, 3, 1, 0.2), (1, 1, 1, 0.3), (5, 1, 3, 0.1),
    (2, 2, 1, 0.5)])
@pytest.mark.parametrize("stall", [0.0, 0.3])
def test_frames(width: int, height: int, beats_per_pixel: int, faults: float,
                stall: float) -> None:
    rng = random.Random(width + 10 * height)
    frame = Format(width, height, Sample.parse("u8"), channels=beats_per_pixel * 2,
                   beats_per_pixel=beats_per_pixel)
    line = frame.beats_per_line
    beats = []
    for at in range(300):
        first, last = at % (line * height) == 0, at % line == line - 1
        if rng.random() < faults:
            first = rng.random() < 0.3
        if rng.random() < faults:
            last = not last
        if rng.random() >= faults / 3:  # else it is missing
            beats.append(Beat([rng.randrange(256) for _ in range(2)], first, last))
    framer = Framer(line, height, 1, 2)
    for beat in beats:
        framer.take(beat)
    wanted = np.concatenate([frame.reshape(-1, 2) for frame in framer.frames]).tolist()
    part = WholeFrames(frame)
    got: list[list[int]] = []

    async def source(ctx: Any) -> None:
        for beat in beats:
            while rng.random() < stall:
                ctx.set(part.i.valid, 0)
                # What stands there while nothing is valid must not matter.
                ctx.set(part.i.payload.first, rng.random() < 0.5)
                await ctx.tick()
            ctx.set(part.i.valid, 1)
            ctx.set(part.i.payload, {"samples": list(beat.samples), "first": beat.first,
                                     "last": beat.last})
            await ctx.tick().until(part.i.ready)
        ctx.set(part.i.valid, 0)

    async def sink(ctx: Any) -> None:
        other, quiet = random.Random(1), 0
        while quiet < 60:
            ready = other.random() >= stall
            ctx.set(part.o.ready, ready)
            _, _, valid, payload = await ctx.tick().sample(part.o.valid, part.o.payload)
            quiet += 1
            if valid and ready:
                got.append(list(payload))
                quiet = 0

    sim = Simulator(part)
    sim.add_clock(1e-6)
    sim.add_testbench(source, background=True)
    sim.add_testbench(sink)
    sim.run()
    begun = framer.begun
    rest = [] if begun is None else begun.reshape(-1, 2).tolist()
    assert got[:len(wanted)] == wanted
    # Of a frame that has begun what has come is there.
    assert got[len(wanted):] == rest[:len(got) - len(wanted)]
    assert len(got) - len(wanted) < line * height
    assert len(framer.frames) > 3
