"""The integer form of a sum of two samples, proved on all pairs."""

from typing import NamedTuple

import numpy as np

from ..errors import InputError, shorten
from ..sample import Sample
from .layer import Array
from .pair_rule import PairRule


__all__ = ["PairForm", "prove_pair"]


class PairForm(NamedTuple):
    """``clamp((a * first + b * second + constant) >> shift)`` to ``low`` .. ``high``."""

    first: int
    second: int
    constant: int
    shift: int
    low: int
    high: int

    def compute(self, one: Array, two: Array) -> Array:
        """The output of samples, any shape."""
        made = (one * self.first + two * self.second + self.constant) >> self.shift
        return np.clip(made, self.low, self.high)


def prove_pair(rule: PairRule, first: Sample, second: Sample, name: str = "add") -> PairForm:
    """The narrowest form that equals a rule on every pair of samples.

    Raises
    ------
    :exc:`~windrow.model.errors.InputError`
        If there is none of at most 24 bits behind the point.
    """
    one, two = np.meshgrid(np.arange(first.minimum, first.maximum + 1),
                           np.arange(second.minimum, second.maximum + 1), indexing="ij")
    wanted = rule.compute(one, two)
    ra, rb = rule.scales[0] / rule.scales[2], rule.scales[1] / rule.scales[2]
    zero = rule.zero_points[2] - ra * rule.zero_points[0] - rb * rule.zero_points[1]
    for shift in range(8, 25):
        form = PairForm(round(ra * 2**shift), round(rb * 2**shift),
                        round((zero + 0.5) * 2**shift), shift, rule.low, rule.high)
        if np.array_equal(form.compute(one, two), wanted):
            return form
    raise InputError(f"layer {shorten(name)}: no integer form of at most 24 bits equals its sums")
