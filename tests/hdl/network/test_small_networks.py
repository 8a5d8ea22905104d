"""Small networks that use every part of the hardware between them, in a few seconds.

What is broken at large mostly fails here first: `benchmarks/mutation.py` starts with these.
"""

import itertools
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from network_bench import run
from random_networks import S8, U8, random_frames
from strategies import seeds

from windrow.hdl.network.planning import NetworkPlan, plan_network
from windrow.model.network import (
    INPUT,
    Add,
    ArgMax,
    Concat,
    Convolution,
    Crop,
    DepthToSpace,
    DivideRequantiser,
    FixedRequantiser,
    FloatRequantiser,
    Layer,
    Mul,
    Network,
    OnnxAdd,
    Pad,
    Pool,
    Requantiser,
    Resize,
    SpaceToDepth,
    Table,
    Tensor,
)


class Small:
    """Layers of which each reads the last one unless told, with random weights."""

    def __init__(self, *shape: int, sample: Any = U8, zero_point: int = 5) -> None:
        self.random = np.random.default_rng(shape)
        self.tensors = {INPUT: Tensor(*shape, sample, 1.0, zero_point)}
        self.layers: list[Layer] = []
        self.last = INPUT

    def add(self, layer: Any, name: str, *reads: str, **keys: Any) -> "Small":
        """A layer of any kind."""
        reads = reads or (self.last,)
        made = layer(name=name, inputs=reads, sources=tuple(self.tensors[each] for each in reads),
                     **keys)
        self.layers.append(made)
        self.tensors[name], self.last = made.output, name
        return self

    def convolution(self, name: str, count: int, rows: int, columns: int, *reads: str,
                    groups: int = 1, fixed: str = "", bare: bool = False,
                    **keys: Any) -> "Small":
        """A convolution whose sums spread over the samples, in the rule of either runtime."""
        source = self.tensors[reads[0] if reads else self.last]
        shape = count, source.channels // groups, rows, columns
        scales = 2.0 ** -self.random.uniform(8, 10, count)
        made: Requantiser | None = FloatRequantiser(
            sample=source.sample, zero_point=3, scale=1.0, scales=tuple(scales))
        if fixed:
            made = FixedRequantiser.of(scales, sample=source.sample, zero_point=-2 + 9 * (
                not source.sample.signed), rule=fixed, scale=1.0)
        return self.add(
            Convolution, name, *reads, weights=self.random.integers(-128, 128, shape),
            bias=tuple(self.random.integers(-999, 999, count).tolist()), groups=groups,
            requantiser=None if bare else made, **keys)

    def pool(self, name: str, kind: str, rows: int, columns: int, *, means: str = "",
             **keys: Any) -> "Small":
        """The greatest, or the mean of each count of samples that a window may have."""
        sample = self.tensors[self.last].sample
        zero = self.tensors[self.last].zero_point
        if means:
            keys["raw"] = means == "raw"
            keys["requantisers"] = {count: DivideRequantiser(
                sample=sample, count=count, zero_point=zero, scale=1.0) if means == "raw" else
                FloatRequantiser(sample=sample, zero_point=zero, scales=(0.9 / count,), scale=1.0)
                for count in range(1, rows * columns + 1)}
        return self.add(Pool, name, kind=kind, kernel=(rows, columns), **keys)

    def table(self, name: str, *reads: str, count: int = 1) -> "Small":
        """Random entries, one table or one a channel."""
        return self.add(Table, name, *reads, sample=U8, tables=tuple(
            tuple(self.random.integers(0, 256, 256).tolist()) for _ in range(count)))

    @property
    def network(self) -> Network:
        """All of them."""
        return Network(name="small", input=self.tensors[INPUT], layers=tuple(self.layers),
                       arithmetic="onnxruntime")


