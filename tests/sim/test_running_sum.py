"""The strategy ``running-sum`` in Verilog: random boxes, up to the largest."""

import random

import pytest
from needed import needed
from strategies import random_box
from trial import trial

from windrow.sim import ENGINES


@pytest.mark.parametrize("seed", range(6))
def test_random_box(seed: int) -> None:
    with needed():
        ENGINES["verilator"].require()
    rng = random.Random(seed)
    trial(random_box(rng), rng, strategy="running-sum")
