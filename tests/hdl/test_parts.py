"""Pipelines of several parts: behind larger frames, and where different pixels meet."""

import random

import numpy as np
import pytest
from core_bench import check, random_frames, run
from strategies import seeds

from windrow.hdl import PipelineCore, pipeline_core
from windrow.hdl.lockstep import lock_steps
from windrow.model import InputError
from windrow.model.borders import BORDERS
from windrow.model.pipeline import Pipeline


DETAIL = [{"name": "down", "preset": "cv2.pyrDown"}, {"name": "up", "preset": "cv2.pyrUp"},
          {"expr": "input - up", "output": "s9"}]
"""A level of a Laplacian pyramid."""

ODD = [*DETAIL[:2], {"name": "part", "crop": [0, 0, 7, 13]},
       {"expr": "input - part", "output": "s9"}]


def back_to_back(pipeline: Pipeline, seed: int = 1) -> None:
    """Exact, in just as many cycles as are said, with and without stalls."""
    images = random_frames(pipeline, 4, seed)
    trace = run(pipeline, images)
    check(pipeline, images, trace)
    assert np.diff(trace.first_out).tolist()[-1] == trace.cycles_per_frame
    assert trace.first_out[0] - trace.first_in[0] == trace.latency
    rng = random.Random(seed)
    trace = run(pipeline, images[:2], stall_in=rng.choice([0, 0.3]), stall_out=0.3,
                gaps=[rng.choice([0, 7, 200])], seed=seed)
    check(pipeline, images[:2], trace)


@pytest.mark.parametrize("stages, keys, cycles", [
    ([{"enlarge": 2}, {"kernel": "gaussian:ksize=3"}], {"width": 8, "height": 6}, 4 * 8 * 6),
    (DETAIL, {"width": 14, "height": 6}, 14 * 6),
    (DETAIL, {"width": 26, "height": 6, "pixels_per_clock": 4}, 7 * 6),
    (ODD, {"width": 13, "height": 7, "pixels_per_clock": 2}, 7 * 8),
    ([{"name": "a", "crop": [0, 0, 4, 5]}, {"name": "b", "from": "input", "crop": [2, 3, 4, 5]},
      {"expr": "a - b[0, 1]", "output": "s9"}], {"width": 9, "height": 8}, 9 * 8),
    ([{"name": "a", "crop": [0, 0, 5, 6]}, {"enlarge": 2}], {"width": 12, "height": 10}, 12 * 10),
    ([{"name": "a", "enlarge": 2}, {"kernel": [[1, 2, 1]] * 3, "shift": 4, "padding": "valid"},
      {"name": "b", "from": "a", "crop": [0, 2, 6, 10]}, {"expr": "stage_2 - b", "output": "s9"}],
     {"width": 6, "height": 4}, 12 * 8),
    ([{"name": "blur", "kernel": [[1, 2], [3, 2], [4, 0]], "shift": 4, "border": "wrap"},
      {"expr": "input - blur", "output": "s9"}], {"width": 8, "height": 5}, 9 * 7),
], ids=["enlarge", "pyramid", "lanes", "odd", "crops", "burst", "valid", "wrap"])
def test_parts(stages: list[dict[str, object]], keys: dict[str, int], cycles: int) -> None:
    pipeline = Pipeline(stages, **keys)
    assert PipelineCore(pipeline).cycles_per_frame == cycles
    back_to_back(pipeline)


@pytest.mark.parametrize("width, height, lanes", [(60, 6, 1), (120, 8, 2)])
def test_rows_longer_than_what_waits_beside_them(width: int, height: int, lanes: int) -> None:
    """Lines hold what is early; the queues between the parts are shorter than a row."""
    pipeline = Pipeline(DETAIL, width=width, height=height, pixels_per_clock=lanes)
    core = PipelineCore(pipeline)
    assert max(way.waiting for way in core.ways) < width // lanes
    images = random_frames(pipeline, 2)
    trace = run(pipeline, images)
    check(pipeline, images, trace)
    assert np.diff(trace.first_out).tolist() == [trace.cycles_per_frame]


