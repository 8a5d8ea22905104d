"""Products in LUTs, and how many of a device's multipliers run-time coefficients take."""

import random
from typing import Any

import pytest
from amaranth.back import rtlil
from amaranth.sim import Simulator

from windrow.hdl import Core
from windrow.hdl.multiplier import LUTMultiplier
from windrow.model import Filter
from windrow.model.interval import Interval


SEED = 11
FACTORS = [(Interval(0, 255), Interval(-128, 127)), (Interval(-100, 90), Interval(0, 4095)),
           (Interval(0, 1), Interval(-2, 1)), (Interval(-512, 511), Interval(-512, 511))]


@pytest.mark.parametrize(("a", "b"), FACTORS, ids=str)
def test_product_in_luts(a: Interval, b: Interval) -> None:
    product = LUTMultiplier(a, b)
    rng = random.Random(SEED)
    pairs = [(x, y) for x in (a.low, a.high) for y in (b.low, b.high)]
    pairs += [(rng.randint(a.low, a.high), rng.randint(b.low, b.high)) for _ in range(200)]
    found = []

    async def bench(ctx: Any) -> None:
        for x, y in [*pairs, *[(0, 0)] * product.latency]:
            ctx.set(product.a, x)
            ctx.set(product.b, y)
            found.append(ctx.get(product.product))
            await ctx.tick()

    simulator = Simulator(product)
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.run()
    assert found[product.latency :] == [x * y for x, y in pairs], f"seed {SEED}"


@pytest.mark.parametrize(("rows", "channels", "blocks"), [(1, 1, 3), (3, 1, 8), (1, 3, 6)])
def test_run_time_coefficients_leave_it_at_eight(rows: int, channels: int, blocks: int) -> None:
    filter = Filter.from_dict({
        "kernel": [[1, 2, 1]] * rows, "width": 16, "height": 8, "channels": channels,
        "control": "axi4-lite", "coefficients": "runtime"})
    assert rtlil.convert(Core(filter, target="ice40")).count(r"cell \SB_MAC16 ") == blocks
