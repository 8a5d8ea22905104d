"""Pipelines on the command line: files, --stage, and what is refused."""

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

from windrow import Filter, Pipeline, sim
from windrow.cli import main
from windrow.model import InputError
from windrow.sim import Mismatch
from windrow.sim.taps import first_wrong_tap, simulated_taps


FILE = """
border = "reflect101"

[[stage]]
name = "smooth"
kernel = "gaussian:ksize=3"

[[stage]]
name = "edge"
kernel = "sobel-x"
output = "s8"
"""


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """7 rows of 9 samples."""
    path = tmp_path / "in.npy"
    np.save(path, np.random.default_rng(5).integers(0, 256, (7, 9), np.uint8))
    return path


def test_simulate_judges_the_whole_pipeline(
    tmp_path: Path, picture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = tmp_path / "edges.toml", tmp_path / "out.npy"
    file.write_text(FILE)
    argv = ["simulate", str(file), "--stage", "{kernel = [[2]], output = 'u8'}", str(picture),
            "--engine", "pysim", "--frames", "2", "-o", str(out)]
    assert main([*argv, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["bit_exact"], found["cycles_per_frame"]) == (True, 7 * 9)
    image = np.load(picture)
    smooth = Filter("gaussian:ksize=3", 9, 7, border="reflect101").compute(image)
    edge = Filter("sobel-x", 9, 7, border="reflect101", output="s8").compute(smooth)
    wanted = np.clip(2 * edge.astype(int), 0, 255)
    np.testing.assert_array_equal(np.load(out), wanted)
    assert found["clipped"] > 0


def test_generate_says_the_design_in_the_manifest(tmp_path: Path) -> None:
    assert main(["generate", "--stage", "kernel=box:ksize=3", "--stage",
                 "{kernel = 'sobel-x', output = 's16', from = 'input'}", "--size", "20x10",
                 "-o", str(tmp_path), "--name", "two"]) == 0
    manifest = json.loads((tmp_path / "two.json").read_text())
    assert "filter" not in manifest
    design = Pipeline.from_dict(manifest["design"])
    assert [stage.sources for stage in design.stages] == [("input",), ("input",)]
    assert manifest["output"]["pixel"] == "s16"


def test_taps_are_compared_and_written(
    tmp_path: Path, picture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "edges.toml"
    file.write_text(FILE)
    taps = tmp_path / "new" / "taps"
    assert main(["simulate", str(file), str(picture), "--taps", str(taps), "--engine",
                 "pysim"]) == 0
    assert sorted(path.name for path in taps.iterdir()) == ["edge.png", "smooth.png"]
    lines = " ".join(capsys.readouterr().out.split())
    assert "all 2 compared with the model" in lines
    assert re.search(r'edge: .* of samples clipped .*: output = "s16" keeps them', lines)
    wanted = Filter("gaussian:ksize=3", 9, 7, border="reflect101").compute(np.load(picture))
    np.testing.assert_array_equal(cv2.imread(str(taps / "smooth.png"), 0), wanted)
    assert main(["simulate", "--kernel", "sobel-x", str(picture), "--taps", str(taps)]) == 2
    assert capsys.readouterr().err.startswith(
        f"windrow: error: taps {str(taps)!r}: a filter has none, give a pipeline")


def test_a_mismatch_names_the_first_stage_that_differs(
    tmp_path: Path, picture: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The hardware of another pipeline, whose second stage is not the one that is wanted."""
    correct = sim.simulate

    def other(design: Pipeline, *args: Any, **keys: Any) -> sim.Result:
        tables = design.to_dict()["stage"]
        tables[1]["kernels"]["gy"][1][1] = 1
        return correct(design.replace(stages=tables, outputs=design.outputs), *args, **keys)

    monkeypatch.setattr(sim, "simulate", other)
    file = tmp_path / "edges.toml"
    file.write_text(FILE.replace('name = "edge"', "").replace(
        'kernel = "sobel-x"', 'kernels = {gx = "sobel-x", gy = "sobel-y"}'))
    assert main(["simulate", str(file), str(picture), "--engine", "pysim"]) == 1
    assert re.fullmatch(
        r"not bit-exact: stage 'stage_2', tap 'gy', is the first that differs: frame 0, row \d+, "
        r"column \d+, channel 0: got -?\d+, wanted -?\d+",
        capsys.readouterr().out.splitlines()[-1])


def test_taps_come_out_of_as_few_cores_as_go_together() -> None:
    stages = [{"name": "a", "kernel": "sharpen"}, {"name": "b", "shrink": 2},
              {"name": "c", "from": "a", "crop": [0, 0, 3, 4]},
              {"name": "d", "from": "a", "median": 3}]
    runs = []

    def run(pipeline: Pipeline) -> Any:
        runs.append(pipeline.outputs)
        return SimpleNamespace(outputs=[pipeline.compute(image)])

    image = np.random.default_rng(1).integers(0, 256, (6, 8, 3))
    pipeline = Pipeline(stages, width=8, height=6, channels=3)
    taps = simulated_taps(pipeline, run)
    assert runs == [("a", "d"), ("b",), ("c",)]
    assert list(taps) == ["a", "b", "c", "d"]
    assert first_wrong_tap(pipeline, [image], taps) is None
    taps["b"][0][1, 2, 1] ^= 1
    assert first_wrong_tap(pipeline, [image], taps) == (
        "b", Mismatch(0, 1, 2, 1, taps["b"][0][1, 2, 1], taps["b"][0][1, 2, 1] ^ 1))


def test_a_pipeline_file_to_begin_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["init", "--pipeline"]) == 0
    assert "`windrow generate pipeline.toml`" in capsys.readouterr().out
    made = Pipeline.from_file("pipeline.toml")
    assert list(made.taps) == ["input", "smooth", "gx", "gy", "size", "stage_4"]
    with pytest.raises(InputError, match=r"in Python write Pipeline\.from_file"):
        Filter.from_file("pipeline.toml")


@pytest.mark.parametrize("argv, message", [
    (["--stage", "kernel"], "stage must be VERB=VALUE, as median=3, or a TOML table"),
    (["--stage", "{kernel = sobel-x}"], "stage '{kernel = sobel-x}' is no TOML table: Invalid"),
    (["--stage", "kernel=sobel-q"], "kernel 'sobel-q' is not in the catalogue: did you mean"),
    (["--stage", "kernel=sobel-x", "--kernel", "sobel-x"], "key 'kernel' is a stage's: write it"),
    (["--stage", "kernel=sobel-x", "--output", "s16"], "key 'output' is a stage's: write it into"),
    (["--stage", "median=3", "--stage", "{from = 'x', median = 3}"],
     "stage 2: from names 'x', which no stage above defines; choose from input, stage_1"),
])
def test_what_is_refused(
    argv: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["generate", "--size", "20x10", "-o", "-", *argv]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"windrow: error: {message}")
    assert captured.err.count("\n") == 1


def test_the_plan_of_what_holds_a_whole_frame(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "--json", "-q", "--stage", "canny=[60, 150]", "--size", "640x480",
                 "--target", "ecp5-25k"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["stages"][-1]["what"] == "hysteresis of the whole frame"
    assert found["frame_bits"] == 480 * 36 * 18 * 2
    assert found["clock_mhz"] is None
    assert found["latency_cycles"] > 640 * 480
