"""Requantisation by settings against the golden model, with other settings for every few sums."""

import dataclasses
import random
import re
from typing import Any

import numpy as np
import pytest
from amaranth import Const, Module, Shape, Signal
from amaranth.back import rtlil  # type: ignore[attr-defined]  # not in the stubs
from amaranth.sim import Simulator

from windrow.hdl.arithmetic.graph_stage import GraphStage
from windrow.hdl.arithmetic.requantise import _Shift
from windrow.hdl.beat import FRAME_PLACE, Beat
from windrow.hdl.devices import device
from windrow.hdl.strategies import finish
from windrow.model import Filter, golden
from windrow.model.graph import Graph
from windrow.model.interval import Interval
from windrow.model.keys import OVERFLOWS
from windrow.model.nodes import ROUNDINGS, Term


Burst = tuple[dict[str, Any], list[int], list[int]]
"""Settings, and the sums and samples under the anchor that come with them."""


def stage(filter: Filter, interval: Interval) -> GraphStage:
    """What follows the sum, which is the first value; the sample under the anchor is the second."""
    family = device("generic")
    beat = Beat(FRAME_PLACE, [interval, filter.format.interval], 1, 1, switches=True)
    graph = dataclasses.replace(Graph.wires(beat.values), outputs=(Term(0),))
    return finish(filter, family, beat, graph, anchor=1)


def run(filter: Filter, interval: Interval, bursts: list[Burst]) -> list[list[int]]:
    """The output of each burst; they come without a gap."""
    dut = stage(filter, interval)
    outputs: list[int] = []
    beats = [(number, at) for number, (_, sums, _) in enumerate(bursts) for at in range(len(sums))]
    assert all(len(sums) >= dut.latency for _, sums, _ in bursts), "settings would not be copied"

    async def testbench(ctx: Any) -> None:
        turned = 0
        for now in range(-1, len(beats) + dut.latency):
            if 0 <= now < len(beats):
                number, at = beats[now]
                ctx.set(dut.i.columns[0][0][0], bursts[number][1][at])
                ctx.set(dut.i.columns[0][0][1], bursts[number][2][at])
            turns = now + 1 < len(beats) and beats[now + 1][1] == 0
            ctx.set(dut.i.frame_switch, turns)
            if turns:
                ctx.set(dut.settings, bursts[beats[now + 1][0]][0])
            if now >= dut.latency:
                outputs.append(ctx.get(dut.o.columns[0][0][0]))
            _, _, told = await ctx.tick().sample(dut.switched)
            turned += told
        assert turned == len(bursts)

    sim = Simulator(dut)
    sim.add_clock(1e-6)
    sim.add_testbench(testbench)
    sim.run()
    each = iter(outputs)
    return [[next(each) for _ in sums] for _, sums, _ in bursts]


def hard_sums(rng: random.Random, interval: Interval, shift: int, offset: int) -> list[int]:
    """Sums that are worth a try: the ends, ties, and what comes out near a power of two."""
    half = (1 << shift) >> 1
    hard = [interval.low, interval.high, 0, -1, 1, half, -half]
    for _ in range(20):
        whole = rng.choice([0, 1, 2, 1 << rng.randrange(33)]) * rng.choice([1, -1]) - offset
        hard.append((whole << shift) + rng.choice([0, half]) + rng.choice([0, 0, 1, -1]))
    hard = [each for each in hard if interval.low <= each <= interval.high]
    return hard + [rng.randint(*interval) for _ in range(10)]


@pytest.mark.thinned(2)
@pytest.mark.parametrize("overflow", OVERFLOWS)
@pytest.mark.parametrize(("interval", "output"), [
    (Interval(-262144, 261120), "u8"),  # a 3x3 of signed coefficients
    (Interval(0, 65535), "u8"),
    (Interval(-32768, 32767), "s8"),
    (Interval(-128, 127), "s16"),  # the shift is wider than the sum, the output too
    (Interval(0, 1), "u1"),
    (Interval(-2, 1), "s2"),
    (Interval(-(1 << 57), (1 << 57) - 1), "s32"),
    (Interval(-(1 << 40), 0), "u32"),
])
def test_any_settings(overflow: str, interval: Interval, output: str) -> None:
    rng = random.Random(f"{overflow} {interval} {output}")
    filter = Filter(kernel=[[1]], width=8, height=2, pixel="s9", output=output, overflow=overflow,
                    control="axi4-lite")
    bursts: list[Burst] = []
    wanted: list[list[int]] = []
    for shift in range(32):
        for rounding in ROUNDINGS:
            offset = rng.choice([0, 0, rng.randint(-300, 300), -1 << 31, (1 << 31) - 1,
                                 rng.randint(-1 << 31, (1 << 31) - 1)])
            bypass = rng.random() < 0.1
            sums = hard_sums(rng, interval, shift, offset)
            anchored = [rng.choice([-256, 255, rng.randint(-256, 255)]) for _ in sums]
            bursts.append((
                {"shift": shift, "offset": offset, "rounding": ROUNDINGS.index(rounding),
                 "bypass": bypass},
                sums, anchored))
            if bypass:
                result = golden.overflow(np.array(anchored), "saturate", filter.output)
            else:
                total = golden.requantise(np.array(sums, dtype=np.int64), shift=shift,
                                          offset=offset, rounding=rounding)
                result = golden.overflow(total, overflow, filter.output)
            wanted.append(result.tolist())
    got = run(filter, interval, bursts)
    for (settings, sums, _), burst, right in zip(bursts, got, wanted, strict=True):
        for total, sample, sought in zip(sums, burst, right, strict=True):
            assert sample == sought, (settings, total)


