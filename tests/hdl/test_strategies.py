"""To which filters a strategy applies, and what it says that it costs: counted by hand."""

from typing import Any

import pytest

from windrow.hdl.core import frame_geometry
from windrow.hdl.devices import device
from windrow.hdl.running.exchange import Exchange
from windrow.hdl.running.running_columns import RunningColumns
from windrow.hdl.strategies import STRATEGIES, implementations
from windrow.model import Filter, InputError
from windrow.model.graph import REGISTER_WEIGHT, Schedule
from windrow.model.interval import Interval
from windrow.model.lowering import rank
from windrow.model.lowering.arithmetic import WINDOW_WEIGHT


GENERIC = device("generic")


def realised(name: str, **keys: Any) -> list[Any]:
    kernel = {} if "dilate" in keys else {"kernel": [[1] * 5] * 3}
    filter = Filter(**kernel | {"width": 64, "height": 16} | keys)
    return STRATEGIES[name].implement(filter, frame_geometry(filter, GENERIC), GENERIC)


@pytest.mark.parametrize(("keys", "applies"), [
    ({}, True), ({"kernel": [[-7] * 3] * 3}, True), ({"kernel": [[1]] * 3}, True),
    ({"kernel": [[1, 1, 1]]}, True),
    ({"kernel": [[0] * 3] * 3}, False),
    ({"kernel": [[1, 1, 2]]}, False), ({"kernel": [[1], [2]]}, False),
    ({"kernel": [[2, 1], [1, 1]]}, False),
    ({"pixels_per_clock": 2}, False), ({"control": "axi4-lite"}, False),
], ids=str)
def test_where_sums_run(keys: dict[str, Any], applies: bool) -> None:
    assert bool(realised("running-sum", **keys)) == applies


@pytest.mark.parametrize(("width", "rows", "applies"), [
    (8, 3, True), (7, 3, False), (7, 2, False), (7, 1, True), (1, 1, True)])
def test_rows_that_are_long_enough_for_sums_to_run(width: int, rows: int, applies: bool) -> None:
    """On an iCE40 a column's sums are there again after 8 cycles; one row has none."""
    family = device("ice40")
    assert RunningColumns.shortest_row(family) == 8
    filter = Filter(kernel=[[1]] * rows, width=width, height=16)
    geometry = frame_geometry(filter, family)
    assert bool(STRATEGIES["running-sum"].implement(filter, geometry, family)) == applies


@pytest.mark.parametrize(("keys", "directions", "kept"), [
    ({}, 10 + 12, 10 * 4),  # 3 times 255, and 15 times
    ({"kernel": [[1] * 5]}, 11, 8 * 4),
    ({"kernel": [[1]] * 3}, 10, 0),
    ({"kernel": [[1]]}, 0, 0),
    ({"kernel": [[1] * 2] * 2}, 9 + 10, 9),
])
@pytest.mark.parametrize("channels", [1, 3])
def test_cost_of_sums_that_run(
    keys: dict[str, Any], directions: int, kept: int, channels: int
) -> None:
    """Six bits for one of a sum's, where it is one, and the registers of the columns."""
    each, = realised("running-sum", channels=channels, **keys)
    assert each.cost == channels * (6 * directions + REGISTER_WEIGHT * kept)


@pytest.mark.parametrize(("size", "rows", "columns"), [
    ((3, 3), 2, 2), ((1, 3), 0, 2), ((3, 1), 2, 0), ((5, 9), 3, 4), ((2, 2), 1, 1)])
@pytest.mark.parametrize("channels", [1, 3])
def test_cost_of_extremes_that_double(
    size: tuple[int, int], rows: int, columns: int, channels: int
) -> None:
    """Two bits and a register for one of a step's; a sample for each column that is kept."""
    each, = realised("doubling", dilate=size, channels=channels)
    step = 8 * (2 + REGISTER_WEIGHT)
    kept = 8 * REGISTER_WEIGHT * (size[1] - 1)
    alone = WINDOW_WEIGHT * 8 if size[1] == 1 else 0
    assert each.cost == channels * (step * (rows + columns) + kept + alone)


def test_cost_of_extremes_of_several_lanes() -> None:
    """Rows are a graph for each lane, over the window of all lanes."""
    each, = realised("doubling", dilate=(3, 5), channels=2, pixels_per_clock=4)
    graph = rank.by_network(((True,) * 5,), 4, Interval(0, 255)).window
    assert each.cost == 2 * (4 * 8 * (2 + REGISTER_WEIGHT) * 2 + 4 * Schedule(graph).cost
                             + WINDOW_WEIGHT * 8 * (5 + 3))


@pytest.mark.parametrize("target", ["generic", "ice40"])
def test_a_register_lies_between_the_memory_and_a_columns_sum(target: str) -> None:
    """One for the way from the block RAMs, and one for the sum."""
    family = device(target)
    geometry = frame_geometry(Filter(kernel=[[1]] * 3, width=16, height=16), family)
    assert RunningColumns(geometry, family).latency == (
        family.line_memory.read_latency + 1 + Exchange.latency + 1)


def test_the_product_of_a_sum_that_runs_costs_too() -> None:
    """Three times is an adder as wide as the sum, and more."""
    one, three = (realised("running-sum", kernel=[[tap] * 5] * 3)[0].cost for tap in (1, 3))
    assert 12 <= three - one <= 4 * 12


@pytest.mark.parametrize(("keys", "products"), [
    ({}, 15), ({"channels": 3}, 45), ({"pixels_per_clock": 2}, 30), ({"kernel": [[2]]}, 1)])
def test_multipliers_of_coefficients_out_of_registers(keys: dict[str, Any], products: int) -> None:
    each, = realised("runtime-multipliers", coefficients="runtime", control="axi4-lite", **keys)
    assert each.cost == GENERIC.product_weight * products


def test_the_cheapest_comes_first() -> None:
    filter = Filter(kernel=[[1, 2, 1], [2, 5, 2], [1, 2, 3]], width=64, height=64)
    found = implementations(filter, frame_geometry(filter, GENERIC), GENERIC, "auto")
    costs = [each.cost for each in found]
    assert len(costs) > 1
    assert costs == sorted(costs)


def test_a_strategy_that_there_is_not() -> None:
    filter = Filter(kernel=[[1]], width=8, height=8)
    geometry = frame_geometry(filter, GENERIC)
    with pytest.raises(InputError, match=r"strategy 'adder-grpah' is not known: .*'adder-graph'"):
        implementations(filter, geometry, GENERIC, "adder-grpah")
