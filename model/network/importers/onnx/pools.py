"""Pools."""

import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ....errors import InputError
from ....sample import Sample
from ...average import AverageRequantiser
from ...pooling import Pool
from ...requantiser import FloatRequantiser, Requantiser
from ..layout import View
from .file import Node
from .layers import Layers
from .linear import EXACT, window
from .pending import Pending
from .values import Meaning, Real, is_power_of_two
from .walk import Value, Walk, operator


@dataclass(frozen=True, eq=False)
class Mean(Pending):
    """The mean of a window; of the whole frame where ``whole`` is set."""

    source: Real = field(kw_only=True)
    keys: dict[str, Any] = field(kw_only=True)
    whole: bool = field(default=False, kw_only=True)

    def rounded(self, layers: Layers, to: Meaning, file: str) -> View:
        if self.fused(to) and self.keys.get("count_include_pad") and any(self.keys["beyond"]):
            # QLinearAveragePool counts what ceil_mode adds too.
            (top, bottom, left, right), (down, along) = self.keys["pads"], self.keys["beyond"]
            keys = {**self.keys, "pads": (top, bottom + down, left, right + along),
                    "beyond": (0, 0)}
            return replace(self, keys=keys).rounded(layers, to, file)
        pool, source, shared = self._pool(layers), self.source, self.output(to)
        requantisers: dict[int, Requantiser] = {}
        for count in pool.counts:
            if not self.fused(to):
                step = float(source.scale) / (count * float(to.scale))
                if not (self._exact(pool) and is_power_of_two(step)):
                    raise self.inexact()
                requantisers[count] = FloatRequantiser(scales=(step,), **shared)
            elif self.whole:
                step = float(source.scale / np.float32(to.scale * np.float32(count)))
                requantisers[count] = FloatRequantiser(scales=(step,), **shared)
            else:
                try:
                    requantisers[count] = AverageRequantiser(
                        input_sample=pool.input.sample, input_scale=float(source.scale),
                        input_zero=source.zero_point, count=count, **shared)
                except InputError as error:
                    self.node.refuse(f"cannot be made exactly: {error}")
        return self._made(layers, file, requantisers)

    def exact(self, layers: Layers) -> Real:
        pool = self._pool(layers)
        if len(pool.counts) != 1 or not self._exact(pool):
            raise self.inexact()
        count, sums = pool.counts[0], pool.sums[0]
        step = float(self.source.scale) / count
        if not is_power_of_two(count) or (self.low, self.high) != (-np.inf, np.inf):
            raise self.inexact()
        view = self._made(layers, self.node.outputs[0], {count: FloatRequantiser(
            scales=(1.0,), sample=Sample.holding(*sums), scale=step)})
        return Real(view, np.float32(step), 0)

    def _exact(self, pool: Pool) -> bool:
        """Whether float32 has all sums exactly, in whatever order."""
        odd = float(self.source.scale).as_integer_ratio()[0]
        return max(max(abs(low), high) for low, high in pool.sums) * odd <= EXACT

    def _pool(self, layers: Layers) -> Pool:
        """The layer, to be asked for its counts."""
        tensor = layers.tensor(self.source.view)
        around = self.keys.get("pads", (0, 0, 0, 0))  # which may count
        largest = min(math.prod(self.keys["kernel"]),
                      (tensor.height + sum(around[:2])) * (tensor.width + sum(around[2:])))
        whatever = {count: FloatRequantiser(scales=(1.0,), sample=tensor.sample)
                    for count in range(1, largest + 1)}
        return Pool(name=self.node.name, inputs=("input",), sources=(tensor,), kind="average",
                    requantisers=whatever, **self.keys)

    def _made(self, layers: Layers, file: str, requantisers: dict[int, Any]) -> View:
        return self.placed(layers.builder.window(
            Pool, self.node.name, file, self.source.view, kind="average",
            requantisers=requantisers, **self.keys))


