"""The magnitude of a number: any vendor's way, and the ECP5's own."""

from typing import Any

import pytest
from amaranth.sim import Simulator
from test_select_adder import ccu2c

from windrow.hdl.arithmetic.magnitude import Magnitude
from windrow.hdl.devices.ecp5 import CarryMagnitude


@pytest.mark.parametrize("width", [1, 2, 5, 8])
@pytest.mark.parametrize("kind", [Magnitude, CarryMagnitude])
def test_magnitude(
    kind: type[Magnitude], width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("windrow.hdl.devices.ecp5.Instance", ccu2c)
    dut = kind(width)

    async def testbench(ctx: Any) -> None:
        for value in range(-(1 << width - 1), 1 << width - 1):
            ctx.set(dut.i, value)
            await ctx.delay(1e-9)
            assert ctx.get(dut.o) == abs(value)

    sim = Simulator(dut)
    sim.add_testbench(testbench)
    sim.run()