def classes() -> Small:
    """A classifier: few products, so that sums come one after the other."""
    made = Small(3, 6, 5)
    made.convolution("first", 4, 3, 3, pads=(1, 1, 1, 1), padding_mode="reflect")
    made.pool("pool", "max", 2, 2, stride=(2, 2))
    made.convolution("last", 5, 3, 2)
    return made.add(ArgMax, "class")


def depthwise() -> Small:
    made = Small(4, 5, 4, sample=S8, zero_point=-9)
    made.convolution("each", 4, 3, 3, groups=4, fixed="twice", pads=(1, 1, 1, 1), stride=(2, 1))
    made.convolution("point", 5, 1, 1, fixed="half-up")
    return made.convolution("all", 3, 3, 4, fixed="once")


def multiplied() -> Small:
    """Depthwise, with two outputs of each channel, in rows of their own."""
    made = Small(3, 4, 3)
    made.convolution("each", 6, 2, 2, groups=3, pads=(0, 1, 0, 1), padding_mode="circular")
    return made.convolution("bare", 4, 2, 1, groups=2, dilation=(2, 1), bare=True)


def skip() -> Small:
    made = Small(4, 4, 4)
    made.convolution("head", 4, 3, 3, pads=(1, 1, 1, 1))
    made.convolution("main", 4, 3, 3, pads=(1, 1, 1, 1), padding_mode="replicate")
    return made.add(Add, "sum", "head", "main", rule=OnnxAdd(
        scales=(0.5, 1.0, 1.0), zero_points=(3, 3, 60), sample=U8))


def product() -> Small:
    made = Small(3, 3, 4, zero_point=100)
    made.convolution("gate", 3, 1, 1)
    return made.add(Mul, "product", INPUT, "gate", requantiser=FloatRequantiser(
        sample=U8, zero_point=120, scales=(0.01,), scale=1.0, zero_first=True))


def side_by_side() -> Small:
    made = Small(3, 3, 4)
    made.convolution("one", 2, 1, 1)
    entries = tuple(np.random.default_rng(1).integers(0, 256, 256).tolist())
    made.add(Concat, "both", "one", INPUT, tables=(entries, None), sample=U8)
    made.table("tables", count=5)
    return made.convolution("end", 2, 2, 2)


def means() -> Small:
    made = Small(3, 5, 4, sample=S8, zero_point=7)
    made.pool("mean", "average", 2, 3, means="raw", pads=(1, 0, 0, 1))
    made.pool("other", "average", 2, 2, means="exact", pads=(0, 1, 1, 0), stride=(2, 1))
    return made.pool("global", "average", *made.tensors["other"].shape[1:], means="exact")


def moves() -> Small:
    made = Small(4, 2, 3)
    made.add(DepthToSpace, "large", block=2)
    made.add(Pad, "padded", pads=(1, 0, 0, 2), mode="reflect")
    made.add(Crop, "part", channels=(0, 1), rows=(1, 5), columns=(2, 8))
    made.add(SpaceToDepth, "deep", block=2, mode="CRD")
    return made.add(Resize, "twice", factors=(2, 1))


def transposed() -> Small:
    made = Small(2, 3, 2)
    made.convolution("up", 3, 3, 3, input_dilation=(2, 2), pads=(1, 2, 1, 2))
    return made.pool("greatest", "max", 3, 2, dilation=(2, 1), pads=(1, 1, 1, 0), beyond=(1, 0),
                     stride=(2, 2))


def line() -> Small:
    """1D, of one row."""
    made = Small(2, 1, 9, sample=S8, zero_point=0)
    made.convolution("causal", 4, 1, 3, pads=(0, 0, 2, 0))
    made.pool("half", "max", 1, 2, stride=(1, 2))
    made.convolution("dense", 3, 1, 4)
    return made.add(ArgMax, "least", least=True, last=True)