def random_parts(rng: random.Random, *, wide: bool = False) -> Pipeline:
    """Filters, larger and smaller frames, and joins of taps of one size, of which some come out of
    different parts; if ``wide`` with rows that are longer than what waits in any case."""
    while True:
        width, height = (rng.randint(60, 110), rng.randint(6, 9)) if wide else (
            rng.randint(8, 20), rng.randint(6, 16))
        keys = {"width": width, "height": height, "pixels_per_clock": rng.choice([1, 1, 2, 4])}
        stages: list[dict[str, object]] = []
        pipeline = Pipeline([{"expr": "input"}], **keys)
        sizes = {"input": (pipeline.height, pipeline.width)}
        for number in range(rng.randint(3, 7)):
            source, border = rng.choice([*sizes][-3:]), rng.choice(BORDERS)
            stage: dict[str, object] = {"from": source}
            kind = rng.choice(["kernel", "shrink", "crop", "enlarge", "enlarge", "join", "join"])
            if kind == "kernel":
                stage |= {"kernel": [[1] * rng.randint(1, 4)] * rng.randint(1, 4), "shift": 2,
                          "border": border}
            elif kind == "crop":
                height, width = rng.choice([*sizes.values()])
                stage["crop"] = [rng.randrange(3), rng.randrange(3), height, width]
            elif kind == "join":
                other = rng.choice([name for name in sizes if sizes[name] == sizes[source]])
                stage = {"expr": f"({source} + {other}[1, {rng.randint(-1, 1)}]) >> 1",
                         "border": border}
            else:
                stage[kind] = rng.choice([2, [1, 2], [2, 1], 3])
            stages.append({**stage, "name": f"tap_{number}"})
            try:
                pipeline = Pipeline(stages, **keys)
            except InputError:
                stages.pop()
                continue
            if pipeline.output_height * pipeline.output_width > (6000 if wide else 1000):
                break
            sizes[f"tap_{number}"] = pipeline.output_height, pipeline.output_width
        plans, _, _ = lock_steps(pipeline, 6)
        if max(len(plan.part.links) for plan in plans) > 1 and max(
                plan.sweep.cycles_per_frame for plan in plans) < (3000 if wide else 1000):
            return pipeline


@pytest.mark.parametrize("seed", seeds(1, 100))
def test_random_parts(seed: int) -> None:
    back_to_back(random_parts(random.Random(seed)), seed)


HELD_UP = {14: "a row is begun while its reader is held up", 24: "a reader takes again",
           40: "rows that end elsewhere", 57: "a reader takes again, of a larger frame"}
"""Seeds of pipelines whose frames took longer than is said, with queues of less."""


@pytest.mark.parametrize("seed", [
    pytest.param(seed, marks=[] if seed in HELD_UP else [pytest.mark.slow])
    for seed in range(150)])
def test_random_parts_with_wide_rows(seed: int) -> None:
    """The first frames may come a row early or late, with queues that are not yet as full as they
    will be, and so may the last one, which no frame pushes on."""
    pipeline = random_parts(random.Random(seed), wide=True)
    images = random_frames(pipeline, 5, seed)
    trace = run(pipeline, images)
    check(pipeline, images, trace)
    assert np.diff(trace.first_out)[-2] == trace.cycles_per_frame


def test_a_row_that_is_there_before_its_partner() -> None:
    """The second of two rows out of one is needed, and the lines let their row out late: with less
    than a row in the queue beside them both wait for ever."""
    pipeline = Pipeline([
        {"name": "large", "enlarge": 2}, {"name": "mean", "expr": "(input + input[1, -1]) >> 1"},
        {"name": "half", "from": "mean", "shrink": [2, 1]},
        {"name": "cut", "from": "large", "crop": [1, 2, 3, 83]},
        {"name": "blur", "from": "half", "kernel": [[1, 1], [1, 1]], "shift": 2},
        {"expr": "(cut + blur[1, 0]) >> 1"}], width=83, height=6)
    images = random_frames(pipeline, 3)
    trace = run(pipeline, images)
    check(pipeline, images, trace)
    assert np.diff(trace.first_out).tolist()[-1] == trace.cycles_per_frame


def test_what_leaves_a_part_waits_in_lines_that_are_kept_anyway() -> None:
    core = PipelineCore(Pipeline(DETAIL, width=1920, height=1080))
    assert core.lines["input"] == 4
    assert not any(way.deep for way in core.ways)
    assert core.cycles_per_frame == 1920 * 1080


FAR = [*DETAIL[:2], {"name": "far", "from": "input", "kernel": [[1]]}, {"expr": "far - up"}]


def test_a_queue_of_less_costs_cycles(monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline = Pipeline(FAR, width=24, height=8)
    way = next(way for way in PipelineCore(pipeline).ways if "far" in way.link.taps)
    assert way.deep is not None
    assert 4 * 24 < way.depth < 4 * 24 + 56
    images = random_frames(pipeline, 3)
    assert np.diff(run(pipeline, images).first_out).tolist() == [24 * 8] * 2
    planned = pipeline_core.depths
    monkeypatch.setattr(pipeline_core, "depths", lambda *each: [
        depth - (depth == way.depth) * 40 for depth in planned(*each)])
    assert np.diff(run(pipeline, images).first_out)[0] > 24 * 8
