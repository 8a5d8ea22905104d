"""Sizes by yosys for families without an open place and route."""

import json
import re
from pathlib import Path

import pytest
from needed import needed

from windrow.cli import main
from windrow.model import Filter
from windrow.sim import tools
from windrow.synth.area import AREAS, count, synthesise_area
from windrow.synth.targets import TARGETS
from windrow.synth_command import AREA_NAMES


BINOMIAL = Filter(kernel="binomial:ksize=3", width=1280, height=720)


def test_the_families() -> None:
    assert re.split(", | or ", AREA_NAMES) == list(AREAS)
    assert all(AREAS[name].name == name for name in AREAS)
    assert not set(AREAS) & set(TARGETS)


def test_cells_are_counted_by_kind() -> None:
    types = ["LUT6", "LUT6", "LUT2", "SRL16E", "CARRY4", "FDRE", "FDSE", "RAMB18E1", "DSP48E1",
             "$scopeinfo"]
    netlist = {"modules": {"core": {"cells": {
        str(number): {"type": kind} for number, kind in enumerate(types)}}}}
    found = count(netlist, AREAS["xc7"], "separable", "0.70")
    assert (found.luts, found.flip_flops, found.rams, found.dsps) == (4, 2, 1, 1)
    assert found.cells == {"CARRY4": 1, "DSP48E1": 1, "FDRE": 1, "FDSE": 1, "LUT2": 1, "LUT6": 2,
                           "RAMB18E1": 1, "SRL16E": 1}


# LUTs, flip-flops and RAMs at most, with yosys 0.70; the lines are in RAM.
@pytest.mark.slow
@pytest.mark.parametrize(("name", "luts", "flip_flops", "rams"), [
    ("xc7", 165, 340, 1), ("cyclone-v", 330, 560, 3), ("polarfire", 225, 365, 2),
    ("efinix", 275, 365, 6)])
def test_a_binomial(name: str, luts: int, flip_flops: int, rams: int, tmp_path: Path) -> None:
    with needed():
        tools.synthesis("yosys")
    found = synthesise_area(BINOMIAL, AREAS[name], tmp_path)
    assert 0 < found.luts <= luts
    assert 0 < found.flip_flops <= flip_flops
    assert 0 < found.rams <= rams
    assert found.dsps == 0
    assert "initial" not in (tmp_path / "core.v").read_text() or AREAS[name].initial_values


@pytest.mark.slow
def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with needed():
        tools.synthesis("yosys")
    words = ["synth", "--kernel", "1 3 1", "--size", "9x9", "--target", "efinix", "-o",
             str(tmp_path)]
    assert main([*words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["target"], found["fmax_mhz"]) == ("efinix", None)
    assert found["luts"] == found["cells"]["EFX_LUT4"] + found["cells"]["EFX_ADD"]


def test_a_clock_cannot_be_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["synth", "--kernel", "1 3 1", "--size", "9x9", "--target", "xc7", "--clock", "100",
                 "-o", str(tmp_path / "out")]) == 2
    assert "clock '100' cannot be judged on xc7" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
