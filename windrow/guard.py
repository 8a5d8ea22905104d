"""Around every command: how its failures, signals and streams end. One line, and an exit status."""

import contextlib
import io
import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any, TextIO

from windrow.usage import UsageError


__all__ = ["Ended", "bad_input", "fail", "guarded"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Ended(KeyboardInterrupt):
    """A signal asks for the end.

    Parameters
    ----------
    number : :class:`int`
        The signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def guarded(work: Callable[[], int]) -> int:
    """Do a command's work, and return the exit status.

    Parameters
    ----------
    work : callable
        Returns its exit status.
    """
    with _streams(), _signals():
        try:
            status = work()
            sys.stdout.flush()
            return status
        except UsageError as error:
            return fail(str(error))
        except Ended as end:
            name = signal.Signals(end.number).name
            return fail("interrupted" if end.number == signal.SIGINT else f"ended by {name}",
                        status=128 + end.number)
        except KeyboardInterrupt:
            return fail("interrupted", status=130)
        except BrokenPipeError:
            # The reader of our output has left, as `head` does.
            _drop(sys.stdout)
            return 141
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            return fail(f"{where}{error.strerror or error}")
        except MemoryError:
            return fail("out of memory")
        except RecursionError:
            return fail("the input is nested too deeply")
        except Exception as error:
            if message := bad_input(error):
                return fail(message)
            if os.environ.get("WINDROW_TRACEBACK"):
                raise
            return fail(
                f"internal error, {type(error).__name__}: {error}; please report it with what "
                "WINDROW_TRACEBACK=1 prints", status=1,
            )


def bad_input(error: Exception) -> str:
    """What the user can put right; empty where it is our mistake."""
    if isinstance(error, ModuleNotFoundError):
        from windrow.distribution import missing

        return missing(error)
    from windrow.model import InputError  # late: numpy comes with it

    return str(error) if isinstance(error, InputError) else ""


def fail(message: str, status: int = 2) -> int:
    """Say what went wrong in one line, and return the exit status."""
    if amaranth := sys.modules.get("amaranth.hdl"):
        # It would warn of every component that the work had no time to use.
        warnings.filterwarnings("ignore", category=amaranth.UnusedElaboratable)
    try:
        from windrow.model.errors import one_line  # late: numpy comes with it

        print("windrow: error:", one_line(message), file=sys.stderr, flush=True)
    except OSError:  # nobody is there to be told; the status tells
        _drop(sys.stderr)
    try:
        sys.stdout.flush()
    except OSError:
        _drop(sys.stdout)
    return status


@contextlib.contextmanager
def _streams() -> Iterator[None]:
    """Have all three streams, and any text fit them: what an encoding lacks is escaped."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:  # closed; it must not become the number of the next file that is opened
            os.open(os.devnull, os.O_RDWR)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif isinstance(stream, io.TextIOWrapper) and stream.errors != "backslashreplace":
            stream.reconfigure(errors="backslashreplace")
    yield


def _drop(stream: TextIO) -> None:
    """Send to nowhere what a stream still holds: nothing may be flushed to it at exit."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _end_others() -> None:
    """End what libraries have started, as Amaranth its yosys. Only Linux tells what that is."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # "number (name) state parent ...", and the name may hold anything.
            parent = path.read_text(errors="replace").rpartition(")")[2].split()[1]
            children.setdefault(int(parent), []).append(int(path.parent.name))
    found = [os.getpid()]
    for process in found:
        found += children.get(process, [])
    for process in found[1:]:
        with contextlib.suppress(OSError):
            os.kill(process, signal.SIGKILL)


@contextlib.contextmanager
def _signals() -> Iterator[None]:
    """Turn the signals that end a program into :exc:`Ended`, and end what it has started."""
    before: dict[signal.Signals, Any] = {}

    def end(number: int, frame: FrameType | None) -> None:
        for each in before:  # what follows is to be tidied up in peace
            signal.signal(each, signal.SIG_IGN)
        if children := sys.modules.get("windrow.sim.children"):
            children.end_all()
        _end_others()
        raise Ended(number)

    # Another thread than the first may set none; what nohup has ignored stays ignored.
    with contextlib.suppress(ValueError):
        for number in _SIGNALS:
            if signal.getsignal(number) not in (signal.SIG_IGN, None):
                before[number] = signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if children := sys.modules.get("windrow.sim.children"):
            children.reopen()
