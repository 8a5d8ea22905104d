"""Division by a constant as a product and a shift."""

from typing import NamedTuple

from ..interval import Interval
from ..lowering.factor import csd


__all__ = ["Reciprocal", "reciprocal"]


#: Bits beyond the least shift that are tried: a longer factor may have fewer digits.
_FURTHER = 3


class Reciprocal(NamedTuple):
    """``(v * factor + bias) >> shift``."""

    factor: int
    bias: int
    shift: int


def reciprocal(divisor: int, interval: Interval) -> Reciprocal:
    """What gives ``v // divisor`` for every value of a range, and takes the fewest adders.

    With quotient ``q`` the values are ``q * divisor`` to ``q * divisor + divisor - 1``. The first
    needs a bias of at least ``q * (2**shift - factor * divisor)``, the last one a bias below
    ``(q + 1) * 2**shift`` less its product. Both bounds are linear in ``q``: the ends of the range
    tell, so that what is found is proved for all of it.

    Source: T. Granlund and P. L. Montgomery, "Division by Invariant Integers using Multiplication",
    PLDI 1994, here with a bias and for the values that occur.

    Parameters
    ----------
    divisor : :class:`int`
        Greater than 0.
    interval : :class:`~windrow.model.interval.Interval`
        The values.
    """
    first, last = interval.low // divisor, interval.high // divisor
    ends = {each for each in (first, first + 1, last - 1, last) if first <= each <= last}
    found: list[Reciprocal] = []
    shift = 0
    while not found or shift <= found[0].shift + _FURTHER:
        power = 1 << shift
        for factor in sorted({power // divisor, -(-power // divisor)}):
            least = max(q * power - factor * max(q * divisor, interval.low) for q in ends)
            most = min((q + 1) * power - 1 - factor * min((q + 1) * divisor - 1, interval.high)
                       for q in ends)
            if least <= most:
                found.append(Reciprocal(factor, _roundest(least, most), shift))
        shift += 1
    return min(found, key=lambda each: (len(csd(each.factor)) + (each.bias != 0), each.shift))


def _roundest(low: int, high: int) -> int:
    """The integer from ``low`` to ``high`` with the most zeros at its end."""
    zeros = 0
    while -(-low >> (zeros + 1)) << (zeros + 1) <= high and zeros < 64:
        zeros += 1
    return -(-low >> zeros) << zeros
