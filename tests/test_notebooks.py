"""Every cell of the tutorial notebooks runs, and what they say holds."""

import json
from pathlib import Path
from typing import Any

import pytest


NOTEBOOKS = Path(__file__).resolve().parents[1] / "docs" / "notebooks"


def run(name: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The names that a notebook leaves behind."""
    monkeypatch.chdir(NOTEBOOKS)
    cells = json.loads((NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    names: dict[str, Any] = {}
    for number, cell in enumerate(cells):
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), f"{name}, cell {number}", "exec"), names)
    return names


def test_every_notebook_is_run_here() -> None:
    assert sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb")) == [
        "first_filter", "hardware", "pipeline"]


def test_the_first_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    names = run("first_filter", monkeypatch)
    assert 0.5 < abs(names["error"]).max() < 2
    assert names["edges"].compute(names["frame"]).min() < 0


def test_the_pipeline(monkeypatch: pytest.MonkeyPatch) -> None:
    names = run("pipeline", monkeypatch)
    assert "size" in names["taps"]
    assert (names["design"].compute(names["frame"]) == 255).mean() > 0.02


@pytest.mark.filterwarnings("ignore::amaranth.hdl.UnusedElaboratable")
def test_the_hardware(monkeypatch: pytest.MonkeyPatch) -> None:
    # Predictions for all devices have tests of their own, and take the longest.
    monkeypatch.setattr("windrow.reports.report.device_uses", lambda *_: ([], {}))
    monkeypatch.setattr("windrow.reports.report.plan", lambda *_: None)
    names = run("hardware", monkeypatch)
    assert names["compare"](names["result"], names["sharpen"], names["frame"]) is None
    assert (names["folder"] / "sharpen.html").stat().st_size > 100_000