def strided() -> Small:
    """No number of one layer divides the next one's."""
    made = Small(4, 7, 6, zero_point=11)
    made.convolution("wide", 6, 3, 2, groups=2, stride=(2, 1), dilation=(1, 2), pads=(1, 0, 1, 1))
    made.pool("greatest", "max", 3, 3, stride=(1, 2), pads=(1, 2, 1, 0))
    return made.convolution("end", 7, 2, 2, fixed="half-up", pads=(0, 1, 1, 0))


def points() -> Small:
    """Of single samples, with tables of their own for each channel."""
    made = Small(5, 2, 3, sample=S8, zero_point=-3)
    made.convolution("more", 7, 1, 1)
    made.convolution("less", 2, 1, 1, fixed="twice")
    made.convolution("most", 9, 1, 1, groups=1)
    return made.add(ArgMax, "best", least=True)


def joined() -> Small:
    """Branches that meet three times."""
    made = Small(2, 4, 3, zero_point=90)
    made.convolution("one", 2, 3, 3, pads=(1, 1, 1, 1))
    made.convolution("two", 2, 1, 3, INPUT, pads=(0, 0, 1, 1))
    made.add(Add, "sum", "one", "two", rule=OnnxAdd(
        scales=(0.75, 0.5, 1.0), zero_points=(3, 3, 20), sample=U8))
    made.add(Mul, "product", "sum", INPUT, requantiser=FloatRequantiser(
        sample=U8, zero_point=99, scales=(0.02,), scale=1.0))
    made.add(Concat, "all", "product", "sum", INPUT, tables=(None, None, None), sample=U8)
    return made.convolution("end", 3, 2, 2)


def pixel() -> Small:
    """Frames of one sample."""
    return Small(1, 1, 1).convolution("only", 1, 1, 1)


NETWORKS: dict[str, tuple[Callable[[], Small], dict[str, Any]]] = {
    "classes": (classes, {"multipliers": 5}),
    "classes, fast": (classes, {"multipliers": 40, "blocks": 20}),
    "depthwise": (depthwise, {"multipliers": 6}),
    "depthwise, fast": (depthwise, {"multipliers": 60}),
    "multiplied": (multiplied, {"multipliers": 2}),
    "multiplied, fast": (multiplied, {"multipliers": 12}),
    "skip": (skip, {"multipliers": 5}),
    "skip, fast": (skip, {"multipliers": 24}),
    "product": (product, {"multipliers": 2}),
    "product, fast": (product, {"multipliers": 9}),
    "side by side": (side_by_side, {"multipliers": 2}),
    "side by side, fast": (side_by_side, {"multipliers": 9}),
    "means": (means, {"multipliers": 3}),
    "moves": (moves, {"multipliers": 1}),
    "transposed": (transposed, {"multipliers": 2}),
    "transposed, fast": (transposed, {"multipliers": 20}),
    "line": (line, {"multipliers": 2}),
    "line, fast": (line, {"multipliers": 30}),
    "strided": (strided, {"multipliers": 3}),
    "strided, fast": (strided, {"multipliers": 40, "blocks": 7, "block_products": 2}),
    "points": (points, {"multipliers": 3}),
    "points, fast": (points, {"multipliers": 70}),
    "joined": (joined, {"multipliers": 4}),
    "joined, fast": (joined, {"multipliers": 30}),
    "pixel": (pixel, {"multipliers": 1}),
}
"""What makes each, and its plan's budget."""


def make(name: str) -> tuple[Network, NetworkPlan]:
    """A network and its plan."""
    made, budget = NETWORKS[name]
    network = made().network
    return network, plan_network(network, **budget)


