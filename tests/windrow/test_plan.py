"""`windrow plan`: the table, the choice, and what is refused."""

import re
from pathlib import Path

import pytest

from windrow.cli import main
from windrow.hdl.devices import DEVICES
from windrow.hdl.strategies import STRATEGIES
from windrow.plan_command import TARGET_NAMES
from windrow.synth.targets import TARGETS


SCHARR = ["--kernel", "scharr-x", "--size", "640x480"]


def printed(argv: list[str], capsys: pytest.CaptureFixture[str]) -> list[str]:
    assert main(["plan", *argv]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out.splitlines()


def test_every_strategy_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed([*SCHARR, "--target", "ecp5-25k"], capsys)
    heading, *rest = lines
    assert re.split(r"  +", heading) == [
        "strategy", "LUTs", "FFs", "multipliers", "RAMs", "latency, cycles", "clock, MHz"]
    table = [re.split(r"  +", line) for line in rest[:rest.index("")]]
    assert all(len(row) == 7 for row in table)
    listed = [row[0].removesuffix(" *") for row in table]
    refused = [line.split(":")[0].split()[-1] for line in rest if line.startswith("does not apply")]
    assert sorted(listed + refused) == sorted(STRATEGIES)
    (marked,) = [row for row in table if row[0].endswith(" *")]
    assert marked[0] == "separable *"
    luts, share = re.fullmatch(r"(\d+) \((.*)%\)", marked[1]).groups()  # type: ignore[union-attr]
    assert float(share) == pytest.approx(100 * int(luts) / 24288, abs=0.06)
    assert 150 < float(marked[6]) < 350
    (choice,) = [line for line in rest if line.startswith("choice")]
    assert re.match(rf"choice +separable: {luts} LUTs, the least of ", choice)
    assert rest[-1].endswith("ecp5-25k: LFE5U-25F CABGA381, speed grade 6")


def test_a_family_has_no_shares_and_no_clock(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(SCHARR, capsys)
    assert "%" not in lines[1]
    assert "clock" not in lines[0]
    assert "bits" in lines[1]
    assert lines[-1].endswith("generic: " + DEVICES["generic"].description)


def test_gowin_has_no_clock_and_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed([*SCHARR, "--target", "gw1n-9"], capsys)
    assert "clock" not in lines[0]
    assert "`windrow synth` measures one" in lines[-1]


def test_multipliers_that_a_device_does_not_have(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed([*SCHARR, "--target", "hx8k"], capsys)
    (row,) = [line for line in lines if line.startswith("multipliers ")]
    assert re.split(r"  +", row)[3] == "3 (of none)"
    (choice,) = [line for line in lines if line.startswith("choice")]
    assert "multiplier" not in choice


def test_run_time_coefficients_take_luts_where_there_are_no_multipliers(
    capsys: pytest.CaptureFixture[str]
) -> None:
    runtime = ["--control", "axi4-lite", "--coefficients", "runtime"]
    for target, multipliers in ("hx8k", "0"), ("up5k", "8 (100.0%)"):
        lines = printed([*SCHARR, *runtime, "--target", target], capsys)
        (row,) = [line for line in lines if line.startswith("runtime-multipliers ")]
        assert re.split(r"  +", row)[3] == multipliers


def test_what_does_not_fit_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(["--kernel", "box:ksize=5", "--size", "16000x480", "--target", "gw1n-9",
                     "--pixel", "u16", "--output", "u16"], capsys)
    (line,) = [line for line in lines if line.startswith("too large")]
    assert re.search(r"\d+ of 26 RAMs: \S+ does not fit; none does", line)


def test_a_filter_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "f.toml").write_text('kernel = "scharr-x"\nwidth = 640\nheight = 480\n')
    assert printed([str(tmp_path / "f.toml"), "--target", "ecp5"], capsys) == printed(
        [*SCHARR, "--target", "ecp5"], capsys)


@pytest.mark.parametrize("argv, words", [
    (["--target", "ecp5-45k"], ["target", "'ecp5-45k'", "did you mean"]),
    (["--target", "spartan"], ["target", "'spartan'", "use generic"]),
    (["--kernel", "scharr"], ["kernel", "'scharr'"]),
    (["--size", "2x2"], ["width", "2"]),
    (["--strategy", "auto"], ["--strategy"]),
    (["none.toml"], ["none.toml"]),
])
def test_bad_input_is_one_line(
    argv: list[str], words: list[str], capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["plan", *SCHARR, *argv]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    for word in words:
        assert word in captured.err


def test_the_help_names_every_target() -> None:
    assert re.findall(r"[a-z0-9-]*[0-9a-z]+", TARGET_NAMES.replace(" or a family", "").replace(
        " or ", " ")) == [*TARGETS, *DEVICES]
