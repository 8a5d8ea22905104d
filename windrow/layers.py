"""Layers of a network under PyTorch's names, with PyTorch's arguments in its order.

Each function returns its layer as a table, as a TOML file has it, of which
:meth:`windrow.Network.from_layers` makes a network. Beside PyTorch's arguments layers take ``name``
and ``input`` (or ``inputs``); those with weights take ``weight`` and ``bias`` (integers),
``weight_zero_point``, ``weight_scale`` (one number or one an output channel); and what changes
samples takes ``output``, ``output_scale`` and ``output_zero_point``. Arguments that change nothing
here, such as ``inplace``, may stand where they do not ask for something else.
"""

from collections.abc import Callable
from inspect import Parameter, Signature
from typing import Any

import numpy as np


Table = dict[str, Any]

_CONVOLUTION = "in_channels out_channels kernel_size stride padding"
_REST = "dilation groups bias padding_mode"
#: PyTorch's arguments in its order.
ARGUMENTS = {
    "Conv1d": f"{_CONVOLUTION} {_REST}", "Conv2d": f"{_CONVOLUTION} {_REST}",
    "ConvTranspose2d": f"{_CONVOLUTION} output_padding groups bias dilation padding_mode",
    "Linear": "in_features out_features bias",
    "MaxPool2d": "kernel_size stride padding dilation return_indices ceil_mode",
    "AvgPool2d": "kernel_size stride padding ceil_mode count_include_pad divisor_override",
    "AdaptiveMaxPool2d": "output_size return_indices", "AdaptiveAvgPool2d": "output_size",
    "BatchNorm2d": "num_features eps momentum affine track_running_stats",
    "ReLU": "inplace", "ReLU6": "inplace", "Hardtanh": "min_val max_val",
    "LeakyReLU": "negative_slope inplace", "PReLU": "num_parameters init", "SiLU": "inplace",
    "Sigmoid": "", "Tanh": "", "Hardsigmoid": "inplace", "Hardswish": "inplace",
    "PixelShuffle": "upscale_factor", "PixelUnshuffle": "downscale_factor",
    "Upsample": "size scale_factor mode align_corners recompute_scale_factor",
    "ZeroPad2d": "padding", "ReflectionPad2d": "padding", "ReplicationPad2d": "padding",
    "CircularPad2d": "padding", "ConstantPad2d": "padding value",
    "Flatten": "start_dim end_dim", "Identity": "", "Dropout": "p inplace",
    "Dropout2d": "p inplace", "Add": "", "Mul": "", "Concat": "", "ArgMax": "dim keepdim",
}
__all__ = list(ARGUMENTS)  # noqa: PLE0604, RUF100


def _layer(kind: str, names: str) -> Callable[..., Table]:
    place = Parameter.POSITIONAL_OR_KEYWORD
    signature = Signature([*(Parameter(name, place, default=None) for name in names.split()),
                           Parameter("keys", Parameter.VAR_KEYWORD)])

    def make(*given: Any, **keys: Any) -> Table:
        bound = signature.bind(*given, **keys).arguments
        # Arrays as lists; ``None`` is what is not given.
        return {"type": kind} | {
            key: value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value
            for key, value in (bound | bound.pop("keys", {})).items() if value is not None}

    make.__name__ = make.__qualname__ = kind
    make.__doc__ = f"The table of a layer {kind}."
    make.__signature__ = signature  # type: ignore[attr-defined]
    return make


globals().update({kind: _layer(kind, names) for kind, names in ARGUMENTS.items()})


def __getattr__(name: str) -> Callable[..., Table]:
    raise AttributeError(f"module {__name__!r} has no layer {name!r}")
