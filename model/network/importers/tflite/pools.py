"""Pools, and means over whole frames."""

from typing import Any

import numpy as np

from ...pooling import Pool
from ...requantiser import (
    DivideRequantiser,
    FixedRequantiser,
    OffsetRequantiser,
    Requantiser,
    quantise_multiplier,
)
from ...table import Table
from .file import Operator
from .linear import pads_of
from .reader import Reader, operator


@operator("MAX_POOL_2D", "AVERAGE_POOL_2D")
def pool(reader: Reader, operator: Operator) -> None:
    options = operator.options("Pool2DOptions")
    view, source, made = reader.view(operator), reader.input(operator), reader.result(operator)
    if (source.scale, source.zero_point, source.dtype) != (made.scale, made.zero_point, made.dtype):
        operator.refuse("changes the scale, which TensorFlow Lite does not support")
    kernel = options.FilterHeight(), options.FilterWidth()
    stride = options.StrideH(), options.StrideW()
    pads = pads_of(operator, options.Padding(), view.shape[1:], kernel, stride)
    limits = reader.limits(operator, options.FusedActivationFunction())
    sample, meaning = reader.sample(made), reader.meaning(made)
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


@operator("MEAN")
def mean(reader: Reader, operator: Operator) -> None:
    """Over rows and columns, as Keras' GlobalAveragePooling2D becomes."""
    view, source, made = reader.view(operator), reader.input(operator), reader.result(operator)
    reader.builder.image(view, operator.name)
    axes = sorted(axis % len(view.dims) for axis in reader.integers(operator, 1))
    if axes != [1, 2] or len(view.dims) != 4:
        operator.refuse(f"over axes {axes} of {list(view.dims)} is not supported; rows and "
                        "columns are")
    count = view.shape[1] * view.shape[2]
    keys = reader.meaning(made)
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
