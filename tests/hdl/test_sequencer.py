"""The sequencer standing alone: what it says of itself, and every push that it makes."""

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from amaranth.hdl import Module, Signal
from amaranth.sim import Simulator
from register_bench import controlled
from sequencer_bench import Pushes, Record, record
from strategies import random_image
from stream_bench import stream
from test_malformed import damaged, good

from windrow.hdl.core import frame_geometry
from windrow.hdl.devices import device
from windrow.hdl.framing.sequencer import Sequencer, _digits_equal
from windrow.model import Filter
from windrow.model.framing import Beat


SHAPES: dict[str, dict[str, Any]] = {
    "3x3": {"kernel": [[1, 2, 1]] * 3, "width": 9, "height": 3},
    "a row of fewest pushes": {"kernel": [[1, 2, 1]] * 2, "width": 6, "height": 2},
    "one pixel": {"kernel": [[3]], "width": 1, "height": 1},
    "one column": {"kernel": [[1], [2], [1]], "width": 1, "height": 4},
    "two columns": {"kernel": [[1, 1]] * 2, "width": 2, "height": 2},
    "one row": {"kernel": [[1, 2, 3]], "width": 7, "height": 1},
    "wide": {"kernel": [[1, 2, 3, 4]], "width": 18, "height": 2},
    "wider output": {"kernel": [[1] * 5] * 2, "width": 8, "height": 2, "padding": [1, 0, 4, 4],
                     "border": "constant"},
    "taller output": {"kernel": [[1, 2, 1]] * 4, "width": 7, "height": 4, "padding": "full",
                      "border": "constant"},
    "late output": {"kernel": [[1] * 5] * 5, "width": 6, "height": 5, "border": "reflect101",
                    "padding": [4, 0, 4, 0]},
    "smaller output": {"kernel": [[1, 2, 3]] * 3, "width": 8, "height": 4, "padding": "valid"},
    "lanes and channels": {"kernel": [[1, 2, 1]] * 3, "width": 14, "height": 3,
                           "pixels_per_clock": 2, "channels": 2},
    "two clocks": {"kernel": [[1, 2]] * 2, "width": 7, "height": 2, "clocks_per_pixel": 2},
    "three clocks": {"kernel": [[1, 2]] * 2, "width": 4, "height": 2, "clocks_per_pixel": 3},
    "seven clocks": {"kernel": [[1, 2]] * 2, "width": 4, "height": 2, "clocks_per_pixel": 7},
}
"""Frames whose rows and ends differ in what they owe."""


def make(name: str) -> Filter:
    """A filter of that shape."""
    return Filter(**{"output": "s16"} | SHAPES[name])


@pytest.mark.parametrize("name", SHAPES)
def test_pushes(name: str) -> None:
    """They make up the frames that the rules make of the beats, and come as soon as they can."""
    filter = make(name)
    rng = random.Random(name)
    check(record(frame_geometry(filter, device("generic")), damaged(filter, rng, 5)))
    check(record(frame_geometry(filter, device("generic")), damaged(filter, rng, 5),
                 stall_in=0.3, stall_out=0.3, pause=0.02, upset=rng.randrange(1, 60)))


@pytest.mark.parametrize("name", SHAPES)
def test_a_frame_drains_without_further_input(name: str) -> None:
    """As long as no frame comes, and no longer."""
    filter = make(name)
    geometry = frame_geometry(filter, device("generic"))
    rng = random.Random(name)
    pushes = check(record(geometry, good(filter, rng) * 2))
    forced = geometry.frame_rows - geometry.rows.input_beats
    assert pushes.added[1:] == [forced, geometry.added_rows]
    assert pushes.drained[1:] == [0, max(geometry.drain_pushes, 1)]
    check(record(geometry, good(filter, rng) * 2, stall_in=0.7, pause=0.05))


CONTROLLED = ("3x3", "one column", "taller output", "late output", "smaller output",
              "lanes and channels", "three clocks")


@pytest.mark.parametrize("name", CONTROLLED)
def test_frames_are_held_back_and_dropped(name: str) -> None:
    filter = controlled(make(name))
    geometry = frame_geometry(filter, device("generic"))
    rng = random.Random(name)
    check(record(geometry, damaged(filter, rng, 5), hold=0.1, discard=0.1))
    check(record(geometry, damaged(filter, rng, 5), hold=0.1, discard=0.1, stall_in=0.2,
                 stall_out=0.2, pause=0.01, upset=rng.randrange(1, 60)))


@pytest.mark.parametrize("dropped, stray", [
    ((0,), 0), ((1,), 0), ((0, 1), 0), ((2,), 0), ((3,), 1), ((), 1)])
def test_the_rest_of_a_dropped_line_is_no_stray(dropped: tuple[int, ...], stray: int) -> None:
    """Of the beats after a last line that does not end, some of them while frames are dropped."""
    filter = controlled(make("3x3"))
    rng = random.Random(0)
    frame = good(filter, rng)
    frame[-1] = replace(frame[-1], last=False)
    more = [replace(frame[-1], last=at == 1) for at in range(5)]
    pushes = check(record(frame_geometry(filter, device("generic")), frame + more + frame[:3],
                          discarded_at=[len(frame) + at for at in dropped]))
    assert pushes.framer.events.count("stray") == stray


