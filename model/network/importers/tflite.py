"""Networks of TensorFlow Lite: int8 ``.tflite`` files.

Sources of the arithmetic: TensorFlow Lite's kernels (``kernels/internal/reference``) and XNNPACK.
"""

import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import numpy as np

from ...errors import InputError, nearest, shorten
from ...sample import Sample
from ..argmax import ArgMax
from ..convolution import Convolution
from ..join import Add, Concat, Mul
from ..movement import DepthToSpace, Pad, Resize, SpaceToDepth
from ..padding import same_pads
from ..pair_rule import PairRule, TfliteAdd, XnnpackAdd
from ..pooling import Pool
from ..requantiser import (
    DivideRequantiser,
    FixedRequantiser,
    FloatRequantiser,
    OffsetRequantiser,
    Requantiser,
    quantise_multiplier,
)
from ..table import Table
from ..tensor import Tensor
from ..value import Network
from .builder import Builder, refuse
from .layout import Traced, View, check_size
from .litert_table import litert_table
from .packages import package, read_file


__all__ = ["read"]

#: TensorFlow Lite's numbers of element types (schema.fbs) that are read, and numpy's.
TYPES = {0: "float32", 2: "int32", 3: "uint8", 4: "int64", 7: "int16", 9: "int8", 17: "int4"}
SAMPLES = {"uint8": Sample(False, 8), "int8": Sample(True, 8)}
ACTIVATIONS = {0: (None, None), 1: (0.0, None), 2: (-1.0, 1.0), 3: (0.0, 6.0)}

#: Operators of one input that LiteRT itself turns into a table.
ONE_INPUT = ("LOGISTIC", "TANH", "RELU", "RELU6", "RELU_N1_TO_1", "RELU_0_TO_1", "LEAKY_RELU",
             "HARD_SWISH", "QUANTIZE", "ELU", "GELU", "ABS", "NEG", "EXP", "LOG", "SQRT", "RSQRT",
             "SQUARE")


def read(path: str | Path, arithmetic: str | None = None,
         pixel: str | Sample | None = None) -> Network:
    """Read an int8 ``.tflite`` file.

    A softmax at the end is left out: the output is the scores before it, whose order is the same.

    Parameters
    ----------
    arithmetic : :class:`str` or ``None``
        ``tflite-xnnpack``, LiteRT's default, or ``tflite-reference``.
    pixel : ``None``
        The file says it.

    Raises
    ------
    :exc:`~windrow.model.errors.InputError`
        If the file is malformed or has what is not supported, which is named.
    """
    arithmetic = arithmetic or "tflite-xnnpack"
    if arithmetic not in ("tflite-xnnpack", "tflite-reference"):
        raise InputError("arithmetic must be tflite-xnnpack or tflite-reference where a .tflite "
                         f"file is read, not {shorten(arithmetic)}")
    if pixel is not None:
        raise InputError(f"pixel {str(pixel)!r} means nothing for a .tflite file, which says what "
                         "its input is")
    return trace(path, arithmetic).network


def trace(path: str | Path, arithmetic: str) -> Traced:
    """A network, and where its tensors are in the file."""
    content = read_file(path)
    source = f"network file {str(path)!r}"
    if content[4:8] != b"TFL3":
        raise InputError(f"{source} is no TensorFlow Lite file: bytes 4 to 7 must be TFL3")
    try:
        reader = Reader(content, arithmetic)
        return reader.traced(Path(path).stem)
    except (struct.error, IndexError, TypeError, AttributeError, OverflowError, KeyError,
            UnicodeDecodeError, MemoryError, RecursionError) as error:
        raise InputError(f"{source} is cut short or malformed: {error or type(error)}") from error
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{source} is cut short or malformed: {error}") from error


class Quantised(NamedTuple):
    """A tensor of the file: its name, dimensions, type, and what its integers mean."""

    name: str
    dims: tuple[int, ...]
    dtype: str
    scales: np.ndarray
    zero_points: np.ndarray
    axis: int
    data: np.ndarray | None

    @property
    def scale(self) -> np.float32:
        return np.float32(self.scales[0])

    @property
    def zero_point(self) -> int:
        return int(self.zero_points[0])


