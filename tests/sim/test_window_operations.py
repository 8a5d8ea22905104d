"""A rank filter and an extreme in Verilog, against the library whose names they have."""

import cv2
import numpy as np
from needed import needed

from windrow.model import Filter
from windrow.sim import ENGINES, Traffic, simulate


def noise(dtype: str, count: int = 2) -> list[np.ndarray]:
    rng = np.random.default_rng(5)
    return [rng.integers(0, np.iinfo(dtype).max, (41, 50), dtype=dtype, endpoint=True)
            for _ in range(count)]


def outputs(filter: Filter, images: list[np.ndarray]) -> list[np.ndarray]:
    with needed():
        ENGINES["verilator"].require()
    result = simulate(filter, images, engine="verilator", traffic=Traffic(stall=0.2, seed=3))
    return list(result.outputs)


def test_median_of_samples_of_16_bits() -> None:
    images = noise("uint16")
    filter = Filter(median=5, width=50, height=41, pixel="u16")
    for got, image in zip(outputs(filter, images), images, strict=True):
        np.testing.assert_array_equal(got, cv2.medianBlur(image, 5))


def test_the_largest_dilation() -> None:
    images = noise("uint8")
    filter = Filter(dilate=31, width=50, height=41)
    for got, image in zip(outputs(filter, images), images, strict=True):
        np.testing.assert_array_equal(got, cv2.dilate(image, np.ones((31, 31), np.uint8)))
