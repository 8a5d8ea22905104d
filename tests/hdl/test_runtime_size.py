"""Frames whose size changes while a core runs, with all other settings."""

import random

import numpy as np
import pytest
from register_bench import commit, controlled, random_commit
from size_bench import check_stream, stream
from strategies import random_filter, random_image

from windrow.hdl.core import frame_geometry
from windrow.hdl.devices import device
from windrow.model import Filter


@pytest.mark.thinned(2)
@pytest.mark.parametrize("seed", range(24))
def test_random_sizes(seed: int) -> None:
    rng = random.Random(seed)
    largest = controlled(random_filter(rng, max_kernel=5, max_size=24, clocks_per_pixel=1),
                         coefficients=rng.choice(["constant", "runtime"]))
    lanes = largest.pixels_per_clock
    filter = largest.replace(max_width=largest.width + 5 * lanes, max_height=largest.height + 7)
    geometry = frame_geometry(filter, device("generic"))
    least = (geometry.least_width, geometry.least_height)
    largest = (filter.max_width, filter.max_height)
    frames = []
    for _ in range(6):
        width, height = rng.choice([
            least, largest, (filter.width, filter.height),
            (rng.randrange(least[0], largest[0] + 1, lanes), rng.randint(least[1], largest[1]))])
        commits = random_commit(rng, filter)
        spec = commits.filter.replace(width=width, height=height)
        frames.append((spec, commits.settings, random_image(rng, spec)))
    check_stream(frames, stream(filter, frames, seed))


def test_a_new_size_costs_a_few_cycles_after_the_frame_before() -> None:
    filter = Filter(kernel=[[1, 2, 1], [2, 4, 2], [1, 2, 1]], width=40, height=20, shift=4,
                    control="axi4-lite")
    small = filter.replace(width=8, height=4)
    frames = [(spec, commit(spec).settings, random_image(random.Random(1), spec))
              for spec in (filter, small, filter, small, small)]
    got = stream(filter, frames, 0)
    for (spec, _, image), rows in zip(frames, got, strict=True):
        np.testing.assert_array_equal(np.array(rows), spec.compute(image))
