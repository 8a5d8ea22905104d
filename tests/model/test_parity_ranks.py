"""Presets with random parameters against the functions that they are named after, no tolerance.

`make parity` runs 200 for each.
"""

import cv2
import numpy as np
import pytest
from exact import assert_same
from parity import CV2_SHAPES, DRAWS, compare

from windrow.model import Filter
from windrow.model.operations.footprint import SHAPES


@pytest.mark.parametrize("name", DRAWS)
def test_parity(name: str) -> None:
    if name.startswith("skimage"):
        pytest.importorskip("skimage")
    for seed in range(25):
        found = compare(name, seed)
        assert not found.wrong, (found.case, seed)
        assert found.samples


@pytest.mark.parametrize("shape", CV2_SHAPES)
def test_shapes(shape: str) -> None:
    for rows in range(1, 32):
        for columns in range(1, 32):
            wanted = cv2.getStructuringElement(CV2_SHAPES[shape], (columns, rows))
            assert np.array_equal(np.array(SHAPES[shape](rows, columns)), wanted), (rows, columns)


def test_planes_and_large_windows() -> None:
    image = np.random.default_rng(1).integers(0, 256, (40, 45, 3), np.uint8)
    frame = {"width": 45, "height": 40, "channels": 3}
    assert_same(Filter(median=5, **frame).compute(image), cv2.medianBlur(image, 5))
    large = np.ones((31, 31), np.uint8)
    assert_same(Filter(dilate=31, **frame).compute(image), cv2.dilate(image, large))
    assert_same(Filter(erode=[31, 2], **frame).compute(image), cv2.erode(image, large[:, :2]))
