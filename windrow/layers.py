"""Layers of a network under PyTorch's names, with PyTorch's arguments in its order.

Each function returns its layer as a table, as a TOML file has it, of which
:meth:`windrow.Network.from_layers` makes a network. Beside PyTorch's arguments layers take ``name``
and ``input`` (or ``inputs``); those with weights take ``weight`` and ``bias`` (integers),
``weight_zero_point``, ``weight_scale`` (one number or one an output channel); and what changes
samples takes ``output``, ``output_scale`` and ``output_zero_point``.
"""

from functools import partial
from typing import Any

import numpy as np


__all__ = [
    "AdaptiveAvgPool2d", "AdaptiveMaxPool2d", "Add", "ArgMax", "AvgPool2d", "BatchNorm2d",
    "CircularPad2d", "Concat", "ConstantPad2d", "Conv1d", "Conv2d", "ConvTranspose2d",
    "Flatten", "Hardsigmoid", "Hardswish", "Hardtanh", "Identity", "LeakyReLU", "Linear",
    "MaxPool2d", "Mul", "PReLU", "PixelShuffle", "PixelUnshuffle", "ReLU", "ReLU6",
    "ReflectionPad2d", "ReplicationPad2d", "SiLU", "Sigmoid", "Tanh", "Upsample", "ZeroPad2d",
]

Table = dict[str, Any]
Size = int | tuple[int, int] | None


def _table(type: str, /, *, keys: Table | None = None, **given: Any) -> Table:  # noqa: A002
    """A table of what is given, arrays as lists; ``None`` is what is not given."""
    return {"type": type} | {
        key: value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value
        for key, value in (given | (keys or {})).items() if value is not None}


def Conv1d(in_channels: int, out_channels: int, kernel_size: Size, stride: Size = 1,
           padding: Any = 0, dilation: Size = 1, groups: int = 1, bias: Any = False,
           padding_mode: str = "zeros", **keys: Any) -> Table:
    return _table("Conv1d", **locals())


def Conv2d(in_channels: int, out_channels: int, kernel_size: Size, stride: Size = 1,
           padding: Any = 0, dilation: Size = 1, groups: int = 1, bias: Any = False,
           padding_mode: str = "zeros", **keys: Any) -> Table:
    return _table("Conv2d", **locals())


def ConvTranspose2d(in_channels: int, out_channels: int, kernel_size: Size, stride: Size = 1,
                    padding: Any = 0, output_padding: Size = 0, groups: int = 1, bias: Any = False,
                    dilation: Size = 1, padding_mode: str = "zeros", **keys: Any) -> Table:
    return _table("ConvTranspose2d", **locals())


def Linear(in_features: int, out_features: int, bias: Any = False, **keys: Any) -> Table:
    return _table("Linear", **locals())


def MaxPool2d(kernel_size: Size, stride: Size = None, padding: Any = 0, dilation: Size = 1,
              **keys: Any) -> Table:
    return _table("MaxPool2d", **locals())


def AvgPool2d(kernel_size: Size, stride: Size = None, padding: Any = 0, ceil_mode: bool = False,
              count_include_pad: bool | None = None, **keys: Any) -> Table:
    return _table("AvgPool2d", **locals())


def AdaptiveMaxPool2d(output_size: int = 1, **keys: Any) -> Table:
    return _table("AdaptiveMaxPool2d", **locals())


def AdaptiveAvgPool2d(output_size: int = 1, **keys: Any) -> Table:
    return _table("AdaptiveAvgPool2d", **locals())


def Hardtanh(min_val: float = -1.0, max_val: float = 1.0, **keys: Any) -> Table:
    return _table("Hardtanh", **locals())


def LeakyReLU(negative_slope: float = 0.01, **keys: Any) -> Table:
    return _table("LeakyReLU", **locals())


def PixelShuffle(upscale_factor: int, **keys: Any) -> Table:
    return _table("PixelShuffle", **locals())


def PixelUnshuffle(downscale_factor: int, **keys: Any) -> Table:
    return _table("PixelUnshuffle", **locals())


def ZeroPad2d(padding: Any, **keys: Any) -> Table:
    return _table("ZeroPad2d", **locals())


def ReflectionPad2d(padding: Any, **keys: Any) -> Table:
    return _table("ReflectionPad2d", **locals())


def ReplicationPad2d(padding: Any, **keys: Any) -> Table:
    return _table("ReplicationPad2d", **locals())


def CircularPad2d(padding: Any, **keys: Any) -> Table:
    return _table("CircularPad2d", **locals())


def ConstantPad2d(padding: Any, value: int, **keys: Any) -> Table:
    return _table("ConstantPad2d", **locals())


# Layers whose arguments all have names.
ReLU = partial(_table, "ReLU")
ReLU6 = partial(_table, "ReLU6")
PReLU = partial(_table, "PReLU")
BatchNorm2d = partial(_table, "BatchNorm2d")
Sigmoid = partial(_table, "Sigmoid")
Tanh = partial(_table, "Tanh")
SiLU = partial(_table, "SiLU")
Hardsigmoid = partial(_table, "Hardsigmoid")
Hardswish = partial(_table, "Hardswish")
Upsample = partial(_table, "Upsample")
Flatten = partial(_table, "Flatten")
Identity = partial(_table, "Identity")
Add = partial(_table, "Add")
Mul = partial(_table, "Mul")
Concat = partial(_table, "Concat")
ArgMax = partial(_table, "ArgMax")
