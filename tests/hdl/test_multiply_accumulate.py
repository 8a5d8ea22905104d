"""Sums of products against Python's integers, extremes included."""

import random

import pytest
from amaranth.sim import Simulator

from windrow.hdl.layout import interval_shape
from windrow.model.interval import Interval
from windrow.hdl.multiply_accumulate import MultiplyAccumulate
from windrow.model import Sample


@pytest.mark.parametrize(("kernel", "latency"), [
    ([[1]], 1),
    ([[0]], 1),
    ([[-1]], 1),
    ([[0, 0], [0, -7]], 1),
    ([[1, 2, 1], [2, 4, 2], [1, 2, 1]], 5),
    ([[-3, 5, -1024, 99, 17]], 4),
    ([[3 << 20], [-(5 << 30)]], 2),
])
@pytest.mark.parametrize("sample", ["u1", "u8", "s2", "s11"])
def test_sums(kernel: list[list[int]], latency: int, sample: str) -> None:
    rng = random.Random(0)
    range_ = Sample.parse(sample)
    dut = MultiplyAccumulate(kernel, range_)
    assert dut.latency == latency
    cells = [(i, j) for i in range(len(kernel)) for j in range(len(kernel[0]))]
    windows = [{cell: rng.randint(range_.minimum, range_.maximum) for cell in cells}
               for _ in range(30)]
    # Both ends of the sum's exact range.
    windows += [{(i, j): range_.maximum if (kernel[i][j] > 0) == top else range_.minimum
                 for i, j in cells} for top in (False, True)]
    wanted = [sum(kernel[i][j] * value for (i, j), value in window.items()) for window in windows]
    assert Interval(min(wanted[-2:]), max(wanted[-2:])) == dut.interval

    async def testbench(ctx):
        for number in range(len(windows) + latency):
            if number < len(windows):
                for (i, j), value in windows[number].items():
                    ctx.set(dut.taps[i][j], value)
            await ctx.tick()
            if number + 1 >= latency and number + 1 - latency < len(windows):
                assert ctx.get(dut.sum) == wanted[number + 1 - latency]

    sim = Simulator(dut)
    sim.add_clock(1e-6)
    sim.add_testbench(testbench)
    sim.run()


@pytest.mark.parametrize(("low", "high", "width", "signed"), [
    (0, 0, 1, False),
    (0, 255, 8, False),
    (0, 256, 9, False),
    (-1, 0, 1, True),
    (-128, 127, 8, True),
    (-129, 0, 9, True),
    (-1, 128, 9, True),
    (3, 5, 3, False),
])
def test_interval_shape(low: int, high: int, width: int, signed: bool) -> None:
    shape = interval_shape(Interval(low, high))
    assert (shape.width, shape.signed) == (width, signed)
