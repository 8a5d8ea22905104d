"""How commands and calls may end: done, or refused in one short line with nothing left behind."""

import contextlib
import io
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

from windrow.cli import main
from windrow.model import InputError


__all__ = ["Hangs", "call_fault", "command_fault", "patience", "unfit"]

PATIENCE = 20
"""Seconds of processor time."""
LONGEST = 1000
"""Characters of a message."""


class Hangs(BaseException):
    """It takes too long."""


@contextlib.contextmanager
def patience() -> Iterator[None]:
    """An end to whatever takes long. The clock of pytest's own timeout is left alone."""
    def end(*_: object) -> None:
        raise Hangs

    before = signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def unfit(message: str) -> str:
    """What is wrong with a message."""
    if len(message) > LONGEST:
        return f"{len(message)} characters: {message[:200]!r}"
    return "" if message and message.isprintable() else f"not one printable line: {message[:500]!r}"


def call_fault(call: Callable[[], object]) -> str:
    """What is wrong with how a call of Python ends."""
    try:
        call()
    except InputError as error:
        return unfit(str(error))
    return ""


def command_fault(words: list[str], folder: Path) -> str:
    """What is wrong with how a command ends, run in this process."""
    before = sorted(folder.rglob("*"))
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = main(words)
        except SystemExit as end:  # --help
            status = end.code
    if status == 0:
        return "" if "\x1b" not in out.getvalue() else f"prints {out.getvalue()[:200]!r}"
    left = sorted(set(folder.rglob("*")) - set(before))
    message = err.getvalue().rstrip("\n")
    while message.startswith("windrow: ") and not message.startswith("windrow: error: "):
        message = message.partition("\n")[2]  # what -v says
    message = message.removeprefix("windrow: error: ")
    if status != 2:
        return f"status {status}: {message[:500]}"
    return unfit(message) or (f"leaves {left[0].name!r}" if left else "")
