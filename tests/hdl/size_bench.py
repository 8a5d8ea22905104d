"""A bench for frames whose size changes while a core runs, with all other settings."""

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
from amaranth.sim import Simulator

from windrow.hdl import Core, PipelineCore
from windrow.model import Filter
from windrow.model.pipeline import Pipeline


__all__ = ["check_stream", "stream"]


def stream(filter: Any, frames: Sequence[tuple[Any, dict, np.ndarray]], seed: int) -> list:
    """Frames through a core, each committed before it is sent. Returns those that come out."""
    rng = random.Random(seed)
    stalls = rng.choice([0, 0.3])
    core: Any = PipelineCore(filter) if isinstance(filter, Pipeline) else Core(filter)
    lanes, channels = filter.pixels_per_clock, filter.channels
    got: list[list[list[int]]] = []

    async def source(ctx):
        committed = taken = 0  # as many frames' settings

        def commits() -> None:
            nonlocal committed
            spec, settings, _ = frames[committed]
            before = frames[committed - 1][0] if committed else filter
            ctx.set(core.settings, settings)
            ctx.set(core.extent, {"width": spec.width, "height": spec.height})
            ctx.set(core.resized, (spec.width, spec.height) != (before.width, before.height))
            ctx.set(core.pending, 1)
            committed += 1

        async def tick():
            nonlocal taken
            _, _, ready, events = await ctx.tick().sample(core.i.ready, core.events)
            if events.taken:
                ctx.set(core.pending, 0)
                ctx.set(core.resized, 0)
                taken += 1
            return ready

        ctx.set(core.enable, 1)
        for number, (spec, _, image) in enumerate(frames):
            if committed == number:
                commits()
                for _ in range(3):
                    await tick()
            planes = image.reshape(spec.height, spec.width, channels)
            beats = [(y, x) for y in range(spec.height) for x in range(0, spec.width, lanes)]
            # The next frame's are committed at any time once this one has started, or after it.
            early = rng.choice([None, rng.randrange(2, len(beats))])
            for at, (y, x) in enumerate(beats):
                if taken > number and committed < len(frames) and at == early:
                    commits()
                samples = [int(value) for value in planes[y, x : x + lanes].ravel()]
                samples += [0] * (lanes * channels - len(samples))
                waited = 0
                while True:
                    valid = rng.random() >= stalls
                    ctx.set(core.i.valid, valid)
                    ctx.set(core.i.payload, {"samples": samples, "first": at == 0,
                                             "last": x + lanes >= spec.width})
                    if await tick() and valid:
                        break
                    waited += 1
                    assert waited < 20000, f"input not taken: {spec} row {y}"
            ctx.set(core.i.valid, 0)
            if committed == number + 1:
                await tick()
                assert taken == committed, "a frame left a commit"
        for _ in range(2 * core.latency + core.cycles_per_frame):
            await tick()

    async def sink(ctx):
        ended = False
        while True:
            ctx.set(core.o.ready, rng.random() >= stalls)
            _, _, valid, ready, beat = await ctx.tick().sample(
                core.o.valid, core.o.ready, core.o.payload)
            if valid and ready:
                if beat.first:
                    got.append([[]])
                elif ended:
                    got[-1].append([])
                got[-1][-1].extend(beat.samples)
                ended = beat.last

    sim = Simulator(core)
    sim.add_clock(1e-6)
    sim.add_testbench(source)
    sim.add_testbench(sink, background=True)
    sim.run()
    return got


def check_stream(
    frames: Sequence[tuple[Filter | Pipeline, dict, np.ndarray]], got: list[list[list[int]]]
) -> None:
    """Compare what came out with the golden model of each frame."""
    assert len(got) == len(frames)
    for (spec, _, image), rows in zip(frames, got, strict=True):
        lanes, channels = spec.pixels_per_clock, spec.output_format.channels
        wanted = spec.compute(image).reshape(spec.output_height, -1)
        assert [len(row) for row in rows] == [
            -(-spec.output_width // lanes) * lanes * channels] * spec.output_height
        cut = np.array([row[: wanted.shape[1]] for row in rows])
        np.testing.assert_array_equal(cut, wanted)
