"""The least or greatest of many neighbours, by few comparisons: each step doubles the reach.

Of a line's samples each step makes as many values: the extreme of the value at a place and of one
some places away. So a value comes to reach over twice as many samples. Those that count twice do no
harm to an extreme, so that the last step may overlap. Beyond the ends of the line there is nothing:
a border of samples that a window has anyway (:func:`repeats`) changes no extreme.
"""

from typing import NamedTuple

from .axis import Axis


__all__ = ["Step", "doubling", "repeats"]


class Step(NamedTuple):
    """Each value becomes the extreme of itself and of another.

    ``distance``: how many places away. ``ahead``: behind it in the line's order, where that has
    come before the line's end; else before it. ``holds``: the line's first value stands for those
    before it. Without, values that lack the other stay as they are.
    """

    distance: int
    ahead: bool
    holds: bool = False


def doubling(before: int, after: int) -> list[Step]:
    """The steps from a line's samples to the extremes of ``before`` samples, one, and ``after``.

    A value near an end that lacks the other one must reach the end by itself, or be completed by
    the line's first value.
    """
    steps = []
    left = right = 0
    while right < after:
        distance = min(right + 1, after - right)
        steps.append(Step(distance, ahead=True))
        right += distance
    while left < before:
        distance = min(left + right + 1, before - left)
        steps.append(Step(distance, ahead=False, holds=distance > left + 1))
        left += distance
    return steps


def repeats(axis: Axis, neutral: bool) -> bool:
    """Whether the border of an axis changes no extreme, and a line has as many outputs as inputs.

    ``neutral``: the value of a constant border loses against any sample.
    """
    if axis.before + axis.after != axis.kernel - 1:
        return False
    ends = {*range(min(axis.before, axis.size)), *range(max(axis.size - axis.after, 0), axis.size)}
    for output in ends:
        shown = {output - axis.before + tap for tap in range(axis.kernel)}
        for position in shown:
            if 0 <= position < axis.size:
                continue
            source = axis.source(position)
            if (not neutral) if source is None else (source not in shown):
                return False
    return True
