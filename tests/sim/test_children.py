"""Programs that windrow starts: they end, with what they started, whatever happens."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from windrow.model import InputError
from windrow.sim import children
from windrow.sim.children import Child, ChildError, Pool, describe_status


# Prints the numbers of a program and of one that it started, and waits.
FAMILY = ["sh", "-c", "sleep 600 & echo $! $$; wait"]


def ends(process: int) -> bool:
    """Whether a process ends, or is no more than its status for a parent that does not ask."""
    for _ in range(200):
        try:
            os.kill(process, 0)
            state = Path(f"/proc/{process}/stat")
            if state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.05)
    return False


def test_what_fails_ends_a_program_and_what_that_started() -> None:
    with contextlib.suppress(RuntimeError), Child(FAMILY, stdout=subprocess.PIPE) as child:
        processes = [int(word) for word in next(child.lines()).split()]
        raise RuntimeError
    assert len(processes) == 2
    assert all(map(ends, processes))


def test_a_killed_parent_takes_its_programs_with_it() -> None:
    code = ("from windrow.sim.children import Child\n"
            f"with Child({FAMILY!r}) as child:\n"
            "    print('started', flush=True)\n"
            "    child.process.wait()\n")
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        words = (run.stdout.readline() + run.stdout.readline()).split()
        run.kill()
    processes = [int(word) for word in words if word != "started"]
    assert len(processes) == 2
    assert all(map(ends, processes))


def test_an_interrupt_does_not_wait_for_other_threads() -> None:
    started = threading.Event()

    def work() -> None:
        with Child(["sleep", "600"]) as child:
            started.set()
            child.process.wait()

    with contextlib.suppress(KeyboardInterrupt), Pool(2) as pool:
        pool.submit(work)
        started.wait(20)
        raise KeyboardInterrupt
    assert children.run(["echo", "again"]).stdout == "again\n"


def test_none_is_started_behind_the_end() -> None:
    children.end_all()
    try:
        with pytest.raises(KeyboardInterrupt):
            children.run(["sleep", "600"])
    finally:
        children.reopen()


def test_silence_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WINDROW_PATIENCE", "0.4")
    code = "import time\nfor n in range(8): print(n, flush=True); time.sleep(0.1)\ntime.sleep(600)"
    seen = []
    with (pytest.raises(ChildError, match=r"^it has said nothing for 0\.4 s and was ended; "),
          Child([sys.executable, "-c", code], name="it", reports_in=tmp_path,
                stdout=subprocess.PIPE) as child):
        seen.extend(child.lines())
    assert seen == [*"01234567"]


def test_silence_on_a_full_disk_is_ended_sooner(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(children, "_FULL_AFTER", 0.2)
    monkeypatch.setattr(children, "lacks_space", lambda folder: "No space left on device")
    with (pytest.raises(ChildError, match=r"^it stopped answering: .*No space left on device$"),
          Child(["sleep", "600"], name="it", reports_in=tmp_path, stdout=subprocess.PIPE) as child):
        assert list(child.lines()) == []


@pytest.mark.parametrize("text", ["0", "-1", "x", "nan", "inf"])
def test_patience_is_a_number_of_seconds(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WINDROW_PATIENCE", text)
    with pytest.raises(InputError, match=r"^WINDROW_PATIENCE must be a number of seconds, as 300"):
        children.run(["true"])


def test_a_status_in_words() -> None:
    assert describe_status(3) == "status 3"
    assert describe_status(-signal.SIGSEGV).startswith("signal 11 (")