class Operator:
    """An operator of the file."""

    def __init__(self, reader: "Reader", number: int) -> None:
        schema = reader.schema
        self.number = number
        self.table = reader.graph.Operators(number)
        code = reader.model.OperatorCodes(self.table.OpcodeIndex())
        value = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
        self.kind = reader.kinds.get(value, f"number {value}")
        if self.kind == "CUSTOM":
            self.kind = (code.CustomCode() or b"CUSTOM").decode()
        self.inputs = [int(each) for each in np.atleast_1d(self.table.InputsAsNumpy())]
        self.outputs = [int(each) for each in np.atleast_1d(self.table.OutputsAsNumpy())]
        self.schema = schema
        self.file = (reader.tensor(self.outputs[0]).name if self.outputs else "") or \
            f"{self.kind}_{number}"
        # Converted names are those of all operators that were fused, each below its model's.
        self.name = "/".join(self.file.partition(";")[0].split("/")[-2:])

    def refuse(self, reason: str) -> NoReturn:
        refuse(self.name, f"operator {shorten(self.kind)} {reason}")

    def options(self, kind: str) -> Any:
        """The operator's options, of a table of the schema."""
        table = self.table.BuiltinOptions()
        if table is None:
            self.refuse(f"has no {kind}")
        made = getattr(self.schema, kind)()
        made.Init(table.Bytes, table.Pos)
        return made


