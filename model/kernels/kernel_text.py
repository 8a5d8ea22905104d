"""Kernels as text: rows as they are typed or pasted, and tables with their separators."""

import csv
import re
from collections.abc import Sequence

from ..errors import InputError, shorten
from .kernel import Numbers, number, number_matrix


__all__ = ["is_rows", "parse_rows", "parse_table"]

_BRACKETS = str.maketrans("(){}", "[][]")
#: What Python prints of an array, and how one is written there.
_ARRAY = re.compile(r"(?:np\.|numpy\.|torch\.)?(?:array|tensor|matrix)"
                    r"\((.*?)(?:,\s*dtype=[^)]*)?\)", re.DOTALL)
_FACTOR = r"[+-]?[\d.][\deE.+/-]*"


def is_rows(text: str) -> bool:
    """Whether a text is meant as rows of numbers and not as a name."""
    return bool(re.match(r"[\[({+\-.\d\u2212\u2013]", text.strip(), re.ASCII)
                or _ARRAY.fullmatch(text.strip()))


def parse_rows(text: str, source: str = "kernel") -> Numbers:
    """Read rows of numbers as people write them down.

    Rows end with ``;`` or a new line, or stand in brackets of their own (``[[1, 2, 1], ...]``, as
    Python, JSON and C have them); MATLAB's one pair of brackets around all may be there, and a
    factor before or behind brackets (``[1 2 1]/4``). Between the entries of a row are blanks or
    commas.

    Raises
    ------
    :exc:`InputError`
        If an entry is no number, or the text can be read in more than one way.
    """
    text = text.strip()
    if array := _ARRAY.fullmatch(text):
        text = array[1].strip()
    text = text.translate(_BRACKETS).rstrip("; \t\r\n")
    body, factor = _without_factor(text, source)
    if "[" in body or "]" in body:
        rows = _bracketed(body, source)
    else:
        rows = _rows(body, source)
    return _numbers([_words(row, source) for row in rows], source, factor)


def parse_table(text: str, source: str, *, cells_on_a_line: bool) -> Numbers:
    """Read a table of numbers as spreadsheets, MATLAB and numpy write it.

    Entries are separated by tabs, semicolons, commas or blanks, one kind in a file. A comma inside
    an entry is a decimal comma where something else separates. Comments (``#`` and ``%``) and empty
    lines are left out; so is an empty last column, which a separator at each line's end makes.

    Parameters
    ----------
    text : :class:`str`
        The file.
    source : :class:`str`
        What errors call it.
    cells_on_a_line : :class:`bool`
        Whether ``;`` on a single line separates cells, as in a CSV file. Elsewhere that may be rows
        too and is refused.
    """
    lines = [line for line in (re.sub(r"[#%].*", "", line).strip(" \r\f\v")
                               for line in text.splitlines()) if line.strip("\t ,;")]
    if not lines:
        raise InputError(f"{source} holds no numbers")
    whole = "\n".join(lines)
    bare = [re.sub(r'"[^"]*"', "", line) for line in lines]
    inner = [line.rstrip("; \t") for line in bare]
    if re.match(r"[\[({]", whole):
        return parse_rows(whole, source)
    if any("\t" in line.strip("\t") for line in bare):
        separator = "\t"
    elif any(";" in line for line in inner):
        cells = [cell for line in inner for cell in line.split(";")]
        if any(len(cell.split()) > 1 or cell.count(",") > 1 for cell in cells):
            return parse_rows(whole, source)  # 1 2 1; 2 4 2
        if len(lines) == 1 and ("," in whole or not cells_on_a_line):
            raise InputError(f"{source} can be read in two ways, as ';' may end rows or cells: "
                             "write one row a line")
        separator = ";"
    elif any("," in line for line in inner):
        separator = ","
        lines = [line.rstrip("; ") for line in lines]
    else:
        return _numbers([line.rstrip("; ").replace('"', " ").split() for line in lines], source)
    rows = [[cell.strip() for cell in row]
            for row in csv.reader(lines, delimiter=separator, skipinitialspace=separator != "\t")]
    if separator == "," and any(len(cell.split()) > 1 for row in rows for cell in row):
        raise _two_separators(lines[0], source)
    while len(rows[0]) > 1 and all(len(row) > 1 and not row[-1] for row in rows):
        rows = [row[:-1] for row in rows]
    return _numbers(_decimal_points(rows, source), source)


