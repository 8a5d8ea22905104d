"""Which cells of a window count: sizes, the shapes of structuring elements, and matrices."""

import math
import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np

from ..errors import InputError, nearest, shorten
from ..kernels import catalogue
from ..kernels.kernel import LARGEST_KERNEL, number_matrix
from ..kernels.kernel_text import is_rows, parse_rows


__all__ = ["SHAPES", "Footprint", "parse_footprint", "rectangle"]

Footprint: TypeAlias = tuple[tuple[bool, ...], ...]
"""Which cells of a window count, row by row."""


def rectangle(rows: int, columns: int) -> Footprint:
    """All cells."""
    return ((True,) * columns,) * rows


def cross(rows: int, columns: int) -> Footprint:
    """The middle row and the middle column."""
    return tuple(tuple(y == rows // 2 or x == columns // 2 for x in range(columns))
                 for y in range(rows))


def ellipse(rows: int, columns: int) -> Footprint:
    """OpenCV's ellipse: as far from the middle column as the nearest whole number says.

    Source: getStructuringElement of OpenCV 4.14 and 5.0, probed at all sizes up to 32x32.
    """
    radius, centre = rows // 2, columns // 2

    def reach(dy: int) -> int:
        if not radius:
            return 0
        square, unit = centre * centre * (radius * radius - dy * dy), radius * radius
        root = math.isqrt(square // unit)
        # The nearest of root and root + 1, and of two equally near ones the even one.
        half = 4 * square - (2 * root + 1) ** 2 * unit
        return root + (half > 0 or (half == 0 and root % 2 == 1))

    return tuple(
        tuple(abs(y - radius) <= radius and abs(x - centre) <= reach(y - radius)
              for x in range(columns))
        for y in range(rows))


def diamond(rows: int, columns: int) -> Footprint:
    """OpenCV's diamond: up to half the rows away, rows and columns together.

    Source: getStructuringElement of OpenCV 5.0, probed. The columns do not count.
    """
    return tuple(
        tuple(abs(x - columns // 2) + abs(y - rows // 2) <= rows // 2 for x in range(columns))
        for y in range(rows))


#: The shapes of structuring elements, as OpenCV has them, of so many rows and columns.
SHAPES: Mapping[str, Callable[[int, int], Footprint]] = {
    "rect": rectangle, "cross": cross, "ellipse": ellipse, "diamond": diamond}


def parse_footprint(value: object, *, source: str = "footprint") -> Footprint:
    """Read a size, a shape or a matrix.

    Parameters
    ----------
    value : :class:`int`, two of them, :class:`str` or (rows, columns) array-like
        A square's size; rows and columns of a rectangle; a shape with its size, such as
        ``"ellipse:ksize=5"`` or ``"cross:rows=3,columns=5"``; or 0 and 1, which text may hold as
        rows such as ``"0 1 0; 1 1 1; 0 1 0"``.
    source : :class:`str`
        What errors call it.

    Raises
    ------
    :exc:`InputError`
        If it is none of these, has no cell that counts, or is larger than 31x31.
    """
    shown = value
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, str):
        if re.fullmatch(r"\s*\d{1,9}\s*", value):
            value = int(value)
        elif pair := re.fullmatch(r"\s*(\d{1,9})\s*,\s*(\d{1,9})\s*", value):
            value = [int(pair[1]), int(pair[2])]
        elif re.fullmatch(r"\s*\d+\s*[xX]\s*\d+\s*", value):
            raise InputError(f"{source} {shorten(value)} is no size: rows and columns are written "
                             "with a comma, as 5,3")
        elif is_rows(value):
            value = parse_rows(value, source=source)
        elif value.partition(":")[0].strip() in SHAPES:
            return _shape(value, source)
        else:
            name = value.partition(":")[0].strip()
            raise InputError(f"{source} {shorten(value)} is no shape: {nearest(name, SHAPES)}; "
                             "a shape is written 'ellipse:ksize=5', a size 3 or [5, 3]")
    if _is_size(value):
        return rectangle(*_sizes((value, value), source))
    if isinstance(value, (list, tuple)) and len(value) == 2 and all(map(_is_size, value)):
        return rectangle(*_sizes(value, source))
    if not isinstance(value, (list, tuple)):
        raise InputError(
            f"{source} must be a size such as 3 or [rows, columns], a shape such as "
            f"'ellipse:ksize=5' ({', '.join(SHAPES)}), or a matrix of 0 and 1, not "
            f"{shorten(shown)}")
    cells = number_matrix(
        [[int(cell) if isinstance(cell, bool) else cell for cell in row]
         if isinstance(row, (list, tuple)) else row for row in value], source=source)
    for y, row in enumerate(cells):
        for x, cell in enumerate(row):
            if cell not in (0, 1):
                raise InputError(f"{source} has the entry {shorten(cell)} at row {y}, column {x}; "
                                 "it must be 0 or 1")
    if not any(map(any, cells)):
        raise InputError(f"{source} has no cell that counts; at least one must be 1")
    return tuple(tuple(map(bool, row)) for row in cells)


def _is_size(value: object) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _sizes(sizes: object, source: str) -> tuple[int, int]:
    rows, columns = map(int, sizes)  # type: ignore[call-overload]
    if not (1 <= rows <= LARGEST_KERNEL and 1 <= columns <= LARGEST_KERNEL):
        shown = rows if rows == columns else f"{rows}x{columns}"
        raise InputError(f"{source} is a window of {shown}; its sizes must be from 1 to "
                         f"{LARGEST_KERNEL}")
    return rows, columns


def _shape(text: str, source: str) -> Footprint:
    name, given = catalogue.parse_call(text, source, lambda _: ("ksize",))
    wanted = f"write '{name}:ksize=5' or '{name}:rows=3,columns=5'"
    if set(given) not in ({"ksize"}, {"rows", "columns"}):
        raise InputError(f"{source} {shorten(text)} needs its size: {wanted}")
    sizes = {key: catalogue.parse_number(word, whole=True, source=f"{source} {name!r}: {key}")
             for key, word in given.items()}
    rows, columns = (sizes.get(key, sizes.get("ksize")) for key in ("rows", "columns"))
    return SHAPES[name](*_sizes((rows, columns), f"{source} {name!r}"))
