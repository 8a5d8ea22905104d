"""Operators that multiply by constants: convolutions and matrices."""

from collections.abc import Sequence

from ...convolution import Convolution
from ...layer import same_pads
from .file import Operator, Quantised
from .reader import Reader, operator


__all__ = ["pads_of"]


def pads_of(operator: Operator, padding: int, size: Sequence[int], kernel: Sequence[int],
            stride: Sequence[int], dilation: Sequence[int] = (1, 1)) -> tuple[int, int, int, int]:
    if padding not in (0, 1):
        operator.refuse(f"with padding {padding} is not supported; SAME and VALID are")
    return same_pads(size, kernel, stride, dilation) if padding == 0 else (0, 0, 0, 0)


@operator("CONV_2D", "DEPTHWISE_CONV_2D")
def convolution(reader: Reader, operator: Operator) -> None:
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
        pads=pads_of(operator, options.Padding(), view.shape[1:], data.shape[2:], stride, dilation),
        requantiser=reader.requantiser(operator, weights, options.FusedActivationFunction(),
                                       "twice")))


def _zeros(weights: Quantised) -> tuple[int, ...]:
    zeros = tuple(int(each) for each in weights.zero_points)
    return zeros if any(zeros) else ()


@operator("TRANSPOSE_CONV")
def transposed(reader: Reader, operator: Operator) -> None:
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
            pads_of(operator, options.Padding(), (height, width), data.shape[2:], stride)[::2],
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


@operator("FULLY_CONNECTED")
def fully_connected(reader: Reader, operator: Operator) -> None:
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
