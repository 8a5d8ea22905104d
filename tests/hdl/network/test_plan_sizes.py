"""What plans of random networks keep: a queue or a room too large is memory that is not needed."""

import random

import pytest
from random_networks import random_network
from test_small_networks import together

from windrow.hdl.network.core import NetworkCore
from windrow.hdl.network.planning import plan_network
from windrow.model.network import Network


SKIPS: dict[int, tuple[int, int, int, int]] = {
    0: (60, 314, 44, 431), 1: (30, 221, 94, 30), 2: (2940, 4610, 14, 405), 3: (480, 421, 13, 120),
    4: (192, 235, 22, 64), 5: (1584, 2499, 33, 924), 6: (36, 148, 60, 162),
    7: (6720, 8697, 27, 168), 8: (2, 53, 198, 0), 9: (480, 901, 25, 306), 10: (16, 201, 92, 198),
    11: (440, 931, 34, 8), 12: (36, 139, 36, 0), 13: (3840, 6898, 32, 924), 14: (160, 296, 21, 0),
    15: (1728, 1755, 14, 240), 16: (120, 524, 18, 144), 17: (6, 190, 141, 144),
    18: (200, 123, 10, 0), 19: (1344, 703, 8, 588), 20: (60, 393, 49, 84), 21: (1920, 1944, 9, 398),
    22: (420, 811, 8, 140), 23: (24, 151, 36, 0),
}
TOGETHER: dict[int, tuple[int, int, int, int]] = {
    0: (36, 92, 20, 349), 1: (18, 101, 48, 184), 2: (18, 91, 46, 164), 3: (18, 89, 46, 157),
    4: (36, 137, 28, 336), 5: (24, 126, 36, 64), 6: (24, 91, 29, 402), 7: (48, 84, 15, 295),
    8: (12, 122, 66, 60), 9: (36, 75, 18, 322), 10: (24, 108, 36, 105), 11: (36, 68, 19, 239),
    12: (72, 181, 18, 210), 13: (24, 145, 39, 120), 14: (36, 56, 17, 184), 15: (36, 150, 27, 38),
    16: (18, 131, 52, 342), 17: (24, 129, 38, 198), 18: (12, 145, 75, 352), 19: (36, 69, 16, 90),
}
"""By seed: cycles of a frame, latency, rows that are kept, and beats that wait in queues."""


def sizes(network: Network, seed: int) -> tuple[int, int, int, int]:
    """What a plan keeps, with one of three budgets."""
    plan = plan_network(network, multipliers=random.Random(seed).choice([8, 20, 60]))
    layers = plan.layers.values()
    return (plan.cycles, NetworkCore(network, plan=plan).latency, sum(each.rows for each in layers),
            sum(sum(each.queues) for each in layers))


@pytest.mark.parametrize("seed", SKIPS)
def test_networks_with_skips(seed: int) -> None:
    assert sizes(random_network(seed, 12, 8), seed) == SKIPS[seed]


@pytest.mark.parametrize("seed", TOGETHER)
def test_branches_of_the_same_rows(seed: int) -> None:
    assert sizes(together(seed), seed) == TOGETHER[seed]
