"""Layers under PyTorch's names: from what users write to the fields of a layer.

Each function of :data:`TYPES` turns a table into one that :mod:`.tables` makes a layer of. Weights
are integers; ``weight_scale``, ``output_scale``, ``output_zero_point`` and ``output`` say what is
made of their sums, in the network's arithmetic.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import InputError, shorten
from .average import AverageRequantiser
from .given import Given, Keys
from .layer import same_pads
from .pair_rule import OnnxAdd, PairRule, TfliteAdd, XnnpackAdd
from .pooling import Pool
from .requantiser import DivideRequantiser, FloatRequantiser, Requantiser
from .table import requantised


__all__ = ["ARITHMETICS", "IDLE", "TYPES"]

#: Whose rounding a network has, and its sums'.
ARITHMETICS: dict[str, type[PairRule]] = {
    "onnxruntime": OnnxAdd, "tflite-reference": TfliteAdd, "tflite-xnnpack": XnnpackAdd,
    "power-of-two": OnnxAdd}


def _padding(given: Given, size: tuple[int, int], kernel: tuple[int, int], stride: tuple[int, int],
             dilation: tuple[int, int]) -> tuple[int, ...]:
    value = given.keys.pop("padding", 0)
    if value == "valid":
        return 0, 0, 0, 0
    if value in ("same", "same_upper", "same_lower"):
        if value == "same" and stride != (1, 1):
            given.refuse("padding", value, "'same_upper' (TensorFlow's) or 'same_lower' where "
                         "there is a stride, for PyTorch's 'same' is not defined there")
        return same_pads(size, kernel, stride, dilation, lower=value == "same_lower")
    if value == "causal":
        if size[0] > 1:
            given.refuse("padding", value, "of a frame of one row where it is 'causal'")
        return 0, 0, dilation[1] * (kernel[1] - 1), 0
    items = list(value) if isinstance(value, (list, tuple)) else [value]
    rule = ("an integer, [rows, columns], [top, bottom, left, right], 'same', 'same_upper', "
            "'same_lower', 'causal' or 'valid'")
    if len(items) not in (1, 2, 4) or isinstance(value, str):
        given.refuse("padding", value, rule)
    made = tuple(given.integer("padding", item) for item in items)
    if min(made) < 0:
        given.refuse("padding", value, rule + ", and not negative")
    return made if len(made) == 4 else (made[0], made[0], made[-1], made[-1])


def _sized(given: Given, weights: npt.NDArray[np.int64], inputs: int, outputs: int) -> None:
    """Check what a table says of the weights again."""
    for key, got in (("in_channels", inputs), ("out_channels", outputs)):
        said = given.keys.pop(key, got)
        if said != got:
            given.refuse(key, said, f"{got}, as its input and its weights have it")
    kernel = given.pair("kernel_size", list(weights.shape[2:]))
    if kernel != weights.shape[2:]:
        given.refuse("kernel_size", list(kernel), f"{list(weights.shape[2:])}, as its weights have")


def _multiplied(given: Given, weights: npt.NDArray[np.int64], rule: str = "twice") -> Keys:
    """Bias, zero points and requantiser, which all layers with weights have."""
    bias = given.keys.pop("bias", False)
    if bias is True:
        given.refuse("bias", bias, "its integers, or false")
    zero = given.keys.pop("weight_zero_point", [])
    made: Keys = {
        "weight": weights, "requantiser": given.requantiser(len(weights), rule),
        "bias": [] if bias is False else given.array("bias", bias, 1).tolist(),
        "weight_zero_point": zero if isinstance(zero, (list, tuple)) else [zero]}
    return {key: value for key, value in made.items() if value is not None}


def _conv2d(given: Given) -> Keys:
    weights = given.array("weight", given.take("weight"), 4)
    groups = given.integer("groups", given.keys.pop("groups", 1))
    _sized(given, weights, given.source.channels, len(weights))
    stride, dilation = given.pair("stride", 1), given.pair("dilation", 1)
    pads = _padding(given, given.source.shape[1:], weights.shape[2:], stride, dilation)
    return {"type": "Conv2d", "stride": stride, "dilation": dilation, "padding": pads,
            "groups": groups, "padding_mode": given.keys.pop("padding_mode", "zeros"),
            "input_dilation": given.pair("input_dilation", 1), **_multiplied(given, weights)}


def _conv1d(given: Given) -> Keys:
    if given.source.height != 1:
        given.refuse("input", str(given.source), "of one row")
    weights = given.array("weight", given.take("weight"), 3)
    for key in ("kernel_size", "stride", "dilation"):
        if key in given.keys:
            given.keys[key] = [1, given.integer(key, given.keys[key])]
    if isinstance(given.keys.get("padding"), (int, list, tuple)):
        value = given.keys["padding"]
        items = list(value) if isinstance(value, (list, tuple)) else [value]
        if len(items) not in (1, 2):
            given.refuse("padding", value, "an integer or [left, right]")
        given.keys["padding"] = [0, 0, items[0], items[-1]]
    given.keys["weight"] = weights[:, :, None]
    return _conv2d(given)


def _transposed(given: Given) -> Keys:
    weights = given.array("weight", given.take("weight"), 4)
    groups = given.integer("groups", given.keys.pop("groups", 1))
    inputs, each = weights.shape[:2]
    if inputs != given.source.channels or groups < 1 or inputs % groups:
        given.refuse("weight", list(weights.shape), "of shape (C, M // groups, kh, kw), with C = "
                     f"{given.source.channels}, of which groups is a divisor")
    _sized(given, weights, inputs, each * groups)
    stride, dilation = given.pair("stride", 1), given.pair("dilation", 1)
    padding, extra = given.pair("padding", 0), given.pair("output_padding", 0)
    turned = weights.reshape(groups, inputs // groups, each, *weights.shape[2:]).swapaxes(1, 2)
    turned = turned.reshape(groups * each, inputs // groups, *weights.shape[2:])[:, :, ::-1, ::-1]
    pads: list[int] = []
    for axis in (0, 1):
        if not 0 <= extra[axis] < max(stride[axis], dilation[axis]):
            given.refuse("output_padding", extra, "at least 0 and less than stride or dilation")
        before = dilation[axis] * (weights.shape[2 + axis] - 1) - padding[axis]
        pads += [before, before + extra[axis]]
    mode = given.keys.pop("padding_mode", "zeros")
    if mode != "zeros":
        given.refuse("padding_mode", mode, "'zeros' in a transposed convolution")
    return {"type": "Conv2d", "input_dilation": stride, "dilation": dilation, "padding": pads,
            "groups": groups, **_multiplied(given, turned)}


def _linear(given: Given) -> Keys:
    weights = given.array("weight", given.take("weight"), 2)
    count = int(np.prod(given.source.shape))
    for key, got in (("in_features", count), ("out_features", len(weights))):
        said = given.keys.pop(key, got)
        if said != got:
            given.refuse(key, said, f"{got}, as its input and its weights have it")
    if weights.shape[1] != count:
        given.refuse("weight", list(weights.shape), f"of shape (M, {count})")
    whole = weights.reshape(-1, *given.source.shape)
    # TensorFlow Lite rounds once where there is one scale for all.
    single = not isinstance(given.keys.get("weight_scale"), (list, tuple))
    return {"type": "Conv2d", **_multiplied(given, whole, "once" if single else "twice")}


def _window(given: Given) -> Keys:
    """The window of a pool, with what ``ceil_mode`` lets it reach beyond the pads."""
    kernel = given.pair("kernel_size", given.keys.pop("kernel_size", None))
    stride, dilation = given.pair("stride", list(kernel)), given.pair("dilation", 1)
    size = given.source.shape[1:]
    pads = _padding(given, size, kernel, stride, dilation)
    beyond = [0, 0]
    if given.flag("ceil_mode", False):
        for axis in (0, 1):
            before, after = pads[2 * axis:2 * axis + 2]
            span = dilation[axis] * (kernel[axis] - 1) + 1
            room = size[axis] + before + after
            count = -(-(room - span) // stride[axis]) + 1
            if (count - 1) * stride[axis] >= size[axis] + before:
                count -= 1  # no window starts behind the frame
            beyond[axis] = max((count - 1) * stride[axis] + span - room, 0)
    return {"type": "Pool2d", "kernel_size": kernel, "stride": stride, "dilation": dilation,
            "padding": pads, "beyond": beyond}


def _max_pool(given: Given) -> Keys:
    return _window(given) | {"kind": "max"}


def _average_pool(given: Given) -> Keys:
    made = _window(given)
    include = given.flag("count_include_pad", not given.arithmetic.startswith("tflite"))
    kernel, source = made["kernel_size"], given.source
    most = kernel[0] * kernel[1]
    any_count = {count: DivideRequantiser(sample=source.sample, count=count)
                 for count in range(1, most + 1)}
    shape = Pool(name=given.name, inputs=("",), sources=(source,), kind="average", kernel=kernel,
                 stride=made["stride"], pads=made["padding"], beyond=tuple(made["beyond"]),
                 count_include_pad=include, requantisers=any_count)
    keys = given.output(same=True)
    requantisers: dict[int, Requantiser] = {}
    for count in shape.counts:
        if given.arithmetic.startswith("tflite"):
            meaning = source.sample, source.scale, source.zero_point
            if (keys["sample"], keys["scale"], keys["zero_point"]) != meaning:
                given.refuse("output_scale", keys["scale"], "that of the input, zero point too, "
                             f"where arithmetic is {given.arithmetic!r}")
            requantisers[count] = DivideRequantiser(count=count, **keys)
        elif kernel == source.shape[1:] and shape.counts == (most,):
            f = np.float32
            scale = f(given.scale_of(source)) / f(f(keys["scale"]) * f(count))
            requantisers[count] = FloatRequantiser(scales=(float(scale),), **keys)
        else:
            given.powers("output_scale", [given.scale_of(source), keys["scale"]])
            try:
                requantisers[count] = AverageRequantiser(
                    input_sample=source.sample, input_scale=given.scale_of(source),
                    input_zero=source.zero_point, count=count, **keys)
            except InputError as error:
                raise InputError(f"layer {shorten(given.name)}: {error}") from error
    return made | {"kind": "average", "requantisers": requantisers,
                   "count_include_pad": include, "raw": given.arithmetic.startswith("tflite")}


def _global(pool: Callable[[Given], Keys]) -> Callable[[Given], Keys]:
    def made(given: Given) -> Keys:
        size = given.pair("output_size", 1)
        if size != (1, 1):
            given.refuse("output_size", size, "1")
        given.keys["kernel_size"] = list(given.source.shape[1:])
        return pool(given)

    return made


def _clamp(low: float | None, high: float | None) -> Callable[[Given], Keys]:
    """A clamp of what samples mean: by the names of Hardtanh where these are keys."""
    def made(given: Given) -> Keys:
        ends = low, high
        if low == high:
            ends = given.real("min_val", -1.0), given.real("max_val", 1.0)
        keys = given.output(same=True)
        f, zero, sample = np.float32, keys["zero_point"], keys["sample"]
        bounds = [None if end is None else zero + int(np.rint(f(end) / f(keys["scale"])))
                  for end in ends]
        entries = np.clip(requantised(given.source, sample, keys["scale"], zero), *bounds)
        return {"type": "Table", "tables": [np.clip(entries, sample.minimum, sample.maximum)],
                **keys}

    return made


def _function(function: Callable[[Given], Callable[[Any], Any]]) -> Callable[[Given], Keys]:
    """A table of a real function, rounded once from float64, nearest even."""
    def made(given: Given) -> Keys:
        real, source = function(given), given.source
        keys, scale = given.output(), given.scale_of(source)
        sample = keys["sample"]
        samples = np.arange(source.sample.minimum, source.sample.maximum + 1)
        with np.errstate(all="ignore"):
            steps = np.rint(real((samples - source.zero_point) * scale) / keys["scale"])
        if np.isnan(steps).any():
            given.refuse("scale", scale, "such that the function has a value at every sample")
        entries = np.clip(steps + keys["zero_point"], sample.minimum, sample.maximum)
        return {"type": "Table", "tables": np.atleast_2d(entries).astype(int).tolist(), **keys}

    return made


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def _column(given: Given, key: str, default: object = None) -> npt.NDArray[np.float64]:
    """A real number a channel, or one for all, as a column."""
    value = given.take(key) if default is None else given.keys.pop(key, default)
    try:
        made = np.atleast_1d(np.array(value, float))
    except (TypeError, ValueError):
        made = np.array(np.nan)
    if made.ndim != 1 or len(made) not in (1, given.source.channels) or not np.isfinite(made).all():
        given.refuse(key, value, f"numbers, 1 or {given.source.channels}, one a channel")
    return made[:, None]


def _leaky(given: Given) -> Callable[[Any], Any]:
    slope = given.real("negative_slope", 0.01)
    return lambda x: np.where(x < 0, x * slope, x)


def _channels(given: Given, key: str, *others: int) -> None:
    """Check a number of channels that PyTorch has to be told."""
    count = given.source.channels
    if (said := given.keys.pop(key, count)) not in (count, *others):
        given.refuse(key, said, f"{count}, the channels of its input")


def _prelu(given: Given) -> Callable[[Any], Any]:
    _channels(given, "num_parameters", 1)
    slope = _column(given, "weight", given.keys.pop("init", 0.25))
    return lambda x: np.where(x < 0, x * slope, x)


def _batch_norm(given: Given) -> Callable[[Any], Any]:
    _channels(given, "num_features")
    weight, bias = _column(given, "weight", 1.0), _column(given, "bias", 0.0)
    mean, variance = _column(given, "running_mean"), _column(given, "running_var")
    variance = variance + given.real("eps", 1e-5)
    if not (variance > 0).all():
        given.refuse("running_var", variance.ravel().tolist(), "above 0 with eps")
    root = np.sqrt(variance)
    return lambda x: (x - mean) / root * weight + bias


def _shuffle(kind: str, key: str) -> Callable[[Given], Keys]:
    return lambda given: {"type": kind, "mode": "CRD",
                          "block": given.integer(key, given.take(key))}


def _upsample(given: Given) -> Keys:
    mode = given.keys.pop("mode", "nearest")
    if mode != "nearest":
        given.refuse("mode", mode, "'nearest'")
    if "size" in given.keys:
        size, old = given.pair("size", None), given.source.shape[1:]
        if any(to % of for to, of in zip(size, old, strict=True)):
            given.refuse("size", size, f"whole multiples of {list(old)}")
        given.keys["scale_factor"] = [to // of for to, of in zip(size, old, strict=True)]
    factors = given.take("scale_factor")
    given.keys["scale_factor"] = [
        int(each) if isinstance(each, float) and each == int(each) else each
        for each in (factors if isinstance(factors, (list, tuple)) else [factors] * 2)]
    return {"type": "Resize", "factors": given.pair("scale_factor", None)}


def _pad(mode: str) -> Callable[[Given], Keys]:
    def made(given: Given) -> Keys:
        value = given.take("padding")
        items = list(value) if isinstance(value, (list, tuple)) else [value] * 4
        if len(items) != 4:
            given.refuse("padding", value, "an integer or [left, right, top, bottom], PyTorch's "
                         "order here")
        left, right, top, bottom = items
        fill = {"value": given.take("value")} if mode == "constant" else {}
        return {"type": "Pad", "padding": [top, bottom, left, right],
                "mode": "zeros" if mode == "constant" else mode, **fill}

    return made


def _add(given: Given) -> Keys:
    keys = given.output()
    scales = [*(given.scale_of(each) for each in given.both), keys["scale"]]
    given.powers("output_scale", scales)
    first, second = given.sources
    zeros = (first.zero_point, second.zero_point, keys["zero_point"])
    return {"type": "Add", "rule": ARITHMETICS[given.arithmetic](
        scales=tuple(scales), zero_points=zeros, sample=keys["sample"])}


def _mul(given: Given) -> Keys:
    keys = given.output()
    one, two = (given.scale_of(each) for each in given.both)
    made = given.scaled([one * two], keys, "twice")
    if isinstance(made, FloatRequantiser) and given.arithmetic != "tflite-xnnpack":
        made = replace(made, zero_first=True)
    return {"type": "Mul", "requantiser": made}


def _concat(given: Given) -> Keys:
    keys = given.output(same=True)
    tables = [None if (each.sample, each.scale, each.zero_point) == (
        keys["sample"], keys["scale"], keys["zero_point"]) else requantised(
        each, keys["sample"], keys["scale"], keys["zero_point"]) for each in given.sources]
    if given.arithmetic.startswith("tflite") and any(tables):
        given.refuse("output_scale", keys["scale"], "that of all inputs, zero points too, where "
                     f"arithmetic is {given.arithmetic!r}")
    return {"type": "Concat", "tables": [each or [] for each in tables], **keys}


def _arg_max(given: Given) -> Keys:
    return {"type": "ArgMax", **{key: given.flag(key, False) for key in ("last", "least")}}


#: What users write, by PyTorch's names, and the tables that it stands for.
TYPES: dict[str, Callable[[Given], Keys]] = {
    "Conv2d": _conv2d, "Conv1d": _conv1d, "ConvTranspose2d": _transposed, "Linear": _linear,
    "MaxPool2d": _max_pool, "AvgPool2d": _average_pool,
    "AdaptiveMaxPool2d": _global(_max_pool), "AdaptiveAvgPool2d": _global(_average_pool),
    "ReLU": _clamp(0.0, None), "ReLU6": _clamp(0.0, 6.0), "Hardtanh": _clamp(None, None),
    "LeakyReLU": _function(_leaky), "PReLU": _function(_prelu),
    "BatchNorm2d": _function(_batch_norm),
    "Sigmoid": _function(lambda given: _sigmoid), "Tanh": _function(lambda given: np.tanh),
    "SiLU": _function(lambda given: lambda x: x * _sigmoid(x)),
    "Hardsigmoid": _function(lambda given: lambda x: np.clip(x / 6 + 0.5, 0, 1)),
    "Hardswish": _function(lambda given: lambda x: x * np.clip(x / 6 + 0.5, 0, 1)),
    "PixelShuffle": _shuffle("DepthToSpace", "upscale_factor"),
    "PixelUnshuffle": _shuffle("SpaceToDepth", "downscale_factor"), "Upsample": _upsample,
    "ZeroPad2d": _pad("zeros"), "ReflectionPad2d": _pad("reflect"),
    "CircularPad2d": _pad("circular"), "ReplicationPad2d": _pad("replicate"),
    "ConstantPad2d": _pad("constant"),
    "Add": _add, "Mul": _mul, "Concat": _concat, "ArgMax": _arg_max}

#: Keys of PyTorch's that mean nothing here: whose they are, and the values that they may have.
IDLE: dict[str, tuple[str, tuple[Any, ...]]] = {
    "inplace": ("Dropout Dropout2d Hardsigmoid Hardswish LeakyReLU ReLU ReLU6 SiLU", (True, False)),
    "p": ("Dropout Dropout2d", ()), "momentum": ("BatchNorm2d", ()),
    "track_running_stats": ("BatchNorm2d", (True,)), "affine": ("BatchNorm2d", (True,)),
    "return_indices": ("AdaptiveMaxPool2d MaxPool2d", (False,)),
    "recompute_scale_factor": ("Upsample", (False,)), "keepdim": ("ArgMax", (True,)),
    "dim": ("ArgMax Concat", (1, -3)), "start_dim": ("Flatten", (1, -3)),
    "end_dim": ("Flatten", (3, -1))}
