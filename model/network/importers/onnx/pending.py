"""Results of operators that still wait for their rounding."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from ....errors import InputError
from ....sample import Sample
from ..layout import View
from .file import Node
from .layers import Layers
from .values import Meaning, Real, quantised


__all__ = ["Pending"]


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
    sample : :class:`~windrow.model.sample.Sample`
        What it reads: ONNX Runtime fuses where the QuantizeLinear makes the same.
    low, high : :class:`float`
        What Relu and Clip behind it leave.
    moves : tuple of functions from a view to a view
        Reshapes and transposes behind it.
    """

    node: Node
    unit: bool
    sample: Sample
    low: float = field(default=-np.inf, kw_only=True)
    high: float = field(default=np.inf, kw_only=True)
    moves: tuple[Callable[[View], View], ...] = field(default=(), kw_only=True)

    def moved(self, move: Callable[[View], View]) -> Self:
        """The same result with a reshape or a transpose behind it."""
        return replace(self, moves=(*self.moves, move))

    def clipped(self, low: float, high: float) -> Self:
        """The same result with a Relu or a Clip behind it."""
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

    def rounded(self, layers: Layers, to: Meaning, file: str) -> View:
        """Make the layer that gives samples of a meaning; ``file`` names them in the file."""
        raise NotImplementedError

    def exact(self, layers: Layers) -> Real:
        """Make the layer that gives the exact value.

        Raises
        ------
        :exc:`~windrow.model.errors.InputError`
            If float32 rounds it.
        """
        raise NotImplementedError

    def inexact(self) -> InputError:
        """The error of an operator that ONNX Runtime leaves in float and that may round."""
        powers = "use scales that are powers of two"
        advice = (f"put a QuantizeLinear and DequantizeLinear of u8 on both sides of it "
                  f"(quantize_static with QuantType.QUInt8 activations), or {powers}")
        if self.node.kind == "ReduceMean":
            advice = f"use GlobalAveragePool (AdaptiveAvgPool2d(1)) in its place, or {powers}"
        elif self.node.kind == "ConvTranspose":
            advice = f"{powers}, and weights of integers behind a DequantizeLinear"
        try:
            self.node.refuse("stays in float32 in ONNX Runtime, and its result is not exact, so "
                             f"that it may differ by one step: {advice}")
        except InputError as error:
            return error
