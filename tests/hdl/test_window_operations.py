"""Banks of kernels and rank filters in cores, in Amaranth's simulator."""

import itertools
import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from core_bench import check, run
from strategies import random_images, seeds

from windrow.hdl.core import frame_geometry
from windrow.hdl.devices import device
from windrow.hdl.strategies import STRATEGIES, choose, implementations
from windrow.model import Filter, InputError
from windrow.model.borders import BORDERS
from windrow.model.pipeline import Pipeline


GENERIC = device("generic")


def applying(filter: Filter) -> list[str]:
    """The strategies that apply to a filter."""
    geometry = frame_geometry(filter, GENERIC)
    return [name for name, each in STRATEGIES.items()
            if each.implement(filter, geometry, GENERIC)]


def random_operation(rng: random.Random, **fixed: Any) -> Filter:
    """A bank, an extreme of a rectangle, or any rank of any footprint, under any border."""
    height, width = rng.choice([(1, 3), (3, 1), (2, 2), (3, 3), (2, 4), (4, 3), (5, 5)])
    noise = np.random.default_rng(rng.getrandbits(32))
    keys: dict[str, Any] = {}
    match rng.choice(["bank", "extreme", "extreme", "rank"]):
        case "bank":
            keys["kernels"] = {name: noise.integers(-4, 5, (height, width)).tolist()
                               for name in "abc"[: rng.randint(1, 3)]}
            keys |= {"output": "s10", "shift": rng.randint(0, 2),
                     "overflow": rng.choice(["saturate", "wrap", "abs-saturate"])}
        case "extreme":
            keys[rng.choice(["erode", "dilate"])] = [height, width]
        case _:
            footprint = noise.integers(0, 2, (height, width))
            footprint[rng.randrange(height), rng.randrange(width)] = 1
            keys |= {"footprint": footprint.tolist(),
                     "rank": rng.randrange(int(footprint.sum()))}
    pixel = rng.choice(["u8", "u1", "s5", "u11"])
    return Filter(**keys | {
        "pixel": pixel, "width": width + rng.choice([0, 1, 4, 9]),
        "height": height + rng.choice([0, 1, 3]), "channels": rng.choice([1, 1, 2]),
        "pixels_per_clock": rng.choice([1, 1, 2, 4, 8]), "border": rng.choice(BORDERS),
        "border_value": rng.choice([0, 1]),
        "padding": rng.choice(["same", "same", "valid", "full"]),
        "anchor": [rng.randrange(height), rng.randrange(width)],
    } | fixed)


@pytest.mark.parametrize("seed", seeds(6, 80))
def test_random_operation(seed: int) -> None:
    rng = random.Random(seed)
    filter = random_operation(rng)
    images = random_images(filter, 3, seed)
    strategy = rng.choice(applying(filter))
    trace = run(filter, images, strategy=strategy, seed=seed)
    check(filter, images, trace)
    assert trace.first_out[0] - trace.first_in[0] == trace.latency
    assert {b - a for a, b in itertools.pairwise(trace.first_in)} == {trace.cycles_per_frame}
    trace = run(filter, images, strategy=strategy, seed=seed, stall_in=rng.choice([0, 0.3]),
                stall_out=rng.choice([0.1, 0.6]),
                gaps=[rng.randrange(3 * filter.width), rng.randrange(9)])
    check(filter, images, trace)