class Reader:
    """Makes layers of a file's operators, in their order."""

    def __init__(self, content: bytes, arithmetic: str) -> None:
        self.schema = package("tflite")
        self.content = content
        self.exact = arithmetic == "tflite-reference"
        self.arithmetic = arithmetic
        self.model = self.schema.Model.GetRootAs(content, 0)
        self.kinds = {value: key for key, value in vars(self.schema.BuiltinOperator).items()
                      if isinstance(value, int)}
        if self.model.SubgraphsLength() != 1:
            raise InputError(f"the network has {self.model.SubgraphsLength()} subgraphs; "
                             "only one is supported")
        self.graph = self.model.Subgraphs(0)
        self.builder = Builder(channels_last=True)
        self.tensors: dict[int, Quantised] = {}
        self.views: dict[int, View] = {}
        self.operators = [Operator(self, number) for number in range(self.graph.OperatorsLength())]

    # The file's tensors.

    def tensor(self, number: int) -> Quantised:
        """A tensor by its number."""
        if number in self.tensors:
            return self.tensors[number]
        if not 0 <= number < self.graph.TensorsLength():
            raise InputError(f"tensor {number} does not exist: the network has "
                             f"{self.graph.TensorsLength()}")
        table = self.graph.Tensors(number)
        name = (table.Name() or b"").decode()
        dtype = TYPES.get(table.Type(), f"type {table.Type()}")
        dims = tuple(int(each) for each in np.atleast_1d(table.ShapeAsNumpy())
                     ) if table.ShapeLength() else ()
        check_size(name, dims)
        if table.Sparsity() is not None:
            refuse(name, "sparse tensors are not supported")
        meaning = table.Quantization()
        scales, zeros, axis = np.ones(0, np.float32), np.zeros(0, np.int64), 0
        if meaning is not None and meaning.ScaleLength():
            scales, axis = meaning.ScaleAsNumpy(), meaning.QuantizedDimension()
            zeros = meaning.ZeroPointAsNumpy() if meaning.ZeroPointLength() else \
                np.zeros(len(scales), np.int64)
            if not (np.isfinite(scales).all() and (scales > 0).all()):
                refuse(name, f"its scales must be above 0, not {shorten(scales.tolist())}")
        made = Quantised(name, dims, dtype, scales, zeros, axis, self._data(table, dtype, dims))
        self.tensors[number] = made
        return made

    def _data(self, table: Any, dtype: str, dims: tuple[int, ...]) -> np.ndarray | None:
        buffer = self.model.Buffers(table.Buffer())
        if not buffer.DataLength() or dtype not in TYPES.values():
            return None
        raw = buffer.DataAsNumpy()
        if dtype == "int4":  # two in a byte, the lower half first
            pairs = np.stack([raw << 4, raw], -1).astype(np.uint8).view(np.int8) >> 4
            return pairs.reshape(-1)[:int(np.prod(dims))].reshape(dims)
        return raw.view(np.dtype(dtype).newbyteorder("<")).reshape(dims)

    def constant(self, operator: Operator, place: int) -> Quantised:
        """An input whose value is in the file."""
        made = self.tensor(operator.inputs[place])
        if made.data is None:
            operator.refuse(f"takes its input {place}, {shorten(made.name)}, only as a constant")
        return made

    def integers(self, operator: Operator, place: int) -> list[int]:
        """A constant input of integers."""
        data = self.constant(operator, place).data
        assert data is not None
        return [int(each) for each in data.reshape(-1)]

    def view(self, operator: Operator, place: int = 0) -> View:
        """An input that a layer has made."""
        number = operator.inputs[place]
        if number not in self.views:
            made = self.tensor(number)
            if made.data is not None:
                operator.refuse(f"with a constant as input {place}, {shorten(made.name)}, is not "
                                "supported")
            operator.refuse(f"reads {shorten(made.name)}, which nothing has made")
        return self.views[number]

    def input(self, operator: Operator, place: int = 0) -> Quantised:
        """What the file says of an input that a layer has made."""
        self.view(operator, place)
        return self.tensor(operator.inputs[place])

    def result(self, operator: Operator) -> Quantised:
        """What the file says of the output, which must be int8 or uint8."""
        if len(operator.outputs) != 1:
            operator.refuse(f"with {len(operator.outputs)} outputs is not supported")
        made = self.tensor(operator.outputs[0])
        self.sample(made)
        return made

    def sample(self, tensor: Quantised) -> Sample:
        """The sample of a tensor."""
        if tensor.dtype not in SAMPLES or len(tensor.scales) != 1:
            refuse(tensor.name, f"its tensor is {tensor.dtype}"
                   f"{'' if len(tensor.scales) else ' without a scale'}; only int8 and uint8 with "
                   "one scale are supported: convert with full integer quantisation")
        return SAMPLES[tensor.dtype]

    # The whole.

    def traced(self, name: str) -> Traced:
        """The network, and where its tensors are in the file."""
        graph = self.graph
        if graph.InputsLength() != 1 or graph.OutputsLength() != 1:
            raise InputError(f"the network has {graph.InputsLength()} inputs and "
                             f"{graph.OutputsLength()} outputs; one of each is supported")
        source = self._start(int(graph.Inputs(0)))
        for operator in self.operators:
            if operator.outputs and operator.outputs[0] in self.views:  # left out
                continue
            make = OPERATORS.get(operator.kind)
            if make is None:
                operator.refuse("is not supported; " + nearest(operator.kind, OPERATORS))
            make(self, operator)
        last = int(graph.Outputs(0))
        if last not in self.views:
            raise InputError(f"output {shorten(self.tensor(last).name)} is not made by any layer")
        network = self.builder.network(name, self.views[last], self.arithmetic,
                                       self.tensor(last).name)
        tensor = self.builder.tensor(self.views[last])
        return Traced(network, self.builder.files, source, self.views[last],
                      tensor.scale or 1.0, tensor.zero_point)

    def _start(self, number: int) -> View:
        """Set the network's input: the file's, or what its first QUANTIZE makes of a float one."""
        meant = self.tensor(number)
        readers = [each for each in self.operators if number in each.inputs]
        name = meant.name if meant.dtype == "float32" else ""
        if meant.dtype == "float32" and len(readers) == 1 and readers[0].kind == "QUANTIZE":
            number = readers[0].outputs[0]
            meant = self.tensor(number)
            self.operators.remove(readers[0])
            readers = [each for each in self.operators if number in each.inputs]
        dims = meant.dims
        if not dims or min(dims) < 1 or len(dims) > 4:
            raise InputError(f"input {shorten(meant.name)} has the dimensions {list(dims)}; "
                             "2 to 4, all known, are supported")
        # A Reshape in front says what is a row, a column and a channel.
        shaped = list(dims)
        if len(readers) == 1 and readers[0].kind in ("RESHAPE", "EXPAND_DIMS"):
            target = self.tensor(readers[0].outputs[0]).dims
            if len(target) == 4 and target[:1] == dims[:1]:
                shaped = list(target)
        frames, sizes = shaped[0], shaped[1:]
        channels = sizes.pop() if sizes else 1
        height, width = [1, 1, *sizes][-2:]
        self.builder.start(Tensor(channels, height, width, self.sample(meant),
                                  float(meant.scale), meant.zero_point))
        if name:
            self.builder.note_input(name)
        view = View.of("input", (channels, height, width), (frames, height, width, channels),
                       channels_last=True)
        self.views[number] = view.moved(view.index.reshape(dims))
        return self.views[number]

    # Arithmetic.

    def limits(self, operator: Operator, activation: int) -> dict[str, int]:
        """The range that a fused activation leaves (CalculateActivationRangeQuantized)."""
        made = self.result(operator)
        sample = self.sample(made)
        if activation not in ACTIVATIONS:
            operator.refuse(f"with fused activation {activation} is not supported; "
                            "NONE, RELU, RELU_N1_TO_1 and RELU6 are")
        low, high = (None if end is None else made.zero_point + int(
            np.floor(abs(np.float32(end) / made.scale) + np.float32(0.5)) * np.sign(end))
            for end in ACTIVATIONS[activation])
        return {"low": max(sample.minimum, sample.minimum if low is None else low),
                "high": min(sample.maximum, sample.maximum if high is None else high)}

    def requantiser(self, operator: Operator, weights: Quantised, activation: int,
                    rule: str) -> Requantiser:
        """From sums of products to the output."""
        source, made = self.input(operator, self.data_place(operator)), self.result(operator)
        keys: dict[str, Any] = {
            "sample": self.sample(made), "zero_point": made.zero_point,
                "scale": float(made.scale), **self.limits(operator, activation)}
        if self.exact:
            double = [float(source.scale) * float(each) / float(made.scale)
                      for each in weights.scales]
            return FixedRequantiser.of(double, rule=rule, **keys)
        single = source.scale * weights.scales.astype(np.float32) / made.scale
        return FloatRequantiser(scales=tuple(single.tolist()), **keys)

    @staticmethod
    def data_place(operator: Operator) -> int:
        """Which input the data is."""
        return 2 if operator.kind == "TRANSPOSE_CONV" else 0

    def weights(self, operator: Operator, place: int, axis: int) -> Quantised:
        """The constant weights: int8 or int4 with zero points 0, one scale or one an output."""
        made = self.constant(operator, place)
        assert made.data is not None
        if made.dtype not in ("int8", "int4", "uint8") or not len(made.scales):
            operator.refuse(f"with weights of {made.dtype} is not supported; convert with full "
                            "integer quantisation")
        if len(made.scales) > 1 and (made.axis != axis or
                                     len(made.scales) != made.data.shape[axis]):
            operator.refuse(f"has a scale for each place of axis {made.axis} of its weights; it "
                            f"must be {axis}")
        return made

    def bias(self, operator: Operator, place: int, count: int) -> tuple[int, ...]:
        """The constant bias, or zeros."""
        if len(operator.inputs) <= place or operator.inputs[place] < 0:
            return (0,) * count
        made = self.constant(operator, place)
        if made.dtype != "int32" or made.dims != (count,):
            operator.refuse(f"has a bias of {made.dtype} and dimensions {list(made.dims)}; it must "
                            f"be int32, [{count}]")
        return tuple(self.integers(operator, place))

    def put(self, operator: Operator, view: View) -> None:
        """Set what an operator gives, with the dimensions that the file says."""
        number = operator.outputs[0]
        made = self.tensor(number)
        if view.dims != made.dims:
            operator.refuse(f"gives {list(view.dims)}, where the file says {list(made.dims)}")
        self.views[number] = view


