"""The calibration and its error: what is fitted, what is compared, and what is good enough."""

import json
from pathlib import Path
from typing import Any

import calibrate
import plan_error
import pytest

from windrow import Filter
from windrow.hdl import VideoCore
from windrow.hdl.devices import DEVICES
from windrow.synth.census import Census, census
from windrow.synth.prediction import predict
from windrow.synth.targets import TARGETS


KEYS = {"kernel": "sharpen", "width": 33, "height": 20}


@pytest.fixture(autouse=True)
def no_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Predicting all of it takes a minute."""
    path = tmp_path / "training.json"
    path.write_text("{}")
    monkeypatch.setattr(plan_error, "TRAINING", path)


def a_census(luts: int, carry_bits: int, fanout: int = 7) -> Census:
    return Census(luts, (carry_bits - 3, 1, 1, 1), 3, 70, 10, 2, (), 0, {}, 3, fanout)


def measured(**others: Any) -> dict[str, Any]:
    """A build as it is predicted."""
    core = VideoCore(Filter.from_dict(KEYS), target="ecp5", strategy="adder-graph")
    found = predict(census(core), DEVICES["ecp5"], TARGETS["ecp5-25k"])
    return {"keys": KEYS, "target": "ecp5-25k", "strategy": "adder-graph", "luts": found.luts,
            "flip_flops": found.flip_flops, "rams": found.rams, "large_rams": found.large_rams,
            "dsps": found.dsps, "fmax": found.clock, **others}


def run(folder: Path, rows: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    (folder / "rows.json").write_text(json.dumps({"rows": rows}))
    status = plan_error.main([str(folder / "rows.json")])
    return status, capsys.readouterr().out


def test_the_fit_finds_the_coefficients() -> None:
    features = {"luts": lambda each: each.luts, "bits": lambda each: each.carry_bits,
                "fanout": lambda each: each.fanout}
    rows = [(each, 0.75 * each.luts + 2 * each.carry_bits) for each in (
        a_census(100, 10, 5), a_census(50, 90, 9), a_census(400, 300, 2), a_census(10, 200, 3))]
    assert calibrate.fit(rows, features) == {"luts": 0.75, "bits": 2.0}


def test_coefficients_are_not_negative() -> None:
    features = {"luts": lambda each: each.luts, "bits": lambda each: each.carry_bits}
    rows = [(each, 2 * each.luts - each.carry_bits) for each in (
        a_census(100, 10), a_census(50, 20), a_census(40, 30))]
    assert set(calibrate.fit(rows, features)) == {"luts"}


def test_an_exact_prediction_is_good(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out = run(tmp_path, {"a": measured()}, capsys)
    assert status == 0
    assert "LUTs: median error 0.0%" in out
    assert "multipliers: 1 of 1 exact" in out
    assert out.splitlines()[-1] == "good enough"


@pytest.mark.parametrize("wrong, words", [
    ({"luts": 10}, "LUTs: median error "), ({"dsps": 3}, "0, NOT 3"), ({"rams": 7}, "NOT 7"),
    ({"large_rams": 1}, "large RAMs: 0 of 1 exact"),
])
def test_a_wrong_prediction_is_not(
    wrong: dict[str, int], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str],
) -> None:
    status, out = run(tmp_path, {"a": measured(**wrong)}, capsys)
    assert status == 1
    assert words in out
    assert out.splitlines()[-1] == "NOT good enough"


def test_a_clock_that_is_off_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = measured()["fmax"]
    status, out = run(tmp_path, {"a": measured(fmax=2 * clock), "b": measured(fmax=None)}, capsys)
    assert status == 0
    assert "clock: median error 50.0%" in out


def test_training_rows_do_not_count(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan_error.TRAINING.write_text(json.dumps({"known": measured()}))
    status, out = run(tmp_path, {"a": measured(luts=1), "b": measured(target="ecp5-85k")}, capsys)
    assert status == 0
    assert "a *" in out
    assert "b *" not in out
    assert "RAMs: 1 of 1 exact" in out


def test_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert plan_error.main([str(tmp_path / "none.json")]) == 2
    assert "none.json: No such file" in capsys.readouterr().err


def test_a_row_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert calibrate.main(["--only", "ecp5-25k identity aut"]) == 2
    assert "did you mean 'ecp5-25k identity auto'" in capsys.readouterr().err


def test_the_training_set_is_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibrate, "TRAINING", tmp_path / "training.json")
    assert calibrate.read() == {}
    names = list(calibrate.BY_NAME)[:3]
    found = {name: measured() for name in names[1:]}
    calibrate.write(found)
    assert calibrate.read() == found
    assert len((tmp_path / "training.json").read_text().splitlines()) == 2 + 2


def test_the_rows_are_filters() -> None:
    for row in calibrate.ROWS:
        Filter.from_dict(dict(row.keys))
        assert row.target in TARGETS
    assert len(calibrate.BY_NAME) == len(calibrate.ROWS)


def test_the_training_set_is_predicted_well() -> None:
    rows = json.loads(calibrate.TRAINING.read_text())
    # Some; all of them take a minute.
    some = {name: rows[name] for name in (
        "ecp5-25k identity auto", "ecp5-25k scharr-x symmetric", "ecp5-25k dense-3x3 multipliers",
        "ecp5-25k dense-3x3 adder-graph")}
    found = plan_error.compare(some, [])
    median = plan_error.median_error(found, "luts")
    assert median is not None
    assert median < plan_error.BOUND
    # What a change of the core leaves as it was when the set was measured.
    for each in found:
        assert not any(map(each.wrong, ("dsps", "rams"))), each.name
