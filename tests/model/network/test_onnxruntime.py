"""Layers against ONNX Runtime itself, by graphs of one node."""

from typing import Any

import numpy as np
import pytest
from random_networks import random_frames, random_layer
from runtimes import products_are_exact

from windrow import Network, layers
from windrow.model import InputError, Sample
from windrow.model.interval import Interval
from windrow.model.network import (
    AverageRequantiser,
    Concat,
    Convolution,
    FloatRequantiser,
    OnnxAdd,
    Pool,
    Tensor,
)
from windrow.model.network.linear_form import layer_forms
from windrow.model.network.pair_form import prove_pair
from windrow.model.network.table import requantised


pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

from onnx_nodes import convolved, run


U8, S8 = Sample.parse("u8"), Sample.parse("s8")
ONE, ZERO = np.float32(1), np.uint8(0)


@pytest.fixture(scope="module", autouse=True)
def exact_products() -> None:
    """Skip where the processor adds products in 16 bits, as AVX2 without VNNI does."""
    if not products_are_exact():
        pytest.skip("this processor's ONNX Runtime saturates sums of two products")


def differing(layer: Convolution, seed: int) -> int:
    frames = random_frames(layer.input, 3, seed)
    wanted = convolved(layer, frames)
    made = layer.compute(frames)
    assert made.shape == wanted.shape
    return int((made != wanted).sum())


@pytest.mark.parametrize("first", [0, 50])
def test_random_convolutions(first: int) -> None:
    for seed in range(first, first + 50):
        assert not differing(random_layer(seed), seed), f"seed {seed}"


@pytest.mark.slow
def test_a_thousand_random_convolutions() -> None:
    wrong = [seed for seed in range(1000) if differing(random_layer(seed), seed)]
    assert not wrong


def quantised(random: np.random.Generator, sample: Sample) -> tuple[np.ndarray, float, int]:
    """A tensor of 2 x 3 x 8 x 7 samples, its scale and its zero point."""
    low, high = sample.minimum, sample.maximum
    return (random.integers(low, high + 1, (2, 3, 8, 7)).astype(sample.dtype),
            float(np.float32(2.0 ** random.uniform(-8, -2))), int(random.integers(low, high + 1)))


def tensor(sample: Sample, scale: float, zero: int) -> Tensor:
    return Tensor(3, 8, 7, sample, scale, zero)


def every_pair(sample: Sample) -> tuple[np.ndarray, np.ndarray]:
    each = np.arange(sample.minimum, sample.maximum + 1).astype(sample.dtype)
    one, two = np.meshgrid(each, each, indexing="ij")
    return one, two


@pytest.mark.parametrize("kind", ["QLinearAdd", "QLinearMul"])
@pytest.mark.parametrize("sample", [U8, S8], ids=str)
def test_sums_and_products_of_all_pairs(kind: str, sample: Sample) -> None:
    one, two = every_pair(sample)
    for seed in range(6):
        random = np.random.default_rng(seed)
        scales = tuple(float(np.float32(2.0 ** each)) for each in random.uniform(-7, -4, 3))
        if kind == "QLinearMul":
            scales = *scales[:2], scales[2] / 8
        zeros = tuple(random.integers(sample.minimum, sample.maximum + 1, 3).tolist())
        # The second is fed as a constant: a tensor, for scalars take another way.
        wanted = run(kind, [one, np.float32(scales[0]), sample.dtype.type(zeros[0]), two,
                            np.float32(scales[1]), sample.dtype.type(zeros[1]),
                            np.float32(scales[2]), sample.dtype.type(zeros[2])], "com.microsoft")
        if kind == "QLinearAdd":
            rule = OnnxAdd(scales=scales, zero_points=zeros, sample=sample)
            made = rule.compute(one.astype(int), two.astype(int))
            form = prove_pair(rule, sample, sample)
            assert (form.compute(one.astype(int), two.astype(int)) == wanted).all(), seed
        else:
            f = np.float32
            scale = float(f(f(scales[0]) * f(scales[1])) / f(scales[2]))
            requantiser = FloatRequantiser(sample=sample, zero_point=zeros[2], scales=(scale,),
                                           zero_first=True)
            product = (one.astype(int) - zeros[0]) * (two.astype(int) - zeros[1])
            made = requantiser.steps(product[None])[0]
            ends = Interval(int(product.min()), int(product.max()))
            form, = layer_forms(requantiser, [ends])
            assert (form.compute(product) == wanted).all(), seed
        assert (made == wanted).all(), seed


