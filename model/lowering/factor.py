"""Exact factorisations of an integer kernel: column sums first, then sums of those along a row."""

from collections.abc import Callable, Sequence
from math import gcd

from ..kernels.kernel import Matrix


__all__ = ["csd", "digit_count", "factorisations", "folded_rows", "rank"]

#: The greatest rank at which factors are looked for beyond rows or columns that are alike.
LARGEST_RANK = 6

#: The most steps in the search for lighter factors. Small kernels take one or two.
LARGEST_SEARCH = 32

#: Two factors while they are made: B as a list of its columns, C as a list of its rows.
_Factors = tuple[list[list[int]], list[list[int]]]


def csd(value: int) -> list[tuple[int, bool]]:
    """Canonical signed digits: the fewest powers of two, added or subtracted, that make a value.

    Returns
    -------
    list of (:class:`int`, :class:`bool`)
        Each digit's shift, least first, and whether it is subtracted.

    References
    ----------
    G. W. Reitwiesner, "Binary Arithmetic", Advances in Computers 1, 1960.
    """
    digits = []
    shift = 0
    while value:
        if value & 1:
            # Of the two even neighbours the one that is a multiple of four.
            negative = value & 3 == 3
            digits.append((shift, negative))
            value += 1 if negative else -1
        value >>= 1
        shift += 1
    return digits


def digit_count(values: Sequence[int]) -> int:
    """Number of canonical signed digits in all values: what they cost as shifts and adders."""
    return sum((abs(value) ^ (3 * abs(value))).bit_count() for value in values)


def rank(matrix: Matrix) -> int:
    """Rank of a matrix, exactly, by elimination without fractions (Bareiss)."""
    rows = [list(row) for row in matrix]
    found, previous = 0, 1
    for x in range(len(matrix[0])):
        at = next((y for y in range(found, len(rows)) if rows[y][x]), None)
        if at is None:
            continue
        rows[found], rows[at] = rows[at], rows[found]
        pivot = rows[found]
        for y in range(found + 1, len(rows)):
            row = rows[y]
            rows[y] = [
                (pivot[x] * entry - row[x] * above) // previous
                for entry, above in zip(row, pivot, strict=True)
            ]
        found, previous = found + 1, pivot[x]
        if found == len(rows):
            break
    return found


def factorisations(kernel: Matrix, *, full: bool = False) -> list[tuple[Matrix, Matrix]]:
    """Pairs of smaller matrices whose product is the kernel.

    Parameters
    ----------
    kernel : (Kh, Kw) integers
        The kernel, of entries of any size.
    full : :class:`bool`
        Whether there may be as many factors as rows.

    Returns
    -------
    list of (B, C)
        ``kernel == B @ C`` with B of shape (Kh, r) and C of shape (r, Kw), the least r first, no
        pair twice. r is less than both Kh and Kw, but for two cases: r may be 1 for a kernel of one
        column; and one pair may be :func:`folded_rows`.
    """
    height, width = len(kernel), len(kernel[0])
    true_rank = rank(kernel)
    limit = max(min(height, width) - (not full), 1 if height > 1 else 0)
    pairs: list[_Factors] = []
    if 0 < true_rank <= limit:
        turned = _transpose(kernel)
        ways = [_multiples, _alike]
        if 1 < true_rank <= LARGEST_RANK:
            ways.append(_decomposition)
        for way in ways:
            pairs.append(way(kernel))
            rows, columns = way(turned)
            pairs.append((columns, rows))
    found = {
        _matrices(*pair): None for pair in pairs if len(pair[0]) <= limit
    }
    folded = folded_rows(kernel)
    if folded is not None:
        found[folded] = None
    return sorted(found, key=lambda pair: len(pair[1]))


def folded_rows(kernel: Matrix) -> tuple[Matrix, Matrix] | None:
    """The factors (B, C) in which B adds up rows that are alike, and does nothing else.

    Rows are alike where they are equal but for their sign and a power of two: each row of B has at
    most one entry, plus or minus a power of two. ``None`` where no two rows but zeros are alike.
    """
    columns, rows = _alike(kernel)
    if len(rows) == sum(any(row) for row in kernel):
        return None
    return _matrices(columns, rows)


def _alike(kernel: Matrix) -> _Factors:
    """Factors by the distinct rows, up to sign and power of two."""
    return _classes(kernel, lambda common: common & -common)


def _multiples(kernel: Matrix) -> _Factors:
    """Factors by the distinct directions of rows. A kernel of rank 1 has one."""
    return _classes(kernel, lambda common: common)


