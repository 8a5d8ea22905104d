"""The contract that every line memory has to keep."""

import re
from typing import Any

import pytest
from amaranth.back import rtlil
from amaranth.sim import Simulator

from windrow.hdl.core import frame_geometry
from windrow.hdl.devices import DEVICES, ice40
from windrow.hdl.window.line_buffer import LineBuffer
from windrow.hdl.window.line_memory import LineMemory
from windrow.model import Filter


@pytest.mark.parametrize("depth", [1, 5, 64])
def test_word_comes_after_the_read_latency_and_is_back_after_the_turnaround(depth: int) -> None:
    dut = LineMemory(12, depth)

    async def testbench(ctx):
        for address in range(depth):
            ctx.set(dut.write_enable, 1)
            ctx.set(dut.write_address, address)
            ctx.set(dut.write_data, 100 + address)
            await ctx.tick()
        ctx.set(dut.write_enable, 0)

        for address in range(depth):
            ctx.set(dut.read_address, address)
            for _ in range(dut.read_latency):
                await ctx.tick()
                ctx.set(dut.read_address, depth - 1 - address)  # only one cycle of it counts
            assert ctx.get(dut.read_data) == 100 + address
            # Written over as soon as it came, it can be read `turnaround` cycles after the first.
            ctx.set(dut.write_enable, 1)
            ctx.set(dut.write_address, address)
            ctx.set(dut.write_data, 200 + address)
            await ctx.tick()
            ctx.set(dut.write_enable, 0)
            assert dut.turnaround == dut.read_latency + 1
            ctx.set(dut.read_address, address)
            for _ in range(dut.read_latency):
                await ctx.tick()
            assert ctx.get(dut.read_data) == 200 + address
            ctx.set(dut.write_enable, 1)
            ctx.set(dut.write_data, 100 + address)
            await ctx.tick()
            ctx.set(dut.write_enable, 0)

    sim = Simulator(dut)
    sim.add_clock(1e-6)
    sim.add_testbench(testbench)
    sim.run()


@pytest.mark.parametrize("depth", [2, 3, 8, 640])
def test_has_no_more_words_than_asked_for(depth: int) -> None:
    memory = LineMemory(12, depth)
    assert re.findall(r"^ *memory (.*) \\", rtlil.convert(memory), re.M) == [
        f"width 12 size {depth}"]
    for address in (memory.read_address, memory.write_address):
        assert len(address) == (depth - 1).bit_length()


@pytest.mark.parametrize("family", DEVICES)
def test_turnaround_of_a_family_covers_that_of_its_blocks(family: str) -> None:
    memory = DEVICES[family].line_memory
    parts = (ice40.BlockRAM, ice40.SinglePortRAM) if family == "ice40" else (memory,)
    for part in parts:
        assert memory.turnaround >= part.turnaround > part.read_latency
        assert memory.read_latency == part.read_latency


@pytest.mark.parametrize("control", ["none", "axi4-lite"])
def test_lines_may_be_shorter_where_the_size_may_change(control: str) -> None:
    made: list[bool] = []

    class Seen(LineMemory):
        def __init__(self, *args: Any, shorter: bool = False) -> None:
            made.append(shorter)
            super().__init__(*args, shorter=shorter)

    filter = Filter(kernel=[[1] * 3] * 3, width=8, height=5, shift=4, control=control)
    LineBuffer(frame_geometry(filter, DEVICES["generic"]), Seen).elaborate(None)
    assert made == [control != "none"]