@pytest.mark.parametrize("sample", [U8, S8], ids=str)
@pytest.mark.parametrize("include", [False, True])
def test_average_pools(sample: Sample, include: bool) -> None:
    proved = 0
    for seed in range(8):
        random = np.random.default_rng((seed, 3))
        array, scale, zero = quantised(random, sample)
        out = scale * float(np.float32(2.0 ** random.uniform(-1, 0.3)))
        if seed > 5:
            scale, out = 0.125, 0.0625
        to_zero = int(random.integers(sample.minimum, sample.maximum + 1))
        kernel = tuple(random.integers(1, 4, 2).tolist())
        pads = tuple(int(random.integers(0, each)) for each in np.repeat(kernel, 2))
        stride = tuple(random.integers(1, 3, 2).tolist())
        keys: dict[str, Any] = {
            "name": "p", "inputs": ("input",), "sources": (tensor(sample, scale, zero),),
            "kind": "average", "kernel": kernel, "stride": stride, "pads": pads,
            "count_include_pad": include}
        counts = [kernel[0] * kernel[1]] if include else range(1, 1 + kernel[0] * kernel[1])
        try:
            layer = Pool(**keys, requantisers={count: AverageRequantiser(
                sample=sample, zero_point=to_zero, scale=out, input_sample=sample,
                input_scale=scale, input_zero=zero, count=count) for count in counts})
        except InputError:  # some sums depend on their order
            continue
        proved += 1
        wanted = run("QLinearAveragePool", [
            array, np.float32(scale), sample.dtype.type(zero), np.float32(out),
            sample.dtype.type(to_zero)], "com.microsoft", kernel_shape=kernel, strides=stride,
            pads=[pads[0], pads[2], pads[1], pads[3]], count_include_pad=int(include))
        assert (layer.compute(array.astype(int)) == wanted).all(), seed
    assert proved >= 4


@pytest.mark.parametrize("sample", [U8, S8], ids=str)
def test_global_average_pools(sample: Sample) -> None:
    for seed in range(8):
        random = np.random.default_rng((seed, 4))
        array, scale, zero = quantised(random, sample)
        out, to_zero = scale * 0.73, int(random.integers(sample.minimum, sample.maximum + 1))
        wanted = run("QLinearGlobalAveragePool", [
            array, np.float32(scale), sample.dtype.type(zero), np.float32(out),
            sample.dtype.type(to_zero)], "com.microsoft")
        factor = np.float32(scale) / np.float32(np.float32(out) * np.float32(56))
        layer = Pool(name="p", inputs=("input",), sources=(tensor(sample, scale, zero),),
                     kind="average", kernel=(8, 7), requantisers={56: FloatRequantiser(
                         sample=sample, zero_point=to_zero, scales=(float(factor),))})
        assert (layer.compute(array.astype(int)) == wanted).all(), seed


@pytest.mark.parametrize("sample", [U8, S8], ids=str)
def test_max_pools(sample: Sample) -> None:
    array, scale, zero = quantised(np.random.default_rng(8), sample)
    for kernel, stride, dilation, pads, ceil in (
            ((2, 2), (2, 2), (1, 1), (0, 0, 0, 0), 0), ((3, 2), (2, 1), (1, 2), (1, 2, 0, 1), 0),
            ((3, 3), (2, 2), (1, 1), (1, 1, 1, 1), 1), ((3, 3), (3, 3), (1, 1), (0, 0, 0, 0), 1)):
        wanted = run("MaxPool", [array], kernel_shape=kernel, strides=stride, dilations=dilation,
                     pads=[pads[0], pads[2], pads[1], pads[3]], ceil_mode=ceil)
        beyond = tuple(max(0, (got - 1) * step + apart * (taps - 1) + 1 - size - before - after)
                       for got, step, apart, taps, size, before, after in zip(
                wanted.shape[2:], stride, dilation, kernel, (8, 7), pads[::2], pads[1::2],
                strict=True))
        layer = Pool(name="p", inputs=("input",), sources=(tensor(sample, scale, zero),),
                     kind="max", kernel=kernel, stride=stride, dilation=dilation, pads=pads,
                     beyond=beyond)
        assert (layer.compute(array.astype(int)) == wanted).all()


