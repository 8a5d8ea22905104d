"""The strategy ``running-sum`` against the golden model, in Amaranth's simulator."""

import itertools
import random

import pytest
from core_bench import check, run
from strategies import random_box, random_images, seeds

from windrow.hdl import Core
from windrow.model import Filter
from windrow.model.borders import BORDERS
from windrow.model.errors import InputError


STRATEGY = "running-sum"


@pytest.mark.parametrize("seed", seeds(12, 40))
def test_random_box(seed: int) -> None:
    rng = random.Random(seed)
    filter = random_box(rng, max_kernel=7, max_size=16)
    images = random_images(filter, 3, seed)
    back_to_back = run(filter, images, seed=seed, strategy=STRATEGY)
    check(filter, images, back_to_back)
    assert back_to_back.first_out[0] - back_to_back.first_in[0] == back_to_back.latency
    starts = back_to_back.first_in
    assert {b - a for a, b in itertools.pairwise(starts)} == {back_to_back.cycles_per_frame}

    stalled = run(filter, images, stall_in=rng.choice([0, 0.3]), stall_out=rng.choice([0.1, 0.6]),
                  gaps=[rng.randrange(3 * filter.width), rng.randrange(9)], seed=seed,
                  strategy=STRATEGY)
    check(filter, images, stalled)


@pytest.mark.parametrize("border", BORDERS)
def test_gap_of_every_length_after_a_frame(border: str) -> None:
    filter = Filter(kernel=[[3] * 3] * 4, width=9, height=5, border=border, shift=5)
    images = random_images(filter, 2 * filter.width + 2)
    trace = run(filter, images, gaps=range(2 * filter.width + 1), strategy=STRATEGY)
    check(filter, images, trace)


@pytest.mark.thinned(4)
@pytest.mark.parametrize("kernel_height", [1, 2, 5])
@pytest.mark.parametrize("kernel_width", [1, 2, 7])
def test_frame_of_the_kernels_own_size(kernel_height: int, kernel_width: int) -> None:
    for border, padding in itertools.product(BORDERS, ("same", "valid", "full")):
        filter = Filter(kernel=[[1] * kernel_width] * kernel_height, width=kernel_width,
                        height=kernel_height, border=border, padding=padding, output="s16")
        images = random_images(filter, 3)
        check(filter, images, run(filter, images, strategy=STRATEGY))


@pytest.mark.parametrize("kernel_width", [6, 7])
def test_first_sums_that_follow_each_other_without_a_gap(kernel_width: int) -> None:
    """All the border on the left, and a line that is over when its first sum begins."""
    filter = Filter(kernel=[[1] * kernel_width] * 2, width=kernel_width, height=5,
                    border="reflect101", padding=[1, 0, kernel_width - 1, 0], output="s16")
    images = random_images(filter, 3)
    check(filter, images, run(filter, images, strategy=STRATEGY))


@pytest.mark.parametrize("before", [2, 3, 4])
@pytest.mark.parametrize("kernel", [[[1]] * 5, [[1] * 5]], ids=["rows", "columns"])
def test_first_sample_that_counts_three_times_and_more(
    kernel: list[list[int]], before: int
) -> None:
    """A product that takes a cycle or none."""
    padding = [before, 4 - before, 0, 0] if len(kernel) > 1 else [0, 0, before, 4 - before]
    filter = Filter(kernel=kernel, width=7, height=6, padding=padding, output="u11")
    images = random_images(filter, 2)
    check(filter, images, run(filter, images, strategy=STRATEGY))


@pytest.mark.parametrize("before, after", [("replicate", "constant"), ("constant", "replicate")])
@pytest.mark.parametrize("kernel", [[[1]] * 5, [[1] * 5]], ids=["rows", "columns"])
def test_a_border_that_is_held_at_one_end(
    kernel: list[list[int]], before: str, after: str
) -> None:
    border = {"top": before, "bottom": after, "left": before, "right": after}
    filter = Filter(kernel=kernel, width=7, height=5, border=border, border_value=99, output="u11")
    images = random_images(filter, 2)
    check(filter, images, run(filter, images, strategy=STRATEGY))


@pytest.mark.parametrize("border", BORDERS)
def test_large_kernel(border: str) -> None:
    filter = Filter(kernel=[[1] * 31] * 31, width=37, height=33, border=border, output="u20")
    images = random_images(filter, 2)
    check(filter, images, run(filter, images, strategy=STRATEGY))


@pytest.mark.parametrize("keys", [
    {"kernel": [[1, 1], [1, 2]]},
    {"kernel": [[0, 0], [0, 0]]},
    {"kernel": [[1, 1], [1, 1]], "pixels_per_clock": 2},
])
def test_does_not_apply(keys: dict[str, object]) -> None:
    with pytest.raises(InputError, match=r"running-sum.*equal coefficients"):
        Core(Filter.from_dict({"width": 9, "height": 9, **keys}), strategy=STRATEGY)


def test_auto_keeps_to_the_least_memory() -> None:
    assert Core(Filter(kernel=[[1] * 15] * 15, width=40, height=40, shift=8)).strategy != STRATEGY
