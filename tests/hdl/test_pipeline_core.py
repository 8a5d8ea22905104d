"""Pipelines against their golden model: every stage, border and size, one beat a cycle."""

import random

import numpy as np
import pytest
from core_bench import check, random_frames, run
from strategies import seeds

from windrow.hdl import Core, PipelineCore
from windrow.hdl.lockstep import lock_steps
from windrow.model import Filter, InputError
from windrow.model.borders import BORDERS
from windrow.model.keys import OVERFLOWS
from windrow.model.pipeline import Pipeline
from windrow.model.sides import Sides


BLUR = {"name": "blur", "kernel": "gaussian:ksize=3"}
EDGE = {"name": "edge", "kernel": "sobel-x", "output": "s16"}
WIDE = {"name": "wide", "kernel": "gaussian:ksize=5", "border": "reflect101"}


def random_expression(rng: random.Random, taps: list[str]) -> str:
    """One of some shapes, of taps and their neighbours."""
    a, b, c = (
        rng.choice(taps) + rng.choice(["", f"[{rng.randint(-2, 2)}, {rng.randint(-2, 2)}]"])
        for _ in range(3))
    return rng.choice([
        f"{a} - {b}", f"abs({a}) + abs({b})", f"where({a} > {b}, {c}, x + 3*y)",
        f"min(255, round(sqrt({a}*{a} + {b}*{b})))", f"max({a}, {b}, {c})"])


def random_pipeline(rng: random.Random) -> Pipeline:
    """Up to seven stages of kernels and expressions, branches and joins, of any border."""
    while True:
        stages: list[dict[str, object]] = []
        names = ["input"]
        for number in range(rng.randint(1, 7)):
            names.append(f"tap_{number}")
            border = {side: rng.choice(BORDERS) for side in Sides._fields}
            shared = {"name": names[-1], "border": border, "output": rng.choice(["u8", "s9", "u4"]),
                      "overflow": rng.choice(OVERFLOWS)}
            if rng.random() < 0.5:
                stages.append({**shared, "expr": random_expression(rng, names[-4:-1])})
                continue
            height, width = rng.randint(1, 4), rng.randint(1, 4)
            padding = rng.choice(["same", "same", "same", "valid", "full"])
            stages.append({
                **shared, "from": rng.choice(names[-3:-1]), "padding": padding,
                "kernel": [[rng.randint(-3, 3) for _ in range(width)] for _ in range(height)],
                "shift": rng.randint(0, 2),
                "anchor": [rng.randrange(height), rng.randrange(width)],
            })
        keys = {"width": rng.randint(8, 13), "height": rng.randint(8, 12),
                "pixels_per_clock": rng.choice([1, 1, 2, 4]), "channels": rng.choice([1, 1, 2])}
        try:  # outputs of different sizes, and frames smaller than a kernel, are refused
            return Pipeline(stages, outputs=rng.sample(names, rng.randint(1, min(3, len(names)))),
                            **keys)
        except InputError:
            continue


def random_parts(rng: random.Random) -> Pipeline:
    """Parts of frames, with filters between them."""
    while True:
        stages: list[dict[str, object]] = []
        for number in range(rng.randint(1, 5)):
            if number % 2:
                stages.append({"kernel": [[1] * rng.randint(1, 3)] * rng.randint(1, 3), "shift": 2,
                               "border": rng.choice(BORDERS)})
            elif rng.random() < 0.5:
                stages.append({"shrink": [rng.randint(1, 3), rng.randint(1, 4)]})
            else:
                top, left = rng.randrange(8), rng.randrange(8)
                stages.append({"crop": [top, left, rng.randint(1, 12), rng.randint(1, 12)]})
        try:  # a crop may lie outside of what is left
            return Pipeline(stages, width=rng.randint(12, 30), height=rng.randint(10, 20),
                            pixels_per_clock=rng.choice([1, 1, 2, 4]))
        except InputError:
            continue


def trial(pipeline: Pipeline, rng: random.Random, seed: int) -> None:
    """Three frames under random stalls and pauses, against the golden model."""
    images = random_frames(pipeline, 3, seed)
    trace = run(pipeline, images, stall_in=rng.choice([0, 0.3]), stall_out=rng.choice([0, 0.3]),
                gaps=[rng.choice([0, 1, 7, 200]), rng.choice([0, 3, 900])], seed=seed)
    check(pipeline, images, trace)


@pytest.mark.parametrize("seed", seeds(5, 300))
def test_parts_of_frames(seed: int) -> None:
    rng = random.Random(seed)
    trial(random_parts(rng), rng, seed)


