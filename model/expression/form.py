"""Sums of values with factors."""

from collections.abc import Mapping
from math import gcd
from typing import NamedTuple


__all__ = ["Form", "constant", "linear"]


class Form(NamedTuple):
    """``sum(factor * value) + constant``.

    Parameters
    ----------
    terms : tuple of (value, factor)
        Numbers of values in ascending order, and their factors, none of them 0.
    constant : :class:`int`
        What is added.
    """

    terms: tuple[tuple[int, int], ...]
    constant: int

    def plus(self, other: "Form", times: int = 1) -> "Form":
        """``self + times * other``."""
        factors = dict(self.terms)
        for value, factor in other.terms:
            factors[value] = factors.get(value, 0) + times * factor
        return linear(factors, self.constant + times * other.constant)

    def times(self, factor: int) -> "Form":
        """``factor * self``."""
        return Form((), 0).plus(self, factor)

    @property
    def fixed(self) -> int | None:
        """Its value where that is always the same."""
        return None if self.terms else self.constant

    @property
    def value(self) -> int | None:
        """The number of the value that it is, where it is one as it stands."""
        (number, factor), = self.terms if len(self.terms) == 1 else ((0, 0),)
        return number if factor == 1 and self.constant == 0 else None

    @property
    def divisor(self) -> int:
        """Greatest divisor of all factors, the constant left out; 0 for a constant."""
        return gcd(*(factor for _, factor in self.terms))

    def content(self) -> tuple[int, "Form"]:
        """A whole factor of everything, with the sign of the first term, and what it leaves."""
        common = gcd(self.divisor, self.constant)
        if self.terms[0][1] < 0:
            common = -common
        return common, Form(tuple((value, factor // common) for value, factor in self.terms),
                            self.constant // common)

    def floor(self, divisor: int) -> "Form":
        """``self // divisor``, for one that divides every factor."""
        return Form(tuple((value, factor // divisor) for value, factor in self.terms),
                    self.constant // divisor)


def linear(factors: Mapping[int, int], constant: int = 0) -> Form:
    """The form of some factors."""
    return Form(tuple(sorted((value, factor) for value, factor in factors.items() if factor)),
                constant)


def constant(value: int) -> Form:
    """The form that is always one value."""
    return Form((), value)
