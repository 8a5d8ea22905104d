"""Random pipelines of every verb: they are read or refused in a line, written, and computed."""

import random
import tomllib
from typing import Any

import numpy as np
import pytest

from windrow.model import InputError, Pipeline
from windrow.model.borders import BORDERS
from windrow.model.keys import KEYS, OVERFLOWS
from windrow.model.pipeline.verbs import VERBS


VALUES: dict[str, list[Any]] = {
    "kernel": ["sobel-x", [[1, 2], [3, 4]], [[0.5]], "box:ksize=3"],
    "kernels": [{"gx": "sobel-x", "gy": "sobel-y"}], "median": [3, [1, 3]], "rank": [0, -1],
    "percentile": [30], "erode": [3, "ellipse:ksize=3"], "dilate": [2],
    "expr": ["input + 1", "where(x > 3, y, input)", ["1", "x"], "input[0, -2] - input[1, 1]"],
    "exprs": [{"a": "input", "b": "input * 2"}],
    "preset": ["cv2.blur:ksize=3", "cv2.threshold:thresh=3", "cv2.inRange:lowerb=3,upperb=9"],
    "open": [3], "close": [[2, 3]], "gradient": [3], "tophat": ["cross:ksize=3"], "blackhat": [2],
    "hitmiss": [[[0, 1], [-1, 1]]], "threshold": [60, 1.5], "adaptive_threshold": [3, 5],
    "lut": [[*range(0, 256, 2), *range(128)]], "canny": [[10, 20]], "demosaic": ["rggb"],
    "convert": ["gray2rgb", "rgb2gray"], "shrink": [2], "crop": [[0, 0, 6, 7]],
    "surround": [[1, 0, 2, 1]], "enlarge": [2, [1, 3]], "shuffle": [[["input", "input"]]],
    "hysteresis": ["frame"],
}
BESIDE: dict[str, dict[str, Any]] = {
    "rank": {"size": 3}, "percentile": {"size": [2, 3]}, "canny": {"edges": "classes"}}
WRONG = [0, -1, 10**30, 1.5, float("nan"), True, "", "input", "u33", [], [[]], {}, "x" * 300]


def keys_of(rng: random.Random, wrong: float) -> dict[str, Any]:
    """A pipeline of one to four stages; some of their keys hold what they must not."""
    stages = []
    for _ in range(rng.randint(1, 4)):
        verb = rng.choice([*VALUES])
        stage = {verb: rng.choice(VALUES[verb]), **BESIDE.get(verb, {})}
        for key, choices in {"border": BORDERS, "output": ["u8", "s16", "u1"],
                             "overflow": OVERFLOWS, "iterations": [1, 2, 3],
                             "name": ["a", "b", "stage_2"], "from": ["input", "stage_1", "a"],
                             rng.choice(KEYS): WRONG if rng.random() < wrong else []}.items():
            if choices and rng.random() < 0.2:
                stage[key] = rng.choice(choices)
        stages.append(stage)
    keys: dict[str, Any] = {
        "width": rng.randint(8, 15), "height": rng.randint(8, 12), "stage": stages,
        "channels": rng.choice([1, 1, 3]), "pixels_per_clock": rng.choice([1, 1, 2, 4])}
    if rng.random() < 0.3:
        keys["border"] = rng.choice(BORDERS)
    return keys


def image_of(pipeline: Pipeline, seed: int) -> np.ndarray:
    shape = (pipeline.height, pipeline.width, pipeline.channels)
    image = np.random.default_rng(seed).integers(0, 256, shape)
    return image[:, :, 0] if pipeline.channels == 1 else image


def test_every_verb_is_among_them() -> None:
    assert set(VALUES) == {name for name, verb in VERBS.items() if not verb.missing}


@pytest.mark.parametrize("seed", range(8))
def test_they_are_read_and_written_or_refused(seed: int) -> None:
    rng, legal = random.Random(seed), 0
    for _ in range(60):
        keys = keys_of(rng, 0.3)
        try:
            pipeline = Pipeline.from_dict(keys)
        except InputError:  # always one line: errors.py sees to that
            continue
        legal += 1
        assert Pipeline.from_dict(tomllib.loads(pipeline.to_toml())) == pipeline, keys
        made = pipeline.compute(image_of(pipeline, seed))
        assert made.size == (pipeline.output_width * pipeline.output_height
                             * pipeline.output_format.channels), keys
        assert made.min() >= pipeline.output.minimum, keys
        assert made.max() <= pipeline.output.maximum, keys
    assert legal > 5
