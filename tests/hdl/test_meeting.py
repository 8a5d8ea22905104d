"""Stages that keep the same of taps that meet become one."""

from typing import Any

import pytest

from windrow.hdl.meeting import meeting
from windrow.model.pipeline import Pipeline, SubsetStage


HALF = {"name": "half", "from": "blur", "shrink": 2}
SMALL = {"name": "small", "from": "input", "shrink": 2}
BLUR = {"name": "blur", "kernel": [[1, 2, 1]], "shift": 2}
MEET = {"name": "meet", "expr": "half - small", "output": "s9"}


def names(*stages: dict[str, Any], **keys: Any) -> list[str]:
    """The stages, once those that meet are one; they that keep a subset in capitals."""
    pipeline = Pipeline([*stages], **{"width": 12, "height": 8} | keys)
    made = meeting(pipeline)
    assert made.outputs == pipeline.outputs
    assert set(pipeline.taps) <= set(made.taps)
    return [stage.name.upper() if isinstance(stage, SubsetStage) else stage.name
            for stage in made.stages]


ONE = ["blur", "half_small", "HALF_SMALL_KEPT", "half", "small", "meet"]
APART = ["blur", "HALF", "SMALL", "meet"]


@pytest.mark.parametrize(("stages", "wanted"), [
    ([HALF, SMALL, MEET], ONE),
    ([SMALL, HALF, MEET], ["blur", "half_small", "HALF_SMALL_KEPT", "small", "half", "meet"]),
    ([HALF, {**SMALL, "shrink": [2, 3], "from": "input"}, HALF | {"name": "other"},
      {"name": "meet", "expr": "half - other"}],
     ["blur", "half_other", "HALF_OTHER_KEPT", "half", "SMALL", "other", "meet"]),
    ([HALF], ["blur", "HALF"]),
    ([HALF, SMALL], ["blur", "HALF", "SMALL"]),
], ids=["one", "in another order", "of one tap", "one alone", "none that meet"])
def test_stages_that_keep_the_same(stages: list[dict[str, Any]], wanted: list[str]) -> None:
    assert sorted(names(BLUR, *stages)) == sorted(wanted)


def test_taps_that_meet_at_the_output() -> None:
    assert names(BLUR, HALF, SMALL, outputs=["half", "small"]) == ONE[:-1]
    assert names(BLUR, HALF, SMALL, outputs=["half"]) == ["blur", "HALF", "SMALL"]


def test_names_that_are_taken_get_longer() -> None:
    bank = {"kernels": {"half_small": [[1]], "half_small_kept": [[1, 1]]}, "shift": 1}
    found = names(bank, {**BLUR, "name": "half_small_", "from": "input"},
                  {**HALF, "from": "half_small_"}, SMALL, MEET)
    assert {"half_small__", "HALF_SMALL___KEPT"} <= set(found)


def test_what_keeps_others_stays_apart() -> None:
    """The same size of another place."""
    cut = {"name": "small", "from": "input", "crop": [0, 0, 4, 6]}
    assert names(BLUR, HALF, cut, MEET) == APART


CUT = {"crop": [0, 0, 4, 6]}


@pytest.mark.parametrize("larger", [{"enlarge": 2}, {"surround": [2, 2, 3, 3]}], ids=str)
def test_pixels_of_a_larger_frame_come_at_other_times(larger: dict[str, Any]) -> None:
    """They do not meet those of the input; others that do are one stage nevertheless."""
    found = names(
        BLUR, HALF, SMALL, {"name": "larger", "from": "input", **larger},
        {"name": "one", "from": "larger", **CUT}, {"name": "other", "from": "input", **CUT},
        {"name": "first", "expr": "one - other", "output": "s9"}, MEET, outputs=["first", "meet"])
    assert {"ONE", "OTHER", "HALF_SMALL_KEPT"} <= set(found)


def test_what_was_made_of_pixels_that_met_comes_at_other_times() -> None:
    found = names(
        BLUR, HALF, {"name": "cut", "from": "input", **CUT},
        {"name": "met", "expr": "half + cut", "output": "u9"},
        {"name": "one", "from": "met", "shrink": 2}, {"name": "other", "from": "half", "shrink": 2},
        {"name": "meet", "expr": "one - other", "output": "s10"})
    assert {"HALF", "CUT", "ONE", "OTHER"} <= set(found)


def test_what_would_be_too_many_channels_stays_apart() -> None:
    """Two of 33 at once are more than the 64 that there may be."""
    keys = {"width": 8, "height": 8, "channels": 33}
    wide = [{**BLUR}, HALF, SMALL, {"name": "meet", "expr": "half.0 - small.1", "output": "s9"}]
    assert names(*wide, **keys) == APART
    assert names(*wide, **{**keys, "channels": 32}) == ONE
