"""Which of two numbers is less: any vendor's way, and the ECP5's own."""

import random
from typing import Any

import pytest
from amaranth import *
from amaranth.sim import Simulator
from test_select_adder import ccu2c

from windrow.hdl.comparator import Comparator
from windrow.hdl.devices.ecp5 import CarryComparator


SHAPES = [Shape(1), Shape(2), Shape(8), Shape(1, signed=True), Shape(5, signed=True),
          Shape(16, signed=True)]


def compares(dut: Comparator, shape: Shape) -> None:
    rng = random.Random(1)
    low, high = (-(1 << shape.width - 1), (1 << shape.width - 1) - 1) if shape.signed else (
        0, (1 << shape.width) - 1)

    async def testbench(ctx: Any) -> None:
        for number in range(200):
            a, b = rng.randint(low, high), rng.randint(low, high)
            # The same, next to each other, and a bit apart.
            b = {0: a, 1: min(a + 1, high), 2: rng.choice([low, high])}.get(number % 5, b)
            inhibit = number % 7 == 0
            for port, value in ((dut.a, a), (dut.b, b), (dut.inhibit, inhibit)):
                ctx.set(port, value)
            await ctx.delay(1e-9)
            assert ctx.get(dut.o) == (a < b and not inhibit)

    sim = Simulator(dut)
    sim.add_testbench(testbench)
    sim.run()


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_compares(shape: Shape) -> None:
    compares(Comparator(shape), shape)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_carry_chain_compares(shape: Shape, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("windrow.hdl.devices.ecp5.Instance", ccu2c)
    compares(CarryComparator(shape), shape)
