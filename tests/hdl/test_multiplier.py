"""Products in LUTs, and how many of a device's multipliers run-time coefficients take."""

import random
import re
from typing import Any

import pytest
from amaranth.back import rtlil
from amaranth.sim import Simulator

from windrow.hdl import Core
from windrow.hdl.arithmetic.multiplier import LUTMultiplier, Multiplier
from windrow.hdl.devices import DEVICES
from windrow.model import Filter
from windrow.model.interval import Interval


SEED = 11
FACTORS = [(Interval(0, 255), Interval(-128, 127)), (Interval(-100, 90), Interval(0, 4095)),
           (Interval(0, 1), Interval(-2, 1)), (Interval(-512, 511), Interval(-512, 511))]


class Cut(Multiplier):
    """In blocks of 5 bits."""

    factor_bits = 5


def check_products(product: Multiplier, a: Interval, b: Interval) -> None:
    """All ends, and some between."""
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


@pytest.mark.parametrize(("a", "b"), FACTORS, ids=str)
def test_product_in_luts(a: Interval, b: Interval) -> None:
    assert "$mul" not in rtlil.convert(LUTMultiplier(a, b)), "tools would infer a multiplier"
    check_products(LUTMultiplier(a, b), a, b)


@pytest.mark.parametrize(("a", "b"), [
    *FACTORS, (Interval(0, 31), Interval(-16, 15)), (Interval(0, 32), Interval(-17, 15)),
    (Interval(-256, 255), Interval(-257, 0)), (Interval(0, (1 << 20) - 1), Interval(0, 1 << 13)),
    ], ids=str)
def test_product_in_pieces(a: Interval, b: Interval) -> None:
    """As many multipliers as are said, none of which is wider than a block."""
    widths = [int(width) for width in re.findall(
        r"cell \$mul \S+\n(?:.*\n){,4}?.*\\Y_WIDTH (\d+)", rtlil.convert(Cut(a, b)))]
    assert len(widths) == Cut.block_count(a, b)
    assert max(widths) <= 10
    check_products(Cut(a, b), a, b)


@pytest.mark.parametrize("kind", [Multiplier, LUTMultiplier])
def test_a_factor_that_is_held(kind: type[Multiplier]) -> None:
    """Until another is loaded."""
    product = kind(Interval(0, 255), Interval(-128, 127), holds=True)
    rng = random.Random(SEED)
    rows = [(1, 0, 0), *((rng.randint(0, 3) == 0, rng.randint(0, 255), rng.randint(-128, 127))
                         for _ in range(100))]
    found, wanted, factor = [], [], 0

    async def bench(ctx: Any) -> None:
        for load, a, b in [*rows, *[(0, 0, 0)] * product.latency]:
            for member, value in ((product.load, load), (product.a, a), (product.b, b)):
                ctx.set(member, value)
            found.append(ctx.get(product.product))
            await ctx.tick()

    for load, a, b in rows:
        factor = b if load else factor
        wanted.append(a * factor)
    simulator = Simulator(product)
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.run()
    assert found[product.latency :] == wanted, f"seed {SEED}"


@pytest.mark.parametrize("kind", [
    family.multiplier for family in DEVICES.values()], ids=lambda kind: (
        f"{kind.__module__.rpartition('.')[2]}.{kind.__name__}"))
def test_a_factor_is_cut_in_as_few_pieces_as_fit(kind: type[Multiplier]) -> None:
    """The last piece has its sign; the others are unsigned, which takes a block's sign bit."""
    most = kind.factor_bits
    for bits in range(1, 75):
        cuts = kind._cuts(bits)
        assert [bit for first, last in cuts for bit in range(first, last)] == [*range(bits)]
        if most is None:
            assert len(cuts) == 1
            continue
        widths = [last - first for first, last in cuts]
        assert all(width == most - 1 for width in widths[:-1])
        assert 0 < widths[-1] <= most
        # One piece less could not hold it.
        assert len(cuts) == 1 or (len(cuts) - 2) * (most - 1) + most < bits
        assert kind.block_count(Interval(0, (1 << bits) - 1), Interval(0, 1)) == len(cuts)
        assert kind.block_count(Interval(0, (1 << bits) - 1), Interval(0, (1 << bits) - 1)) == (
            len(cuts) ** 2)


@pytest.mark.parametrize(("rows", "channels", "blocks"), [(1, 1, 3), (3, 1, 8), (1, 3, 6)])
def test_run_time_coefficients_leave_it_at_eight(rows: int, channels: int, blocks: int) -> None:
    filter = Filter.from_dict({
        "kernel": [[1, 2, 1]] * rows, "width": 16, "height": 8, "channels": channels,
        "control": "axi4-lite", "coefficients": "runtime"})
    assert rtlil.convert(Core(filter, target="ice40")).count(r"cell \SB_MAC16 ") == blocks
