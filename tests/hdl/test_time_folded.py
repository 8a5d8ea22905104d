"""Sums that are folded in time: exact at any pace of pushes, with the fewest multipliers."""

import itertools
import random
import re
from typing import Any

import numpy as np
import pytest
from core_bench import check, run
from strategies import random_filter, random_image

from windrow.hdl import Core, build
from windrow.hdl.arithmetic.graph_pipeline import GraphPipeline
from windrow.hdl.core import frame_geometry
from windrow.hdl.devices import device
from windrow.hdl.strategies import choose
from windrow.model import Filter, InputError


DENSE = [[3, -5, 7], [11, 13, -17], [19, 23, 29]]
SYMMETRIC = [[3, 5, 3], [5, 7, 5], [3, 5, 3]]


def assert_exact(filter: Filter, target: str = "generic", seed: int = 0) -> None:
    """Frames back to back, then under stalls; latency and throughput as promised."""
    rng = random.Random(seed)
    images = [random_image(rng, filter) for _ in range(2)]
    trace = run(filter, images, target=target, strategy="time-folded")
    check(filter, images, trace)
    assert trace.first_out[0] - trace.first_in[0] == trace.latency
    assert {b - a for a, b in itertools.pairwise(trace.first_in)} == {trace.cycles_per_frame}
    trace = run(filter, images, stall_in=rng.choice([0.5, 0.9]), stall_out=rng.choice([0, 0.9]),
                gaps=[rng.randrange(30)], seed=seed, target=target, strategy="time-folded")
    check(filter, images, trace)


@pytest.mark.parametrize("clocks", [2, 3, 4, 5, 8, 9, 11])
@pytest.mark.parametrize("kernel", [DENSE, SYMMETRIC], ids=["dense", "symmetric"])
def test_clocks(kernel: list[list[int]], clocks: int) -> None:
    assert_exact(Filter(kernel=kernel, width=7, height=4, clocks_per_pixel=clocks, shift=6,
                        output="s16"))


@pytest.mark.thinned(2)
@pytest.mark.parametrize("keys", [
    {"kernel": [[7]]},
    {"kernel": [[-7]], "clocks_per_pixel": 1024, "width": 6, "height": 1},
    {"kernel": [[3, 3, 3]], "border": "constant", "border_value": 200},
    # One product a phase, and most taps beside it: their sum is late, and kept for long.
    {"kernel": [[1] * 7] * 6 + [[1, 1, 1, 5, 1, 1, 1]], "height": 8},
    {"kernel": [[1] * 7] * 6 + [[1, 1, 1, 5, 1, 1, 1]], "height": 8, "clocks_per_pixel": 3},
    {"kernel": [[-1, -2, -1], [0, 0, 0], [-1, 3, -4]], "clocks_per_pixel": 4},
    # A sum of many beside single taps: some are kept, others late.
    {"kernel": [[3] * 7] * 5 + [[5, 7, 9, 11, 13, 15, 17]], "height": 8},
    {"kernel": [[3, 6, -12], [24, -3, 48]], "pixel": "s8", "output": "s20"},
    {"kernel": DENSE, "pixel": "s16", "output": "s24", "clocks_per_pixel": 9},
    {"kernel": DENSE, "pixel": "u1", "output": "s10", "clocks_per_pixel": 3},
    {"kernel": DENSE, "channels": 3, "clocks_per_pixel": 4, "shift": 4},
    {"kernel": "gaussian:ksize=5,sigma=1", "height": 6, "clocks_per_pixel": 3,
     "border": "reflect101"},
    {"kernel": DENSE, "operation": "convolve", "padding": "full", "clocks_per_pixel": 5},
    # The first multiplier has the same coefficient in all phases.
    {"kernel": [[91, 91, 107, 83, 107]], "height": 2, "output": "u18"},
    # Coefficients of more bits than a block takes.
    {"kernel": [[123456789, -987654321], [5, 2**30 + 1]], "output": "s32", "overflow": "wrap"},
], ids=str)
def test_filters(keys: dict[str, Any]) -> None:
    filter = Filter(**{"width": 8, "height": 4, "clocks_per_pixel": 2} | keys)
    assert_exact(filter)
    assert_exact(filter, seed=1)


def test_more_phases_than_two_stages_of_multiplexers_choose_from() -> None:
    filter = Filter(kernel=[[3, 5, 11, 13, 19, 23, 29, 37, 43, 47, 53, 59, 61, 67, 71, 83, 91]],
                    clocks_per_pixel=17, width=17, height=1, output="u18")
    rng = random.Random(0)
    images = [random_image(rng, filter) for _ in range(2)]
    check(filter, images, run(filter, images, strategy="time-folded"))


@pytest.mark.parametrize("seed", range(25))
def test_random_filters(seed: int) -> None:
    rng = random.Random(seed)
    clocks = rng.choice([2, 2, 3, 4, 7, 9, 25])
    filter = random_filter(rng, max_kernel=6, max_size=9, max_channels=2, pixels_per_clock=[1],
                           clocks_per_pixel=clocks)
    while all(abs(tap) & (abs(tap) - 1) == 0 for tap in filter.taps.ravel().tolist()):
        filter = random_filter(rng, max_kernel=6, max_size=9, max_channels=2,
                               pixels_per_clock=[1], clocks_per_pixel=clocks)
    assert_exact(filter, seed=seed)


