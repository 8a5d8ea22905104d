"""What runtimes compute when they add two quantised tensors."""

from dataclasses import dataclass

import numpy as np

from ..errors import InputError, shorten
from ..sample import Sample
from .layer import SUM, Array
from .requantiser import FixedRequantiser


__all__ = ["ExactAdd", "OnnxAdd", "PairRule", "TfliteAdd", "XnnpackAdd"]


@dataclass(frozen=True, kw_only=True)
class PairRule:
    """A function of two samples.

    Parameters
    ----------
    scales : (first, second, output)
    zero_points : (first, second, output)
    sample : :class:`~windrow.model.sample.Sample`
        The output's.
    low, high : :class:`int`
        The range that a fused activation leaves, the sample's own unless given.
    """

    scales: tuple[float, float, float]
    zero_points: tuple[int, int, int]
    sample: Sample
    low: int = None  # type: ignore[assignment]
    high: int = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        for key, end in (("low", self.sample.minimum), ("high", self.sample.maximum)):
            if getattr(self, key) is None:
                object.__setattr__(self, key, end)
        if not all(1e-37 < scale < 1e37 for scale in self.scales):
            raise InputError(f"scales must be above 0, not {shorten(self.scales)}")
        if not self.sample.minimum <= self.low <= self.high <= self.sample.maximum:
            raise InputError(f"low {self.low} and high {self.high} must be a range within "
                             f"{self.sample}")
        if not all(abs(zero) < 1 << 16 for zero in self.zero_points):
            raise InputError(f"zero_points must be samples, not {shorten(self.zero_points)}")

    @property
    def scale(self) -> float:
        """The output's."""
        return self.scales[2]

    @property
    def zero_point(self) -> int:
        """The output's."""
        return self.zero_points[2]

    def compute(self, one: Array, two: Array) -> Array:
        """The output of samples, any shape."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class OnnxAdd(PairRule):
    """ONNX Runtime's QLinearAdd on x86 with AVX2 (MLAS qladd.cpp), of two or more elements.

    With ``ra = f(as / cs)``, ``rb = f(bs / cs)``, ``f`` rounding to float32 and each ``fma`` once:
    ``clamp(rint(fma(a, ra, fma(b, rb, f(zero - fma(ra, az, f(rb * bz)))))))``.
    """

    def compute(self, one: Array, two: Array) -> Array:
        f = np.float32
        first, second, out = (f(scale) for scale in self.scales)
        ra, rb = f(first / out), f(second / out)
        a_zero, b_zero, zero = self.zero_points
        # A product of float32 by an integer of 9 bits is exact in float64, and the sum with a
        # float32 is rounded there at 53 bits, far below the 24 that are kept.
        fix = f(f(zero) - f(float(ra) * a_zero + float(f(rb * f(b_zero)))))
        inner = (two * float(rb) + float(fix)).astype(f)
        made = np.rint((one * float(ra) + inner.astype(float)).astype(f))
        return np.clip(made, self.low, self.high).astype(np.int64)


@dataclass(frozen=True, kw_only=True)
class ExactAdd(PairRule):
    """``clamp(rint((a * as + b * bs) / cs) + zero)``, of scales that are powers of two.

    What every float arithmetic gives there; unlike it, :class:`OnnxAdd` adds the zero point before
    it rounds, which decides ties.
    """

    def compute(self, one: Array, two: Array) -> Array:
        first, second, out = self.scales
        a_zero, b_zero, zero = self.zero_points
        exact = (one - a_zero) * (first / out) + (two - b_zero) * (second / out)
        return np.clip(np.rint(exact).astype(np.int64) + zero, self.low, self.high)


@dataclass(frozen=True, kw_only=True)
class TfliteAdd(PairRule):
    """TensorFlow Lite's reference ADD of int8 (kernels/add.cc, reference_integer_ops/add.h).

    Both are shifted left by 20 bits and multiplied to half of the greater scale, and their sum to
    the output's: three products, each rounded twice.
    """

    def compute(self, one: Array, two: Array) -> Array:
        first, second, out = self.scales
        twice = 2 * max(first, second)
        sums = sum(self._multiply((each - zero) << 20, scale / twice) for each, zero, scale in zip(
            (one, two), self.zero_points, (first, second), strict=False))
        made = self._multiply(np.asarray(sums), twice / ((1 << 20) * out))
        return np.clip(made + self.zero_point, self.low, self.high)

    @staticmethod
    def _multiply(sums: Array, scale: float) -> Array:
        return FixedRequantiser.of([scale], sample=SUM).steps(sums)


@dataclass(frozen=True, kw_only=True)
class XnnpackAdd(PairRule):
    """XNNPACK's sum of int8 (qs8-vadd): multipliers of 21 bits, rounded half up."""

    def compute(self, one: Array, two: Array) -> Array:
        first, second, out = (np.float32(scale) for scale in self.scales)
        ratios = first / out, second / out
        shift = 21 - int(np.frexp(max(ratios))[1])
        ra, rb = (int(np.rint(np.ldexp(np.float64(ratio), shift))) for ratio in ratios)
        a_zero, b_zero, zero = self.zero_points
        sums = (one - a_zero) * ra + (two - b_zero) * rb
        return np.clip(((sums + (1 << shift - 1)) >> shift) + zero, self.low, self.high)