@pytest.mark.parametrize("stages, keys", [
    ([{"enlarge": [3, 2]}], {"pixels_per_clock": 2}),
    ([BLUR, {"enlarge": 2, "method": "linear"}], {}),
    ([{"shrink": 2}, BLUR, {"enlarge": 2, "method": "binomial"}],
     {"pixels_per_clock": 4, "channels": 3}),
])
def test_larger_frames(stages: list[dict[str, object]], keys: dict[str, int]) -> None:
    pipeline = Pipeline(stages, width=7, height=6, **keys)
    images = random_frames(pipeline, 3)
    check(pipeline, images, run(pipeline, images, gaps=[0, 150], stall_in=0.2, stall_out=0.2))


@pytest.mark.parametrize("steps, lanes", [([4, 4], 1), ([6, 5], 1), ([5, 7], 2), ([1, 9], 1)])
def test_steps_of_four_and_more(steps: list[int], lanes: int) -> None:
    """A counter that went the wrong way would be right for up to three."""
    pipeline = Pipeline([{"shrink": steps}, {"kernel": [[1, 2]], "border": "symmetric"}],
                        width=36, height=14, pixels_per_clock=lanes)
    images = random_frames(pipeline, 2)
    check(pipeline, images, run(pipeline, images, gaps=[0]))


@pytest.mark.parametrize("preset", [
    "cv2.FastFeatureDetector:threshold=40", "cv2.cornerHarris:blockSize=2,ksize=3,threshold=0.001",
    "cv2.resize:fx=2", "scipy.ndimage.black_tophat:size=(3,2)"])
def test_presets_of_several_stages(preset: str) -> None:
    pipeline = Pipeline([{"preset": preset}], width=11, height=9)
    images = random_frames(pipeline, 2)
    check(pipeline, images, run(pipeline, images, gaps=[0]))


@pytest.mark.parametrize("larger, pixels", [
    ({"enlarge": 2}, 14 * 12), ({"surround": [1, 2, 0, 3]}, 10 * 9)])
def test_a_larger_frame_takes_a_cycle_for_each_beat(
    larger: dict[str, object], pixels: int
) -> None:
    pipeline = Pipeline([BLUR, larger], width=7, height=6)
    images = random_frames(pipeline, 4)
    trace = run(pipeline, images)
    check(pipeline, images, trace)
    assert trace.cycles_per_frame == pixels
    assert np.diff(trace.first_out).tolist() == [pixels] * 3
    assert trace.first_out[0] - trace.first_in[0] == trace.latency


def test_a_part_takes_no_cycle_more() -> None:
    pipeline = Pipeline([BLUR, {"shrink": 2}, WIDE], width=13, height=11)
    images = random_frames(pipeline, 3)
    trace = run(pipeline, images)
    check(pipeline, images, trace)
    assert np.diff(trace.first_in).tolist() == [13 * 11] * 2
    assert trace.first_out[0] - trace.first_in[0] == trace.latency


SMALL = {"name": "small", "from": "input", "shrink": 2}
PYRAMID = [BLUR, {"name": "half", "shrink": 2}, {**WIDE, "from": "half"},
           {"name": "quarter", "shrink": 2}]


@pytest.mark.parametrize("stages, outputs", [
    ([BLUR, {"name": "half", "shrink": 2}, SMALL, {"expr": "half - small"}], None),
    ([BLUR, {**EDGE, "from": "input"}, {"name": "part", "crop": [1, 2, 5, 7]},
      {"name": "other", "from": "blur", "crop": [1, 2, 5, 7]}, {"expr": "part[0, 1] + other"}],
     ["stage_5", "part"]),
    ([*PYRAMID, SMALL, {"name": "least", "from": "small", "shrink": 2},
      {"expr": "quarter - least"}], None),
], ids=["shrink", "crop", "pyramid"])
@pytest.mark.parametrize("keys", [{}, {"pixels_per_clock": 2, "channels": 2}], ids=["1", "2"])
def test_equal_parts_of_a_frame_meet(
    stages: list[dict[str, object]], outputs: list[str] | None, keys: dict[str, int]
) -> None:
    pipeline = Pipeline(stages, outputs=outputs, width=13, height=11, **keys)
    images = random_frames(pipeline, 3)
    check(pipeline, images, run(pipeline, images, gaps=[0, 90], stall_in=0.2, stall_out=0.2))


