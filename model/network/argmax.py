"""The channel that is greatest."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..sample import Sample
from .layer import Array, Layer
from .tensor import Tensor


__all__ = ["ArgMax"]


@dataclass(frozen=True, kw_only=True, eq=False)
class ArgMax(Layer):
    """The number of the channel with the greatest (or least) sample, at every pixel.

    Parameters
    ----------
    last : :class:`bool`
        The last of equals instead of the first.
    least : :class:`bool`
        The least sample instead of the greatest: ArgMin.
    """

    last: bool = False
    least: bool = False

    def check(self) -> None:
        self.keep_count(1)

    @cached_property
    def output(self) -> Tensor:
        sample = Sample.holding(0, max(self.input.channels - 1, 1))
        return Tensor(1, self.input.height, self.input.width, sample)

    def compute(self, *arrays: Array) -> Array:
        array = -arrays[0] if self.least else arrays[0]
        if self.last:
            found = array.shape[1] - 1 - np.argmax(array[:, ::-1], axis=1)
        else:
            found = np.argmax(array, axis=1)
        return found[:, None].astype(np.int64)