@pytest.mark.thinned(2)
@pytest.mark.parametrize("block, target", [
    ("MULT18X18D", "ecp5"), ("SB_MAC16", "ice40"), ("MULT18X18", "gowin"),
])
@pytest.mark.parametrize("kernel, clocks, count", [
    (DENSE, 9, 1), (DENSE, 8, 2), (DENSE, 5, 2), (DENSE, 4, 3), (DENSE, 3, 3), (DENSE, 2, 5),
    (DENSE, 100, 1), (SYMMETRIC, 3, 1),
    ([[1, 2, 1], [2, 3, 2], [1, 2, 1]], 2, 1),
])
def test_multipliers(
    block: str, target: str, kernel: list[list[int]], clocks: int, count: int
) -> None:
    filter = Filter(kernel=kernel, width=640, height=480, clocks_per_pixel=clocks, shift=6)
    text = build(filter, "core", target=target, strategy="time-folded").verilog
    assert len(re.findall(rf"^\s*{block} ", text, re.MULTILINE)) == count


def test_channels_have_multipliers_of_their_own() -> None:
    filter = Filter(kernel=DENSE, width=640, height=480, clocks_per_pixel=9, channels=3)
    text = build(filter, "core", target="ecp5", strategy="time-folded").verilog
    assert len(re.findall(r"^\s*MULT18X18D ", text, re.MULTILINE)) == 3


def test_auto_takes_it_for_a_dense_kernel() -> None:
    filter = Filter(kernel=DENSE, width=640, height=480, clocks_per_pixel=9)
    assert Core(filter, target="ecp5").strategy == "time-folded"
    assert Core(filter.replace(kernel="sobel-x"), target="ecp5").strategy != "time-folded"
    assert Core(filter.replace(clocks_per_pixel=1), target="ecp5").strategy != "time-folded"


@pytest.mark.parametrize("keys", [
    {"clocks_per_pixel": 1},
    {"kernel": [[0, 0, 0]] * 3},
    {"kernel": [[1, -2, 4]]},
])
def test_refused(keys: dict[str, Any]) -> None:
    filter = Filter(**{"kernel": DENSE, "width": 8, "height": 5, "clocks_per_pixel": 9} | keys)
    with pytest.raises(InputError, match="strategy 'time-folded' does not apply to this filter; "
                       "it needs clocks_per_pixel above 1 and a kernel"):
        Core(filter, strategy="time-folded")


@pytest.mark.parametrize("keys, target, latency", [
    ({"kernel": [[7]]}, "generic", 16),
    ({"kernel": DENSE}, "generic", 38),
    ({"kernel": DENSE}, "ecp5", 37),
    ({"kernel": DENSE, "clocks_per_pixel": 9}, "ecp5", 104),
    ({"kernel": SYMMETRIC}, "ice40", 38),
    # What stands beside the products is late, and they wait for it.
    ({"kernel": [[1] * 7] * 6 + [[1, 1, 1, 5, 1, 1, 1]], "height": 8}, "generic", 76),
    ({"kernel": [[1] * 7] * 6 + [[1, 1, 1, 5, 1, 1, 1]], "height": 8}, "ecp5", 75),
    ({"kernel": [[1] * 5 + [5, 7]] * 2}, "generic", 24),
    # So are the sums that are multiplied.
    ({"kernel": [[3] * 7] * 5 + [[5, 7, 9, 11, 13, 15, 17]], "height": 8}, "generic", 61),
], ids=str)
def test_latency(keys: dict[str, Any], target: str, latency: int) -> None:
    """No factor waits longer than for the table, nor any product than for the rest."""
    filter = Filter(**{"width": 8, "height": 4, "clocks_per_pixel": 2} | keys)
    core = Core(filter, target=target, strategy="time-folded")
    assert core.latency == latency


def test_kernel_of_zeros_is_left_to_another() -> None:
    filter = Filter(kernel=np.zeros((3, 3), int), width=6, height=4, clocks_per_pixel=9, offset=5)
    images = [random_image(random.Random(0), filter)]
    trace = run(filter, images)
    check(filter, images, trace)
    assert set(trace.frames[0].ravel()) == {5}


@pytest.mark.parametrize("clocks", [2, 3, 9, 33])
@pytest.mark.parametrize("kernel", [
    DENSE, SYMMETRIC, [[7]], [[3, 3, 3]], [[1] * 7] * 6 + [[1, 1, 1, 5, 1, 1, 1]],
    [[3] * 7] * 5 + [[5, 7, 9, 11, 13, 15, 17]],
    [[3, 5, 11, 13, 19, 23, 29, 37, 43, 47, 53, 59, 61, 67, 71, 83, 91, 3, 101]],
    [[1] * 27 + [5, 7, 9, 11]],
], ids=["dense", "symmetric", "point", "equal", "one product", "late factor", "long", "late rest"])
@pytest.mark.parametrize("target", ["generic", "ice40"])
def test_a_sum_comes_as_soon_as_it_can(kernel: list[list[int]], clocks: int, target: str) -> None:
    """The least latency that leaves everything the time that it takes."""
    family = device(target)
    filter = Filter(kernel=kernel, width=40, height=9, clocks_per_pixel=clocks, output="s24")
    found: Any = choose(filter, frame_geometry(filter, family), family, "time-folded")
    folding, sums = found.folding, found.stages()[3]
    factors = [(phase, product.factor.latency) for phase, products in enumerate(folding.phases)
               for product in products]
    # The first stage of a multiplexer has two inputs, the others have eight.
    stages = next(stages for stages in range(1, 9) if 2 * 8 ** (stages - 1) >= len(folding.phases))
    product = family.multiplier.latency + GraphPipeline(folding.products, family).latency
    rest = folding.rest.latency if folding.rest is not None else 0
    least = min(
        begin + wait for begin in range(20) for wait in range(20)
        # Factors are there in their phase, the coefficient's phase two cycles before its product,
        # and what is not multiplied when products are added up.
        if all(begin + phase >= latency for phase, latency in factors)
        and begin + stages + wait >= 2 and begin + stages + wait + product >= rest)
    assert sums.latency == least + stages + product + len(folding.phases) + 1
