"""Random quantised ONNX models, by seed: real files in QOperator and in QDQ form."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from onnx import ModelProto, ValueInfoProto, helper, numpy_helper


__all__ = ["random_model", "random_pool", "random_transposed"]

FORMS = ("QOperator", "QDQ")
TAKES_PLAIN = ("MaxPool", "Resize", "Flatten")
"""What ONNX Runtime computes on integers as they are."""


class Quantised(NamedTuple):
    """A tensor of the file: its integers' name, what they mean, and the shape of a frame."""

    name: str
    scale: np.float32
    zero: np.generic
    shape: tuple[int, ...]


class _Model:
    """Nodes and constants as they are added."""

    def __init__(self, seed: int, form: str) -> None:
        self.random = np.random.default_rng((seed, 11))
        self.form = form
        self.nodes: list[Any] = []
        self.constants: dict[str, np.ndarray] = {}
        self.dtype = np.uint8 if form == "QDQ" or self.random.random() < 0.6 else np.int8

    def constant(self, array: Any) -> str:
        name = f"c{len(self.constants)}"
        self.constants[name] = np.asarray(array)
        return name

    def node(self, kind: str, inputs: Sequence[str], domain: str = "", **keys: Any) -> str:
        name = f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [f"{name}_out"], name=name, domain=domain,
                                           **keys))
        return f"{name}_out"

    def draw(self, low: int, high: int) -> int:
        return int(self.random.integers(low, high + 1))

    def meaning(self, shape: tuple[int, ...], name: str = "", *,
                scale: float | None = None) -> Quantised:
        """A new tensor, of any scale and zero point."""
        low, high = np.iinfo(self.dtype).min, np.iinfo(self.dtype).max
        return Quantised(name, np.float32(2.0 ** self.random.uniform(-8, 0)
                                          if scale is None else scale),
                         self.dtype(self.draw(low, high)), shape)

    def pair(self, tensor: Quantised) -> list[str]:
        return [self.constant(tensor.scale), self.constant(tensor.zero)]

    def real(self, tensor: Quantised) -> str:
        return self.node("DequantizeLinear", [tensor.name, *self.pair(tensor)])

    def apply(self, kind: str, sources: Sequence[Quantised], made: Quantised,
              weights: Sequence[tuple[np.ndarray, np.ndarray]] = (), domain: str = "",
              **keys: Any) -> Quantised:
        """A node of quantised tensors and, after the first one, of weights with their scales."""
        sizes = ["", self.constant(np.float32([1, 1, *keys.pop("factors")]))] if (
            kind == "Resize") else []
        if self.form == "QDQ":
            given = [self.real(each) for each in sources]
            given += [self.node("DequantizeLinear", [
                self.constant(values), self.constant(scales), self.constant(
                    np.zeros(np.shape(scales), values.dtype))],
                **({"axis": 0} if np.ndim(scales) else {})) for values, scales in weights]
            given += sizes
            made_as = self.node(kind, given, **keys)
            return made._replace(name=self.node("QuantizeLinear", [made_as, *self.pair(made)]))
        if kind in TAKES_PLAIN:
            return made._replace(name=self.node(kind, [sources[0].name, *sizes], **keys))
        given = [each for tensor in sources for each in (tensor.name, *self.pair(tensor))]
        end = self.pair(made)
        if kind == "Concat":
            given, end = [*end, *given], []
        if weights:
            (values, scales), *bias = weights
            given += [self.constant(values), self.constant(scales),
                      self.constant(np.zeros(np.shape(scales), values.dtype))]
            last = [self.constant(bias[0][0])]
            end = [*end, *last] if kind == "Conv" else [*last, *end]
        name = {"Conv": "QLinearConv", "Gemm": "QGemm"}.get(kind, f"QLinear{kind}")
        return made._replace(name=self.node(
            name, [*given, *end], "" if kind == "Conv" else "com.microsoft", **keys))

    def linear(self, kind: str, source: Quantised, shape: tuple[int, ...], weights: tuple[int, ...],
               **keys: Any) -> Quantised:
        """Conv or Gemm: scales that suit its sums, one in four of them far off."""
        count, made = weights[0], self.meaning(shape)
        values = self.random.integers(-127, 128, weights).astype(np.int8)
        spread = 80.0 * 70.0 * np.sqrt(values[0].size)
        wanted = 60 / spread * 2.0 ** self.random.uniform(-1.5, 1.5, count)
        wanted = np.where(self.random.random(count) < 0.25,
                          2.0 ** self.random.uniform(-20, 0, count), wanted)
        if self.random.random() < 0.3:
            wanted = wanted[0]
        scales = np.float32(wanted * made.scale / source.scale)
        bias = self.random.integers(-int(spread), int(spread) + 1, count).astype(np.int32)
        return self.apply(kind, [source], made, [(values, scales), (bias, scales * source.scale)],
                          **keys)

    def convolution(self, source: Quantised, channels: int, *, same: bool = False) -> Quantised:
        """Groups, depthwise, strides, dilations and pads of any kind; ``same`` keeps the shape."""
        deep = source.shape[0]
        divisors = [each for each in range(1, deep + 1) if not deep % each]
        groups = (1, deep, divisors[self.draw(0, len(divisors) - 1)])[self.draw(0, 2)]
        count = deep if same else groups * self.draw(1, max(channels // groups, 1))
        kernel, strides, dilations, before, after, sizes = [], [], [], [], [], []
        for length in source.shape[1:]:
            taps, apart = self.draw(1, 4), self.draw(1, 2)
            span = apart * (taps - 1)
            first, last = self.draw(0, span), self.draw(0, span)
            if same:
                first, last = span // 2, span - span // 2
            if length + first + last <= span:
                taps, first, last, span = 1, 0, 0, 0
            step = 1 if same else self.draw(1, 2)
            kernel, strides, dilations = [*kernel, taps], [*strides, step], [*dilations, apart]
            before, after = [*before, first], [*after, last]
            sizes.append((length + first + last - span - 1) // step + 1)
        return self.linear(
            "Conv", source, (count, *sizes), (count, deep // groups, *kernel), strides=strides,
            dilations=dilations, group=groups, pads=[*before, *after], kernel_shape=kernel)

    def skip(self, source: Quantised, channels: int) -> Quantised:
        """A branch of one convolution or two, and what joins it with the tensor before."""
        other = self.convolution(source, channels, same=True)
        if self.random.random() < 0.3:
            other = self.convolution(other, channels, same=True)
        kind = ("Add", "Add", "Mul", "Concat")[self.draw(0, 3)]
        if kind == "Concat" and 2 * source.shape[0] <= 12:
            made = self.meaning((2 * source.shape[0], *source.shape[1:]), scale=float(
                source.scale * 2.0 ** self.random.uniform(-0.5, 0.5)))
            return self.apply("Concat", [other, source], made, axis=1)
        product = kind == "Mul"
        scale = float(other.scale) * (float(source.scale) * 80 if product else 1)
        made = self.meaning(source.shape, scale=scale * 2.0 ** self.random.uniform(-1, 1))
        pair = [source, other] if self.random.random() < 0.5 else [other, source]
        return self.apply("Mul" if product else "Add", pair, made)

    def pool(self, source: Quantised) -> Quantised:
        kernel = [min(self.draw(1, 3), length) for length in source.shape[1:]]
        before, after, strides, sizes = [], [], [], []
        for taps, length in zip(kernel, source.shape[1:], strict=True):
            first, last, step = self.draw(0, taps - 1), self.draw(0, taps - 1), self.draw(1, 2)
            before, after, strides = [*before, first], [*after, last], [*strides, step]
            sizes.append((length + first + last - taps) // step + 1)
        return self.apply("MaxPool", [source], source._replace(shape=(source.shape[0], *sizes)),
                          kernel_shape=kernel, strides=strides, pads=[*before, *after])

    def point(self, source: Quantised) -> Quantised:
        kind = ("LeakyRelu", "Sigmoid")[self.draw(0, 1)]
        made = self.meaning(source.shape, scale=1 / 256 if kind == "Sigmoid" else float(
            source.scale * 2.0 ** self.random.uniform(-0.5, 0.5)))
        return self.apply(kind, [source], made, **(
            {"alpha": 0.2} if kind == "LeakyRelu" else {}))

    def resize(self, source: Quantised) -> Quantised:
        factors = [self.draw(1, 2), self.draw(1, 2)]
        made = source._replace(shape=(source.shape[0], *(
            length * factor for length, factor in zip(source.shape[1:], factors, strict=True))))
        return self.apply("Resize", [source], made, factors=factors, mode="nearest",
                          coordinate_transformation_mode="asymmetric", nearest_mode="floor")

    def whole_average(self, source: Quantised) -> Quantised:
        made = self.meaning((source.shape[0], 1, 1), scale=float(
            source.scale * 2.0 ** self.random.uniform(-0.5, 0.5)))
        return self.apply("GlobalAveragePool", [source], made)

    def finished(self, source: Quantised, made: Quantised) -> ModelProto:
        """The model: of integers, or in QDQ form between floats."""
        given, nodes, output = "x", self.nodes, made.name
        kind: Any = source.zero.dtype
        if self.form == "QDQ":
            output = self.real(made)
            first = helper.make_node("QuantizeLinear", ["x", *self.pair(source)], [source.name],
                                     name="start")
            nodes, kind = [first, *self.nodes], np.dtype(np.float32)
        else:
            given = source.name
        graph = helper.make_graph(
            nodes, "random",
            [helper.make_tensor_value_info(given, helper.np_dtype_to_tensor_dtype(kind),
                                           ["N", *source.shape])],
            [ValueInfoProto(name=output)],
            [numpy_helper.from_array(array, name) for name, array in self.constants.items()])
        return helper.make_model(graph, ir_version=8, opset_imports=[
            helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)])


def random_model(seed: int, channels: int = 6, size: int = 10) -> ModelProto:
    """A network of 3 to 8 layers with at least one skip connection, in either form."""
    made = _Model(seed, FORMS[seed % 2])
    source = at = made.meaning(tuple(made.draw(1, most) for most in (channels, size, size)), "q")
    count, done = made.draw(3, 8), 0
    skips = made.draw(0, count - 3)
    while done < count:
        if done == skips:
            at = made.skip(at, channels)
            done += 2
            continue
        if done == count - 1 and made.random.random() < 0.5 and at.shape[0] > 1:
            if made.random.random() < 0.5:
                at = made.whole_average(at)
            length = int(np.prod(at.shape))
            if length <= 400:
                flat = made.apply("Flatten", [at], at._replace(shape=(length,)))
                at = made.linear("Gemm", flat, (5,), (5, length), transB=1)
                break
        step = ("convolution", "convolution", "convolution", "skip", "skip", "pool", "point",
                "resize")[made.draw(0, 7)]
        if step == "resize" and max(at.shape[1:]) > size:
            step = "pool"
        keys = {"channels": channels} if step in ("convolution", "skip") else {}
        at = getattr(made, step)(at, **keys)
        done += 2 if step == "skip" else 1
    return made.finished(source, at)


def random_pool(seed: int, channels: int = 32, size: int = 14) -> ModelProto:
    """A pool alone: the greatest of a window, or the average of a frame."""
    made = _Model(seed, FORMS[seed % 2])
    source = made.meaning(tuple(made.draw(1, most) for most in (channels, size, size)), "q")
    kind = ("pool", "whole_average")[made.draw(0, 1)]
    return made.finished(source, getattr(made, kind)(source))


def random_transposed(seed: int, channels: int = 8, size: int = 7) -> ModelProto:
    """A transposed convolution with scales that are powers of two, where float32 is exact."""
    made = _Model(seed, "QDQ")
    source = made.meaning(tuple(made.draw(1, most) for most in (channels, size, size)), "q",
                          scale=2.0 ** made.draw(-4, 0))
    deep = source.shape[0]
    groups = (1, deep)[made.draw(0, 1)]
    each = made.draw(1, max(channels // groups, 1))
    kernel, strides, dilations, pads, extra, sizes = [], [], [], [], [], []
    for length in source.shape[1:]:
        taps, step, apart = made.draw(1, 4), made.draw(1, 3), made.draw(1, 2)
        more = made.draw(0, step - 1)
        whole = (length - 1) * step + apart * (taps - 1) + 1 + more
        first = made.draw(0, min(apart * (taps - 1), (whole - 1) // 2))
        last = made.draw(0, min(apart * (taps - 1), (whole - 1) // 2))
        kernel, strides, dilations = [*kernel, taps], [*strides, step], [*dilations, apart]
        pads, extra = [*pads, (first, last)], [*extra, more]
        sizes.append(whole - first - last)
    values = made.random.integers(-127, 128, (deep, each, *kernel)).astype(np.int8)
    weights = [(values, np.float32(2.0 ** made.draw(-6, 0)))]
    spread = 80.0 * 70.0 * np.sqrt(max(values[:, 0].size // np.prod(strides), 1))
    shape = (groups * each, *sizes)
    step = 2.0 ** np.round(np.log2(float(source.scale * weights[0][1]) * spread / 60))
    return made.finished(source, made.apply(
        "ConvTranspose", [source], made.meaning(shape, scale=step), weights, group=groups,
        strides=strides, dilations=dilations, output_padding=extra,
        pads=[*(first for first, _ in pads), *(last for _, last in pads)]))
