"""Which strategies apply, and what they say that they cost."""

import pytest

from windrow.hdl.core import frame_geometry
from windrow.hdl.devices import DEVICES
from windrow.hdl.running_columns import RunningColumns
from windrow.hdl.strategies import choose, realisations
from windrow.model import Filter
from windrow.model.errors import InputError


GENERIC = DEVICES["generic"]


def running(height: int, width: int, factor: int = 1, channels: int = 1) -> float:
    """The cost of a box."""
    filter = Filter(kernel=[[factor] * width] * height, width=64, height=64, channels=channels,
                    output="s32")
    return choose(frame_geometry(filter, GENERIC), GENERIC, "running-sum").cost


def test_cost_of_a_running_sum() -> None:
    """Three adders and three multiplexers a direction, half a bit for each of a kept column."""
    assert running(3, 3) == 6 * 10 + 6 * 12 + 10 * 2 / 2
    assert running(1, 3) == 6 * 10 + 8 * 2 / 2
    assert running(3, 1) == 6 * 10
    assert running(5, 7) == 6 * 11 + 6 * 14 + 11 * 6 / 2
    assert running(3, 3, channels=2) == 2 * running(3, 3)
    assert running(3, 3, factor=4) == running(3, 3)
    assert running(3, 3, factor=3) > running(3, 3) + 12


def test_a_running_sum_of_rows_needs_a_line_that_is_not_very_short() -> None:
    """On iCE40, whose memories are slower than lines can be short."""
    ice40 = DEVICES["ice40"]
    least = RunningColumns.shortest_row(ice40)

    def strategy(rows: int, width: int) -> str:
        filter = Filter(kernel=[[1, 1]] * rows, width=width, height=9, padding="valid")
        return choose(frame_geometry(filter, ice40), ice40, "running-sum").strategy

    assert strategy(2, least) == strategy(1, 2) == "running-sum"
    with pytest.raises(InputError, match="strategy 'running-sum' does not apply"):
        strategy(2, least - 1)


def test_the_cheapest_comes_first() -> None:
    filter = Filter(kernel=[[1, 2, 1], [2, 5, 2], [1, 2, 3]], width=64, height=64)
    costs = [each.cost for each in realisations(frame_geometry(filter, GENERIC), GENERIC, "auto")]
    assert len(costs) > 1
    assert costs == sorted(costs)
