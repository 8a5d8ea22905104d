"""The queue behind a pipeline that cannot stop."""

import random

import pytest
from amaranth.hdl import ResetInserter, Signal
from amaranth.sim import Simulator

from windrow.hdl.stream.output_queue import (
    BlockQueue,
    DistributedQueue,
    OutputQueue,
    RegisteredQueue,
    StoredQueue,
    lut_queue,
)


KINDS = [BlockQueue, DistributedQueue, RegisteredQueue, StoredQueue]


def run(
    kind: type[OutputQueue], in_flight: int, count: int, stall: float, want_pause: float,
    spare: int = 0,
) -> list[int]:
    """Send ``0 .. count - 1`` through a pipeline of ``in_flight`` cycles; return the cycles in
    which there was no room."""
    rng = random.Random(in_flight * 100 + round(10 * stall))
    dut = kind(16, in_flight, spare)
    no_room: list[int] = []
    taken: list[int] = []

    async def pipeline(ctx):
        on_its_way: list[int | None] = [None] * in_flight
        sent = cycle = 0
        while len(taken) < count:
            new = None
            if sent < count and rng.random() >= want_pause:
                if ctx.get(dut.room):
                    new = sent
                    sent += 1
                else:
                    no_room.append(cycle)
            on_its_way.append(new)
            arrived = on_its_way.pop(0)
            ctx.set(dut.i_valid, arrived is not None)
            ctx.set(dut.i, arrived or 0)
            await ctx.tick()
            cycle += 1
            assert cycle < 100 * count + 1000, "values were lost"

    async def consumer(ctx):
        held = None
        while len(taken) < count:
            ready = rng.random() >= stall
            ctx.set(dut.o.ready, ready)
            _, _, valid, payload = await ctx.tick().sample(dut.o.valid, dut.o.payload)
            assert held in (None, payload if valid else None), "not held until it was taken"
            held = payload if valid and not ready else None
            if valid and ready:
                taken.append(payload)

    sim = Simulator(dut)
    sim.add_clock(1e-6)
    sim.add_testbench(consumer)
    sim.add_testbench(pipeline)
    sim.run()
    assert taken == list(range(count))
    return no_room


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("in_flight", [1, 2, 11, 12, 13, 14, 40])
@pytest.mark.parametrize("stall", [0.3, 0.9])
def test_nothing_is_lost_under_stalls(
    kind: type[OutputQueue], in_flight: int, stall: float
) -> None:
    assert run(kind, in_flight, 200, stall, 0.0), "a stalled consumer must make the room run out"
    run(kind, in_flight, 200, stall, 0.5)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("in_flight", [1, 2, 11, 12, 13, 14, 40])
def test_a_ready_consumer_never_stops_the_pipeline(kind: type[OutputQueue], in_flight: int) -> None:
    behind_reset = [0]
    assert run(kind, in_flight, 300, 0.0, 0.0) == behind_reset


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("in_flight, spare", [(1, 1), (3, 5), (12, 20)])
def test_values_that_wait_while_more_are_let_in(
    kind: type[OutputQueue], in_flight: int, spare: int
) -> None:
    run(kind, in_flight, 300, 0.5, 0.0, spare)
    run(kind, in_flight, 300, 0.9, 0.3, spare)
    assert run(kind, in_flight, 100, 0.0, 0.0, spare) == [0]
    dut, filled = kind(16, in_flight, spare), []

    async def testbench(ctx):
        """Nothing is taken: as many are let in as fit, in flight or not."""
        on_its_way = [0] * in_flight
        for _ in range(3 * (in_flight + spare) + 20):
            room = ctx.get(dut.room)
            filled.append(room)
            on_its_way.append(room)
            ctx.set(dut.i_valid, on_its_way.pop(0))
            await ctx.tick()

    sim = Simulator(dut)
    sim.add_clock(1e-6)
    sim.add_testbench(testbench)
    sim.run()
    # Those that are read and wait at the output are not in the memory.
    assert sum(filled) == in_flight + 1 + kind.latency + spare + (kind.latency - 1)


