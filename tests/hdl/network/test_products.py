"""Products and their sums, alone: which multipliers make them, and that they are right."""

import random
from collections import Counter
from typing import Any

import pytest
from amaranth.hdl import Fragment
from amaranth.sim import Simulator

from windrow.hdl.devices import device
from windrow.hdl.network.products import Products
from windrow.model.interval import Interval


U8, S8, S9, U10 = Interval(0, 255), Interval(-128, 127), Interval(-255, 255), Interval(0, 1023)


def line(outputs: int, each: int) -> list[list[tuple[int, int]]]:
    """Outputs of so many products, each of a sample of its own."""
    return [[(number, output) for number in range(each)] for output in range(outputs)]


@pytest.mark.parametrize(("target", "samples", "weights", "count", "in_dsps", "kinds"), [
    ("generic", U8, S8, 5, None, {"Multiplier": 5}),
    ("generic", U8, S8, 5, 2, {"Multiplier": 2, "LUTMultiplier": 3}),
    ("generic", U8, S8, 5, 0, {"LUTMultiplier": 5}),
    ("ecp5", U8, S8, 3, 2, {"DSP": 2, "CarryMultiplier": 1}),
    # Two products of 8 by 8 bits in one; one that is left over, and wider ones, have one each.
    ("ice40", U8, S8, 5, None, {"DSPPair": 2, "DSP": 1}),
    ("ice40", U8, S8, 5, 4, {"DSPPair": 2, "LUTMultiplier": 1}),
    ("ice40", U8, S8, 5, 3, {"DSPPair": 1, "DSP": 1, "LUTMultiplier": 2}),
    ("ice40", U8, S8, 4, 1, {"DSP": 1, "LUTMultiplier": 3}),
    ("ice40", U8, S9, 4, None, {"DSP": 4}),
    ("ice40", U10, S8, 4, None, {"DSP": 4}),
    ("gowin", U8, S9, 3, 2, {"HalfDSP": 2, "LUTMultiplier": 1}),
    ("gowin", U10, S8, 3, None, {"DSP": 3}),
    ("gatemate", U8, S8, 3, None, {"LUTMultiplier": 3}),
])
def test_which_multipliers(
    target: str, samples: Interval, weights: Interval, count: int, in_dsps: int | None,
    kinds: dict[str, int]
) -> None:
    made: Any = Fragment.get(
        Products(samples, weights, line(1, count), device(target), in_dsps), None)
    assert Counter(type(part.origins[0]).__name__ for part, *_ in made.subfragments) == kinds


@pytest.mark.parametrize(("outputs", "each"), [(1, 1), (2, 3), (3, 2), (1, 7), (2, 5)])
def test_sums(outputs: int, each: int) -> None:
    """Of the greatest and least factors and of others; a set a cycle."""
    rng = random.Random(each)
    sources = [rng.sample([(tap, lane) for tap in range(4) for lane in range(2)], each)
               for _ in range(outputs)]
    taps, lanes = (1 + max(each[axis] for source in sources for each in source)
                   for axis in range(2))
    products = Products(U8, S8, sources, device("generic"), each // 2)
    rows = [([[draw(*U8) for _ in range(lanes)] for _ in range(taps)],
             [draw(*S8) for _ in range(outputs * each)])
            for draw in [rng.randint] * 20 + [lambda low, high: high, lambda low, high: low,
                                              lambda low, high: high if low == 0 else low]]
    found = []

    async def testbench(ctx: Any) -> None:
        for samples, weights in [*rows, *rows[:products.latency]]:
            found.append([ctx.get(total) for total in products.sums])
            for tap, line in zip(products.samples, samples, strict=True):
                for lane, value in zip(tap, line, strict=True):
                    ctx.set(lane, value)
            for port, value in zip(products.weights, weights, strict=True):
                ctx.set(port, value)
            await ctx.tick()

    simulator = Simulator(products)
    simulator.add_clock(1e-6)
    simulator.add_testbench(testbench)
    simulator.run()
    assert found[products.latency:] == [[
        sum(samples[tap][lane] * weight for (tap, lane), weight in zip(
            source, weights[output * each:(output + 1) * each], strict=True))
        for output, source in enumerate(sources)] for samples, weights in rows]
