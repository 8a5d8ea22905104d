"""How soon a core is under way again after its output has waited long."""

from typing import Any

import pytest
from amaranth.sim import Simulator

from windrow.hdl import Core, PipelineCore
from windrow.model import Filter, Pipeline


STALL = 700


def gap(core: Any, width: int, height: int) -> int:
    """Cycles without a beat in the frame's length after a long stall; the source never waits."""
    offered: list[int] = []

    async def bench(ctx: Any) -> None:
        place = 0
        ctx.set(core.i.valid, 1)
        for cycle in range(STALL + width * height):
            ctx.set(core.i.payload.first, place == 0)
            ctx.set(core.i.payload.last, place % width == width - 1)
            ctx.set(core.o.ready, cycle >= STALL)
            if cycle >= STALL:
                offered.append(ctx.get(core.o.valid))
            taken = ctx.get(core.i.ready)
            await ctx.tick()
            place = (place + taken) % (width * height)

    simulator = Simulator(core)
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.run()
    return offered.count(0)


@pytest.mark.parametrize("core", [
    lambda: Core(Filter("gaussian:ksize=7", 21, 16)),
    lambda: PipelineCore(Pipeline([{"kernel": "gaussian:ksize=3"}, {"expr": "divide(input, 3)"},
                                   {"kernel": "sobel-x"}], width=21, height=16)),
    # Its queue holds just above a power of two.
    lambda: PipelineCore(Pipeline(
        [{"kernels": {"gx": "sobel-x", "gy": "sobel-y"}, "output": "s16"},
         {"expr": "round(sqrt(gx*gx + gy*gy))", "output": "u8"}], width=21, height=16),
        target="gowin"),
], ids=["filter", "pipeline", "magnitude"])
@pytest.mark.filterwarnings("ignore::amaranth.hdl.UnusedElaboratable")
def test_it_is_as_late_as_it_says(core: Any) -> None:
    made = core()
    found = gap(made, 21, 16)
    assert 0 < found <= made.restart_cycles <= found + 12
