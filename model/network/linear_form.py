"""The requantiser of hardware: a line with few bits, proved equal to a runtime's arithmetic."""

from typing import NamedTuple

from ..interval import Interval
from .layer import Array
from .requantiser import Requantiser


__all__ = ["Form", "layer_forms", "prove"]


class Form(NamedTuple):
    """``low + clamp((sum * multiplier + constant) >> shift)``, less 1 at a few sums.

    Write ``c`` for the sum clamped to :attr:`clamp` and ``v = c * multiplier + constant``. Then
    ``k = min(max(v >> shift, 0), high - low)``; where bit ``k`` of :attr:`corrections` is set and
    ``v % 2**shift < multiplier`` (``c`` is the first sum that gives ``k``), the output is
    ``low + k - 1``, else ``low + k``. Where there are corrections, ``multiplier < 2**shift``.
    """

    multiplier: int
    constant: int
    shift: int
    corrections: int
    low: int
    high: int
    clamp: Interval

    def compute(self, sums: Array) -> Array:
        """The samples of sums, any shape."""
        raise NotImplementedError


def prove(requantiser: Requantiser, channel: int, sums: Interval) -> Form:
    """The narrowest form equal to a requantiser on every sum of an interval."""
    raise NotImplementedError


def layer_forms(requantiser: Requantiser, sums: tuple[Interval, ...]) -> tuple[Form, ...]:
    """The forms of all channels, with one shift where that costs no more.

    Of a Convolution: ``layer_forms(layer.requantiser, layer.sums)``. Of an average Pool one for
    each of its counts: ``layer_forms(layer.requantisers[count], (sums,))``.
    """
    raise NotImplementedError