@pytest.mark.parametrize("size", [(1, 2), (4, 1), (3, 3), (6, 7)])
def test_doubling_of_frames_of_any_size(size: tuple[int, int]) -> None:
    """Of the kernel's own size too, where each value lacks another; frames back to back."""
    rows, columns = size
    for more, verb in ((0, "dilate"), (3, "erode")):
        for anchor in {(0, 0), (rows - 1, columns - 1), (rows // 2, columns // 2)}:
            filter = Filter(**{verb: [rows, columns]}, width=columns + more, height=rows + more,
                            anchor=anchor, pixel="u4")
            images = random_images(filter, 3, more)
            check(filter, images, run(filter, images, strategy="doubling"))


@pytest.mark.parametrize(("keys", "applies"), [
    ({}, True),
    ({"dilate": [3, 1]}, True),
    ({"dilate": "cross:ksize=3"}, False),
    ({"border": "symmetric"}, True), ({"border": "reflect101"}, True),
    ({"border": "symmetric", "dilate": 2}, True), ({"border": "reflect101", "dilate": 2}, False),
    ({"border": "reflect101", "anchor": [0, 1]}, False), ({"anchor": [0, 1]}, True),
    ({"border": "constant"}, True), ({"border": "constant", "border_value": 3}, False),
    ({"padding": "valid"}, False), ({"padding": "full"}, False),
    ({"channels": 3, "pixels_per_clock": 4}, True),
], ids=str)
def test_where_extremes_double(keys: dict[str, Any], applies: bool) -> None:
    filter = Filter(**{"dilate": 3, "width": 16, "height": 9} | keys)
    assert ("doubling" in applying(filter)) == applies
    if applies:
        assert choose(filter, frame_geometry(filter, GENERIC), GENERIC, "auto").strategy == (
            "doubling")


@pytest.mark.parametrize(("lanes", "waits", "applies"), [
    (1, (0, 0), True), (1, (2, 0), False), (1, (0, 2), False), (2, (2, 0), False),
    (2, (0, 2), True), (1, (1, 1), True)])
def test_extremes_that_wait_for_another_stage(
    lanes: int, waits: tuple[int, int], applies: bool
) -> None:
    """They cannot, but by beats of several pixels."""
    filter = Filter(dilate=3, width=16, height=9, pixels_per_clock=lanes)
    geometry = replace(frame_geometry(filter, GENERIC), least_delay=waits)
    found = [made.strategy for made in implementations(filter, geometry, GENERIC, "auto")]
    assert ("doubling" in found) == applies


def test_extremes_do_not_double_where_borders_change() -> None:
    filter = Filter(dilate=3, width=16, height=9)
    geometry = frame_geometry(filter, GENERIC)
    for changes, applies in (({}, True), ({"any_border": True}, False),
                             ({"any_border": True, "largest": (20, 12)}, False)):
        found = implementations(filter, replace(geometry, **changes), GENERIC, "auto")
        assert ("doubling" in [made.strategy for made in found]) == applies


def test_which_strategies_apply() -> None:
    frame = {"width": 16, "height": 9}
    rank = ["sorting-network", "bit-search"]
    assert applying(Filter(median=3, **frame)) == rank
    assert applying(Filter(rank=1, size=3, **frame)) == rank
    assert applying(Filter(erode=3, **frame)) == [*rank, "doubling"]
    assert applying(Filter(median=[15, 15], width=32, height=32)) == rank
    assert applying(Filter(erode=[15, 16], width=32, height=32)) == [rank[0], "doubling"]
    assert applying(Filter(dilate=[31, 31], width=32, height=32)) == [rank[0], "doubling"]
    assert applying(Filter(kernels={"a": "sobel-x", "b": "sobel-y"}, **frame)) == [
        "adder-graph", "separable"]
    with pytest.raises(InputError, match="'bit-search' does not apply to this filter; it needs a "
                                         "rank filter of at most 225 cells"):
        choose(Filter(kernel=[[1]], **frame), frame_geometry(Filter(kernel=[[1]], **frame),
                                                             GENERIC), GENERIC, "bit-search")


@pytest.mark.parametrize(("keys", "strategy"), [
    ({"median": [1, 3]}, "sorting-network"), ({"median": 3}, "bit-search"),
    ({"median": 5}, "bit-search"), ({"rank": 1, "size": 5}, "sorting-network"),
    ({"erode": "cross:ksize=3"}, "sorting-network"), ({"erode": 5}, "doubling"),
], ids=str)
def test_what_is_cheapest(keys: dict[str, Any], strategy: str) -> None:
    """As built for an ECP5: a median of 3x3 takes 464 LUTs by a search, 598 by a network."""
    filter = Filter(**keys, width=64, height=48)
    assert choose(filter, frame_geometry(filter, GENERIC), GENERIC, "auto").strategy == strategy


def test_extremes_double_inside_a_pipeline() -> None:
    """Each push is answered by a push, blank ones too."""
    pipeline = Pipeline(stages=[{"erode": [4, 3]}, {"kernel": "box"}, {"dilate": [2, 5]}],
                        width=9, height=6)
    images = random_images(Filter(erode=3, width=9, height=6), 3)
    check(pipeline, images, run(pipeline, images))
    check(pipeline, images, run(pipeline, images, stall_in=0.3, stall_out=0.3, gaps=[3, 70]))
