"""Streams that break the rules, held against the model of what becomes of them."""

import dataclasses
import itertools
import random
from collections.abc import Iterator

import pytest
from strategies import random_filter, seeds
from stream_bench import check, stream

from windrow.model import Filter, Pipeline
from windrow.model.framing import Beat


def good(filter: Filter | Pipeline, rng: random.Random) -> list[Beat]:
    """A well-formed frame of noise."""
    pixel = filter.pixel
    line = -(-filter.width // filter.pixels_per_clock)
    return [
        Beat([rng.randint(pixel.minimum, pixel.maximum)
              for _ in range(filter.pixels_per_clock * filter.channels)],
             first=number == 0, last=number % line == line - 1)
        for number in range(line * filter.height)
    ]


def faults(frame: list[Beat], at: int) -> Iterator[list[Beat]]:
    """The frame with each fault that there is, at one of its beats."""
    before, beat, after = frame[:at], frame[at], frame[at + 1 :]
    yield before + after
    yield [*before, beat, beat, *after]
    yield [*before, dataclasses.replace(beat, first=not beat.first), *after]
    yield [*before, dataclasses.replace(beat, last=not beat.last), *after]
    yield [*before, dataclasses.replace(beat, first=not beat.first, last=not beat.last), *after]
    yield before
    yield after
    yield [*before, *frame, *after]


def damaged(filter: Filter | Pipeline, rng: random.Random, count: int) -> list[Beat]:
    """Frames with any number of faults."""
    found: list[Beat] = []
    for _ in range(count):
        frame = good(filter, rng)
        for _ in range(rng.choice([0, 0, 1, 1, 2, 5])):
            if frame:
                frame = rng.choice(list(faults(frame, rng.randrange(len(frame)))))
        # Rows that end anywhere, or never.
        if rng.random() < 0.2:
            rate = rng.choice([0.0, 0.1, 0.5, 1.0])
            frame = [dataclasses.replace(beat, last=rng.random() < rate) for beat in frame]
        found += frame
    return found


SHAPES = {
    "3x3": {"kernel": [[1, 2, 1], [2, 4, 2], [1, 2, 1]], "width": 7, "height": 3},
    "rows of fewest pushes": {"kernel": [[1, -2], [3, 4]], "width": 4, "height": 2},
    "one column": {"kernel": [[1], [2]], "width": 1, "height": 3},
    "two columns": {"kernel": [[1, 1], [2, 1]], "width": 2, "height": 2},
    "one row": {"kernel": [[1, 2, 3]], "width": 6, "height": 1},
    "one pixel": {"kernel": [[3]], "width": 1, "height": 1},
    "smaller output": {"kernel": [[1, 2, 3]] * 2, "width": 7, "height": 2, "padding": "valid"},
    "larger output": {"kernel": [[1, 2, 3]] * 2, "width": 5, "height": 2, "padding": "full",
                      "border": "constant", "border_value": 9},
    "reflected": {"kernel": [[1, 2, 3, 4]] * 2, "width": 6, "height": 2, "border": "reflect101"},
    "two pixels a clock": {"kernel": [[1, 2, 3]] * 2, "width": 11, "height": 2,
                           "pixels_per_clock": 2},
    "line of a beat": {"kernel": [[1, 2, 3]] * 2, "width": 4, "height": 2, "channels": 2,
                       "pixels_per_clock": 4},
    "three clocks a pixel": {"kernel": [[1, 2]] * 2, "width": 3, "height": 2,
                             "clocks_per_pixel": 3},
}


@pytest.mark.thinned(2)
@pytest.mark.parametrize("name", SHAPES)
def test_every_fault_at_every_beat(name: str) -> None:
    """Each followed by a good frame, without a pause and after one; then under stalls."""
    filter = Filter(**{"shift": 2, "output": "s12"} | SHAPES[name])
    rng = random.Random(name)
    beats: list[Beat] = []
    for number in range(len(good(filter, rng))):
        for fault in range(8):
            beats += next(itertools.islice(faults(good(filter, rng), number), fault, None))
            beats += good(filter, rng)
    check(filter, beats, stream(filter, beats))
    check(filter, beats, stream(filter, beats, stall_in=0.3, stall_out=0.3, pause=0.01))


@pytest.mark.parametrize("seed", seeds(12, 30))
def test_random(seed: int) -> None:
    rng = random.Random(seed)
    filter = random_filter(rng, max_kernel=5, max_size=9)
    beats = damaged(filter, rng, 12)
    check(filter, beats, stream(
        filter, beats, stall_in=rng.choice([0, 0.1, 0.5]), stall_out=rng.choice([0, 0.1, 0.7]),
        pause=rng.choice([0, 0.02]), seed=seed))


PIPELINES = {
    "branches": ([{"name": "blur", "kernel": [[1, 2, 1]] * 3, "shift": 4},
                  {"name": "edge", "from": "input", "kernel": "sobel-x", "output": "s16"},
                  {"expr": "input[0, 1] - blur[-1, 0] + abs(edge)", "output": "s12"}], {}),
    "two pixels a clock": ([{"name": "most", "dilate": 3}, {"expr": "2*most - input"}],
                           {"pixels_per_clock": 2, "channels": 2}),
    "parts": ([{"median": 3}, {"shrink": 2}, {"kernel": [[1, -2, 1]]}], {}),
    "followed edges": ([{"canny": [20, 150], "lines": 2}], {}),
    "larger": ([{"kernel": "sharpen"}, {"enlarge": 2}], {}),
}


@pytest.mark.thinned(2)
@pytest.mark.parametrize("name", PIPELINES)
def test_pipelines(name: str) -> None:
    stages, keys = PIPELINES[name]
    pipeline = Pipeline(stages, width=8, height=6, **keys)
    rng = random.Random(name)
    beats = damaged(pipeline, rng, 14)
    check(pipeline, beats, stream(pipeline, beats, stall_in=0.2, stall_out=0.2, pause=0.01))


@pytest.mark.parametrize("strategy", ["running-sum", "time-folded"])
@pytest.mark.parametrize("seed", range(3))
def test_strategies_with_a_state_of_their_own(strategy: str, seed: int) -> None:
    rng = random.Random(seed)
    filter = Filter(kernel=[[3] * 3] * 3, width=rng.randint(3, 8), height=3, shift=3,
                    clocks_per_pixel=3 if strategy == "time-folded" else 1)
    beats = damaged(filter, rng, 20)
    check(filter, beats, stream(filter, beats, stall_in=0.1, stall_out=0.1, seed=seed,
                                strategy=strategy))
