"""Convolutions against PyTorch's own, on integers, with each of its padding modes."""

import numpy as np
import pytest
from random_networks import random_frames, random_layer


torch = pytest.importorskip("torch")

MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "replicate",
         "circular": "circular"}


@pytest.mark.parametrize("seed", range(60))
def test_exact_sums(seed: int) -> None:
    layer = random_layer(seed)
    frames = random_frames(layer.input, 2, seed)
    top, bottom, left, right = layer.pads
    given = torch.nn.functional.pad(
        torch.tensor(frames - layer.input.zero_point).double(), (left, right, top, bottom),
        MODES[layer.padding_mode])
    weights = layer.weights - np.array(layer.weight_zero_point)[:, None, None, None]
    wanted = torch.nn.functional.conv2d(
        given, torch.tensor(weights).double(), torch.tensor(layer.bias).double(), layer.stride, 0,
        layer.dilation, layer.groups)
    assert (layer.compute_sums(frames) == wanted.numpy()).all()
