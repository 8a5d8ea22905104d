# amaranth: UnusedElaboratable=no

"""`--json`: one object on standard output, with the keys that docs/json.md has."""

import json
import re
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from windrow import cli, serial_command
from windrow.cli import main
from windrow.sim import job
from windrow.synth import TARGETS, CriticalPath, Outcome, Placement, Usage
from windrow.synth import board as building
from windrow.synth import preview as previewing
from windrow.synth.board import BoardBuild, Clock


DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "json.md"
FILTER = ["--kernel", "1 2 1; 2 4 2; 1 2 1", "--shift", "4", "--size", "16x8"]


def documented(command: str) -> list[list[str]]:
    """The keys of each of a command's tables: without a name, and with one."""
    section = re.search(rf"^## {command}\n(.*?)(?=^## |\Z)", DOCUMENT.read_text(encoding="utf-8"),
                        re.MULTILINE | re.DOTALL)
    assert section is not None, f"docs/json.md has no {command}"
    tables = re.findall(r"^\| key \|.*?\n\n", section[1] + "\n", re.MULTILINE | re.DOTALL)
    return [[key for cell in re.findall(r"^\| (`[^|]*) \|", table, re.MULTILINE)
             for key in re.findall(r"`(\w+)`", cell)] for table in tables]


def printed(argv: list[str], capsys: pytest.CaptureFixture[str], status: int = 0) -> dict[str, Any]:
    assert main([*argv, "--json"]) == status
    captured = capsys.readouterr()
    assert captured.err == ""
    found = json.loads(captured.out)
    assert isinstance(found, dict)
    return found


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    pixels = np.random.default_rng(0).integers(0, 256, (8, 16), np.uint8)
    Image.fromarray(pixels).save("picture.png")
    return tmp_path


def test_every_command_is_documented() -> None:
    _, commands = cli.parsers()
    text = DOCUMENT.read_text(encoding="utf-8")
    assert set(re.findall(r"^## (\w+)$", text, re.MULTILINE)) == set(commands)


