"""A bench for the hysteresis of whole frames, in Amaranth's own simulator."""

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
from amaranth.sim import Simulator

from windrow.hdl.hysteresis import Hysteresis


__all__ = ["run"]


def run(
    core: Hysteresis, frames: Sequence[np.ndarray], *, stall_in: float = 0.0,
    stall_out: float = 0.0, seed: int = 0, incomplete: list[int] | None = None,
) -> tuple[np.ndarray, int]:
    """Send frames of classes, (frames, H, W), and return the edge maps and the cycles they took.

    ``incomplete`` gets the number of each frame that the core says so of: of the first that has
    not left then.
    What comes out is checked to be held until taken and to be marked as frames are.
    """
    rng = random.Random(seed)
    layout = core.layout
    lanes, height, width = layout.pixels_per_clock, layout.height, layout.width
    row_beats = -(-width // lanes)
    rows: list[list[int]] = []
    cycles = 0

    async def source(ctx: Any) -> None:
        for frame in frames:
            # Samples past the end of a line mean nothing.
            padded = np.pad(frame, ((0, 0), (0, -width % lanes)), constant_values=2)
            for y in range(height):
                for x in range(row_beats):
                    ctx.set(core.i.valid, 0)
                    while rng.random() < stall_in:
                        await ctx.tick()
                    ctx.set(core.i.valid, 1)
                    ctx.set(core.i.payload, {
                        "samples": padded[y, x * lanes : (x + 1) * lanes].tolist(),
                        "first": y == 0 and x == 0, "last": x == row_beats - 1})
                    await ctx.tick().until(core.i.ready)
        ctx.set(core.i.valid, 0)

    async def sink(ctx: Any) -> None:
        nonlocal cycles
        held = None
        beats = 0
        while beats < len(frames) * height * row_beats:
            ready = rng.random() >= stall_out
            ctx.set(core.o.ready, ready)
            _, _, valid, beat = await ctx.tick().sample(core.o.valid, core.o.payload)
            cycles += 1
            if not valid:
                assert held is None, "valid was withdrawn"
                continue
            now = list(beat.samples), int(beat.first), int(beat.last)
            assert held in (None, now), "payload changed while it waited"
            held = None if ready else now
            if ready:
                row, column = divmod(beats, row_beats)
                assert now[1:] == (row % height == 0 and column == 0, column == row_beats - 1)
                rows.append(now[0])
                beats += 1

    async def listen(ctx: Any) -> None:
        left = 0
        while True:
            _, _, told, valid, ready = await ctx.tick().sample(
                core.incomplete, core.o.valid, core.o.ready)
            if told:
                assert incomplete is not None
                incomplete.append(left // (height * row_beats))
            left += valid and ready

    sim = Simulator(core)
    if incomplete is not None:
        sim.add_testbench(listen, background=True)
    sim.add_clock(1e-6)
    sim.add_testbench(source)
    sim.add_testbench(sink)
    sim.run()
    made = np.array(rows).reshape(len(frames), height, row_beats * lanes)
    assert not made[:, :, width:].any()
    return made[:, :, :width], cycles
