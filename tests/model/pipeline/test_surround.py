"""Borders that show the other side of the frame, beside scipy's."""

import numpy as np
import pytest
from scipy import ndimage, signal

from windrow.model import InputError
from windrow.model.pipeline import Pipeline


PICTURE = np.random.default_rng(1).integers(0, 256, (9, 11))


def made(*stages: dict[str, object], **keys: object) -> np.ndarray:
    return Pipeline(list(stages), width=11, height=9, **keys).compute(PICTURE)


def test_as_scipy() -> None:
    kernel = np.random.default_rng(2).integers(-9, 9, (4, 3))
    assert np.array_equal(
        made({"kernel": kernel.tolist(), "output": "s16"}, border="wrap"),
        ndimage.correlate(PICTURE, kernel, mode="wrap"))
    for size in (3, (2, 5)):
        assert np.array_equal(made({"median": size, "border": "wrap"}),
                              ndimage.median_filter(PICTURE, size, mode="wrap"))
    assert np.array_equal(
        made({"close": 3, "border": "wrap"}),
        ndimage.grey_closing(PICTURE, 3, mode="wrap"))


@pytest.mark.parametrize("mode", ["wrap", "grid-wrap"])
def test_presets(mode: str) -> None:
    kernel = np.random.default_rng(3).integers(-9, 9, (4, 3))
    picture = PICTURE.astype(np.uint8)
    for name in ("correlate", "convolve"):
        assert np.array_equal(
            made({"preset": f"scipy.ndimage.{name}:mode={mode}", "kernel": kernel.tolist()}),
            getattr(ndimage, name)(picture, kernel, mode=mode))
    assert np.array_equal(
        made({"preset": f"scipy.ndimage.percentile_filter:percentile=30,size=4,mode={mode}"}),
        ndimage.percentile_filter(picture, 30, 4, mode=mode))
    assert np.array_equal(made({"preset": f"scipy.ndimage.grey_opening:size=4,mode={mode}"}),
                          ndimage.grey_opening(picture, 4, mode=mode))


@pytest.mark.parametrize("mode", ["same", "full", "valid"])
def test_every_padding(mode: str) -> None:
    kernel = np.random.default_rng(4).integers(-9, 9, (2, 5))
    preset = f"scipy.signal.convolve2d:mode={mode},boundary=wrap"
    assert np.array_equal(made({"preset": preset, "kernel": kernel.tolist()}),
                          signal.convolve2d(PICTURE, kernel, mode, "wrap"))


def test_it_is_a_stage_of_its_own() -> None:
    pipeline = Pipeline([{"median": 3, "border": "wrap"}], width=11, height=9)
    assert [stage.name for stage in pipeline.stages] == ["stage_1_wrapped", "stage_1"]
    assert Pipeline.from_dict(pipeline.to_dict()) == pipeline
    assert np.array_equal(made({"surround": [1, 2, 0, 10]}),
                          np.pad(PICTURE, ((1, 2), (0, 10)), mode="wrap"))


def test_what_looks_at_the_pixel_alone_has_no_border() -> None:
    assert np.array_equal(made({"expr": "255 - input"}, border="wrap"), 255 - PICTURE)


@pytest.mark.parametrize("stage, keys, message", [
    ({"surround": [0, 9, 0, 0]}, {}, "surround must be .* less rows than the 9 and columns than"),
    ({"surround": 3}, {}, "surround must be"),
    ({"median": 3, "border": "wrap"}, {"pixels_per_clock": 2}, "take one pixel a clock, not 2"),
    ({"expr": "input[0, 1]", "border": "wrap"}, {}, "'input\\[0, 1\\]' is a neighbour in an"),
    ({"median": 3, "border": {"top": "wrap"}}, {}, "border.top 'wrap' cannot be streamed"),
])
def test_what_is_refused(stage: dict[str, object], keys: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Pipeline([stage], width=11, height=9, **keys)