ROOMS: dict[str, list[tuple[int, int, tuple[int, ...]]]] = {
    "classes": [(1, 5, (0,)), (1, 4, (0,)), (1, 3, (0,)), (1, 0, (0,))],
    "classes, fast": [(2, 13, (0,)), (1, 12, (0,)), (1, 9, (0,)), (1, 0, (0,))],
    "depthwise": [(1, 8, (0,)), (1, 4, (0,)), (1, 8, (0,))],
    "depthwise, fast": [(2, 22, (0,)), (2, 13, (0,)), (1, 17, (0,))],
    "multiplied, fast": [(2, 17, (0,)), (1, 17, (0,))],
    "skip": [(1, 4, (0,)), (1, 5, (0,)), (1, 0, (64, 0))],
    "skip, fast": [(1, 6, (0,)), (1, 7, (0,)), (1, 0, (96, 0))],
    "product": [(1, 7, (0,)), (1, 0, (84, 0))],
    "product, fast": [(3, 34, (0,)), (3, 0, (136, 0))],
    "side by side, fast": [(1, 10, (0,)), (2, 0, (8, 120)), (2, 0, (0,)), (1, 12, (0,))],
    "means": [(1, 18, (0,)), (1, 18, (0,)), (1, 13, (0,))],
    "moves": [(1, 8, (0,)), (1, 16, (0,)), (1, 19, (0,)), (1, 16, (0,)), (2, 8, (0,))],
    "transposed": [(1, 3, (0,)), (1, 7, (0,))],
    "pixel": [(1, 130, (0,))],
}
"""Of each layer the samples of a beat, the rows that it keeps, and the beats that wait for it."""


@pytest.mark.parametrize("name", ROOMS)
def test_what_a_plan_keeps(name: str) -> None:
    """More is memory that is not needed."""
    _, plan = make(name)
    assert [(each.lanes, each.rows, each.queues) for each in plan.layers.values()] == ROOMS[name]


BUDGETS: dict[str, dict[str, int]] = {
    "few": {"multipliers": 9, "blocks": 2},
    "many": {"multipliers": 48, "blocks": 9, "block_products": 2},
}
SPREAD: dict[tuple[str, str], tuple[int, list[tuple[int, int, int]]]] = {
    ("classes", "few"): (540, [(540, 6, 2), (120, 0, 0), (120, 1, 0), (1, 0, 0)]),
    ("classes", "many"): (90, [(90, 36, 18), (60, 0, 0), (60, 2, 0), (1, 0, 0)]),
    ("depthwise", "few"): (108, [(108, 4, 2), (96, 3, 0), (108, 2, 0)]),
    ("depthwise", "many"): (36, [(36, 12, 12), (36, 8, 6), (36, 5, 0)]),
    ("multiplied", "few"): (48, [(48, 6, 2), (48, 3, 0)]),
    ("multiplied", "many"): (24, [(24, 12, 12), (24, 6, 6)]),
    ("skip", "few"): (576, [(576, 4, 2), (576, 4, 0), (64, 0, 0)]),
    ("skip", "many"): (96, [(96, 24, 18), (96, 24, 0), (64, 0, 0)]),
    ("product", "few"): (12, [(12, 9, 2), (12, 0, 0)]),
    ("product", "many"): (12, [(12, 9, 9), (12, 0, 0)]),
    ("side by side", "few"): (48, [(36, 2, 0), (36, 0, 0), (36, 0, 0), (48, 5, 2)]),
    ("side by side", "many"): (24, [(24, 3, 3), (24, 0, 0), (24, 0, 0), (24, 10, 10)]),
    ("transposed", "few"): (144, [(144, 9, 2), (108, 0, 0)]),
    ("transposed", "many"): (72, [(72, 18, 18), (72, 0, 0)]),
    ("line", "few"): (48, [(27, 8, 2), (36, 0, 0), (48, 1, 0), (1, 0, 0)]),
    ("line", "many"): (27, [(27, 8, 8), (18, 0, 0), (24, 2, 2), (1, 0, 0)]),
    ("pixel", "few"): (1, [(1, 1, 1)]),
    ("pixel", "many"): (1, [(1, 1, 1)]),
}
"""Cycles a frame, and of each layer its cycles, its products and those in multipliers."""


