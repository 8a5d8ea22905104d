"""Small pipelines that use every kind of stage between them, in a few seconds.

What is broken at large mostly fails here first: `benchmarks/mutation.py` starts with these.
"""

import itertools
import random
from typing import Any

import numpy as np
import pytest
from core_bench import check, random_frames, run
from register_bench import Registers, commit, random_pipeline_commit

from windrow.hdl import PipelineCore
from windrow.model import InputError
from windrow.model.pipeline import Pipeline


BLUR = {"name": "blur", "kernel": [[1, 2, 1], [2, 4, 2]], "shift": 4}
PARAMETERS = {"low": 60, "high": {"value": 3, "range": [-7, 300]}}
SMALL = {"width": 7, "height": 5}

PIPELINES: dict[str, dict[str, Any]] = {
    "chain": {**SMALL, "stages": [
        BLUR, {"name": "edge", "kernel": "sobel-x", "output": "s16", "border": "symmetric"},
        {"expr": "min(abs(edge), 255)"}]},
    "branches": {**SMALL, "pixels_per_clock": 2, "outputs": ["input", "both", "blur"], "stages": [
        BLUR, {"name": "most", "dilate": 3, "from": "input", "border": "reflect101"},
        {"name": "both", "expr": "where(most > blur, most - blur, x + 3*y)"}]},
    "arithmetic": {**SMALL, "stages": [
        {"kernels": {"gx": "sobel-x", "gy": "sobel-y"}, "output": "s16"},
        {"name": "size", "expr": "round(sqrt(gx*gx + gy*gy))", "output": "u12"},
        {"expr": "max(gx, gy[0, 1], size) // 7 - (size >> 2)", "output": "s9"}]},
    "divided": {"width": 11, "height": 7, "pixel": "u4", "outputs": ["floor", "near", "root"],
                "stages": [
        {"name": "floor", "expr": "(input - 8) // (input[0, 1] + 1)", "output": "s5"},
        {"name": "near", "expr": "divide(input - 8, input[0, 1] + 1)", "output": "s5"},
        {"name": "root", "expr": "round(sqrt(input * 17 + input[1, 0]))", "output": "u5"}]},
    "relations": {**SMALL, "stages": [
        {"name": "a", "expr": "(input > 3) * (input[1, 0] != x) + 2 * (input <= y)"
                              " + (100 < input) * (input >= 200)", "output": "u4"},
        {"expr": "lut(a, 9, 8, 7, 6, 5) + clip(input[-1, 0], input, input[1, 0])"}]},
    "colour": {**SMALL, "channels": 3, "pixels_per_clock": 2, "outputs": ["most", "grey"],
               "stages": [
        {"name": "grey", "expr": "(input.0 + 2*input.1 + input.2) >> 2"},
        {"name": "most", "expr": "max(input, grey[0, 1], input.2)"}]},
    "slow": {**SMALL, "clocks_per_pixel": 3, "outputs": ["median", "input"], "stages": [
        BLUR, {"name": "median", "median": 3}]},
    "parts": {"width": 13, "height": 9, "stages": [
        {"shrink": [2, 3]}, {"kernel": [[1, 1], [1, 1]], "shift": 2, "border": "symmetric"},
        {"crop": [1, 1, 3, 3]}]},
    "parts that meet": {"width": 13, "height": 9, "pixels_per_clock": 2, "stages": [
        BLUR, {"name": "half", "shrink": 2}, {"name": "small", "from": "input", "shrink": 2},
        {"expr": "half - small + x + 16*y", "output": "s10"}]},
    "taps that meet": {"width": 9, "height": 6, "channels": 2, "stages": [
        {"name": "a", "crop": [0, 0, 4, 5]}, {"name": "b", "expr": "a - 100", "output": "s9"},
        {"name": "c", "from": "input", "crop": [2, 3, 4, 5]},
        {"expr": "max(a, b + c, -9)", "output": "s11"}]},
    "larger between": {"width": 6, "height": 4, "stages": [
        {"kernel": [[1, 2], [3, 1], [1, 0]], "padding": "full", "shift": 3},
        {"kernel": [[1, 1], [2, 1], [0, 1], [1, 1], [1, 0]], "padding": "valid", "shift": 3}]},
    "thinned twice": {"width": 17, "height": 9, "stages": [
        {"shrink": [1, 3]}, {"dilate": [2, 1]}, {"shrink": [2, 1]}, BLUR]},
    "outputs that meet": {"width": 13, "height": 7, "outputs": ["half", "small"], "stages": [
        {"kernels": {"half_small": [[1, 2, 1]], "other": [[1]]}, "shift": 2},
        {"name": "half", "from": "half_small", "shrink": 2},
        {"name": "small", "from": "input", "shrink": 2}]},
    "cuts that meet": {"width": 9, "height": 6, "outputs": ["a", "b", "most"], "stages": [
        {"name": "a", "crop": [0, 0, 4, 5]}, {"name": "most", "dilate": 3},
        {"name": "b", "from": "input", "crop": [2, 3, 4, 5]}]},
    "enlarged": {"width": 5, "height": 4, "stages": [
        BLUR, {"enlarge": 2, "method": "linear"}]},
    "two ends": {"width": 5, "height": 4, "outputs": ["large", "more"], "stages": [
        {"name": "large", "enlarge": 2}, {"name": "more", "expr": "large + 9", "output": "u8"}]},
    "enlarged, two lanes": {"width": 5, "height": 4, "pixels_per_clock": 2, "stages": [
        {"enlarge": [3, 2]}]},
    "surrounded": {"width": 6, "height": 4, "stages": [BLUR, {"surround": [1, 2, 2, 3]}]},
    "pyramid": {"width": 8, "height": 8, "stages": [
        {"shrink": 2}, BLUR, {"enlarge": 2, "method": "binomial"}]},
    "detail": {"width": 14, "height": 6, "stages": [
        {"name": "down", "preset": "cv2.pyrDown"}, {"name": "up", "preset": "cv2.pyrUp"},
        {"expr": "input - up", "output": "s9"}]},
    "four lanes": {"width": 21, "height": 7, "pixels_per_clock": 4, "border": "reflect101",
                   "outputs": ["middle", "thin"], "stages": [
        {"name": "middle", "median": [3, 1]}, {"name": "wide", "dilate": [2, 5]},
        {"name": "thin", "expr": "(wide[1, -2] - middle[-1, 3]) >> 1", "output": "s8"}]},
    "raw colours": {"width": 10, "height": 7, "pixels_per_clock": 2, "stages": [
        {"demosaic": "grbg"}, {"convert": "bgr2gray"}]},
    "edges": {"width": 8, "height": 6, "stages": [{"canny": [60, 150]}]},
    "edges in lines": {"width": 8, "height": 6, "stages": [
        {"canny": [60, 150], "edges": "classes"}, {"hysteresis": 3}]},
    "edges, wide": {"width": 40, "height": 5, "stages": [{"canny": [60, 150]}]},
    "edges in lines, wide": {"width": 41, "height": 6, "pixels_per_clock": 2, "stages": [
        {"canny": [60, 150], "edges": "classes"}, {"hysteresis": 2}]},
}
"""Keys of each."""

