"""Layers under PyTorch's names: its arguments by place and by name."""

from typing import Any

import numpy as np
import pytest

from windrow import Network, layers
from windrow.model import InputError


KEYS = {"output": "u8", "output_scale": 0.5}
RUNNING = {"running_mean": [0, 1], "running_var": [1, 4]}


def network(*tables: dict[str, Any]) -> Network:
    return Network.from_layers(tables, channels=2, height=7, width=6, scale=0.5)


@pytest.mark.parametrize("by_place, by_name", [
    (layers.Conv2d(2, 3, 3, 2, 1, weight=np.ones((3, 2, 3, 3), int), bias=None),
     {"type": "Conv2d", "in_channels": 2, "out_channels": 3, "kernel_size": 3, "stride": 2,
      "padding": 1, "weight": np.ones((3, 2, 3, 3), int).tolist()}),
    (layers.MaxPool2d(3, 2, 1, 1, False, True),
     {"type": "MaxPool2d", "kernel_size": 3, "stride": 2, "padding": 1, "dilation": 1,
      "ceil_mode": True}),
    (layers.AvgPool2d(2, 1, 0, True, False),
     {"type": "AvgPool2d", "kernel_size": 2, "stride": 1, "padding": 0, "ceil_mode": True,
      "count_include_pad": False}),
    (layers.Upsample((14, 18), None, "nearest"), {"type": "Upsample", "scale_factor": [2, 3]}),
    (layers.BatchNorm2d(2, 1e-3, **RUNNING, **KEYS),
     {"type": "BatchNorm2d", "eps": 1e-3, **RUNNING, **KEYS}),
    (layers.LeakyReLU(0.1, True, **KEYS), {"type": "LeakyReLU", "negative_slope": 0.1, **KEYS}),
    (layers.PReLU(1, 0.2, **KEYS), {"type": "PReLU", "weight": 0.2, **KEYS}),
    (layers.ReLU(True), {"type": "ReLU"}),
    (layers.ArgMax(1), {"type": "ArgMax"}),
    (layers.Concat(dim=1, inputs=["input", "input"]),
     {"type": "Concat", "inputs": ["input", "input"]}),
])
def test_arguments_by_place(by_place: dict[str, Any], by_name: dict[str, Any]) -> None:
    assert network(by_place) == network(by_name)


def test_what_changes_nothing_may_stand() -> None:
    made = network(layers.Identity(), layers.Dropout(0.5), layers.MaxPool2d((7, 6)),
                   layers.Flatten(1), layers.Linear(2, 1, weight=[[1, 2]]))
    assert len(made.layers) == 2


@pytest.mark.parametrize("table, message", [
    (layers.MaxPool2d(2, strides=1), "unknown key 'strides' of a MaxPool2d: did you mean 'stride'"),
    (layers.MaxPool2d(2, return_indices=True), "return_indices must be False, not True"),
    (layers.MaxPool2d(0), "kernel_size must be 2 integers from 1"),
    (layers.MaxPool2d(2, padding=-1), "padding must be .*, and not negative, not -1"),
    (layers.BatchNorm2d(3, **RUNNING, **KEYS), "num_features must be 2, the channels of its input"),
    (layers.Upsample((15, 18)), r"size must be whole multiples of \[7, 6\], not \(15, 18\)"),
    (layers.AdaptiveAvgPool2d(2), r"output_size must be 1, not \(2, 2\)"),
    (layers.Concat(dim=2, inputs=["input", "input"]), "dim must be 1 or -3, not 2"),
])
def test_what_is_refused(table: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        network(table)
