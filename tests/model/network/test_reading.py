"""Networks from tables, files and Python under PyTorch's names."""

import json
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from random_networks import random_frames, random_network

from windrow import Network, layers
from windrow.model import InputError
from windrow.model.network import Convolution, Pool, Table


FRAME = {"channels": 2, "height": 6, "width": 7, "scale": 0.5, "zero_point": 3}
RANDOM = np.random.default_rng(4)
SMALL = RANDOM.integers(-4, 5, (3, 2, 3, 3))


def one(table: dict[str, Any], **keys: Any) -> Network:
    return Network.from_layers([table], **{**FRAME, **keys})


@pytest.mark.parametrize("seed", range(40))
def test_what_is_written_is_read_again(seed: int) -> None:
    network = random_network(seed)
    frames = random_frames(network.input, 2, seed)
    for keys in (tomllib.loads(network.to_toml()), json.loads(network.to_json())):
        again = Network.from_dict(keys)
        assert again == network
        assert (again.compute(frames) == network.compute(frames)).all()


def test_a_file(tmp_path: Path) -> None:
    (tmp_path / "net.toml").write_text("""
        name = "digits"
        channels = 1
        height = 4
        width = 4
        scale = 1.0

        [[layer]]
        type = "Conv2d"
        weight = [[[[1, 2], [3, 4]]], [[[0, -1], [1, 0]]]]
        padding = "same"
        bias = [5, -6]
        weight_scale = [0.5, 0.25]
        output_scale = 2
        output_zero_point = 10

        [[layer]]
        type = "ReLU"

        [[layer]]
        type = "MaxPool2d"
        kernel_size = 2

        [[layer]]
        type = "Flatten"

        [[layer]]
        type = "Linear"
        weight = [[1, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 1]]
    """)
    network = Network.from_file(tmp_path / "net.toml")
    assert [layer.name for layer in network.layers] == ["conv2d1", "maxpool2d3", "linear5"]
    frame = np.arange(16).reshape(1, 4, 4)
    padded = np.pad(frame[0], ((0, 1), (0, 1)))
    sums = np.array([[[(padded[y:y + 2, x:x + 2] * kernel).sum() for x in range(4)]
                      for y in range(4)] for kernel in ([[1, 2], [3, 4]], [[0, -1], [1, 0]])])
    sums += np.array([5, -6])[:, None, None]
    real = np.rint(sums * np.array([0.25, 0.125])[:, None, None]) + 10
    pooled = np.clip(real, 10, 255).reshape(2, 2, 2, 2, 2).max((2, 4)) - 10
    assert network.compute(frame).ravel().tolist() == [pooled[0, 0, 0], pooled[1, 1, 1]]
    assert network.macs == 2 * 16 * 4 + 16


def test_a_large_file_of_layers(tmp_path: Path) -> None:
    network = one(layers.Conv2d(2, 90, 3, weight=np.full((90, 2, 31, 31), 7), padding=15)
                  | {"kernel_size": 31})
    for path, text in ((tmp_path / "net.toml", network.to_toml()),
                       (tmp_path / "net.json", network.to_json())):
        path.write_text(text)
        assert path.stat().st_size > 1 << 16
        assert Network.from_file(path) == network
    path.write_text("{" + " " * (1 << 16) + network.to_json()[1:])
    with pytest.raises(InputError, match="too large; at most 65536 bytes"):
        Network.from_file(path)


def test_a_relu_that_others_pass_by_stays_a_table() -> None:
    keys = {"weight": RANDOM.integers(-4, 5, (2, 2, 1, 1)), "weight_scale": 1.0,
            "output_scale": 4.0, "output_zero_point": 100}
    made = Network.from_layers([
        layers.Conv2d(2, 2, 1, name="c", **keys), layers.ReLU(name="r"),
        layers.Add(inputs=["r", "c"], output_scale=8.0)], **FRAME)
    assert isinstance(made.layer("r"), Table)
    behind = Network.from_layers([
        layers.Conv2d(2, 2, 1, name="c", **keys), layers.Identity(), layers.ReLU(name="r"),
        layers.Add(inputs=["r", "c"], output_scale=8.0)], **FRAME)
    assert isinstance(behind.layer("r"), Table)
    assert made.layer("r").compute(np.array([[[[0, 99, 100, 255]]]])).ravel().tolist() == [
        100, 100, 100, 255]


