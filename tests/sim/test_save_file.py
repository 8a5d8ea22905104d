"""The save file beside a waveform: what it groups is in the waveform."""

import re
from pathlib import Path

import numpy as np
import pytest

from windrow.model import Filter, Pipeline
from windrow.sim import simulate
from windrow.sim.save_file import write_save_file


SIZE = {"width": 12, "height": 8}
DESIGNS = {
    "filter": Filter(kernel="sobel-x", control="axi4-lite", **SIZE),
    "pipeline": Pipeline([{"median": 3}, {"threshold": 90}], **SIZE),
}


def declared(waves: Path) -> set[str]:
    scope: list[str] = []
    found = set()
    for line in waves.read_text().splitlines():
        words = line.split()
        if words[:1] == ["$scope"]:
            scope.append(words[2])
        elif words[:1] == ["$upscope"]:
            scope.pop()
        elif words[:1] == ["$var"]:
            span = f"[{int(words[2]) - 1}:0]" if words[2] != "1" else ""
            found.add(".".join([*scope, words[4]]) + span)
    return found


@pytest.mark.parametrize("name", DESIGNS)
def test_groups(name: str, tmp_path: Path) -> None:
    waves = tmp_path / "w.vcd"
    frame = np.zeros((8, 12), int)
    simulate(DESIGNS[name], frame, engine="pysim", waves=waves)
    text = (tmp_path / "w.gtkw").read_text()
    lines = [line for line in text.splitlines() if not line.startswith(("[", "@", "*"))]
    groups: dict[str, list[str]] = {}
    for line in lines:
        if line.startswith("-"):
            groups.setdefault(line[1:], [])
            last = line[1:]
        elif line:
            groups[last].append(line)
    assert {"s_axis_video", "m_axis_video", "place in the frame", "window"} <= set(groups)
    assert ("s_axi_ctrl" in groups) == (name == "filter")
    traces = [each for group in groups.values() for each in group]
    assert set(traces) <= declared(waves)
    assert all(groups.values())
    for signal in ("tdata[7:0]", "tvalid", "tready", "tuser", "tlast"):
        assert any(re.fullmatch(rf".*\.m_axis_video_{re.escape(signal)}", each)
                   for each in groups["m_axis_video"])


def test_a_waveform_of_another_kind_has_none(tmp_path: Path) -> None:
    (tmp_path / "w.fst").write_bytes(b"")
    (tmp_path / "other.vcd").write_text("$scope module a $end\n$var wire 1 ! b $end\n")
    assert write_save_file(tmp_path / "w.fst") is None
    assert write_save_file(tmp_path / "other.vcd") is None
    assert len(list(tmp_path.iterdir())) == 2
