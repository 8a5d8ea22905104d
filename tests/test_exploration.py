"""docs/exploration.md shows what docs/exploration.json holds; time falls with workers."""

import json

import exploration
import pytest


FOUND = json.loads(exploration.FOUND.read_text(encoding="utf-8"))


def test_the_document_shows_what_was_found() -> None:
    text = exploration.DOCUMENT.read_text(encoding="utf-8")
    table, drawing = exploration.scaling(FOUND)
    assert f"<!-- front -->\n{exploration.front_table(FOUND)}<!-- end -->" in text
    assert f"<!-- scaling -->\n{table}<!-- end -->" in text
    assert drawing == exploration.DRAWING.read_text(encoding="utf-8")


def test_the_front_of_the_document_is_one() -> None:
    timed = [each for each in FOUND["builds"] if each["fmax_mhz"] is not None]
    for each in timed:
        better = [other for other in timed if other is not each
                  and other["target"] == each["target"]
                  and other["pixels_per_second"] >= each["pixels_per_second"]
                  and all(other[cost] <= each[cost] for cost in exploration.COSTS)]
        assert each["on_front"] is not bool(better)


def test_time_falls_with_workers_but_not_below_the_longest_way() -> None:
    found = {"synthesis_seconds": [10.0], "placement_seconds": [20.0]}
    work = exploration.POINTS * (10 + exploration.PLACEMENTS * 20)
    assert exploration.makespan(1, found) == pytest.approx(work)
    assert exploration.makespan(4, found) == pytest.approx(work / 4, rel=0.01)
    last = (exploration.POINTS - 1) * exploration.VERILOG_SECONDS
    assert exploration.makespan(10_000, found) == pytest.approx(last + 30)
