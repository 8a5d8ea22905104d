"""Operators of several tensors, and of a tensor and a constant."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np

from ....sample import Sample
from ...join import Add, Concat, Mul
from ...pair_rule import ExactAdd, OnnxAdd, PairRule
from ...requantiser import FloatRequantiser
from ..layout import View
from .file import Node
from .layers import Layers
from .linear import Sums
from .pending import Pending
from .pointwise import pointwise
from .runs import qlinear_table
from .values import Integers, Meaning, Real, is_power_of_two, quantised
from .walk import Value, Walk, operator


@dataclass(frozen=True, eq=False)
class Pair(Pending):
    """The sum or the product of two tensors of one size."""

    sources: tuple[Real, Real] = field(kw_only=True)

    def rounded(self, layers: Layers, to: Meaning, file: str) -> View:
        one, two = self.sources
        if not self.fused(to) and not all(
                is_power_of_two(float(each)) for each in (one.scale, two.scale, to.scale)):
            raise self.inexact()
        if self.node.kind.endswith("Mul"):
            # f(f(a * b) / c)
            requantiser = FloatRequantiser(scales=(float(one.scale * two.scale / to.scale),),
                                           zero_first=self.fused(to), **self.output(to))
            return self._made(layers, file, requantiser=requantiser)
        rule = OnnxAdd if self.fused(to) else ExactAdd
        return self._made(layers, file, rule=self._rule(rule, to))

    def exact(self, layers: Layers) -> Real:
        one, two = self.sources
        if not all(is_power_of_two(float(each.scale)) for each in self.sources):
            raise self.inexact()
        ends = [(np.array([sample.minimum, sample.maximum]) - each.zero_point) for each, sample in (
            (each, layers.tensor(each.view).sample) for each in self.sources)]
        if self.node.kind.endswith("Mul"):
            scale = one.scale * two.scale
            every = np.outer(*ends)
        else:
            scale = min(one.scale, two.scale)
            every = np.add.outer(*(end * int(each.scale / scale) for end, each in zip(
                ends, self.sources, strict=True)))
        if np.abs(every).max() > 1 << 24 or (self.low, self.high) not in (
                (-np.inf, np.inf), (0, np.inf)):
            raise self.inexact()
        low, high = int(every.min()), int(every.max())
        if self.low == 0:
            low, high = 0, max(high, 0)
        to = Meaning(Sample.holding(low, high), scale, 0)
        if self.node.kind.endswith("Mul"):
            view = self._made(layers, self.node.outputs[0], requantiser=FloatRequantiser(
                scales=(1.0,), sample=to.sample, scale=float(scale)))
        else:
            view = self._made(layers, self.node.outputs[0], rule=self._rule(ExactAdd, to))
        return Real(view, scale, 0)

    def _rule(self, rule: type[PairRule], to: Meaning) -> PairRule:
        one, two = self.sources
        return rule(scales=(float(one.scale), float(two.scale), float(to.scale)),
                    zero_points=(one.zero_point, two.zero_point, to.zero_point),
                    sample=to.sample, **self.limits(to))

    def _made(self, layers: Layers, file: str, **keys: PairRule | FloatRequantiser) -> View:
        views = [layers.meant(each).view for each in self.sources]
        if views[0].dims != views[1].dims or not np.array_equal(views[0].index, views[1].index):
            self.node.refuse(f"of tensors of dimensions {list(views[0].dims)} and "
                             f"{list(views[1].dims)} is not supported: both must be of one size "
                             "and in one order")
        kind = Mul if self.node.kind.endswith("Mul") else Add
        return self.placed(views[0].on(layers.builder.add(kind, self.node.name, file, views,
                                                        **keys)))


def _shifted(walk: Walk, node: Node, value: Sums, constant: np.ndarray, place: int) -> Value | None:
    """Sums with a constant added or multiplied: a bias, or other scales."""
    array = constant.astype(np.float32)
    count = len(value.weights.values)
    if array.size > 1:
        # Channels are the second dimension of pictures and the last one of what a matrix gives.
        pictures = value.weights.values.ndim > 2
        axis = array.ndim - (value.source.view.index.ndim - 1 if pictures else 1)
        if not 0 <= axis < array.ndim or array.size != count or array.shape[axis] != count:
            return None
    each = [Fraction(float(one)) for one in np.broadcast_to(array.reshape(-1), (count,))]
    if (value.low, value.high) != (-np.inf, np.inf) or value.moves:
        return None
    if node.kind == "Mul":
        factors = [float(one) for one in each]
        if min(factors) <= 0 or not all(map(is_power_of_two, factors)):
            return None
        scales = np.broadcast_to(value.weights.scales, (count,)) * np.array(factors, np.float32)
        return replace(value, unit=False, weights=replace(value.weights, scales=scales, axis=0),
                       bias=tuple(one * two for one, two in zip(value.bias, each, strict=True)))
    if node.kind == "Sub" and place == 1:
        return None
    sign = -1 if node.kind == "Sub" else 1
    return replace(value, unit=False, bias=tuple(
        one + sign * two for one, two in zip(value.bias, each, strict=True)))


@operator("Add", "Sub", "Mul", "Div", "Max", "Min")
def combine(walk: Walk, node: Node) -> Value:
    given = [place for place in range(len(node.inputs)) if not walk.is_constant(node, place)]
    if len(node.inputs) == 1:
        return walk.value(node, 0)
    if len(given) == 1:
        value = walk.value(node, given[0])
        if isinstance(value, Sums) and node.kind in ("Add", "Sub", "Mul") and len(node.inputs) == 2:
            made = _shifted(walk, node, value, walk.constant(node, 1 - given[0], "an operand"),
                            given[0])
            if made is not None:
                return made
        return pointwise(walk, node)
    if len(given) != 2 or len(node.inputs) != 2 or node.kind not in ("Add", "Mul"):
        node.refuse(f"of {len(given)} tensors is not supported")
    if any(isinstance(walk.value(node, place), Integers) for place in given):
        node.refuse("of two tensors of integers is not supported: it wraps around; quantise it "
                    "(QLinearAdd, or QuantizeLinear and DequantizeLinear around it)")
    unit = all(walk.loose(node, place).unit for place in given)
    sources = walk.real(node, 0), walk.real(node, 1)
    samples = [walk.tensor(each.view).sample for each in sources]
    return Pair(node, unit and samples[0] == samples[1], samples[0], sources=sources)


@operator("QLinearAdd", "QLinearMul")
def qlinear_pair(walk: Walk, node: Node) -> Value:
    sources = []
    for place in (0, 3):
        if walk.is_constant(node, place):
            return qlinear_table(walk, node, 3 - place, 6)
        sources.append(walk.quantised(node, place, f"input {place}"))
    made = Pair(node, True, walk.tensor(sources[0].view).sample, sources=(sources[0], sources[1]))
    return walk.requantised(node, made, 6)


@dataclass(frozen=True, eq=False)
class Joined(Pending):
    """Tensors one after the other along their channels."""

    sources: Sequence[Real] = field(kw_only=True)
    axis: int = field(kw_only=True)

    def rounded(self, layers: Layers, to: Meaning, file: str) -> View:
        limits = self.limits(to)
        return self._made(layers, file, to, [
            np.clip(quantised(layers.function(each).values, to)[0], limits["low"], limits["high"])
            for each in self.sources])

    def exact(self, layers: Layers) -> Real:
        if (self.low, self.high) != (-np.inf, np.inf):
            raise self.inexact()
        first = self.sources[0]
        meant = [Meaning(layers.tensor(each.view).sample, each.scale, each.zero_point)
                 for each in self.sources]
        if all(each == meant[0] for each in meant):
            return Real(self._made(layers, self.node.outputs[0], meant[0], None), first.scale,
                        first.zero_point)
        scale = min(each.scale for each in self.sources)
        if not all(is_power_of_two(float(each.scale)) for each in self.sources):
            raise self.inexact()
        tables = [np.rint(layers.function(each).values[0] / scale).astype(np.int64)
                  for each in self.sources]
        sample = Sample.holding(min(int(each.min()) for each in tables),
                                max(int(each.max()) for each in tables))
        to = Meaning(sample, scale, 0)
        return Real(self._made(layers, self.node.outputs[0], to, tables), scale, 0)

    def _made(self, layers: Layers, file: str, to: Meaning,
              tables: list[np.ndarray] | None) -> View:
        views = [each.view for each in self.sources]
        joined = layers.builder.concatenated(views, self.axis, self.node.name)
        rows: list[tuple[int, ...] | None] = []
        for number, view in enumerate(views):
            sample = layers.tensor(view).sample
            plain = np.arange(sample.minimum, sample.maximum + 1)
            table = plain if tables is None else tables[number]
            same = sample == to.sample and np.array_equal(table, plain)
            rows.append(None if same else tuple(table.tolist()))
        name = layers.builder.add(Concat, self.node.name, file, views, tables=tuple(rows),
                                sample=to.sample, scale=float(to.scale), zero_point=to.zero_point)
        return self.placed(joined.on(name))


def _axis(node: Node, view: View) -> int:
    axis = node.get("axis", None)
    rank = view.index.ndim
    if axis is None or not -rank <= axis < rank:
        node.refuse(f"along axis {axis} of {rank} dimensions is malformed")
    return axis % rank


@operator("Concat")
def concat(walk: Walk, node: Node) -> Value:
    constants = [place for place in range(len(node.inputs)) if walk.is_constant(node, place)]
    if constants:
        node.refuse("with a constant is not supported")
    integers = [isinstance(walk.value(node, place), Integers) for place in range(len(node.inputs))]
    sources = [walk.real(node, place) for place in range(len(node.inputs))]
    axis = _axis(node, sources[0].view)
    if len(sources) == 1:
        return walk.value(node, 0)
    made = Joined(node, False, walk.tensor(sources[0].view).sample, sources=sources, axis=axis)
    if all(integers):
        same = Meaning(walk.tensor(sources[0].view).sample, np.float32(1), 0)
        return Integers(made._made(walk, node.outputs[0], same, None))
    return made


@operator("QLinearConcat")
def qlinear_concat(walk: Walk, node: Node) -> Value:
    sources = [walk.quantised(node, place, f"input {place}")
               for place in range(2, len(node.inputs), 3)]
    made = Joined(node, True, walk.tensor(sources[0].view).sample, sources=sources,
                  axis=_axis(node, sources[0].view))
    return walk.requantised(node, made, 0)


@operator("BatchNormalization")
def batch_normalization(walk: Walk, node: Node) -> Value:
    """A table a channel; behind sums it is float32, which rounds."""
    if node.get("training_mode", 0):
        node.refuse("with training_mode is not supported")
    value = walk.value(node, 0)
    if not isinstance(value, Sums):
        return pointwise(walk, node)
    return node.refuse("behind a convolution is not exact in float32: fold it before quantising "
                       "(model.eval(), and quant_pre_process)")

