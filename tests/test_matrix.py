"""The benchmark matrix: its rows, its verdicts, and the documents made of it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matrix
import numpy as np
import pytest

from windrow.model import InputError
from windrow.synth import TARGETS


FIGURES: dict[str, Any] = {
    "keys": {}, "target": "ecp5-25k", "strategy": "auto", "chosen": "auto", "luts": 100,
    "flip_flops": 50, "rams": 2, "large_rams": 0, "dsps": 0, "harness_luts": 4, "fmax": 280.0,
    "fmax_of_seeds": [270.0, 280.0, 290.0], "mpixels": 280.0, "critical_path": "a to b",
    "tools": {"yosys": "0.70"},
}


def row(**keys: Any) -> matrix.Row:
    given = {"name": "binomial-3x3", "filter": "f", "keys": {"width": 8, "height": 4}, **keys}
    return matrix.Row(**given)


@pytest.mark.parametrize("each", matrix.ROWS, ids=lambda each: each.name)
def test_every_row_is_a_design_on_a_device(each: matrix.Row) -> None:
    assert matrix.design(each).pixel.bits == 8
    assert each.target in TARGETS
    if "growth" in each.wanted:
        assert each.base in matrix.BY_NAME
    assert set(each.wanted) <= set(matrix.FIGURES)


def test_names_are_unique() -> None:
    assert len(matrix.BY_NAME) == len(matrix.ROWS)


@pytest.mark.parametrize("kernel, seed", [(matrix.DENSE_3X3, 3), (matrix.DENSE_7X7, 7)])
def test_the_dense_kernels_are_random(kernel: list[list[int]], seed: int) -> None:
    shape = len(kernel), len(kernel[0])
    assert np.random.default_rng(seed).integers(-128, 128, shape).tolist() == kernel


def test_nine_multipliers_have_nine_products_to_do() -> None:
    magnitudes = {abs(weight) for weights in matrix.DENSE_3X3 for weight in weights}
    assert len(magnitudes) == 9
    assert not any(weight & (weight - 1) == 0 for weight in magnitudes)


@pytest.mark.parametrize("wanted, misses", [
    ({"fmax": (280.0, None)}, []),
    ({"fmax": (280.1, None)}, ["fmax 280 MHz"]),
    ({"luts": (None, 100)}, []),
    ({"luts": (None, 99)}, ["LUTs 100"]),
    ({"rams": (2, 2), "dsps": (0, 0)}, []),
    ({"rams": (3, 3), "dsps": (1, 1)}, ["RAMs 2", "DSPs 0"]),
    ({"mpixels": (594, None)}, ["Mpixel/s 280"]),
])
def test_a_bound_is_kept_or_missed(wanted: Mapping[str, Any], misses: list[str]) -> None:
    assert matrix.missed(row(wanted=wanted), {"binomial-3x3": FIGURES}) == misses


def test_no_clock_is_no_clock() -> None:
    figures = {**FIGURES, "fmax": None, "mpixels": None, "fmax_of_seeds": []}
    found = {"binomial-3x3": figures}
    assert matrix.missed(row(wanted={"fmax": (1, None)}), found) == ["fmax not measured"]
    assert "| not available |" in matrix.table(found)


@pytest.mark.parametrize("luts, misses", [
    (100, []), (120, []), (121, ["LUTs over small's 21 %"]),
])
def test_growth_over_another_row(luts: int, misses: list[str]) -> None:
    found = {"binomial-3x3": {**FIGURES, "luts": luts}, "small": FIGURES}
    large = row(base="small", wanted={"growth": (None, 20)})
    assert matrix.missed(large, found) == misses
    assert matrix.missed(large, {"binomial-3x3": FIGURES}) == ["LUTs over small's not measured"]


def test_the_planner_must_choose() -> None:
    wants = row(chosen="separable")
    assert matrix.missed(wants, {"binomial-3x3": FIGURES}) == ["chose auto"]
    assert matrix.missed(wants, {"binomial-3x3": {**FIGURES, "chosen": "separable"}}) == []
    assert wants.wishes() == ["chooses separable"]


def test_wishes_in_words() -> None:
    assert row(wanted={"fmax": (270, None), "luts": (None, 400), "rams": (2, 2)}).wishes() == [
        "fmax ≥ 270 MHz", "LUTs ≤ 400", "RAMs 2"]


@pytest.fixture
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("JSON", "MARKDOWN", "README", "BUILDS"):
        monkeypatch.setattr(matrix, name, tmp_path / name)
    (tmp_path / "README").write_text(f"before\n{matrix.BEGIN}\nold\n{matrix.END}\nafter\n")


@pytest.mark.usefixtures("_elsewhere")
def test_some_rows_alone_leave_the_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    matrix.write({"sobel-x-3x3": FIGURES, "binomial-5x5": {**FIGURES, "luts": 555}})
    monkeypatch.setattr(matrix, "measure", lambda each: {**FIGURES, "luts": 123})
    assert matrix.main(["--only", "sobel-x-3x3", "binomial-3x3"]) == 0
    found = json.loads(matrix.JSON.read_text())["rows"]
    assert [(name, found[name]["luts"]) for name in found] == [
        ("binomial-3x3", 123), ("sobel-x-3x3", 123), ("binomial-5x5", 555)]
    readme = matrix.README.read_text()
    assert readme.startswith("before\n")
    assert readme.endswith("after\n")
    assert "old" not in readme
    assert matrix.highlights(found) in readme
    assert matrix.table(found) in matrix.MARKDOWN.read_text()
    assert "all rows as wanted" in capsys.readouterr().out


@pytest.mark.usefixtures("_elsewhere")
def test_misses_and_failures_are_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    matrix.write({"sobel-x-3x3": FIGURES})

    def measure(each: matrix.Row) -> dict[str, Any]:
        if each.name == "sobel-x-3x3":
            raise InputError("out of room")
        return {**FIGURES, "fmax": 100.0}

    monkeypatch.setattr(matrix, "measure", measure)
    assert matrix.main(["--only", "sobel-x-3x3", "binomial-3x3"]) == 1
    out = capsys.readouterr().out
    assert "MISSED sobel-x-3x3: not built: out of room\n" in out
    assert "MISSED binomial-3x3: fmax 100 MHz (wanted: fmax ≥ 270 MHz," in out
    assert "critical path: a to b\n" in out
    assert out.endswith("2 of 2 MISSED\n")
    assert list(json.loads(matrix.JSON.read_text())["rows"]) == ["binomial-3x3"]


@pytest.mark.usefixtures("_elsewhere")
def test_a_row_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert matrix.main(["--only", "binomial-3"]) == 2
    assert "there is no row 'binomial-3': did you mean 'binomial-3x3'" in capsys.readouterr().err
    assert not matrix.JSON.exists()


def test_the_documents_are_made_of_the_json() -> None:
    found = matrix.read()
    assert list(found) == [each.name for each in matrix.ROWS], "build the rows that are missing"
    for name, figures in found.items():
        assert figures["keys"] == dict(matrix.BY_NAME[name].keys), f"build {name} again"
        assert figures["target"] == matrix.BY_NAME[name].target, f"build {name} again"
        assert figures["strategy"] == matrix.BY_NAME[name].strategy, f"build {name} again"
        assert figures["placer"] == matrix.BY_NAME[name].placer, f"build {name} again"
    assert matrix.MARKDOWN.read_text(encoding="utf-8") == matrix.document(found)
    readme = matrix.README.read_text(encoding="utf-8")
    assert matrix.highlights(found) in readme
    assert matrix.with_table(readme, found) == readme
