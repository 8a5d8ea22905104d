"""Counters without carries: numbers in an order that a shift register goes through.

A counter of eleven bits takes 14 LUTs of an ECP5, its place in such an order one.
"""

from functools import reduce
from operator import xor

from amaranth import *


__all__ = ["RING_START", "ring_after", "ring_back", "ring_bits", "ring_number", "ring_step"]

RING_START = 1
"""Where every ring starts. From 0 one without 0 would never come away."""

_TAPS = ((1,), (2, 1), (3, 2), (4, 3), (5, 3), (6, 5), (7, 6), (8, 6, 5, 4), (9, 5), (10, 7),
         (11, 9), (12, 6, 4, 1), (13, 4, 3, 1), (14, 5, 3, 1), (15, 14), (16, 15, 13, 4))
"""For 1, 2, ... bits: whose sum goes in at the bottom, counted from 1. Each gives the longest ring,
of all numbers but 0. Source: P. Alfke, AMD's application note XAPP052."""


def ring_bits(count: int) -> int:
    """Bits of a ring of at least ``count`` numbers, 0 not among them."""
    return count.bit_length()


def ring_step(number: Value, *, zero: bool = False) -> Value:
    """The number after another one; ``zero``: 0 is among them, so that there are a power of two."""
    low = number[:-1]
    taps = [number[tap - 1] for tap in _TAPS[len(number) - 1]]
    if zero:  # from 10...0 to 0, and on to 0...01, the one that would come next
        taps.append(~low.any())
    return Cat(reduce(xor, taps), low)


def ring_back(number: Value) -> Value:
    """The number before another one, 0 not among them."""
    taps = [number[tap] for tap in _TAPS[len(number) - 1][1:]]
    return Cat(number[1:], reduce(xor, taps, number[0]))


def ring_number(bits: int, steps: int) -> int:
    """The number that comes so many steps after the start, 0 not among them."""
    number = RING_START
    for _ in range(steps):
        number = ring_after(bits, number)
    return number


def ring_after(bits: int, number: int) -> int:
    """What :func:`ring_step` makes of a number, 0 not among them."""
    added = sum(number >> tap - 1 & 1 for tap in _TAPS[bits - 1]) & 1
    return (number << 1 | added) & ((1 << bits) - 1)
