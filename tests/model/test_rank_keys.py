"""Filters that are no single kernel: what their keys mean, and which are refused."""

import json
import re
import tomllib
from typing import Any

import numpy as np
import pytest

from windrow.model import Filter, InputError


FRAME = {"width": 40, "height": 30}
PLUS = "0 1 0; 1 1 1; 0 1 0"


def make(**keys: Any) -> Filter:
    return Filter(**FRAME | keys)


@pytest.mark.parametrize("keys, same", [
    ({"median": 3}, {"rank": 4, "size": 3}),
    ({"median": [2, 4]}, {"rank": 4, "footprint": [2, 4]}),
    ({"median": PLUS}, {"rank": 2, "footprint": "cross:ksize=3"}),
    ({"rank": -1, "size": 3}, {"rank": 8, "size": [3, 3]}),
    ({"rank": -9, "size": 3}, {"rank": 0, "size": 3}),
    ({"percentile": 100, "size": 4}, {"rank": 15, "size": 4}),
    ({"percentile": -70, "size": 4}, {"rank": 4, "size": 4}),
    ({"percentile": "30", "size": 4}, {"percentile": 30.0, "size": 4}),
    ({"erode": 3}, {"rank": 0, "size": 3, "border": "constant", "border_value": 255}),
    ({"dilate": PLUS}, {"rank": 4, "footprint": PLUS, "border": "constant", "border_value": 0}),
    ({"dilate": 3, "pixel": "s9"},
     {"rank": 8, "size": 3, "pixel": "s9", "border": "constant", "border_value": -256}),
    ({"erode": 3, "border_value": 7},
     {"rank": 0, "size": 3, "border": "constant", "border_value": 7}),
    ({"erode": 3, "border": "symmetric"}, {"rank": 0, "size": 3, "border": "symmetric"}),
    ({"erode": 3, "border": "constant"}, {"rank": 0, "size": 3, "border": "constant"}),
    ({"erode": [2, 3], "iterations": 3}, {"erode": [4, 7], "anchor": [3, 3]}),
    ({"erode": [2, 3], "iterations": 3, "anchor": [0, 2]}, {"erode": [4, 7], "anchor": [0, 6]}),
    ({"dilate": 3, "iterations": 1, "border": "reflect101"},
     {"dilate": 3, "border": "reflect101"}),
    ({"median": 3, "shift": 0, "coefficient_bits": 8, "rounding": "half-up"}, {"median": 3}),
], ids=str)
def test_verbs_are_ranks(keys: dict[str, Any], same: dict[str, Any]) -> None:
    made = make(**keys)
    assert made == make(**same)
    for again in (made.to_dict(), tomllib.loads(made.to_toml()), json.loads(made.to_json())):
        assert Filter.from_dict(again) == made
    assert "kernel" not in made.to_dict()
    assert hash(made.replace()) == hash(made)


def test_iterations_are_steps() -> None:
    image = np.random.default_rng(1).integers(0, 256, (30, 40))
    for border in ("constant", "replicate"):
        step = make(erode=[2, 3], anchor=[0, 2], border=border, border_value=99)
        wanted = step.compute(step.compute(step.compute(image)))
        whole = make(erode=[2, 3], anchor=[0, 2], border=border, border_value=99, iterations=3)
        assert np.array_equal(whole.compute(image), wanted)


def test_overflow_of_a_rank() -> None:
    image = np.array([[-5, 3, 120]] * 2)
    frame = {"median": 1, "width": 3, "height": 2, "pixel": "s8"}
    assert Filter(**frame, output="u4").compute(image)[0].tolist() == [0, 3, 15]
    assert Filter(**frame, output="u4", overflow="wrap").compute(image)[0].tolist() == [11, 3, 8]
    assert Filter(**frame, output="u8", overflow="abs-saturate").compute(image)[0].tolist() == [
        5, 3, 120]


def test_replace() -> None:
    median = make(median=3)
    assert median.replace(width=50) == Filter(median=3, width=50, height=30)
    assert median.replace(rank=-1) == make(rank=8, size=3)
    assert median.replace(percentile=0).footprint == median.footprint
    assert median.replace(rank=0, size=5) == make(rank=0, size=5)
    assert median.replace(anchor=[0, 2]).replace(median=5).anchor == (0, 2)
    assert median.replace(preset="cv2.blur:ksize=5") == make(preset="cv2.blur:ksize=5")
    assert make(kernel="binomial").replace(median=3) == median
    assert median.replace(kernel="binomial") == make(kernel="binomial")
    assert make(kernel="binomial").replace(kernels={"a": "sobel-x"}).shift == 0
    with pytest.raises(InputError, match="size 5 belongs beside rank or percentile"):
        make(kernel="binomial").replace(size=5)