RUNNING: dict[str, dict[str, Any]] = {
    "threshold": {"width": 14, "height": 9, "stages": [
        {"name": "smooth", "kernel": "gaussian:ksize=3", "coefficients": "runtime"},
        {"expr": "where(smooth > low, input, smooth[1, 1] + high)"}]},
    "two kernels": {"width": 13, "height": 8, "stages": [
        {"name": "down", "kernel": [[1], [2]], "coefficients": "runtime", "shift": 1},
        {"name": "along", "kernel": [[1, -2, 1]], "coefficients": "runtime", "output": "s12"}]},
    "looked up": {"width": 14, "height": 9, "pixels_per_clock": 2, "stages": [
        {"name": "curve", "lut": [(5 * i + 3) % 256 for i in range(256)], "entries": "runtime"},
        {"name": "cut", "threshold": "low", "maxval": 200, "output": "u8"}]},
    "two parts": {"width": 12, "height": 6, "stages": [
        {"name": "small", "preset": "cv2.pyrDown"}, {"expr": "small + high"}, {"enlarge": 2},
        {"kernel": [[1, 2, 1]], "coefficients": "runtime", "shift": 2}]},
    "border": {"width": 11, "height": 7, "stages": [
        BLUR, {"expr": "(input[-1, 1] + blur) >> 1", "border": "constant",
               "border_value": "low"}]},
    "cut out": {"width": 12, "height": 8, "pixels_per_clock": 2, "stages": [
        {"crop": [1, 3, 6, 7]}, {"name": "most", "dilate": 3, "border": "reflect101"},
        {"expr": "where(most < low, most, high)"}]},
    "of any size, two lanes": {
        "width": 13, "height": 8, "max_width": 20, "max_height": 11, "pixels_per_clock": 2,
        "stages": [{"name": "least", "erode": [3, 4]},
                   {"kernel": [[1], [2], [1]], "shift": 2, "coefficients": "runtime"}]},
    "of any size": {"width": 14, "height": 9, "max_width": 18, "max_height": 12, "stages": [
        {**BLUR, "border": "reflect101", "coefficients": "runtime"}, {"expr": "blur + high"}]},
}
"""Keys of those with a register port."""


