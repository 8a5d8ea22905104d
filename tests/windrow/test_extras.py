"""Without the extras: a command works, or names the line that installs what it lacks."""

import os
import re
import subprocess
import sys
import tomllib
import venv
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from windrow import distribution
from windrow.cli import main
from windrow.distribution import EXTRAS, install
from windrow.model.lowering import adder_graph
from windrow.sim import tools


ROOT = Path(__file__).resolve().parents[2]
FILTER = ["--kernel", "1 2 1; 2 4 2; 1 2 1", "--shift", "4", "--size", "16x8"]

#: Commands, and the extra whose lack ends them; empty where they must work without all extras.
COMMANDS = (
    (["--help"], ""), (["--version"], ""), (["help", "simulate"], ""), (["init", "f.toml"], ""),
    (["kernels"], ""), (["presets"], ""), (["targets"], ""), (["boards"], ""),
    (["boards", "icebreaker"], "boards"), (["generate", *FILTER, "-o", "out"], ""),
    (["generate", *FILTER, "--control", "axi4-lite", "-o", "out"], ""), (["plan", *FILTER], ""),
    (["simulate", *FILTER, "picture.png"], ""),
    (["simulate", *FILTER, "picture.png", "--netlist", "ecp5"], "sim|synth"),
    (["simulate", *FILTER, "picture.png", "--engine", "cocotb"], "sim"),
    (["synth", *FILTER, "--target", "ecp5-25k"], "synth"),
    (["synth", *FILTER, "--target", "gw1n-9"], "synth"),
    (["build", "icebreaker"], "boards"), (["build", "ecp5-evn"], "boards"),
    (["preview", "ulx3s-85f"], "boards"), (["serial", "/dev/none", "ecp5-evn", *FILTER], "boards"),
    (["program", "icebreaker", "some.bin"], "boards"),
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the commands run: with a picture and a bitstream."""
    monkeypatch.chdir(tmp_path)
    Image.fromarray(np.zeros((8, 16), np.uint8)).save("picture.png")
    Path("some.bin").touch()
    return tmp_path


@pytest.fixture
def _bare(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[None]:
    """None of the optional packages, and none of their programs."""
    for name in list(sys.modules):
        if name.partition(".")[0] in EXTRAS:
            monkeypatch.delitem(sys.modules, name)
    for name in EXTRAS:
        monkeypatch.setitem(sys.modules, name, None)  # its import fails
    monkeypatch.setattr(tools, "_package", lambda name: None)
    # Amaranth's own yosys still runs by this Python.
    monkeypatch.setattr(tools, "sys", SimpleNamespace(executable=str(folder / "python")))
    monkeypatch.setenv("PATH", str(folder))
    for name in ("CXX", "OPENFPGALOADER", "YOSYS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(distribution, "CLONE", None)
    caches = (tools.verilator, install, adder_graph._da4ml)
    for each in caches:
        each.cache_clear()
    yield
    for each in caches:
        each.cache_clear()


@pytest.mark.usefixtures("_bare")
@pytest.mark.parametrize("argv, extra", [
    pair for pair in COMMANDS if pair[0][0] not in ("--help", "--version", "help")],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, list) else value)
def test_a_command_without_extras(
    argv: list[str], extra: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(argv)
    captured = capsys.readouterr()
    if not extra:
        assert (status, captured.err) == (0, "")
    else:
        assert (status, captured.out) == (2, "")
        assert re.fullmatch(rf"windrow: error: .* is not installed: .* install "
                            rf"'windrow-hdl\[({extra})\]'.*\n", captured.err)


@pytest.mark.usefixtures("_bare")
def test_doctor_names_them_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 1
    captured = capsys.readouterr()
    assert captured.err == ""
    missing = captured.out[captured.out.index("installed by"):]
    for name in ("verilator", "cocotb", "yosys", "nextpnr-ecp5", "amaranth-boards", "pyserial"):
        assert re.search(rf"^{name} +\S.*install", missing, re.MULTILINE), name


def test_the_line_fits_the_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    install.cache_clear()
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    pip = python.with_name("pip")
    pip.touch(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(distribution, "CLONE", None)
    assert install("sim") == f"{python} -m pip install 'windrow-hdl[sim]'"
    install.cache_clear()
    monkeypatch.setenv("PATH", str(python.parent))
    assert install() == "pip install 'windrow-hdl'"
    install.cache_clear()
    monkeypatch.setattr(distribution, "CLONE", tmp_path)
    assert install("sim") == f"pip install -e '{tmp_path}[sim]'"
    install.cache_clear()
    monkeypatch.chdir(tmp_path)
    assert install("sim") == "pip install -e '.[sim]'"
    install.cache_clear()


def test_a_module_of_our_own_is_no_package_to_install() -> None:
    assert distribution.missing(ModuleNotFoundError("?", name="windrow.nothing")) == ""
    assert "'windrow" in distribution.missing(ModuleNotFoundError("?", name="numpy")) or (
        "install -e" in distribution.missing(ModuleNotFoundError("?", name="numpy")))


def test_every_folder_of_the_package_is_in_the_wheel() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    folders = {folder: name for name, folder in settings["package-dir"].items()}
    for path in (ROOT / folder for folder in folders):
        for each in (path, *(each for each in path.rglob("*") if each.is_dir())):
            if each.name != "__pycache__" and any(file.is_file() for file in each.iterdir()):
                name = ".".join((folders[path.name], *each.relative_to(path).parts))
                assert name in settings["packages"]


@pytest.mark.slow
def test_a_real_environment_without_extras(folder: Path) -> None:
    """windrow alone, from a wheel, in a fresh environment. Needs a package index."""
    venv.create(folder / "bare", with_pip=True)
    here = folder / "bare" / "bin"
    made = subprocess.run([here / "python", "-m", "pip", "install", "--verbose", str(ROOT)],
                          capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip(f"pip cannot install: {made.stderr.splitlines()[-1:]}")
    assert "absent from" not in made.stdout + made.stderr
    environment = {**os.environ, "PATH": f"{here}:/usr/bin:/bin"}
    for argv, extra in COMMANDS:
        run = subprocess.run([here / "windrow", *argv], capture_output=True, text=True,
                             env=environment, check=False, timeout=300)
        if not extra:
            assert run.returncode == 0, (argv, run.stderr)
        else:
            assert run.returncode == 2, (argv, run.stdout, run.stderr)
            assert re.search(rf"pip install 'windrow-hdl\[({extra})\]'", run.stderr), (
                argv, run.stderr)
            assert run.stderr.count("\n") == 1