def _pads(operator: Operator, padding: int, size: Sequence[int], kernel: Sequence[int],
          stride: Sequence[int], dilation: Sequence[int] = (1, 1)) -> tuple[int, int, int, int]:
    if padding not in (0, 1):
        operator.refuse(f"with padding {padding} is not supported; SAME and VALID are")
    return same_pads(size, kernel, stride, dilation) if padding == 0 else (0, 0, 0, 0)


def _convolution(reader: Reader, operator: Operator) -> None:
    deep = operator.kind == "DEPTHWISE_CONV_2D"
    options = operator.options("DepthwiseConv2DOptions" if deep else "Conv2DOptions")
    view = reader.view(operator)
    weights = reader.weights(operator, 1, 3 if deep else 0)
    data, channels = weights.data, view.shape[0]
    assert data is not None
    if data.ndim != 4:
        operator.refuse(f"has weights of dimensions {list(data.shape)}; 4 are supported")
    data = data.transpose(3, 0, 1, 2) if deep else data.transpose(0, 3, 1, 2)
    if channels % data.shape[1]:
        operator.refuse(f"has weights for {data.shape[1]} channels, and reads {channels}")
    stride = options.StrideH(), options.StrideW()
    dilation = options.DilationHFactor(), options.DilationWFactor()
    reader.put(operator, reader.builder.window(
        Convolution, operator.name, operator.file, view, weights=data,
        bias=reader.bias(operator, 2, len(data)), weight_zero_point=_zeros(weights),
        stride=stride, dilation=dilation, groups=channels // data.shape[1],
        pads=_pads(operator, options.Padding(), view.shape[1:], data.shape[2:], stride, dilation),
        requantiser=reader.requantiser(operator, weights, options.FusedActivationFunction(),
                                       "twice")))