@pytest.mark.parametrize("argv", [
    ["init"], ["plan", *FILTER], ["plan", *FILTER, "--target", "ecp5-25k"], ["generate", *FILTER],
    ["simulate", *FILTER, "picture.png", "--engine", "pysim"],
    ["kernels"], ["presets"], ["targets"], ["boards"], ["doctor"],
], ids=" ".join)
def test_the_keys_are_the_documented_ones(
    argv: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sorted(printed(argv, capsys)) == sorted(documented(argv[0])[0])


@pytest.mark.parametrize("argv", [
    ["kernels", "gaussian:ksize=5"], ["presets", "cv2.filter2D"], ["presets", "cv2.Sobel"],
    ["boards", "icebreaker"]], ids=" ".join)
def test_the_keys_with_a_name(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert sorted(printed(argv, capsys)) == sorted(documented(argv[0])[1])


def test_values(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = printed(["generate", *FILTER, "-o", "out", "--name", "blur"], capsys)
    assert first["files"] == ["out/blur.v", "out/blur.json", "out/blur.core"]
    assert first["replaced"] == []
    assert first["manifest"] == json.loads(Path("out/blur.json").read_text())
    assert first["clock_for_60_hz_mhz"] == pytest.approx(16 * 8 * 60 / 1e6, abs=0.001)
    again = printed(["generate", *FILTER, "-o", "out", "--name", "blur"], capsys)
    assert again["replaced"] == first["files"]
    run = printed(["simulate", *FILTER, "picture.png", "--engine", "pysim"], capsys)
    assert run["bit_exact"] is True
    assert run["shape"] == [8, 16]
    assert run["latency_cycles"] == first["manifest"]["latency_cycles"]
    kernel = printed(["kernels", "binomial:ksize=3"], capsys)
    assert kernel["kernel"] == [[1, 2, 1], [2, 4, 2], [1, 2, 1]]
    keys = printed(["presets", "cv2.GaussianBlur:ksize=3"], capsys)["keys"]
    assert keys["border"] == "reflect101"
    plan = printed(["plan", *FILTER], capsys)
    assert plan["choice"] in [each["name"] for each in plan["strategies"]]
    pipeline = ["--stage", "kernel=sharpen", "--stage", "{kernel = 'sharpen', name = 'sharp'}",
                "--size", "16x8"]
    planned = printed(["plan", *pipeline], capsys)
    assert sorted(planned) == sorted(documented("plan")[1])
    assert [each["rows_late"] for each in planned["stages"]] == [1, 2]
    assert planned["lines"] == {"input": 2, "stage_1": 2}
    assert planned["waits"] == []


def test_a_mismatch(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    original = job.judge
    monkeypatch.setattr(job, "judge", lambda result, filter, frames: original(
        result, filter, [frame ^ 255 for frame in frames]))
    found = printed(["simulate", *FILTER, "picture.png", "--engine", "pysim"], capsys, status=1)
    assert found["bit_exact"] is False
    assert sorted(found["mismatch"]) == ["channel", "column", "frame", "got", "row", "wanted"]


def test_synth(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def synthesise(filter: Any, target: Any, folder: Path, **_: Any) -> Outcome:
        path = CriticalPath("a", "b", 1.0, 2.0, 3)
        return Outcome(filter, target, "separable", Usage(1, 2, 3, 0, 4),
                       (Placement(1, 100.0, path),), 5, {"yosys": "1"}, folder)

    import windrow.synth

    monkeypatch.setattr(windrow.synth, "synthesise", synthesise)
    argv = ["synth", *FILTER, "--target", "ecp5-25k", "--clock"]
    found = printed([*argv, "90"], capsys)
    assert sorted(found) == sorted(documented("synth")[0])
    assert found["capacity"] == TARGETS["ecp5-25k"].capacity
    assert (found["fmax_mhz"], found["clock_met"], found["dsps"]) == (100.0, True, 4)
    assert printed([*argv, "110"], capsys, status=1)["clock_met"] is False


def test_explore(tmp_path: Path) -> None:
    from windrow.explore_command import data
    from windrow.synth.exploration import Exploration

    keys = data(Exploration((), (), 0, 0), tmp_path, None)
    assert sorted(keys) == sorted(documented("explore")[0])


def test_build(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "build_board", lambda *_, **__: BoardBuild(
        (Clock("clk", 100.0, 90.0),), {"LUTs": (3, 9)}, "", 2, Path("top.bit"), {"yosys": "1"}))
    found = printed(["build", "ecp5-evn"], capsys, status=1)
    assert sorted(found) == sorted(documented("build")[0])
    assert found["met"] is False
    assert found["clocks"] == [
        {"name": "clk", "needed_mhz": 100.0, "reached_mhz": 90.0, "margin": pytest.approx(-0.1)}]


def test_preview(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def preview(*_: Any, **__: Any) -> previewing.Preview:
        return previewing.Preview((), (previewing.Check("signal", False, "none"),), 25e6, 7)

    monkeypatch.setattr(previewing, "preview", preview)
    found = printed(["preview", "icebreaker", "--source", "bars"], capsys, status=1)
    assert sorted(found) == sorted(documented("preview")[0])
    (source,) = found["sources"]
    assert source["checks"] == [{"name": "signal", "passed": False, "finding": "none"}]


def test_program(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    loader = folder / "loader"
    loader.write_text("#!/bin/sh\n")
    loader.chmod(loader.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("OPENFPGALOADER", str(loader))
    Path("some.bin").touch()
    found = printed(["program", "icebreaker", "some.bin"], capsys)
    assert sorted(found) == sorted(documented("program")[0])
    assert found["bitstream"] == "some.bin"


def test_serial(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for received in (3, 16 * 8):
        monkeypatch.setattr(serial_command, "exchange", lambda *_, count=received: bytes(count))
        found = printed(["serial", "/dev/none", "ecp5-evn", *FILTER], capsys, status=1)
        assert sorted(found) == sorted(documented("serial")[0])
        assert found["received"] == received


def test_an_error_is_one_line_and_no_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["kernels", "nope", "--json"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