def _without_factor(text: str, source: str) -> tuple[str, int | float]:
    """``[1 2 1]/4``, ``1/4*[1 2 1]``: what is in brackets, and the factor."""
    if match := re.fullmatch(rf"({_FACTOR})\s*\*\s*(\[.*\])", text, re.DOTALL):
        word, body = match.groups()
    elif match := re.fullmatch(rf"(\[.*\])\s*([*/])\s*({_FACTOR})", text, re.DOTALL):
        body, sign, word = match.groups()
        word = word if sign == "*" else f"1/{word}"
    else:
        return text, 1
    factor = number(word)
    if factor is None:
        raise InputError(f"{source} has the factor {shorten(word)}; it must be a number")
    return body, factor


def _bracketed(text: str, source: str) -> list[str]:
    """The rows of ``[[1, 2], [3, 4]]``, of ``[1 2; 3 4]``, or of ``[1 2], [3 4]``."""
    single = re.fullmatch(r"\[([^\[\]]*)\],?", text)
    if single:
        return _rows(single[1], source)
    outer = re.fullmatch(r"\[(.*)\],?", text, re.DOTALL) if re.match(r"\[\s*\[", text) else None
    inside = outer[1] if outer else text
    if re.sub(r"\[[^\[\]]*\]", "", inside).strip(",; \t\r\n"):
        raise InputError(f"{source} {shorten(text)} has brackets that are no rows; write "
                         "[[1, 2, 1], [2, 4, 2], [1, 2, 1]] or 1 2 1; 2 4 2; 1 2 1")
    rows = re.findall(r"\[([^\[\]]*)\]", inside)
    if any(";" in row for row in rows):
        raise InputError(f"{source} {shorten(text)} has ';' within a row's own brackets")
    return [re.sub(r"\s+", " ", row) for row in rows]


def _rows(text: str, source: str) -> list[str]:
    """The rows of text without brackets; ``;`` at a line's end is one end of a row, not two."""
    lines = [line.strip().removesuffix(";") for line in text.splitlines() if line.strip("; \t\r")]
    pieces = [line.split(";") for line in lines]
    if len(lines) > 1 and any(
        len(line) > 1 and all(len(piece.replace(",", " ").split()) < 2 for piece in line)
        for line in pieces
    ):
        raise InputError(f"{source} can be read in two ways, as ';' may end rows or cells: "
                         "write one row a line with blanks between the entries")
    return [piece.strip() for line in pieces for piece in line]


def _words(row: str, source: str) -> list[str]:
    """The entries of a row; a comma is a separator here, and one at the end means nothing."""
    row = row.strip()
    if "," not in row:
        return row.split()
    cells = [cell.strip() for cell in row.removesuffix(",").split(",")]
    if any(len(cell.split()) > 1 for cell in cells):
        raise _two_separators(row, source)
    return cells


def _two_separators(row: str, source: str) -> InputError:
    return InputError(f"{source} has the row {shorten(row)} with commas and blanks, which can be "
                      "read in two ways: write decimals with a point, as 0.5, and separate the "
                      "entries by blanks only or commas only")


def _decimal_points(rows: Sequence[Sequence[str]], source: str) -> list[list[str]]:
    """Write decimal commas, which stand inside cells here, as points."""
    marked = [cell for row in rows for cell in row if "," in cell]
    if marked and all(re.fullmatch(r"[+-]?[1-9]\d{0,2}(,\d{3})+", cell) for cell in marked):
        raise InputError(f"{source} has the entry {shorten(marked[0])}, which may be a decimal or "
                         "thousands: write decimals with a point")
    for cell in marked:
        if cell.count(",") > 1 or "." in cell:
            raise InputError(f"{source} has the entry {shorten(cell)}; "
                             "it must be a number such as 2, -0.5 or 1/9")
    return [[cell.replace(",", ".") for cell in row] for row in rows]


def _numbers(rows: Sequence[Sequence[str]], source: str, factor: int | float = 1) -> Numbers:
    if len(rows) > 1 and rows[0] and all(re.match(r"[^\W\d]", cell) for cell in rows[0]):
        raise InputError(f"{source} has a header, {shorten(' '.join(rows[0]))}; leave it out")
    for y, row in enumerate(rows):
        if "" in row:
            raise InputError(f"{source} has an empty entry at row {y}, column {row.index('')}; "
                             "write 0 where nothing is meant")
    numbers = number_matrix(rows, source=source)
    if factor == 1:
        return numbers
    return number_matrix([[entry * factor for entry in row] for row in numbers], source=source)
