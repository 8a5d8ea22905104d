"""A bench for components between streams of tensors, in Amaranth's own simulator."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from amaranth.sim import Simulator


@dataclass
class Trace:
    """What a component did. Cycles count from reset."""

    beats: list[list[int]] = field(default_factory=list)
    cycles: list[int] = field(default_factory=list)


def beats_of(frames: np.ndarray, counts: Sequence[int]) -> list[list[int]]:
    """The beats of frames (N, C, H, W), each pixel cut into ``counts`` samples."""
    assert sum(counts) == frames.shape[1]
    ends = np.cumsum([0, *counts])
    pixels = frames.transpose(0, 2, 3, 1).reshape(-1, frames.shape[1])
    return [pixel[start:end].tolist() for pixel in pixels
            for start, end in pairwise(ends)]


def run(
    component: Any, inputs: Sequence[tuple[Any, list[list[int]]]], output: Any, count: int, *,
    stall_in: float = 0.0, stall_out: float = 0.0, seed: int = 0, patience: int = 2000,
) -> Trace:
    """Send beats to input streams, and take ``count`` beats; nothing may come after them."""
    trace = Trace()

    def source(number: int, port: Any, beats: list[list[int]]) -> Any:
        rng = random.Random(1000 * seed + number)
        lanes = len(port.payload)
        shape = port.payload[0].shape()
        low, high = (-(1 << shape.width - 1), (1 << shape.width - 1) - 1) if shape.signed else (
            0, (1 << shape.width) - 1)

        async def send(ctx: Any) -> None:
            for beat in beats:
                while rng.random() < stall_in:
                    ctx.set(port.valid, 0)
                    await ctx.tick()
                ctx.set(port.valid, 1)
                # What stands in lanes past the end of a pixel must not matter.
                ctx.set(port.payload, [*beat, *(rng.randint(low, high)
                                                for _ in range(lanes - len(beat)))])
                await ctx.tick().until(port.ready)
            ctx.set(port.valid, 0)
        return send

    async def sink(ctx: Any) -> None:
        rng = random.Random(seed)
        cycle = waited = 0
        held = None
        while len(trace.beats) < count or waited < 100:
            ready = rng.random() >= stall_out
            ctx.set(output.ready, ready)
            _, _, valid, payload = await ctx.tick().sample(output.valid, output.payload)
            cycle += 1
            waited += 1
            assert valid or held is None, "valid was withdrawn"
            if valid:
                now = list(payload)
                assert held in (None, now), "payload changed while it waited"
                held = None if ready else now
                if ready:
                    assert len(trace.beats) < count, "more beats than there should be"
                    trace.beats.append(now)
                    trace.cycles.append(cycle)
                    waited = 0
            assert waited < patience, f"no beat {len(trace.beats)} of {count}"

    sim = Simulator(component)
    sim.add_clock(1e-6)
    for number, (port, beats) in enumerate(inputs):
        sim.add_testbench(source(number, port, beats), background=True)
    sim.add_testbench(sink)
    sim.run()
    return trace
