"""Values of pixels laid out as blocks: every sample in its place, nothing past a line's end."""

import itertools
import random
from typing import Any

import numpy as np
import pytest
from amaranth.sim import Simulator

from windrow.hdl.stream.pixel_shuffle import PixelShuffle
from windrow.model import Sample
from windrow.model.format import Format


FRAMES = 3


def beats(frames: np.ndarray, lanes: int, fill: random.Random | None) -> list[dict[str, Any]]:
    """Of frames (N, H, W, C). What is past a line's end is anything, or 0."""
    found = []
    _, height, width, channels = frames.shape
    for frame, y, x in itertools.product(frames, range(height), range(0, width, lanes)):
        samples = frame[y, x : x + lanes].ravel().tolist()
        samples += [fill.randrange(256) if fill else 0
                    for _ in range(lanes * channels - len(samples))]
        found.append({
            "samples": samples, "first": int(x == y == 0), "last": int(x + lanes >= width)})
    return found


@pytest.mark.parametrize("width, height, rows, columns, channels, lanes", [
    (1, 1, 2, 2, 1, 1), (5, 4, 2, 2, 1, 1), (3, 2, 1, 3, 2, 1), (4, 3, 3, 1, 1, 2),
    (5, 3, 2, 3, 1, 2), (3, 2, 2, 2, 2, 4), (7, 2, 2, 2, 1, 4), (9, 2, 1, 2, 1, 4)])
@pytest.mark.parametrize("stall_in, stall_out", [(0.0, 0.0), (0.6, 0.0), (0.1, 0.7)])
def test_blocks(width: int, height: int, rows: int, columns: int, channels: int, lanes: int,
                stall_in: float, stall_out: float) -> None:
    rng = random.Random(width)
    values = np.random.default_rng(width).integers(
        1, 256, (FRAMES, height, width, rows, columns, channels))
    source = Format(width, height, Sample.parse("u8"), rows * columns * channels, lanes)
    target = Format(width * columns, height * rows, Sample.parse("u8"), channels, lanes)
    given = beats(values.reshape(FRAMES, height, width, -1), lanes, rng)
    wanted = beats(values.transpose(0, 1, 3, 2, 4, 5).reshape(
        FRAMES, height * rows, width * columns, channels), lanes, None)
    dut: Any = PixelShuffle(source, target)
    came: list[tuple[int, dict[str, Any]]] = []

    async def send(ctx: Any) -> None:
        for beat in given:
            while rng.random() < stall_in:
                await ctx.tick()
            ctx.set(dut.i.valid, 1)
            ctx.set(dut.i.payload, beat)
            await ctx.tick().until(dut.i.ready)
            ctx.set(dut.i.valid, 0)

    async def take(ctx: Any) -> None:
        held = None
        for cycle in itertools.count():
            ctx.set(dut.o.ready, ready := rng.random() >= stall_out)
            _, _, valid, beat = await ctx.tick().sample(dut.o.valid, dut.o.payload)
            now = valid and {"samples": [*beat.samples], "first": beat.first, "last": beat.last}
            assert held in (None, now)
            held = now if valid and not ready else None
            if valid and ready:
                came.append((cycle, now))
            if cycle > 100 + (came[-1][0] if came else 0):
                return

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(send)
    simulator.add_testbench(take)
    simulator.run()
    assert [beat for _, beat in came] == wanted
    if not stall_in and not stall_out:
        assert came[-1][0] - came[0][0] == len(wanted) - 1
