"""Kernels as matrices of numbers, and of integers."""

import contextlib
import operator
import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from ..errors import InputError, shorten


__all__ = [
    "LARGEST_KERNEL", "Matrix", "Numbers", "integer_matrix", "is_whole", "number", "number_matrix",
]

#: A kernel: rows of integers, all of one length.
Matrix = tuple[tuple[int, ...], ...]

#: A kernel as people have it: rows of integers and of reals, all of one length.
Numbers = tuple[tuple[int | float, ...], ...]

#: The greatest height and the greatest width.
LARGEST_KERNEL = 31

# No zeros in front: 05 is what a comma leaves of the decimal number 0,05.
_REAL = r"[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?"
_NUMBER = re.compile(rf"({_REAL})(?:/({_REAL}))?", re.ASCII)
#: What text has for the minus sign: the mathematical one, and the dash that some printers set.
_MINUS = str.maketrans("\u2212\u2013", "--")


def number(text: str) -> int | float | None:
    """Read ``-2``, ``0.0625``, ``1e-3`` or ``1/9``; ``None`` where the text is no such number.

    A real with a whole value is an integer, as files write 1 as 1.0.
    """
    match = _NUMBER.fullmatch(text.strip().translate(_MINUS))
    if match is None or len(text) > 400:
        return None
    value, divisor = (Fraction(word) if word else Fraction(1) for word in match.groups())
    return _plain(value / divisor) if divisor else None


def _plain(value: Fraction) -> int | float | None:
    if value.denominator == 1:
        return value.numerator
    try:
        return float(value)
    except OverflowError:
        return None


def number_matrix(value: object, *, source: str = "kernel") -> Numbers:
    """Return ``value`` as rows of numbers; whole reals become integers.

    Parameters
    ----------
    value : (Kh, Kw) array-like of numbers
        A numpy array or a sequence of rows. Entries are Python or numpy integers of any size,
        finite reals, or fractions, also as text (``"1/9"``).
    source : :class:`str`
        What errors call the kernel.

    Raises
    ------
    :exc:`InputError`
        If ``value`` is no matrix, is ragged, empty or larger than 31x31, or has an entry that is no
        finite number (a boolean is none).
    """
    if isinstance(value, np.ndarray):
        if value.ndim != 2:
            hint = "; one kernel of a layer is weights[i, j]" if value.ndim == 4 else ""
            raise InputError(
                f"{source} must be a matrix, not an array of shape {value.shape}{hint}")
        value = value.tolist()
    rows = _items(value)
    if not rows:
        raise InputError(f"{source} must be a matrix of numbers, not {shorten(value)}")
    for row in rows:
        if _items(row) is None:
            raise InputError(f"{source} must be a matrix of numbers, but a row is {shorten(row)}; "
                             "one row is [[1, 2, 1]]")
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
        tuple(_entry(entry, y, x, source) for x, entry in enumerate(row))
        for y, row in enumerate(rows)
    )


def integer_matrix(value: object, *, source: str = "kernel") -> Matrix:
    """Return ``value`` as a kernel of integers, as :func:`number_matrix` reads it.

    Raises
    ------
    :exc:`InputError`
        As :func:`number_matrix`, and where an entry is not whole.
    """
    numbers = number_matrix(value, source=source)
    for y, row in enumerate(numbers):
        for x, entry in enumerate(row):
            if isinstance(entry, float):
                raise InputError(f"{source} has the entry {entry} at row {y}, column {x}; "
                                 "it must be an integer")
    return numbers  # type: ignore[return-value]


def is_whole(numbers: Numbers) -> bool:
    """Whether all entries are integers."""
    return all(isinstance(entry, int) for row in numbers for entry in row)


def _entry(entry: object, y: int, x: int, source: str) -> int | float:
    value: int | float | None = None
    if isinstance(entry, str):
        value = number(entry)
    elif isinstance(entry, Fraction):
        value = _plain(entry)
    elif isinstance(entry, (float, np.floating)):
        real = float(entry)
        if np.isfinite(real):
            value = int(real) if real.is_integer() else real
    elif not isinstance(entry, (bool, np.bool_)):
        with contextlib.suppress(TypeError):
            value = operator.index(entry)  # type: ignore[arg-type]
    if value is None:
        raise InputError(f"{source} has the entry {shorten(entry)} at row {y}, column {x}; "
                         "it must be a number such as 2, -0.5 or 1/9")
    return value


def _items(value: object) -> list[Any] | None:
    """Return the items of a sequence, or ``None`` where the value is no sequence of numbers."""
    if isinstance(value, np.ndarray):
        return list(value) if value.ndim else None
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return list(value)
    return None
