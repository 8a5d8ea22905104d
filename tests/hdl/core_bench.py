"""A bench for :class:`~windrow.hdl.Core` in Amaranth's own simulator: no Verilog, no build."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from amaranth.hdl import ResetInserter, Signal
from amaranth.sim import Simulator
from register_bench import Registers

from windrow.hdl import Core, PipelineCore
from windrow.model import Filter
from windrow.model.pipeline import Pipeline


@dataclass
class Trace:
    """What the bench saw of a core. Cycles count from reset."""

    latency: int
    cycles_per_frame: int
    frames: list[np.ndarray] = field(default_factory=list)
    first_in: list[int] = field(default_factory=list)
    last_in: list[int] = field(default_factory=list)
    first_out: list[int] = field(default_factory=list)
    last_out: list[int] = field(default_factory=list)


def random_frames(pipeline: Pipeline, count: int, seed: int = 1) -> list[np.ndarray]:
    """Frames of a pipeline's input, evenly spread samples."""
    pixel, rng = pipeline.pixel, np.random.default_rng(seed)
    return [rng.integers(pixel.minimum, pixel.maximum + 1,
                         (pipeline.height, pipeline.width, pipeline.channels))
            for _ in range(count)]


def run(
    filter: Filter | Pipeline,
    images: Sequence[np.ndarray],
    *,
    stall_in: float = 0.0,
    stall_out: float = 0.0,
    gaps: Sequence[int] = (),
    seed: int = 0,
    target: str = "generic",
    strategy: str = "auto",
    registers: Registers | None = None,
    upset: int = 0,
) -> Trace:
    """Stream ``images`` through a core, ``gaps[n]`` idle cycles after frame ``n``.

    ``registers`` drive a core that has settings. Before the first frame the core runs for ``upset``
    cycles on anything, which a reset cuts off.

    Checks the framing of the output, that a beat is held until it is taken, that the frames come
    out whole with the input idle, and that nothing comes after them.
    """
    rng = random.Random(seed)
    stall_rng = random.Random(seed + 1)
    kind = PipelineCore if isinstance(filter, Pipeline) else Core
    core = kind(filter, target=target, strategy=strategy)
    lanes, channels = filter.pixels_per_clock, filter.channels
    made = filter.output_format.channels
    trace = Trace(core.latency, core.cycles_per_frame)
    cycle = 0
    patience = 40 * (core.latency + core.cycles_per_frame)

    async def count(ctx):
        nonlocal cycle
        async for _ in ctx.tick():
            cycle += 1

    reset = Signal()

    def junk() -> int:
        return rng.randint(filter.pixel.minimum, filter.pixel.maximum)

    async def source(ctx):
        for _ in range(upset):
            ctx.set(core.i.valid, rng.random() < 0.9)
            ctx.set(core.i.payload, {"samples": [junk() for _ in range(lanes * channels)],
                                     "first": rng.random() < 0.1, "last": rng.random() < 0.1})
            await ctx.tick()
        if upset:
            ctx.set(core.i.valid, 0)
            ctx.set(reset, 1)
            await ctx.tick()
            ctx.set(reset, 0)
        for number, image in enumerate(images):
            planes = image.reshape(filter.height, filter.width, channels)
            for y in range(filter.height):
                for x in range(0, filter.width, lanes):
                    samples = [int(value) for value in planes[y, x : x + lanes].ravel()]
                    # What stands past the end of a line must not matter.
                    samples += [junk() for _ in range(lanes * channels - len(samples))]
                    while rng.random() < stall_in:
                        ctx.set(core.i.valid, 0)
                        await ctx.tick()
                    ctx.set(core.i.valid, 1)
                    ctx.set(core.i.payload, {
                        "samples": samples,
                        "first": y == 0 and x == 0,
                        "last": x + lanes >= filter.width,
                    })
                    waited = 0
                    while True:
                        _, _, ready = await ctx.tick().sample(core.i.ready)
                        if ready:
                            break
                        waited += 1
                        assert waited < patience, f"input not taken: frame {number} row {y}"
                    if y == 0 and x == 0:
                        trace.first_in.append(cycle)
            trace.last_in.append(cycle)
            ctx.set(core.i.valid, 0)
            for _ in range(gaps[number] if number < len(gaps) else 0):
                await ctx.tick()

    async def sink(ctx):
        for _ in range(upset + 1 if upset else 0):
            ctx.set(core.o.ready, stall_rng.random() >= 0.3)
            await ctx.tick()
        for number in range(len(images)):
            out = np.zeros((filter.output_height, filter.output_width, made), np.int64)
            trace.frames.append(out)
            for y in range(filter.output_height):
                for x in range(0, filter.output_width, lanes):
                    waited = 0
                    held = None
                    while True:
                        ready = stall_rng.random() >= stall_out
                        ctx.set(core.o.ready, ready)
                        _, _, valid, beat = await ctx.tick().sample(core.o.valid, core.o.payload)
                        assert valid or held is None, "valid was withdrawn"
                        if valid:
                            now = (list(beat.samples), beat.first, beat.last)
                            assert held in (None, now), "payload changed while it waited"
                            held = now
                        if valid and ready:
                            break
                        waited += 1
                        assert waited < patience, f"no output: frame {number} row {y} column {x}"
                    assert beat.first == (y == 0 and x == 0)
                    assert beat.last == (x + lanes >= filter.output_width)
                    pixels = min(lanes, filter.output_width - x)
                    past = [beat.samples[i] for i in range(pixels * made, lanes * made)]
                    assert not any(past), "samples past the end of a line must be zero"
                    out[y, x : x + pixels] = np.reshape(
                        [beat.samples[i] for i in range(pixels * made)], (pixels, made))
                    if y == 0 and x == 0:
                        trace.first_out.append(cycle)
            trace.last_out.append(cycle)
        ctx.set(core.o.ready, 1)
        for _ in range(2 * core.latency):
            _, _, valid = await ctx.tick().sample(core.o.valid)
            assert not valid, "output after the last frame"

    sim = Simulator(ResetInserter(reset)(core) if upset else core)
    sim.add_clock(1e-6)
    sim.add_testbench(count, background=True)
    if registers is not None:
        sim.add_testbench(registers.drives(core), background=True)
    sim.add_testbench(source)
    sim.add_testbench(sink)
    sim.run()
    return trace


def check(
    filter: Filter | Pipeline | Sequence[Filter], images: Sequence[np.ndarray], trace: Trace
) -> None:
    """Compare with the golden model; the first differing pixel is in the message.

    ``filter`` is one for all frames or one for each.
    """
    filters = [filter] * len(images) if isinstance(filter, (Filter, Pipeline)) else filter
    for number, (image, got, filter) in enumerate(
        zip(images, trace.frames, filters, strict=True)
    ):
        wanted = filter.compute(image).reshape(got.shape)
        for y, x, c in np.argwhere(got != wanted)[:1]:
            raise AssertionError(
                f"frame {number} row {y} column {x} channel {c}: got {got[y, x, c]}, "
                f"wanted {wanted[y, x, c]}; {filter}")
