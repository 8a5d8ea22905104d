"""The numpy model against plain loops over pixels, written from interface.md's words."""

import itertools
from fractions import Fraction
from math import floor
from typing import Any

import numpy as np
import pytest
from exact import assert_same
from hypothesis import given
from hypothesis import strategies as st
from strategies import filters, images

from windrow.model import Filter, Sides
from windrow.model.borders import BORDERS
from windrow.model.keys import OVERFLOWS
from windrow.model.nodes import ROUNDINGS


def source_index(index: int, size: int, before: str, after: str) -> int | None:
    """The pixel of an axis that lies at ``index``; ``None`` is the constant."""
    if 0 <= index < size:
        return index
    border = before if index < 0 else after
    beyond = -index if index < 0 else index - size + 1  # 1 is the first outside
    if border == "constant":
        return None
    inward = {"replicate": 0, "symmetric": beyond - 1, "reflect101": beyond}[border]
    return inward if index < 0 else size - 1 - inward


def rounded(value: Fraction, rounding: str) -> int:
    below, part = floor(value), value - floor(value)
    match rounding:
        case "floor":
            return below
        case "toward-zero":
            return below if value >= 0 or part == 0 else below + 1
    if part != Fraction(1, 2):
        return floor(value + Fraction(1, 2))
    up = {"half-up": True, "half-even": below % 2 == 1, "half-away": value > 0}[rounding]
    return below + up


def overflowed(value: int, spec: Filter) -> int:
    low, high = spec.output.minimum, spec.output.maximum
    if spec.overflow == "wrap":
        value &= (1 << spec.output.bits) - 1
        return value - (1 << spec.output.bits) if value > high else value
    if spec.overflow == "abs-saturate":
        value = abs(value)
    return min(max(value, low), high)


def by_loops(spec: Filter, image: np.ndarray) -> np.ndarray:
    """The whole filter, a pixel at a time, in Python integers and fractions."""
    kernel = [list(row) for row in spec.kernel]
    if spec.operation == "convolve":
        kernel = [row[::-1] for row in kernel[::-1]]
    planes = image.reshape(spec.height, spec.width, spec.channels)
    result = np.zeros((spec.output_height, spec.output_width, spec.channels), dtype=object)
    pads, borders = spec.pads, spec.borders
    for y, x, c in np.ndindex(result.shape):
        total = 0
        for i, row in enumerate(kernel):
            for j, tap in enumerate(row):
                v = source_index(y + i - pads.top, spec.height, borders.top, borders.bottom)
                u = source_index(x + j - pads.left, spec.width, borders.left, borders.right)
                outside = v is None or u is None
                total += tap * (spec.border_value if outside else int(planes[v, u, c]))
        exact = Fraction(total + spec.offset * 2**spec.shift, 2**spec.shift)
        result[y, x, c] = overflowed(rounded(exact, spec.rounding), spec)
    return result.reshape(result.shape[:2] + image.shape[2:])


@pytest.mark.parametrize("kernel_size", [(1, 1), (2, 2), (3, 3), (2, 3), (1, 4), (4, 1)])
@pytest.mark.parametrize("padding", ["same", "full"])
def test_every_mix_of_borders(kernel_size: tuple[int, int], padding: str) -> None:
    """Frames of the kernel's own size and the next ones, under all 256 mixes."""
    rng = np.random.default_rng(1)
    kernel = rng.integers(-9, 10, kernel_size)
    for borders in itertools.product(BORDERS, repeat=4):
        extra = rng.integers(0, 2, 2)
        spec = Filter(
            kernel=kernel, height=kernel_size[0] + extra[0], width=kernel_size[1] + extra[1],
            border=Sides(*borders), border_value=77, padding=padding, output="s16",
        )  # fmt: skip
        image = rng.integers(0, 256, (spec.height, spec.width), dtype=np.uint8)
        assert_same(spec.compute(image), by_loops(spec, image), spec)


@given(data=st.data())
def test_any_filter(data: st.DataObject) -> None:
    spec = data.draw(filters(max_kernel=5, max_size=7, max_channels=2))
    image = data.draw(images(spec))
    got = spec.compute(image)
    assert got.dtype == spec.output.dtype
    assert_same(got, by_loops(spec, image), spec)


@pytest.mark.parametrize("rounding", ROUNDINGS)
@pytest.mark.parametrize("overflow", OVERFLOWS)
@pytest.mark.parametrize("shift", [0, 1, 2, 3])
def test_every_small_sum(rounding: str, overflow: str, shift: int) -> None:
    """Each sum of 8 signed bits, halves of both signs among them."""
    image = np.arange(-128, 128).reshape(1, 256)
    for output, offset in itertools.product(["s4", "u4", "s8", "u1"], [0, -3, 5]):
        spec = Filter(
            kernel=[[1]], width=256, height=1, pixel="s8", output=output, offset=offset,
            shift=shift, rounding=rounding, overflow=overflow,
        )  # fmt: skip
        assert_same(spec.compute(image), by_loops(spec, image), spec)


@pytest.mark.parametrize(
    "rounding, wanted",
    [
        ("floor", [-2, -2, -1, 0, 0, 1]),
        ("half-up", [-1, -1, 0, 1, 1, 2]),
        ("half-even", [-2, -1, 0, 0, 1, 2]),
        ("half-away", [-2, -1, -1, 1, 1, 2]),
        ("toward-zero", [-1, -1, 0, 0, 0, 1]),
    ],
)
def test_rounding_by_hand(rounding: str, wanted: list[int]) -> None:
    """The values -1.5, -1.25, -0.5, 0.5, 0.75, 1.5."""
    spec = Filter(
        kernel=[[1]], width=6, height=1, pixel="s8", shift=2, rounding=rounding, output="s8"
    )
    assert spec.compute([[-6, -5, -2, 2, 3, 6]]).tolist() == [wanted]


def test_overflow_by_hand() -> None:
    def run(**keys: Any) -> list[int]:
        spec = Filter(kernel=[[1]], width=4, height=1, pixel="s16", **keys)
        return spec.compute([[-300, -128, 127, 300]])[0].tolist()

    assert run(output="s8") == [-128, -128, 127, 127]
    assert run(output="u8") == [0, 0, 127, 255]
    assert run(output="s8", overflow="wrap") == [-44, -128, 127, 44]
    assert run(output="u8", overflow="wrap") == [212, 128, 127, 44]
    assert run(output="s8", overflow="abs-saturate") == [127, 127, 127, 127]
    assert run(output="u8", overflow="abs-saturate") == [255, 128, 127, 255]


def test_planes_are_apart() -> None:
    rng = np.random.default_rng(3)
    image = rng.integers(0, 256, (9, 7, 3), dtype=np.uint8)
    spec = Filter(kernel="sharpen", width=7, height=9, channels=3)
    got = spec.compute(image)
    for c in range(3):
        assert_same(got[:, :, c], spec.replace(channels=1).compute(image[:, :, c]), c)
    one = spec.replace(channels=1)
    assert one.compute(image[:, :, :1]).shape == (9, 7, 1)
    assert_same(one.compute(image[:, :, :1])[:, :, 0], one.compute(image[:, :, 0]))


def test_the_image_is_left_alone() -> None:
    image = np.arange(20, dtype=np.uint8).reshape(4, 5)
    Filter(kernel="binomial", width=5, height=4, padding="valid").compute(image)
    assert image.tolist() == np.arange(20).reshape(4, 5).tolist()
