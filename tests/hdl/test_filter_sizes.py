"""How random filters are made on each family, and what that is thought to cost."""

import random

import pytest
from strategies import random_box, random_filter

from windrow.hdl import Core
from windrow.hdl.core import frame_geometry
from windrow.hdl.devices import DEVICES
from windrow.hdl.strategies import choose
from windrow.model import Filter


Sizes = tuple[str, int, float, int, int, int]

SIZES: dict[int, Sizes] = {
    0: ("separable", 151, 195.5, 391, 3, 7),
    1: ("time-folded", 18, 1621.3, 126, 3, 3),
    2: ("adder-graph", 15, 498.0, 72, 6, 2),
    3: ("separable", 17, 603.0, 18, 6, 2),
    4: ("separable", 15, 140.0, 30, 3, 3),
    5: ("separable", 22, 108.0, 18, 5, 3),
    6: ("adder-graph", 34, 632.0, 108, 7, 2),
    7: ("adder-graph", 46, 982.5, 42, 6, 2),
    8: ("separable", 121, 158.0, 162, 3, 3),
    9: ("adder-graph", 67, 427.0, 120, 3, 5),
    10: ("adder-graph", 16, 402.0, 6, 9, 2),
    11: ("symmetric", 36, 1865.5, 42, 20, 7),
    12: ("separable", 79, 178.0, 270, 3, 5),
    13: ("multipliers", 16, 16760.0, 36, 11, 3),
    14: ("adder-graph", 8, 121.0, 12, 6, 2),
    15: ("multipliers", 12, 2432.0, 12, 17, 2),
    16: ("separable", 31, 62.0, 24, 5, 4),
    17: ("separable", 52, 398.5, 84, 3, 7),
    18: ("adder-graph", 8, 812.0, 12, 9, 2),
    19: ("adder-graph", 14, 3624.0, 12, 20, 2),
    20: ("separable", 12, 222.0, 18, 3, 2),
    21: ("adder-graph", 13, 13392.0, 18, 21, 2),
    22: ("adder-graph", 11, 408.0, 12, 11, 2),
    23: ("adder-graph", 9, 30.0, 12, 5, 2),
    24: ("separable", 70, 151.0, 126, 3, 7),
    25: ("separable", 22, 5232.0, 84, 20, 7),
    26: ("separable", 33, 96.0, 24, 5, 2),
    27: ("adder-graph", 15, 539.0, 630, 3, 6),
    28: ("adder-graph", 11, 40.5, 42, 3, 2),
    29: ("adder-graph", 15, 60.0, 12, 10, 2),
    30: ("separable", 25, 5392.0, 102, 17, 5),
    31: ("adder-graph", 7, 180.0, 6, 10, 2),
    32: ("adder-graph", 8, 128.5, 18, 3, 2),
    33: ("separable-multipliers", 21, 1364.0, 108, 9, 3),
    34: ("time-folded", 837, 1284.7, 1638, 7, 7),
    35: ("separable", 53, 5352.0, 42, 9, 7),
    36: ("adder-graph", 7, 36.0, 54, 3, 2),
    37: ("adder-graph", 15, 490.0, 60, 6, 2),
    38: ("separable", 29, 624.0, 36, 10, 4),
    39: ("adder-graph", 65, 13.5, 162, 3, 3),
    40: ("separable", 15, 64.5, 54, 3, 9),
    41: ("separable", 19, 31.0, 324, 3, 3),
    42: ("adder-graph", 11, 1350.0, 6, 10, 2),
    43: ("adder-graph", 7, 662.0, 84, 6, 2),
    44: ("separable", 31, 47.0, 78, 3, 5),
    45: ("separable", 21, 699.0, 24, 11, 4),
    46: ("adder-graph", 7, 288.0, 18, 5, 2),
    47: ("adder-graph", 13, 705.0, 6, 6, 2),
    48: ("separable", 93, 187.0, 108, 5, 2),
    49: ("symmetric", 14, 3720.0, 12, 18, 2),
    50: ("separable", 53, 3304.0, 66, 5, 7),
    51: ("separable", 19, 265.0, 12, 3, 2),
    52: ("adder-graph", 12, 766.5, 7, 6, 2),
    53: ("adder-graph", 37, 1488.0, 102, 6, 4),
    54: ("separable", 22, 3469.5, 12, 12, 2),
    55: ("adder-graph", 13, 280.0, 24, 5, 2),
    56: ("adder-graph", 11, 45.0, 6, 5, 2),
    57: ("adder-graph", 8, 78.0, 120, 5, 2),
    58: ("adder-graph", 7, 36.0, 24, 3, 2),
    59: ("multipliers", 12, 428.0, 60, 10, 2),
}
"""By seed: strategy, latency, cost, cycles of a frame, and the least width and height that it could
have with a register port."""


