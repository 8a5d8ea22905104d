"""The core's promises, in Amaranth's simulator; tests/sim repeats them on the Verilog."""

import itertools
import random

import numpy as np
import pytest
from amaranth.sim import Simulator
from core_bench import check, run
from strategies import random_filter, random_images, seeds

from windrow.hdl import Core
from windrow.model import Filter
from windrow.model.borders import BORDERS


@pytest.mark.parametrize("seed", seeds(14, 40))
def test_random_filter(seed: int) -> None:
    rng = random.Random(seed)
    filter = random_filter(rng, max_kernel=7, max_size=16)
    images = random_images(filter, 3, seed)
    back_to_back = run(filter, images, seed=seed)
    check(filter, images, back_to_back)
    assert back_to_back.first_out[0] - back_to_back.first_in[0] == back_to_back.latency
    starts = back_to_back.first_in
    assert {b - a for a, b in itertools.pairwise(starts)} == {back_to_back.cycles_per_frame}

    stalled = run(filter, images, stall_in=rng.choice([0, 0.3]), stall_out=rng.choice([0.1, 0.6]),
                  gaps=[rng.randrange(3 * filter.width), rng.randrange(9)], seed=seed)
    check(filter, images, stalled)


@pytest.mark.thinned(2)
@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("lanes", [1, 4])
@pytest.mark.parametrize(("kernel_height", "kernel_width"), [(3, 3), (2, 4), (5, 1), (1, 5)])
def test_same_and_valid_take_no_cycle_more_than_beats(
    kernel_height: int, kernel_width: int, lanes: int, border: str
) -> None:
    kernel = np.arange(1, kernel_height * kernel_width + 1).reshape(kernel_height, kernel_width)
    for padding in ("same", "valid"):
        filter = Filter(kernel=kernel, width=33, height=7, border=border, padding=padding, shift=4,
                        pixels_per_clock=lanes)
        images = random_images(filter, 3)
        trace = run(filter, images)
        check(filter, images, trace)
        beats = 7 * -(-33 // lanes)
        assert [b - a for a, b in itertools.pairwise(trace.first_in)] == [beats, beats]


@pytest.mark.parametrize("lanes", [1, 8])
def test_larger_output_takes_no_cycle_more_than_its_own_beats(lanes: int) -> None:
    filter = Filter(kernel=np.eye(5, 6, dtype=int), width=40, height=6, padding="full",
                    border="reflect101", pixels_per_clock=lanes)
    images = random_images(filter, 3)
    trace = run(filter, images)
    check(filter, images, trace)
    beats = (6 + 4) * -(-(40 + 5) // lanes)
    assert [b - a for a, b in itertools.pairwise(trace.first_in)] == [beats, beats]


@pytest.mark.parametrize("border", BORDERS)
def test_gap_of_every_length_after_a_frame(border: str) -> None:
    filter = Filter(kernel=[[1, 2, 3], [4, -5, 6], [7, 8, 9], [-1, 1, 2]], width=9, height=5,
                    border=border, shift=3)
    images = random_images(filter, 2 * filter.width + 2)
    trace = run(filter, images, gaps=range(2 * filter.width + 1))
    check(filter, images, trace)


@pytest.mark.thinned(4)
@pytest.mark.parametrize("kernel_height", [1, 2, 5])
@pytest.mark.parametrize("kernel_width", [1, 2, 6])
@pytest.mark.parametrize("lanes", [1, 8])
def test_frame_of_the_kernels_own_size(kernel_height: int, kernel_width: int, lanes: int) -> None:
    rng = np.random.default_rng(1)
    for border, padding in itertools.product(BORDERS, ("same", "valid", "full")):
        filter = Filter(kernel=rng.integers(-9, 10, (kernel_height, kernel_width)),
                        width=kernel_width, height=kernel_height, border=border, padding=padding,
                        output="s16", pixels_per_clock=lanes)
        images = random_images(filter, 3)
        check(filter, images, run(filter, images))


@pytest.mark.parametrize("width, height", [(21, 6), (6, 37), (16, 17)])
def test_counters_of_several_digits(width: int, height: int) -> None:
    """Where a row or a frame ends is compared four bits at a time."""
    filter = Filter(kernel=[[3]], width=width, height=height, output="u10")
    images = random_images(filter, 2)
    check(filter, images, run(filter, images))


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("padding", [[0, 0, 0, 2], [0, 0, 2, 0], [0, 0, 2, 2]])
def test_border_on_one_side_of_a_line_as_wide_as_the_kernel(
    padding: list[int], border: str
) -> None:
    """A tap takes two samples of the border, one after the other."""
    filter = Filter(kernel=[[3, -5, 9]], width=3, height=2, border=border, border_value=50,
                    padding=padding, output="s13")
    images = random_images(filter, 2)
    check(filter, images, run(filter, images))


@pytest.mark.parametrize("rows", [2, 3])
def test_an_output_that_is_a_row_taller(rows: int) -> None:
    filter = Filter(kernel=[[1]] * rows, width=6, height=3, padding=[1, rows - 1, 0, 0],
                    output="u10")
    images = random_images(filter, 3)
    trace = run(filter, images)
    check(filter, images, trace)
    assert {b - a for a, b in itertools.pairwise(trace.first_in)} == {trace.cycles_per_frame}
    check(filter, images, run(filter, images, stall_in=0.3, stall_out=0.3, gaps=[1, 40]))


@pytest.mark.parametrize("seed", range(6))
def test_a_last_frame_of_which_several_beats_are_owed_comes_out(seed: int) -> None:
    """Under an output that waits for long; no beat comes after it that would push it on."""
    filter = Filter(kernel=[[1] * 9] * 2, width=50, height=2, shift=5)  # more than the queue holds
    images = random_images(filter, 1)
    check(filter, images, run(filter, images, stall_out=0.9, seed=seed))


def test_long_output_stalls_around_a_frame_end() -> None:
    """The output is taken one cycle in ten, at another phase of the frames' ends for each gap."""
    filter = Filter(kernel=[[1, 2, 1], [2, 4, 2], [1, 2, 1]], width=6, height=4, shift=4)
    images = random_images(filter, 2)
    for seed in range(40):
        trace = run(filter, images, stall_out=0.9, gaps=[seed], seed=seed)
        check(filter, images, trace)


def test_beats_before_the_first_start_of_frame_are_dropped() -> None:
    filter = Filter(kernel=[[1]], width=4, height=1)
    core = Core(filter)
    seen = []

    async def testbench(ctx):
        ctx.set(core.o.ready, 1)
        for value in (91, 92, 93, 1, 2, 3, 4):
            ctx.set(core.i.valid, 1)
            ctx.set(core.i.payload, {"samples": [value], "first": value == 1, "last": value == 4})
            while True:
                _, _, ready, valid, beat = await ctx.tick().sample(
                    core.i.ready, core.o.valid, core.o.payload)
                if valid:
                    seen.append(beat.samples[0])
                if ready:
                    break
        ctx.set(core.i.valid, 0)
        for _ in range(30):
            _, _, valid, beat = await ctx.tick().sample(core.o.valid, core.o.payload)
            if valid:
                seen.append(beat.samples[0])

    sim = Simulator(core)
    sim.add_clock(1e-6)
    sim.add_testbench(testbench)
    sim.run()
    assert seen == [1, 2, 3, 4]


def test_latency_of_a_full_hd_filter() -> None:
    core = Core(Filter(kernel="sobel-x", width=1920, height=1080))
    # One row, one column, and the pipeline.
    assert 1921 <= core.latency <= 1921 + 16
    assert core.cycles_per_frame == 1920 * 1080


def test_slower_pixels_need_less_of_a_queue() -> None:
    """Pushes that come more slowly are fewer on their way."""
    def depth(clocks: int) -> int:
        core = Core(Filter(kernel=[[1, 2, 1]] * 3, width=9, height=4, shift=4,
                           clocks_per_pixel=clocks), strategy="separable")
        return core._queue.depth

    assert depth(1) >= depth(2) >= depth(8)
    assert depth(1) > depth(8)
