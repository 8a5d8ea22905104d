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
     {"name": "tone", "lut": [0, 40, 80, 160], "entries": "runtime", "output": "u8"},
     {"expr": "where(peak - smooth > low, 255 * (input[1, 0] > high), smooth // gain) + tone",
      "border": "constant", "border_value": "low"}],
    width=24, height=16, control="axi4-lite", parameters={
        "low": 20, "high": {"value": 90, "range": [-5, 1020]},
        "gain": {"value": 2, "range": [1, 9]}})


@pytest.fixture(scope="module")
def core() -> Live:
    return Live(PIPELINE)


def with_table(entries: np.ndarray) -> Pipeline:
    """The pipeline with another table."""
    stages = PIPELINE.to_dict()["stage"]
    next(stage for stage in stages if stage["name"] == "tone")["lut"] = entries.tolist()
    return PIPELINE.replace(stages=stages)


def test_tables(core: Live) -> None:
    """Each frame has the table of its commit, whatever is written while two are on their way."""
    rng = np.random.default_rng(3)
    with core as live:
        live.reset()
        table, count = live.registers["STAGE_TONE_TABLE"], live.registers["STAGE_TONE_TABLE_COUNT"]

        def write_word(offset: int, word: int) -> None:
            answer, outcome = live.write(offset, word)
            assert answer == OKAY
            beats.append(outcome.beats)

        def write(entries: np.ndarray, first: bool = False) -> None:
            live.traffic(0, 0.9999)  # all frames stay where they are
            for number, entry in enumerate(entries.tolist()):
                write_word(table.offset, entry | (first and number == 0) << 31)

        def commit() -> None:
            write_word(live.registers["COMMIT"].offset, 1)

        images, wanted, beats = rng.integers(0, 256, (40, 16, 24)) // 32 * 32, [], []
        rest = pack_frames(live.input, [])  # of the frame that has begun
        for number, image in enumerate(images):
            tables = rng.integers(0, 256, (3, 4))
            if number % 4 == 1:  # is replaced before a frame takes it
                write(tables[1], first=True)
                commit()
                committed = tables[1]
            if number % 3 == 1:  # is begun and given up
                write(tables[2][:3])
            write(tables[0], first=True)
            word, _, outcome = live.read(count.offset)
            beats.append(outcome.beats)
            assert word == 4
            write_word(table.offset, 7)  # there is no fifth entry
            if number % 5 != 2:
                commit()
                committed = tables[0]
            if number % 7 == 3:  # comes too late for this frame
                write(tables[2][:2 + number % 3])
            live.traffic(0, rng.choice([0, 0.5]))
            wanted.append(with_table(committed))
            sent = pack_frames(live.input, [image])
            beats.append(live.send(np.concatenate([rest, sent[:30]])).beats)
            rest = sent[30:]
        beats += [live.send(rest).beats, live.quiet().beats]
        np.testing.assert_array_equal(np.concatenate(beats), pack_frames(
            live.output, [each.compute(image) for each, image in zip(wanted, images, strict=True)]))
        assert live.write(table.offset, 256)[0] == SLVERR
        assert live.write(count.offset, 0)[0] == SLVERR
        live.reset()
        out = np.concatenate([live.send(pack_frames(live.input, [images[0]])).beats,
                              live.quiet().beats])
        np.testing.assert_array_equal(out, pack_frames(
            live.output, [PIPELINE.compute(images[0])]))


@pytest.mark.parametrize("stall", [pytest.param(0.0, marks=pytest.mark.slow), 0.3])
def test_what_is_committed_is_what_the_next_frame_has(core: Live, stall: float) -> None:
    rng = np.random.default_rng(1)
    with core as live:
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
