"""Pipelines written with operators are those of a file."""

from typing import Any

import numpy as np
import pytest

from windrow import Input, Pipeline, absolute, clip, divide, maximum, minimum, sqrt, where
from windrow.model import InputError


def test_the_example_of_the_documents() -> None:
    frame = Input(20, 15, border="reflect101")
    smooth = frame.median(3).filter("gaussian:ksize=5").named("smooth")
    gx, gy = smooth.bank("sobel-x", "sobel-y", output="s16")
    size = minimum(255, sqrt(gx * gx + gy * gy, rounding="nearest")).named("size", output="u8")
    edges = Pipeline(where(size > 60, 255, smooth), output="u8")
    wanted = Pipeline([
        {"median": 3},
        {"name": "smooth", "kernel": "gaussian:ksize=5"},
        {"name": "stage_3", "kernels": {"stage_3_0": "sobel-x", "stage_3_1": "sobel-y"},
         "output": "s16"},
        {"name": "size", "output": "u8", "expr":
         "min(255, round(sqrt(((stage_3_0 * stage_3_0) + (stage_3_1 * stage_3_1)))))"},
        {"expr": "where((size > 60), 255, smooth)", "output": "u8"},
    ], width=20, height=15, border="reflect101", outputs=["stage_5"])
    assert edges == wanted
    image = np.random.default_rng(3).integers(0, 256, (15, 20), np.uint8)
    np.testing.assert_array_equal(edges.compute(image), wanted.compute(image))


def test_a_notebook_shows_its_stages() -> None:
    frame = Input(20, 15)
    text = Pipeline([(frame.median(3) < 9).named("low"), frame])._repr_html_()
    assert "<td>low</td><td>(stage_1 &lt; 9)</td><td>stage_1</td><td>u8</td>" in text
    assert "<td>3x3 median</td>" in text
    assert "20x15, 2 of u8 out: low, input" in text


A, B = np.random.default_rng(4).integers(0, 256, (2, 3, 4))


@pytest.mark.parametrize("write, compute", [
    (lambda a, b: a + 2 * b - 3, lambda a, b: a + 2 * b - 3),
    (lambda a, b: (a - b) // 3 + (a % 7), lambda a, b: (a - b) // 3 + (a % 7)),
    (lambda a, b: (a << 2) >> 1 ^ (b | 3) & 200, lambda a, b: (a << 2) >> 1 ^ (b | 3) & 200),
    (lambda a, b: 10 - a, lambda a, b: 10 - a),
    (lambda a, b: -a + ~b, lambda a, b: -a + ~b),
    (lambda a, b: abs(a - b) + absolute(b - a), lambda a, b: 2 * abs(a - b)),
    (lambda a, b: (a < b) + 2 * (a <= b) + 4 * (a > b) + 8 * (a >= b),
     lambda a, b: (a < b) + 2 * (a <= b) + 4 * (a > b) + 8 * (a >= b)),
    (lambda a, b: (a == b) + 2 * (a != 3), lambda a, b: (a == b) + 2 * (a != 3)),
    (lambda a, b: (a < 100) + 2 * (b >= 100), lambda a, b: (a < 100) + 2 * (b >= 100)),
    (lambda a, b: clip(a, 20, b), lambda a, b: np.minimum(np.maximum(a, 20), b)),
    (lambda a, b: maximum(a, b, 30) - sqrt(b), lambda a, b: np.maximum(np.maximum(a, b), 30)
     - np.sqrt(b).astype(int)),
    (divide, lambda a, b: np.where(b == 0, 0, np.rint(a / np.maximum(b, 1)))),
])
def test_operators_are_pythons(write: Any, compute: Any) -> None:
    frame = Input(4, 3, channels=2)
    made = Pipeline(write(frame.plane(0), frame.plane(1)), output="s32")
    np.testing.assert_array_equal(made.compute(np.dstack([A, B])), compute(A, B))


def test_neighbours_several_outputs_and_stages_of_expressions() -> None:
    frame = Input(4, 3)
    step = (frame[0, 1] - frame[0, -1]).named("step", output="s16")
    made = Pipeline([step, (frame + 1).erode(3)])
    assert made.outputs == ("step", "stage_3")
    image = A.astype(np.uint8)
    wide = np.pad(A, ((0, 0), (1, 1)), mode="edge")
    np.testing.assert_array_equal(made.compute_taps(image)["step"], wide[:, 2:] - wide[:, :-2])
    assert Pipeline.from_dict(made.to_dict()) == made


@pytest.mark.parametrize("write, message", [
    (lambda frame: Pipeline(frame.median(3), output="u9"), "key 'output' is for expressions"),
    (lambda frame: Pipeline(frame + 1, width=4), r"key 'width' is the Input's: write Input\("),
    (lambda frame: Pipeline(frame + Input(4, 3)), "a pipeline has one Input, not 2"),
    (lambda frame: Pipeline(frame + 0.5), "an expression is of integers and pictures, not 0.5"),
    (lambda frame: Pipeline([frame.median(3), 3]), "an output must be a picture or an expression"),
    (lambda frame: Pipeline(1 if frame > 3 else 2), "a picture is neither true nor false"),
    (lambda frame: Pipeline(frame / 2), "a picture has no fractions: write a // b"),
    (lambda frame: Pipeline(frame ** 2), "a power of a picture is written as a product"),
    (lambda frame: sqrt(frame, rounding="up"), "rounding must be floor or nearest, not 'up'"),
    (lambda frame: Pipeline(frame.median(40)), "stage 1 'stage_1': median is a window of 40"),
])
def test_what_is_refused(write: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        write(Input(4, 3))


def test_several_values_and_arrays_are_lists() -> None:
    frame = Input(20, 15)
    assert Pipeline(frame.canny(60, 150)) == Pipeline([{"canny": [60, 150]}], width=20, height=15)
    table = np.arange(255, -1, -1)
    assert Pipeline(frame.lut(table)) == Pipeline([{"lut": table.tolist()}], width=20, height=15)
