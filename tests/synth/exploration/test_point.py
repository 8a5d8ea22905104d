# amaranth: UnusedElaboratable=no

"""What can be built of each kind of design."""

import re

import numpy as np
import pytest

from windrow import Filter, Network, Pipeline, layers
from windrow.model import InputError
from windrow.synth.exploration.point import Candidate, Skipped, Space, candidates, prune


def listed(design: Filter | Pipeline | Network, space: Space
           ) -> tuple[list[Candidate], list[Skipped]]:
    return candidates(design, space, lambda text, done, total: None)


def test_a_filter_has_strategies_and_pixels_a_clock() -> None:
    found, skipped = listed(Filter(kernel="binomial:ksize=3", width=6, height=8), Space(
        ["up5k"], ["auto", "adder-graph", "doubling"], [1, 8]))
    assert [(str(each.point), each.is_auto, each.work) for each in found] == [
        ("up5k separable x1", True, 1), ("up5k adder-graph x1", False, 1),
        ("up5k separable x8", True, 8), ("up5k adder-graph x8", False, 8)]
    assert [str(each.point) for each in skipped] == ["up5k doubling x1", "up5k doubling x8"]
    assert all(each.reason.startswith("needs ") for each in skipped)


def test_a_pipeline_has_pixels_a_clock() -> None:
    pipeline = Pipeline.from_dict({"width": 40, "height": 8, "stage": [{"median": 3}]})
    found, skipped = listed(pipeline, Space(["up5k"], pixels_per_clock=[1, 2]))
    assert [(str(each.point), each.is_auto) for each in found] == [
        ("up5k auto x1", True), ("up5k auto x2", True)]
    assert skipped == []
    with pytest.raises(InputError, match="up5k separable x1: of a pipeline each stage is left to"):
        listed(pipeline, Space(["up5k"], ["separable"]))


def test_a_network_has_folds() -> None:
    weight = np.random.default_rng(0).integers(-127, 128, (4, 2, 3, 3))
    network = Network.from_layers(
        [layers.Conv2d(2, 4, 3, padding=1, weight=weight, weight_scale=2**-7, output_scale=1.0)],
        channels=2, height=8, width=12, scale=1.0)
    found, skipped = listed(network, Space(["up5k"], multipliers=[1, 72]))
    slow, fast = found
    assert (str(slow.point), str(fast.point)) == ("up5k 1 multipliers", "up5k 72 multipliers")
    # 96 pixels of 72 products each; at best it takes a column of the kernel at once.
    assert (1 / slow.work, 1 / fast.work) == (pytest.approx(96 * 72), pytest.approx(96 * 3))
    assert skipped == []
    usual, _ = listed(network, Space(["up5k"]))
    assert [each.point.multipliers for each in usual] == [16, 8, 4, 2]
    assert [each.is_auto for each in usual] == [True, False, False, False]


def test_a_network_that_cannot_fit_is_dropped() -> None:
    """An HX8K has no multipliers: 96 products are made of LUTs."""
    weight = np.random.default_rng(0).integers(-127, 128, (8, 4, 3, 3))
    network = Network.from_layers(
        [layers.Conv2d(4, 8, 3, padding=1, weight=weight, weight_scale=2**-7, output_scale=1.0)],
        channels=4, height=8, width=12, scale=1.0)
    found, _ = listed(network, Space(["hx8k"], multipliers=[1, 96]))
    (kept,), (dropped,) = prune(found)
    assert (kept.point.multipliers, dropped.point.multipliers) == (1, 96)
    assert re.fullmatch(r"is expected to take at least \d{5} of 7680 luts", dropped.reason)
