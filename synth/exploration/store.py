"""What came out of each job, in one SQLite file: a run that is started again goes on from there.

Only the client writes. Others may read meanwhile, as with ``sqlite3`` or DuckDB.
"""

import fcntl
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ...model.errors import InputError
from .job import CRASHED, TIMEOUT, Job, Row


__all__ = ["DATABASE", "Store"]

DATABASE = "exploration.sqlite"

TABLE = """
CREATE TABLE IF NOT EXISTS jobs (
  key TEXT PRIMARY KEY,  -- a hash of the Verilog text, target, seed, arguments and tool versions
  title TEXT NOT NULL,
  target TEXT NOT NULL,
  seed INTEGER,          -- NULL for a synthesis
  versions TEXT NOT NULL,
  status TEXT NOT NULL,  -- done, failed, timeout, crashed
  error TEXT NOT NULL,
  result TEXT NOT NULL,
  log TEXT NOT NULL,
  netlist BLOB NOT NULL, -- of a synthesis, compressed by zlib
  seconds REAL NOT NULL,
  worker TEXT NOT NULL
)"""


class Store:
    """The rows of a folder.

    Parameters
    ----------
    database : :class:`sqlite3.Connection`
        The open file. :meth:`open` opens it.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self.built = 0
        """Rows that were added since it was opened."""

    @classmethod
    @contextmanager
    def open(cls, folder: Path) -> "Iterator[Store]":
        """Open a folder's rows until the block ends.

        Raises
        ------
        :exc:`~windrow.model.InputError`
            If another run uses the folder, or the file is none of these.
        """
        with (folder / f"{DATABASE}.lock").open("w") as lock:
            _hold(lock, folder)
            try:
                database = sqlite3.connect(folder / DATABASE)
                try:
                    database.execute("PRAGMA journal_mode = WAL")
                    database.execute(TABLE)
                    yield cls(database)
                finally:
                    database.close()
            except sqlite3.DatabaseError as error:
                raise InputError(f"{str(folder / DATABASE)!r}: {error}") from error

    def get(self, key: str) -> Row | None:
        """What came out of a job, if it was done."""
        found = self._database.execute(
            "SELECT key, status, result, error, log, netlist, seconds, worker FROM jobs "
            "WHERE key = ?", (key,)).fetchone()
        return found and Row(found[0], found[1], json.loads(found[2]), *found[3:])

    def add(self, job: Job, row: Row, title: str) -> None:
        """Write down what came out of a job."""
        with self._database:
            self._database.execute(
                "INSERT OR REPLACE INTO jobs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (row.key, title, job.target.name, job.seed, json.dumps(job.versions), row.status,
                 row.error, json.dumps(row.result), row.log, row.netlist, row.seconds, row.worker))
        self.built += 1

    def forget_unlucky(self) -> int:
        """Drop the jobs that were too slow, or lost their workers, and return how many."""
        with self._database:
            return self._database.execute(
                "DELETE FROM jobs WHERE status IN (?, ?)", (TIMEOUT, CRASHED)).rowcount


def _hold(lock: IO[str], folder: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise InputError(f"out {str(folder)!r} is in use by another exploration: let that end, or "
                         "give another folder") from None
