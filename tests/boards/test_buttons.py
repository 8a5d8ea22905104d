"""Buttons that bounce, at every moment between two samples."""

import random
from typing import Any

import pytest
from amaranth.sim import Simulator

from windrow.boards.buttons import Buttons


PERIOD = 20
CLOCK = 100 * PERIOD
SEED = 3


def presses(levels: list[int], count: int) -> list[int]:
    """What is told in each cycle."""
    dut = Buttons(count, CLOCK)
    told: list[int] = []

    async def testbench(ctx: Any) -> None:
        for level in levels:
            ctx.set(dut.i, level)
            told.append(ctx.get(dut.pressed))
            await ctx.tick()

    sim = Simulator(dut)
    sim.add_clock(1 / CLOCK)
    sim.add_testbench(testbench)
    sim.run()
    return told


def bouncing(rng: random.Random, before: int, after: int, cycles: int) -> list[int]:
    """A contact that closes or opens, and bounces shorter than a period."""
    return [before] * PERIOD + [rng.choice((before, after)) for _ in range(cycles)] + [
        after] * (3 * PERIOD)


@pytest.mark.parametrize("phase", range(PERIOD))
@pytest.mark.parametrize("bounces", [0, 7, PERIOD - 1])
def test_each_press_is_told_once(phase: int, bounces: int) -> None:
    rng = random.Random(SEED + phase)
    press = bouncing(rng, 0, 1, bounces) + bouncing(rng, 1, 0, bounces)
    told = presses([0] * phase + press * 3, 1)
    assert sum(told) == 3


@pytest.mark.parametrize("phase", range(PERIOD))
def test_when_a_press_is_told(phase: int) -> None:
    pressed = PERIOD + phase
    told = presses([0] * pressed + [1] * (10 * PERIOD), 1)
    assert sum(told) == 1
    # Two cycles in the synchroniser, and one in the register.
    assert pressed + 3 <= told.index(1) < pressed + 3 + PERIOD


def test_a_pulse_between_two_samples_is_none() -> None:
    for cycles in (1, PERIOD // 2, PERIOD - 1):
        told = [sum(presses([0] * (PERIOD + phase) + [1] * cycles + [0] * (3 * PERIOD), 1))
                for phase in range(PERIOD)]
        # At so many of the moments it meets a sample.
        assert sorted(told) == [0] * (PERIOD - cycles) + [1] * cycles


def test_buttons_do_not_depend_on_each_other() -> None:
    long = 3 * PERIOD
    steps = [0b001, 0b011, 0b010, 0b110, 0b101, 0b000, 0b111]
    told = presses([step for step in (0, *steps, 0) for _ in range(long)], 3)
    assert [each for each in told if each] == [0b001, 0b010, 0b100, 0b001, 0b111]
