"""Queues in which whole rows wait, and forks: every beat in order, under any stalls."""

import random
from dataclasses import replace
from typing import Any

import pytest
from amaranth.hdl import unsigned
from amaranth.lib import data
from amaranth.sim import Simulator
from engine_bench import run

from windrow.hdl.devices import Device, device
from windrow.hdl.network.branch_queue import BranchQueue
from windrow.hdl.network.fork import Fork
from windrow.hdl.stream.deep_queue import DeepQueue


BEAT = data.ArrayLayout(unsigned(7), 2)
BEATS = [[number % 128, (5 * number + 3) % 128] for number in range(150)]


def branch(depth: int) -> Any:
    return BranchQueue(BEAT, depth, device("generic"))


QUEUES = {
    "deep, 2": lambda: DeepQueue(BEAT, 2),
    "deep, 20": lambda: DeepQueue(BEAT, 20), "deep, 33": lambda: DeepQueue(BEAT, 33),
    "few": lambda: branch(2), "some": lambda: branch(9), "many": lambda: branch(40),
    "a power of two": lambda: branch(63), "most": lambda: branch(100)}


@pytest.mark.parametrize("name", QUEUES)
@pytest.mark.parametrize("stalls", [(0.0, 0.0), (0.5, 0.1), (0.1, 0.7), (0.0, 0.95)])
def test_queue(name: str, stalls: tuple[float, float]) -> None:
    queue = QUEUES[name]()
    into, out = stalls
    trace = run(queue, [(queue.i, BEATS)], queue.o, len(BEATS), stall_in=into, stall_out=out)
    assert trace.beats == BEATS
    if not out and not into:
        # Some have no room in the cycle behind a reset.
        assert trace.cycles[0] - 1 == queue.latency + (name in ("few", "some"))
        if name != "deep, 2":
            assert trace.cycles[-1] - trace.cycles[0] == len(BEATS) - 1


@pytest.mark.parametrize("depth", [1, 2, 16, 17, 40])
@pytest.mark.parametrize("most", [3, 8, 20])
@pytest.mark.parametrize("family", [device("generic"), device("gowin")], ids=lambda each: each.name)
def test_a_prompt_queue_is_never_late(depth: int, most: int, family: Device) -> None:
    """A beat is there ``latency`` cycles after it came, however long the reader has waited."""
    family = replace(device("generic"), short_queue=family.short_queue)
    queue: Any = BranchQueue(BEAT, depth, family, prompt=True)
    rng = random.Random(most)
    waiting: list[tuple[list[int], int]] = []

    async def testbench(ctx: Any) -> None:
        ready, left, beats = True, 0, iter(BEATS * 4)
        beat = next(beats)
        for cycle in range(500):
            if not left:
                ready, left = not ready, rng.randint(1, most)
            left -= 1
            ctx.set(queue.o.ready, ready)
            ctx.set(queue.i.valid, offered := rng.random() < 0.7)
            ctx.set(queue.i.payload, beat)
            there = ctx.get(queue.o.valid)
            assert there == bool(waiting and waiting[0][1] + queue.latency <= cycle)
            if there:
                assert [ctx.get(each) for each in queue.o.payload] == waiting[0][0]
                if ready:
                    waiting.pop(0)
            if offered and ctx.get(queue.i.ready):
                waiting.append((beat, cycle))
                beat = next(beats)
            await ctx.tick()

    sim = Simulator(queue)
    sim.add_clock(1e-6)
    sim.add_testbench(testbench)
    sim.run()


@pytest.mark.parametrize("name", QUEUES)
def test_as_many_wait_as_are_said_to(name: str) -> None:
    """While nothing is taken: what is beyond is in the registers on the way."""
    queue, depth = QUEUES[name](), {
        "few": 2, "some": 9, "many": 40, "a power of two": 63, "most": 100}
    room = depth[name] if name in depth else int(name.split()[1])
    taken = 0

    async def fill(ctx: Any) -> None:
        nonlocal taken
        ctx.set(queue.i.valid, 1)
        for _ in range(200):
            _, _, ready = await ctx.tick().sample(queue.i.ready)
            taken += ready

    sim = Simulator(queue)
    sim.add_clock(1e-6)
    sim.add_testbench(fill)
    sim.run()
    assert room <= taken <= room + 12


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("stall", [0.0, 0.6])
def test_each_reader_gets_every_beat_once(count: int, stall: float) -> None:
    fork = Fork(BEAT, count)
    found: list[list[list[int]]] = [[] for _ in range(count)]
    cycles = 0

    async def source(ctx: Any) -> None:
        rng = random.Random(9)
        for beat in BEATS:
            while rng.random() < stall / 2:
                await ctx.tick()
            ctx.set(fork.i.valid, 1)
            ctx.set(fork.i.payload, beat)
            await ctx.tick().until(fork.i.ready)
            ctx.set(fork.i.valid, 0)

    def sink(number: int) -> Any:
        async def take(ctx: Any) -> None:
            nonlocal cycles
            rng, port = random.Random(number), fork.outputs[number]
            while len(found[number]) < len(BEATS):
                ready = rng.random() >= stall
                ctx.set(port.ready, ready)
                _, _, valid, beat = await ctx.tick().sample(port.valid, port.payload)
                cycles += number == 0
                if valid and ready:
                    found[number].append(list(beat))
            ctx.set(port.ready, 1)
            for _ in range(20):
                _, _, valid = await ctx.tick().sample(port.valid)
                assert not valid
        return take

    sim = Simulator(fork)
    sim.add_clock(1e-6)
    sim.add_testbench(source)
    for number in range(count):
        sim.add_testbench(sink(number))
    sim.run()
    assert found == [BEATS] * count
    if not stall:
        assert cycles == len(BEATS)
