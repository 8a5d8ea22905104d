"""The FIFO between the input's clock and the core's."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.sim import Simulator

from windrow import Filter
from windrow.hdl import Core
from windrow.hdl.beat import PixelBeat
from windrow.hdl.stream.input_fifo import InputFifo
from windrow.model.framing import Beat, frames_of


# Periods of the input's clock and of the core's, and how far an edge may stray from its place.
CLOCKS = {
    "equal": (10.0, 10.0, 0.0),
    "nearly equal, input faster": (9.97, 10.0, 0.0),
    "nearly equal, input slower": (10.0, 9.97, 0.0),
    "input much faster": (3.1, 10.0, 0.0),
    "input much slower": (31.0, 10.0, 0.0),
    "jittering": (10.0, 10.3, 4.0),
    "jittering, input faster": (7.0, 10.0, 3.0),
    "jittering, input slower": (13.0, 10.0, 4.5),
}


class Bench(Elaboratable):
    """Two clocks that are driven by hand around what has an input FIFO at its front."""

    def __init__(self, fifo: InputFifo, core: Core | None = None) -> None:
        self.fifo = fifo
        self.core = core
        self.source = ClockDomain("source")
        self.sync = ClockDomain("sync")
        self.o = stream.Interface(core.o.signature if core else fifo.o.signature)

    def elaborate(self, platform):
        m = Module()
        m.domains += [self.source, self.sync]
        m.submodules.fifo = self.fifo
        end = self.fifo.o
        if self.core is not None:
            m.submodules.core = self.core
            wiring.connect(m, self.fifo.o, self.core.i)
            end = self.core.o
        wiring.connect(m, end, wiring.flipped(self.o))
        return m


@dataclass
class Trace:
    """What went in and came out; when something was lost and when that was told."""

    taken: list[int] = field(default_factory=list)
    out: list[int] = field(default_factory=list)
    lost: list[float] = field(default_factory=list)
    told: list[float] = field(default_factory=list)


def run(
    clocks: str,
    count: int,
    *,
    seed: int = 0,
    offers: Callable[[random.Random, int], bool] = lambda _rng, _number: True,
    takes: Callable[[random.Random, int], bool] = lambda _rng, _number: True,
    waits: bool = False,
    depth: int = 8,
    resets: Sequence[int] = (),
) -> Trace:
    """Offer ``0 .. count - 1``; ``offers`` and ``takes`` say whether in an edge of their clock.

    A source that does not wait goes on to its next value whether or not the last was taken. At
    each cycle of ``resets`` the core's domain is reset, and the trace starts anew.
    """
    input_period, core_period, jitter = CLOCKS[clocks]
    fifo = InputFifo(16, depth)
    bench = Bench(fifo)
    trace = Trace()
    now = 0.0
    done = False

    def clock(domain: ClockDomain, period: float, rng: random.Random):
        async def drive(ctx):
            nonlocal now
            start = (1 + rng.random()) * period
            edges = 0
            mine = 0.0
            while True:
                then = start + edges * period / 2 + rng.uniform(-jitter, jitter) / 2
                await ctx.delay(then - mine)
                now = mine = then
                edges += 1
                ctx.set(domain.clk, edges % 2)
        return drive

    async def source(ctx):
        rng = random.Random(seed + 1)
        number = cycle = 0
        awake = False
        while number < count:
            valid = offers(rng, cycle)
            ctx.set(fifo.i.valid, valid)
            ctx.set(fifo.i.payload, number if valid else 0xDEAD)
            _, reset, ready = await ctx.tick(bench.source).sample(fifo.i.ready)
            cycle += 1
            awake = (awake or ready) and not reset
            if valid and ready:
                assert not reset, "taken in reset"
                trace.taken.append(number)
            elif valid and awake and not waits:
                trace.lost.append(now)
            number += valid and (ready or (awake and not waits))
        ctx.set(fifo.i.valid, 0)
        nonlocal done
        for _ in range(20):
            await ctx.tick(bench.source)
        for _ in range(100):
            await ctx.tick(bench.sync)
        done = True

    async def sink(ctx):
        rng = random.Random(seed + 2)
        cycle = 0
        held = None
        while True:
            ready = takes(rng, cycle) or done
            ctx.set(bench.o.ready, ready)
            _, reset, valid, payload, told = await ctx.tick(bench.sync).sample(
                bench.o.valid, bench.o.payload, fifo.overflow)
            cycle += 1
            if reset:
                held = None
                continue
            assert held in (None, payload if valid else None), "not held until it was taken"
            held = payload if valid and not ready else None
            if valid and ready:
                trace.out.append(payload)
            if told:
                trace.told.append(now)

    async def reset(ctx):
        for cycle in range(max(resets, default=0) + 1):
            if cycle in resets:
                ctx.set(bench.sync.rst, 1)
                for kept in (trace.taken, trace.out, trace.lost, trace.told):
                    kept.clear()
            await ctx.tick(bench.sync)
            ctx.set(bench.sync.rst, 0)

    simulator = Simulator(bench)
    rng = random.Random(seed)
    for domain, period in ((bench.source, input_period), (bench.sync, core_period)):
        simulator.add_testbench(clock(domain, period, random.Random(rng.random())), background=True)
    for background in (sink, reset):
        simulator.add_testbench(background, background=True)
    simulator.add_testbench(source)
    simulator.run()
    return trace


@pytest.mark.parametrize("depth", [4, 8, 32])
def test_it_holds_as_many_as_were_asked_for(depth: int) -> None:
    trace = run("equal", 3 * depth, depth=depth, takes=lambda _rng, cycle: cycle > 5 * depth + 20)
    assert depth <= len(trace.taken) <= depth + 4  # some more are on their way
    assert trace.out == trace.taken
    assert trace.lost


@pytest.mark.thinned(2)
@pytest.mark.parametrize("clocks", CLOCKS)
@pytest.mark.parametrize("depth", [8, 16])
def test_a_source_that_waits_loses_nothing(clocks: str, depth: int) -> None:
    for seed, (want_pause, stall) in enumerate([(0.0, 0.0), (0.3, 0.5), (0.0, 0.8), (0.7, 0.0)]):
        trace = run(clocks, 200, seed=seed, depth=depth, waits=True,
                    offers=lambda rng, _, pause=want_pause: rng.random() >= pause,
                    takes=lambda rng, _, stall=stall: rng.random() >= stall)
        assert trace.taken == trace.out == list(range(200)), seed


@pytest.mark.parametrize("clocks", CLOCKS)
def test_lost_beats_raise_overflow(clocks: str) -> None:
    """The consumer stops at any moment for any time; a source that cannot wait goes on."""
    period = max(CLOCKS[clocks][:2])
    lossy = lossless = 0
    for seed in range(8):
        trace = run(clocks, 300, seed=seed, offers=lambda rng, _: rng.random() < 0.8,
                    takes=lambda _rng, cycle, seed=seed: not 60 <= cycle < 62 + 5 * seed)
        assert trace.out == trace.taken, seed
        assert len(trace.taken) + len(trace.lost) == 300
        for time in trace.lost:
            assert any(time < told <= time + 14 * period for told in trace.told), (seed, time)
        for told in trace.told:
            assert any(told - 14 * period <= time < told for time in trace.lost), (seed, told)
        lossy += bool(trace.lost)
        lossless += not trace.lost
    assert lossy


@pytest.mark.thinned(2)
@pytest.mark.parametrize("clocks", CLOCKS)
def test_a_reset_forgets_what_was_before(clocks: str) -> None:
    """One cycle of reset at any time, with values and losses on their way."""
    for seed in range(10):
        trace = run(clocks, 300, seed=seed, resets=[40, 41 + 4 * seed],
                    takes=lambda _rng, cycle, seed=seed: cycle % (seed + 7) > 4)
        assert len(trace.out) > 20
        assert trace.out == trace.taken, seed
        if not trace.lost:
            assert not trace.told


def test_a_reset_works_while_the_clock_of_the_input_stands_still() -> None:
    """... with values inside and a loss that was not told yet."""
    fifo = InputFifo(16, 8)
    bench = Bench(fifo)

    async def testbench(ctx):
        async def edges(domain: ClockDomain, count: int) -> None:
            for _ in range(2 * count):
                ctx.set(domain.clk, ~ctx.get(domain.clk))
                await ctx.delay(1)

        async def wake() -> None:
            await edges(bench.source, 20)
            assert not ctx.get(fifo.i.ready)
            await edges(bench.sync, 3)
            await edges(bench.source, 2)
            assert ctx.get(fifo.i.ready)

        ctx.set(fifo.i.valid, 1)
        ctx.set(fifo.i.payload, 1)
        await wake()
        await edges(bench.source, 10)
        assert not ctx.get(fifo.i.ready)
        await edges(bench.sync, 2)
        ctx.set(bench.sync.rst, 1)
        await edges(bench.sync, 1)
        ctx.set(bench.sync.rst, 0)
        for _ in range(20):
            assert not ctx.get(bench.o.valid)
            assert not ctx.get(fifo.overflow)
            assert not ctx.get(fifo.i.ready)
            await edges(bench.sync, 1)
        ctx.set(fifo.i.payload, 2)
        await wake()
        await edges(bench.source, 1)
        ctx.set(fifo.i.valid, 0)
        await edges(bench.sync, 4)
        assert not ctx.get(fifo.overflow)
        assert ctx.get(bench.o.valid)
        assert ctx.get(bench.o.payload) == 2

    simulator = Simulator(bench)
    simulator.add_testbench(testbench)
    simulator.run()


@pytest.mark.parametrize("depth", [8, 16])
def test_latency_and_throughput(depth: int) -> None:
    """With one clock for both sides."""
    fifo = InputFifo(16, depth)
    bench = Bench(fifo)
    out: dict[int, int] = {}
    taken: dict[int, int] = {}

    async def source(ctx):
        ctx.set(bench.o.ready, 1)
        ctx.set(fifo.i.valid, 1)
        cycle = 0
        while len(out) < 100:
            ctx.set(fifo.i.payload, len(taken))
            _, _, ready, valid, payload = await ctx.tick(bench.sync).sample(
                fifo.i.ready, bench.o.valid, bench.o.payload)
            if ready:
                taken[len(taken)] = cycle
            if valid:
                out[payload] = cycle
            cycle += 1

    simulator = Simulator(bench)
    simulator.add_clock(1, domain="source")
    simulator.add_clock(1, domain="sync")
    simulator.add_testbench(source)
    simulator.run()
    assert {out[value] - taken[value] for value in out} == {fifo.latency}
    assert max(out.values()) - min(out.values()) == 99


SPEC = Filter(kernel=[[1, 2, 1], [2, 4, 2], [1, 2, 1]], width=10, height=6, shift=4, input_fifo=16)


@pytest.mark.parametrize(("clocks", "waits"), [
    ("nearly equal, input faster", True), ("input much slower", True), ("jittering", True),
    ("input much slower", False), ("jittering, input slower", False),
])
@pytest.mark.parametrize("seed", range(2))
def test_a_core_behind_it(clocks: str, waits: bool, seed: int) -> None:
    """Every frame comes through a whole core, of a camera that does not wait as well.

    The output stands still for a while. What the camera loses meanwhile is filled as the rules of
    streams say, and told; the frames before and after are exact.
    """
    rng = np.random.default_rng(seed)
    images = [rng.integers(0, 256, (SPEC.height, SPEC.width)) for _ in range(6)]
    core = Core(SPEC)
    fifo = InputFifo(PixelBeat(SPEC.pixel, 1), SPEC.input_fifo)
    bench = Bench(fifo, core)
    taken: list[Beat] = []
    out: list[tuple[int, int, int]] = []
    losses = overflows = 0
    done = False

    async def source(ctx):
        nonlocal losses, done
        for _ in range(20):  # the reset of its clock's domain
            await ctx.tick("source")
        for image in images:
            for (y, x), sample in np.ndenumerate(image):
                beat = Beat([int(sample)], y == x == 0, x == SPEC.width - 1)
                ctx.set(fifo.i.valid, 1)
                ctx.set(fifo.i.payload, {
                    "samples": list(beat.samples), "first": beat.first, "last": beat.last})
                while True:
                    _, _, ready = await ctx.tick("source").sample(fifo.i.ready)
                    if ready:
                        taken.append(beat)
                    if ready or not waits:
                        break
                losses += not ready
            ctx.set(fifo.i.valid, 0)
            for _ in range(20):  # blanking
                await ctx.tick("source")
        for _ in range(400):
            await ctx.tick("sync")
        done = True

    async def sink(ctx):
        nonlocal overflows
        stalls = round(60 * CLOCKS[clocks][0] / CLOCKS[clocks][1])
        while not done:
            stands = len(out) == 65 + 20 * seed and stalls > 0
            stalls -= stands
            ctx.set(bench.o.ready, not stands)
            _, _, valid, ready, beat, overflow = await ctx.tick("sync").sample(
                bench.o.valid, bench.o.ready, bench.o.payload, fifo.overflow)
            if valid and ready:
                out.append((beat.samples[0], beat.first, beat.last))
            overflows += overflow

    simulator = Simulator(bench)
    for domain, period in zip(("source", "sync"), CLOCKS[clocks], strict=False):
        simulator.add_clock(period, domain=domain)
    simulator.add_testbench(sink, background=True)
    simulator.add_testbench(source)
    simulator.run()

    frames = frames_of(SPEC, taken).frames
    wanted = [SPEC.compute(frame[:, :, 0]) for frame in frames]
    assert out == [(sample, y == x == 0, x == SPEC.width - 1)
                   for frame in wanted for (y, x), sample in np.ndenumerate(frame)]
    assert np.array_equal(frames[0][:, :, 0], images[0])
    assert np.array_equal(frames[-1][:, :, 0], images[-1])
    if not waits:
        assert losses > 0
        assert overflows > 0
