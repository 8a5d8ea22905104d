"""Random layers and networks, by seed, for the model, the planner and the hardware."""

import numpy as np

from windrow.model import Sample
from windrow.model.network import (
    INPUT,
    Add,
    ArgMax,
    Concat,
    Convolution,
    DepthToSpace,
    DivideRequantiser,
    FloatRequantiser,
    Layer,
    Mul,
    Network,
    OnnxAdd,
    Pad,
    Pool,
    Resize,
    SpaceToDepth,
    Table,
    Tensor,
)
from windrow.model.network.layer import Array


U8, S8 = Sample.parse("u8"), Sample.parse("s8")


def random_frames(tensor: Tensor, count: int, seed: int) -> Array:
    """Frames of a tensor: evenly spread samples, one frame in three of extremes alone."""
    random, (low, high) = np.random.default_rng((seed, 77)), tensor.interval
    frames = random.integers(low, high + 1, (count, *tensor.shape))
    frames[2::3] = np.where(frames[2::3] > (low + high) // 2, high, low)
    return frames


def random_tensor(random: np.random.Generator, channels: int, size: int) -> Tensor:
    """Of at most so many channels, rows and columns."""
    sample = (U8, U8, S8)[random.integers(3)]
    zero = int(random.integers(sample.minimum, sample.maximum + 1)) if random.random() < 0.8 else 0
    return Tensor(int(random.integers(1, channels + 1)), *(
        int(each) for each in random.integers(1, size + 1, 2)), sample, 1.0, zero)


def random_layer(seed: int, channels: int = 32, size: int = 14) -> Convolution:
    """A convolution with scales from 2**-20 to 1, a third of them far from what its sums need."""
    random = np.random.default_rng(seed)
    return random_convolution(random, "layer", INPUT, random_tensor(random, channels, size),
                              channels)


def random_convolution(random: np.random.Generator, name: str, reads: str, source: Tensor,
                       channels: int, *, same: bool = False) -> Convolution:
    """A convolution; ``same`` keeps the shape of its input."""
    def draw(low: int, high: int) -> int:
        return int(random.integers(low, high + 1))

    divisors = [each for each in range(1, source.channels + 1) if not source.channels % each]
    groups = [1, source.channels, divisors[draw(0, len(divisors) - 1)]][draw(0, 2)]
    count = source.channels if same else groups * draw(1, max(channels // groups, 1))
    mode = ("zeros", "zeros", "reflect", "replicate", "circular")[draw(0, 4)]
    kernel, stride, dilation, pads = [], [], [], []
    for length in source.shape[1:]:
        taps, apart = draw(1, 5), draw(1, 3)
        span = apart * (taps - 1)
        most = {"reflect": length - 1, "circular": length}.get(mode, span)
        before, after = min(draw(0, span), most), min(draw(0, span), most)
        if same:
            before, after = min(span // 2, most), min(span - span // 2, most)
        if length + before + after <= span or (same and before + after < span):
            taps, before, after = 1, 0, 0
        kernel, stride = [*kernel, taps], [*stride, 1 if same else draw(1, 3)]
        dilation, pads = [*dilation, apart], [*pads, before, after]
    signed = source.sample.signed or random.random() < 0.7
    low, high = (-128, 127) if signed else (0, 255)
    weights = random.integers(low, high + 1, (count, source.channels // groups, *kernel))
    weights[random.random(weights.shape) < 0.1] = (low, high)[draw(0, 1)]
    spread = 80.0 * 70.0 * np.sqrt(weights[0].size)
    scales = 60.0 / spread * 2.0 ** random.uniform(-1.5, 1.5, count)
    far = random.random(count) < 1 / 3
    scales = np.where(far, 2.0 ** random.uniform(-20, 0, count), scales)
    if random.random() < 0.15:
        scales = 2.0 ** np.round(np.log2(scales))
    if random.random() < 0.3:
        scales = scales[:1]
    zero = draw(source.sample.minimum, source.sample.maximum)
    low, high = source.sample.minimum, source.sample.maximum
    if random.random() < 0.3:
        low = zero
    return Convolution(
        name=name, inputs=(reads,), sources=(source,), weights=weights,
        bias=tuple(random.integers(-2 * int(spread), 2 * int(spread) + 1, count).tolist()),
        weight_zero_point=() if signed else (draw(0, 255),), stride=tuple(stride),
        dilation=tuple(dilation), pads=tuple(pads), groups=groups, padding_mode=mode,
        requantiser=FloatRequantiser(sample=source.sample, zero_point=zero, low=low, high=high,
                                     scales=tuple(np.minimum(scales, 1).tolist()), scale=1.0))


def random_network(seed: int, channels: int = 6, size: int = 12) -> Network:
    """3 to 8 layers, with skip connections."""
    random = np.random.default_rng((seed, 5))
    count = int(random.integers(3, 9))
    first = random_tensor(random, channels, size)
    layers: list[Layer] = []
    at, source = INPUT, first
    while len(layers) < count:
        kinds = ["convolution"] * 4 + ["pool", "average", "table", "move"]
        if count - len(layers) > 1:
            kinds += ["skip"] * 6
        elif random.random() < 0.1:
            kinds = ["argmax"]
        kind = kinds[random.integers(len(kinds))]
        name = f"{kind}{len(layers)}"
        skipped: tuple[str, Tensor] | None = None
        if kind == "skip":
            skipped = at, source
            layers.append(random_convolution(random, name, at, source, channels, same=True))
            at, source = name, layers[-1].output
            name = f"join{len(layers)}"
        layers.append(random_join(random, name, (at, source), skipped) if skipped else
                      random_convolution(random, name, at, source, channels)
                      if kind == "convolution" else random_other(random, kind, name, at, source))
        at, source = name, layers[-1].output
    return Network(name=f"random_{seed}", input=first, layers=tuple(layers),
                   arithmetic="onnxruntime")


def random_join(random: np.random.Generator, name: str, one: tuple[str, Tensor],
                two: tuple[str, Tensor]) -> Layer:
    """A sum, a product or both side by side."""
    inputs, sources = zip(one, two, strict=True)
    sample = one[1].sample
    zero = int(random.integers(sample.minimum, sample.maximum + 1))
    kind = random.integers(4)
    if kind == 0 and one[1].channels + two[1].channels <= 16:
        return Concat(name=name, inputs=inputs, sources=sources, tables=(None, None),
                      sample=sample, scale=1.0, zero_point=one[1].zero_point)
    if kind == 1:
        return Mul(name=name, inputs=inputs, sources=sources, requantiser=FloatRequantiser(
            sample=sample, zero_point=zero, scales=(2.0 ** random.uniform(-9, -5),), scale=1.0,
            zero_first=True))
    scales = tuple(float(np.float32(2.0 ** random.uniform(-1, 1))) for _ in range(3))
    return Add(name=name, inputs=inputs, sources=sources, rule=OnnxAdd(
        scales=scales, zero_points=(*(each.zero_point for each in sources), zero), sample=sample))


def random_other(random: np.random.Generator, kind: str, name: str, reads: str,
                 source: Tensor) -> Layer:
    """A layer of one input without products."""
    keys = {"name": name, "inputs": (reads,), "sources": (source,)}
    size = np.array(source.shape[1:])
    sample = source.sample
    if kind == "argmax":
        return ArgMax(**keys, last=bool(random.random() < 0.5))
    if kind == "table":
        return Table(**keys, sample=sample, tables=tuple(
            tuple(random.integers(sample.minimum, sample.maximum + 1, 256).tolist())
            for _ in range((1, source.channels)[random.integers(2)])))
    if kind == "move":
        pads = tuple(random.integers(0, 3, 4).tolist())
        moves: list[Layer] = [Pad(**keys, pads=pads), Pad(**keys, pads=pads, mode="replicate")]
        if size.max() <= 8:
            moves += [Resize(**keys, factors=(2, 2)), Resize(**keys, factors=(1, 3))]
        if not source.channels % 4:
            moves += [DepthToSpace(**keys, block=2, mode=mode) for mode in ("DCR", "CRD")]
        if not (size % 2).any() and source.channels <= 4:
            moves += [SpaceToDepth(**keys, block=2, mode=mode) for mode in ("DCR", "CRD")]
        return moves[random.integers(len(moves))]
    if kind == "average" and random.random() < 0.4:
        scale = 2.0 ** random.uniform(-0.5, 0.5) / float(size.prod())
        return Pool(**keys, kind="average", kernel=tuple(size.tolist()), requantisers={
            int(size.prod()): FloatRequantiser(
                sample=sample, zero_point=source.zero_point, scales=(scale,), scale=1.0)})
    kernel = np.minimum(random.integers(1, 4, 2), size)
    before, after = random.integers(0, kernel), random.integers(0, kernel)
    keys |= {"kind": "max", "kernel": tuple(kernel.tolist()),
             "pads": tuple(np.stack([before, after], 1).ravel().tolist()),
             "stride": tuple(random.integers(1, 4, 2).tolist())}
    if kind == "average":
        keys |= {"kind": "average", "raw": True, "requantisers": {
            count: DivideRequantiser(sample=sample, zero_point=source.zero_point, count=count)
            for count in range(1, 10)}}
    return Pool(**keys)
