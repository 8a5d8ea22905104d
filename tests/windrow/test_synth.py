# amaranth: UnusedElaboratable=no

"""`windrow synth`: the table, the verdict on the clock, and what is refused."""

import re
from pathlib import Path
from typing import Any

import pytest
from needed import needed

from windrow import synth_command
from windrow.cli import main
from windrow.distribution import install
from windrow.model import InputError
from windrow.sim import tools
from windrow.sim.tools import MissingTool
from windrow.synth import TARGETS, Outcome, synthesise
from windrow.synth.flow import programs
from windrow.usage import whole_number


SMALL = ["synth", "--kernel", "1 2 1; 2 4 2; 1 2 1", "--shift", "4", "--size", "40x8"]


def run(argv: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, str], str]:
    """Status, the table's rows by their name, and the last line."""
    status = main(argv)
    captured = capsys.readouterr()
    assert captured.err == ""
    lines = captured.out.splitlines()
    rows = dict(re.split(r"  +", line, maxsplit=1) for line in lines if "  " in line)
    return status, rows, lines[-1]


def needs(target: str) -> None:
    with needed():
        programs(TARGETS[target])


def test_the_clock_decides(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    needs("ecp5-25k")
    argv = [*SMALL, "--target", "ecp5-25k", "--seeds", "2", "-o", str(tmp_path / "new"), "--clock"]
    built: list[Outcome] = []

    def once(*args: Any, **keys: Any) -> Outcome:
        built[:] = built or [synthesise(*args, **keys)]
        return built[0]

    monkeypatch.setattr("windrow.synth.synthesise", once)
    status, rows, last = run([*argv, "20"], capsys)
    assert (status, last) == (0, "20 MHz is met")
    assert run([*argv, "900"], capsys)[0::2] == (
        1, f"900 MHz is missed by {900 - float(rows['fmax'].split()[0]):.1f} MHz")
    assert rows["device"] == "LFE5U-25F CABGA381, speed grade 6"
    assert re.match(r"\d+ of 24288 \(TRELLIS_COMB\), without the 4 of the harness$", rows["LUTs"])
    assert re.match(r"\d+ of 24288$", rows["FFs"])
    assert re.match(r"\d of 56 \(DP16KD\)$", rows["RAMs"])
    assert rows["DSPs"] == "0 of 28"
    fmax = re.match(r"([\d.]+) MHz, the median of 2 seeds \(([\d.]+) to ([\d.]+)\)$", rows["fmax"])
    assert fmax is not None
    assert fmax[1] == fmax[2], "of two, the slower"
    assert float(fmax[2]) <= float(fmax[3])
    pixels = float(rows["pixels a second"].replace(",", ""))
    assert pixels == pytest.approx(float(fmax[1]) * 1e6, abs=1e5)
    assert " to " in rows["critical path"]
    assert "yosys" in rows["tools"]
    assert rows["files"] == str(tmp_path / "new")
    assert (tmp_path / "new" / "core.bit").exists()
    assert (tmp_path / "new" / "seed_2.log").exists()


def test_ice40_and_one_seed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    needs("up5k")
    status, rows, _ = run([*SMALL, "--target", "up5k", "--seeds", "1", "--placer", "static",
                           "-o", str(tmp_path)], capsys)
    assert status == 0
    assert "Running Static placer" in (tmp_path / "seed_1.log").read_text()
    assert rows["large RAMs"] == "0 of 4 (ICESTORM_SPRAM)"
    assert rows["fmax"].endswith("MHz, of one seed")


def test_gowin_has_a_clock_with_a_caveat(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    needs("gw1n-9")
    status, rows, _ = run([*SMALL, "--target", "gw1n-9", "--seeds", "1", "-o", str(tmp_path)],
                          capsys)
    assert status == 0
    assert re.match(r"\d+\.\d MHz, of one seed; perhaps 20 % optimistic", rows["fmax"])
    assert "pixels a second" in rows
    assert (tmp_path / "core.bit").stat().st_size > 1_000_000


@pytest.mark.parametrize("extra, words", [
    ([], ["target", "ecp5-25k", "gw2a-18"]),
    (["--target", "ecp5"], ["target", "'ecp5'", "ecp5-25k, ecp5-85k"]),
    (["--target", "ecp5-25k", "--seeds", "0"], ["seeds", "1 to 100", "'0'"]),
    (["--target", "ecp5-25k", "--seeds", "many"], ["seeds", "'many'"]),
    (["--target", "ecp5-25k", "--placer", "statik"], ["placer", "'statik'", "'static'"]),
    (["--target", "xc7", "--placer", "heap"], ["placer", "'heap'", "xc7"]),
    (["--target", "ecp5-25k", "--clock", "fast"], ["clock", "MHz", "'fast'"]),
    (["--target", "ecp5-25k", "--clock", "-1"], ["clock", "'-1'"]),
    (["--target", "ecp5-25k", "--clock", "nan"], ["clock", "'nan'"]),
    (["--target", "ecp5-25k", "--border", "circular"], ["border", "'circular'"]),
    (["none.toml", "--target", "ecp5-25k"], ["none.toml"]),
])
def test_bad_input_is_refused_before_the_work(
    extra: list[str], words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new"
    assert main([*SMALL, *extra, "-o", str(out)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    for word in words:
        assert word in captured.err
    assert not out.exists()


def test_a_missing_tool(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tools, "_synthesis", lambda name: None)
    monkeypatch.delenv("YOSYS", raising=False)
    assert main([*SMALL, "--target", "hx8k", "-o", str(tmp_path / "new")]) == 2
    assert capsys.readouterr().err == (
        f"windrow: error: yosys is not installed: {install('synth')}\n")
    assert not (tmp_path / "new").exists()


def test_a_failing_tool_is_one_line_and_its_log_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    needs("hx8k")
    program = tmp_path / "broken"
    program.write_text("#!/bin/sh\necho 'ERROR: out of luck' | tee seed_1.log >&2; exit 3\n")
    program.chmod(0o755)
    monkeypatch.setenv("NEXTPNR_ICE40", str(program))
    out = tmp_path / "new"
    assert main([*SMALL, "--target", "hx8k", "-o", str(out)]) == 2
    assert capsys.readouterr().err == ("windrow: error: broken fails (status 3): ERROR: out of "
                                       f"luck (see {out / 'seed_1.log'})\n")
    assert {"yosys.log", "seed_1.log"} <= {path.name for path in out.iterdir()}


@pytest.mark.parametrize("target, lacking, log", [
    ("hx8k", r"\d+ of 32 ICESTORM_RAM", "seed_1.log"),
    # Before the placer begins, which would not end.
    ("ecp5-25k", "64 of 56 DP16KD", "pack.log")])
def test_a_core_that_is_too_large_says_of_what(
    target: str, lacking: str, log: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    needs(target)
    out = tmp_path / "new"
    wide = ["synth", "--kernel", "; ".join("1" * 9), "--size", "9000x9", "--seeds", "1",
            "--target", target, "-o", str(out)]
    assert main(wide) == 2
    assert re.fullmatch(
        f"windrow: error: the core is too large for target {target}: "
        rf"{lacking} \(see {re.escape(str(out / log))}\)\n",
        capsys.readouterr().err)


def test_the_numbers_are_read_strictly() -> None:
    assert whole_number("seeds", "100", most=100) == 100
    assert synth_command.megahertz("148.5") == 148.5
    assert issubclass(MissingTool, InputError)
