"""Frames and interrupts through the flat ports of a core."""

import itertools
import random
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from amaranth.hdl import Value
from amaranth.sim import Simulator
from axi_lite_bench import Master
from strategies import random_image
from test_small_networks import make as make_network

from windrow.hdl import VideoCore
from windrow.hdl.control.axi_lite import AxiLiteSignature
from windrow.hdl.network.planned import PlannedNetwork
from windrow.model import Filter
from windrow.model.pipeline import Pipeline


OVERFLOW = 1 << 4
"""The event's bit, as in docs/registers.md."""


def make(**keys: object) -> Filter:
    return Filter.from_dict({"kernel": [[1, 2, 1]], "width": 10, "height": 4, **keys})


def simulate(
    top: VideoCore, *testbenches: Any, processes: Sequence[Any] = (), source_clock: bool = False
) -> None:
    """Run testbenches to their end, with a faster clock for the source where there is one."""
    simulator = Simulator(top)
    simulator.add_clock(1e-6)
    if source_clock:
        simulator.add_clock(0.7e-6, domain="source")
    for testbench in testbenches:
        simulator.add_testbench(testbench)
    for process in processes:
        simulator.add_process(process)
    simulator.run()


def packed(samples: Sequence[int], bits: int) -> int:
    """Samples as they stand in ``tdata``."""
    return sum((sample & (1 << bits) - 1) << index * bits for index, sample in enumerate(samples))


