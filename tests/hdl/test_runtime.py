"""Settings that change while a core runs: each frame is what was committed before its start."""

import itertools
import random

import numpy as np
import pytest
from core_bench import check, run
from register_bench import Registers, commit, random_commit
from strategies import random_filter, random_image

from windrow.model import Filter
from windrow.model.filter import BORDERS, OVERFLOWS


def images_of(filter: Filter, count: int, seed: int) -> list[np.ndarray]:
    rng = random.Random(seed)
    return [random_image(rng, filter) for _ in range(count)]


def random_runtime_filter(rng: random.Random, coefficients: str) -> Filter:
    return random_filter(rng, max_kernel=5, max_size=12, control="axi4-lite",
                         coefficients=coefficients)


@pytest.mark.parametrize("coefficients", ["constant", "runtime"])
@pytest.mark.parametrize("seed", range(30))
def test_random_filter(seed: int, coefficients: str) -> None:
    rng = random.Random(seed)
    filter = random_runtime_filter(rng, coefficients)
    images = images_of(filter, 5, seed)
    frame = filter.width * filter.height * filter.clocks_per_pixel // filter.pixels_per_clock
    commits = [(rng.randrange(max(2 * frame, 2)), random_commit(rng, filter)) for _ in range(20)]

    back_to_back = Registers(filter, commits)
    trace = run(filter, images, seed=seed, registers=back_to_back)
    check(back_to_back.frames, images, trace)
    assert trace.first_out[0] - trace.first_in[0] == trace.latency

    stalled = Registers(filter, commits)
    trace = run(filter, images, stall_in=rng.choice([0, 0.3]), stall_out=rng.choice([0.1, 0.6]),
                gaps=[rng.randrange(3 * filter.width), rng.randrange(9)], seed=seed,
                registers=stalled)
    check(stalled.frames, images, trace)
