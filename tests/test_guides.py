"""The guides' longer examples run: a testbench, a VHDL instance, programs for the ARM."""

import importlib.util
import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from windrow import Filter
from windrow.boards.video.timing import TIMINGS
from windrow.cli import main
from windrow.hdl.control import RegisterMap


ROOT = Path(__file__).resolve().parents[1]


def files(guide: str) -> dict[str, str]:
    """Text of each fenced block whose first line is a comment with a file's name."""
    text = (ROOT / "docs" / guide).read_text(encoding="utf-8")
    blocks = re.findall(r"^```\w+\n((?:#|--|/\*|/dts-v1/; //) ([\w.]+\.\w+).*?)^```$", text,
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


@pytest.fixture
def registers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file in place of the register port of the ARM guide's core, as after a reset."""
    generate("arm.md", tmp_path, monkeypatch, "blur")
    words = np.zeros(1024, np.uint32)
    for register in json.loads(Path("blur_registers.json").read_text())["registers"]:
        first = register["offset"] // 4
        words[first:first + register["count"]] = np.array(register["reset"]) & 0xFFFFFFFF
    words.tofile("port")
    return Path("port")


def check_setup(registers: Path) -> None:
    """The guide's settings are written, as the resets of a core made with them would be."""
    blur = Filter.from_dict(json.loads(Path("blur.json").read_text())["filter"])
    kernel = [[0, 0, 0, 0, 0], [0, 0, -1, 0, 0], [0, -1, 5, -1, 0], [0, 0, -1, 0, 0], [0] * 5]
    wanted = RegisterMap(blur.replace(width=1280, height=720, shift=0, kernel=kernel))
    words = np.fromfile(registers, np.uint32)
    for name in ("SIZE", "SCALE", "BORDER", "COEFFICIENT"):
        register = wanted[name]
        first = register.offset // 4
        found = words[first:first + register.count].tolist()
        assert found == [reset & 0xFFFFFFFF for reset in register.resets], name
    assert words[wanted["COMMIT"].offset // 4] == 1


def test_the_c_program_for_the_arm(registers: Path) -> None:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("there is no C compiler")
    subprocess.run([compiler, "-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic",
                    "blur_setup.c", "-o", "blur_setup"], check=True)
    said = subprocess.run(["./blur_setup", "port"], capture_output=True, text=True, check=True)
    assert said.stdout == "taken\n"
    check_setup(registers)
    assert subprocess.run(["./blur_setup", "none"], capture_output=True, check=False
                          ).returncode == 2


def test_the_python_program_for_the_arm(registers: Path) -> None:
    command = [sys.executable, "blur_setup.py", "port"]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    assert said.stdout == "taken\n"
    check_setup(registers)
    text = Path("blur_setup.py").read_text()
    Path("blur_setup.py").write_text(text.replace('"SIZE", 1280', '"SIZE", 1921'))
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "SIZE.width: 1921 is not 5 to 1920" in refused.stderr


def test_the_device_tree_compiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiler = shutil.which("dtc")
    if compiler is None:
        pytest.skip("dtc is missing")
    generate("arm.md", tmp_path, monkeypatch)
    done = subprocess.run([compiler, "-@", "-I", "dts", "-O", "dtb", "-o", "blur.dtbo",
                           "blur.dtso"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_vhdl_component_has_the_core_s_ports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generate("vivado.md", tmp_path, monkeypatch, "smooth")
    component = re.search(r"component smooth(.*?)end component", Path("video_top.vhd").read_text(),
                          re.DOTALL)
    assert component is not None
    vhdl = {(name, f"{way}put", int(high or 0) + 1) for name, way, high in re.findall(
        r"(\w+) : (in|out) std_logic(?:_vector\((\d+) downto 0\))?", component[1])}
    top = Path("smooth.v").read_text().partition("module smooth(")[2].partition("endmodule")[0]
    verilog = {(name, way, int(high or 0) + 1) for way, high, name in re.findall(
        r"^\s*(input|output) (?:\[(\d+):0\] )?(\w+);", top, re.MULTILINE)}
    assert vhdl == verilog
    assert len(vhdl) == 12


def test_the_vhdl_example_compiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ghdl = shutil.which("ghdl")
    if ghdl is None:
        pytest.skip("ghdl is missing")
    generate("vivado.md", tmp_path, monkeypatch)
    done = subprocess.run([ghdl, "-a", "--std=08", "video_top.vhd"], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr


def test_the_clocks_of_the_vivado_guide() -> None:
    text = (ROOT / "docs" / "vivado.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+)x(\d+) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$", text,
                      re.MULTILINE)
    assert len(rows) == 4
    for row in rows:
        width, height = map(int, row[:2])
        clock, half, quarter, pixels = map(float, row[2:])
        timing = TIMINGS.get(f"{width}x{height}p60")
        assert timing is None or timing.pixel_clock == clock * 1e6
        assert half == pytest.approx(clock / 2, abs=6e-4)
        assert quarter == pytest.approx(clock / 4, abs=6e-4)
        assert pixels == round(width * height * 60 / 1e6, 1)
