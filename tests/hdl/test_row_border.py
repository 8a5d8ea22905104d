"""The border above and below: how long it takes, and that both ends keep apart."""

import random
from typing import Any

import numpy as np
import pytest
from amaranth.hdl import ResetInserter, Signal
from amaranth.sim import Simulator
from core_bench import check, run
from strategies import random_image

from windrow.hdl.core import frame_geometry
from windrow.hdl.devices import device
from windrow.hdl.window.line_buffer import LineBuffer
from windrow.hdl.window.row_border import RowBorder
from windrow.model import Filter
from windrow.model.borders import BORDERS


@pytest.mark.parametrize("rows, border, steps", [
    (1, "replicate", 1), (3, "reflect101", 1), (5, "reflect101", 1), (7, "reflect101", 3),
    (9, "symmetric", 3), (9, "constant", 1),
])
def test_latency(rows: int, border: str, steps: int) -> None:
    """Only where a row of the kernel has more than two to choose from, a register is met twice."""
    filter = Filter(kernel=[[1]] * rows, width=9, height=20, border=border, output="u12")
    assert RowBorder(frame_geometry(filter, device("generic")), 2).latency == 2 + steps


@pytest.mark.parametrize("border", BORDERS)
def test_a_frame_of_the_kernels_height(border: str) -> None:
    """At most of its rows the kernel reaches past both ends."""
    filter = Filter(kernel=np.arange(1, 8).reshape(7, 1), width=6, height=7, border=border,
                    output="u16", border_value=3)
    for other in BORDERS:
        both = filter.replace(border={"top": border, "bottom": other, "left": border,
                                      "right": border})
        images = [random_image(random.Random(0), both) for _ in range(2)]
        check(both, images, run(both, images))


def test_no_push_comes_out_of_a_reset() -> None:
    """Of one cycle, whatever was on its way through the line buffer."""
    filter = Filter(kernel=[[1, 2, 1]] * 3, width=9, height=4)
    dut: Any = LineBuffer(frame_geometry(filter, device("generic")))
    reset = Signal()

    async def testbench(ctx: Any) -> None:
        ctx.set(dut.i.valid, 1)
        for _ in range(dut.latency):
            await ctx.tick()
        assert ctx.get(dut.o_push.valid)
        ctx.set(reset, 1)
        await ctx.tick()
        ctx.set(reset, 0)
        ctx.set(dut.i.valid, 0)
        for _ in range(dut.latency + 1):
            assert not ctx.get(dut.o_push.valid)
            await ctx.tick()

    sim = Simulator(ResetInserter(reset)(dut))
    sim.add_clock(1e-6)
    sim.add_testbench(testbench)
    sim.run()
