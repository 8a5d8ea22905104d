"""Small layers of any kind, by a seed."""

import random
from typing import Any

import numpy as np

from windrow.model import InputError, Sample
from windrow.model.network import (
    Convolution,
    DivideRequantiser,
    FixedRequantiser,
    FloatRequantiser,
    Pool,
    Requantiser,
    Tensor,
)
from windrow.model.network.linear_form import layer_forms


def convolution(rng: random.Random) -> Convolution:
    """Any convolution: groups, depthwise, stride, dilation, pads, borders, transposed."""
    while True:
        groups, inputs, outputs = rng.choice([1, 1, 1, 2, 3]), rng.randint(1, 4), rng.randint(1, 4)
        if rng.random() < 0.3:
            groups, inputs, outputs = rng.randint(2, 6), 1, rng.randint(1, 3)
        mode = rng.choice(["zeros", "zeros", "reflect", "replicate", "circular"])
        kernel = rng.randint(1, 4), rng.randint(1, 4)
        size = groups * outputs * inputs * kernel[0] * kernel[1]
        weights = np.array([rng.randint(-128, 127) for _ in range(size)]).reshape(
            groups * outputs, inputs, *kernel)
        try:
            layer = Convolution(
                name="layer", inputs=("input",), sources=(tensor(rng, groups * inputs),),
                weights=weights,
                bias=tuple(rng.randint(-1000, 1000) for _ in range(groups * outputs)),
                stride=(rng.randint(1, 3), rng.randint(1, 3)),
                dilation=(rng.randint(1, 2), rng.randint(1, 2)),
                pads=(rng.randint(-1 if mode == "zeros" else 0, 3), rng.randint(0, 3),
                      rng.randint(0, 3), rng.randint(0, 3)),
                groups=groups, padding_mode=mode, weight_zero_point=rng.choice([(), (3,)]),
                input_dilation=rng.choice([(1, 1), (1, 1), (2, 3), (2, 1)])
                if mode == "zeros" else (1, 1),
                requantiser=requantiser(rng, groups * outputs))
            if layer.requantiser is not None:
                layer_forms(layer.requantiser, layer.sums)
            return layer
        except InputError:
            continue


def pool(rng: random.Random) -> Pool:
    """Any pool: greatest or mean, pads that count or do not, windows beyond the frame."""
    while True:
        kind, raw = rng.choice(["max", "average"]), rng.random() < 0.3
        source = tensor(rng, rng.randint(1, 6))
        kernel = rng.choice([source.shape[1:], (rng.randint(1, 4), rng.randint(1, 4))])
        keys: dict[str, Any] = {
            "name": "layer", "inputs": ("input",), "sources": (source,), "kind": kind,
            "kernel": kernel, "stride": (rng.randint(1, 3), rng.randint(1, 3)),
            "dilation": (rng.randint(1, 2), rng.randint(1, 2)),
            "pads": tuple(rng.choice([0, 0, 1, 2]) for _ in range(4)),
            "beyond": (rng.randint(0, 1), rng.randint(0, 1)),
            "count_include_pad": rng.random() < 0.5}
        if kind == "average":
            sample = source.sample
            made = {count: (DivideRequantiser(sample=sample, count=count) if raw else
                            FloatRequantiser(sample=sample, zero_point=3, scales=(0.9 / count,)))
                    for count in range(1, kernel[0] * kernel[1] + 1)}
            keys |= {"requantisers": made, "raw": raw}
        try:
            return Pool(**keys)
        except InputError:
            continue


def tensor(rng: random.Random, channels: int) -> Tensor:
    """Any small frame."""
    sample = Sample.parse(rng.choice(["u8", "s8"]))
    return Tensor(channels, rng.randint(1, 7), rng.randint(1, 7), sample, 1.0,
                  rng.randint(sample.minimum, sample.maximum))


def requantiser(rng: random.Random, channels: int) -> Requantiser | None:
    """None, or of either kind of runtime, per channel or per tensor."""
    if rng.random() < 0.15:
        return None
    sample = Sample.parse(rng.choice(["u8", "s8"]))
    zero = rng.randint(sample.minimum, sample.maximum)
    keys: dict[str, Any] = {"sample": sample, "zero_point": zero}
    if rng.random() < 0.3:
        keys["low"] = zero
    scales = tuple(2 ** -rng.uniform(1, 12) for _ in range(rng.choice([1, channels])))
    if rng.random() < 0.7:
        return FloatRequantiser(scales=scales, **keys)
    return FixedRequantiser.of(scales, **keys)


def frames(layer: Any, count: int, seed: int) -> np.ndarray:
    """Frames of a layer's first input."""
    low, high = layer.input.interval
    return np.random.default_rng(seed).integers(low, high + 1, (count, *layer.input.shape))