def make(name: str) -> Pipeline:
    """The pipeline of that name."""
    keys = {key: value for key, value in (PIPELINES | RUNNING)[name].items() if value is not None}
    if name in RUNNING:
        keys |= {"control": "axi4-lite", "parameters": PARAMETERS}
    return Pipeline(**keys)


KEPT: dict[str, tuple[dict[str, int], list[int]]] = {
    "chain": ({"input": 1, "blur": 2, "edge": 0}, [0]),
    "branches": ({"input": 4, "most": 0, "blur": 0, "both": 0}, [0]),
    "arithmetic": ({"input": 2, "gx": 0, "gy": 0, "size": 0}, [0]),
    "colour": ({"input": 0, "grey": 0, "most": 0}, [0]),
    "slow": ({"input": 1, "blur": 2, "median": 0}, [0]),
    "parts": ({"stage_1": 1, "stage_3": 0}, [0]),
    "taps that meet": ({"a": 0, "b": 0, "c": 0}, [33, 25, 0]),
    "enlarged": ({"input": 1, "blur": 2}, [23]),
    "surrounded": ({"input": 1}, [2 * 6 * 4]),
    "pyramid": ({"stage_1": 1, "blur": 2}, [23]),
    "threshold": ({"input": 2, "smooth": 1}, [0]),
    "detail": ({"input": 4, "down": 2, "up": 0}, [23, 51, 0]),
    "four lanes": ({"input": 2, "middle": 3, "wide": 2, "thin": 0}, [0]),
    "raw colours": ({"input": 2, "stage_1_inner": 2, "stage_1": 0}, [0]),
    "two parts": ({"input": 4, "small": 0, "stage_2": 0, "stage_3": 0}, [23, 0]),
    "border": ({"input": 1, "blur": 0}, [0]),
    "cut out": ({"stage_1": 2, "most": 0}, [0]),
    "of any size, two lanes": ({"input": 2, "least": 2}, [0]),
}
"""Lines that are kept of taps, and beats that wait behind each end."""


@pytest.mark.parametrize("name", KEPT)
def test_what_is_kept(name: str) -> None:
    core = PipelineCore(make(name))
    assert (core.lines, [way.waiting for way in core.ways]) == KEPT[name]


IN_MEMORY = {"chain": [False], "surrounded": [True], "enlarged": [False], "detail": [False] * 3,
             "taps that meet": [False] * 3}
"""Whether beats wait in a memory behind each end."""


@pytest.mark.parametrize("name", IN_MEMORY)
def test_what_waits_in_memory(name: str) -> None:
    assert [way.in_memory for way in PipelineCore(make(name)).ways] == IN_MEMORY[name]


def test_two_frames_that_a_device_has_no_room_for() -> None:
    """Each of 640 by 400 pixels of 8 bits, in 128 kbit."""
    pipeline = Pipeline([{"name": "around", "surround": [1, 1, 1, 1]}], width=640, height=400)
    with pytest.raises(InputError, match=r"'around'.* two frames: 4096000 bits .* most 131072"):
        PipelineCore(pipeline, target="ice40")
    assert PipelineCore(pipeline, target="generic").ways[0].in_memory


