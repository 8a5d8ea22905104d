"""Frames that come out larger, beside OpenCV's."""

import numpy as np
import pytest

from windrow.model import InputError
from windrow.model.pipeline import Pipeline


SIZES = [(3, 3), (5, 7), (8, 6), (31, 40)]


@pytest.mark.parametrize("height, width", SIZES)
def test_as_opencv(height: int, width: int) -> None:
    cv2 = pytest.importorskip("cv2")
    picture = np.random.default_rng(height).integers(0, 256, (height, width), np.uint8)

    def made(**stage: object) -> np.ndarray:
        return Pipeline([stage], width=width, height=height).compute(picture)

    def resized(factor: int, interpolation: int) -> np.ndarray:
        return np.asarray(cv2.resize(picture, None, fx=factor, fy=factor,
                                     interpolation=interpolation))

    assert np.array_equal(made(enlarge=2, method="binomial"), cv2.pyrUp(picture))
    assert np.array_equal(made(enlarge=2, method="linear"), resized(2, cv2.INTER_LINEAR_EXACT))
    assert np.array_equal(made(enlarge=3), resized(3, cv2.INTER_NEAREST))


@pytest.mark.parametrize("height, width", SIZES[1:])
def test_a_laplacian_pyramid_as_opencv(height: int, width: int) -> None:
    cv2 = pytest.importorskip("cv2")
    picture = np.random.default_rng(width).integers(0, 256, (height, width), np.uint8)
    stages = [{"preset": "cv2.pyrDown"}, {"preset": "cv2.pyrUp"},
              {"name": "up", "crop": [0, 0, height, width]},
              {"expr": "input - up", "output": "s9"}]
    up = cv2.pyrUp(cv2.pyrDown(picture))[:height, :width]
    assert np.array_equal(Pipeline(stages, width=width, height=height).compute(picture),
                          picture.astype(int) - up)


def test_a_block_of_taps() -> None:
    stages = [{"exprs": {"a": "input", "b": "input + 1", "c": "input + 2", "d": "input + 3"}},
              {"shuffle": [["a", "b"], ["c", "d"]]}]
    pipeline = Pipeline(stages, width=2, height=1)
    assert pipeline.compute(np.array([[10, 20]])).tolist() == [[10, 11, 20, 21], [12, 13, 22, 23]]
    assert Pipeline.from_dict(pipeline.to_dict()) == pipeline


@pytest.mark.parametrize("stage, message", [
    ({"enlarge": 0}, r"enlarge must be a whole factor from 1 to 8, or \[rows, columns\], not 0"),
    ({"enlarge": 3, "method": "linear"}, "enlarge must be 2 with method 'linear', not 3"),
    ({"enlarge": 2, "method": "cubic"}, "method must be one of nearest, linear, binomial"),
    ({"shuffle": 2}, "shuffle must be rows of taps"),
    ({"shuffle": [["input"], ["input", "input"]]}, "shuffle must be rows of taps"),
    ({"shuffle": [["input", "inputs"]]}, "shuffle names 'inputs', which no stage above defines"),
])
def test_refused(stage: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Pipeline([stage], width=8, height=6)
