"""Parameters: numbers with names, constants without a register port."""

from typing import Any

import cv2
import numpy as np
import pytest

from windrow import Input, Pipeline, where
from windrow.model import InputError
from windrow.model.pipeline.parameter import Parameter


SIZE = {"width": 40, "height": 30}
STAGES: list[dict[str, Any]] = [
    {"name": "smooth", "kernel": "box:ksize=3"}, {"expr": "where(input > low, smooth, top)"}]
KEYS: dict[str, Any] = {**SIZE, "parameters": {"low": 60, "top": {"value": -5, "range": [-9, 3]}},
                        "control": "axi4-lite"}


def picture(seed: int = 1) -> np.ndarray:
    noise = np.random.default_rng(seed).integers(0, 256, (30, 40), np.uint8)
    return cv2.GaussianBlur(noise, (5, 5), 0)


def test_its_range_is_a_sample_of_the_input_unless_given() -> None:
    made = Pipeline(STAGES, **KEYS)
    assert made.parameters == (Parameter("low", 60, (0, 255)), Parameter("top", -5, (-9, 3)))
    assert Pipeline.from_dict(made.to_dict()) == made
    assert made.stages[1].parameters == made.parameters
    assert Pipeline(STAGES, **KEYS | {"control": "none"}).stages[1].parameters == ()


@pytest.mark.parametrize("control", ["none", "axi4-lite"])
def test_a_value_that_is_replaced_is_computed_with(control: str) -> None:
    made = Pipeline(STAGES, **KEYS | {"control": control}).replace(
        parameters={"low": 120, "top": 2})
    image = picture()
    np.testing.assert_array_equal(
        made.compute(image), np.where(image > 120, made.compute_taps(image)["smooth"], 2))
    with pytest.raises(InputError, match=r"parameters\.top 4 is out of range: its range is"):
        made.replace(parameters={"top": 4})


@pytest.mark.parametrize("control", ["none", "axi4-lite"])
@pytest.mark.parametrize("norm", [False, True])
@pytest.mark.parametrize("aperture", [3, 5, 7])
def test_canny_takes_thresholds_by_name(aperture: int, norm: bool, control: str) -> None:
    limit = {"value": 60, "range": [-5, 9000]}
    made = Pipeline([{"canny": ["a", "b"], "aperture": aperture, "L2gradient": norm}],
                    parameters={"a": limit, "b": limit}, control=control, **SIZE)
    image = picture()
    for a, b in ((10, 30), (200, 100), (-3, 500), (800, 3000)):
        np.testing.assert_array_equal(
            made.replace(parameters={"a": a, "b": b}).compute(image),
            cv2.Canny(image, a, b, apertureSize=aperture, L2gradient=norm))


def test_thresholds_take_it() -> None:
    image = picture()
    made = Pipeline([{"threshold": "low", "maxval": "top"}], parameters={"low": 99, "top": 7},
                    **SIZE)
    np.testing.assert_array_equal(made.compute(image), cv2.threshold(image, 99, 7, 0)[1])
    made = Pipeline([{"adaptive_threshold": 5, "C": "low"}], parameters={"low": 9}, **SIZE)
    np.testing.assert_array_equal(made.compute(image), cv2.adaptiveThreshold(
        image, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, 5, 9))


@pytest.mark.parametrize("control", ["none", "axi4-lite"])
def test_a_constant_border_takes_it(control: str) -> None:
    made = Pipeline([{"expr": "input[-1, 2]", "border": "constant", "border_value": "edge"}],
                    parameters={"edge": 9}, control=control, **SIZE)
    assert Pipeline.from_dict(made.to_dict()) == made
    for value in (9, 200):
        np.testing.assert_array_equal(
            made.replace(parameters={"edge": value}).compute(picture()),
            np.pad(picture(), 2, constant_values=value)[1:-3, 4:])


