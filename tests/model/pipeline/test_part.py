"""Shrink and crop keep a part of a frame."""

import numpy as np
import pytest

from windrow.model import InputError
from windrow.model.pipeline import Pipeline


PICTURE = np.arange(7 * 10).reshape(7, 10)


@pytest.mark.parametrize("stage, wanted", [
    ({"shrink": 2}, PICTURE[::2, ::2]),
    ({"shrink": [3, 4]}, PICTURE[::3, ::4]),
    ({"crop": [2, 3, 4, 5]}, PICTURE[2:6, 3:8]),
    ({"crop": [0, 0, 7, 10]}, PICTURE),
])
def test_parts(stage: dict[str, object], wanted: np.ndarray) -> None:
    pipeline = Pipeline([stage], width=10, height=7)
    assert pipeline.compute(PICTURE).tolist() == wanted.tolist()
    assert (pipeline.output_height, pipeline.output_width) == wanted.shape
    assert Pipeline.from_dict(pipeline.to_dict()) == pipeline


@pytest.mark.parametrize("stage, message", [
    ({"shrink": 0}, r"stage 1: shrink must be a whole factor from 1 to 64, or .* not 0"),
    ({"shrink": 1.5}, "shrink must be a whole factor"),
    ({"shrink": [2, 2, 2]}, "shrink must be a whole factor"),
    ({"crop": 3}, r"crop must be \[top, left, height, width\] in pixels, not 3"),
    ({"crop": [0, 0, 0, 4]}, "crop must be"),
    ({"crop": [2, 0, 6, 4]}, "goes beyond the frame of 'input', which has 7 rows and 10 columns"),
    ({"crop": [0, 0, 3, 4], "border": "constant"}, "border 'constant' means nothing to crop"),
])
def test_refused(stage: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Pipeline([stage], width=10, height=7)
