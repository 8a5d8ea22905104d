"""What an expression is made of, a row of :data:`RULES` a kind: the value in numpy, and its range.

The values are Python's on unlimited integers, exact as long as everything fits into 64 bits, which
the ranges show beforehand.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from itertools import product
from math import isqrt
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from ..interval import Interval, hull


__all__ = [
    "MOST_BITS", "RULES", "Array", "Entries", "NoValueError", "Operation", "Read", "Rule",
    "rule_of",
]

Array: TypeAlias = npt.NDArray[np.int64]

#: Bits of the widest value.
MOST_BITS = 63


class Read(NamedTuple):
    """A sample that an expression reads.

    Parameters
    ----------
    tap : :class:`str`
        Name of a tap; ``x`` and ``y`` are the pixel's place.
    dy, dx : :class:`int`
        Rows below and columns to the right of the pixel.
    plane : :class:`int` or ``None``
        Which of its planes; ``None``: the one that is worked on.
    """

    tap: str
    dy: int = 0
    dx: int = 0
    plane: int | None = None

    def __str__(self) -> str:
        plane = "" if self.plane is None else f".{self.plane}"
        return self.tap + plane + (f"[{self.dy}, {self.dx}]" if self.dy or self.dx else "")


class Operation(NamedTuple):
    """A step of an expression.

    Parameters
    ----------
    kind : :class:`str`
        ``constant``, ``read``, ``lut``, or a key of :data:`RULES`.
    operands : tuple of :class:`int`
        Numbers of earlier steps.
    value : :class:`int`, :class:`Read`, tuple of :class:`int` or ``None``
        Of a constant, of a read; the entries of a table.
    """

    kind: str
    operands: tuple[int, ...] = ()
    value: "int | Read | Entries | None" = None


class Entries(tuple[int, ...]):
    """What a table has for 0, 1, 2, ..."""

    __slots__ = ()

    @property
    def rule(self) -> "Rule":
        """What it makes of a number."""
        values = np.array(self, np.int64)
        return Rule(lambda index: values[index], self._range)

    def _range(self, index: Interval) -> Interval:
        if index.low < 0 or index.high >= len(self):
            raise NoValueError(f"its index goes from {index.low} to {index.high}, and it has "
                               f"{len(self)} entries, from 0 on")
        reached = self[index.low:index.high + 1]
        return Interval(min(reached), max(reached))


class NoValueError(ValueError):
    """Some values in the operands' ranges have no result. The text says why."""


@dataclass(frozen=True)
class Rule:
    """How a kind of operation is computed, and what its result can be.

    Parameters
    ----------
    compute : callable
        The result, of arrays of ``int64``.
    range : callable
        A range that holds every result, of the operands' ranges; raises :exc:`NoValueError`.
    """

    compute: Callable[..., Any]
    range: Callable[..., Interval]


