"""The integer form of a sum of two samples, proved on all pairs.

A runtime adds in float32 or in several roundings; hardware wants two products and a shift. The form
``(a * first + b * second + constant) >> shift`` gives ``y`` where its sum is from ``y << shift`` to
below ``y + 1 << shift``: two bounds a pair, linear in the three numbers. For given factors the
constants that will do are a range, whose width is concave in the factors. It is made greatest in
real numbers over the pairs that lie near a tie; then the least shift is taken at which rounded
factors leave a constant, and all pairs are computed. About one sum in 200 has no such constant: one
or two pairs on a tie are then exceptions.
"""

from collections.abc import Callable
from itertools import product
from typing import NamedTuple

import numpy as np

from ..errors import InputError, shorten
from ..sample import Sample
from .layer import Array
from .pair_rule import PairRule


__all__ = ["PairForm", "prove_pair"]

#: The greatest shift that is tried, and that of a form with exceptions.
LARGEST_SHIFT, SHIFT_WITH_EXCEPTIONS = 30, 22
#: The most exceptions.
MOST_EXCEPTIONS = 16
#: How near to a tie, in steps of the output, a pair is a bound of the search, and how far factors
#: go without making others bounds.
NEAR, FAR = 2.0**-7, 2.0**-16


class PairForm(NamedTuple):
    """``clamp((a * first + b * second + constant) >> shift)`` to ``low`` .. ``high``.

    Where :attr:`even` is set, a sum whose last ``shift`` bits are all 0 is a tie, and an odd result
    is one less. Before it is clamped it is also one less for each pair (a, b) of
    :attr:`exceptions`, mostly none.
    """

    first: int
    second: int
    constant: int
    shift: int
    low: int
    high: int
    exceptions: tuple[tuple[int, int], ...] = ()
    even: bool = False

    def compute(self, one: Array, two: Array) -> Array:
        """The output of samples, any shape."""
        sums = one * self.first + two * self.second + self.constant
        made = sums >> self.shift
        if self.even:
            made = made - (made & 1) * (sums == made << self.shift)
        for a, b in self.exceptions:
            made = made - ((one == a) & (two == b))
        return np.clip(made, self.low, self.high)


def prove_pair(rule: PairRule, first: Sample, second: Sample, name: str = "add") -> PairForm:
    """The form of least shift that equals a rule on every pair of samples.

    Raises
    ------
    :exc:`~windrow.model.errors.InputError`
        If none is found of a shift of at most :data:`LARGEST_SHIFT`, nor one with at most
        :data:`MOST_EXCEPTIONS` exceptions.
    """
    one, two = np.meshgrid(np.arange(first.minimum, first.maximum + 1),
                           np.arange(second.minimum, second.maximum + 1), indexing="ij")
    wanted = rule.compute(one, two)
    if (exact := _exact(rule)) and np.array_equal(exact.compute(one, two), wanted):
        return exact
    bounds = _Bounds(rule, one, two, wanted)
    real = bounds.widest()
    for shift in range(4, LARGEST_SHIFT + 1):
        near = (round(each * 2.0**shift) for each in real)
        for ra, rb in product(*([each, each - 1, each + 1] for each in near)):
            least, most = bounds.constants(ra, rb, 1 << shift)
            if least < most:
                form = PairForm(ra, rb, int(least), shift, rule.low, rule.high)
                if np.array_equal(form.compute(one, two), wanted):
                    return form
    shift = SHIFT_WITH_EXCEPTIONS
    for factors in real, bounds.start:
        ra, rb = (round(each * 2.0**shift) for each in factors)
        constant = int(bounds.constants(ra, rb, 1 << shift)[0])
        form = PairForm(ra, rb, constant, shift, rule.low, rule.high)
        places = np.argwhere(form.compute(one, two) != wanted)[:MOST_EXCEPTIONS].tolist()
        form = form._replace(exceptions=tuple(
            (int(one[place, 0]), int(two[0, other])) for place, other in places))
        if np.array_equal(form.compute(one, two), wanted):
            return form
    raise InputError(f"layer {shorten(name)}: no integer form of at most {LARGEST_SHIFT} bits "
                     "equals its sums")


def _exact(rule: PairRule) -> PairForm | None:
    """The form of a rule whose scales differ by powers of two: exact but for ties, to even."""
    ra, rb = (scale / rule.scales[2] for scale in rule.scales[:2])
    shift = next((shift for shift in range(1, 13)
                  if (ra * 2**shift).is_integer() and (rb * 2**shift).is_integer()), None)
    if shift is None:
        return None
    first, second = round(ra * 2**shift), round(rb * 2**shift)
    a_zero, b_zero, zero = rule.zero_points
    constant = (zero << shift) - first * a_zero - second * b_zero + (1 << shift - 1)
    return PairForm(first, second, constant, shift, rule.low, rule.high, even=True)


class _Bounds:
    """Pairs near a tie, as bounds of the three numbers: not below ``y``, and below ``y + 1``."""

    def __init__(self, rule: PairRule, one: Array, two: Array, wanted: Array) -> None:
        ra, rb = (scale / rule.scales[2] for scale in rule.scales[:2])
        zero = rule.zero_points[2] - ra * rule.zero_points[0] - rb * rule.zero_points[1]
        above = ra * one + rb * two + zero + 0.5 - wanted
        reached, below = wanted > rule.low, wanted < rule.high
        near = reached & (above < NEAR), below & (above > 1 - NEAR)
        if not near[0].any() or not near[1].any():
            near = reached, below
        self.start = ra, rb
        self.lower, self.upper = (
            (one[each], two[each], wanted[each] + step) for step, each in enumerate(near))

    def constants(self, first: float, second: float, unit: int = 1) -> tuple[float, float]:
        """The least constant, and the one that is too great."""
        least, most = ((y * unit - first * a - second * b).astype(float)
                       for a, b, y in (self.lower, self.upper))
        return least.max(initial=-np.inf), most.min(initial=np.inf)

    def widest(self) -> tuple[float, float]:
        """The real factors with the widest range of constants, near those that the scales say."""
        def width(first: float, second: float) -> float:
            least, most = self.constants(first, second)
            return most - least

        def best(first: float) -> float:
            return _top(lambda second: width(first, second), self.start[1])

        first = _top(lambda first: width(first, best(first)), self.start[0])
        return first, best(first)


def _top(function: Callable[[float], float], middle: float) -> float:
    """Where a concave function is greatest, within :data:`FAR` of a number: ternary search."""
    low, high = middle - FAR, middle + FAR
    for _ in range(32):
        one, two = low + (high - low) / 3, high - (high - low) / 3
        if function(one) < function(two):
            low = one
        else:
            high = two
    return (low + high) / 2