def test_unknown_rounding_is_floor() -> None:
    filter = Filter(kernel=[[1]], width=8, height=2, pixel="s9", output="s16",
                    control="axi4-lite")
    sums = list(range(-8, 8))
    for code in range(len(ROUNDINGS), 8):
        settings = {"shift": 2, "rounding": code}
        assert run(filter, Interval(-8, 7), [(settings, sums, sums)]) == [
            [each >> 2 for each in sums]]


@pytest.mark.parametrize("overflow", OVERFLOWS)
@pytest.mark.parametrize("output", ["u2", "s3"])
def test_every_small_sum(overflow: str, output: str) -> None:
    filter = Filter(kernel=[[1]], width=8, height=2, pixel="s5", output=output, overflow=overflow,
                    control="axi4-lite")
    sums = list(range(-16, 16))
    bursts: list[Burst] = []
    wanted: list[list[int]] = []
    for shift, offset in ((0, 0), (1, 0), (2, 1), (3, -1), (1, -3)):
        for code, rounding in enumerate(ROUNDINGS):
            bursts.append(({"shift": shift, "offset": offset, "rounding": code}, sums, sums))
            total = golden.requantise(np.array(sums, dtype=np.int64), shift=shift, offset=offset,
                                      rounding=rounding)
            wanted.append(golden.overflow(total, overflow, filter.output).tolist())
    assert run(filter, Interval(-16, 15), bursts) == wanted


@pytest.mark.parametrize(("overflow", "output"), [
    ("saturate", "u8"), ("saturate", "s8"), ("abs-saturate", "u5"), ("wrap", "s32")])
def test_every_bit_of_a_wide_sum(overflow: str, output: str) -> None:
    """By itself, of a sum above zero and of one below; then the samples under the anchor."""
    filter = Filter(kernel=[[1]], width=8, height=2, pixel="s9", output=output, overflow=overflow,
                    control="axi4-lite")
    sums = [sign * (1 << bit) for bit in reversed(range(41)) for sign in (1, -1)]
    anchored = [sign * 3 * number for number in range(41) for sign in (1, -1)]
    bursts: list[Burst] = []
    wanted: list[list[int]] = []
    for shift, rounding in ((31, 4), (8, 2), (16, 3), (0, 1), (24, 4), (15, 2), (23, 4), (5, 3)):
        bursts.append(({"shift": shift, "rounding": rounding}, sums, anchored))
        total = golden.requantise(np.array(sums, dtype=np.int64), shift=shift, offset=0,
                                  rounding=ROUNDINGS[rounding])
        wanted.append(golden.overflow(total, overflow, filter.output).tolist())
    bursts.insert(4, ({"shift": 3, "bypass": True}, sums, anchored))
    wanted.insert(4, golden.overflow(np.array(anchored), "saturate", filter.output).tolist())
    assert run(filter, Interval(-(1 << 40), 1 << 40), bursts) == wanted


@pytest.mark.parametrize("rounding", ["half-even", "half-away", "toward-zero"])
def test_every_bit_below_the_half_tells_from_a_tie(rounding: str) -> None:
    """Whatever part of the shift it falls out of."""
    filter = Filter(kernel=[[1]], width=8, height=2, output="s16", control="axi4-lite")
    bursts: list[Burst] = []
    wanted: list[list[int]] = []
    for shift in (31, 7, 8, 16, 24, 22, 30):
        ends = [0, *(1 << bit for bit in range(shift - 1))]
        if rounding != "toward-zero":
            ends = [(1 << shift - 1) + end for end in ends]
        sums = [whole * (1 << shift) + end for end in ends for whole in (0, -2, 2)]
        bursts.append(({"shift": shift, "rounding": ROUNDINGS.index(rounding)}, sums, sums))
        total = golden.requantise(np.array(sums, dtype=np.int64), shift=shift, offset=0,
                                  rounding=rounding)
        wanted.append(golden.overflow(total, "saturate", filter.output).tolist())
    bursts = [(settings, sums, [0] * len(sums)) for settings, sums, _ in bursts]
    assert run(filter, Interval(-(1 << 40), 1 << 40), bursts) == wanted