def _zeros(weights: Quantised) -> tuple[int, ...]:
    zeros = tuple(int(each) for each in weights.zero_points)
    return zeros if any(zeros) else ()


def _transposed(reader: Reader, operator: Operator) -> None:
    options = operator.options("TransposeConvOptions")
    _, height, width, _ = (*reader.integers(operator, 0), 0, 0, 0, 0)[:4]
    view, weights = reader.view(operator, 2), reader.weights(operator, 1, 0)
    assert weights.data is not None
    data = weights.data.transpose(0, 3, 1, 2)[:, :, ::-1, ::-1]
    stride = options.StrideH(), options.StrideW()
    pads: list[int] = []
    # The padding of the convolution whose gradient this is; what is left over comes at the end.
    for out, size, step, taps, before in zip(
            (height, width), view.shape[1:], stride, data.shape[2:],
            _pads(operator, options.Padding(), (height, width), data.shape[2:], stride)[::2],
            strict=True):
        first = taps - 1 - before
        pads += [first, out + taps - 1 - ((size - 1) * step + 1) - first]
    activation = options.FusedActivationFunction() if hasattr(
        options, "FusedActivationFunction") else 0
    reader.put(operator, reader.builder.window(
        Convolution, operator.name, operator.file, view, weights=data,
        bias=reader.bias(operator, 3, len(data)), weight_zero_point=_zeros(weights),
        input_dilation=stride, pads=tuple(pads),
        requantiser=reader.requantiser(operator, weights, activation, "twice")))


def _fully_connected(reader: Reader, operator: Operator) -> None:
    options = operator.options("FullyConnectedOptions")
    if options.WeightsFormat():
        operator.refuse("with shuffled weights is not supported")
    weights = reader.weights(operator, 1, 0)
    data, view = weights.data, reader.view(operator)
    assert data is not None
    if data.ndim != 2 or view.index.size % data.shape[1]:
        operator.refuse(f"has weights of dimensions {list(data.shape)} and reads {list(view.dims)}")
    if not options.KeepNumDims():
        view = view.moved(view.index.reshape(-1, data.shape[1]))
    made = reader.builder.linear(
        operator.name, operator.file, view, data, bias=reader.bias(operator, 2, len(data)),
        weight_zero_point=_zeros(weights), requantiser=reader.requantiser(
            operator, weights, options.FusedActivationFunction(),
            "once" if len(weights.scales) == 1 else "twice"))
    reader.put(operator, made)


