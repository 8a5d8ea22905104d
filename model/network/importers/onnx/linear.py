"""Operators that multiply by constants: convolutions and matrices."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np

from ....sample import Sample
from ...convolution import Convolution
from ...layer import same_pads
from ...requantiser import FloatRequantiser
from ..layout import View
from .file import Node
from .float_constants import as_runtime
from .layers import Layers
from .pending import Pending
from .values import Integers, Meaning, Real, Weights, is_power_of_two, whole
from .walk import Value, Walk, operator


__all__ = ["window"]

#: Integers up to which float32 is exact.
EXACT = 1 << 24


@dataclass(frozen=True, eq=False)
class Sums(Pending):
    """``x_scale * weight scale * sum``: of a convolution, or of a matrix.

    Parameters
    ----------
    source : :class:`Real`
        The samples, under no nodes.
    weights : :class:`Weights`
        Of shape (M, C // groups, kh, kw) with one scale or one of each of M, or (M, K).
    bias : tuple of M :class:`~fractions.Fraction`
        Its value.
    counts : tuple of M :class:`int`
        The same in steps of the sum, where ONNX Runtime fuses: it takes them as they are.
    keys : :class:`dict`
        The geometry of a convolution, none of a matrix.
    """

    source: Real = field(kw_only=True)
    weights: Weights = field(kw_only=True)
    bias: tuple[Fraction, ...] = field(kw_only=True)
    counts: tuple[int, ...] = field(kw_only=True)
    keys: dict[str, Any] = field(kw_only=True)

    def rounded(self, layers: Layers, to: Meaning, file: str) -> View:
        if self.fused(to):
            # f(f(x * w) / y), as ONNX Runtime has it.
            scales = self.source.scale * self.weights.scales / to.scale
            requantiser = FloatRequantiser(scales=tuple(scales.tolist()), **self.output(to))
            return self._made(layers, file, self.weights, self.counts, requantiser)
        weights, bias, steps = self._exact()
        factors = [float(step / Fraction(float(to.scale))) for step in steps]
        if not is_power_of_two(float(to.scale)) or not all(
                float(np.float32(each)) == each for each in factors):
            raise self.inexact()
        if len(set(factors)) == 1:
            factors = factors[:1]
        requantiser = FloatRequantiser(scales=tuple(factors), **self.output(to))
        return self._made(layers, file, weights, bias, requantiser)

    def exact(self, layers: Layers) -> Real:
        weights, bias, steps = self._exact()
        step = min(steps)
        ratios = [each / step for each in steps]
        if any(each.denominator > 1 for each in ratios) or float(np.float32(float(step))) != step:
            raise self.inexact()
        if step != max(steps):  # scales that differ become factors of the weights
            factors = np.array([int(each) for each in ratios])
            values = (weights.values - weights.along(weights.zero_points)) * factors.reshape(
                -1, *[1] * (weights.values.ndim - 1))
            weights = replace(weights, values=values, zero_points=np.zeros(1, np.int64))
            bias = tuple(each * int(ratio) for each, ratio in zip(bias, ratios, strict=True))
        low, high = self._range(weights, bias)
        limits = []
        for end, default in ((self.low, low), (self.high, high)):
            part = Fraction(end) / step if abs(end) != np.inf else Fraction(default)
            if part.denominator > 1:
                raise self.inexact()
            limits.append(int(part))
        last = all(reader is None for reader in self._readers(layers))
        low, high = (min(max(each, limits[0]), limits[1]) for each in (low, high))
        requantiser = None
        if not last or self.low != -np.inf or self.high != np.inf:
            # The sums as they are, in no more bits than they need.
            requantiser = FloatRequantiser(scales=(1.0,), sample=Sample.holding(low, high),
                                           scale=float(step), low=low, high=high)
        view = self._made(layers, self.node.outputs[0], weights, bias, requantiser)
        return Real(view, np.float32(float(step)), 0)

    def _readers(self, layers: Layers) -> list[Node | None]:
        """What reads the result: nodes, and ``None`` for the network's output."""
        names = {self.node.outputs[0]}
        found: list[Node | None] = []
        for node in layers.graph.nodes:
            if names & set(node.inputs):
                if node.kind in ("Relu", "Clip", "Reshape", "Flatten", "Identity", "Squeeze"):
                    names.add(node.outputs[0])
                else:
                    found.append(node)
        return [*found, *([None] if layers.graph.output in names else [])]

    def _exact(self) -> tuple[Weights, tuple[int, ...], list[Fraction]]:
        """Weights, biases and the value of one step of each channel's sum, if float32 is exact."""
        source = Fraction(float(self.source.scale))
        count = len(self.weights.values)
        scales = np.broadcast_to(self.weights.scales, (count,))
        steps = [source * Fraction(float(scale)) for scale in scales]
        parts = [each / step for each, step in zip(self.bias, steps, strict=True)]
        finer = [part.denominator for part in parts]
        if any(each & (each - 1) or each > EXACT for each in finer):
            raise self.inexact()
        bias = [part.numerator for part in parts]
        weights = self.weights
        if max(finer) > 1:
            factors = np.array(finer).reshape(-1, *[1] * (weights.values.ndim - 1))
            values = (weights.values - weights.along(weights.zero_points)) * factors
            weights = replace(weights, values=values, zero_points=np.zeros(1, np.int64))
            steps = [step / each for step, each in zip(steps, finer, strict=True)]
        low, high = self._range(weights, tuple(bias))
        odd = max(step.numerator for step in steps)
        if max(abs(low), abs(high)) * odd > EXACT:
            raise self.inexact()
        return weights, tuple(bias), steps

    def _range(self, weights: Weights, bias: Sequence[int]) -> tuple[int, int]:
        """The least and the greatest sum, whatever the samples are."""
        sample = self.sample
        ends = [(weights.values - weights.along(weights.zero_points)) * (
            end - self.source.zero_point) for end in (sample.minimum, sample.maximum)]
        axes = tuple(range(1, weights.values.ndim))
        low = np.minimum(*ends).sum(axes) + np.array(bias)
        high = np.maximum(*ends).sum(axes) + np.array(bias)
        return int(low.min()), int(high.max())

    def _made(self, layers: Layers, file: str, weights: Weights, bias: Sequence[int],
              requantiser: FloatRequantiser | None) -> View:
        zeros = tuple(weights.zero_points.tolist())
        shared: dict[str, Any] = {
            "bias": tuple(bias), "weight_zero_point": zeros if any(zeros) else (),
            "requantiser": requantiser}
        view = layers.meant(self.source).view
        if weights.values.ndim == 2:
            made = layers.builder.linear(self.node.name, file, view, weights.values, **shared)
        else:
            made = layers.builder.window(Convolution, self.node.name, file, view,
                                       weights=weights.values, **self.keys, **shared)
        return self.placed(made)


def _sums(walk: Walk, node: Node, source: Real, weights: Weights,
          bias: np.ndarray | Weights | None, keys: dict[str, Any], *, unit: bool) -> Sums:
    """The pending sums; a float bias, or that of a unit, is brought in order."""
    count = len(weights.values)
    counts = (0,) * count
    if unit and isinstance(bias, Weights) and not bias.zero_points.any():
        counts = tuple(int(each) for each in np.broadcast_to(bias.values.reshape(-1), (count,)))
    elif bias is not None:
        unit = False
    real = np.zeros(count) if bias is None else bias.real if isinstance(bias, Weights) else bias
    if real.size not in (1, count):
        node.refuse(f"has a bias of {real.size} values for {count} outputs")
    sample = walk.tensor(source.view).sample
    return Sums(node, unit, sample, source=source, weights=weights, counts=counts,
                bias=tuple(Fraction(float(each))
                           for each in np.broadcast_to(real.reshape(-1), (count,))),
                keys=keys)


def _constants(walk: Walk, node: Node, axis: int, scaled: int | None = None) -> tuple[
        Weights, bool, np.ndarray | Weights | None]:
    """Weights, whether ONNX Runtime has them in at most 8 bits, and the bias.

    Float weights are integers times a power of two, or ONNX Runtime quantises them. ``axis`` is
    that of the outputs, ``scaled`` the one along which it wants scales a channel.
    """
    value, bias = walk.value(node, 1), _bias(walk, node, 2)
    if isinstance(value, (Weights, np.ndarray)):
        value, bias = as_runtime(walk, node, value, bias, axis if scaled is None else scaled)
    if isinstance(value, Weights):
        if value.scales.size > 1 and value.axis % value.values.ndim != axis:
            node.refuse(f"has weights with a scale for each place of axis {value.axis}; it must "
                        f"be {axis}")
        return value, value.dtype in (np.int8, np.uint8), bias
    if not isinstance(value, np.ndarray):
        node.refuse("of two tensors that are no constants is not supported")
    if value.dtype.kind != "f":
        node.refuse(f"with weights of {value.dtype} is not supported")
    if not value.size:
        node.refuse("with no weights is malformed")
    moved = np.moveaxis(value, axis, 0)
    values, scales = np.zeros(moved.shape, np.int64), np.ones(len(moved), np.float32)
    for channel, part in enumerate(moved):
        try:
            values[channel], scale = whole(part)
        except OverflowError:
            node.refuse("has float weights that are not integers times a power of two: quantise "
                        "the network (quantize_static)")
        scales[channel] = np.float32(float(scale))
    return Weights(np.moveaxis(values, 0, axis), scales, np.zeros(1, np.int64), axis), False, bias


# Convolutions.


def window(walk: Walk, node: Node, view: View, kernel: Sequence[int]) -> dict[str, Any]:
    """Kernel, stride, dilation and pads of a node, over the rows and columns of a view.

    Attributes of 1D operators are those of the columns.
    """
    rank = view.index.ndim - 2
    if rank not in (1, 2):
        node.refuse(f"over {max(rank, 0)} dimensions is not supported; 1 and 2 are")

    def pair(key: str, default: int) -> tuple[int, int]:
        given = [int(each) for each in node.get(key, [default] * rank)]
        if len(given) != rank or min(given) < 1:
            node.refuse(f"has {key} {given}; it must be {rank} integers of at least 1")
        first, second = [default, *given][-2:] if rank == 2 else (default, *given)
        return first, second

    taps = tuple(int(each) for each in kernel)
    stride, dilation = pair("strides", 1), pair("dilations", 1)
    auto = node.get("auto_pad", "NOTSET")
    given = [int(each) for each in node.get("pads", [0] * 2 * rank)]
    if len(given) != 2 * rank:
        node.refuse(f"has pads {given}; {2 * rank} are needed")
    if auto == "NOTSET":
        before, after = [0, *given[:rank]][-2:], [0, *given[rank:]][-2:]
        pads = before[0], after[0], before[1], after[1]
    elif auto == "VALID":
        pads = (0, 0, 0, 0)
    elif auto in ("SAME_UPPER", "SAME_LOWER"):
        for size, step, each, apart in zip(view.shape[1:], stride, taps, dilation, strict=True):
            if (-(-size // step) - 1) * step + apart * (each - 1) + 1 - size < -1:
                node.refuse(f"with auto_pad {auto} and a stride of {step} over a kernel of {each} "
                            "is not supported, for ONNX Runtime moves its windows: give it pads")
        pads = same_pads(view.shape[1:], taps, stride, dilation, lower=auto == "SAME_LOWER")
    else:
        node.refuse(f"has auto_pad {auto!r}; NOTSET, VALID, SAME_UPPER and SAME_LOWER are known")
    return {"stride": stride, "dilation": dilation, "pads": pads}


def _two(node: Node, weights: Weights, rank: int) -> Weights:
    """Kernels of 1D operators as one row."""
    values = weights.values
    if values.ndim != rank + 2:
        node.refuse(f"has weights of {values.ndim} dimensions and reads {rank + 2}")
    if rank == 1:
        values = values[:, :, None]
    return replace(weights, values=values)


def _convolution(walk: Walk, node: Node, source: Real, weights: Weights,
                 bias: np.ndarray | Weights | None, *, unit: bool) -> Sums:
    view = source.view
    walk.builder.image(view, node.name)
    weights = _two(node, weights, view.index.ndim - 2)
    keys = window(walk, node, view, weights.values.shape[2:])
    shape = node.get("kernel_shape", None)
    if shape and list(shape) != list(weights.values.shape[-len(shape):]):
        node.refuse(f"has kernel_shape {list(shape)} and weights of dimensions "
                    f"{list(weights.values.shape)}")
    return _sums(walk, node, source, weights, bias, {**keys, "groups": node.get("group", 1)},
                 unit=unit)


def _bias(walk: Walk, node: Node, place: int) -> np.ndarray | Weights | None:
    if not node.given(place):
        return None
    value = walk.value(node, place)
    if not isinstance(value, (np.ndarray, Weights)):
        node.refuse("with a bias that is no constant is not supported")
    return value


def _fuses(walk: Walk, node: Node) -> bool:
    """Whether ONNX Runtime fuses on x86, where the other constants allow it: u8, not s8."""
    source = walk.loose(node)
    return source.unit and walk.tensor(source.view).sample == Sample(False, 8)


@operator("Conv")
def conv(walk: Walk, node: Node) -> Value:
    source = walk.real(node)
    weights, small, bias = _constants(walk, node, 0)
    return _convolution(walk, node, source, weights, bias, unit=_fuses(walk, node) and small)


@operator("ConvTranspose")
def conv_transpose(walk: Walk, node: Node) -> Value:
    """A convolution of the input with zeros between; ONNX Runtime leaves it in float."""
    source, view = walk.real(node), walk.real(node).view
    walk.builder.image(view, node.name)
    weights, _, bias = _constants(walk, node, 1, 0)
    rank = view.index.ndim - 2
    weights = _two(node, weights, rank)
    groups = node.get("group", 1)
    channels, each = weights.values.shape[:2]
    if weights.scales.size > 1 and groups > 1:
        weights = replace(weights, scales=np.tile(weights.scales, groups))
    if channels % groups:
        node.refuse(f"has {channels} input channels in {groups} groups")
    grouped = weights.values.reshape(groups, channels // groups, each, *weights.values.shape[2:])
    turned = grouped.transpose(0, 2, 1, 3, 4)[..., ::-1, ::-1]
    values = turned.reshape(groups * each, channels // groups, *weights.values.shape[2:])
    weights = replace(weights, values=values, axis=0)
    plain = replace(node, attributes={key: value for key, value in node.attributes.items()
                                      if key != "auto_pad"})
    keys = window(walk, plain, view, values.shape[2:])
    stride, dilation = keys["stride"], keys["dilation"]
    extra = [0, *node.get("output_padding", [0] * rank)][-2:]
    sizes = [1, *node.get("output_shape", [])][-2:]
    auto, pads = node.get("auto_pad", "NOTSET"), []
    for axis in range(2):
        taps = dilation[axis] * (values.shape[2 + axis] - 1) + 1
        stuffed = (view.shape[1 + axis] - 1) * stride[axis] + 1
        start, end = keys["pads"][2 * axis:2 * axis + 2]
        wanted = None
        if node.get("output_shape", None):
            wanted = sizes[axis]
        elif auto in ("SAME_UPPER", "SAME_LOWER"):
            wanted = view.shape[1 + axis] * stride[axis]
        if wanted is not None:
            whole_size = stuffed - 1 + extra[axis] + taps
            total = max(whole_size - wanted, 0)
            small, large = total // 2, total - total // 2
            start, end = (small, large) if auto == "SAME_UPPER" else (large, small)
            if node.get("output_shape", None):  # what is missing then comes behind
                end += min(whole_size - wanted, 0)
        pads += [taps - 1 - start, taps - 1 - end + extra[axis]]
    keys = {"dilation": dilation, "input_dilation": stride, "pads": tuple(pads), "groups": groups}
    return _sums(walk, node, source, weights, bias, keys, unit=False)


@operator("QLinearConv")
def qlinear_conv(walk: Walk, node: Node) -> Value:
    source = walk.quantised(node)
    weights = walk.weights(node, 3, 4, 5, 0)
    bias = walk.maybe(node, 8, "a bias")
    ints = None if bias is None else Weights(bias, np.ones(1, np.float32), np.zeros(1, np.int64))
    made = _convolution(walk, node, source, weights, ints, unit=True)
    return walk.requantised(node, made, 6)


def _unscaled(walk: Walk, node: Node, place: int, zero: int) -> Real:
    point = int(walk.scalar(node, zero, "a zero point")) if node.given(zero) else 0
    return walk.meant(Real(walk.integers(node, place), np.float32(1), point))


def _integer(walk: Walk, made: Sums) -> Integers:
    """Sums as they are, in 32 bits."""
    return Integers(made._made(walk, made.node.outputs[0], made.weights, made.counts, None))


def _unscaled_weights(walk: Walk, node: Node, place: int, zero: int, axis: int) -> Weights:
    values = walk.constant(node, place, "weights").astype(np.int64)
    given = walk.constant(node, zero, "zero points") if node.given(zero) else np.zeros(1)
    zeros = np.atleast_1d(given).reshape(-1).astype(np.int64)
    return Weights(values, np.ones(1, np.float32), zeros, axis)


@operator("ConvInteger")
def conv_integer(walk: Walk, node: Node) -> Value:
    source = _unscaled(walk, node, 0, 2)
    weights = _unscaled_weights(walk, node, 1, 3, 0)
    return _integer(walk, _convolution(walk, node, source, weights, None, unit=True))


# Matrices.


def _rows(node: Node, weights: Weights, *, transposed: bool) -> Weights:
    """A matrix of shape (K, M), or several that are the same, as (M, K)."""
    values = weights.values
    if values.ndim == 1:
        node.refuse("by a vector is not supported")
    if values.ndim > 2:
        first = values.reshape(-1, *values.shape[-2:])
        if (first != first[0]).any() or weights.scales.size > 1 or weights.zero_points.size > 1:
            node.refuse("with a matrix for each frame is not supported")
        weights = replace(weights, values=first[0], axis=1)
    return weights if transposed else weights.transposed((1, 0))


def _last_axis(walk: Walk, node: Node, place: int) -> int:
    value = walk.value(node, place)
    array = value.values if isinstance(value, Weights) else value
    return max(np.ndim(array) - 1, 0) if isinstance(array, np.ndarray) else 0


@operator("MatMul")
def matmul(walk: Walk, node: Node) -> Value:
    weights, small, _ = _constants(walk, node, _last_axis(walk, node, 1))
    source = walk.real(node)
    return _sums(walk, node, source, _rows(node, weights, transposed=False), None, {},
                 unit=_fuses(walk, node) and small)


@operator("Gemm")
def gemm(walk: Walk, node: Node) -> Value:
    if node.get("transA", 0):
        node.refuse("with transA is not supported: it would mix frames")
    transposed = bool(node.get("transB", 0))
    weights, small, bias = _constants(walk, node, 0 if transposed else 1)
    weights = _rows(node, weights, transposed=transposed)
    alpha, beta = np.float32(node.get("alpha", 1.0)), np.float32(node.get("beta", 1.0))
    unit = _fuses(walk, node) and small and alpha == 1 and beta == 1
    if bias is not None and not (isinstance(bias, Weights) and beta == 1):
        real = bias.real if isinstance(bias, Weights) else bias
        if real.ndim > 1 and (real != real[:1]).any():
            node.refuse("with a bias that differs by frame is not supported")
        bias = (real.reshape(-1)[-len(weights.values):] if real.size > 1 else real) * beta
    if alpha != 1:
        weights = replace(weights, scales=weights.scales * alpha)
    return _sums(walk, node, walk.real(node), weights, bias, {}, unit=unit)


@operator("QLinearMatMul")
def qlinear_matmul(walk: Walk, node: Node) -> Value:
    source = walk.quantised(node)
    weights = walk.weights(node, 3, 4, 5, _last_axis(walk, node, 3))
    made = _sums(walk, node, source, _rows(node, weights, transposed=False), None, {}, unit=True)
    return walk.requantised(node, made, 6)


@operator("QGemm")
def qgemm(walk: Walk, node: Node) -> Value:
    if node.get("transA", 0) or node.get("alpha", 1.0) != 1:
        node.refuse("with transA or alpha is not supported")
    transposed = bool(node.get("transB", 0))
    source = walk.quantised(node)
    weights = _rows(node, walk.weights(node, 3, 4, 5, 0 if transposed else 1),
                    transposed=transposed)
    bias = walk.maybe(node, 6, "a bias")
    ints = None if bias is None else Weights(bias, np.ones(1, np.float32), np.zeros(1, np.int64))
    made = _sums(walk, node, source, weights, ints, {}, unit=True)
    if not node.given(7):
        return replace(made, unit=False)
    return walk.requantised(node, made, 7)


@operator("MatMulInteger")
def matmul_integer(walk: Walk, node: Node) -> Value:
    source = _unscaled(walk, node, 0, 2)
    weights = _unscaled_weights(walk, node, 1, 3, _last_axis(walk, node, 1))
    return _integer(walk, _sums(walk, node, source, _rows(node, weights, transposed=False), None,
                                {}, unit=True))
