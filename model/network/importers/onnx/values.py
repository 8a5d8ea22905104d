"""What flows between the nodes of an ONNX file, and what it is on the hardware."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from ....errors import InputError
from ....sample import Sample
from ..layout import View
from .file import Node


if TYPE_CHECKING:
    from .walk import Walk

__all__ = ["Integers", "Meaning", "Pending", "Real", "Value", "Weights", "is_power_of_two",
           "quantised", "whole"]


@dataclass(frozen=True, eq=False)
class Weights:
    """Constant integers and what they mean: ``(values - zero_points) * scales``.

    ``scales`` and ``zero_points`` are float32 and integers of one element, or one for each place
    of ``axis``.
    """

    values: np.ndarray
    scales: np.ndarray
    zero_points: np.ndarray
    axis: int = 0

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
        """With the axes in another order."""
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


@dataclass(frozen=True, eq=False)
class Pending:
    """The float result of an operator that becomes a layer once it is known how it is rounded.

    A QuantizeLinear behind it says so; where there is none, its exact value is taken if it has one.

    Parameters
    ----------
    node : :class:`Node`
        The operator.
    unit : :class:`bool`
        Whether ONNX Runtime fuses it with a QuantizeLinear behind it.
    low, high : :class:`float`
        What Relu and Clip behind it leave.
    moves : tuple of functions from a view to a view
        Reshapes and transposes behind it.
    """

    node: Node
    unit: bool
    low: float = field(default=-np.inf, kw_only=True)
    high: float = field(default=np.inf, kw_only=True)
    moves: tuple[Callable[[View], View], ...] = field(default=(), kw_only=True)

    def moved(self, move: Callable[[View], View]) -> Self:
        """With a reshape or a transpose behind it."""
        return replace(self, moves=(*self.moves, move))

    def clipped(self, low: float, high: float) -> Self:
        """With a Relu or a Clip behind it."""
        return replace(self, low=min(max(self.low, low), high), high=max(min(self.high, high), low))

    def limits(self, to: Meaning) -> dict[str, int]:
        """The samples that Relu and Clip leave."""
        low, high = (end if abs(end) == np.inf else int(quantised(np.float32(end), to))
                     for end in (self.low, self.high))
        return {"low": to.sample.minimum if low == -np.inf else int(low),
                "high": to.sample.maximum if high == np.inf else int(high)}

    def output(self, to: Meaning) -> dict[str, Any]:
        """What requantisers and rules are told of the samples that leave."""
        return {"sample": to.sample, "zero_point": to.zero_point, "scale": float(to.scale),
                **self.limits(to)}

    def fused(self, to: Meaning) -> bool:
        """Whether ONNX Runtime fuses: it drops a Relu or Clip only where it changes no sample."""
        limits = self.limits(to)
        return self.unit and (limits["low"], limits["high"]) == (
            to.sample.minimum, to.sample.maximum)

    def placed(self, view: View) -> View:
        """The view of the finished layer, behind the moves."""
        for move in self.moves:
            view = move(view)
        return view

    def rounded(self, walk: "Walk", to: Meaning, file: str) -> View:
        """Make the layer that gives samples of a meaning; ``file`` names them in the file."""
        raise NotImplementedError

    def exact(self, walk: "Walk") -> Real:
        """Make the layer that gives the exact value.

        Raises
        ------
        :exc:`~windrow.model.errors.InputError`
            If float32 rounds it.
        """
        raise NotImplementedError

    def inexact(self) -> InputError:
        """The error of an operator that ONNX Runtime leaves in float and that may round."""
        try:
            self.node.refuse(
                "stays in float32 in ONNX Runtime, and its result is not exact, so that it may "
                "differ by one step: put a QuantizeLinear and DequantizeLinear of u8 on both sides "
                "of it (quantize_static with QuantType.QUInt8 activations), or use scales that are "
                "powers of two")
        except InputError as error:
            return error


Value = np.ndarray | Weights | Integers | Real | Pending


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