@pytest.mark.parametrize("seed", seeds(6, 300))
def test_random_pipelines(seed: int) -> None:
    rng = random.Random(seed)
    trial(random_pipeline(rng), rng, seed)


def test_one_beat_a_cycle_whatever_the_stages() -> None:
    pipeline = Pipeline([BLUR, EDGE, WIDE], outputs=["input", "edge", "wide", "blur"], width=9,
                        height=7)
    images = random_frames(pipeline, 3)
    trace = run(pipeline, images)
    check(pipeline, images, trace)
    assert trace.cycles_per_frame == 9 * 7
    assert np.diff(trace.first_in).tolist() == [9 * 7] * 2
    assert trace.first_out[0] - trace.first_in[0] == trace.latency


@pytest.mark.parametrize("lanes, channels", [(1, 1), (4, 1), (2, 3)])
def test_the_place_of_a_pixel(lanes: int, channels: int) -> None:
    """Behind a stage, whose frame is late, and with planes, in an inner and in the last stage."""
    pipeline = Pipeline([BLUR, {"name": "place", "expr": "x + 16*y"},
                         {"expr": "place.0 + x * y" if channels == 1 else "place - x + blur"}],
                        width=11, height=6, pixels_per_clock=lanes, channels=channels)
    images = random_frames(pipeline, 2)
    check(pipeline, images, run(pipeline, images, gaps=[50], stall_in=0.2))


def test_planes_by_name() -> None:
    pipeline = Pipeline([{"name": "grey", "expr": "(input.0 + 2*input.1 + input.2) >> 2"},
                         {"name": "most", "expr": "max(input, grey[0, 1], input.2)"}],
                        outputs=["most", "grey"], width=9, height=6, channels=3,
                        pixels_per_clock=2)
    images = random_frames(pipeline, 2)
    check(pipeline, images, run(pipeline, images))


def test_samples_wider_than_what_they_hold() -> None:
    """An output of taps in which another's sign is, and an expression of them."""
    pipeline = Pipeline([{"kernels": {"gx": "sobel-x", "gy": "sobel-y"}, "output": "s16"},
                         {"name": "size", "expr": "gx*gx + gy*gy", "output": "u22"}],
                        outputs=["gx", "size", "gy"], width=9, height=6)
    images = random_frames(pipeline, 2)
    check(pipeline, images, run(pipeline, images))


def test_a_push_in_several_clocks() -> None:
    pipeline = Pipeline([BLUR, WIDE], outputs=["wide", "input"], width=6, height=5,
                        clocks_per_pixel=3)
    images = random_frames(pipeline, 2)
    trace = run(pipeline, images)
    check(pipeline, images, trace)
    assert np.diff(trace.first_in).tolist() == [6 * 5 * 3]


def test_one_stage_takes_what_that_filter_does() -> None:
    core = PipelineCore(Pipeline([BLUR], width=9, height=7))
    alone = Core(Filter(kernel=BLUR["kernel"], width=9, height=7))
    assert core.lines == {"input": 2}
    assert (core.latency, core.cycles_per_frame) == (alone.latency, alone.cycles_per_frame)


def test_lines_are_shared() -> None:
    """An unsharp mask reads the original out of the lines that the blur keeps."""
    core = PipelineCore(Pipeline([WIDE], outputs=["input", "wide"], width=9, height=7))
    assert core.parts[0].plan.late == {"input": (0, 0), "wide": (2, 2)}
    assert core.lines == {"input": 4, "wide": 0}


def test_lines_of_its_own_count() -> None:
    """What doubles keeps its lines itself, beside those that another window reads."""
    grown = {"name": "grown", "dilate": 5, "from": "input"}
    assert PipelineCore(Pipeline([grown], width=40, height=9)).lines == {"input": 4}
    core = PipelineCore(Pipeline([BLUR, grown], outputs=["blur", "grown"], width=40, height=9))
    assert core.lines == {"input": 4 + 3, "blur": 0, "grown": 0}  # the blur waits a row in its own


def test_stages_that_no_output_needs_are_left_out() -> None:
    (plan,), _, _ = lock_steps(
        Pipeline([BLUR, EDGE, {**WIDE, "from": "blur"}], width=9, height=7), 6)
    assert [step.taps for step in plan.steps] == [("blur",), ("wide",)]


def test_a_strategy_is_a_filters() -> None:
    with pytest.raises(InputError, match="strategy 'separable' is a filter's"):
        PipelineCore(Pipeline([BLUR], width=64, height=48), strategy="separable")
