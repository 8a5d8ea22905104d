"""ONNX's own test cases, and the table of docs/layers.md that says what becomes of each."""

from pathlib import Path

import pytest


pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

import onnx_cases


def test_every_case_is_equal_or_refused_by_name(tmp_path: Path) -> None:
    text = onnx_cases.DOCUMENT.read_text(encoding="utf-8")
    counted: dict[str, int] = {}
    for case in onnx_cases.cases():
        found = onnx_cases.verdict(case, tmp_path)
        assert found.word in ("equal", "refused"), (case.name, found)
        counted[found.word] = counted.get(found.word, 0) + 1
        short = case.name.removeprefix("test_")
        if f"| {short} |" in text:  # another release of onnx may have other cases
            assert f"| {short} | {found.word}" in text, (case.name, found)
        if found.word == "refused":
            assert "layer '" in found.reason or "put '" in found.reason or (
                "the network has" in found.reason), (case.name, found.reason)
    assert counted["equal"] > 200
