"""Pipelines as values: what they hold, compute and refuse."""

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from windrow.model import Filter, InputError, Pipeline, Sample


SMOOTH = {"name": "smooth", "kernel": "gaussian:ksize=5"}
EDGE = {"kernel": "sobel-x", "output": "s16"}


def pipeline(*stages: dict[str, Any], **keys: Any) -> Pipeline:
    return Pipeline(stages, **{"width": 11, "height": 9, **keys})


def picture(channels: int = 1, seed: int = 7) -> np.ndarray:
    shape = (9, 11, channels)[:2 if channels == 1 else 3]
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("padding", ["same", "valid"])
def test_one_stage_is_that_filter(channels: int, padding: str) -> None:
    keys = {"width": 11, "height": 9, "border": "reflect101", "channels": channels,
            "padding": padding}
    made = pipeline(SMOOTH, **keys)
    filter = Filter(kernel="gaussian:ksize=5", **keys)
    assert made.stages[0].filter == filter
    assert (made.format, made.output_format) == (filter.format, filter.output_format)
    image = picture(channels)
    np.testing.assert_array_equal(made.compute(image), filter.compute(image))
    np.testing.assert_array_equal(made.compute(image[None]), filter.compute(image[None]))


def test_each_stage_reads_the_one_above_or_the_one_it_names() -> None:
    made = pipeline(SMOOTH, EDGE, {"name": "down", "from": "smooth", "kernel": "sobel-y"},
                    border="reflect101", outputs=["stage_2", "down", "input"])
    assert list(made.taps) == ["input", "smooth", "stage_2", "down"]
    assert [stage.sources for stage in made.stages] == [("input",), ("smooth",), ("smooth",)]
    assert str(made.output) == "s16"
    assert made.output_format.channels == 3
    image = picture()
    smooth = Filter("gaussian:ksize=5", 11, 9, border="reflect101").compute(image)
    x = Filter("sobel-x", 11, 9, border="reflect101", output="s16").compute(smooth)
    y = Filter("sobel-y", 11, 9, border="reflect101").compute(smooth)
    taps = made.compute_taps(image)
    for name, wanted in (("input", image), ("smooth", smooth), ("stage_2", x), ("down", y)):
        np.testing.assert_array_equal(taps[name], wanted)
    np.testing.assert_array_equal(made.compute(image), np.dstack([x, y, image]))


def test_unnamed_stages_get_names_that_clash_with_none() -> None:
    made = pipeline(EDGE, {"name": "stage_1", "kernel": [[1]], "output": "u8"}, {"kernel": [[1]]})
    assert [stage.name for stage in made.stages] == ["stage_1_", "stage_1", "stage_3"]


def test_it_reads_what_it_writes(tmp_path: Path) -> None:
    made = pipeline(SMOOTH, {**EDGE, "from": "input"}, width=20, channels=3, border="symmetric",
                    pixels_per_clock=2, outputs=["smooth", "stage_2"])
    assert Pipeline.from_dict(tomllib.loads(made.to_toml())) == made
    for name, text in (("a.toml", made.to_toml()), ("a.json", made.to_json())):
        (tmp_path / name).write_text(text)
        assert Pipeline.from_file(tmp_path / name) == made
    assert hash(made) == hash(made.replace())


def test_replace_changes_the_frame_of_every_stage() -> None:
    made = pipeline(SMOOTH, {**EDGE, "padding": "valid"}).replace(width=30, channels=2)
    assert made.stages[1].filter.format == Filter("identity", 30, 9, channels=2).format
    assert (made.output_width, made.output_height) == (28, 7)
    assert made.replace(stages=[EDGE]).outputs == ("stage_1",)
    with pytest.raises(InputError, match="key 'border' is each stage's in a pipeline"):
        made.replace(border="constant")
    with pytest.raises(InputError, match="unknown key 'widht' = 3: did you mean 'width'"):
        made.replace(widht=3)


def test_taps_of_several_samples_come_out_in_one_that_holds_all() -> None:
    made = pipeline(EDGE, {"kernel": [[1]], "from": "input"}, outputs=["stage_2", "stage_1"])
    assert made.output == Sample.parse("s16")
    assert made.compute(picture()).dtype == np.int16


