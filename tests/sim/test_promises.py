"""What interface.md promises of every core, held against the generated Verilog at full speed."""

import random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from needed import needed
from strategies import filters
from trial import trial

from windrow.hdl import build
from windrow.model import Filter
from windrow.model.borders import BORDERS
from windrow.sim import ENGINES, Traffic, compare
from windrow.sim.engine import Design
from windrow.sim.job import run_design


SEED = 11


@pytest.fixture(autouse=True)
def _verilator() -> None:
    with needed():
        ENGINES["verilator"].require()


def noise(spec: Filter, count: int) -> list[np.ndarray]:
    rng = np.random.default_rng(SEED)
    shape = (spec.height, spec.width) + ((spec.channels,) if spec.channels > 1 else ())
    low, high = spec.pixel.minimum, spec.pixel.maximum
    return [rng.integers(low, high, shape, endpoint=True) for _ in range(count)]


def core_of(spec: Filter) -> Design:
    core = build(spec, "core")
    return Design(core.verilog, core.manifest, spec)


@pytest.mark.thinned(2)
@pytest.mark.parametrize("pixels_per_clock", [1, 4])
@pytest.mark.parametrize("border", BORDERS)
def test_no_cycle_is_lost_between_frames(border: str, pixels_per_clock: int) -> None:
    # Small enough to be compiled in a hurry.
    spec = Filter(kernel="sobel-x", width=160, height=90, border=border, output="s16",
                  border_value=77 if border == "constant" else 0,
                  pixels_per_clock=pixels_per_clock)
    core, frames = core_of(spec), noise(spec, 2)
    result = run_design(core, frames)
    assert compare(result, spec, frames) is None
    assert result.cycles_per_frame == 160 * 90 // pixels_per_clock
    assert result.latency_cycles == core.manifest["latency_cycles"]
    # The last frame comes out whole, and as fast as the first, with the input idle.
    first, last = result.spans
    assert last.last_out - last.first_in == first.last_out - first.first_in


@pytest.mark.parametrize("keys", [
    {"kernel": [[1, 2, 1], [2, 4, 2], [1, 2, 1]], "shift": 4, "width": 9, "height": 4},
    {"kernel": [[1] * 4] * 5, "shift": 4, "width": 11, "height": 6, "border": "reflect101",
     "pixels_per_clock": 2},
    {"kernel": [[1] * 3] * 4, "shift": 3, "width": 10, "height": 5, "padding": "full",
     "border": "symmetric"},
    {"kernel": [[1, -1]] * 3, "output": "s10", "width": 12, "height": 5, "padding": "valid"},
])
def test_a_gap_of_every_length_at_the_end_of_a_frame(keys: dict) -> None:
    spec = Filter(**keys)
    core = core_of(spec)
    gaps = range(2 * core.input.beats_per_line + 1)
    frames = noise(spec, len(gaps) + 1)
    for extra in ({}, {"late": (0, 1, 2, 5)}, {"hold": (0, 1, 2, 5)}, {"stall": 0.3}):
        traffic = Traffic(gap=tuple(gaps), seed=SEED, **extra)
        result = run_design(core, frames, traffic=traffic)
        assert compare(result, spec, frames) is None, traffic


@pytest.mark.thinned(3)
@pytest.mark.parametrize("shape, border", [
    *(((3, 3), border) for border in BORDERS),
    *(((2, 2), border) for border in BORDERS),
    ((1, 1), "reflect101"), ((1, 7), "reflect101"), ((7, 1), "symmetric"), ((4, 6), "constant"),
    ((11, 11), "reflect101"),
])
def test_frames_of_the_kernels_own_size(shape: tuple[int, int], border: str) -> None:
    rng = np.random.default_rng(SEED)
    spec = Filter(kernel=rng.integers(-9, 10, shape), width=shape[1], height=shape[0],
                  border=border, border_value=200, output="s20")
    core, frames = core_of(spec), noise(spec, 5)
    for traffic in (Traffic(), Traffic(stall=0.5, seed=SEED), Traffic(gap=(0, 1, 30))):
        result = run_design(core, frames, traffic=traffic)
        assert compare(result, spec, frames) is None, traffic


@pytest.mark.parametrize("clocks", [1, 3])
def test_a_reset_at_any_cycle_leaves_nothing_behind(clocks: int) -> None:
    spec = Filter(kernel=[[1, 2, 1], [2, 4, 2], [1, 2, 1]], shift=4, width=9, height=5,
                  border="reflect101", clocks_per_pixel=clocks)
    core, frames = core_of(spec), noise(spec, 2)
    for cycle in range(120):
        # Rarely a stall, since a beat that comes at once after the reset is what may be lost.
        traffic = Traffic(reset_at=cycle, reset_cycles=1 + cycle // 4 % 3,
                          stall=(0.1, 0)[cycle % 2], seed=cycle)
        result = run_design(core, frames, traffic=traffic)
        assert compare(result, spec, frames) is None, traffic


# Derandomised: each example is a build of a second or more, and test_sweep.py has the breadth.
@settings(max_examples=8, deadline=None, derandomize=True,
          suppress_health_check=list(HealthCheck))
@given(spec=filters(max_kernel=5, max_size=14), seed=st.integers(0, 2**32 - 1))
def test_any_filter_under_any_traffic(spec: Filter, seed: int) -> None:
    trial(spec, random.Random(seed))
