"""Original and filtered side by side, with windrow's own filter between."""

import itertools

import numpy as np
import pytest
from amaranth import *
from amaranth.lib import wiring
from amaranth.sim import Simulator
from pixel_bench import Beat, beats, random_frames, send, take

from windrow import Filter, Pipeline
from windrow.boards.video.colour import GreyToRGB
from windrow.boards.video.split_screen import SplitScreen
from windrow.hdl import PipelineCore
from windrow.synth.preview.picture import shown_picture


WIDTH, HEIGHT = 11, 6
FILTER = Filter(kernel="sobel-x", width=WIDTH, height=HEIGHT, channels=3, overflow="abs-saturate")
LINE = 0x112233


def side_by_side(frame: np.ndarray, split: int) -> np.ndarray:
    """The model."""
    shown = FILTER.compute(frame).copy()
    shown[:, :split] = frame[:, :split]
    if 0 < split < WIDTH:
        shown[:, split] = [0x11, 0x22, 0x33]
    return shown


def run(sent: list[Beat], count: int, *, depth: int, splits: list[int] | None = None,
        stall: float = 0.0) -> list[Beat]:
    """Stream beats through a split screen and the filter, and take ``count``."""
    dut = SplitScreen(WIDTH, depth, line=LINE)
    core = FILTER.create()
    m = Module()
    m.submodules.dut = dut
    m.submodules.core = core
    wiring.connect(m, dut.to_filter, core.i)
    wiring.connect(m, core.o, dut.from_filter)
    taken: list[Beat] = []

    async def source(ctx):
        await send(ctx, dut.i, sent, stall)

    async def sink(ctx):
        for split in splits or [WIDTH // 2]:
            ctx.set(dut.split, split)
            taken.extend(await take(ctx, dut.o, count // len(splits or [0]), stall,
                                    seed=len(taken)))

    sim = Simulator(m)
    sim.add_clock(1e-8)
    sim.add_testbench(source, background=True)
    sim.add_testbench(sink)
    sim.run()
    return taken


@pytest.mark.parametrize("stall", [0.0, 0.5])
@pytest.mark.parametrize("split", [0, 1, 5, WIDTH - 1, WIDTH])
def test_left_and_right(split: int, stall: float) -> None:
    sent = random_frames(HEIGHT, WIDTH, 2)
    got = run(beats(sent), 2 * HEIGHT * WIDTH, depth=FILTER.create().latency + 4,
              splits=[split] * 2, stall=stall)
    assert got == beats([side_by_side(frame, split) for frame in sent])


def test_the_latency_of_the_filter_is_enough_of_a_queue() -> None:
    sent = random_frames(HEIGHT, WIDTH, 3)
    got = run(beats(sent), 3 * HEIGHT * WIDTH, depth=FILTER.create().latency)
    assert got == beats([side_by_side(frame, WIDTH // 2) for frame in sent])


@pytest.mark.parametrize(("seed", "stall"), [(1, 0.0), (2, 0.0), (3, 0.4)])
def test_a_filter_that_is_a_frame_late(seed: int, stall: float) -> None:
    """Edges of each frame are beside the next one; how long following them takes does not matter.
    """
    rng = np.random.default_rng(seed)
    edges = Pipeline([{"canny": [9, 200]}], width=WIDTH, height=HEIGHT, channels=3)
    core = PipelineCore(edges)
    frames = rng.integers(0, 256, (5, HEIGHT, WIDTH, 3)) * (rng.random((5, 1, 1, 1)) < 0.9)
    dut = SplitScreen(WIDTH, core.latency - core.late_cycles + 16, behind=True)
    grey = GreyToRGB()
    m = Module()
    m.submodules += dut, core, grey
    wiring.connect(m, dut.to_filter, core.i)
    wiring.connect(m, core.o, grey.i)
    wiring.connect(m, grey.o, dut.from_filter)
    taken: list[Beat] = []

    cycle = first = 0

    async def count(ctx):
        nonlocal cycle
        async for _ in ctx.tick():
            cycle += 1

    async def source(ctx):
        nonlocal first
        await send(ctx, dut.i, beats(frames[:1]), stall)
        first = cycle
        await send(ctx, dut.i, beats(frames[1:]), stall)

    async def sink(ctx):
        ctx.set(dut.split, 5)
        taken.extend(await take(ctx, dut.o, 4 * HEIGHT * WIDTH, stall))

    sim = Simulator(m)
    sim.add_clock(1e-8)
    sim.add_testbench(count, background=True)
    sim.add_testbench(source, background=True)
    sim.add_testbench(sink)
    sim.run()
    wanted = [shown_picture(frame, edges, 5, 8, before)
              for before, frame in itertools.pairwise(frames)]
    assert taken == beats(wanted)
    if not stall:  # a camera does not wait, nor for its first frame
        assert first < HEIGHT * WIDTH + 9


def test_a_queue_that_is_too_small_stops() -> None:
    with pytest.raises(AssertionError, match="nothing comes"):
        run(beats(random_frames(HEIGHT, WIDTH, 1)), HEIGHT * WIDTH, depth=WIDTH // 2)


def test_the_split_moves_between_frames() -> None:
    """It is set while the last pixel of the frame before waits; none is torn."""
    sent = random_frames(HEIGHT, WIDTH, 4)
    dut = SplitScreen(WIDTH, 8)
    splits = [3, 0, WIDTH, 7]
    taken: list[Beat] = []
    grey = [np.zeros_like(frame) for frame in sent]

    async def source(ctx):
        await send(ctx, dut.i, beats(sent))

    async def answer(ctx):
        await send(ctx, dut.from_filter, beats(grey))

    async def sink(ctx):
        ctx.set(dut.to_filter.ready, 1)
        ctx.set(dut.split, splits[0])
        for number in range(4):
            taken.extend(await take(ctx, dut.o, 20))
            ctx.set(dut.split, splits[min(number + 1, 3)])
            taken.extend(await take(ctx, dut.o, HEIGHT * WIDTH - 20))

    sim = Simulator(dut)
    sim.add_clock(1e-8)
    for testbench in (source, answer):
        sim.add_testbench(testbench, background=True)
    sim.add_testbench(sink)
    sim.run()
    for frame, split in zip(sent, splits, strict=True):
        got = np.array([beat[0] for beat in taken[:HEIGHT * WIDTH]]).reshape(HEIGHT, WIDTH, 3)
        del taken[:HEIGHT * WIDTH]
        assert (got[:, :split] == frame[:, :split]).all()
        assert (got[:, split + 1 :] == 0).all()
        assert (got[:, split : split + 1] == (255 if split else 0)).all()


@pytest.mark.parametrize("cut", [1, WIDTH, 3 * WIDTH + 4, HEIGHT * WIDTH - 1])
def test_an_original_that_was_cut_short(cut: int) -> None:
    """The filter finishes its frame all the same; the next one fits again."""
    sent = random_frames(HEIGHT, WIDTH, 3)
    made = [beats([frame]) for frame in sent]
    dut = SplitScreen(WIDTH, 2 * WIDTH * HEIGHT)
    taken: list[Beat] = []
    zeros = np.zeros((3, HEIGHT, WIDTH, 3), int)

    async def source(ctx):
        await send(ctx, dut.i, [*made[0], *made[1][:cut], *made[2]])

    async def answer(ctx):
        await send(ctx, dut.from_filter, beats(zeros))

    async def sink(ctx):
        ctx.set(dut.to_filter.ready, 1)
        ctx.set(dut.split, WIDTH)
        taken.extend(await take(ctx, dut.o, 3 * HEIGHT * WIDTH))

    sim = Simulator(dut)
    sim.add_clock(1e-8)
    for testbench in (source, answer):
        sim.add_testbench(testbench, background=True)
    sim.add_testbench(sink)
    sim.run()
    size = HEIGHT * WIDTH
    assert [beat[1:] for beat in taken] == [beat[1:] for beat in beats(zeros)]
    assert taken[:size] == made[0]
    assert taken[size : size + cut] == made[1][:cut]
    assert all(beat[0] == [0, 0, 0] for beat in taken[size + cut : 2 * size])
    assert taken[2 * size :] == made[2]


def test_an_original_that_is_too_long() -> None:
    """What the filter has dropped is dropped here too."""
    sent = random_frames(HEIGHT, WIDTH, 2)
    made = [beats([frame]) for frame in sent]
    dut = SplitScreen(WIDTH, 8)
    taken: list[Beat] = []
    zeros = np.zeros((2, HEIGHT, WIDTH, 3), int)

    async def source(ctx):
        await send(ctx, dut.i, [*made[0], *[([1, 2, 3], 0, 1)] * 5, *made[1]])

    async def answer(ctx):
        await send(ctx, dut.from_filter, beats(zeros))

    async def sink(ctx):
        ctx.set(dut.to_filter.ready, 1)
        ctx.set(dut.split, WIDTH)
        taken.extend(await take(ctx, dut.o, 2 * HEIGHT * WIDTH))

    sim = Simulator(dut)
    sim.add_clock(1e-8)
    for testbench in (source, answer):
        sim.add_testbench(testbench, background=True)
    sim.add_testbench(sink)
    sim.run()
    assert taken == [*made[0], *made[1]]


def test_an_impossible_queue() -> None:
    with pytest.raises(ValueError, match="depth must be at least 2 beats, not 1"):
        SplitScreen(8, 1)
