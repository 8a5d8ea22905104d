"""Edges of classes against components that scipy finds."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import scipy.ndimage
from exact import assert_same
from mazes import MAZES, noise

from windrow.model.hysteresis import STRONG, hysteresis, line_hysteresis
from windrow.model.pipeline import Pipeline


PICTURES = Path(__file__).resolve().parents[2] / "pictures"


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


@pytest.mark.parametrize("seed", range(30))
def test_through_some_lines(seed: int) -> None:
    """No edge too many, and complete exactly where it says so."""
    rng = np.random.default_rng(seed)
    height, width, lines = (int(rng.integers(1, most)) for most in (50, 60, 20))
    classes = noise(height, width, rng.uniform(0.1, 0.6), seed)
    edges, complete = line_hysteresis(classes, lines)
    exact = hysteresis(classes)
    assert not (edges & ~exact).any()
    assert complete == np.array_equal(edges, exact)
    assert line_hysteresis(classes, height)[1]


@pytest.mark.parametrize("thresholds", [(30, 90), (60, 150)])
def test_a_photograph_through_some_lines_against_opencv(thresholds: tuple[int, int]) -> None:
    picture = cv2.imread(str(PICTURES / "camera.png"), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    exact = cv2.Canny(picture, *thresholds)
    told = []
    for lines in (2, 8, 32, 128):
        pipeline = Pipeline([{"canny": [*thresholds], "lines": lines}], width=512, height=512)
        taps = pipeline.compute_taps(picture)
        edges, complete = line_hysteresis(taps["stage_1_classes"], lines)
        assert_same(taps["stage_1"], edges * 255)
        assert complete == np.array_equal(edges * 255, exact)
        told.append(complete)
    assert told[-1]
