"""The registers of a pipeline, through its Verilog: each frame is what was committed before it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from live_bench import Live, pack_frames

from windrow.model.pipeline import Pipeline


OKAY, SLVERR = 0, 2
PIPELINE = Pipeline(
    [{"name": "smooth", "kernel": "gaussian:ksize=3", "coefficients": "runtime"},
     {"name": "peak", "dilate": 3},
     {"name": "edges", "canny": ["low", "high"], "edges": "classes"},
     {"expr": "where(peak - smooth > low, 255 * (input[1, 0] > high), smooth // gain) + edges"}],
    width=24, height=16, control="axi4-lite", parameters={
        "low": 20, "high": {"value": 90, "range": [-5, 1020]},
        "gain": {"value": 2, "range": [1, 9]}})


@pytest.mark.parametrize("stall", [0.0, 0.3])
def test_what_is_committed_is_what_the_next_frame_has(stall: float, tmp_path: Path) -> None:
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
