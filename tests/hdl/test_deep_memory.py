"""A memory of any depth, of as many banks as it takes."""

import random
import re
from dataclasses import replace
from typing import Any

import pytest
from amaranth import Module, Mux, Signal
from amaranth.back import rtlil
from amaranth.sim import Simulator

from windrow.hdl.deep_memory import DeepMemory
from windrow.hdl.devices import Device, device
from windrow.hdl.window.line_memory import LineMemory


class Heeding(LineMemory):
    """One that holds its word where none is wanted."""

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.inner = inner = LineMemory(self._shape, self._depth)
        wanted = Signal(len(self.read_address))
        with m.If(self.read_enable):
            m.d.sync += wanted.eq(self.read_address)
        m.d.comb += [
            inner.read_enable.eq(1),
            inner.read_address.eq(Mux(self.read_enable, self.read_address, wanted)),
            self.read_data.eq(inner.read_data),
            inner.write_enable.eq(self.write_enable),
            inner.write_address.eq(self.write_address),
            inner.write_data.eq(self.write_data),
        ]
        return m


BANKED = replace(device("generic"), bank_depth=8)

DEPTHS: list[tuple[Device, int, list[int]]] = [
    (BANKED, 1, [2]), (BANKED, 2, [2]), (BANKED, 7, [7]), (BANKED, 8, [8]), (BANKED, 9, [8, 2]),
    (BANKED, 15, [8, 7]), (BANKED, 16, [8, 8]), (BANKED, 19, [8, 8, 3]), (BANKED, 32, [8] * 4),
    (device("generic"), 19, [19]), (device("generic"), 1, [2]),
    (replace(BANKED, memory=Heeding), 19, [8, 8, 3]),
]
"""Device, words, and words of each bank."""


@pytest.mark.parametrize(("family", "depth", "banks"), DEPTHS)
def test_banks(family: Device, depth: int, banks: list[int]) -> None:
    """None is deeper than a bank, and none has words that are not needed but a second."""
    text = rtlil.convert(DeepMemory(5, depth, family))
    assert [int(size) for size in re.findall(r"memory width 5 size (\d+)", text)] == banks


@pytest.mark.parametrize(("family", "depth"), [each[:2] for each in DEPTHS])
def test_words(family: Device, depth: int) -> None:
    """Each is what was written there last; a read may be of another bank in every cycle."""
    memory, rng = DeepMemory(5, depth, family), random.Random(depth)
    held = [rng.randrange(32) for _ in range(depth)]
    found: list[int] = []
    wanted: list[int] = []

    async def testbench(ctx: Any) -> None:
        ctx.set(memory.write_enable, 1)
        for address, word in enumerate(held):
            ctx.set(memory.write_address, address)
            ctx.set(memory.write_data, word)
            await ctx.tick()
        for _ in range(200):
            # What is read in the cycle in which it is written is not said.
            write, read = rng.randrange(depth), rng.randrange(depth)
            enable = write != read and rng.random() < 0.5
            word = rng.randrange(32)
            found.append(ctx.get(memory.read_data))
            wanted.append(held[read])
            ctx.set(memory.read_address, read)
            ctx.set(memory.write_enable, enable)
            ctx.set(memory.write_address, write)
            ctx.set(memory.write_data, word)
            if enable:
                held[write] = word
            await ctx.tick()

    simulator = Simulator(memory)
    simulator.add_clock(1e-6)
    simulator.add_testbench(testbench)
    simulator.run()
    assert found[memory.latency:] == wanted[:len(wanted) - memory.latency]
