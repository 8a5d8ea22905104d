"""Requantisation in hardware against the golden model, over every sum of a range."""

import random

import numpy as np
import pytest
from amaranth import ClockDomain, Module
from amaranth.sim import Simulator

from windrow.hdl.arithmetic.graph_pipeline import GraphPipeline
from windrow.hdl.devices import DEVICES
from windrow.model import Filter
from windrow.model.graph import Graph
from windrow.model.interval import Interval
from windrow.model.keys import OVERFLOWS
from windrow.model.nodes import ROUNDINGS
from windrow.model.requantisation import Requantisation


def pipeline(filter: Filter, interval: Interval) -> GraphPipeline:
    requantisation = Requantisation(
        filter.shift, filter.offset, filter.rounding, filter.overflow, filter.output)
    graph = requantisation.after(Graph.wires([interval]))
    return GraphPipeline(graph, DEVICES["generic"])


def run(filter: Filter, sums: list[int]) -> list[int]:
    dut = pipeline(filter, Interval(min(sums), max(sums)))
    samples: list[int] = []

    async def testbench(ctx):
        for number in range(len(sums) + dut.latency):
            ctx.set(dut.i[0], sums[min(number, len(sums) - 1)])
            if number >= dut.latency:
                samples.append(ctx.get(dut.o[0]))
            await ctx.tick()

    top = Module()
    top.domains.sync = ClockDomain()  # where there is nothing to do, there is no clock either
    top.submodules.dut = dut
    sim = Simulator(top)
    sim.add_clock(1e-6)
    sim.add_testbench(testbench)
    sim.run()
    return samples[: len(sums)]


@pytest.mark.parametrize("rounding", ROUNDINGS)
@pytest.mark.parametrize("overflow", OVERFLOWS)
@pytest.mark.parametrize(("pixel", "shift", "offset", "output"), [
    ("s10", 0, 0, "s10"),  # nothing to do
    ("s10", 1, 0, "u8"),
    ("s10", 3, -5, "s5"),  # the sign of the sum and of the value differ
    ("u9", 2, 7, "u6"),
    ("s8", 9, 1, "u1"),  # the shift is wider than the sum
    ("s9", 4, 0, "s2"),
    ("u4", 2, -3, "s32"),
])
def test_every_sum(rounding, overflow, pixel, shift, offset, output) -> None:
    bits = int(pixel[1:])
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if pixel[0] == "s" else (0, (1 << bits) - 1)
    sums = list(range(low, high + 1))
    filter = Filter(kernel=[[1]], width=len(sums), height=1, pixel=pixel, shift=shift,
                    offset=offset, rounding=rounding, overflow=overflow, output=output)
    wanted = filter.compute(np.array([sums])).ravel().tolist()
    got = run(filter, sums)
    differing = [(s, g, w) for s, g, w in zip(sums, got, wanted, strict=True) if g != w]
    assert not differing, f"sum {differing[0][0]}: got {differing[0][1]}, wanted {differing[0][2]}"


@pytest.mark.parametrize("rounding", ROUNDINGS)
@pytest.mark.parametrize("seed", range(12))
def test_every_sum_of_a_narrow_range(rounding: str, seed: int) -> None:
    """Ranges that end anywhere: a width that holds one less shows."""
    rng = random.Random(seed)
    low = rng.randint(-20, 12)
    sums = list(range(low, low + rng.randint(1, 24)))
    shift = rng.randint(1, 3)
    filter = Filter(kernel=[[1]], width=len(sums), height=1, pixel="s6", shift=shift,
                    offset=rng.randint(-3, 3), rounding=rounding,
                    overflow=rng.choice(OVERFLOWS), output=rng.choice(["s2", "s3", "u2", "u1"]))
    assert run(filter, sums) == filter.compute(np.array([sums])).ravel().tolist()


@pytest.mark.parametrize(("keys", "interval", "latency"), [
    ({}, Interval(0, 255), 0),  # every sum is a sample
    ({"shift": 4}, Interval(0, 4080), 1),  # rounding, and nothing above 255 to clamp
    ({}, Interval(-1020, 1020), 1),  # clamping
    ({"overflow": "abs-saturate"}, Interval(-1020, 1020), 2),
    ({"shift": 1, "rounding": "half-even"}, Interval(-3, 9), 3),
    ({"overflow": "wrap"}, Interval(-1020, 1020), 0),
    ({"shift": 1, "rounding": "toward-zero"}, Interval(0, 510), 0),  # nothing is negative
    ({"shift": 1, "rounding": "half-away", "offset": 4}, Interval(-8, 400), 1),
    ({"shift": 1, "rounding": "half-even", "output": "s4"}, Interval(-16, 14), 2),
    # What is taken off sums below zero counts at either end of the range.
    ({"shift": 1, "rounding": "half-away", "output": "s8"}, Interval(-256, 200), 2),
    ({"shift": 1, "rounding": "half-away", "output": "s8"}, Interval(-257, 200), 3),
    ({"shift": 1, "rounding": "half-away", "output": "s9"}, Interval(-3, 511), 3),
    # -3 and a half becomes -4, so that there is something to clamp.
    ({"shift": 1, "rounding": "half-even", "overflow": "abs-saturate", "output": "u2"},
     Interval(-7, 3), 4),
    # Without a sign there is nothing to take off, nor to round another way.
    ({"overflow": "abs-saturate"}, Interval(0, 255), 0),
    ({"overflow": "abs-saturate", "offset": 5}, Interval(-5, 250), 1),
    ({"shift": 1, "rounding": "half-away"}, Interval(0, 400), 1),
    ({"shift": 1, "rounding": "toward-zero"}, Interval(0, 511), 0),
    ({"shift": 1, "rounding": "half-away", "output": "s8"}, Interval(-256, 253), 2),
    # To the ends of the output's range, and a sum further.
    ({"output": "s8"}, Interval(-128, 127), 0),
    ({"output": "s8"}, Interval(-129, 127), 1),
    ({"output": "s8"}, Interval(-128, 128), 1),
    ({"overflow": "abs-saturate"}, Interval(-255, 0), 1),
    ({"overflow": "abs-saturate"}, Interval(-256, 0), 2),
    ({"shift": 1, "rounding": "half-even"}, Interval(0, 508), 2),
    ({"shift": 1, "rounding": "half-even"}, Interval(0, 511), 3),
])
def test_steps_that_are_not_needed_take_no_cycle(
    keys: dict[str, object], interval: Interval, latency: int
) -> None:
    filter = Filter(kernel=[[1]], width=8, height=1, **keys)
    assert pipeline(filter, interval).latency == latency


@pytest.mark.parametrize("rounding", ROUNDINGS)
@pytest.mark.parametrize("overflow", OVERFLOWS)
def test_ranges_that_end_around_a_power_of_two(rounding: str, overflow: str) -> None:
    """No step's register is a bit too narrow, and no step is left out that is needed."""
    for low, high in ((-4, 8), (-9, 7), (-8, 16), (-1, 15), (-15, 0), (0, 16), (-17, -1), (-31, 2),
                      (-2, 0)):
        for shift, offset, output in (
                (1, 0, "u3"), (2, 1, "s3"), (1, -4, "s6"), (2, 0, "s6"), (1, 0, "s2")):
            sums = list(range(low, high + 1))
            filter = Filter(kernel=[[1]], width=len(sums), height=1, pixel="s7", shift=shift,
                            offset=offset, rounding=rounding, overflow=overflow, output=output)
            wanted = filter.compute(np.array([sums])).ravel().tolist()
            assert run(filter, sums) == wanted, (low, high, shift, offset, output)