@pytest.mark.parametrize("keys, message", [
    ({"stage": []}, "a pipeline must have from 1 to 64 stages, not 0"),
    ({"stage": {"kernel": [[1]]}}, r"stage must be a list of tables, \[\[stage\]\]"),
    ({"stage": [3]}, "stage 1 must be a table of keys, not 3"),
    ({"stage": [{}]}, "stage 1: has no verb; a stage has exactly one of kernel"),
    ({"stage": [{"kernle": "sobel-x"}]}, "stage 1: unknown key 'kernle' = 'sobel-x': did you mean "
                                         "'kernel'"),
    ({"stage": [SMOOTH, {"name": "x", "kernel": "sobel-x", "width": 3}]},
     "stage 2 'x': key 'width' is the pipeline's, not a stage's: write it at the top"),
    ({"stage": [{"kernel": "sobel-x", "pixel": "s8"}]}, "stage 1: key 'pixel' is the pipeline's"),
    ({"stage": [SMOOTH, SMOOTH]}, "stage 2 'smooth': name 'smooth' is there already"),
    ({"stage": [{"name": "input", "kernel": "sobel-x"}]}, "stage 1 'input': name 'input' is what "),
    ({"stage": [{"name": "not", "kernel": "sobel-x"}]}, "name 'not' is a word of expressions"),
    ({"stage": [{"name": "2nd", "kernel": "sobel-x"}]}, "name must be letters, digits and"),
    ({"stage": [SMOOTH, {"from": "smoth", "kernel": "sobel-x"}]},
     "stage 2: from names 'smoth', which no stage above defines; did you mean 'smooth'"),
    ({"stage": [{"from": "later", "kernel": "sobel-x"}, {"name": "later", "kernel": [[1]]}]},
     "stage 1: from names 'later', which no stage above defines"),
    ({"stage": [SMOOTH, {"name": "e", "kernel": "sobel-x", "border": "reflect"}]},
     "stage 2 'e': border 'reflect' means two different things"),
    ({"stage": [{"kernel": "sobel-x", "output": "s24"}, {"name": "e", "kernel": "sobel-x"}]},
     "stage 2 'e': pixel must be u1..u16 or s2..s16, not 's24'"),
    ({"stage": [SMOOTH], "outputs": ["smoth"]}, "outputs names 'smoth', which is no tap: did you"),
    ({"stage": [SMOOTH], "outputs": []}, r"outputs must be a list of taps, not \[\]"),
    ({"stage": [{**SMOOTH, "padding": "valid"}], "outputs": ["input", "smooth"]},
     "outputs joins 'input' of 11x9 and 'smooth' of 7x5; taps side by side must have one frame"),
    ({"stage": [SMOOTH], "kernel": "sobel-x"}, "key 'kernel' is a stage's: write it into a "),
    ({"stage": [SMOOTH], "borders": "wrap"}, "unknown key 'borders' = 'wrap': did you mean"),
    ({"stages": [SMOOTH]}, "key 'stage' is missing"),
    ({"stage": [SMOOTH], "width": 0}, "width must be an integer from 1 to 16384, not 0"),
    ({"stage": [SMOOTH], "width": None}, "key 'width' is missing; a pipeline must have it"),
])
def test_what_is_refused(keys: dict[str, Any], message: str) -> None:
    given = {"width": 11, "height": 9, **keys}
    with pytest.raises(InputError, match=message):
        Pipeline.from_dict({key: value for key, value in given.items() if value is not None})


def test_expressions_know_what_their_taps_reach() -> None:
    """No more than the sums can be, whatever the samples could."""
    pipeline = Pipeline([
        {"kernels": {"gx": "sobel-x", "gy": "[[0, 1], [1, 2]]"}, "output": "s16"},
        {"name": "size", "expr": "abs(gx) + gy", "output": "u16"},
        {"expr": "size[0, 1]", "border": "constant", "border_value": 9999, "output": "u16"},
    ], width=8, height=8)
    gx, gy, size, last = (pipeline.taps[name] for name in ("gx", "gy", "size", "stage_3"))
    assert (gx.reached, gy.reached) == ((-1020, 1020), (0, 1020))
    assert size.reached == (0, 2040)
    assert last.reached == (0, 9999)