@pytest.mark.parametrize(("keys", "wait"), [
    ({}, 0.0),
    ({"pixels_per_clock": 4, "pixel": "u10"}, 0.4),
    ({"pixels_per_clock": 2, "channels": 3, "input_fifo": 8}, 0.4),
    ({"pixels_per_clock": 4, "control": "axi4-lite", "input_fifo": 8}, 0.4),
], ids=["plain", "tkeep", "fifo", "registers"])
def test_frames_through_the_ports(keys: dict[str, object], wait: float) -> None:
    """Every port is the core's: pixels, marks and bytes, held up on both sides; nothing is lost."""
    filter = make(**keys)
    rng = random.Random(0)
    images = [random_image(rng, filter) for _ in range(3)]
    top = VideoCore(filter)
    lanes = filter.pixels_per_clock
    source = {"domain": "source"} if filter.input_fifo else {}

    async def sources(ctx: Any) -> None:
        ctx.set(top.aresetn, 0)
        await ctx.tick(**source)
        ctx.set(top.aresetn, 1)
        for image in images:
            for y, x in itertools.product(range(filter.height), range(0, filter.width, lanes)):
                while rng.random() < wait:
                    await ctx.tick(**source)
                samples = image[y, x : x + lanes].ravel().tolist()
                ctx.set(top.s_axis_video_tdata, packed(samples, filter.pixel.bits))
                ctx.set(top.s_axis_video_tuser, x == y == 0)
                ctx.set(top.s_axis_video_tlast, x + lanes >= filter.width)
                ctx.set(top.s_axis_video_tvalid, 1)
                while not (await ctx.tick(**source).sample(top.s_axis_video_tready))[-1]:
                    pass
                ctx.set(top.s_axis_video_tvalid, 0)

    async def sink(ctx: Any) -> None:
        for number, image in enumerate(images):
            wanted = filter.compute(image)
            for y in range(filter.output_height):
                for x in range(0, filter.output_width, lanes):
                    beat = None
                    while beat is None:
                        ready = rng.random() >= wait
                        ctx.set(top.m_axis_video_tready, ready)
                        _, _, valid, *values = await ctx.tick().sample(
                            top.m_axis_video_tvalid, top.m_axis_video_tdata,
                            top.m_axis_video_tuser, top.m_axis_video_tlast,
                            *([top.m_axis_video_tkeep] if top.output.format.tkeep_bits else []))
                        beat = values if valid and ready else None
                    last = x + lanes >= filter.output_width
                    row = wanted[y, x : x + lanes].ravel().tolist()
                    keep = -(-len(row) * filter.output.bits // 8) if last \
                        else top.output.format.tkeep_bits
                    kept = [(1 << keep) - 1] if top.output.format.tkeep_bits else []
                    place = f"frame {number} row {y} column {x}"
                    assert beat == [packed(row, filter.output.bits), x == y == 0, last, *kept], \
                        place

    simulate(top, sources, sink, source_clock=bool(filter.input_fifo))


@pytest.mark.parametrize("control", ["none", "axi4-lite"])
def test_an_overflow_is_told(control: str) -> None:
    """At the pin, and where there are registers by an interrupt."""
    top: Any = VideoCore(make(control=control, input_fifo=8))
    overflows: list[int] = []
    interrupts: list[int] = []

    async def testbench(ctx: Any) -> None:
        ctx.set(top.aresetn, 0)
        await ctx.tick()
        ctx.set(top.aresetn, 1)
        await ctx.tick()  # the inside's reset
        await ctx.tick().repeat(12)
        if top.registers is not None:
            bus = SimpleNamespace(**{name: getattr(top, f"s_axi_ctrl_{name}")
                                     for name in AxiLiteSignature(12).members})
            place = top.registers.map["INTERRUPT_ENABLE"].offset
            await Master(bus, random.Random(0)).write(ctx, place, OVERFLOW)
        # The core cannot give anything, so in the end the FIFO cannot take anything.
        ctx.set(top.s_axis_video_tvalid, 1)
        for _ in range(100):
            pins = [top.s_axis_video_overflow]
            pins += [top.interrupt] if top.registers is not None else []
            _, _, overflow, *interrupt = await ctx.tick().sample(*pins)
            overflows.append(overflow)
            interrupts.extend(interrupt)

    simulate(top, testbench, source_clock=True)
    assert not any(overflows[:8])
    assert any(overflows)
    first = overflows.index(1)
    if control == "axi4-lite":
        assert not any(interrupts[: first + 1])
        assert all(interrupts[first + 3 :])


def test_a_reset_ends_what_is_under_way() -> None:
    top: Any = VideoCore(make())

    async def testbench(ctx: Any) -> None:
        ctx.set(top.aresetn, 1)
        ctx.set(top.s_axis_video_tvalid, 1)
        ctx.set(top.s_axis_video_tuser, 1)
        await ctx.tick().until(top.s_axis_video_tready)
        ctx.set(top.s_axis_video_tuser, 0)
        await ctx.tick().until(top.m_axis_video_tvalid)
        ctx.set(top.s_axis_video_tvalid, 0)
        ctx.set(top.aresetn, 0)
        await ctx.tick()
        ctx.set(top.aresetn, 1)
        for _ in range(2 * top.latency):
            assert not ctx.get(top.m_axis_video_tvalid)
            await ctx.tick()

    simulate(top, testbench)


@pytest.mark.parametrize("design", [
    make,
    lambda: make(clocks_per_pixel=2),
    lambda: make(clocks_per_pixel=5, control="axi4-lite"),
    lambda: Pipeline([{"kernel": "gaussian:ksize=3"}, {"kernel": "sobel-x"}], width=10, height=4),
    lambda: Pipeline([{"kernel": "gaussian:ksize=3"}], width=10, height=4, clocks_per_pixel=2),
    lambda: Pipeline([{"enlarge": 2}, {"kernel": "sobel-x"}], width=10, height=4),
    lambda: PlannedNetwork(*make_network("pixel")),
], ids=["filter", "two clocks", "five clocks", "pipeline", "slow pipeline", "parts", "network"])
def test_no_pixel_moves_while_a_reset_is_under_way(design: Callable[[], Any]) -> None:
    """However full it is when the reset begins; neither in nor out."""
    top: Any = VideoCore(design())
    rng = random.Random(0)
    moved = {"in": 0, "out": 0}

    async def testbench(ctx: Any) -> None:
        ctx.set(top.s_axis_video_tvalid, 1)
        resetting = True
        for cycle in range(1500):
            aresetn = cycle > 3 and cycle % 100 > rng.randrange(3)
            ctx.set(top.aresetn, aresetn)
            ctx.set(top.s_axis_video_tuser, rng.random() < 0.03)
            ctx.set(top.s_axis_video_tlast, rng.random() < 0.1)
            ctx.set(top.m_axis_video_tready, rng.random() < cycle % 300 / 300)
            if resetting and cycle:
                assert not ctx.get(top.s_axis_video_tready)
                assert not ctx.get(top.m_axis_video_tvalid)
            moved["in"] += ctx.get(top.s_axis_video_tready)
            moved["out"] += ctx.get(top.m_axis_video_tvalid)
            resetting = not aresetn
            await ctx.tick()

    simulate(top, testbench)
    assert moved["in"] > 100
    assert moved["out"] > 20


def test_no_register_answers_while_a_reset_is_under_way() -> None:
    """However long it takes, and with an answer waiting when it begins."""
    top: Any = VideoCore(make(control="axi4-lite"))
    answers = [getattr(top, f"s_axi_ctrl_{name}")
               for name in ("awready", "wready", "bvalid", "arready", "rvalid")]
    seen: set[int] = set()

    async def testbench(ctx: Any) -> None:
        for name in ("awvalid", "wvalid", "arvalid"):
            ctx.set(getattr(top, f"s_axi_ctrl_{name}"), 1)
        resetting = False  # before the first edge nothing is known of it
        for cycle in range(60):
            aresetn = cycle > 3 and cycle not in (20, *range(40, 44))
            ctx.set(top.aresetn, aresetn)
            for number, answer in enumerate(answers):
                if ctx.get(answer):
                    assert not resetting
                    seen.add(number)
            resetting = not aresetn
            await ctx.tick()

    simulate(top, testbench)
    assert len(seen) == len(answers)


def test_what_is_incomplete_is_told_outside() -> None:
    """A strong pixel in the last row makes edges of the weak ones above it, up to the first row:
    most of them have left by then."""
    top: Any = VideoCore(Pipeline(
        [{"name": "classes", "expr": "min(input, 2)", "output": "u2"}, {"hysteresis": 1}],
        width=12, height=9))
    frame = np.zeros((9, 12), int)
    frame[0, :] = frame[:, 11] = 1
    frame[8, 11] = 2
    told: list[int] = []

    async def testbench(ctx: Any) -> None:
        ctx.set(top.aresetn, 1)
        ctx.set(top.m_axis_video_tready, 1)
        for y, row in enumerate(frame.tolist()):
            for x, pixel in enumerate(row):
                ctx.set(top.s_axis_video_tdata, pixel)
                ctx.set(top.s_axis_video_tuser, x == y == 0)
                ctx.set(top.s_axis_video_tlast, x == 11)
                ctx.set(top.s_axis_video_tvalid, 1)
                while not (await ctx.tick().sample(top.s_axis_video_tready))[-1]:
                    pass
        ctx.set(top.s_axis_video_tvalid, 0)
        for _ in range(1000):
            await ctx.tick()

    async def watch(ctx: Any) -> None:
        async for _, _, incomplete in ctx.tick().sample(top.incomplete):
            told.append(incomplete)

    simulate(top, testbench, processes=[watch])
    assert sum(told) == 1


def test_taps_of_a_network() -> None:
    """As inside; none is there while a reset is under way."""
    network, plan = make_network("pixel")
    top: Any = VideoCore(PlannedNetwork(network, plan, taps=True))
    (name, tap), = top.core.taps.items()
    seen: list[tuple[int, int]] = []

    async def testbench(ctx: Any) -> None:
        ctx.set(top.s_axis_video_tvalid, 1)
        ctx.set(top.s_axis_video_tuser, 1)
        ctx.set(top.s_axis_video_tlast, 1)
        ctx.set(top.m_axis_video_tready, 1)
        resetting = True
        for cycle in range(4 * top.latency):
            aresetn = cycle > 3 and cycle not in range(3 * top.latency, 3 * top.latency + 4)
            ctx.set(top.aresetn, aresetn)
            ctx.set(top.s_axis_video_tdata, cycle % 256)
            assert ctx.get(top.tap_0_tvalid) == (ctx.get(tap.valid) and not resetting)
            assert ctx.get(top.tap_0_tdata) == ctx.get(Value.cast(tap.samples))
            seen.append((ctx.get(tap.valid), int(resetting)))
            resetting = not aresetn
            await ctx.tick()

    simulate(top, testbench)
    assert set(seen) == {(0, 0), (0, 1), (1, 0), (1, 1)}
    assert top.taps[name].interface == "tap_0"
