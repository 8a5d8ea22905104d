"""Every program that windrow starts, and its end.

A program is started in a session of its own, so that it is ended with all that it has started in
turn: a compiler's passes, what make runs. None outlives windrow: :func:`end_all` is for signals,
and a keeper, a small process that waits for the end of a pipe, ends those of a windrow that was
killed.
"""

import atexit
import contextlib
import logging
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ..model.errors import InputError
from .scratch import lacks_space


__all__ = ["Child", "ChildError", "Pool", "describe_status", "end_all", "reopen", "run"]

_PATIENCE = "WINDROW_PATIENCE"
"""Environment variable: seconds for which a program that reports its progress may be silent."""

_DEFAULT_PATIENCE = 300.0

_FULL_AFTER = 3.0
"""Seconds of silence after which a full disk is taken for the reason: Verilator's run-time library
(5.48) locks itself up for ever as it reports that it cannot write."""

_KEEPER = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
running = set()
for line in sys.stdin:
    (running.add if line[0] == "+" else running.discard)(int(line[1:]))
for number in running:
    try:
        os.killpg(number, signal.SIGKILL)
    except OSError:
        pass
"""


_log = logging.getLogger("windrow")


class ChildError(InputError):
    """A program ended, or had to be ended, by something that the design has no part in."""


class _State:
    """What runs. One for the process: signals are the process's too."""

    running: set["Child"]
    keeper: subprocess.Popen[str] | None = None
    closed = False

    def __init__(self) -> None:
        self.running = set()
        self.lock = threading.Lock()

    def tell_keeper(self, text: str = "") -> None:
        """Say that a program runs, ``+NUMBER``, or no more, ``-NUMBER``; start it where needed."""
        with self.lock:
            if self.keeper is None or self.keeper.poll() is not None:
                # -S -E: it needs nothing but the standard library, and starts in 10 ms.
                self.keeper = subprocess.Popen(
                    [sys.executable, "-S", "-E", "-c", _KEEPER], stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True,
                    start_new_session=True, cwd="/")
                atexit.register(self.keeper.communicate)
            assert self.keeper.stdin is not None
            with contextlib.suppress(OSError):
                self.keeper.stdin.write(text and text + "\n")
                self.keeper.stdin.flush()


_state = _State()


class Child:
    """A program that runs until the block ends: then it and all that it started are ended.

    Parameters
    ----------
    command : sequence of :class:`str`
        The program and its arguments.
    name : :class:`str`, optional
        What messages call it; the program's own name by default.
    reports_in : path, optional
        For one that prints its progress: the folder that it writes large files to. It is ended
        where it prints nothing for ``$WINDROW_PATIENCE`` seconds (300), or for a few while nothing
        can be written there any more.
    **options
        As for :class:`subprocess.Popen`.

    Raises
    ------
    :exc:`OSError`
        If the program cannot be started.
    :exc:`ChildError`
        As the block ends or fails, if the program had to be ended because of its silence.
    """

    def __init__(
        self, command: Sequence[str], *, name: str = "", reports_in: Path | None = None,
        **options: Any,
    ) -> None:
        self.name = name or Path(command[0]).name
        patience = _patience()
        _log.info("runs %s", shlex.join(command))
        _state.tell_keeper()  # it is there before the program is
        self.process: subprocess.Popen[str] = subprocess.Popen(
            command, text=True, errors="replace", start_new_session=True, **options)
        _state.running.add(self)
        _state.tell_keeper(f"+{self.process.pid}")
        if _state.closed:  # the end came while it was being started
            self.close()
            raise KeyboardInterrupt
        self._heard = time.monotonic()
        self._complaint = ""
        self._over = threading.Event()
        self._watch: threading.Thread | None = None
        if reports_in is not None:
            self._watch = threading.Thread(
                target=self._wait_for_silence, args=(reports_in, patience), daemon=True)
            self._watch.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._over.set()
        if self._watch is not None:
            self._watch.join()
        self.close()
        if self._complaint and (kind is None or issubclass(kind, Exception)):
            raise ChildError(self._complaint) from None

    def close(self) -> None:
        """End it if it runs, and close its pipes."""
        self.kill()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self.process.wait()
        _state.running.discard(self)
        _state.tell_keeper(f"-{self.process.pid}")

    def kill(self) -> None:
        """End it, and all that it started, at once."""
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def heard(self) -> None:
        """Note that it has said something."""
        self._heard = time.monotonic()

    def lines(self) -> Iterator[str]:
        """Yield each line of its standard output, without its end."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.heard()
            yield line.rstrip("\n")
            self.heard()  # what was done with the line is no silence

    def _wait_for_silence(self, folder: Path, patience: float) -> None:
        while not self._over.wait(min(1.0, patience / 4)):
            silence = time.monotonic() - self._heard
            if silence > _FULL_AFTER and (reason := lacks_space(folder)):
                self._complaint = f"{self.name} stopped answering: {str(folder)!r}: {reason}"
            elif silence > patience:
                self._complaint = (
                    f"{self.name} has said nothing for {patience:g} s and was ended; {_PATIENCE} "
                    "in the environment sets how long to wait")
            else:
                continue
            self.kill()
            return


class Pool(ThreadPoolExecutor):
    """Threads that start programs. Where the block is left by an interrupt, those are ended."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        interrupted = kind is not None and not issubclass(kind, Exception)
        if interrupted:
            end_all()
        try:
            return super().__exit__(kind, error, traceback)
        finally:
            if interrupted:
                reopen()


def _patience() -> float:
    text = os.environ.get(_PATIENCE, "")
    try:
        seconds = float(text or _DEFAULT_PATIENCE)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 1e6:
        raise InputError(f"{_PATIENCE} must be a number of seconds, as 300, not {text!r}")
    return seconds


def run(
    command: Sequence[str], *, folder: Path | None = None, env: Mapping[str, str] | None = None,
    timeout: float | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, and return its status and what it printed.

    Raises
    ------
    :exc:`OSError`
        If it cannot be started.
    :exc:`subprocess.TimeoutExpired`
        If it takes longer than ``timeout`` seconds; it is ended.
    """
    with Child(command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
               stderr=subprocess.PIPE) as child:
        output, errors = child.process.communicate(timeout=timeout)
        return subprocess.CompletedProcess(command, child.process.returncode, output, errors)


def end_all() -> None:
    """End every program that runs, and have none started until :func:`reopen`."""
    _state.closed = True
    for child in list(_state.running):
        child.kill()


def reopen() -> None:
    """Let programs be started again."""
    _state.closed = False


def describe_status(status: int) -> str:
    """Return in words how a program ended: ``signal 11 (Segmentation fault)``, ``status 2``."""
    if status >= 0:
        return f"status {status}"
    return f"signal {-status} ({signal.strsignal(-status) or 'unknown'})"
