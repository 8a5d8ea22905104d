"""A build's programs run in its folder, and again from the script that is left there."""

import subprocess
from pathlib import Path

import pytest

from windrow.sim.tools import ToolError
from windrow.synth.step import run_step


def test_the_script_runs_the_build_again(tmp_path: Path) -> None:
    folder = tmp_path / "a folder"
    folder.mkdir()
    for _ in range(2):  # another build begins another script
        run_step(["sh", "-c", "echo 'one two' > first"], folder, first=True)
        run_step(["cp", "first", "the second"], folder)
    lines = (folder / "build.sh").read_text().splitlines()
    assert lines[3:] == ["sh -c 'echo '\"'\"'one two'\"'\"' > first'", "cp first 'the second'"]
    for name in ("first", "the second"):
        (folder / name).unlink()
    subprocess.run([folder / "build.sh"], cwd=tmp_path, check=True)
    assert (folder / "the second").read_text() == "one two\n"


def test_a_failing_program_is_in_the_script_too(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="sh fails"):
        run_step(["sh", "-c", "exit 3"], tmp_path, first=True)
    assert (tmp_path / "build.sh").read_text().endswith("sh -c 'exit 3'\n")
