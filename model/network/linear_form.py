"""The requantiser of hardware: a line with few bits, proved equal to a runtime's arithmetic.

A requantiser is a monotone step function of an integer: the sums at which it rises, its thresholds,
say all about it, and bisection finds them. A line ``(sum * multiplier + constant) >> shift`` rises
to ``k`` at the first sum with ``sum * multiplier + constant >= k << shift``. It is the function if
these are the thresholds, or, with delays, each the threshold or a few sums before it. Both are
linear in the slope ``multiplier / 2**shift`` and the constant, so that the slopes that will do are
an interval, known from all pairs of thresholds, and the narrowest multiplier is the first integer
that some ``shift`` puts into it.

Delays of 0 and 1 are enough for float32 rounding while thresholds have at most 24 bits: what
rounding a product moves is less than a sum's step. TensorFlow Lite's two roundings need up to 3,
sums that float32 itself rounds as many as are rounded to one.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..errors import InputError, shorten
from ..interval import Interval
from .layer import Array
from .requantiser import Requantiser


__all__ = ["Form", "layer_forms", "thresholds"]

Integers = npt.NDArray[np.int64]

#: The widest multiplier, in bits, for which a layer does without delays: one unsigned factor
#: of an 18-bit signed multiplier.
PLAIN_BITS = 17
#: The greatest shift. Products of it fit 64 bits.
LARGEST_SHIFT = 52
#: One more than the greatest delay: what is tried, in order. A slope near 1 has room for none.
SLACKS = (2, 3, 4, 8, 16, 32, 64, 128, 1)


class Form(NamedTuple):
    """``low + clamp((sum * multiplier + constant) >> shift)``, less 1 at a few sums.

    Write ``c`` for the sum clamped to :attr:`clamp`, ``v = c * multiplier + constant`` and
    ``k = v >> shift``. Where ``v % 2**shift < delays[k] * multiplier`` (``c`` is one of the first
    ``delays[k]`` sums that give ``k``), ``k`` is one less. The output is
    ``low + min(max(k, 0), high - low)``.

    ``delays`` has an entry for each ``k`` from 0 to ``high - low``; beyond them it is 0. It is
    empty where all are 0. No ``delays[k] * multiplier`` is above ``2**shift``. Where all sums give
    one sample, ``multiplier`` is 0.
    """

    multiplier: int
    constant: int
    shift: int
    delays: tuple[int, ...]
    low: int
    high: int
    clamp: Interval

    @property
    def bits(self) -> int:
        """Width of the multiplier, unsigned."""
        return self.multiplier.bit_length()

    def compute(self, sums: Array) -> Array:
        """The samples of sums, any shape."""
        value = np.clip(sums, *self.clamp) * self.multiplier + self.constant
        k = value >> self.shift
        if self.delays:
            delays = np.array((*self.delays, 0))[np.clip(k, -1, len(self.delays))]
            k = k - (value - (k << self.shift) < delays * self.multiplier)
        return self.low + np.clip(k, 0, self.high - self.low)


def layer_forms(requantiser: Requantiser, sums: Sequence[Interval], *,
                delay: bool | None = None, name: str = "") -> tuple[Form, ...]:
    """The narrowest forms equal to a requantiser on every sum of each channel's interval.

    All channels have one shift where their multipliers are then no wider than the widest of them
    must be, or than :data:`PLAIN_BITS`.

    Parameters
    ----------
    sums : sequence of :class:`~windrow.model.interval.Interval`
        Of each channel. Of a Convolution ``layer.sums``; of an average Pool one at a time,
        ``layer_forms(layer.requantisers[count], [sums])`` of each of its counts.
    delay : :class:`bool`
        Whether forms may have delays. Unless given they have them where a multiplier would be
        wider than :data:`PLAIN_BITS` without. They are then as short as can be.
    name : :class:`str`
        The layer's, for errors.

    Raises
    ------
    :exc:`~windrow.model.errors.InputError`
        If there is no such form, or the sample is of more than 10 bits.
    """
    try:
        return _layer_forms(requantiser, tuple(sums), delay)
    except InputError as error:
        if name:
            raise InputError(f"layer {shorten(name)}: {error}") from error
        raise


@lru_cache(maxsize=1024)
def _layer_forms(requantiser: Requantiser, sums: tuple[Interval, ...],
                 delay: bool | None) -> tuple[Form, ...]:
    """:func:`layer_forms`, which planner, hardware and reports ask for again and again."""
    if requantiser.high - requantiser.low >= 1 << 10:
        raise InputError(f"a requantiser of {requantiser.sample} has more than 1023 thresholds; "
                         "samples must be of at most 10 bits")
    base, reached = thresholds(requantiser, sums)
    lines = [] if delay else _lines(reached, (1,))
    if delay or (delay is None and not (
            all(lines) and max(line.bits for line in lines if line) <= PLAIN_BITS)):
        lines = _lines(reached, SLACKS)
    if not all(lines):
        raise InputError("no line equals the requantiser's steps in channel "
                         f"{lines.index(None)}")
    found = [line for line in lines if line]
    shift = max(line.shift for line in found)
    common = [line.shifted(row, shift) for line, row in zip(found, reached, strict=True)]
    widest = max([PLAIN_BITS, *(line.bits for line in found)])
    if all(line and line.bits <= widest for line in common):
        found = [line for line in common if line]
    return tuple(_form(int(low), row, line)
                 for low, row, line in zip(base, reached, found, strict=True))


def thresholds(requantiser: Requantiser,
               sums: Sequence[Interval]) -> tuple[Integers, tuple[Integers, ...]]:
    """The sample of each channel's least sum, and the sums at which it rises by 1, 2, 3 ...

    A sample that is left out has the threshold of the next.
    """
    lows, highs = (np.array(ends, np.int64)[:, None] for ends in zip(*sums, strict=True))
    base, top = requantiser.steps(lows), requantiser.steps(highs)
    wanted = np.arange(requantiser.low + 1, requantiser.high + 1)
    shape = (len(sums), len(wanted))
    below, above = np.broadcast_to(lows, shape).copy(), np.broadcast_to(highs, shape).copy()
    while (above - below > 1).any():
        middle = (below + above) >> 1
        reached = requantiser.steps(middle) >= wanted
        above, below = np.where(reached, middle, above), np.where(reached, below, middle)
    inside = (base < wanted) & (wanted <= top)
    return base[:, 0], tuple(row[mask] for row, mask in zip(above, inside, strict=True))


class _Line(NamedTuple):
    """``(sum * multiplier + constant) >> shift``, and the slopes that it was found among."""

    multiplier: int
    constant: int
    shift: int
    least: float
    most: float
    slack: int

    @property
    def bits(self) -> int:
        return self.multiplier.bit_length()

    def shifted(self, row: Integers, shift: int) -> "_Line | None":
        """The line of another shift, if it has one."""
        return _line(row, shift, self.least, self.most, self.slack) if self.multiplier else self


def _lines(reached: Sequence[Integers], slacks: Sequence[int]) -> list[_Line | None]:
    """The narrowest line of each channel, of the first slack that has one, if any has."""
    lines = [None if len(row) else _Line(0, 0, 0, 0, 0, 1) for row in reached]
    for slack in slacks:
        left = [channel for channel, line in enumerate(lines) if line is None]
        slopes = _slopes([reached[channel] for channel in left], slack)
        for channel, least, most in zip(left, *slopes, strict=True):
            tried = (_line(reached[channel], shift, least, most, slack)
                     for shift in range(LARGEST_SHIFT + 1))
            lines[channel] = next(filter(None, tried), None)
    return lines


def _slopes(reached: Sequence[Integers],
            slack: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The interval, open at both ends, of the slopes that will do for each channel."""
    count = max((len(row) for row in reached), default=0)
    # Thresholds side by side. What a channel lacks is no number, and no bound.
    table = np.full((len(reached), count), np.nan)
    for row, values in zip(table, reached, strict=True):
        row[:len(values)] = values
    least = np.zeros(len(reached))
    most = np.full(len(reached), 1 / (slack - 1) if slack > 1 else np.inf)
    for apart in range(1, count):
        between = table[:, apart:] - table[:, :-apart]
        least = np.fmax(least, np.fmax.reduce(apart / (between + slack), axis=1))
        bound = np.where(between > slack, apart / np.maximum(between - slack, 1), np.inf)
        most = np.fmin(most, np.fmin.reduce(bound, axis=1))
    return least, most


