"""A core with its registers: what either tells the other arrives."""

import random
from typing import Any

from amaranth.sim import Simulator
from axi_lite_bench import Master
from register_model import OKAY

from windrow.hdl.controlled_core import ControlledCore
from windrow.model import Filter


WIDTH, HEIGHT = 8, 4


def test_the_core_and_its_registers_know_of_each_other() -> None:
    dut = ControlledCore(Filter(kernel=[[1]], width=WIDTH, height=HEIGHT, control="axi4-lite"))
    assert dut.registers is not None
    registers = dut.registers.map
    master = Master(dut.bus, random.Random(0), pause=0)
    out: list[int] = []

    async def write(ctx: Any, name: str, word: int) -> None:
        assert await master.write(ctx, registers[name].offset, word) == OKAY

    async def read(ctx: Any, name: str) -> int:
        word, answer = await master.read(ctx, registers[name].offset)
        assert answer == OKAY
        return word

    async def frame(ctx: Any, width: int, height: int) -> None:
        for beat in range(width * height):
            ctx.set(dut.i.valid, 1)
            ctx.set(dut.i.payload.samples[0], beat)
            ctx.set(dut.i.payload.first, beat == 0)
            ctx.set(dut.i.payload.last, beat % width == width - 1)
            while not (await ctx.tick().sample(dut.i.ready))[2]:
                pass
        ctx.set(dut.i.valid, 0)
        await ctx.tick().repeat(dut.core.latency + 8)

    async def testbench(ctx: Any) -> None:
        ctx.set(dut.o.ready, 1)
        frames = registers["EVENTS"].fields[5].mask
        await frame(ctx, WIDTH, HEIGHT)
        assert out == [*range(WIDTH * HEIGHT)]
        assert await read(ctx, "EVENTS") == frames
        assert await read(ctx, "FRAMES") == 1
        # What is committed: a size, an offset.
        await write(ctx, "SIZE", 3 << 16 | 5)
        await write(ctx, "OFFSET", 100)
        await write(ctx, "COMMIT", 1)
        out.clear()
        await frame(ctx, 5, 3)
        assert out == [100 + beat for beat in range(15)]
        assert await read(ctx, "STATUS") == 0
        assert await read(ctx, "FRAMES") == 2
        assert await read(ctx, "SHORT_LINES") == 0
        # No frame is filtered.
        await write(ctx, "CONTROL", 0)
        await write(ctx, "COMMIT", 1)
        out.clear()
        await frame(ctx, 5, 3)
        assert out == []
        # A beat that is lost, and its interrupt.
        await write(ctx, "INTERRUPT_ENABLE", registers["EVENTS"].fields[4].mask)
        assert not ctx.get(dut.interrupt)
        ctx.set(dut.overflow, 1)
        await ctx.tick().repeat(2)
        ctx.set(dut.overflow, 0)
        assert await read(ctx, "OVERFLOWS") == 2
        assert ctx.get(dut.interrupt)

    async def sink(ctx: Any) -> None:
        while True:
            _, _, valid, beat = await ctx.tick().sample(dut.o.valid, dut.o.payload)
            if valid:
                out.append(beat.samples[0])

    sim = Simulator(dut)
    sim.add_clock(1e-6)
    sim.add_testbench(testbench)
    sim.add_testbench(sink, background=True)
    sim.run()


def test_without_a_register_port_there_is_none() -> None:
    dut = ControlledCore(Filter(kernel=[[1]], width=WIDTH, height=HEIGHT))
    assert dut.registers is None
    assert set(dut.signature.members) == {"i", "o", "reset_follows"}
