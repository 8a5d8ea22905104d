"""Who does the jobs: processes of this machine, or a cluster of dask.distributed.

Both survive that a worker is killed: its job is done again, and one that ends its worker every time
ends as a row that says so.
"""

import multiprocessing
import os
import queue
import signal
import threading
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from multiprocessing.connection import Connection
from typing import Any, Protocol, Self

from ...model.errors import InputError
from .job import Job, Row, crashed, perform


__all__ = ["Cluster", "Processes", "Workers"]

ATTEMPTS = 3
"""How often a job is tried whose worker ends."""


class Workers(Protocol):
    """Whoever does jobs, until the block ends: then those that are not done are dropped."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *_: object) -> None: ...
    def submit(self, job: Job) -> "Future[Row]":
        """Have a job done.

        The future raises :exc:`~windrow.model.InputError` where a worker cannot do what it should.
        """
        ...


class Processes:
    """Processes of this machine.

    Parameters
    ----------
    count : :class:`int`
        How many. A job keeps one processor busy.
    limit : :class:`float`
        Seconds that a job may take.
    """

    def __init__(self, count: int, limit: float) -> None:
        self._limit = limit
        self._over = False
        self._idle: queue.SimpleQueue[_Process] = queue.SimpleQueue()
        self._all = [_Process() for _ in range(count)]
        for each in self._all:
            self._idle.put(each)
        self._threads = ThreadPoolExecutor(count)

    def submit(self, job: Job) -> "Future[Row]":
        return self._threads.submit(self._do, job)

    def _do(self, job: Job) -> Row:
        process = self._idle.get()
        try:
            for _ in range(ATTEMPTS):
                answer = process.ask(job, self._limit)
                if isinstance(answer, BaseException):
                    raise answer
                if answer is not None:
                    return answer
                if self._over:
                    raise CancelledError
            return crashed(job, ATTEMPTS)
        finally:
            self._idle.put(process)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._over = True
        for each in self._all:
            each.kill()
        self._threads.shutdown(cancel_futures=True)
        for each in self._all:
            each.kill()


class _Process:
    """A process that does one job after the other; started when there is one."""

    def __init__(self) -> None:
        self._process: Any = None
        self._connection: Connection | None = None

    def ask(self, job: Job, limit: float) -> Row | Exception | None:
        """Have a job done; ``None`` where the process ends instead."""
        try:
            if self._connection is None:
                # Not forked: this process has threads.
                context = multiprocessing.get_context("spawn")
                self._connection, other = context.Pipe()
                self._process = context.Process(target=_serve, args=(other,), daemon=False)
                self._process.start()
                other.close()
            self._connection.send((job, limit))
            answer: Row | Exception = self._connection.recv()
        except (EOFError, OSError):
            self.kill()
            self._connection = None
            return None
        return answer

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()


def _serve(connection: Connection) -> None:
    """Do what comes, in a process of its own, until whoever asks has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is for who asks
    threading.Thread(target=_end_with_parent, daemon=True).start()
    while True:
        try:
            job, limit = connection.recv()
        except EOFError:
            return
        try:
            connection.send(perform(job, limit))
        except InputError as error:
            connection.send(error)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class Cluster:
    """A scheduler of dask.distributed, and its workers, which have windrow and the tools too.

    Parameters
    ----------
    address : :class:`str`
        Of the scheduler, as ``tcp://host:8786``.
    limit : :class:`float`
        Seconds that a job may take.

    Raises
    ------
    :exc:`ModuleNotFoundError`
        Without the extra ``explore``.
    :exc:`~windrow.model.InputError`
        If nobody answers there.
    """

    def __init__(self, address: str, limit: float) -> None:
        import distributed  # late: it takes a second

        self._limit = limit
        self._distributed = distributed
        try:
            self._client = distributed.Client(address, timeout=20, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            raise InputError(
                f"scheduler {address!r}: nobody answers there ({str(error).partition(chr(10))[0]})"
                "; start one with `dask scheduler`") from None
        self._address = address
        self._pending: set[Any] = set()

    def submit(self, job: Job) -> "Future[Row]":
        remote = self._client.submit(perform, job, self._limit, key=f"windrow-{job.key}")
        # Where this client is killed the workers go on, and keep what they find.
        self._distributed.fire_and_forget(remote)
        self._pending.add(remote)
        found: Future[Row] = Future()
        found.set_running_or_notify_cancel()
        remote.add_done_callback(lambda _: self._pass_on(job, remote, found))
        return found

    def _pass_on(self, job: Job, remote: Any, found: "Future[Row]") -> None:
        self._pending.discard(remote)
        try:
            if remote.status in ("cancelled", "lost"):
                raise InputError(f"scheduler {self._address!r} is gone: the same command goes on "
                                 "from here")
            found.set_result(remote.result())
        except self._distributed.KilledWorker as error:
            found.set_result(crashed(job, error.allowed_failures + 1))
        except BaseException as error:
            found.set_exception(error)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._client.status == "running":
            self._client.cancel(list(self._pending), force=True)
        self._client.close()
