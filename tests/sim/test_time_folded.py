"""Folding in time, in the generated Verilog: every promise at every pace."""

import random
from typing import Any

import pytest
from needed import needed
from trial import trial

from windrow.model import Filter
from windrow.sim import ENGINES


DENSE = [[3, -5, 7], [11, 13, -17], [19, 23, 29]]


@pytest.fixture(autouse=True)
def _verilator() -> None:
    with needed():
        ENGINES["verilator"].require()


@pytest.mark.parametrize("keys", [
    {"kernel": DENSE, "width": 64, "height": 48, "clocks_per_pixel": 9, "shift": 6},
    {"kernel": DENSE, "clocks_per_pixel": 2, "channels": 3, "border": "reflect101"},
    {"kernel": "gaussian:ksize=5,sigma=1", "clocks_per_pixel": 3, "padding": "full"},
    {"kernel": [[100, -77, 3, 5, 9]] * 3, "clocks_per_pixel": 25, "pixel": "s12", "output": "s20"},
], ids=str)
def test_promises(keys: dict[str, Any]) -> None:
    spec = Filter(**{"width": 19, "height": 7} | keys)
    for seed in range(3):
        trial(spec, random.Random(seed), strategy="time-folded")