def random_design(seed: int) -> Filter:
    """A filter, one in four with coefficients that are all the same."""
    rng = random.Random(seed)
    return random_filter(rng, 7, 20) if seed % 4 else random_box(rng, 9, 24)


def sizes(seed: int) -> Sizes:
    """What a filter takes, on the family whose turn it is."""
    filter, family = random_design(seed), [*DEVICES][seed % len(DEVICES)]
    device = DEVICES[family]
    geometry = frame_geometry(filter, device)
    made, core = choose(filter, geometry, device, "auto"), Core(filter, target=family)
    return (made.strategy, core.latency, round(made.cost, 1), core.cycles_per_frame,
            geometry.least_width, geometry.least_height)


@pytest.mark.parametrize("seed", SIZES)
def test_what_is_chosen(seed: int) -> None:
    assert sizes(seed) == SIZES[seed]


SUMS_THAT_RUN: dict[int, tuple[int, float]] = {
    0: (149, 114.0), 1: (15, 1028.0), 2: (11, 57.0), 3: (43, 166.5), 4: (18, 192.0), 5: (24, 120.0),
    6: (24, 288.0), 7: (52, 642.0), 8: (124, 262.0), 9: (28, 143.5), 10: (10, 0.0), 11: (94, 226.5),
    13: (18, 646.0), 14: (14, 68.0), 15: (12, 338.0), 16: (35, 54.0), 18: (20, 136.5),
    19: (14, 160.5), 20: (16, 474.0), 21: (14, 619.5), 22: (10, 196.0), 23: (10, 19.5),
    24: (68, 135.0), 25: (47, 342.0), 26: (33, 144.0), 28: (11, 22.5), 29: (32, 128.5),
    30: (11, 174.0), 31: (17, 448.5), 32: (11, 157.0), 33: (20, 347.5), 34: (1310, 181.5),
    35: (56, 698.0), 36: (7, 0.0), 37: (15, 127.5), 38: (174, 426.0), 39: (69, 50.0),
    40: (14, 53.5), 41: (24, 68.0), 42: (15, 448.5), 43: (12, 116.0), 44: (29, 48.0),
    45: (29, 74.0), 46: (10, 306.0), 47: (11, 58.0), 48: (95, 172.0), 49: (11, 579.0),
    50: (131, 1038.0), 51: (23, 210.5), 52: (15, 561.0), 53: (61, 396.0), 54: (25, 481.5),
    55: (13, 169.0), 56: (14, 40.0), 57: (9, 19.5), 58: (11, 78.0), 59: (8, 38.0),
}
"""By seed: latency and cost of those filters, all of whose coefficients are the same, made so."""


def running(seed: int) -> tuple[int, float]:
    """Latency and cost of a filter, its sums made so."""
    filter, family = random_box(random.Random(seed), 9, 24), [*DEVICES][seed % len(DEVICES)]
    geometry = frame_geometry(filter, DEVICES[family])
    made = choose(filter, geometry, DEVICES[family], "running-sum")
    return Core(filter, target=family, strategy="running-sum").latency, round(made.cost, 1)


@pytest.mark.parametrize("seed", SUMS_THAT_RUN)
def test_sums_that_run(seed: int) -> None:
    assert running(seed) == SUMS_THAT_RUN[seed]
