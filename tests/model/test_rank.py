"""Rank filters as graphs, against numpy's order."""

import itertools

import numpy as np
import pytest

from windrow.model.interval import Interval
from windrow.model.lowering.arithmetic import Arithmetic
from windrow.model.lowering.rank import Footprint, by_network, by_search, exchanges
from windrow.model.nodes import Extreme, Rank


CROSS: Footprint = ((False, True, False), (True, True, True), (False, True, False))
FOOTPRINTS: dict[str, Footprint] = {
    "3x3": ((True,) * 3,) * 3,
    "2x4": ((True,) * 4,) * 2,
    "3x1": ((True,),) * 3,
    "1x4": ((True,) * 4,),
    "cross": CROSS,
    "one cell of four": ((False, False), (True, False)),
    "ragged": ((True, False, True), (True, True, True)),
}


def evaluate(arithmetic: Arithmetic, window: np.ndarray) -> int:
    """What the column graph and the window graph make of a window."""
    features = [value for column in window.T for value in arithmetic.column.compute(column)]
    value, = arithmetic.window.compute(features)
    return value


@pytest.mark.parametrize("count", range(1, 12))
def test_exchanges_sort_all_zeros_and_ones(count: int) -> None:
    """A network that sorts these sorts anything. Source: Knuth's 0-1 principle."""
    for bits in itertools.product((0, 1), repeat=count):
        values = list(bits)
        for a, b in exchanges(count):
            assert a < b
            values[a], values[b] = sorted((values[a], values[b]))
        assert values == sorted(values)


@pytest.mark.parametrize("name", FOOTPRINTS)
def test_network_ranks_all_zeros_and_ones(name: str) -> None:
    """Nodes that keep order commute with a threshold, so that these windows stand for all."""
    footprint = FOOTPRINTS[name]
    inside = np.array(footprint)
    for rank in range(int(inside.sum())):
        made = by_network(footprint, rank, Interval(0, 1))
        assert all(isinstance(node, Extreme)
                   for node in (*made.column.nodes, *made.window.nodes))
        for bits in itertools.product((0, 1), repeat=inside.size):
            window = np.reshape(bits, inside.shape)
            assert evaluate(made, window) == np.sort(window[inside])[rank]


@pytest.mark.parametrize("name", FOOTPRINTS)
@pytest.mark.parametrize("pixel", [Interval(0, 255), Interval(-8, 7)])
def test_both_ways_are_numpys_order(name: str, pixel: Interval) -> None:
    footprint = FOOTPRINTS[name]
    inside = np.array(footprint)
    rng = np.random.default_rng(len(name))
    for rank, method in itertools.product(range(int(inside.sum())), (by_network, by_search)):
        made = method(footprint, rank, pixel)
        assert made.window.interval(made.window.outputs[0]) == pixel
        for _ in range(20):
            window = rng.integers(pixel.low, pixel.high, inside.shape, endpoint=True)
            assert evaluate(made, window) == np.sort(window[inside])[rank]


@pytest.mark.parametrize("size", [5, 7])
def test_medians_of_large_windows(size: int) -> None:
    footprint = ((True,) * size,) * size
    rng = np.random.default_rng(size)
    made = by_network(footprint, size * size // 2, Interval(0, 255))
    for kind in range(30):
        window = rng.integers(0, 256 if kind % 2 else 3, (size, size))
        assert evaluate(made, window) == np.median(window)


def test_columns_are_sorted_once() -> None:
    """Smith's median of nine: the columns, and of their order what the median can be."""
    made = by_network(FOOTPRINTS["3x3"], 4, Interval(0, 255))
    assert len(made.column.nodes) == 6
    assert len(made.window.nodes) <= 16
    assert made.feature_count == 3
    assert by_network(FOOTPRINTS["3x3"], 0, Interval(0, 255)).feature_count == 1


def test_extremes_of_a_rectangle_keep_one_value_of_a_column() -> None:
    for rank, greatest in ((0, False), (14, True)):
        made = by_network(((True,) * 5,) * 3, rank, Interval(0, 255))
        assert (len(made.column.nodes), len(made.window.nodes)) == (2, 4)
        assert {node.greatest for node in (*made.column.nodes, *made.window.nodes)
                if isinstance(node, Extreme)} == {greatest}


def test_extremes_of_a_diamond_grow_from_column_to_column() -> None:
    """Columns of 1, 3, 5, ... cells: two more comparisons each, and then a row."""
    size = 31
    footprint = tuple(tuple(abs(y - 15) + abs(x - 15) <= 15 for x in range(size))
                      for y in range(size))
    made = by_network(footprint, 480, Interval(0, 255))
    assert (len(made.column.nodes), len(made.window.nodes)) == (30, 30)
    window = np.random.default_rng(1).integers(0, 256, (size, size))
    assert evaluate(made, window) == window[np.array(footprint)].max()


def test_search_is_one_node() -> None:
    made = by_search(CROSS, 2, Interval(0, 255))
    node, = made.window.nodes
    assert isinstance(node, Rank)
    assert len(node.values) == 5