def test_relu6_is_a_clamp() -> None:
    made = Network.from_layers([
        layers.Conv2d(2, 3, 3, weight=SMALL, weight_scale=0.1, output_scale=0.05), layers.ReLU6()],
        **FRAME)
    layer, = made.layers
    assert isinstance(layer, Convolution)
    assert (layer.requantiser.low, layer.requantiser.high) == (0, 120)


def test_transposed_convolution_spreads_each_sample() -> None:
    weight = RANDOM.integers(-9, 10, (4, 3, 3, 2))  # (C, M // groups, kh, kw), groups 2
    made = one(layers.ConvTranspose2d(4, 6, (3, 2), (2, 3), (1, 0), (1, 2), 2, dilation=(1, 2),
                                      weight=weight), channels=4)
    frame = RANDOM.integers(0, 256, (4, 6, 7))
    rows, columns = 5 * 2 + 3 + 1, 6 * 3 + 3 + 2
    whole = np.zeros((6, rows, columns), int)
    for c, y, x in np.ndindex(4, 6, 7):
        for m, i, j in np.ndindex(3, 3, 2):
            whole[c // 2 * 3 + m, 2 * y + i, 3 * x + 2 * j] += \
                (frame[c, y, x] - 3) * weight[c, m, i, j]
    assert (made.compute(frame) == whole[:, 1:rows - 1]).all()


@pytest.mark.parametrize(("padding", "pads"), [
    (1, (1, 1, 1, 1)), ([0, 2], (0, 0, 2, 2)), ([1, 2, 0, 1], (1, 2, 0, 1)), ("valid", (0,) * 4),
    ("same", (2, 2, 1, 1)), ("same_upper", (2, 2, 1, 1))])
def test_paddings(padding: Any, pads: tuple[int, ...]) -> None:
    layer, = one(layers.Conv2d(2, 3, 3, padding=padding, dilation=(2, 1), weight=SMALL)).layers
    assert layer.pads == pads


def test_strided_same_is_tensorflows() -> None:
    table = layers.Conv2d(2, 3, 3, 2, "same_upper", weight=SMALL)
    assert one(table).layers[0].pads == (0, 1, 1, 1)
    with pytest.raises(InputError, match="same_upper"):
        one(table | {"padding": "same"})


def test_causal_padding_of_one_dimension() -> None:
    made = one(layers.Conv1d(2, 3, 3, padding="causal", dilation=2, weight=SMALL[..., 0, :]),
               height=1)
    assert made.layers[0].pads == (0, 0, 4, 0)
    assert made.tensor(made.output).shape == (3, 1, 7)


def test_pools() -> None:
    layer, = one(layers.MaxPool2d(3, 2, 1, ceil_mode=True)).layers
    assert (layer.beyond, layer.output.shape) == ((1, 0), (2, 4, 4))
    layer, = one(layers.AvgPool2d(2, output_scale=0.25), scale=0.5).layers
    frame = np.zeros((1, 2, 6, 7), int)
    frame[0, 0, :2, :2] = [[4, 5], [6, 8]]
    # Less the zero point 3 of the input: 1 + 2 + 3 + 5 = 11, a mean of 2.75, times 2, plus 3.
    assert layer.compute(frame)[0, 0, 0, 0] == 8
    layer, = one(layers.AdaptiveAvgPool2d(1), arithmetic="tflite-xnnpack").layers
    assert isinstance(layer, Pool)
    assert layer.kernel == (6, 7)


def test_tables_of_functions() -> None:
    keys = {"output_scale": 1 / 256, "output": "u8"}
    layer, = one(layers.Sigmoid(**keys), scale=0.1, zero_point=128).layers
    assert layer.tables[0][128] == 128
    assert layer.tables[0][138] == round(256 / (1 + np.exp(-1.0)))
    layer, = one(layers.BatchNorm2d(running_mean=[0, 1.0], running_var=[1.0, 4.0], eps=0.0,
                                    output_scale=0.5), scale=0.5, zero_point=0).layers
    assert [each[6] for each in layer.tables] == [6, 2]
    layer, = one(layers.PReLU(weight=[0.5, -1.0], output_scale=0.5), zero_point=10).layers
    assert [each[8] for each in layer.tables] == [0, 2]


def test_joins() -> None:
    made = Network.from_layers([
        layers.Concat(inputs=["input", "input"], output_scale=1.0, output_zero_point=1, name="two"),
        layers.Mul(inputs=["input", "input"], output_scale=2.0, name="square"),
        layers.Concat(inputs=["two", "square"], output_scale=1.0, output_zero_point=1)], **FRAME)
    frame = np.full((2, 6, 7), 9)
    taps = made.taps(frame)
    assert taps["two"][:, 0, 0].tolist() == [4, 4, 4, 4]  # (9 - 3) / 2 + 1
    assert taps["square"][:, 0, 0].tolist() == [4, 4]  # 3 * 3 / 2 = 4.5, to even
    assert taps["concat3"][4, 0, 0] == 9


@pytest.mark.parametrize(("table", "message"), [
    ({"type": "Softmax"}, "layer 1: type 'Softmax' is not supported: leave it out"),
    ({"type": "Conv3d"}, "did you mean 'Conv2d' or 'Conv1d'"),
    (layers.Conv2d(3, 3, 3, weight=SMALL), "in_channels must be 2, as its input"),
    (layers.Conv2d(2, 3, 5, weight=SMALL), r"kernel_size must be \[3, 3\], as its weights"),
    (layers.Conv2d(2, 3, 3, weight=SMALL * 0.5), "weight must be integers in 4 dimensions"),
    (layers.Conv2d(2, 3, 3, strides=2, weight=SMALL), "unknown key 'strides' of a Conv2d"),
    (layers.Conv2d(2, 3, 3, 0, weight=SMALL), "stride must be 2 integers from 1"),
    (layers.Conv2d(2, 3, 3, groups=2, weight=SMALL[:, :1]), "groups must be a divisor of 2 input"),
    (layers.Conv2d(2, 3, 3, bias=True, weight=SMALL), "bias must be its integers, or false"),
    (layers.Conv2d(2, 3, 3, padding=6, padding_mode="reflect", weight=SMALL),
     "padding must be less than the frame's 6 rows and 7 columns"),
    (layers.Conv2d(2, 3, 3, padding_mode="mirror", weight=SMALL), "padding_mode must be one of"),
    (layers.Conv2d(2, 3, 3, weight=SMALL, weight_scale=0.5), "key 'output_scale' is missing"),
    (layers.Conv2d(2, 3, 3, weight=SMALL, weight_scale=[1.0, 1.0], output_scale=1.0),
     "weight_scale must be one number, or 3"),
    (layers.Conv2d(2, 3, 3, weight=SMALL, bias=[2**31 - 1] * 3), "no sum is beyond 32 bits"),
    (layers.Linear(84, 2, weight=np.ones((2, 84), int)), "put a Flatten before it"),
    (layers.Flatten(start_dim=2), "start_dim must be 1 or -3, not 2"),
    (layers.Flatten(), "a flattened output is not supported"),
    (layers.ReLU(input="nothing"), "inputs must be tensors above, not 'nothing'"),
    (layers.MaxPool2d(9), r"kernel_size must be within the padded frame of 6x7"),
    (layers.AvgPool2d(2), "whose mean depends on float32 rounding"),
    (layers.Upsample(scale_factor=1.5), "scale_factor must be an integer"),
    (layers.Upsample(scale_factor=2, mode="bilinear"), "mode must be 'nearest'"),
    (layers.PixelShuffle(2), "block must be a number whose square divides the 2 channels"),
    ({"type": "Table", "tables": [[1, 2]]}, "key is missing|256 samples"),
    ({"type": "Table", "tables": [[1] * 256], "sample": "u9x"},
     "sample must be u1..u32 or s2..s32, not 'u9x'"),
    ({"type": "Pool2d", "kind": "max"}, "a key is missing"),
    (layers.Add(inputs=["input"], output_scale=1.0), "inputs must be two names"),
    (layers.Add(inputs=[], output_scale=1.0), "inputs must be names of tensors above"),
    (layers.Hardtanh(0, "six"), "max_val must be a number, not 'six'"),
    (layers.AvgPool2d(2, ceil_mode=1), "ceil_mode must be true or false, not 1"),
    (layers.BatchNorm2d(running_mean=0, running_var=-1, output_scale=1.0),
     "running_var must be above 0 with eps"),
    ({"type": "Add", "inputs": ["input", "input"], "rule": {
        "kind": "onnxruntime", "scales": [1, 0, 1], "zero_points": [0, 0, 0], "sample": "u8"}},
     "scales must be above 0"),
    ({"type": "Mul", "inputs": ["input", "input"], "requantiser": {
        "kind": "float32", "scales": [1], "sample": "u8", "low": 1.5}},
     "requantiser: low must be an integer, not 1.5"),
    ({"type": "Mul", "inputs": ["input", "input"], "requantiser": {
        "kind": "float32", "scales": [1], "sample": "u8", "hihg": 9}},
     "requantiser: unknown key 'hihg': did you mean 'high'"),
    ({"type": "Add", "inputs": ["input", "input"], "rule": {"kind": "mine"}}, "kind must be one"),
])
def test_what_is_refused(table: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        one(table, scale=0.3 if "rounding" in message else 0.5)


@pytest.mark.parametrize(("keys", "message"), [
    ({"arithmetic": "mine"}, "arithmetic must be one of onnxruntime, tflite-reference"),
    ({"chanels": 2}, "unknown key 'chanels' = 2: did you mean 'channels'"),
    ({"height": 0}, "height must be an integer of at least 1, not 0"),
    ({"pixel": "u16"}, "pixel must be u1..u8"),
    ({"zero_point": 256}, "zero_point 256 is no u8"),
    ({"output": "relu"}, "output 'relu' is no layer"),
    ({"labels": ["a"]}, "labels must be 2, one a channel"),
])
def test_frame_keys_that_are_refused(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        one(layers.MaxPool2d(2), **keys)


def test_powers_of_two_alone_where_the_arithmetic_says_so() -> None:
    table = layers.Conv2d(2, 3, 3, weight=SMALL, weight_scale=0.125, output_scale=2.0)
    layer, = one(table, arithmetic="power-of-two").layers
    assert layer.requantiser.scales == (0.03125,)
    with pytest.raises(InputError, match="must be a power of two where arithmetic is"):
        one(table | {"weight_scale": 0.1}, arithmetic="power-of-two")


def test_frames_are_checked() -> None:
    made = one(layers.MaxPool2d(2))
    with pytest.raises(InputError, match=r"frames must be of shape \(N, 2, 6, 7\), not \(6, 7\)"):
        made.compute(np.zeros((6, 7), int))
    with pytest.raises(InputError, match="from 0 to 255, not from 0 to 256"):
        made.compute(np.arange(2 * 6 * 7).reshape(2, 6, 7) * 256 // 83)
    with pytest.raises(InputError, match="integers, not float64"):
        made.compute(np.zeros((2, 6, 7)))


def test_other_values() -> None:
    made = one(layers.MaxPool2d(2, name="p"), labels=["cat", "dog"])
    other = made.replace(name="other")
    assert other.to_dict() == {**made.to_dict(), "name": "other"}
    assert other != made
    assert other.replace(name=made.name) == made
    assert hash(other.replace(name=made.name)) == hash(made)
    assert made.readers("input") == made.layers
    with pytest.raises(InputError, match="unknown key 'nam'"):
        made.replace(nam="x")
