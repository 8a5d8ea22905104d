"""One of several sources, switched at any time."""

import random

import numpy as np
import pytest
from amaranth.sim import Simulator
from pixel_bench import beats, send, take

from windrow.boards.video.source_select import SourceSelect


HEIGHT, WIDTH = 3, 5
SIZE = HEIGHT * WIDTH


def frames(source: int, count: int) -> list:
    """The number of the source, that of the frame, and noise."""
    rng = np.random.default_rng(source)
    made = rng.integers(0, 256, (count, HEIGHT, WIDTH, 3))
    made[..., 0], made[..., 1] = source, np.arange(count)[:, None, None]
    return beats(made)


@pytest.mark.parametrize("stall", [0.0, 0.4])
@pytest.mark.parametrize("seed", [1, 2])
def test_no_frame_is_torn(stall: float, seed: int) -> None:
    dut = SourceSelect([False, False, False])
    rng = random.Random(seed)
    taken: list = []

    async def sink(ctx):
        for _ in range(40):
            ctx.set(dut.select, rng.randrange(4))
            taken.extend(await take(ctx, dut.o, rng.randrange(1, 40), stall, seed=len(taken)))

    sim = Simulator(dut)
    sim.add_clock(1e-8)
    for number in range(3):
        async def source(ctx, number=number):
            await send(ctx, dut.i[number], frames(number, 100), stall, seed=number)
        sim.add_testbench(source, background=True)
    sim.add_testbench(sink)
    sim.run()
    sent = [frames(number, 100) for number in range(3)]
    seen = set()
    while len(taken) >= SIZE:
        frame, taken = taken[:SIZE], taken[SIZE:]
        number = frame[0][0][0]
        seen.add(number)
        assert frame == sent[number][:SIZE], "the source's next frame, whole"
        del sent[number][:SIZE]
    assert seen == {0, 1, 2}


def test_a_camera_that_sends_nothing_does_not_hang() -> None:
    dut = SourceSelect([True, False])

    async def source(ctx):
        await send(ctx, dut.i[1], frames(1, 2))

    async def sink(ctx):
        for _ in range(50):
            await ctx.tick()
            assert not ctx.get(dut.o.valid)
        ctx.set(dut.select, 1)
        assert await take(ctx, dut.o, 2 * SIZE) == frames(1, 2)

    sim = Simulator(dut)
    sim.add_clock(1e-8)
    sim.add_testbench(source, background=True)
    sim.add_testbench(sink)
    sim.run()


def test_a_camera_is_never_stopped_while_it_is_not_shown() -> None:
    """It is cut off where it is left, and comes back with a frame's first beat."""
    dut = SourceSelect([False, True])
    taken: list = []

    async def still(ctx):
        await send(ctx, dut.i[0], frames(0, 20))

    async def camera(ctx):
        await send(ctx, dut.i[1], frames(1, 60))

    async def sink(ctx):
        for number, count in ((0, 20), (1, 2 * SIZE + 7), (0, 20), (1, 30)):
            ctx.set(dut.select, number)
            taken.extend(await take(ctx, dut.o, count))

    sim = Simulator(dut)
    sim.add_clock(1e-8)
    for bench in (still, camera):
        sim.add_testbench(bench, background=True)
    sim.add_testbench(sink)
    sim.run()
    for before, after in zip([None, *taken], taken, strict=False):
        if before is None or before[0][0] != after[0][0]:
            assert after[1] == 1, "a source comes with its first beat"
    stills = [beat for beat in taken if beat[0][0] == 0]
    assert stills == frames(0, 20)[: len(stills)]
    assert any(beat[0][0] == 1 for beat in taken)


def test_a_beat_a_cycle() -> None:
    dut = SourceSelect([False])

    async def source(ctx):
        await send(ctx, dut.i[0], frames(0, 3))

    async def sink(ctx):
        ctx.set(dut.o.ready, 1)
        await ctx.tick()
        for _ in range(3 * SIZE):
            assert ctx.get(dut.o.valid)
            await ctx.tick()

    sim = Simulator(dut)
    sim.add_clock(1e-8)
    sim.add_testbench(source, background=True)
    sim.add_testbench(sink)
    sim.run()


def test_no_source() -> None:
    with pytest.raises(ValueError, match="a selection needs at least one source"):
        SourceSelect([])
