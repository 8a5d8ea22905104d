"""Kernels as integer matrices, and the ways to write one down."""

import csv
import json
import operator
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .errors import InputError


__all__ = ["LARGEST_KERNEL", "Matrix", "integer_matrix", "parse_kernel"]

#: A kernel: rows of integers, all of one length.
Matrix = tuple[tuple[int, ...], ...]

#: The greatest height and the greatest width.
LARGEST_KERNEL = 31

KERNEL_FILES = (".json", ".csv", ".npy")


def integer_matrix(value: object, *, source: str = "kernel") -> Matrix:
    """Return ``value`` as a kernel.

    Parameters
    ----------
    value : (Kh, Kw) array-like of integers
        A numpy array or a sequence of rows. Entries are Python or numpy integers of any size.
    source : :class:`str`
        What errors call the kernel.

    Raises
    ------
    :exc:`InputError`
        If ``value`` is no matrix, is ragged, empty or larger than 31x31, or has an entry that is no
        integer (a boolean is none).
    """
    if isinstance(value, np.ndarray):
        if value.ndim != 2:
            raise InputError(f"{source} must be a matrix, not an array of shape {value.shape}")
        value = value.tolist()
    rows = _items(value)
    if not rows:
        raise InputError(f"{source} must be a matrix of integers, not {shorten(value)}")
    for row in rows:
        if _items(row) is None:
            raise InputError(f"{source} must be a matrix of integers, but a row is {shorten(row)}")
    height, width = len(rows), len(rows[0])
    for y, row in enumerate(rows):
        if len(row) != width:
            raise InputError(
                f"{source} is ragged: row {y} has {len(row)} entries and row 0 has {width}; "
                "all rows must have the same length"
            )
    if not (1 <= height <= LARGEST_KERNEL and 1 <= width <= LARGEST_KERNEL):
        raise InputError(
            f"{source} is {height}x{width} (rows x columns); "
            f"it must be from 1x1 to {LARGEST_KERNEL}x{LARGEST_KERNEL}"
        )
    return tuple(
        tuple(_integer(entry, y, x, source) for x, entry in enumerate(row))
        for y, row in enumerate(rows)
    )


def parse_kernel(text: str) -> tuple[Matrix, dict[str, Any]]:
    """Read a kernel as the command line takes it.

    Parameters
    ----------
    text : :class:`str`
        Rows (``"1 2 1; 2 4 2; 1 2 1"``, commas allowed between entries), the path of a ``.json``
        (a list of rows), ``.csv`` or ``.npy`` file, or a name of the catalogue
        (``"gaussian:ksize=9,sigma=2"``).

    Returns
    -------
    kernel : :class:`tuple` of rows
        The integer matrix.
    keys : :class:`dict`
        The filter keys that come with it unless the user gives them: ``shift`` for a name of the
        catalogue, else none.

    Raises
    ------
    :exc:`InputError`
        If the text is none of these, a file cannot be read, or an entry is no whole number.
        Real values are never rounded silently: :func:`windrow.model.quantise.quantise` makes
        integers of them.
    """
    text = text.strip()
    path = Path(text)
    # A name's parameters may have a dot too ("gaussian:sigma=1.5"), so the suffix must be known.
    if path.suffix.lower() in KERNEL_FILES:
        return _read_file(path), {}
    if text and text[0] in "+-.0123456789":
        rows = [row.replace(",", " ").split() for row in text.rstrip("; ").split(";")]
        return _from_words(rows, "kernel"), {}
    from . import catalogue  # the catalogue makes its kernels with this file

    named = catalogue.kernel(text)
    return named.kernel, {"shift": named.shift}


def _read_file(path: Path) -> Matrix:
    source = f"kernel file {str(path)!r}"
    try:
        match path.suffix.lower():
            case ".npy":
                array = np.load(path, allow_pickle=False)
                if not isinstance(array, np.ndarray) or array.dtype.kind not in "iuf":
                    raise InputError(f"{source} must hold an array of integers")
                if array.ndim != 2:
                    raise InputError(f"{source} must hold a matrix, not shape {array.shape}")
                return integer_matrix(_whole(array.tolist()), source=source)
            case ".json":
                value = json.loads(path.read_text(encoding="utf-8-sig"))
                return integer_matrix(_whole(value), source=source)
            case _:
                with path.open(encoding="utf-8-sig", newline="") as file:
                    rows = [row for row in csv.reader(file) if any(cell.strip() for cell in row)]
                return _from_words(rows, source)
    except OSError as error:
        raise InputError(f"{source} cannot be read: {error.strerror or error}") from error
    except InputError:
        raise
    except (ValueError, EOFError, csv.Error, RecursionError, MemoryError) as error:
        raise InputError(f"{source} is no valid {path.suffix.lower()} file: {error}") from error


def _from_words(rows: Sequence[Sequence[str]], source: str) -> Matrix:
    return integer_matrix([[_number(word, source) for word in row] for row in rows], source=source)


def _number(word: str, source: str) -> object:
    try:
        return int(word)
    except ValueError:
        pass
    try:
        return _whole(float(word))
    except ValueError:
        raise InputError(
            f"{source} has the entry {word.strip()!r}; it must be an integer"
        ) from None


def _whole(value: Any) -> Any:
    """Turn reals with a whole value into integers, as a file writes 1 as 1.0."""
    if isinstance(value, list):
        return [_whole(entry) for entry in value]
    # Above 2**53 a float no longer tells neighbouring integers apart.
    if isinstance(value, float) and value.is_integer() and abs(value) <= 2**53:
        return int(value)
    return value


def _integer(entry: object, y: int, x: int, source: str) -> int:
    where = f"{source} has the entry {shorten(entry)} at row {y}, column {x}; it must be an integer"
    if isinstance(entry, (float, np.floating)):
        raise InputError(
            f"{where} (windrow.model.quantise makes integers and a shift of real values)"
        )
    if isinstance(entry, (bool, np.bool_)):
        raise InputError(where)
    try:
        return operator.index(entry)  # type: ignore[arg-type]
    except TypeError:
        raise InputError(where) from None


def _items(value: object) -> list[Any] | None:
    """Return the items of a sequence, or ``None`` where the value is no sequence of numbers."""
    if isinstance(value, np.ndarray):
        return list(value) if value.ndim else None
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return list(value)
    return None


def shorten(value: object) -> str:
    """Show a value within an error, in not much more than a few words."""
    try:
        text = repr(value)
    except ValueError:  # an integer of more digits than Python prints
        return "a very long integer"
    return text if len(text) <= 60 else f"{text[:57]}..."