def _classes(kernel: Matrix, part: Callable[[int], int]) -> _Factors:
    """Factors by the distinct rows, each without the ``part`` of its greatest common divisor."""
    places: dict[tuple[int, ...], int] = {}
    columns: list[list[int]] = []
    for y, row in enumerate(kernel):
        common = gcd(*row)
        if common == 0:
            continue
        factor = part(common)
        if next(entry for entry in row if entry) < 0:
            factor = -factor
        place = places.setdefault(tuple(entry // factor for entry in row), len(places))
        if place == len(columns):
            columns.append([0] * len(kernel))
        columns[place][y] = factor
    return columns, [list(row) for row in places]


def _decomposition(kernel: Matrix) -> _Factors:
    """Factors of the least r: a basis of the lattice of the rows, then lighter ones.

    The basis is found as Hermite's normal form is, by Euclid's algorithm on rows. What is done to
    the rows of C is undone by the columns of B.
    """
    rows = [list(row) for row in kernel]
    columns = [[int(y == x) for y in range(len(rows))] for x in range(len(rows))]

    def add(target: int, source: int, factor: int) -> None:
        rows[target] = [a + factor * b for a, b in zip(rows[target], rows[source], strict=True)]
        columns[source] = [
            a - factor * b for a, b in zip(columns[source], columns[target], strict=True)
        ]

    done = 0
    for x in range(len(kernel[0])):
        while True:
            left = [y for y in range(done, len(rows)) if rows[y][x]]
            if not left:
                break
            least = min(left, key=lambda y: abs(rows[y][x]))
            rows[done], rows[least] = rows[least], rows[done]
            columns[done], columns[least] = columns[least], columns[done]
            if len(left) == 1:
                done += 1
                break
            for y in range(done + 1, len(rows)):
                add(y, done, -(rows[y][x] // rows[done][x]))
    return _lightened(columns[:done], rows[:done])


def _lightened(columns: list[list[int]], rows: list[list[int]]) -> _Factors:
    """The same product by factors of fewer digits: the best step again and again, while there is.

    A step adds a multiple of one row of C to another, and takes it from the columns of B. The
    multiples that are tried turn an entry of either into zero.
    """
    for place, row in enumerate(rows):
        common = gcd(*row)
        if digit_count(columns[place]) + digit_count(row) > digit_count(
            [common * entry for entry in columns[place]]
        ) + digit_count([entry // common for entry in row]):
            columns[place] = [common * entry for entry in columns[place]]
            rows[place] = [entry // common for entry in row]
    for _ in range(LARGEST_SEARCH):
        best = (0, 0, 0, 0)
        for source in range(len(rows)):
            for target in range(len(rows)):
                if source == target:
                    continue
                now = digit_count(columns[source]) + digit_count(rows[target])
                factors = {
                    -(a // b) for a, b in zip(rows[target], rows[source], strict=True)
                    if b and a % b == 0
                } | {
                    a // b for a, b in zip(columns[source], columns[target], strict=True)
                    if b and a % b == 0
                }  # fmt: skip
                for factor in factors:
                    row, column = _step(columns, rows, source, target, factor)
                    change = digit_count(column) + digit_count(row) - now
                    best = min(best, (change, source, target, factor))
        if best[0] == 0:
            break
        _, source, target, factor = best
        rows[target], columns[source] = _step(columns, rows, source, target, factor)
    return columns, rows


def _step(
    columns: list[list[int]], rows: list[list[int]], source: int, target: int, factor: int
) -> tuple[list[int], list[int]]:
    row = [a + factor * b for a, b in zip(rows[target], rows[source], strict=True)]
    column = [a - factor * b for a, b in zip(columns[source], columns[target], strict=True)]
    return row, column


def _matrices(
    columns: list[list[int]], rows: list[list[int]]
) -> tuple[Matrix, Matrix]:
    """The factors as matrices, powers of two and signs where they do no harm.

    A power of two would widen what is kept for the window, so that it goes to C. A column of B
    without a positive entry would cost a negation, and so would a C without one.
    """
    tall, wide = [], []
    for column, row in zip(columns, rows, strict=True):
        twos = gcd(*column)
        twos &= -twos
        sign = 1
        if max(column) <= 0 or (max(row) <= 0 and min(column) < 0):
            sign = -1
        tall.append([sign * entry // twos for entry in column])
        wide.append(tuple(sign * entry * twos for entry in row))
    return _transpose(tall), tuple(wide)


def _transpose(matrix: Sequence[Sequence[int]]) -> Matrix:
    return tuple(zip(*matrix, strict=True))