def _line(row: Integers, shift: int, least: float, most: float, slack: int) -> _Line | None:
    """The line of a shift, checked on every threshold, or none.

    With ``D(k) = (k << shift) - multiplier * threshold(k)`` the constants that will do are from
    ``max D`` to ``min D + slack * multiplier - 1``; the least has the shortest delays.
    """
    multiplier = int(np.floor(least * 2.0**shift)) + 1
    if multiplier >= most * 2.0**shift:
        return None
    constant, early = _early(row, multiplier, shift)
    # No threshold lies behind the place where the line rises to the next level.
    if early.max() >= slack or (early.any() and (row[:-1] > (row - early)[1:]).any()):
        return None
    return _Line(multiplier, constant, shift, least, most, slack)


def _early(row: Integers, multiplier: int, shift: int) -> tuple[int, Integers]:
    """The least constant, and how many sums before each threshold the line then rises."""
    spread = (np.arange(1, len(row) + 1) << shift) - multiplier * row
    constant = int(spread.max())
    return constant, (constant - spread) // multiplier


def _form(low: int, row: Integers, line: _Line) -> Form:
    if not len(row):
        return Form(0, 0, 0, (), low, low, Interval(0, 0))
    constant, early = _early(row, line.multiplier, line.shift)
    return Form(line.multiplier, constant, line.shift,
                (0, *early.tolist()) if early.any() else (), low, low + len(row),
                Interval(int(row[0]) - 1, int(row[-1])))
