"""What place and route is told of a board's device, and which build of several is kept."""

import json
from pathlib import Path
from typing import Any

import pytest

from windrow.boards.catalogue import BOARDS, board
from windrow.sim import tools
from windrow.synth import board as module
from windrow.synth.board import build_board


@pytest.mark.parametrize(("name", "arguments"), [
    ("ulx3s-12f", "--12k --package CABGA381 --speed 6"),
    ("icepi-zero", "--25k --package CABGA256 --speed 6"),
    ("ecp5-evn", "--um5g-85k --package CABGA381 --speed 8"),
    ("icebreaker", "--up5k --package sg48"),
    ("tang-nano-9k", "--device GW1NR-LV9QN88PC6/I5 --vopt cst=top.cst --vopt family=GW1N-9C"),
    ("tang-nano-20k", "--device GW2AR-LV18QN88C8/I7 --vopt cst=top.cst --vopt family=GW2A-18C"),
])
def test_the_device(name: str, arguments: str) -> None:
    pytest.importorskip("amaranth_boards")
    assert " ".join(module._device(board(name).platform(), BOARDS[name].family)) == arguments


@pytest.mark.parametrize(("reached", "tried", "kept"), [
    ([120.0], [1], 1),  # enough at once
    ([105.0, 111.0], [1, 2], 2),
    ([105.0, 90.0, 104.0], [1, 2, 3], 1),  # never enough: the best one
    ([80.0, 90.0, 99.0], [1, 2, 3], 3),
])
def test_seeds_are_tried_until_there_is_a_margin(
    reached: list[float], tried: list[int], kept: int, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seeds: list[int] = []

    def run(command: list[str], folder: Path, *_: Any) -> None:
        if "--seed" not in command:
            assert (folder / "routed.txt").read_text() == f"seed {kept}", "what is packed"
            (folder / "try_top.bit").write_text("bits")
            return
        seeds.append(int(command[command.index("--seed") + 1]))
        (folder / "try_routed.txt").write_text(f"seed {seeds[-1]}")
        (folder / f"seed_{seeds[-1]}.json").write_text(json.dumps({
            "fmax": {"clk": {"achieved": reached[len(seeds) - 1], "constraint": 100.0},
                     "other": {"achieved": 500.0, "constraint": 100.0}},
            "utilization": {"TRELLIS_COMB": {"used": 1, "available": 2},
                            "TRELLIS_IO": {"used": 3, "available": 9},
                            "DP16KD": {"used": 0, "available": 2}}}))

    monkeypatch.setattr(tools, "run", run)
    monkeypatch.setattr(module, "run_yosys", lambda script, folder: "")
    monkeypatch.setattr(module, "cut_carry_ends", lambda folder: None)
    monkeypatch.setattr(module, "design_files", lambda *_: {})
    monkeypatch.setattr(tools, "synthesis", lambda name: name)
    monkeypatch.setattr(tools, "synthesis_version", lambda name: "1")
    built = build_board(None, board("ulx3s-12f").platform(), "ecp5", 1e8, tmp_path)
    assert seeds == tried
    assert built.seed == kept
    assert built.margin == pytest.approx(reached[kept - 1] / 100 - 1)
    assert built.met == (built.margin >= 0)
    assert built.used == {"LUTs": (1, 2)}
    assert built.bitstream.read_text() == "bits"


def test_a_build_that_fails_leaves_no_bitstream_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "top.bit").write_text("another design's")

    def fail(script: str, folder: Path) -> str:
        raise tools.ToolError("yosys fails")

    monkeypatch.setattr(module, "run_yosys", fail)
    monkeypatch.setattr(module, "design_files", lambda *_: {})
    monkeypatch.setattr(tools, "synthesis", lambda name: name)
    with pytest.raises(tools.ToolError):
        build_board(None, board("ulx3s-12f").platform(), "ecp5", 1e8, tmp_path)
    assert not (tmp_path / "top.bit").exists()


def test_a_pair_that_nextpnr_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no database of the pins is installed, it is nextpnr that finds it."""
    def run(command: list[str], folder: Path, *_: Any) -> None:
        (folder / "seed_1.log").write_text(
            "ERROR: cannot place differential IO at location PIOB\n")
        raise tools.ToolError("nextpnr-ecp5 fails")

    monkeypatch.setattr(tools, "run", run)
    monkeypatch.setattr(module, "run_yosys", lambda script, folder: "")
    monkeypatch.setattr(module, "cut_carry_ends", lambda folder: None)
    monkeypatch.setattr(module, "design_files", lambda *_: {})
    monkeypatch.setattr(tools, "synthesis", lambda name: name)
    with pytest.raises(tools.ToolError, match="starts at the negative side of a pair of pins"):
        build_board(None, board("ulx3s-12f").platform(), "ecp5", 1e8, tmp_path)
