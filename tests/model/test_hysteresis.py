"""Edges of classes against components that scipy finds."""

from typing import Any

import numpy as np
import pytest
import scipy.ndimage
from exact import assert_same
from mazes import MAZES, noise

from windrow.model.hysteresis import STRONG, hysteresis


def components(classes: np.ndarray) -> np.ndarray:
    """All components, of pixels that touch at a side or a corner, that hold a strong one."""
    labels: Any = np.empty(classes.shape, int)
    scipy.ndimage.label(classes > 0, np.ones((3, 3)), output=labels)
    strong = np.unique(labels[classes == STRONG])
    return np.isin(labels, strong[strong > 0])


@pytest.mark.parametrize("maze", MAZES)
@pytest.mark.parametrize("size", [(1, 1), (1, 30), (30, 1), (2, 2), (41, 60)])
def test_mazes(maze: str, size: tuple[int, int]) -> None:
    classes = MAZES[maze](*size)
    assert_same(hysteresis(classes), components(classes))


@pytest.mark.parametrize("seed", range(40))
def test_noise(seed: int) -> None:
    rng = np.random.default_rng(seed)
    height, width = map(int, rng.integers(1, 60, 2))
    classes = noise(height, width, rng.uniform(0.1, 1), seed)
    assert_same(hysteresis(classes), components(classes))


def test_a_path_from_end_to_end_is_one_edge() -> None:
    for maze in ("spiral", "serpentine", "comb", "zigzag"):
        classes = MAZES[maze](31, 41)
        assert_same(hysteresis(classes), classes > 0, maze)
        assert not hysteresis(np.minimum(classes, 1)).any()
