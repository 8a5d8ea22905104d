"""The command line as a whole: help, exit status, streams; and the two small commands."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from windrow import cli, doctor_command
from windrow.cli import main
from windrow.output_folder import output_folder
from windrow.sim import tools


@pytest.mark.parametrize("argv", [["--help"], ["--version"], *(
    [command, "--help"]
    for command in ("generate", "plan", "simulate", "synth", "preview", "kernels", "doctor"))])
def test_help(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(argv)
    assert end.value.code == 0
    assert "windrow" in capsys.readouterr().out


def test_help_imports_nothing_heavy() -> None:
    heavy = "{'numpy', 'amaranth', 'PIL', 'rich', 'cocotb', 'importlib.metadata'}"
    code = ("import sys; from windrow.cli import parse\n"
            "try: parse(['simulate', '--help'])\n"
            f"except SystemExit: print(sorted(set(sys.modules) & {heavy}))")
    # An editable install's own import hook is not ours to judge.
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "[]"


def test_the_module_is_the_command(tmp_path: Path) -> None:
    run = subprocess.run([sys.executable, "-m", "windrow", "kernels", "scharr"], cwd=tmp_path,
                         capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith("windrow: error: ")
    assert "scharr-" in run.stderr


def test_an_interrupt_prints_no_amaranth_warnings() -> None:
    code = ("import sys\n"
            "from windrow import cli, hdl\n"
            "def build(*_, **__):\n"
            "    from amaranth.hdl import Module\n"
            "    unused = Module()\n"
            "    raise KeyboardInterrupt\n"
            "hdl.build = build\n"
            "sys.exit(cli.main(['generate', '--kernel', 'sobel-x', '--size', '9x9']))\n")
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (130, "windrow: error: interrupted\n")


def test_a_reader_that_leaves_early_is_no_error() -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    run = subprocess.run([sys.executable, "-m", "windrow", "kernels"], stdout=write_end,
                         stderr=subprocess.PIPE, text=True, check=False)
    os.close(write_end)
    assert (run.returncode, run.stderr) == (141, "")


@pytest.mark.parametrize("error, status, words", [
    (KeyboardInterrupt(), 130, "interrupted"),
    (PermissionError(13, "Permission denied", "place"), 2, "place: Permission denied"),
    (OSError("no number"), 2, "no number"),
    (RuntimeError("two\nlines"), 1, "internal error, RuntimeError: two lines; please report"),
])
def test_every_failure_is_one_line(
    error: BaseException, status: int, words: str, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(_: object) -> int:
        raise error

    monkeypatch.delenv("WINDROW_TRACEBACK", raising=False)
    monkeypatch.setattr(doctor_command, "run", fail)
    assert main(["doctor"]) == status
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1
    assert words in captured.err


def test_negative_values_are_values() -> None:
    assert cli.join_negative_values(["--anchor", "-1,0", "--offset", "-3", "-o", "-5", "--x"]) == [
        "--anchor=-1,0", "--offset=-3", "-o", "-5", "--x"]


def test_positional_arguments_on_both_sides_of_an_option() -> None:
    assert cli.parse(["simulate", "f.toml", "-o", "x.png", "p.png"]).inputs == ["f.toml", "p.png"]


def test_the_catalogue(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["kernels"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["name", "parameters", "what", "it", "does"]
    gaussian = next(line for line in lines if line.startswith("gaussian "))
    assert "ksize=5, sigma=0, bits=8" in gaussian
    assert "OpenCV" in gaussian


def test_one_kernel(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["kernels", "binomial:ksize=3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-3:] == ["1 2 1", "2 4 2", "1 2 1"]
    assert any(line.startswith("shift") and " 4 " in line for line in lines)


@pytest.mark.parametrize("purpose, status", [
    ("simulate (default engine)", 1), ("simulate --engine icarus, tests", 0),
])
def test_doctor_says_what_installs_the_missing(
    purpose: str, status: int, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = [tools.Tool("there", "work", "-", "1.2.3"),
             tools.Tool("gone", purpose, "apt-get install gone", None),
             tools.Tool("lost", purpose, "apt-get install gone", None)]
    monkeypatch.setattr(tools, "survey", lambda: found)
    assert main(["doctor"]) == status
    out = capsys.readouterr().out
    assert "1.2.3" in out
    assert "MISSING" in out
    for name in ("gone", "lost"):
        assert f"{name}     apt-get install gone" in out


def test_doctor_on_this_machine(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    for name in ("amaranth", "verilator", "C++ compiler", "iverilog", "cocotb", "yosys",
                 "nextpnr-ecp5", "nextpnr-ice40", "nextpnr-gowin", "gowin_pack"):
        assert name in out


def test_a_folder_that_was_made_goes_with_the_failure(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    with pytest.raises(RuntimeError), output_folder(folder):
        raise RuntimeError
    assert not list(tmp_path.iterdir())
    with output_folder(folder):
        (folder / "x").write_text("")
    assert [path.name for path in folder.iterdir()] == ["x"]
    with pytest.raises(OSError, match="x"), output_folder(folder / "x"):
        pass
