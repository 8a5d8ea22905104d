"""Cores without initial values: exact after one reset cycle in Icarus, which has undefined bits."""

import re
import shutil
from typing import Any

import numpy as np
import pytest

from windrow.hdl import build
from windrow.hdl.strategies import STRATEGIES
from windrow.model import Filter, Pipeline
from windrow.sim import Traffic
from windrow.sim.engine import Design
from windrow.sim.job import compare, run_design


SMALL: dict[str, Any] = {"width": 11, "height": 9, "border": "reflect101"}
BLUR = [[1, 3, 1], [3, 9, 3], [1, 3, 1]]
#: Strategy -> a filter that it applies to.
FILTERS: dict[str, dict[str, Any]] = {
    "adder-graph": {"kernel": [[1, -2, 3], [2, 0, 5], [7, 1, -1]], "output": "s16"},
    "multipliers": {"kernel": BLUR, "shift": 5, "channels": 2},
    "symmetric": {"kernel": BLUR, "shift": 5, "border": "symmetric", "pixels_per_clock": 2},
    "separable": {"kernel": BLUR, "shift": 5, "padding": "full"},
    "separable-multipliers": {"kernel": BLUR, "shift": 5, "rounding": "half-even"},
    "sorting-network": {"median": 3},
    "bit-search": {"median": 5, "border": "constant"},
    "doubling": {"erode": 3},
    "running-sum": {"kernel": [[1] * 5] * 5, "shift": 5},
    "time-folded": {"kernel": BLUR, "shift": 5, "clocks_per_pixel": 4},
    "runtime-multipliers": {"kernel": BLUR, "shift": 5, "control": "axi4-lite",
                            "coefficients": "runtime"},
}
#: A bank, a join and a stage that reads two; and one that holds a whole frame.
PIPELINES: dict[str, list[dict[str, Any]]] = {
    "edges": [{"kernel": "gaussian:ksize=3"},
              {"kernels": {"gx": "sobel-x", "gy": "sobel-y"}, "output": "s16"},
              {"expr": "min(255, round(sqrt(gx*gx + gy*gy)))", "output": "u8"}],
    "tables": [{"median": 3, "name": "calm"}, {"lut": [(3 * i) % 256 for i in range(256)]},
               {"close": 3}],
    "canny": [{"canny": [60, 150]}],
}


def exact_without_initial_values(design: Filter | Pipeline, strategy: str = "auto") -> None:
    """The text has no initial value, and its frames are the model's whatever was before them."""
    made = build(design, "core", strategy=strategy, initial_values=False)
    assert not re.search(r"^\s*initial\b|^\s*reg\b.*=", made.verilog, re.MULTILINE)
    assert made.manifest["initial_values"] is False
    rng = np.random.default_rng(1)
    sample, shape = design.pixel, design.format
    size = (2, shape.height, shape.width, *([shape.channels] * (shape.channels > 1)))
    frames = list(rng.integers(sample.minimum, sample.maximum + 1, size))
    result = run_design(Design(made.verilog, made.manifest, design), frames, engine="icarus",
                        traffic=Traffic(stall=0.3, seed=1, reset_cycles=1))
    assert compare(result, design, frames) is None


needs_icarus = pytest.mark.skipif(shutil.which("iverilog") is None, reason="iverilog is missing")


def test_every_strategy_is_here() -> None:
    assert set(FILTERS) == set(STRATEGIES)


@needs_icarus
@pytest.mark.parametrize("strategy", [
    pytest.param(name, marks=pytest.mark.slow) if name in (
        "bit-search", "symmetric", "multipliers", "separable-multipliers") else name
    for name in FILTERS])
def test_a_strategy(strategy: str) -> None:
    exact_without_initial_values(Filter(**SMALL | FILTERS[strategy]), strategy)


@needs_icarus
def test_an_input_fifo() -> None:
    exact_without_initial_values(Filter(kernel=BLUR, shift=5, input_fifo=16, **SMALL))


@pytest.mark.slow
@pytest.mark.parametrize("target", ["ecp5", "ice40", "gowin"])
def test_other_families_have_none_of_their_own(target: str) -> None:
    made = build(Filter(kernel=BLUR, **SMALL), "core", target=target, initial_values=False)
    assert not re.search(r"^\s*initial\b|^\s*reg\b.*=", made.verilog, re.MULTILINE)


@needs_icarus
@pytest.mark.parametrize("name", [
    "edges", "canny", pytest.param("tables", marks=pytest.mark.slow)])
def test_a_pipeline(name: str) -> None:
    exact_without_initial_values(Pipeline(PIPELINES[name], **SMALL))