def test_concatenation() -> None:
    random = np.random.default_rng(3)
    for sample in (U8, S8):
        (one, first, a), (two, second, b) = quantised(random, sample), quantised(random, sample)
        out, zero = max(first, second), int(random.integers(sample.minimum, sample.maximum + 1))
        kind = sample.dtype.type
        wanted = run("QLinearConcat", [np.float32(out), kind(zero), one, np.float32(first), kind(a),
                                       two, np.float32(second), kind(b)], "com.microsoft", fed=2,
                     axis=1)
        layer = Concat(
            name="c", inputs=("input", "x"), sources=(
                tensor(sample, first, a), tensor(sample, second, b)), sample=sample,
            tables=tuple(requantised(tensor(sample, scale, at), sample, out, zero)
                         for scale, at in ((first, a), (second, b))), zero_point=zero)
        assert (layer.compute(one.astype(int), two.astype(int)) == wanted).all()


def moved(layer: dict[str, Any], array: np.ndarray) -> np.ndarray:
    """The output of a layer that is written as a table, of small integers."""
    channels, height, width = array.shape[1:]
    network = Network.from_layers([layer], channels=channels, height=height, width=width)
    return network.compute(array.astype(int))


@pytest.mark.parametrize("seed", range(6))
def test_transposed_convolutions(seed: int) -> None:
    random = np.random.default_rng(seed)
    groups = (1, 2)[seed % 2]
    kernel, stride, dilation = (tuple(random.integers(1, most, 2).tolist()) for most in (4, 4, 3))
    padding = tuple(int(random.integers(0, apart * (taps - 1) + 1))
                    for taps, apart in zip(kernel, dilation, strict=True))
    extra = tuple(int(random.integers(0, each)) for each in stride)
    weight = random.integers(-9, 10, (4, 3, *kernel))
    array = random.integers(0, 256, (1, 4, 5, 6))
    wanted = run("ConvTranspose", [array.astype(np.float32), weight.astype(np.float32)],
                 strides=stride, dilations=dilation, group=groups, output_padding=extra,
                 pads=[*padding, *padding])
    made = moved(layers.ConvTranspose2d(4, 3 * groups, kernel, stride, padding, extra, groups,
                                        dilation=dilation, weight=weight), array)
    assert (made == wanted).all()


def test_movements() -> None:
    array = np.random.default_rng(2).integers(0, 256, (2, 8, 6, 4))
    real = array.astype(np.float32)
    for mode in ("DCR", "CRD"):
        assert (moved({"type": "DepthToSpace", "block": 2, "mode": mode}, array)
                == run("DepthToSpace", [real], blocksize=2, mode=mode)).all()
    assert (moved({"type": "SpaceToDepth", "block": 2}, array)
            == run("SpaceToDepth", [real], blocksize=2)).all()
    for mode, name in (("zeros", "constant"), ("reflect", "reflect"), ("replicate", "edge")):
        pads = np.array([0, 0, 1, 2, 0, 0, 3, 1])
        assert (moved({"type": "Pad", "padding": [1, 3, 2, 1], "mode": mode}, array)
                == run("Pad", [real, pads], mode=name)).all()
    assert (moved(layers.Upsample(scale_factor=(2, 3)), array) == run(
        "Resize", [real, np.zeros(0, np.float32), np.array([1, 1, 2, 3], np.float32)],
        mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")).all()
    tied = array % 3
    for last in (False, True):
        assert (moved(layers.ArgMax(last=last), tied) == run(
            "ArgMax", [tied.astype(np.float32)], axis=1, select_last_index=int(last))).all()


@pytest.mark.parametrize(("padding", "auto"), [
    ("same_upper", "SAME_UPPER"), ("same_lower", "SAME_LOWER"), ("valid", "VALID")])
def test_named_paddings(padding: str, auto: str) -> None:
    random = np.random.default_rng(1)
    for stride, kernel in (((2, 3), (3, 4)), ((1, 2), (2, 5))):
        array = random.integers(0, 256, (1, 2, 9, 10))
        weight = random.integers(-9, 10, (3, 2, *kernel))
        wanted = run("Conv", [array.astype(np.float32), weight.astype(np.float32)],
                     strides=stride, auto_pad=auto)
        made = moved(layers.Conv2d(2, 3, kernel, stride, padding, weight=weight), array)
        assert (made == wanted).all()
