"""Parallel outputs, as the transmitter on the PMOD takes them."""

import random

import pytest
from amaranth.sim import Simulator

from windrow.boards.video.parallel import DoubleRateOutput, ParallelOutput, SingleRateOutput


def run(dut: ParallelOutput, sent: list[dict[str, int]]) -> list[tuple[dict[str, int], list[int]]]:
    """What is on the pins behind each edge of the clock: control pins, and data pins 0 to 11.

    An output cell takes its pair with the clock's edge, puts bit 0 on the pin while it is high,
    and bit 1 while it is low.
    """
    halves = []

    async def testbench(ctx):
        for beam in sent:
            ctx.set(dut.i, beam)
            await ctx.tick()
            for half in range(2):
                controls = {name: ctx.get(getattr(dut, name)) >> half & 1
                            for name in ("clock", "active", "hsync", "vsync")}
                pins = [ctx.get(pair) >> half & 1 for pair in dut.data]
                halves.append((controls, pins))

    sim = Simulator(dut)
    sim.add_clock(1e-8)
    sim.add_testbench(testbench)
    sim.run()
    return halves


def beams() -> list[dict[str, int]]:
    rng = random.Random(7)
    return [{name: rng.randrange(1 << bits) for name, bits in (
        ("red", 8), ("green", 8), ("blue", 8), ("hsync", 1), ("vsync", 1), ("active", 1))}
        for _ in range(50)]


def number(pins: list[int]) -> int:
    return sum(bit << at for at, bit in enumerate(pins))


@pytest.mark.parametrize(("kind", "clock"), [
    (SingleRateOutput, [0, 1]),  # rises in the middle of a pixel
    (DoubleRateOutput, [1, 0]),  # a quarter late: rises in the first half, falls in the second
])
def test_control_pins(kind: type[ParallelOutput], clock: list[int]) -> None:
    sent = beams()
    halves = run(kind(), sent)
    for at, beam in enumerate(sent):
        for controls, _ in halves[2 * at : 2 * at + 2]:
            assert {name: controls[name] for name in ("active", "hsync", "vsync")} == {
                name: beam[name] for name in ("active", "hsync", "vsync")}
    assert [controls["clock"] for controls, _ in halves] == clock * len(sent)


def test_single_rate() -> None:
    sent = beams()
    halves = run(SingleRateOutput(), sent)
    for at, beam in enumerate(sent):
        wanted = beam["red"] >> 4 << 8 | beam["green"] >> 4 << 4 | beam["blue"] >> 4
        assert [number(pins) for _, pins in halves[2 * at : 2 * at + 2]] == [wanted] * 2


def test_double_rate() -> None:
    """TFP410, 12-bit dual-edge: the first edge takes G3..G0 B7..B0, the second R7..R0 G7..G4."""
    sent = beams()
    halves = run(DoubleRateOutput(), sent)
    for at, beam in enumerate(sent):
        first, second = (number(pins) for _, pins in halves[2 * at : 2 * at + 2])
        assert first == (beam["green"] & 15) << 8 | beam["blue"]
        assert second == beam["red"] << 4 | beam["green"] >> 4
