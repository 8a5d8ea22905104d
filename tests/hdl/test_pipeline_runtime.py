"""Pipelines whose stages' settings and whose size change while a core runs."""

import itertools
import random

import pytest
from core_bench import check, random_frames, run
from register_bench import Registers, commit, random_pipeline_commit
from size_bench import check_stream, stream
from strategies import seeds

from windrow.hdl import PipelineCore
from windrow.model import InputError
from windrow.model.borders import BORDERS
from windrow.model.pipeline import Pipeline
from windrow.model.sides import Sides


PARAMETERS = {"low": 60, "high": {"value": 3, "range": [-7, 300]}, "gain": {
    "value": 2, "range": [1, 5]}}


def random_stage(rng: random.Random, taps: list[str]) -> dict[str, object]:
    """A kernel in registers, a fixed window, or an expression of parameters."""
    border = {side: rng.choice(BORDERS) for side in Sides._fields}
    kind = rng.choice(["runtime", "fixed", "dilate", "expr", "expr", "threshold"])
    if kind == "expr":
        a, b = (rng.choice(taps) + rng.choice(["", f"[{rng.randint(-1, 1)}, {rng.randint(-2, 1)}]"])
                for _ in range(2))
        keys = {"border": border, "border_value": rng.choice(["low", "gain", 7])}
        return {**keys, "output": rng.choice(["u8", "s9"]), "expr": rng.choice([
            f"where({a} > low, {b}, x + high)", f"{a} * gain - {b} // gain", "high", "low + y",
            f"lut(min(abs({a}), gain), 9, 8, 7, 6, 5, 4) + high * ({b} > high)"])}
    source = {"from": rng.choice(taps)}
    if kind == "threshold":
        return {**source, "threshold": rng.choice(["low", "high"]), "maxval": 200, "output": "u8"}
    if kind == "dilate":
        return {**source, "dilate": [2, 3], "border": border}
    kernel = [[rng.randint(-3, 3) for _ in range(rng.choice([1, 3]))]] * rng.randint(1, 3)
    return {**source, "kernel": kernel, "border": border, "shift": rng.randint(0, 2),
            "output": rng.choice(["u8", "s9"]),
            "coefficients": "runtime" if kind == "runtime" else "constant"}


def random_pipeline(rng: random.Random) -> Pipeline:
    """Up to five stages, one at least with something to change."""
    while True:
        names, stages = ["input"], []
        for number in range(rng.randint(1, 5)):
            names.append(f"tap_{number}")
            stages.append({**random_stage(rng, names[-4:-1]), "name": names[-1]})
        pipeline = Pipeline(
            stages, width=rng.randint(12, 18), height=rng.randint(9, 12), parameters=PARAMETERS,
            outputs=rng.sample(names[1:], rng.randint(1, min(2, len(names) - 1))),
            pixels_per_clock=rng.choice([1, 1, 2, 4]), channels=rng.choice([1, 1, 2]),
            control="axi4-lite")
        try:  # a frame can be too small for the borders
            PipelineCore(pipeline)
        except InputError:
            continue
        return pipeline


@pytest.mark.parametrize("seed", seeds(5, 200))
def test_random_pipeline(seed: int) -> None:
    rng = random.Random(seed)
    pipeline = random_pipeline(rng)
    images = random_frames(pipeline, 4, seed)
    frame = pipeline.width * pipeline.height // pipeline.pixels_per_clock
    commits = [(rng.randrange(2 * frame), random_pipeline_commit(rng, pipeline))
               for _ in range(12)]
    registers = Registers(pipeline, commits)
    stalls = rng.choice([0, 0.3])
    trace = run(pipeline, images, stall_in=stalls, stall_out=rng.choice([0, 0.4]),
                gaps=[rng.randrange(60), 0, rng.randrange(300)], seed=seed, registers=registers)
    check(registers.frames, images, trace)


@pytest.mark.parametrize("seed", seeds(4, 200))
def test_random_sizes(seed: int) -> None:
    rng = random.Random(seed)
    own = random_pipeline(rng)
    lanes = own.pixels_per_clock
    pipeline = own.replace(max_width=own.width + 5 * lanes, max_height=own.height + 7)
    least = PipelineCore(pipeline).least_size
    largest = (pipeline.frame.max_width, pipeline.frame.max_height)
    sent = []
    for _ in range(5):
        width, height = rng.choice([least, largest, (own.width, own.height), (
            rng.randrange(least[0], largest[0] + 1, lanes), rng.randint(least[1], largest[1]))])
        settings, spec = random_pipeline_commit(rng, pipeline)
        spec = spec.replace(width=width, height=height, max_width=largest[0],
                            max_height=largest[1])
        sent.append((spec, settings, random_frames(spec, 1, rng.randrange(1 << 30))[0]))
    check_stream(sent, stream(pipeline, sent, seed))


def test_other_settings_for_every_frame_cost_no_cycle() -> None:
    rng = random.Random(1)
    pipeline = Pipeline(
        [{"name": "smooth", "kernel": "gaussian:ksize=3", "coefficients": "runtime"},
         {"expr": "where(smooth > low, input, smooth[1, 1] + high)"}],
        width=18, height=14, parameters=PARAMETERS, control="axi4-lite")
    images = random_frames(pipeline, 12, 1)
    registers = Registers(pipeline, [(90, random_pipeline_commit(rng, pipeline))
                                     for _ in range(60)])
    trace = run(pipeline, images, registers=registers)
    check(registers.frames, images, trace)
    assert registers.taken == len(images) - 1
    assert {b - a for a, b in itertools.pairwise(trace.first_in)} == {trace.cycles_per_frame}
    assert trace.cycles_per_frame == 14 * 18
    assert {out - into for into, out in zip(trace.first_in, trace.first_out, strict=True)
            } == {trace.latency}


@pytest.mark.parametrize("stages", [
    [{"canny": ["low", "high"], "edges": "classes"}, {"shrink": 2}],
    [{"crop": [1, 2, 6, 8]}, {"kernel": [[1, 2, 1]], "coefficients": "runtime", "shift": 2},
     {"threshold": "high"}, {"enlarge": 2}],
], ids=["shrink", "crop"])
def test_where_the_size_is_fixed(stages: list[dict[str, object]]) -> None:
    pipeline = Pipeline(stages, width=16, height=12, parameters=PARAMETERS, control="axi4-lite")
    images = random_frames(pipeline, 3, 1)
    other = pipeline.replace(parameters={"low": 200, "high": 100})
    registers = Registers(pipeline, [(50, commit(other)), (1 << 20, commit(other))])
    check(registers.frames, images, run(pipeline, images, registers=registers))
    assert registers.frames == [pipeline, other, other]
    with pytest.raises(InputError, match="max_width 32 and max_height 12 are of no"):
        PipelineCore(pipeline.replace(max_width=32))


def test_a_stage_needs_no_registers_unless_its_kernel_is_in_some() -> None:
    pipeline = Pipeline([{"kernel": "sharpen"}, {"kernel": "sobel-x", "coefficients": "runtime"},
                         {"median": 3}], width=16, height=12, control="axi4-lite")
    assert [stage.filter.registers for stage in pipeline.stages] == [False, True, False]