STARTED: dict[str, tuple[int, tuple[int, int]]] = {
    "chain": (3, (7, 5)), "slow": (3, (7, 5)),
    "branches": (4, (7, 5)), "taps that meet": (13, (9, 6)),
    "two ends": (6, (5, 4)), "detail": (11, (14, 6)), "threshold": (5, (3, 3)),
    "two kernels": (6, (3, 2)), "looked up": (4, (6, 2)), "two parts": (8, (12, 6)),
    "border": (4, (3, 2)), "of any size": (5, (3, 2)), "of any size, two lanes": (5, (5, 3)),
}
"""Frames that may have started and given no beat, and the smallest that there may be."""


@pytest.mark.parametrize("name", STARTED)
def test_frames_that_have_started(name: str) -> None:
    """So many are counted; more are flip-flops that are not needed."""
    core = PipelineCore(make(name))
    assert (core._most_frames, core.least_size) == STARTED[name]


@pytest.mark.parametrize(("name", "late"), [
    ("chain", 0), ("edges in lines", 0), ("edges", 47), ("edges, wide", 199)])
def test_cycles_in_which_a_whole_frame_comes_in(name: str, late: int) -> None:
    """From its first beat to its last."""
    assert PipelineCore(make(name)).late_cycles == late


@pytest.mark.parametrize("name", RUNNING)
def test_ports_of_tables_are_there_where_there_are_tables(name: str) -> None:
    assert ("tables" in PipelineCore(make(name)).signature.members) == (name == "looked up")


@pytest.mark.parametrize("last", [
    [{"canny": [60, 150]}],
    *([{"canny": [60, 150], "edges": "classes"}, {"hysteresis": lines}] for lines in (3, 1))])
@pytest.mark.parametrize("width, height, lanes", [(8, 6, 1), (40, 9, 1), (40, 12, 2), (20, 5, 4)])
def test_latency_behind_whole_frames(
    last: list[dict[str, Any]], width: int, height: int, lanes: int
) -> None:
    """What is said is the least; without edges it takes few cycles more."""
    pipeline = Pipeline(last, width=width, height=height, pixels_per_clock=lanes)
    trace = run(pipeline, [np.zeros((height, width, 1), int)])
    assert 5 <= trace.first_out[0] - trace.first_in[0] - trace.latency <= 9


@pytest.mark.parametrize("name", PIPELINES)
def test_small_pipeline(name: str) -> None:
    pipeline = make(name)
    images = random_frames(pipeline, 3)
    trace = run(pipeline, images)
    check(pipeline, images, trace)
    if pipeline.whole is None:
        assert trace.first_out[0] - trace.first_in[0] == trace.latency
        assert {late - early for early, late in itertools.pairwise(trace.first_out)} == {
            trace.cycles_per_frame}


@pytest.mark.parametrize("name", PIPELINES)
def test_small_pipeline_with_stalls(name: str) -> None:
    pipeline = make(name)
    images = random_frames(pipeline, 3)
    check(pipeline, images, run(pipeline, images, stall_in=0.2, stall_out=0.5, gaps=[3, 200],
                                seed=1, upset=50))


@pytest.mark.parametrize("name", ["branches", "parts that meet", "enlarged", "pyramid"])
def test_small_pipeline_that_fills_up(name: str) -> None:
    """All queues are full again and again."""
    pipeline = make(name)
    images = random_frames(pipeline, 3)
    check(pipeline, images, run(pipeline, images, stall_out=0.93, seed=2))


@pytest.mark.parametrize("name", RUNNING)
def test_small_pipeline_with_registers(name: str) -> None:
    pipeline = make(name)
    others = [pipeline.replace(parameters={"low": 9 * at, "high": 40 * at}) for at in range(7)]
    images = random_frames(pipeline, 6)
    for stalls in (0, 0.3):
        registers = Registers(pipeline, [(40 + 9 * at, commit(other))
                                         for at, other in enumerate(others)])
        trace = run(pipeline, images, stall_in=stalls, stall_out=stalls, registers=registers)
        check(registers.frames, images, trace)


def test_small_pipeline_with_other_kernels() -> None:
    pipeline, rng = make("two kernels"), random.Random(1)
    images = random_frames(pipeline, 6)
    registers = Registers(pipeline, [(60, random_pipeline_commit(rng, pipeline))
                                     for _ in range(8)])
    trace = run(pipeline, images, registers=registers)
    check(registers.frames, images, trace)
