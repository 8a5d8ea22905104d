"""What is said of a network that is built: its layers in words, its proofs, its manifest."""

import pytest
from random_networks import U8
from test_small_networks import Small, make

from windrow.hdl.network.planned import PlannedNetwork, describe, proofs
from windrow.model.network import Add, Convolution, Mul, OnnxAdd, Tensor


WORDS = {
    "classes": ["3x3, 3 to 4", "max of 2x2", "fully connected, 24 to 5", "argmax"],
    "depthwise": ["3x3 by 2x1 depthwise, 4 to 4", "1x1, 4 to 5", "fully connected, 60 to 3"],
    "multiplied": ["2x2 depthwise, 3 to 6", "2x1 2 groups, 6 to 4"],
    "skip": ["3x3, 4 to 4", "3x3, 4 to 4", "add"],
    "product": ["1x1, 3 to 3", "mul"],
    "side by side": ["1x1, 3 to 2", "concat", "table", "2x2, 5 to 2"],
    "means": ["average of 2x3", "average of 2x2", "average of 3x3"],
    "moves": ["depthtospace", "pad", "crop", "spacetodepth", "resize"],
    "transposed": ["3x3 transposed, 2 to 3", "max of 3x2"],
}


@pytest.mark.parametrize("name", WORDS)
def test_in_words(name: str) -> None:
    network, _ = make(name)
    assert [describe(layer) for layer in network.layers] == WORDS[name]


@pytest.mark.parametrize("name", ["classes", "multiplied", "skip", "product", "means"])
def test_proofs_are_of_all_sums_that_there_can_be(name: str) -> None:
    """And are what they say: a line, a step off at so many of them."""
    network, _ = make(name)
    for layer in network.layers:
        found = proofs(layer)
        if isinstance(layer, Convolution):
            wanted = [f"channel {each}" for each in range(layer.output.channels)]
            assert [each.of for each in found] == wanted * (layer.requantiser is not None)
            assert [each.sums for each in found] == [*layer.sums][:len(found)]
        elif isinstance(layer, Add):
            (pairs,) = found
            assert (pairs.of, pairs.sums, pairs.corrected) == (
                "all pairs", None, len(layer.form.exceptions))
            assert pairs.multiplier == max(layer.form.first, layer.form.second)
            assert (pairs.shift, pairs.thresholds) == (
                layer.form.shift, layer.form.high - layer.form.low)
        elif isinstance(layer, Mul):
            (product,) = found
            assert (product.of, product.sums) == ("product", layer.product)
        for each in found:
            assert each.bits == each.multiplier.bit_length()
            assert 0 < each.thresholds <= 255


def test_a_window_as_large_as_the_frame_is_not_always_fully_connected() -> None:
    """Where it is padded it moves."""
    made = Small(2, 3, 3).convolution("same", 2, 3, 3, pads=(1, 1, 1, 1))
    assert describe(made.layers[0]) == "3x3, 2 to 2"


def test_proof_of_a_sum_with_an_activation() -> None:
    """From 10 to 200: 190 steps."""
    tensor = Tensor(1, 1, 1, U8)
    add = Add(name="sum", inputs=("one", "two"), sources=(tensor, tensor), rule=OnnxAdd(
        scales=(0.5, 1.0, 1.0), zero_points=(0, 0, 10), sample=U8, low=10, high=200))
    assert [each.thresholds for each in proofs(add)] == [190]


def test_proofs_of_means_name_the_count() -> None:
    network, _ = make("means")
    assert [[each.of for each in proofs(layer)] for layer in network.layers] == [
        [f"mean of {count}" for count in layer.counts] for layer in network.layers]


def test_manifest() -> None:
    network, plan = make("classes, fast")
    design = PlannedNetwork(network, plan)
    first, pool, last, best = design.layers
    assert first["reads"] == ["input"]
    assert first["shape"] == [4, 6, 5]
    assert first["sample"] == "u8"
    folding = plan.layers["first"].folding
    assert folding is not None
    assert first["folds"] == {"outputs": folding.outputs, "inputs": folding.inputs,
                              "taps": 3 if folding.column else 1}
    assert first["macs"] == 4 * 3 * 9 * 30
    assert (first["products"], first["cycles"]) == (
        plan.layers["first"].products, plan.layers["first"].cycles)
    assert len(first["multiplier_bits"]) == 4
    assert (pool["reads"], pool["multiplier_bits"], pool["products"]) == (["first"], [], 0)
    assert last["macs"] == 5 * 24
    assert (best["folds"], best["shape"]) == (None, [1, 1, 1])
    assert design.tapped == ()
    assert PlannedNetwork(network, plan, taps=True).tapped == ("first", "pool", "last", "class")
    assert design.format.channels == 3
    assert design.output_format.channels == 1
    assert design.to_dict() == network.to_dict()
