"""Whether so many of some bits are 1, by full adders that count no further than they must."""

from typing import NamedTuple


__all__ = ["ONE", "FullAdder", "Threshold", "threshold"]

ONE = -1
"""Stands for a bit that is always 1."""


class FullAdder(NamedTuple):
    """Adds up two or three bits of one weight, by their numbers: the sum is a bit of that weight,
    the carry one of the next. ``level``: how many adders there are on the way, this one included.
    """

    bits: tuple[int, ...]
    total: int
    carry: int
    level: int


class Threshold(NamedTuple):
    """The adders in their order, and the bits of which one is 1 where the answer is yes."""

    adders: tuple[FullAdder, ...]
    answer: tuple[int, ...]
    levels: int


def threshold(count: int, least: int) -> Threshold:
    """How to tell whether at least ``least`` of ``count`` bits are 1, with ``0 < least <= count``.

    A constant is added to the count so that the answer is its highest bit: of all others only the
    carries are made. Bits that are there first are added first.
    """
    weight = max((least - 1).bit_length(), (count - least).bit_length())
    constant = (1 << weight) - least
    level = [0] * count
    adders: list[FullAdder] = []
    column = list(range(count))

    def add(bits: tuple[int, ...]) -> tuple[int, int]:
        top = 1 + max(level[bit] for bit in bits if bit != ONE)
        total, carry = len(level), len(level) + 1
        level.extend((top, top))
        adders.append(FullAdder(bits, total, carry, top))
        return total, carry

    for place in range(weight):
        carries = []
        while len(column) > 2:
            column.sort(key=lambda bit: level[bit])
            total, carry = add((column[0], column[1], column[2]))
            column = [total, *column[3:]]
            carries.append(carry)
        if constant >> place & 1:
            column.append(ONE)
        if len(column) > 1:
            carries.append(add(tuple(column))[1])
        column = carries
    levels = max((level[bit] for bit in column), default=0)
    return Threshold(tuple(adders), tuple(column), levels)
