"""RuntimeRequantise against the golden model, with other settings for every few sums."""

import random
from typing import Any

import numpy as np
import pytest
from amaranth.sim import Simulator

from windrow.hdl.core import frame_geometry
from windrow.hdl.devices import device
from windrow.hdl.runtime_requantise import RuntimeRequantise
from windrow.model import Filter, golden
from windrow.model.filter import OVERFLOWS, ROUNDINGS
from windrow.model.interval import Interval


Burst = tuple[dict[str, Any], list[int], list[int]]
"""Settings, and the sums and samples under the anchor that come with them."""


def run(filter: Filter, interval: Interval, bursts: list[Burst]) -> list[list[int]]:
    """The output of each burst; they come without a gap."""
    family = device("generic")
    dut = RuntimeRequantise(frame_geometry(filter, family), interval, family)
    outputs: list[int] = []
    beats = [(number, at) for number, (_, sums, _) in enumerate(bursts) for at in range(len(sums))]
    assert all(len(sums) >= dut.latency for _, sums, _ in bursts), "settings would not be copied"

    async def testbench(ctx: Any) -> None:
        turned = 0
        for now in range(-1, len(beats) + dut.latency):
            if 0 <= now < len(beats):
                number, at = beats[now]
                ctx.set(dut.i.sums[0], bursts[number][1][at])
                ctx.set(dut.i.anchored[0], bursts[number][2][at])
            turns = now + 1 < len(beats) and beats[now + 1][1] == 0
            ctx.set(dut.i.turns, turns)
            if turns:
                ctx.set(dut.settings, bursts[beats[now + 1][0]][0])
            if now >= dut.latency:
                outputs.append(ctx.get(dut.samples[0]))
            _, _, told = await ctx.tick().sample(dut.turned)
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
