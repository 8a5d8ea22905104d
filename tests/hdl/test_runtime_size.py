"""Frames whose size changes while a core runs, with all other settings."""

import random

import numpy as np
import pytest
from amaranth.sim import Simulator
from register_bench import commit, controlled, random_commit
from strategies import random_filter, random_image

from windrow.hdl import Core
from windrow.hdl.core import frame_geometry
from windrow.hdl.devices import device
from windrow.model import Filter


def stream(filter: Filter, frames: list[tuple[Filter, dict, np.ndarray]], seed: int) -> list:
    """Frames through a core, each committed before it is sent. Returns those that come out."""
    rng = random.Random(seed)
    stalls = rng.choice([0, 0.3])
    core = Core(filter)
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


@pytest.mark.thinned(2)
@pytest.mark.parametrize("seed", range(24))
def test_random_sizes(seed: int) -> None:
    rng = random.Random(seed)
    largest = controlled(random_filter(rng, max_kernel=5, max_size=24, clocks_per_pixel=1),
                         coefficients=rng.choice(["constant", "runtime"]))
    lanes = largest.pixels_per_clock
    filter = largest.replace(max_width=largest.width + 5 * lanes, max_height=largest.height + 7)
    geometry = frame_geometry(filter, device("generic"))
    least = (geometry.least_width, geometry.least_height)
    largest = (filter.max_width, filter.max_height)
    frames = []
    for _ in range(6):
        width, height = rng.choice([
            least, largest, (filter.width, filter.height),
            (rng.randrange(least[0], largest[0] + 1, lanes), rng.randint(least[1], largest[1]))])
        commits = random_commit(rng, filter)
        spec = commits.filter.replace(width=width, height=height)
        frames.append((spec, commits.settings, random_image(rng, spec)))
    got = stream(filter, frames, seed)
    assert len(got) == len(frames)
    for (spec, _, image), rows in zip(frames, got, strict=True):
        wanted = spec.compute(image).reshape(spec.output_height, -1)
        assert [len(row) for row in rows] == [
            -(-spec.output_width // lanes) * lanes * spec.channels] * spec.output_height
        cut = np.array([row[: wanted.shape[1]] for row in rows])
        np.testing.assert_array_equal(cut, wanted)


def test_a_new_size_costs_a_few_cycles_after_the_frame_before() -> None:
    filter = Filter(kernel=[[1, 2, 1], [2, 4, 2], [1, 2, 1]], width=40, height=20, shift=4,
                    control="axi4-lite")
    small = filter.replace(width=8, height=4)
    frames = [(spec, commit(spec).settings, random_image(random.Random(1), spec))
              for spec in (filter, small, filter, small, small)]
    got = stream(filter, frames, 0)
    for (spec, _, image), rows in zip(frames, got, strict=True):
        np.testing.assert_array_equal(np.array(rows), spec.compute(image))