@pytest.mark.parametrize("name", CONTROLLED)
def test_sizes_change(name: str) -> None:
    """From any to any other, in as many cycles as the sequencer asks for."""
    filter = controlled(make(name))
    lanes = filter.pixels_per_clock
    # Of one of them the widest has 16 pushes a row: a power of two.
    more = 16 - -(-filter.width // lanes)
    filter = filter.replace(max_width=filter.width + more * lanes, max_height=filter.height + 3)
    geometry = frame_geometry(filter, device("generic"))
    rng = random.Random(name)
    widths = range(geometry.least_width, filter.max_width + 1, lanes)
    sizes = [(width, rng.randint(geometry.least_height, filter.max_height))
             for width in (filter.max_width, *rng.sample(widths, 2), widths[0], widths[-1])]
    beats = [beat for width, height in sizes
             for beat in good(filter.replace(width=width, height=height), rng)]
    pushes = check(record(geometry, beats, sizes=sizes))
    assert [(frame.shape[1] // lanes, len(frame)) for frame in pushes.frames] == [
        (-(-width // lanes), height) for width, height in sizes]


@pytest.mark.parametrize("name", CONTROLLED)
def test_lines_do_not_end_in_the_narrowest_frame(name: str) -> None:
    """Its rows have blank pushes, which the filter's own may not have."""
    filter = controlled(make(name))
    geometry = frame_geometry(filter, device("generic"))
    rng = random.Random(name)
    size = (geometry.least_width, filter.height)
    narrow = filter.replace(width=geometry.least_width)
    beats = [each for beat in good(narrow, rng)
             for each in ([replace(beat, last=False), replace(beat, first=False)]
                          if beat.last else [beat])]
    pushes = check(record(geometry, beats + beats, sizes=[size, size]))
    assert pushes.framer.events.count("long_line") == 2 * filter.height


def check(found: Record) -> Pushes:
    """Hold the pushes against the beats that were taken."""
    pushes = Pushes(found)
    for got, wanted in zip(pushes.frames, pushes.framer.frames, strict=False):
        assert np.array_equal(got[:, : wanted.shape[1]], wanted)
    assert len(pushes.frames) == len(pushes.framer.frames) + pushes.framer.unfinished
    return pushes


@pytest.mark.parametrize("kernel", [[[1, 2, 1]] * 3, [[1, 2, 3, 4]], [[1], [2]]])
def test_no_push_is_made_while_it_is_idle(kernel: list[list[int]]) -> None:
    """But that of a frame's first beat; and after each frame it is idle in the end."""
    filter = controlled(Filter(kernel=kernel, width=6, height=3))
    dut: Any = Sequencer(frame_geometry(filter, device("generic")))
    idle: list[int] = []
    pushes: list[int] = []

    async def testbench(ctx: Any) -> None:
        async def cycle() -> int:
            _, _, taken, is_idle, pushed = await ctx.tick().sample(
                dut.i.ready, dut.idle, dut.o.valid)
            idle.append(is_idle and not ctx.get(dut.i.valid))
            pushes.append(pushed)
            return taken

        ctx.set(dut.room, 1)
        ctx.set(dut.extent, {"width": filter.width, "height": filter.height})
        for _ in range(3):
            for beat in range(filter.width * filter.height):
                ctx.set(dut.i.valid, 1)
                ctx.set(dut.i.payload.first, beat == 0)
                ctx.set(dut.i.payload.last, beat % filter.width == filter.width - 1)
                while not await cycle():
                    pass
            ctx.set(dut.i.valid, 0)
            for _ in range(8 * filter.width):
                await cycle()
            assert idle[-1]

    sim = Simulator(dut)
    sim.add_clock(1e-6)
    sim.add_testbench(testbench)
    sim.run()
    assert sum(pushes) >= 3 * filter.width * filter.height
    for is_idle, pushed in zip(idle, pushes[dut.latency :], strict=False):
        assert not (is_idle and pushed)


def test_an_early_start_is_told_once() -> None:
    """However many rows of the frame are still to be made, each of which is cut off."""
    filter = Filter(kernel=[[1, 2, 1]] * 2, width=6, height=5)
    samples = random_image(random.Random(0), filter).ravel().tolist()
    frame = [Beat([sample], first=at == 0, last=at % filter.width == filter.width - 1)
             for at, sample in enumerate(samples)]
    outcome = stream(filter, frame[:8] + frame)
    assert outcome.events == ["frame", "early_start", "frame"]


@pytest.mark.parametrize("number", [0, 0x5, 0x14A, 0x1FF])
@pytest.mark.parametrize("constant", [True, False])
def test_equal_in_all_digits(number: int, constant: bool) -> None:
    """A value of several digits, and those that differ from the number in one bit."""
    m = Module()
    value, wanted = Signal(9), Signal(9, init=number)
    equal = _digits_equal(m, value, number if constant else wanted)
    found = []

    async def testbench(ctx: Any) -> None:
        for each in (number, *(number ^ 1 << bit for bit in range(9)), number):
            ctx.set(value, each)
            await ctx.tick()
            found.append(ctx.get(equal))

    sim = Simulator(m)
    sim.add_clock(1e-6)
    sim.add_testbench(testbench)
    sim.run()
    assert found == [1, *[0] * 9, 1]
