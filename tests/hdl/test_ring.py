"""Counters without carries."""

import pytest
from amaranth import Module, Signal
from amaranth.sim import Simulator

from windrow.hdl.ring import RING_START, ring_after, ring_back, ring_bits, ring_number, ring_step


@pytest.mark.parametrize("bits", range(1, 11))
def test_a_ring_has_every_number_but_0(bits: int) -> None:
    numbers = {ring_number(bits, steps) for steps in range((1 << bits) - 1)}
    assert numbers == set(range(1, 1 << bits))
    assert ring_number(bits, (1 << bits) - 1) == RING_START
    assert ring_bits((1 << bits) - 1) == bits


@pytest.mark.parametrize("bits", range(11, 17))
def test_a_long_ring_comes_back_no_earlier(bits: int) -> None:
    number, steps = ring_after(bits, RING_START), 1
    while number != RING_START and steps < 1 << bits:
        number, steps = ring_after(bits, number), steps + 1
    assert steps == (1 << bits) - 1


@pytest.mark.parametrize("bits", [1, 2, 3, 5, 8])
def test_steps_of_the_hardware(bits: int) -> None:
    m = Module()
    number, whole = Signal(bits), Signal(bits)
    m.d.comb += [whole.eq(ring_step(number, zero=True))]
    short = Signal(bits)
    back = Signal(bits)
    m.d.comb += [short.eq(ring_step(number)), back.eq(ring_back(short))]

    async def testbench(ctx):
        now, seen = RING_START, set()
        for step in range(1 << bits):
            ctx.set(number, ring_number(bits, step))
            await ctx.delay(1e-9)
            assert ctx.get(short) == ring_number(bits, step + 1)
            assert ctx.get(back) == ring_number(bits, step)
        for _ in range(1 << bits):
            seen.add(now)
            ctx.set(number, now)
            await ctx.delay(1e-9)
            now = ctx.get(whole)
        assert seen == set(range(1 << bits))
        assert now == RING_START

    simulator = Simulator(m)
    simulator.add_testbench(testbench)
    simulator.run()
