"""Which of two numbers is less: any vendor's way, and the ECP5's own."""

from typing import Any

import pytest
from amaranth import Shape
from amaranth.sim import Simulator
from test_select_adder import ccu2c

from windrow.hdl.arithmetic.less import Less
from windrow.hdl.devices.ecp5 import CarryLess


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("width", [1, 2, 3, 4])
@pytest.mark.parametrize("kind", [Less, CarryLess])
def test_less(
    kind: type[Less], width: int, signed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("windrow.hdl.devices.ecp5.Instance", ccu2c)
    dut = kind(Shape(width, signed))
    numbers = range(-(1 << width - 1), 1 << width - 1) if signed else range(1 << width)

    async def testbench(ctx: Any) -> None:
        for a in numbers:
            for b in numbers:
                ctx.set(dut.a, a)
                ctx.set(dut.b, b)
                await ctx.delay(1e-9)
                assert ctx.get(dut.o) == (a < b)

    sim = Simulator(dut)
    sim.add_testbench(testbench)
    sim.run()
