"""A commit at any moment: frames are as they were before it, or as it says, and never half."""

import random
from types import SimpleNamespace
from typing import Any

import pytest
from amaranth.sim import Simulator
from axi_lite_bench import Master
from register_model import OKAY

from windrow.hdl import VideoCore
from windrow.hdl.control.axi_lite import AxiLiteSignature
from windrow.model import Filter


WIDTH, HEIGHT, FRAMES = 4, 3, 5
FILTER = Filter(kernel=[[1]], width=WIDTH, height=HEIGHT, control="axi4-lite")
ADDED = 100
"""What the commit adds to each sample."""


def frames_out(delay: int, *enables: int) -> list[int]:
    """What comes of frames of 1, 2, ... whose samples are all alike, back to back.

    ``enables`` are committed one after the other before the frames come, the last one with an
    offset ``delay`` cycles after the first beat is offered.
    """
    top: Any = VideoCore(FILTER)
    assert top.registers is not None
    registers = top.registers.map
    bus = SimpleNamespace(**{name: getattr(top, f"s_axi_ctrl_{name}")
                             for name in AxiLiteSignature(12).members})
    master = Master(bus, random.Random(0), pause=0)
    begins = False
    out: list[tuple[int, int]] = []

    async def write(ctx: Any, name: str, word: int) -> None:
        assert await master.write(ctx, registers[name].offset, word) == OKAY

    async def settings(ctx: Any) -> None:
        nonlocal begins
        ctx.set(top.aresetn, 1)
        *before, last = enables
        for enable in before:
            await write(ctx, "CONTROL", enable)
            await write(ctx, "COMMIT", 1)
        await write(ctx, "CONTROL", last)
        await write(ctx, "OFFSET", ADDED)
        begins = True
        for _ in range(delay):
            await ctx.tick()
        await write(ctx, "COMMIT", 1)

    async def source(ctx: Any) -> None:
        while not begins:
            await ctx.tick()
        ctx.set(top.s_axis_video_tvalid, 1)
        for frame in range(1, FRAMES + 1):
            for beat in range(WIDTH * HEIGHT):
                ctx.set(top.s_axis_video_tdata, frame)
                ctx.set(top.s_axis_video_tuser, beat == 0)
                ctx.set(top.s_axis_video_tlast, beat % WIDTH == WIDTH - 1)
                await ctx.tick().until(top.s_axis_video_tready)
        ctx.set(top.s_axis_video_tvalid, 0)
        await ctx.tick().repeat(2 * top.latency)

    async def sink(ctx: Any) -> None:
        ctx.set(top.m_axis_video_tready, 1)
        while True:
            _, _, valid, sample, first = await ctx.tick().sample(
                top.m_axis_video_tvalid, top.m_axis_video_tdata, top.m_axis_video_tuser)
            if valid:
                out.append((sample, first))

    sim = Simulator(top)
    sim.add_clock(1e-6)
    sim.add_testbench(settings)
    sim.add_testbench(source)
    sim.add_testbench(sink, background=True)
    sim.run()

    starts = [number for number, (_, first) in enumerate(out) if first]
    assert starts == list(range(0, len(out), WIDTH * HEIGHT))
    assert all(sample == out[number - number % (WIDTH * HEIGHT)][0]
               for number, (sample, _) in enumerate(out))
    return [out[start][0] for start in starts]


# A row takes six cycles: in three rows every moment of a frame comes by.
DELAYS = range(20)


@pytest.mark.parametrize("delay", DELAYS)
def test_settings(delay: int) -> None:
    out = frames_out(delay, 1)
    taken = next(number for number, sample in enumerate(out) if sample > ADDED)
    assert out == [number + 1 + ADDED * (number >= taken) for number in range(FRAMES)]
    assert taken <= 3


@pytest.mark.parametrize("delay", DELAYS)
def test_settings_with_an_end_of_filtering(delay: int) -> None:
    """None is filtered with what is committed: all that come from then on are dropped."""
    out = frames_out(delay, 0)
    assert out == [*range(1, len(out) + 1)]
    assert len(out) <= 3


@pytest.mark.parametrize("delay", DELAYS)
def test_settings_with_a_begin_of_filtering(delay: int) -> None:
    """All that are not dropped are filtered with what is committed."""
    out = frames_out(delay, 0, 1)
    assert out == [*range(FRAMES + 1 - len(out) + ADDED, FRAMES + 1 + ADDED)]
    assert len(out) >= FRAMES - 3