def test_a_table_at_run_time() -> None:
    table = np.random.default_rng(2).integers(-200, 200, 256)
    keys = {"name": "curve", "lut": table.tolist(), "output": "s9"}
    made = Pipeline([{**keys, "entries": "runtime"}, {"expr": "curve[0, 1] + 1"}], **KEYS)
    assert Pipeline.from_dict(made.to_dict()) == made
    np.testing.assert_array_equal(made.compute_taps(picture())["curve"], table[picture()])
    # What stands in the table now does not bound what comes.
    assert made.taps["curve"].reached == (-256, 255)
    assert Pipeline([{**keys, "entries": "constant"}], **KEYS).taps["curve"].reached != (-256, 255)


def test_in_python() -> None:
    frame = Input(40, 30, parameters={"low": 60})
    made = Pipeline(where(frame > frame.parameter("low"), 255, 0))
    np.testing.assert_array_equal(made.compute(picture()), np.where(picture() > 60, 255, 0))
    with pytest.raises(InputError, match="parameters has no 'lo': did you mean 'low'"):
        frame.parameter("lo")


@pytest.mark.parametrize("keys, message", [
    ({"parameters": 3}, "parameters must be a table of names with their values"),
    ({"parameters": {"low": 300}},
     r"parameters\.low 300 is out of range: a sample of the input, u8, is from 0 to 255; write "
     r"\{ value = 300, range = \[least, greatest\] \}"),
    ({"parameters": {"low": 1.5}}, r"parameters\.low must be an integer, or \{ value = 60"),
    ({"parameters": {"low": {"value": 1, "rang": [0, 3]}}},
     r"parameters\.low has an unknown key 'rang': did you mean 'range'"),
    ({"parameters": {"low": {"value": 1, "range": [3, 0]}}},
     r"parameters\.low\.range must be \[least, greatest\], not \[3, 0\]"),
    ({"parameters": {"low": {"value": 1, "range": [-1, 1 << 32]}}},
     r"parameters\.low\.range \[-1, 4294967296\] must lie within 32 bits"),
    ({"parameters": {"smooth": 3}}, "stage 1 'smooth': name 'smooth' is a parameter's"),
    ({"parameters": {"input": 3}}, "name 'input' is what comes into the pipeline"),
    ({"parameters": {"top": 3}}, "expr 'low': there is no tap 'low'"),
    ({"stages": [{"expr": "low[0, 1]"}]}, "low is a parameter, which has no planes"),
    ({"stages": [{"expr": "lut(input > 9, low, 3)"}]}, "an entry of a table is a number"),
    ({"stages": [{"expr": "input // top"}]}, "the divisor may be 0"),
    ({"stages": [{"threshold": "lo"}]},
     "threshold must be a number or a parameter, not 'lo': did you mean 'low'"),
    ({"stages": [{"expr": "input[0, 1]", "border_value": "lo"}]},
     "border_value must be an integer or the name of a parameter, not 'lo'; did you mean 'low'"),
    ({"stages": [{"expr": "input[0, 1]", "border": "constant", "border_value": "top"}]},
     "border_value 'top' can be from -9 to 3, not all of which are samples of 'input', which is "
     "u8; it must be from 0 to 255; give the parameter a range"),
    ({"stages": [{"median": 3, "border": "constant", "border_value": "low"}]},
     "border_value must be an integer, not 'low'"),
    ({"stages": [{"lut": [0] * 256, "entries": "runtime"}], "control": "none"},
     "entries 'runtime' need registers; control must be 'axi4-lite', not 'none'"),
    ({"stages": [{"lut": [0] * 256, "entries": "run"}]},
     "entries must be one of constant, runtime, not 'run'"),
    ({"stages": [{"lut": [0] * 255 + [300], "entries": "runtime"}]},
     "lut has the entry 300, and entries that are written are samples of output u8, from 0 to 255"),
    ({"stages": [{"lut": [0] * 256, "entries": "runtime", "output": "u20"}]},
     "entries 'runtime' are samples of at most 16 bits, and output is u20"),
    ({"stages": [{"expr": "input", "entries": "runtime"}]}, "entries 'runtime' means nothing to"),
    ({"stages": [{"canny": ["low", "hi"]}]}, "canny must be parameters, or integers beside them"),
])
def test_what_is_refused(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Pipeline(**{"stages": STAGES, **KEYS, **keys})