@pytest.mark.parametrize(("interval", "offset", "quotient"), [
    (Interval(0, 1), (1 << 31) - 1, 1 << 31),
    (Interval(-1, 0), -1 << 31, (-1 << 31) - 1),
    (Interval(-1, 1), (1 << 31) - 1, 1 << 31),
    (Interval(-(1 << 40), 0), -1 << 31, -(1 << 40) - (1 << 31)),
    # Of the bits above the output's only the sign is set.
    (Interval(-(1 << 40) + (1 << 31), 0), -1 << 31, -(1 << 40) + 5),
])
def test_the_largest_offset_and_the_largest_sum(
    interval: Interval, offset: int, quotient: int
) -> None:
    """They are beyond the output's range, on the right side."""
    total = quotient - offset
    settings = {"shift": 0, "offset": offset}
    for output, end in (("s32", (1 << 31) - 1 if quotient > 0 else -1 << 31),
                        ("u8", 255 if quotient > 0 else 0)):
        filter = Filter(kernel=[[1]], width=8, height=2, output=output, control="axi4-lite")
        assert run(filter, interval, [(settings, [total] * 6, [0] * 6)]) == [[end] * 6]


def test_settings_are_taken_step_by_step() -> None:
    """The last step takes them a cycle before the frame's first sample."""
    dut = stage(Filter(kernel=[[1]], width=8, height=2, control="axi4-lite"), Interval(0, 255))
    assert dut.latency == 6
    seen: list[int] = []

    async def testbench(ctx: Any) -> None:
        ctx.set(dut.i.frame_switch, 1)
        for _ in range(12):
            seen.append(ctx.get(dut.switched))
            await ctx.tick()
            ctx.set(dut.i.frame_switch, 0)

    sim = Simulator(dut)
    sim.add_clock(1e-6)
    sim.add_testbench(testbench)
    sim.run()
    assert seen == [cycle == dut.latency - 1 for cycle in range(12)]


@pytest.mark.parametrize("shape", [Shape(1), Shape(3, signed=True), Shape(40, signed=True),
                                   Shape(24)], ids=str)
@pytest.mark.parametrize("distance", [2, 8])
def test_shifted_out_bits_become_guard_and_sticky(shape: Shape, distance: int) -> None:
    """The highest bit is the guard, all others are sticky, and so is what was there before."""
    m = Module()
    value, guard, sticky = Signal(shape), Signal(), Signal(4)
    part, least = Signal(2), Signal(3)
    m.d.comb += least.eq((1 << part) - 1)
    shift = _Shift(distance, part, list(least))
    shifted, new_guard, new_sticky = shift.shifted(m, value, guard, sticky)
    highest = len(value) - 1
    values = [1 << bit for bit in range(highest)] + [0]
    values += [-1 << highest, -1] if shape.signed else [1 << highest, (2 << highest) - 1]

    async def testbench(ctx: Any) -> None:
        for times in range(4):
            for each in values:
                for old_guard, old_sticky in ((0, 0), (1, 0), (0, 4)):
                    for signal, new in ((value, each), (guard, old_guard), (sticky, old_sticky),
                                        (part, times)):
                        ctx.set(signal, new)
                    await ctx.tick()
                    # The bits of the whole number, from the value's lowest down: value, guard,
                    # sticky.
                    fallen = (each << 1 | old_guard) & (1 << distance * times + 1) - 1
                    assert ctx.get(shifted) == each >> distance * times
                    assert ctx.get(new_guard) == fallen >> distance * times
                    below = fallen & (1 << distance * times) - 1
                    assert bool(ctx.get(new_sticky)) == bool(below or old_sticky)

    sim = Simulator(m)
    sim.add_clock(1e-6)
    sim.add_testbench(testbench)
    sim.run()


@pytest.mark.parametrize(("bits", "distance"), [(3, 8), (3, 2), (30, 8)])
def test_a_shift_is_no_wider_than_its_value_or_what_falls_out(bits: int, distance: int) -> None:
    m = Module()
    value, least = Signal(Shape(bits, signed=True)), Signal(3)
    shift = _Shift(distance, Signal(2), list(least))
    shift.shifted(m, value, Const(0), Const(0))
    text = rtlil.convert(m, ports=[value, least], emit_src=False)
    assert max(map(int, re.findall(r"wire width (\d+)", text))) == max(bits, 3 * distance)
