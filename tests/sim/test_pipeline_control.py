"""The registers of a pipeline, through its Verilog: each frame is what was committed before it."""

from dataclasses import replace

import numpy as np
import pytest
from live_bench import Live, pack_frames
from mazes import noise

from windrow.model.hysteresis import line_hysteresis
from windrow.model.pipeline import Pipeline


OKAY, SLVERR = 0, 2
PIPELINE = Pipeline(
    [{"name": "smooth", "kernel": "gaussian:ksize=3", "coefficients": "runtime"},
     {"name": "peak", "dilate": 3},
     {"name": "edges", "canny": ["low", "high"], "edges": "classes"},
     {"expr": "where(peak - smooth > low, 255 * (input[1, 0] > high), smooth // gain) + edges",
      "border": "constant", "border_value": "low"}],
    width=24, height=16, control="axi4-lite", parameters={
        "low": 20, "high": {"value": 90, "range": [-5, 1020]},
        "gain": {"value": 2, "range": [1, 9]}})


@pytest.mark.parametrize("stall", [pytest.param(0.0, marks=pytest.mark.slow), 0.3])
def test_what_is_committed_is_what_the_next_frame_has(stall: float) -> None:
    rng = np.random.default_rng(1)
    with Live(PIPELINE) as live:
        live.traffic(stall, stall)
        live.reset()
        registers = live.registers

        def write(name: str, word: int, index: int = 0) -> None:
            answer, _ = live.write(registers[name].offsets[index], word & 0xFFFFFFFF)
            assert answer == OKAY, (name, word)

        def check(pipeline: Pipeline, count: int) -> None:
            shape = (count, pipeline.height, pipeline.width)
            images = rng.integers(0, 256, shape) // 32 * 32
            out = live.send(pack_frames(replace(
                live.input, width=pipeline.width, height=pipeline.height), [*images])).beats
            out = np.concatenate([out, live.quiet().beats])
            wanted = pack_frames(replace(
                live.output, width=pipeline.width, height=pipeline.height),
                [*pipeline.compute(images)])
            np.testing.assert_array_equal(out, wanted)

        check(PIPELINE, 2)
        other = PIPELINE.replace(parameters={"low": 100, "high": -3, "gain": 9})
        for name in "low", "high", "gain":
            value = {each.name: each.value for each in other.parameters}[name]
            write(f"PARAMETER_{name.upper()}", value)
        check(PIPELINE, 1)  # nothing is committed yet
        write("COMMIT", 1)
        check(other, 2)
        assert live.read(registers["PARAMETER_HIGH"].offset)[:2] == (0xFFFFFFFD, OKAY)
        for name, word in (("PARAMETER_GAIN", 0), ("PARAMETER_GAIN", 10), ("PARAMETER_LOW", 256),
                           ("PARAMETER_HIGH", 1021), ("DESIGN", 1)):
            assert live.write(registers[name].offset, word)[0] == SLVERR

        # Another kernel and another size, of all stages.
        tables = other.to_dict()["stage"]
        kernel = [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]
        tables[0] |= {"kernel": kernel, "shift": 0, "border": "reflect101"}
        small = other.replace(stages=tables, width=17, height=11)
        for index, tap in enumerate(np.ravel(kernel)):
            write("STAGE_SMOOTH_COEFFICIENT", int(tap), index)
        write("STAGE_SMOOTH_SCALE", 1 << 8)
        write("STAGE_SMOOTH_BORDER", 0x03030303)
        write("SIZE", small.height << 16 | small.width)
        write("COMMIT", 1)
        check(small, 2)
        assert live.read(registers["FRAMES"].offset)[:2] == (7, OKAY)


def test_frames_that_miss_edges_are_counted() -> None:
    pipeline = Pipeline([{"expr": "min(input, 2)"}, {"hysteresis": 2}], width=20, height=15,
                        pixel="u2", control="axi4-lite")
    frames = [noise(15, 20, 0.35, seed) for seed in range(6)]
    missing = sum(not line_hysteresis(frame, 2)[1] for frame in frames)
    assert 0 < missing < 6
    with Live(pipeline) as live:
        live.reset()
        out = live.send(pack_frames(live.input, frames)).beats
        out = np.concatenate([out, live.quiet().beats])
        np.testing.assert_array_equal(
            out, pack_frames(live.output, [pipeline.compute(frame) for frame in frames]))
        assert live.read(live.registers["INCOMPLETE_FRAMES"].offset)[:2] == (missing, OKAY)
        assert live.read(live.registers["EVENTS"].offset)[0] == 1 << 5 | 1 << 8
