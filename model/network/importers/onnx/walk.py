"""From a graph to layers: what every operator has at hand."""

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from ....errors import shorten
from ....sample import Sample
from ..layout import View
from .file import Graph, Node
from .layers import Layers
from .pending import Pending
from .values import Integers, Meaning, Real, Weights


__all__ = ["OPERATORS", "Value", "Walk", "operator"]

#: What an operator gives.
Value = np.ndarray | Weights | Integers | Real | Pending
Maker = Callable[["Walk", Node], Value | list[Value]]
AnyMaker = TypeVar("AnyMaker", bound=Maker)
#: What makes a value of each operator that is known, or one for each of its outputs.
OPERATORS: dict[str, Maker] = {}


def operator(*kinds: str) -> Callable[[AnyMaker], AnyMaker]:
    """Enter a function in :data:`OPERATORS`."""
    def enter(maker: AnyMaker) -> AnyMaker:
        OPERATORS.update(dict.fromkeys(kinds, maker))
        return maker
    return enter


class Walk(Layers):
    """Goes through a graph once and makes layers.

    Parameters
    ----------
    graph : :class:`Graph`
    sample : :class:`~windrow.model.sample.Sample` or ``None``
        Of a float input that no QuantizeLinear reads: its values are these integers.
    """

    def __init__(self, graph: Graph, sample: Sample | None) -> None:
        super().__init__(graph)
        self.sample = sample
        self.values: dict[str, Integers | Real | Pending] = {}

    def enter(self, name: str, value: Value) -> None:
        """Keep what an operator gives."""
        if isinstance(value, (np.ndarray, Weights)):
            self.constants[name] = value
        else:
            self.values[name] = value

    # Inputs of nodes.

    def value(self, node: Node, place: int) -> Value:
        """An input."""
        if not node.given(place):
            node.refuse(f"lacks its input {place}")
        name = node.inputs[place]
        if name in self.constants:
            return self.constants[name]
        if name not in self.values:
            node.refuse(f"reads {shorten(name)}, which nothing has made")
        return self.values[name]

    def constant(self, node: Node, place: int, what: str) -> np.ndarray:
        """An input that must be a constant."""
        value = self.value(node, place)
        if isinstance(value, Weights):
            return value.real
        if not isinstance(value, np.ndarray):
            node.refuse(f"with {what} that is no constant is not supported")
        return value

    def maybe(self, node: Node, place: int, what: str) -> np.ndarray | None:
        """An optional constant input."""
        return self.constant(node, place, what) if node.given(place) else None

    def is_constant(self, node: Node, place: int) -> bool:
        """Whether an input is a constant."""
        return isinstance(self.value(node, place), (np.ndarray, Weights))

    def integers(self, node: Node, place: int = 0) -> View:
        """An input that is a tensor of integers."""
        value = self.value(node, place)
        if not isinstance(value, Integers):
            kind = "a constant" if isinstance(value, (np.ndarray, Weights)) else "float"
            node.refuse(f"reads integers, and its input {place} is {kind}")
        return value.view

    def real(self, node: Node, place: int = 0) -> Real:
        """A float input as samples and their meaning, whatever has to be made for that.

        Integers under an operator that takes both are themselves.
        """
        made = self.loose(node, place)
        return made if isinstance(self.value(node, place), Integers) else self.settled(made)

    def loose(self, node: Node, place: int = 0) -> Real:
        """A float input, with nodes of one input that are not yet a table."""
        value = self.value(node, place)
        if isinstance(value, Pending):
            value = self.values[node.inputs[place]] = value.exact(self)
            return value
        if isinstance(value, Integers):
            return Real(value.view, np.float32(1), 0)
        if not isinstance(value, Real):
            node.refuse(f"with a constant as its input {place} is not supported")
        return value

    def like(self, node: Node, made: Real) -> Value:
        """A result as its operator gives it: integers where its first input is integers."""
        return Integers(made.view) if isinstance(self.value(node, 0), Integers) else made

    def scalar(self, node: Node, place: int, what: str) -> Any:
        """A constant input of one element."""
        made = self.constant(node, place, what)
        if made.size != 1:
            node.refuse(f"with {made.size} values as {what} is not supported; one is")
        return made.reshape(-1)[0]

    def meaning(self, node: Node, scale: int, zero: int, what: str) -> Meaning:
        """Scale and zero point of a tensor: constants of one element each."""
        step = np.float32(self.scalar(node, scale, f"the scale of {what}"))
        if not np.isfinite(step) or step <= 0:
            node.refuse(f"has {step} as the scale of {what}; it must be above 0")
        if not node.given(zero):
            return Meaning(Sample(False, 8), step, 0)
        point = self.scalar(node, zero, f"the zero point of {what}")
        return Meaning(sample_of(node, point.dtype), step, int(point))

    def quantised(self, node: Node, place: int = 0, what: str = "its input") -> Real:
        """An input of a QLinear operator, whose scale and zero point are the next two."""
        meant = self.meaning(node, place + 1, place + 2, what)
        return self.meant(Real(self.integers(node, place), meant.scale, meant.zero_point))

    def requantised(self, node: Node, made: Pending, scale: int) -> Integers:
        """A QLinear operator's output, whose scale and zero point are inputs from ``scale`` on."""
        to = self.meaning(node, scale, scale + 1, "its output")
        return Integers(made.rounded(self, to, node.outputs[0]))

    def weights(self, node: Node, place: int, scale: int, zero: int, axis: int) -> Weights:
        """Constant weights of a QLinear operator."""
        values = self.constant(node, place, "weights")
        scales = np.atleast_1d(self.constant(node, scale, "the scales of weights")).reshape(-1)
        zeros = (np.atleast_1d(self.constant(node, zero, "zero points of weights")).reshape(-1)
                 if node.given(zero) else np.zeros(1, np.int64))
        for array in (scales, zeros):
            if array.size not in (1, values.shape[axis] if values.ndim else 1):
                node.refuse(f"has {array.size} scales or zero points for weights of dimensions "
                            f"{list(values.shape)}")
        return Weights(values.astype(np.int64), scales.astype(np.float32),
                       zeros.astype(np.int64), axis, values.dtype)


def sample_of(node: Node, dtype: "np.dtype[Any]") -> Sample:
    """The sample of a numpy type, or of a type of 2 or 4 bits."""
    name = dtype.name
    if not name.removeprefix("u").startswith("int") or dtype.itemsize > 4:
        node.refuse(f"with samples of {name} is not supported; integers of at most 32 bits are")
    return Sample(not name.startswith("u"), int(name.lstrip("uint")))