@pytest.mark.parametrize("kind", KINDS)
def test_what_waits_behind_a_word_follows_it_at_once(kind: type[OutputQueue]) -> None:
    dut = kind(8, 4)

    async def testbench(ctx):
        for value in (5, 6, 7):  # each when the one before it has long been there
            ctx.set(dut.i, value)
            ctx.set(dut.i_valid, 1)
            await ctx.tick()
            ctx.set(dut.i_valid, 0)
            await ctx.tick().repeat(6)
        ctx.set(dut.o.ready, 1)
        for value in (5, 6, 7):
            assert ctx.get(dut.o.valid)
            assert ctx.get(dut.o.payload) == value
            await ctx.tick()
        assert not ctx.get(dut.o.valid)

    sim = Simulator(dut)
    sim.add_clock(1e-6)
    sim.add_testbench(testbench)
    sim.run()


@pytest.mark.parametrize("kind", KINDS)
def test_a_reset_empties_it(kind: type[OutputQueue]) -> None:
    reset = Signal()
    dut = kind(8, 2)

    async def testbench(ctx):
        for waits in (0, 1, 5):
            for value in range(1 + waits):
                ctx.set(dut.i, 100 + value)
                ctx.set(dut.i_valid, 1)
                await ctx.tick()
            ctx.set(dut.i_valid, 0)
            for _ in range(waits):
                await ctx.tick()
            ctx.set(dut.reset_follows, 1)
            await ctx.tick()
            assert not ctx.get(dut.room)
            ctx.set(dut.reset_follows, 0)
            ctx.set(reset, 1)
            await ctx.tick()
            ctx.set(reset, 0)
            assert not ctx.get(dut.room)
            await ctx.tick()
            assert ctx.get(dut.room)
            assert not ctx.get(dut.o.valid)
            ctx.set(dut.i, 7)
            ctx.set(dut.i_valid, 1)
            await ctx.tick()
            ctx.set(dut.i_valid, 0)
            await ctx.tick().repeat(kind.latency)
            assert ctx.get(dut.o.valid)
            assert ctx.get(dut.o.payload) == 7
            ctx.set(dut.o.ready, 1)
            await ctx.tick()
            ctx.set(dut.o.ready, 0)
            assert not ctx.get(dut.o.valid)

    sim = Simulator(ResetInserter(reset)(dut))
    sim.add_clock(1e-6)
    sim.add_testbench(testbench)
    sim.run()


@pytest.mark.parametrize(("kind", "in_flight", "depth"), [
    (BlockQueue, 1, 4), (BlockQueue, 5, 8), (BlockQueue, 6, 16), (BlockQueue, 13, 16),
    (BlockQueue, 14, 32), (DistributedQueue, 2, 4), (DistributedQueue, 14, 16),
    (DistributedQueue, 15, 32), (RegisteredQueue, 5, 8), (StoredQueue, 4, 8), (StoredQueue, 5, 16),
])
def test_depth(kind: type[OutputQueue], in_flight: int, depth: int) -> None:
    assert kind(8, in_flight).depth == depth


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_queue_takes_its_latency(kind: type[OutputQueue]) -> None:
    dut = kind(8, 3)

    async def testbench(ctx):
        ctx.set(dut.o.ready, 1)
        for value in (7, 9):
            ctx.set(dut.i, value)
            ctx.set(dut.i_valid, 1)
            await ctx.tick()
            ctx.set(dut.i_valid, 0)
            ctx.set(dut.i, 0)
            for _ in range(kind.latency - 1):
                assert not ctx.get(dut.o.valid)
                await ctx.tick()
            assert ctx.get(dut.o.valid)
            assert ctx.get(dut.o.payload) == value
            await ctx.tick()

    sim = Simulator(dut)
    sim.add_clock(1e-6)
    sim.add_testbench(testbench)
    sim.run()


@pytest.mark.parametrize("in_flight, spare, kind", [
    (1, 0, DistributedQueue), (30, 0, DistributedQueue), (31, 0, RegisteredQueue),
    (18, 13, RegisteredQueue),
])
def test_many_luts_have_a_register_behind_them(
    in_flight: int, spare: int, kind: type[OutputQueue]
) -> None:
    assert type(lut_queue(8, in_flight, spare)) is kind


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("in_flight, spare", [(20, 0), (20, 7), (2, 30)])
def test_restart(kind: type[OutputQueue], in_flight: int, spare: int) -> None:
    wanted = max(in_flight + 1 - kind.latency - spare + 12, 0)
    assert kind(8, in_flight, spare).restart_cycles == wanted