@pytest.mark.parametrize("keys, message", [
    ({"median": 17}, "median 17 has a window of 17x17; at most 15x15 are sorted, and more only for "
     "the least and the greatest sample"),
    ({"rank": 1, "size": [1, 16]}, "rank 1 has a window of 1x16;"),
    ({"erode": 32}, "erode is a window of 32; its sizes must be from 1 to 31"),
    ({"rank": 3}, "rank needs size or footprint beside it"),
    ({"rank": 0, "size": 3, "footprint": 3}, "size and footprint are both given beside rank; give "
     "one"),
    ({"rank": 9, "size": 3}, "rank must be an integer from -9 to 8, as its footprint has 9 cells, "
     "not 9"),
    ({"rank": 1.0, "size": 3}, "rank must be an integer from -9 to 8"),
    ({"rank": True, "size": 3}, "rank must be an integer from -9 to 8"),
    ({"percentile": 100.5, "size": 3}, "percentile must be a number from -100 to 100, not 100.5"),
    ({"percentile": -101, "size": 3}, "percentile must be a number from -100 to 100, not -101"),
    ({"percentile": float("nan"), "size": 3}, "percentile must be a number from -100 to 100"),
    ({"percentile": "half", "size": 3}, "percentile must be a number from -100 to 100, not 'half'"),
    ({"percentile": None, "size": 3}, "percentile must be a number from -100 to 100, not None"),
    ({"median": 3, "kernel": [[1]]}, "keys 'kernel' and 'median' are both given; a filter has one "
     "of kernel, kernels, median, rank, percentile, erode, dilate"),
    ({"median": 3, "size": 3}, "size 3 belongs beside rank or percentile, not beside median"),
    ({"kernel": [[1]], "size": "9x9"}, "size '9x9' belongs beside rank or percentile, not beside "
     "kernel; a frame has width and height"),
    ({"footprint": 3}, "footprint 3 belongs beside rank or percentile"),
    ({"median": 3, "iterations": 2}, "iterations 2 belongs beside erode or dilate, not beside"),
    ({"erode": "cross:ksize=3", "iterations": 2}, "iterations 2 need a rectangle for erode"),
    ({"erode": 3, "iterations": 2, "border": "symmetric"}, "iterations 2 need the border constant "
     "or replicate, not 'symmetric'"),
    ({"erode": 3, "iterations": 0}, "iterations must be an integer of at least 1, not 0"),
    ({"erode": 3, "iterations": 16}, "erode of 16 iterations is a window of 33;"),
    ({"median": 3, "shift": 1}, "shift 1 means nothing to median, which takes samples as they are: "
     "leave it out"),
    ({"erode": 3, "operation": "convolve"}, "operation 'convolve' means nothing to erode"),
    ({"median": 3, "coefficients": "runtime"}, "coefficients 'runtime' means nothing to median"),
    ({"median": 3, "control": "axi4-lite"}, "control 'axi4-lite' has no registers for rank: leave "
     "it out"),
    ({"kernels": {"a": [[1]]}, "control": "axi4-lite"}, "control 'axi4-lite' has no registers for "
     "kernels: leave it out"),
    ({"median": 5, "width": 4}, "width 4 is less than the window's 5 columns; the frame must be at "
     "least as large as the window"),
    ({"median": 3, "anchor": [3, 0]}, "anchor [3, 0] lies outside the 3x3 window;"),
    ({"median": 3, "kernel_bits": 4}, "kernel_bits 4 has no kernel to quantise"),
    ({"kernels": 3}, "kernels must be a table of names with their kernels, such as"),
    ({"kernels": {}}, "kernels must be a table of names with their kernels, such as"),
    ({"kernels": {"a b": [[1]]}}, "kernels has the name 'a b'; a name is of letters, digits and"),
    ({"kernels": {3: [[1]]}}, "kernels has the name 3;"),
    ({"kernels": {"a": None}}, "kernels.a must be a kernel, not None"),
    ({"kernels": {"a": "sobl-x"}}, "kernels.a: kernel 'sobl-x' is not in the catalogue"),
    ({"kernels": {"a": [[2**62]]}}, "kernels with pixel u8, offset 0 and shift 0 needs a sum of"),
], ids=str)
def test_refused(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}") as caught:
        make(**keys)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("operation", ["correlate", "convolve"])
def test_a_bank_is_its_kernels(operation: str) -> None:
    """Names with shifts, reals and integers of any size: each output is its kernel's own."""
    kernels = {"a": "gaussian:ksize=5", "b": "sobel-y", "c": [[0.5, 0.25, 1 / 3, 0]],
               "d": [[1], [-2]], "e": "1 2; 3 4"}
    keys: dict[str, Any] = {"operation": operation, "border": "reflect101", "output": "s16"}
    image = np.random.default_rng(3).integers(0, 256, (30, 40, 2))
    bank = make(kernels=kernels, channels=2, **keys)
    made = bank.compute(image)
    assert bank.output_format.channels == made.shape[2] == 10
    assert bank.applied.outputs == tuple(kernels)
    for number, kernel in enumerate(kernels.values()):
        alone = make(kernel=kernel, channels=2, **keys)
        assert np.array_equal(made[..., 2 * number : 2 * number + 2], alone.compute(image)), kernel
    assert bank.compute(np.stack([image, image])).shape == (2, 30, 40, 10)
    assert make(kernels=kernels, **keys).compute(image[..., 0]).shape == (30, 40, 5)
    assert make(kernels={"a": "sobel-x"}, **keys).compute(image[..., 0]).shape == (30, 40)
    assert Filter.from_dict(tomllib.loads(bank.to_toml())) == bank
    assert bank.replace(width=41).kernels == bank.kernels
    assert bank.kernel_error is not None
    assert bank.kernel_error.tap > 0


def test_a_shift_that_is_given_is_each_kernels() -> None:
    bank = make(kernels={"a": "binomial", "b": "sobel-x"}, shift=1)
    assert (bank.shift, bank.matrices[0][1][1], bank.matrices[1][1][2]) == (1, 4, 2)
    assert bank.sum_range == (-1020, 16 * 255)
    assert bank.ranges == ((0, 16 * 255), (-1020, 1020))
