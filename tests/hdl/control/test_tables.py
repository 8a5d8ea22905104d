"""Tables that are written while frames go on: each frame has the table of its commit."""

import random
from typing import Any

import numpy as np
import pytest
from amaranth.sim import Simulator
from axi_lite_bench import Master
from register_model import OKAY, SLVERR

from windrow.hdl.controlled_core import ControlledCore
from windrow.model.pipeline import Pipeline


WIDTH, HEIGHT = 8, 5


def make(entries: list[int], lanes: int) -> Pipeline:
    """A table between two windows, so that several frames are on their way."""
    least = min(0, *entries)
    return Pipeline([
        {"name": "calm", "dilate": 3},
        {"name": "tone", "lut": entries, "entries": "runtime", "output": "s9" if least else "u8"},
        {"expr": "tone + input[1, 0]", "output": "s10", "border": "reflect101"},
    ], width=WIDTH, height=HEIGHT, pixel="u3", pixels_per_clock=lanes, control="axi4-lite")


@pytest.mark.parametrize("lanes, low", [(1, 0), (2, -200)])
def test_each_frame_has_the_table_of_its_commit(lanes: int, low: int) -> None:
    """Whatever is written while two frames are on their way."""
    rng = np.random.default_rng(lanes)
    start = [low, *range(9, 16)]
    dut = ControlledCore(make(start, lanes))
    assert dut.registers is not None
    registers = dut.registers.map
    table, count = registers["STAGE_TONE_TABLE"], registers["STAGE_TONE_TABLE_COUNT"]
    master = Master(dut.bus, random.Random(1), pause=0.1)
    images = rng.integers(0, 8, (16, HEIGHT, WIDTH))
    sent: list[tuple[int, int]] = []
    out: list[int] = []
    wanted: list[int] = []
    flows = False

    async def source(ctx: Any) -> None:
        while True:
            if not sent:
                await ctx.tick()
                continue
            number, at = sent.pop(0)
            row, column = divmod(at, WIDTH)
            ctx.set(dut.i.valid, 1)
            ctx.set(dut.i.payload, {
                "samples": images[number, row, column:column + lanes].tolist(),
                "first": at == 0, "last": column + lanes == WIDTH})
            await ctx.tick().until(dut.i.ready)
            ctx.set(dut.i.valid, 0)

    async def sink(ctx: Any) -> None:
        stalls = random.Random(3)
        while True:
            ready = flows and stalls.random() < 0.8
            ctx.set(dut.o.ready, ready)
            _, _, valid, beat = await ctx.tick().sample(dut.o.valid, dut.o.payload)
            if valid and ready:
                out.extend(beat.samples)

    async def quiet(ctx: Any) -> None:
        nonlocal flows
        flows = True
        while sent or len(out) < len(wanted):
            await ctx.tick()

    async def testbench(ctx: Any) -> None:
        nonlocal flows

        async def write(entries: Any, *, first: bool = False) -> None:
            for number, entry in enumerate(entries):
                word = table.fields[0].encode(int(entry)) | (first and number == 0) << 31
                assert await master.write(ctx, table.offset, word) == OKAY

        async def commit() -> None:
            assert await master.write(ctx, registers["COMMIT"].offset, 1) == OKAY

        committed = start
        for number in range(len(images)):
            tables = rng.integers(low, 256, (3, 8)).tolist()
            flows = False
            if number % 4 == 1:  # is replaced before a frame takes it
                await write(tables[1], first=True)
                await commit()
                committed = tables[1]
            if number % 3 == 1:  # is begun and given up
                await write(tables[2][:7])
            await write(tables[0][:5], first=True)
            if number % 3 == 2:  # is not complete
                await commit()
                assert await master.read(ctx, count.offset) == (5, OKAY)
            await write(tables[0][5:])
            assert await master.read(ctx, count.offset) == (8, OKAY)
            await write([7])  # there is no ninth entry
            if number and number % 5 != 2:  # the first frame has the design's own
                await commit()
                committed = tables[0]
            if number % 7 == 3:  # comes too late for this frame
                await write(tables[2][:2 + number % 3])
                assert await master.read(ctx, count.offset) == (2 + number % 3, OKAY)
            wanted.extend(make(committed, lanes).compute(images[number]).ravel().tolist())
            sent.extend((number, at) for at in range(0, WIDTH * HEIGHT, lanes))
            flows = number % 2 == 0
            while len(sent) > WIDTH // lanes:
                flows = True
                await ctx.tick()
        await quiet(ctx)
        assert out == wanted
        assert await master.write(ctx, table.offset, 256) == SLVERR
        assert await master.write(ctx, count.offset, 0) == SLVERR

    sim = Simulator(dut)
    sim.add_clock(1e-6)
    sim.add_testbench(source, background=True)
    sim.add_testbench(sink, background=True)
    sim.add_testbench(testbench)
    sim.run()
