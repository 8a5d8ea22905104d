"""Convolutions against PyTorch's own, on integers, with each of its padding modes."""

import numpy as np
import pytest
from random_networks import random_frames, random_layer

from windrow import Network, layers


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


@pytest.mark.parametrize("seed", range(20))
def test_layers_under_their_names(seed: int) -> None:
    random, nn = np.random.default_rng(seed), torch.nn

    def pair(low: int, high: int) -> tuple[int, int]:
        one, two = random.integers(low, high + 1, 2)
        return int(one), int(two)

    frames = random.integers(0, 256, (2, 4, *pair(2, 4))).repeat(2, 2).repeat(2, 3)
    kernel, stride, dilation = pair(1, 3), pair(1, 3), pair(1, 2)
    half = tuple(int(random.integers(0, taps // 2 + 1)) for taps in kernel)
    extra = tuple(max(each) - 1 for each in zip(stride, dilation, strict=True))
    mode, (padding, step) = list(MODES)[seed % 4], (("same", 1), (pair(0, 2), stride))[seed % 2]
    weight = random.integers(-9, 10, (6, 2, *kernel))
    turned = random.integers(-9, 10, (4, 3, *kernel))
    bias = random.integers(-99, 100, 6)
    sides = (*pair(0, 2), *pair(0, 2))
    for ours, theirs in (
            (layers.Conv2d(4, 6, kernel, step, padding, dilation, 2, bias, mode, weight=weight),
             nn.Conv2d(4, 6, kernel, step, padding, dilation, 2, True, mode)),
            (layers.ConvTranspose2d(4, 6, kernel, stride, half, extra, 2, bias, dilation,
                                    weight=turned),
             nn.ConvTranspose2d(4, 6, kernel, stride, half, extra, 2, True, dilation)),
            (layers.MaxPool2d(kernel, stride, half, ceil_mode=True),
             nn.MaxPool2d(kernel, stride, half, ceil_mode=True)),
            (layers.PixelShuffle(2), nn.PixelShuffle(2)),
            (layers.PixelUnshuffle(2), nn.PixelUnshuffle(2)),
            (layers.Upsample(scale_factor=2), nn.Upsample(scale_factor=2)),
            *((getattr(layers, name)(sides), getattr(nn, name)(sides)) for name in (
                "ZeroPad2d", "ReflectionPad2d", "ReplicationPad2d", "CircularPad2d"))):
        if "weight" in ours:
            theirs = theirs.double()
            theirs.weight.data = torch.tensor(ours["weight"]).double()
            theirs.bias.data = torch.tensor(ours["bias"]).double()
        network = Network.from_layers(
            [ours], channels=4, height=frames.shape[2], width=frames.shape[3])
        wanted = theirs(torch.tensor(frames).double()).detach().numpy()
        assert (network.compute(frames) == wanted).all(), ours["type"]
