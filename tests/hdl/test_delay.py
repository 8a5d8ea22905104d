"""Delays: what a reset leaves of them."""

from typing import Any

import pytest
from amaranth.hdl import Module, ResetInserter, Signal, Value
from amaranth.sim import Simulator

from windrow.hdl.delay import delayed, line


@pytest.mark.parametrize("reset_less", [False, True])
@pytest.mark.parametrize("one", [False, True])
def test_a_reset_of_one_cycle(reset_less: bool, one: bool) -> None:
    """It clears all registers, but for those that are said to need no reset."""
    m = Module()
    value, reset = Signal(), Signal()
    keys = {"reset_less": True} if reset_less else {}
    stages: list[Value] = ([delayed(m, value, 3, name="stage", **keys)] if one else
                           [*line(m, value, 3, name="stage", **keys)][1:])

    async def testbench(ctx: Any) -> None:
        ctx.set(value, 1)
        await ctx.tick().repeat(4)
        assert all(ctx.get(stage) for stage in stages)
        ctx.set(reset, 1)
        await ctx.tick()
        assert all(ctx.get(stage) == reset_less for stage in stages)

    sim = Simulator(ResetInserter(reset)(m))
    sim.add_clock(1e-6)
    sim.add_testbench(testbench)
    sim.run()