def _root(value: Array) -> Array:
    root = np.sqrt(value.astype(np.float64)).astype(np.int64)
    # Doubles are one off at most. root * root could be too wide; a quotient never is.
    root = root - (root > value // np.maximum(root, 1))
    return root + (root + 1 <= value // (root + 1))


def _nearest_root(value: Array) -> Array:
    root = _root(value)
    return root + (value - root * root > root)


def _nearest_quotient(a: Array, b: Array) -> Array:
    a, b = np.where(b < 0, -a, a), np.abs(b)
    quotient, rest = a // b, a % b
    other = b - rest
    return quotient + ((rest > other) | ((rest == other) & (quotient % 2 == 1)))


def _divide(a: Array, b: Array) -> Array:
    return np.where(b == 0, 0, _nearest_quotient(a, np.where(b == 0, 1, b)))


def _where(condition: Array, a: Array, b: Array) -> Array:
    return np.where(condition != 0, a, b)


def _corners(compute: Callable[..., int]) -> Callable[..., Interval]:
    """The range of what rises or falls all the way in each operand."""
    def range_(*each: Interval) -> Interval:
        ends = [compute(*corner) for corner in product(*each)]
        return Interval(min(ends), max(ends))

    return range_


def _ends(choose: Callable[..., int], *each: Interval) -> Interval:
    return Interval(choose(one.low for one in each), choose(one.high for one in each))


def _absolute_range(value: Interval) -> Interval:
    least = 0 if value.low <= 0 <= value.high else min(abs(value.low), abs(value.high))
    return Interval(least, max(abs(value.low), abs(value.high)))


def _divisor(b: Interval) -> None:
    if b.low <= 0 <= b.high:
        raise NoValueError(
            "the divisor may be 0; write max(b, 1) for it, or divide(a, b), which is 0 there")


def _quotient_range(a: Interval, b: Interval) -> Interval:
    _divisor(b)
    return _corners(lambda a, b: a // b)(a, b)


def _rest_range(a: Interval, b: Interval) -> Interval:
    _divisor(b)
    if a.low >= 0 and a.high < b.low:
        return a
    return Interval(0, b.high - 1) if b.low > 0 else Interval(b.low + 1, 0)


def _nearest(a: int, b: int) -> int:
    if b < 0:
        a, b = -a, -b
    quotient, rest = divmod(a, b)
    return quotient + (2 * rest + quotient % 2 > b)


def _nearest_quotient_range(a: Interval, b: Interval) -> Interval:
    _divisor(b)
    return _corners(_nearest)(a, b)


def _divide_range(a: Interval, b: Interval) -> Interval:
    divisors = {each for each in (*b, -1, 1) if each and b.low <= each <= b.high}
    ends = [_nearest(each, divisor) for each in a for divisor in divisors]
    ends += [0] if b.low <= 0 <= b.high else []
    return Interval(min(ends), max(ends))


def _left_range(value: Interval, bits: Interval) -> Interval:
    _shift(bits)
    if bits.high > MOST_BITS:
        raise NoValueError(f"it shifts by up to {bits.high} bits, and a value has at most "
                           f"{MOST_BITS}")
    return _corners(lambda value, bits: value << bits)(value, bits)


def _right_range(value: Interval, bits: Interval) -> Interval:
    _shift(bits)
    return _corners(lambda value, bits: value >> min(bits, MOST_BITS))(value, bits)


def _shift(bits: Interval) -> None:
    if bits.low < 0:
        raise NoValueError(f"it may shift by {bits.low} bits; the rule is 0 or more")


def _bits_range(*each: Interval) -> Interval:
    width = max(max(one.low.bit_length(), one.high.bit_length()) for one in each)
    return Interval(-(1 << width) if any(one.low < 0 for one in each) else 0, (1 << width) - 1)


def _and_range(a: Interval, b: Interval) -> Interval:
    masks = [one.high for one in (a, b) if one.low >= 0]
    return Interval(0, min(masks)) if masks else _bits_range(a, b)


def _or_range(a: Interval, b: Interval) -> Interval:
    low, high = _bits_range(a, b)
    return Interval(max(low, a.low, b.low) if min(a.low, b.low) >= 0 else low, high)


def _root_range(compute: Callable[[int], int]) -> Callable[[Interval], Interval]:
    def range_(value: Interval) -> Interval:
        if value.low < 0:
            raise NoValueError(f"the root of a value down to {value.low}; write sqrt(max(v, 0)) "
                               "or sqrt(abs(v))")
        return Interval(compute(value.low), compute(value.high))

    return range_


def _truth(value: Interval) -> Interval:
    return Interval(int(value.low > 0 or value.high < 0), int(value != (0, 0)))


def _not(value: Interval) -> Interval:
    return Interval(1 - value.high, 1 - value.low)


def _less(a: Interval, b: Interval) -> Interval:
    return Interval(int(a.high < b.low), int(a.low < b.high))


def _equal(a: Interval, b: Interval) -> Interval:
    return Interval(int(a.low == a.high == b.low == b.high),
                    int(a.low <= b.high and b.low <= a.high))


def _where_range(condition: Interval, a: Interval, b: Interval) -> Interval:
    chosen = _truth(condition)
    return a if chosen.low else hull([a, b]) if chosen.high else b


RULES: dict[str, Rule] = {
    "+": Rule(np.add, _corners(lambda a, b: a + b)),
    "-": Rule(np.subtract, _corners(lambda a, b: a - b)),
    "*": Rule(np.multiply, _corners(lambda a, b: a * b)),
    "square": Rule(lambda a: a * a, lambda a: _corners(lambda b: b * b)(_absolute_range(a))),
    "negate": Rule(np.negative, _corners(lambda a: -a)),
    "//": Rule(np.floor_divide, _quotient_range),
    "%": Rule(np.mod, _rest_range),
    "round /": Rule(_nearest_quotient, _nearest_quotient_range),
    "divide": Rule(_divide, _divide_range),
    "<<": Rule(np.left_shift, _left_range),
    ">>": Rule(lambda a, bits: a >> np.minimum(bits, MOST_BITS), _right_range),
    "&": Rule(np.bitwise_and, _and_range),
    "|": Rule(np.bitwise_or, _or_range),
    "^": Rule(np.bitwise_xor, _bits_range),
    "~": Rule(np.invert, _corners(lambda a: ~a)),
    "<": Rule(np.less, _less),
    "<=": Rule(np.less_equal, lambda a, b: _not(_less(b, a))),
    ">": Rule(np.greater, lambda a, b: _less(b, a)),
    ">=": Rule(np.greater_equal, lambda a, b: _not(_less(a, b))),
    "==": Rule(np.equal, _equal),
    "!=": Rule(np.not_equal, lambda a, b: _not(_equal(a, b))),
    "not": Rule(lambda a: a == 0, lambda a: _not(_truth(a))),
    "and": Rule(lambda *each: reduce(np.logical_and, each),
                lambda *each: _ends(min, *map(_truth, each))),
    "or": Rule(lambda *each: reduce(np.logical_or, each),
               lambda *each: _ends(max, *map(_truth, each))),
    "abs": Rule(np.abs, _absolute_range),
    "min": Rule(lambda *each: reduce(np.minimum, each),
                lambda *each: _ends(min, *each)),
    "max": Rule(lambda *each: reduce(np.maximum, each),
                lambda *each: _ends(max, *each)),
    "clip": Rule(lambda value, low, high: np.minimum(np.maximum(value, low), high),
                 _corners(lambda value, low, high: min(max(value, low), high))),
    "where": Rule(_where, _where_range),
    "sqrt": Rule(_root, _root_range(isqrt)),
    "round sqrt": Rule(_nearest_root, _root_range(
        lambda value: isqrt(value) + (value - isqrt(value) ** 2 > isqrt(value)))),
}
"""Each kind of operation: of Python's operators by their signs, of functions by their names."""


def rule_of(operation: Operation) -> Rule:
    """How an operation that is neither a constant nor a read is computed."""
    if isinstance(operation.value, Entries):
        return operation.value.rule
    return RULES[operation.kind]
