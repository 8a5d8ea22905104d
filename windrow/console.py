"""What commands print: tables of at most the terminal's width or a JSON object, and progress.

The pages of `windrow report` are in :mod:`windrow.reports`.
"""

import argparse
import json
import shutil
import sys
import textwrap
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Protocol


__all__ = ["Progress", "Table", "bullets", "print_table", "progress", "show"]

PATIENCE = 5.0
"""Seconds between lines of progress where there is no terminal. What is done sooner has none."""


class Progress(Protocol):
    """Told what is being done and how much of it, in any one unit; 0 in all means unknown."""

    def __call__(self, text: str, done: int, total: int) -> None: ...


class Table(NamedTuple):
    """Rows under column headings; without headings it is a list of names and values."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


def show(
    args: argparse.Namespace, found: Mapping[str, Any], parts: Sequence[Table | str],
    verdict: str = "",
) -> None:
    """Print a command's result.

    Parameters
    ----------
    args : :class:`argparse.Namespace`
        With ``json`` and ``quiet``.
    found : mapping
        The result as data: what ``--json`` prints. ``docs/json.md`` describes it.
    parts : sequence of :class:`Table` or :class:`str`
        The result as text, a blank line between any two.
    verdict : :class:`str`
        Whether all is well: the last lines, which ``--quiet`` keeps.
    """
    if args.json:
        print(json.dumps(found, indent=2, default=_plain))
        return
    shown = [] if args.quiet else [
        part if isinstance(part, str) else "\n".join(_lines(part)) for part in parts]
    text = "\n\n".join(filter(None, shown))
    for each in filter(None, (text, verdict)):
        print(each)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print one table, where there is no command line to heed."""
    print("\n".join(_lines(Table(columns, rows))))


def bullets(lines: Sequence[str]) -> str:
    """A list, each item folded at the width that a table may have."""
    width = shutil.get_terminal_size().columns
    return "\n".join(textwrap.fill(line, width, initial_indent="- ", subsequent_indent="  ",
                                   break_long_words=False, break_on_hyphens=False)
                     for line in lines)


def _plain(value: Any) -> str:
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"no JSON for {value!r}")


def _lines(table: Table) -> Iterator[str]:
    """The lines of a table, cells folded between words so that it fits the width if it can.

    A pipe has the width of ``$COLUMNS``, or 80.
    """
    rows = [table.columns, *table.rows] if any(table.columns) else table.rows
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    words = [max((len(word) for cell in column for word in cell.split()), default=0)
             for column in zip(*rows, strict=True)]
    width = shutil.get_terminal_size().columns
    while sum(widths) + 2 * len(widths) - 2 > width:
        loose = [index for index, each in enumerate(widths) if each > words[index]]
        if not loose:
            break
        widths[max(loose, key=lambda index: widths[index])] -= 1
    for row in rows:
        cells = [textwrap.wrap(cell, size, break_long_words=False, break_on_hyphens=False) or [""]
                 if len(cell) > size else [cell]
                 for cell, size in zip(row, widths, strict=True)]
        for number in range(max(map(len, cells))):
            yield "  ".join(
                (cell[number] if number < len(cell) else "").ljust(size)
                for cell, size in zip(cells, widths, strict=True)).rstrip()


@contextmanager
def progress(*, quiet: bool = False) -> Iterator[Progress]:
    """Show progress on standard error while the block runs: a bar, or lines if it takes longer."""
    if quiet or sys.stderr is None:
        yield lambda text, done, total: None
    elif sys.stderr.isatty():
        import rich.progress
        from rich.console import Console

        with rich.progress.Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("", total=None)
            yield lambda text, done, total: bar.update(
                task, description=text, completed=done, total=total or None
            )
    else:
        with _lines_of_progress() as report:
            yield report


@contextmanager
def _lines_of_progress() -> Iterator[Progress]:
    """Say what is being done every :data:`PATIENCE` seconds, each thing once."""
    now = ""
    ended = threading.Event()

    def report(text: str, done: int, total: int) -> None:
        nonlocal now
        now = text

    def tell() -> None:
        told = ""
        while not ended.wait(PATIENCE):
            if now != told:
                told = now
                print(f"windrow: {told} ...", file=sys.stderr, flush=True)

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield report
    finally:
        ended.set()
        teller.join()