@pytest.mark.parametrize(("name", "budget"), SPREAD)
def test_how_a_plan_spreads_products(name: str, budget: str) -> None:
    """Those of most products take the multipliers; of 8 bits each makes as many as it can."""
    made, _ = NETWORKS[name]
    plan = plan_network(made().network, **BUDGETS[budget])
    assert SPREAD[name, budget] == (plan.cycles, [
        (each.cycles, each.products, each.dsp_products) for each in plan.layers.values()])


OFF = {"side by side": -8, "side by side, fast": -7, "moves": 5, "joined": 27, "joined, fast": 6}
"""Cycles of the latency that is said beyond the true one."""


@pytest.mark.parametrize("name", NETWORKS)
def test_small_network(name: str) -> None:
    network, plan = make(name)
    frames = random_frames(network.input, 4, 1)
    trace = run(network, plan, frames)
    frame = len(trace.beats) // 4
    assert trace.cycles[-1] - trace.cycles[-1 - frame] == plan.cycles
    assert trace.first_in is not None
    assert trace.latency - (trace.cycles[0] - trace.first_in) == OFF.get(name, 0)


@pytest.mark.parametrize("name", NETWORKS)
def test_small_network_with_stalls(name: str) -> None:
    network, plan = make(name)
    run(network, plan, random_frames(network.input, 3, 2), stall_in=0.2, stall_out=0.6)


@pytest.mark.parametrize(("channels", "reads", "queues"), [
    (1, ("first", "first"), (7, 7)), (6, ("first", "first"), (12, 12)),
    (6, ("first", "table"), (16 + 6 + 6, 12)), (6, ("product", "first"), (12, 32 + 6 + 6)),
    (6, ("table", "product", "first"), (32 + 6 + 6, 16 + 6 + 6, 32 + 6 + 6)),
    (6, ("product", "table", "product"), (16 + 12, 32 + 12, 16 + 12)),
])
def test_queues_of_channels_side_by_side(
    channels: int, reads: tuple[str, ...], queues: tuple[int, ...]
) -> None:
    """A pixel, what others still hold, and what a queue takes itself."""
    made = Small(2, 4, 3)
    made.convolution("first", channels, 2, 2)
    made.table("table", "first")
    made.add(Mul, "product", "first", "first", requantiser=FloatRequantiser(
        sample=U8, zero_point=9, scales=(0.02,), scale=1.0))
    made.add(Concat, "all", *reads, tables=(None,) * len(reads), sample=U8)
    plan = plan_network(made.pool("end", "max", 2, 2).network, multipliers=1)
    assert {each.lanes for each in plan.layers.values()} == {1}
    assert plan.layers["all"].queues == queues
    assert plan.layers["product"].queues == (0, 0)


def together(seed: int) -> Network:
    """Branches of one layer's rows, without a memory in them, that meet in any way."""
    rng = random.Random(seed)
    made = Small(rng.choice([1, 2, 3, 8, 24]), 3, 4, zero_point=90)
    if rng.random() < 0.6:
        made.convolution("first", rng.choice([1, 2, 6]), 2, 2)
    unread = [made.last]
    tensors = {made.last: made.tensors[made.last]}
    for number in range(rng.randint(2, 5)):
        name, one = f"{number}", rng.choice([*tensors])
        alike = [each for each, tensor in tensors.items() if tensor.shape == tensors[one].shape]
        kind = rng.choice(["table", "mul", "add", "concat", "concat"])
        reads = [one] if kind == "table" else [one, rng.choice(alike)]
        if kind == "table":
            made.table(name, one)
        elif kind == "mul":
            made.add(Mul, name, *reads, requantiser=FloatRequantiser(
                sample=U8, zero_point=99, scales=(0.02,), scale=1.0))
        elif kind == "add":
            made.add(Add, name, *reads, rule=OnnxAdd(
                scales=(0.75, 0.5, 1.0), zero_points=(3, 3, 20), sample=U8))
        else:
            reads = rng.choices(alike, k=rng.randint(2, 3))
            entries = tuple(rng.choices(range(256), k=256))
            made.add(Concat, name, *reads, tables=tuple(
                rng.choice([None, None, entries]) for _ in reads), sample=U8)
        tensors[name] = made.tensors[name]
        unread = [each for each in unread if each not in reads] + [name]
    if len(unread) > 1:
        made.add(Concat, "all", *unread, tables=(None,) * len(unread), sample=U8)
    return made.pool("end", "max", 2, 2).network


