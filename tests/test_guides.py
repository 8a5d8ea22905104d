"""The guides' longer examples run: a testbench, a VHDL instance, programs for the ARM."""

import importlib.util
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from windrow.cli import main


ROOT = Path(__file__).resolve().parents[1]


def files(guide: str) -> dict[str, str]:
    """Text of each fenced block whose first line is a comment with a file's name."""
    text = (ROOT / "docs" / guide).read_text(encoding="utf-8")
    blocks = re.findall(r"^```\w+\n((?:#|--|/\*|//|/dts-v1/;) ?([\w.]+\.\w+).*?)^```$", text,
                        re.MULTILINE | re.DOTALL)
    return {name: block for block, name in blocks}


def generate(guide: str, folder: Path, monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Write the guide's files and generate its cores into ``folder``, and go there."""
    monkeypatch.chdir(folder)
    for name, text in files(guide).items():
        (folder / name).write_text(text)
    text = (ROOT / "docs" / guide).read_text(encoding="utf-8")
    for name in names:
        line = re.search(rf"^windrow generate .*--name {name}$", text, re.MULTILINE)
        assert line is not None
        assert main(shlex.split(line[0])[1:]) == 0


@pytest.mark.parametrize("simulator, name", [
    ("verilator", "blur"), ("icarus", "blur"), ("icarus", "live"),
])
def test_the_testbench_runs(
    simulator: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if importlib.util.find_spec("cocotbext") is None or shutil.which("make") is None:
        pytest.skip("cocotb, cocotbext-axi or make is missing")
    if simulator == "icarus" and shutil.which("iverilog") is None:
        pytest.skip("iverilog is missing")
    monkeypatch.setenv("MAKEFLAGS", "OPT_FAST=-O0 OPT_SLOW=-O0 OPT_GLOBAL=-O0")
    monkeypatch.delenv("PYTEST_CURRENT_TEST", raising=False)
    generate("testbench.md", tmp_path, monkeypatch, name)
    done = subprocess.run([sys.executable, "run.py", simulator, name], capture_output=True,
                          text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PASS=1 FAIL=0" in done.stdout
