"""Functions in processes of their own, side by side: they may hang, crash or spoil modules."""

import json
import os
import resource
import selectors
import signal
import sys
import time
import warnings
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, TypeVar


__all__ = ["Ended", "run", "seconds"]

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Ended:
    """How a process ended.

    Attributes
    ----------
    how : :class:`str`
        Empty if the function returned, ``"time"`` or ``"crash"`` if not.
    value :
        What it returned: whatever JSON can hold.
    seconds : :class:`float`
        Processor time, with that of its children.
    """

    how: str
    value: Any
    seconds: float


def seconds() -> float:
    """Processor time of this process and of those of its children that have ended."""
    return sum(os.times()[:4])


def run(
    tasks: Iterable[tuple[Key, Callable[[], Any]]], jobs: int, patience: float
) -> Iterator[tuple[Key, Ended]]:
    """Fork a process for each task, and give the results in the order in which they end.

    A task may limit its own processor time: ``signal.setitimer(signal.ITIMER_PROF, ...)`` ends it.
    One that sleeps is ended after ``patience`` seconds.
    """
    waiting = iter(tasks)
    running: dict[int, tuple[int, Key, float]] = {}
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with selectors.DefaultSelector() as selector, ExitStack() as stack:
        stack.callback(lambda: [os.killpg(each[0], signal.SIGKILL) for each in running.values()])
        while True:
            while len(running) < jobs and (following := next(waiting, None)):
                key, function = following
                process, reading = _fork(function)
                running[reading] = (process, key, time.perf_counter())
                selector.register(reading, selectors.EVENT_READ)
            if not running:
                return
            ready = {each.fd for each, _ in selector.select(1)}
            for reading, (process, key, begun) in list(running.items()):
                late = time.perf_counter() - begun > patience
                if reading not in ready and not late:
                    continue
                if reading not in ready:
                    os.killpg(process, signal.SIGKILL)
                selector.unregister(reading)
                ended = _wait(process, reading)
                del running[reading]
                yield key, ended


def _fork(function: Callable[[], Any]) -> tuple[int, int]:
    """Start a process; return it and the pipe that it writes its result to."""
    reading, writing = os.pipe()
    process = os.fork()
    if process:
        os.close(writing)
        return process, reading
    status = 1
    try:
        os.setpgid(0, 0)
        resource.setrlimit(resource.RLIMIT_DATA, (4 << 30, 4 << 30))
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        warnings.simplefilter("ignore")
        text = json.dumps(function()).encode()
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(text)
        status = 0
    finally:
        os._exit(status)


def _wait(process: int, reading: int) -> Ended:
    with os.fdopen(reading) as pipe:
        text = pipe.read()
    _, status, usage = os.wait4(process, 0)
    how = "" if status == 0 else "time" if os.WIFSIGNALED(status) else "crash"
    return Ended(how, json.loads(text) if not how else None,
                 round(usage.ru_utime + usage.ru_stime, 2))