def _pool(reader: Reader, operator: Operator) -> None:
    options = operator.options("Pool2DOptions")
    view, source, made = reader.view(operator), reader.input(operator), reader.result(operator)
    if (source.scale, source.zero_point, source.dtype) != (made.scale, made.zero_point, made.dtype):
        operator.refuse("changes the scale, which TensorFlow Lite does not support")
    kernel = options.FilterHeight(), options.FilterWidth()
    stride = options.StrideH(), options.StrideW()
    pads = _pads(operator, options.Padding(), view.shape[1:], kernel, stride)
    limits = reader.limits(operator, options.FusedActivationFunction())
    sample = reader.sample(made)
    meaning: dict[str, Any] = {
        "sample": sample, "zero_point": made.zero_point, "scale": float(made.scale)}
    if operator.kind == "MAX_POOL_2D":
        keys: dict[str, Any] = {"kind": "max"}
    else:
        counts = range(1, min(kernel[0] * kernel[1], view.size) + 1)
        keys = {"kind": "average", "raw": True, "requantisers": {
            count: DivideRequantiser(count=count, **{**meaning, **limits}) for count in counts}}
    clamped = keys["kind"] == "max" and (limits["low"], limits["high"]) != (
        sample.minimum, sample.maximum)
    view = reader.builder.window(Pool, operator.name, "" if clamped else operator.file, view,
                                 kernel=kernel, stride=stride, pads=pads, **keys)
    if clamped:
        entries = np.clip(np.arange(sample.minimum, sample.maximum + 1), limits["low"],
                          limits["high"])
        view = view.on(reader.builder.add(Table, operator.name + "_clamp", operator.file, [view],
                                          tables=(entries,), **meaning))
    reader.put(operator, view)