def often(network: Network, plan: NetworkPlan) -> set[int]:
    """Cycles of each frame, once all queues have filled."""
    count = max(7, 700 // plan.cycles)
    trace = run(network, plan, random_frames(network.input, count, 1))
    frame = len(trace.beats) // count
    return {late - early for early, late in itertools.pairwise(
        trace.cycles[4 * frame - 1::frame])}


@pytest.mark.parametrize("tables", ["T-", "-T", "TT", "-T-"])
def test_a_table_before_channels_side_by_side_takes_no_cycle(tables: str) -> None:
    made = Small(8, 4, 4, zero_point=90)
    entries = tuple(np.random.default_rng(1).integers(0, 256, 256).tolist())
    made.add(Concat, "all", *[INPUT] * len(tables), sample=U8, tables=tuple(
        entries if each == "T" else None for each in tables))
    network = made.convolution("end", 1, 1, 1).network
    plan = plan_network(network, multipliers=1)
    assert plan.cycles == 4 * 4 * 8 * len(tables)
    assert often(network, plan) == {plan.cycles}


def test_pixels_of_uneven_beats_are_cut_without_a_pause() -> None:
    """6, 4 and 2 channels side by side come in beats of 6, and are taken in beats of 4."""
    made = Small(2, 3, 4, zero_point=90)
    made.add(Concat, "six", INPUT, INPUT, INPUT, tables=(None,) * 3, sample=U8)
    made.add(Concat, "four", INPUT, INPUT, tables=(None,) * 2, sample=U8)
    made.add(Concat, "all", "six", "four", INPUT, tables=(None,) * 3, sample=U8)
    network = made.pool("end", "max", 2, 2).network
    plan = plan_network(network, multipliers=1)
    assert (plan.cycles, plan.layers["all"].lanes) == (36, 6)
    assert often(network, plan) == {plan.cycles}


@pytest.mark.parametrize("deep", [6, 8])
def test_what_waits_for_a_late_branch_takes_no_cycle_more(deep: int) -> None:
    """Its queue has rows that came while those of the other were on their way."""
    made = Small(1, 3, 4, zero_point=90)
    made.convolution("first", 1, 1, 1)
    for number in range(deep):
        made.add(Mul, f"{number}", made.last, "first", requantiser=FloatRequantiser(
            sample=U8, zero_point=99, scales=(0.02,), scale=1.0))
    made.add(Add, "join", made.last, INPUT, rule=OnnxAdd(
        scales=(0.75, 0.5, 1.0), zero_points=(3, 3, 20), sample=U8))
    plan = plan_network(made.network, multipliers=9)
    assert often(made.network, plan) == {plan.cycles}


@pytest.mark.parametrize("seed", seeds(12, 200))
def test_branches_of_the_same_rows_take_no_cycle_more(seed: int) -> None:
    """However late one is, and whichever is taken first."""
    network = together(seed)
    plan = plan_network(network, multipliers=random.Random(seed).choice([1, 2, 4, 8, 30]))
    took = often(network, plan)
    # A faster convolution waits for those behind it, and now and then begins again too late.
    faster = isinstance(network.layers[0], Convolution) and (
        plan.layers["first"].cycles < plan.cycles)
    assert took == {plan.cycles} or (faster and max(took) <= plan.cycles + 25)
