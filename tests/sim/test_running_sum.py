"""The strategy ``running-sum`` in Verilog: random boxes, up to the largest."""

import random

import pytest
from strategies import random_box
from trial import trial

from windrow.sim import ENGINES, MissingTool


@pytest.mark.parametrize("seed", range(6))
def test_random_box(seed: int) -> None:
    try:
        ENGINES["verilator"].require()
    except MissingTool as missing:
        pytest.skip(str(missing))
    rng = random.Random(seed)
    trial(random_box(rng), rng, strategy="running-sum")
