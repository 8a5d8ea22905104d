"""The queue of beats."""

import pytest
from amaranth.sim import Simulator
from pixel_bench import beats, random_frames, send, take

from windrow.boards.video.beat_queue import BeatQueue
from windrow.boards.video.source import RGB_BEAT


@pytest.mark.parametrize("depth", [2, 3, 8])
@pytest.mark.parametrize("stall", [0.0, 0.5, 0.9])
def test_nothing_is_lost_under_stalls(depth: int, stall: float) -> None:
    dut = BeatQueue(RGB_BEAT, depth)
    sent = beats(random_frames(3, 20, 2))
    taken = []

    async def source(ctx):
        await send(ctx, dut.i, sent, stall / 2)

    async def sink(ctx):
        taken.extend(await take(ctx, dut.o, len(sent), stall))

    sim = Simulator(dut)
    sim.add_clock(1e-8)
    sim.add_testbench(source)
    sim.add_testbench(sink)
    sim.run()
    assert taken == sent


@pytest.mark.parametrize("depth", [2, 5])
def test_it_holds_its_depth_and_one_more(depth: int) -> None:
    dut = BeatQueue(8, depth)
    levels = []

    async def testbench(ctx):
        ctx.set(dut.i.valid, 1)
        taken = 0
        for _ in range(dut.latency):
            assert not ctx.get(dut.o.valid)
            _, _, ready = await ctx.tick().sample(dut.i.ready)
            taken += ready
        assert ctx.get(dut.o.valid), "the latency"
        for _ in range(4 * depth):
            _, _, ready = await ctx.tick().sample(dut.i.ready)
            taken += ready
        assert taken == depth + 1
        levels.append(ctx.get(dut.level))

    sim = Simulator(dut)
    sim.add_clock(1e-8)
    sim.add_testbench(testbench)
    sim.run()
    assert levels == [depth]


def test_a_full_throughput() -> None:
    dut = BeatQueue(8, 4)
    seen = []

    async def testbench(ctx):
        ctx.set(dut.i.valid, 1)
        ctx.set(dut.o.ready, 1)
        for cycle in range(40):
            ctx.set(dut.i.payload, cycle)
            _, _, ready, valid, payload = await ctx.tick().sample(
                dut.i.ready, dut.o.valid, dut.o.payload)
            assert ready
            if valid:
                seen.append(payload)

    sim = Simulator(dut)
    sim.add_clock(1e-8)
    sim.add_testbench(testbench)
    sim.run()
    assert seen == list(range(40 - dut.latency))


def test_an_impossible_depth() -> None:
    with pytest.raises(ValueError, match="depth must be at least 2 beats, not 1"):
        BeatQueue(8, 1)
