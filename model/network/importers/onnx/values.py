"""What flows between the nodes of an ONNX file, and what it is on the hardware."""

from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np

from ....sample import Sample
from ..layout import View
from .file import Node


__all__ = ["Integers", "Meaning", "Real", "Weights", "is_power_of_two", "quantised", "whole"]


@dataclass(frozen=True, eq=False)
class Weights:
    """Constant integers and what they mean: ``(values - zero_points) * scales``.

    ``scales`` and ``zero_points`` are float32 and integers of one element, or one for each place
    of ``axis``. ``dtype`` is what the file has the values in.
    """

    values: np.ndarray
    scales: np.ndarray
    zero_points: np.ndarray
    axis: int = 0
    dtype: "np.dtype[Any]" = field(default=np.dtype(np.int8))

    def along(self, array: np.ndarray) -> np.ndarray:
        """Scales or zero points in the shape that goes with the values."""
        if array.size == 1:
            return array.reshape(())
        shape = [1] * self.values.ndim
        shape[self.axis] = array.size
        return array.reshape(shape)

    @property
    def real(self) -> np.ndarray:
        """The float32 constant that a DequantizeLinear makes."""
        centred = self.values.astype(np.int64) - self.along(self.zero_points)
        return centred.astype(np.float32) * self.along(self.scales)

    def transposed(self, order: tuple[int, ...] | None) -> "Weights":
        """The same weights with their axes in another order."""
        order = order or tuple(reversed(range(self.values.ndim)))
        return replace(self, values=self.values.transpose(order), axis=order.index(self.axis))


@dataclass(frozen=True)
class Meaning:
    """What the samples of a tensor mean: ``(sample - zero_point) * scale``."""

    sample: Sample
    scale: np.float32
    zero_point: int


@dataclass(frozen=True, eq=False)
class Integers:
    """A tensor of integers, as the hardware has it."""

    view: View


@dataclass(frozen=True, eq=False)
class Real:
    """A float tensor: ``nodes``, each of one input, applied to ``(sample - zero_point) * scale``.

    ``unit``: it comes straight from a DequantizeLinear, so that ONNX Runtime fuses an operator
    between it and a QuantizeLinear.
    """

    view: View
    scale: np.float32
    zero_point: int
    nodes: tuple[Node, ...] = ()
    unit: bool = False


def quantised(values: np.ndarray | np.float32, to: Meaning) -> np.ndarray:
    """QuantizeLinear: ``clamp(rint(f(value / scale)) + zero_point)``."""
    scaled = np.rint(np.asarray(values, np.float32) / to.scale).astype(np.float64)
    return np.clip(scaled + to.zero_point, to.sample.minimum, to.sample.maximum).astype(np.int64)


def is_power_of_two(value: float) -> bool:
    """Whether a number is 2 to a whole power."""
    return float(np.frexp(abs(value))[0]) == 0.5


def whole(values: np.ndarray) -> tuple[np.ndarray, Fraction]:
    """Float32 values as integers times the greatest power of two that allows it."""
    mantissa, exponent = np.frexp(np.asarray(values, np.float64))
    bits = (mantissa * (1 << 53)).astype(np.int64)
    lowest = np.where(bits != 0, np.frexp((bits & -bits).astype(np.float64))[1] - 1, 1 << 20)
    least = int((lowest + exponent - 53).min(initial=1 << 19))
    if least > 1 << 18:  # all are 0
        return np.zeros(np.shape(values), np.int64), Fraction(1)
    scale = Fraction(2) ** least
    made = np.asarray(values, np.float64) / float(scale)
    if np.abs(made).max(initial=0) >= 1 << 53:
        raise OverflowError
    return made.astype(np.int64), scale