def _geometry(walk: Walk, node: Node, view: View) -> dict[str, Any]:
    """Kernel, stride, dilation, pads, and what ``ceil_mode`` adds behind them."""
    kernel = [int(each) for each in node.get("kernel_shape", ())]
    taps = (1, *kernel)[-2:]
    if len(kernel) != view.index.ndim - 2 or min(kernel, default=0) < 1:
        node.refuse(f"has kernel_shape {kernel} and reads {list(view.dims)}")
    keys = window(walk, node, view, taps)
    if node.get("storage_order", 0):
        node.refuse("with storage_order is not supported")
    beyond = [0, 0]
    for axis in range(2) if node.get("ceil_mode", 0) else ():
        size, (before, after) = view.shape[1 + axis], keys["pads"][2 * axis:2 * axis + 2]
        step, reach = keys["stride"][axis], keys["dilation"][axis] * (taps[axis] - 1) + 1
        free = size + before + after - reach
        count = -(-free // step) + 1
        if (count - 1) * step >= size + before:  # no window starts behind the frame
            count -= 1
        beyond[axis] = max((count - 1) * step - free, 0)
    return {"kernel": taps, **keys, "beyond": tuple(beyond)}


@operator("MaxPool")
def max_pool(walk: Walk, node: Node) -> Value:
    value = walk.loose(node)
    if not value.nodes or (np.diff(walk.function(value).values) < 0).any():
        value = walk.real(node)  # the greatest sample may not be the greatest value
    walk.builder.image(value.view, node.name)
    view = walk.builder.window(Pool, node.name, node.outputs[0], value.view,
                               kind="max", **_geometry(walk, node, value.view))
    return walk.like(node, replace(value, view=view))


@operator("GlobalMaxPool")
def global_max_pool(walk: Walk, node: Node) -> Value:
    value = walk.real(node)
    view = walk.builder.window(Pool, node.name, node.outputs[0], value.view, kind="max",
                               kernel=value.view.shape[1:])
    return walk.like(node, replace(value, view=view))


def _mean(walk: Walk, node: Node, source: Real, *, unit: bool) -> Mean:
    walk.builder.image(source.view, node.name)
    sample = walk.tensor(source.view).sample
    if node.kind.startswith(("Global", "QLinearGlobal")):
        keys: dict[str, Any] = {"kernel": source.view.shape[1:]}
        return Mean(node, unit, sample, source=source, keys=keys, whole=True)
    keys = _geometry(walk, node, source.view)
    return Mean(node, unit, sample, source=source, keys={
        **keys, "count_include_pad": bool(node.get("count_include_pad", 0))})


@operator("AveragePool", "GlobalAveragePool")
def average_pool(walk: Walk, node: Node) -> Value:
    if not isinstance(walk.value(node, 0), (Real, Pending)):
        node.refuse("of integers is not supported")
    unit = walk.loose(node).unit
    return _mean(walk, node, walk.real(node), unit=unit)


@operator("ReduceMean")
def reduce_mean(walk: Walk, node: Node) -> Value:
    """Over rows and columns, as PyTorch exports a global average."""
    source = walk.real(node)
    axes = node.get("axes", None)
    if axes is None and node.given(1):
        axes = walk.constant(node, 1, "its axes").tolist()
    if sorted(axis % source.view.index.ndim for axis in axes or ()) != [2, 3]:
        node.refuse(f"over axes {axes} is not supported; rows and columns, [2, 3], are")
    made = Mean(node, False, walk.tensor(source.view).sample, source=source, whole=True,
                keys={"kernel": source.view.shape[1:]})
    if node.get("keepdims", 1):
        return made
    return made.moved(lambda view: view.moved(view.index.reshape(view.dims[:2])))


@operator("QLinearAveragePool", "QLinearGlobalAveragePool")
def qlinear_average_pool(walk: Walk, node: Node) -> Value:
    if node.get("channels_last", 0):
        node.refuse("with channels_last is not supported")
    made = _mean(walk, node, walk.quantised(node), unit=True)
    return walk.requantised(node, made, 3)
