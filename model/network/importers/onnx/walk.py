"""From a graph to layers: what every operator has at hand."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ....errors import InputError, nearest, shorten
from ....sample import Sample
from ...table import Table
from ...tensor import Tensor
from ...value import INPUT, Network
from ..builder import Builder
from ..layout import View
from .file import Graph, Node
from .values import Integers, Meaning, Pending, Real, Value, Weights, whole


__all__ = ["OPERATORS", "Walk", "operator"]

Maker = Callable[["Walk", Node], "Value"]
#: What makes a value of each operator that is known.
OPERATORS: dict[str, Maker] = {}


def operator(*kinds: str) -> Callable[[Maker], Maker]:
    """Enter a function in :data:`OPERATORS`."""
    def enter(maker: Maker) -> Maker:
        OPERATORS.update(dict.fromkeys(kinds, maker))
        return maker
    return enter


class Walk:
    """Goes through a graph once and makes layers.

    Parameters
    ----------
    graph : :class:`Graph`
    arithmetic : :class:`str`
        ``onnxruntime`` or ``power-of-two``.
    sample : :class:`~windrow.model.sample.Sample` or ``None``
        Of a float input that no QuantizeLinear reads: its values are these integers.
    """

    def __init__(self, graph: Graph, arithmetic: str, sample: Sample | None) -> None:
        self.graph = graph
        self.arithmetic = arithmetic
        self.builder = Builder(channels_last=False)
        self.values: dict[str, Value] = dict(graph.constants)
        self.sample = sample
        #: Of layers that give a float tensor: the integers that a QuantizeLinear makes of it.
        self.integer_names: dict[str, str] = {}

    def network(self, name: str) -> Network:
        """The network."""
        from . import start

        start.start(self)
        for node in self.graph.nodes:
            if node.outputs[0] in self.values:  # the first QuantizeLinear, which the input is
                continue
            maker = OPERATORS.get(node.kind)
            if maker is None:
                node.refuse("is not supported; " + nearest(node.kind, OPERATORS))
            if any(node.outputs[1:]) and any(map(self.graph.consumers, node.outputs[1:])):
                node.refuse(f"with {len(node.outputs)} outputs is not supported; only the first is")
            self.values[node.outputs[0]] = maker(self, node)
        output = self.values.get(self.graph.output)
        if isinstance(output, Pending):
            output = output.exact(self)
        if isinstance(output, Real):
            output = self.settled(output)
        if not isinstance(output, (Integers, Real)):
            raise InputError(f"output {shorten(self.graph.output)} does not depend on the input")
        return self.builder.network(name, output.view, self.arithmetic, self.graph.output)

    # Inputs of nodes.

    def value(self, node: Node, place: int) -> Value:
        """An input."""
        if not node.given(place):
            node.refuse(f"lacks its input {place}")
        return self.values[node.inputs[place]]

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
        """A float input as samples and their meaning, whatever has to be made for that."""
        return self.settled(self.loose(node, place))

    def loose(self, node: Node, place: int = 0) -> Real:
        """A float input, with nodes of one input that are not yet a table."""
        value = self.value(node, place)
        if isinstance(value, Pending):
            return value.exact(self)
        if isinstance(value, Integers):  # integer tensors under operators that take both
            return Real(value.view, np.float32(1), 0)
        if not isinstance(value, Real):
            node.refuse(f"with a constant as its input {place} is not supported")
        return value

    def like(self, node: Node, made: Real, place: int = 0) -> Value:
        """A result as its operator gives it: integers where it reads integers."""
        if isinstance(self.value(node, place), Integers):
            return Integers(made.view)
        return made

    # Layers.

    def settled(self, real: Real) -> Real:
        """With its nodes made a table, if their values are integers times a power of two."""
        if not real.nodes:
            return self.meant(real)
        from .pointwise import values_of

        made = values_of(self, real)
        tensor = self.builder.tensor(real.view)
        same = np.rint(made / real.scale).astype(np.int64) + real.zero_point
        inside = tensor.sample.minimum <= same.min() and same.max() <= tensor.sample.maximum
        centred = (same - real.zero_point).astype(np.float32)
        if inside and np.array_equal(centred * real.scale, made):
            to = Meaning(tensor.sample, real.scale, real.zero_point)
            return self.table(real, same, to)
        try:
            entries, scale = whole(made)
            sample = Sample.holding(int(entries.min()), int(entries.max()))
        except (OverflowError, InputError):
            real.nodes[-1].refuse("gives values that are not a few integers times a power of two: "
                                  "put a QuantizeLinear and DequantizeLinear behind it")
        return self.table(real, entries, Meaning(sample, np.float32(float(scale)), 0))

    def table(self, real: Real, entries: np.ndarray, to: Meaning, file: str = "",
              name: str = "") -> Real:
        """The layer of a table: ``entries`` is (1 or channels, 2**bits)."""
        sample = self.builder.tensor(real.view).sample
        plain = np.arange(sample.minimum, sample.maximum + 1)
        if sample == to.sample and np.array_equal(entries, np.broadcast_to(plain, entries.shape)):
            return self.meant(Real(real.view, to.scale, to.zero_point))
        last = real.nodes[-1] if real.nodes else None
        name = name or (last.name if last else "table")
        made = self.builder.add(
            Table, name, file or (last.outputs[0] if last else ""), [real.view],
            tables=tuple(tuple(row) for row in entries.tolist()), sample=to.sample,
            scale=float(to.scale), zero_point=to.zero_point)
        return Real(real.view.on(made), to.scale, to.zero_point)

    def meant(self, real: Real) -> Real:
        """With a tensor whose zero point is the one that is meant.

        Nothing has read the input yet where it has no meaning of its own; any other tensor goes
        through a table that changes no sample.
        """
        tensor = self.builder.tensor(real.view)
        if real.view.tensor == INPUT and tensor.scale is None:
            self.builder.start(replace(tensor, scale=float(real.scale),
                                       zero_point=real.zero_point))
        elif tensor.zero_point != real.zero_point:
            sample = tensor.sample
            plain = range(sample.minimum, sample.maximum + 1)
            name = self.builder.add(
                Table, f"{real.view.tensor}_zero_point", "", [real.view], tables=(tuple(plain),),
                sample=sample, scale=float(real.scale), zero_point=real.zero_point)
            return replace(real, view=real.view.on(name))
        return real

    def channels_of(self, view: View) -> int:
        """How many channels a view's tensor has."""
        return self.builder.tensor(view).channels

    def tensor(self, view: View) -> Tensor:
        """The tensor that a view shows."""
        return self.builder.tensor(view)

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
                       zeros.astype(np.int64), axis)


def sample_of(node: Node, dtype: "np.dtype[Any]") -> Sample:
    """The sample of a numpy type, or of a type of 2 or 4 bits."""
    name = dtype.name
    if not name.removeprefix("u").startswith("int") or dtype.itemsize > 4:
        node.refuse(f"with samples of {name} is not supported; integers of at most 32 bits are")
    return Sample(not name.startswith("u"), int(name.lstrip("uint")))