def _mean(reader: Reader, operator: Operator) -> None:
    """Over rows and columns, as Keras' GlobalAveragePooling2D becomes."""
    view, source, made = reader.view(operator), reader.input(operator), reader.result(operator)
    reader.builder.image(view, operator.name)
    axes = sorted(axis % len(view.dims) for axis in reader.integers(operator, 1))
    if axes != [1, 2] or len(view.dims) != 4:
        operator.refuse(f"over axes {axes} of {list(view.dims)} is not supported; rows and "
                        "columns are")
    count = view.shape[1] * view.shape[2]
    keys: dict[str, Any] = {"sample": reader.sample(made), "zero_point": made.zero_point,
                            "scale": float(made.scale)}
    if reader.exact:
        # reference_integer_ops::Mean: the multiplier is divided by the count, in integers.
        multiplier, shift = quantise_multiplier(float(source.scale) / float(made.scale))
        more = min(count.bit_length() - 1, 32, 31 + shift)
        requantiser: Requantiser = FixedRequantiser(
            multipliers=((multiplier << more) // count,), shifts=(shift - more,), rule="twice",
            **keys)
    else:
        factor = source.scale / made.scale * (np.float32(1) / np.float32(count))
        zeros = np.float32(source.zero_point * count) * factor
        requantiser = OffsetRequantiser(factor=float(factor),
                                        offset=float(np.float32(made.zero_point) - zeros), **keys)
    pooled = reader.builder.window(
        Pool, operator.name, operator.file, view, kind="average", kernel=view.shape[1:],
        raw=not reader.exact, requantisers={count: requantiser})
    reader.put(operator, pooled.moved(pooled.index.reshape(made.dims)))


def _join(reader: Reader, operator: Operator) -> None:
    options = operator.options({"ADD": "AddOptions", "SUB": "SubOptions", "MUL": "MulOptions"}[
        operator.kind])
    views = [reader.view(operator, place) for place in (0, 1)]
    one, two, made = reader.input(operator, 0), reader.input(operator, 1), reader.result(operator)
    if views[0].dims != views[1].dims or not np.array_equal(views[0].index, views[1].index):
        operator.refuse(f"of dimensions {list(one.dims)} and {list(two.dims)} is not supported: "
                        "both must be of one size")
    limits = reader.limits(operator, options.FusedActivationFunction())
    keys: dict[str, Any] = {"sample": reader.sample(made), **limits}
    if operator.kind == "MUL":
        keys |= {"zero_point": made.zero_point, "scale": float(made.scale)}
        if reader.exact:
            scale = float(one.scale) * float(two.scale) / float(made.scale)
            requantiser: Requantiser = FixedRequantiser.of([scale], rule="twice", **keys)
        else:
            requantiser = FloatRequantiser(
                scales=(float(one.scale * two.scale / made.scale),), **keys)
        name = reader.builder.add(Mul, operator.name, operator.file, views,
                                  requantiser=requantiser)
    else:
        rule = ADD_RULES[reader.arithmetic](
            scales=(float(one.scale), float(two.scale), float(made.scale)),
            zero_points=(one.zero_point, two.zero_point, made.zero_point), **keys)
        name = reader.builder.add(Add, operator.name, operator.file, views, rule=rule)
    reader.put(operator, views[0].on(name))


ADD_RULES: dict[str, type[PairRule]] = {
    "tflite-reference": TfliteAdd, "tflite-xnnpack": XnnpackAdd}


def _concatenation(reader: Reader, operator: Operator) -> None:
    options = operator.options("ConcatenationOptions")
    if options.FusedActivationFunction():
        operator.refuse("with a fused activation is not supported")
    views = [reader.view(operator, place) for place in range(len(operator.inputs))]
    made = reader.result(operator)
    for place in range(len(views)):
        source = reader.input(operator, place)
        if (source.scale, source.zero_point, source.dtype) != (
                made.scale, made.zero_point, made.dtype):
            operator.refuse(f"changes the scale of its input {shorten(source.name)}, which "
                            "TensorFlow Lite does not support")
    axis = options.Axis()
    if len({len(view.dims) for view in views}) != 1 or not (
            -len(views[0].dims) <= axis < len(views[0].dims)):
        operator.refuse(f"along axis {axis} of {[list(view.dims) for view in views]} is malformed")
    joined = reader.builder.concatenated(views, axis, operator.name)
    name = reader.builder.add(
        Concat, operator.name, operator.file, views, tables=(None,) * len(views),
        sample=reader.sample(made), scale=float(made.scale), zero_point=made.zero_point)
    reader.put(operator, joined.on(name))


def _reshape(reader: Reader, operator: Operator) -> None:
    view, made = reader.view(operator), reader.tensor(operator.outputs[0])
    if int(np.prod(made.dims)) != view.index.size:
        operator.refuse(f"from {list(view.dims)} to {list(made.dims)} is malformed")
    reader.put(operator, view.moved(view.index.reshape(made.dims)))


def _transpose(reader: Reader, operator: Operator) -> None:
    view, order = reader.view(operator), reader.integers(operator, 1)
    reader.put(operator, view.moved(view.index.transpose(order)))


def _softmax(reader: Reader, operator: Operator) -> None:
    """Left out at the end, with what changes its type: the order of the scores is the same."""
    view, number = reader.view(operator), operator.outputs[0]
    while number != int(reader.graph.Outputs(0)):
        readers = [each for each in reader.operators if number in each.inputs]
        if len(readers) != 1 or readers[0].kind not in ("QUANTIZE", "DEQUANTIZE"):
            operator.refuse("is supported as the last layer only, where it is left out")
        number = readers[0].outputs[0]
        reader.views[number] = view  # and so these operators are passed over
    reader.builder.note_softmax(operator.name)
    reader.put(operator, view)


def _dequantize(reader: Reader, operator: Operator) -> None:
    if operator.outputs[0] != int(reader.graph.Outputs(0)):
        operator.refuse("is supported as the last layer only: what follows would be float")
    reader.put(operator, reader.view(operator))


def _pad(reader: Reader, operator: Operator) -> None:
    view, source = reader.view(operator), reader.input(operator)
    pads = reader.integers(operator, 1)
    value = reader.integers(operator, 2)[0] if operator.kind == "PADV2" else source.zero_point
    reader.builder.image(view, operator.name)
    if len(pads) != 8 or any(pads[:2] + pads[6:]):
        operator.refuse(f"by {pads} is not supported: only rows and columns are padded")
    reader.put(operator, reader.builder.window(
        Pad, operator.name, operator.file, view, pads=tuple(pads[2:6]), value=value))


def _resize(reader: Reader, operator: Operator) -> None:
    options = operator.options("ResizeNearestNeighborOptions")
    view, made = reader.view(operator), reader.result(operator)
    reader.builder.image(view, operator.name)
    factors = made.dims[1] // view.shape[1], made.dims[2] // view.shape[2]
    if options.AlignCorners() or made.dims[1:3] != (
            factors[0] * view.shape[1], factors[1] * view.shape[2]):
        operator.refuse(f"from {list(view.dims[1:3])} to {list(made.dims[1:3])} is not supported: "
                        "only whole factors without align_corners are")
    reader.put(operator, reader.builder.window(Resize, operator.name, operator.file, view,
                                               factors=factors))


def _depth(reader: Reader, operator: Operator) -> None:
    deep = operator.kind == "DEPTH_TO_SPACE"
    options = operator.options("DepthToSpaceOptions" if deep else "SpaceToDepthOptions")
    reader.put(operator, reader.builder.window(
        DepthToSpace if deep else SpaceToDepth, operator.name, operator.file,
        reader.view(operator), block=options.BlockSize()))


def _argmax(reader: Reader, operator: Operator) -> None:
    view, (axis,) = reader.view(operator), reader.integers(operator, 1)
    if view.axis_of_channels() != axis % len(view.dims):
        operator.refuse(f"along axis {axis} is not supported: only along the channels")
    name = reader.builder.add(ArgMax, operator.name, operator.file, [view],
                              least=operator.kind == "ARG_MIN")
    made = reader.tensor(operator.outputs[0])
    _, height, width = view.shape
    reader.put(operator, View.of(name, (1, height, width), made.dims))


def _one_input(reader: Reader, operator: Operator) -> None:
    view, made = reader.view(operator), reader.result(operator)
    reader.sample(reader.input(operator))
    try:
        entries = litert_table(reader.content, operator.number, reference=reader.exact)
    except RuntimeError as error:
        operator.refuse(f"cannot be run in LiteRT: {error}")
    name = reader.builder.add(
        Table, operator.name, operator.file, [view], tables=(entries,),
        sample=reader.sample(made), scale=float(made.scale), zero_point=made.zero_point)
    reader.put(operator, view.on(name))


OPERATORS: dict[str, Callable[[Reader, Operator], None]] = {
    "CONV_2D": _convolution, "DEPTHWISE_CONV_2D": _convolution, "TRANSPOSE_CONV": _transposed,
    "FULLY_CONNECTED": _fully_connected, "MAX_POOL_2D": _pool, "AVERAGE_POOL_2D": _pool,
    "MEAN": _mean, "ADD": _join, "MUL": _join, "CONCATENATION": _concatenation,
    "RESHAPE": _reshape, "SQUEEZE": _reshape, "EXPAND_DIMS": _reshape, "TRANSPOSE": _transpose,
    "SOFTMAX": _softmax, "DEQUANTIZE": _dequantize, "PAD": _pad, "PADV2": _pad,
    "RESIZE_NEAREST_NEIGHBOR": _resize, "DEPTH_TO_SPACE": _depth, "SPACE_TO_DEPTH": _depth,
    "ARG_MAX": _argmax, "ARG_MIN": _argmax, **dict.fromkeys(ONE_INPUT, _one_input),
}
