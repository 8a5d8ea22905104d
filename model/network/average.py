"""ONNX Runtime's mean of a window, which it adds up in float32."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ..errors import InputError
from ..sample import Sample
from .requantiser import Requantiser


__all__ = ["AverageRequantiser"]

#: The greatest window, in samples, whose sums are not exact: the proof takes time with its square.
LARGEST_COUNT = 128


@dataclass(frozen=True, kw_only=True)
class AverageRequantiser(Requantiser):
    """QLinearAveragePool's ``clamp(rint(f(f(f(sum / count) / scale) + zero_point)))``.

    ``f`` rounds to float32, and so is every sample's ``f((x - input_zero) * input_scale)`` and
    every partial sum. The outcome is a function of the exact sum only where no order and no choice
    of samples with that sum gives another; all are gone through, for float32 addition is monotone:
    the least and the greatest float of each partial sum follow from those of one sample less. Where
    float32 has all sums exactly, as of a scale that is a power of two, no order matters.

    Parameters
    ----------
    scale : :class:`float`
        The output's; needed.
    input_sample, input_scale, input_zero
        What is averaged.
    count : :class:`int`
        Samples in the mean.
    zero_first : :class:`bool`
        Whether the zero point is added in float32 before ``rint``, as QLinearAveragePool does, or
        to the integer, as QuantizeLinear does behind an AveragePool of floats.

    Raises
    ------
    :exc:`~windrow.model.errors.InputError`
        If there are sums whose outcome is not settled, or ``count`` is above
        :data:`LARGEST_COUNT`.
    """

    input_sample: Sample
    input_scale: float
    input_zero: int
    count: int
    zero_first: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.scale is None or not 1e-37 < self.input_scale < 1e37 or self.count < 1:
            raise InputError("an average needs scale and input_scale above 0 and a count, not "
                             f"{self.scale}, {self.input_scale} and {self.count}")
        if self.count > LARGEST_COUNT and not self._exact:
            raise InputError(f"an average pool of {self.count} samples that is not global must "
                             f"have at most {LARGEST_COUNT}, or a scale that is a power of two")
        least, most = (self._outcome(ends) for ends in self._ends)
        unsettled = int((least != most).sum())
        if unsettled:
            raise InputError(
                f"an average pool of {self.count} samples with scales {self.input_scale:g} to "
                f"{self.scale:g} has {unsettled} of {len(least)} sums whose mean depends on "
                "float32 rounding in ONNX Runtime; scales must be powers of two, or the pool "
                "global")

    @property
    def channels(self) -> int:
        return 1

    @property
    def _reach(self) -> tuple[int, int]:
        """The least and the greatest sample, without the zero point."""
        return (self.input_sample.minimum - self.input_zero,
                self.input_sample.maximum - self.input_zero)

    @property
    def _exact(self) -> bool:
        """Whether float32 has all sums exactly, in whatever order."""
        odd = float(np.float32(self.input_scale)).as_integer_ratio()[0]
        return odd * self.count * max(map(abs, self._reach)) <= 1 << 24

    @cached_property
    def _ends(self) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """The least and the greatest float32 sum for every exact one, from the least."""
        low, high = self._reach
        if self._exact:
            sums = np.arange(self.count * low, self.count * high + 1).astype(np.float32)
            exact = sums * np.float32(self.input_scale)
            return exact, exact
        samples = np.arange(low, high + 1).astype(np.float32) * np.float32(self.input_scale)
        least = most = samples
        for _ in range(self.count - 1):
            size = len(least) + len(samples) - 1
            lower, upper = (np.full(size, end, np.float32) for end in (np.inf, -np.inf))
            for place, sample in enumerate(samples):
                part = slice(place, place + len(least))
                np.minimum(lower[part], least + sample, out=lower[part])
                np.maximum(upper[part], most + sample, out=upper[part])
            least, most = lower, upper
        return least, most

    def _outcome(self, sums: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
        mean = sums / np.float32(self.count) / np.float32(self.scale)
        if self.zero_first:
            made = np.rint(mean + np.float32(self.zero_point))
        else:
            made = np.rint(mean) + self.zero_point
        return np.clip(made, self.low, self.high).astype(np.int64)

    def steps(self, sums: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        return self._outcome(self._ends[0])[sums - self.count * self._reach[0]]
