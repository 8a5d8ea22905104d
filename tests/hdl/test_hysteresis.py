"""Whole frames of classes through the hysteresis, against the model."""

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from amaranth import *
from exact import assert_same
from hysteresis_bench import run
from mazes import MAZES, noise
from strategies import seeds

from windrow.hdl.devices import DEVICES
from windrow.hdl.hysteresis import Hysteresis, WordLayout
from windrow.hdl.hysteresis.keeping import WholeFrame
from windrow.hdl.window.line_memory import LineMemory
from windrow.model.hysteresis import hysteresis, line_hysteresis


def check(core: Hysteresis, frames: list[np.ndarray], **stalls: float) -> int:
    made, cycles = run(core, frames, **stalls)
    for number, frame in enumerate(frames):
        assert_same(made[number], hysteresis(frame) * 255, f"frame {number}")
    return cycles


@pytest.mark.parametrize("maze", MAZES)
def test_mazes(maze: str) -> None:
    check(Hysteresis(40, 9), [MAZES[maze](9, 40)])


@pytest.mark.parametrize("lanes", [1, 2])
def test_lines_that_meet_the_next_word_at_a_corner(lanes: int) -> None:
    """From each of its four corners, and nowhere else."""
    core = Hysteresis(40, 9, lanes)
    pixels, frames = core.layout.pixels, []
    assert core.layout.row_words == 3
    for end in (0, -1):
        for slope in (1, -1):
            frame = np.zeros((9, 40), np.uint8)
            for left, begin in ((0, 2), (pixels, 5)):  # where a line crosses to the next word
                columns = [left + pixels - (slope > 0) + slope * (row - begin) for row in range(9)]
                line = [(row, at) for row, at in enumerate(columns) if left <= at < 40]
                for row, column in line:
                    frame[row, column] = 1
                frame[line[end]] = 2
            frames.append(frame)
    check(core, frames)


@pytest.mark.parametrize("width, height, lanes", [
    (1, 1, 1), (1, 9, 1), (60, 1, 1), (18, 3, 1), (36, 4, 2), (37, 3, 4)])
def test_sizes(width: int, height: int, lanes: int) -> None:
    """Of one pixel, and where a row would end with a word."""
    check(Hysteresis(width, height, lanes),
          [noise(height, width, 0.6, seed) for seed in range(3)])


@pytest.mark.parametrize("seed", seeds(4, 100))
def test_frames_back_to_back_with_stalls(seed: int) -> None:
    """The shortest queue overflows: the scan starts again."""
    rng = random.Random(seed)
    width, height, lanes = rng.randint(1, 50), rng.randint(1, 9), rng.choice([1, 1, 2, 4, 8])
    frames = [noise(height, width, rng.choice([0.3, 0.45, 0.8, 1]), seed + number)
              for number in range(3)]
    check(Hysteresis(width, height, lanes, queue_depth=rng.choice([8, 512])), frames,
          stall_in=rng.choice([0, 0.4]), stall_out=rng.choice([0, 0.4]), seed=seed)


@pytest.mark.parametrize("seed", seeds(6, 300))
def test_the_last_lines_of_a_frame(seed: int) -> None:
    """Exactly what the model makes of so many lines; what is not complete is told, and no other."""
    rng = random.Random(seed)
    width, height, lanes = rng.randint(1, 50), rng.randint(1, 20), rng.choice([1, 1, 2, 4, 8])
    lines = rng.choice([1, 2, 3, 5, 8])
    frames = [noise(height, width, rng.choice([0.2, 0.3, 0.4, 0.6, 1]), seed + number)
              for number in range(4)]
    told: list[int] = []
    core = Hysteresis(width, height, lanes, queue_depth=rng.choice([8, 512]), lines=lines)
    made, _ = run(core, frames, stall_in=rng.choice([0, 0.4]), stall_out=rng.choice([0, 0.4]),
                  seed=seed, incomplete=told)
    for number, frame in enumerate(frames):
        edges, complete = line_hysteresis(frame, lines)
        assert_same(made[number], edges * 255, f"frame {number}")
        assert complete == (number not in told) == np.array_equal(edges, hysteresis(frame))
    assert len(set(told)) == len(told)


@pytest.mark.parametrize("width, height, lanes", [(60, 12, 1), (40, 9, 2)])
def test_a_scan_begins_again_where_the_queue_is_full(width: int, height: int, lanes: int) -> None:
    """A weak frame around one strong pixel: more words change at once than the queue holds."""
    for lines in (1, 3, 5):
        frames = []
        for row, column in ((0, 0), (height - 1, width // 2), (height // 2, width - 1)):
            frame = np.ones((height, width), np.uint8)
            frame[row, column] = 2
            frames.append(frame)
        told: list[int] = []
        made, _ = run(Hysteresis(width, height, lanes, queue_depth=4, lines=lines), frames,
                      incomplete=told)
        for number, frame in enumerate(frames):
            edges, complete = line_hysteresis(frame, lines)
            assert_same(made[number], edges * 255, f"lines {lines}, frame {number}")
            assert complete == (number not in told)


@pytest.mark.parametrize("width, lines, rows", [
    (640, 8, 17), (640, 1, 4), (64, 3, 6), (700, 5, 10)])
def test_bits_of_some_lines(width: int, lines: int, rows: int) -> None:
    """So many rows of words and some more, in a memory of a power of two."""
    core = Hysteresis(width, 200, lines=lines)
    words = core.layout.row_words * rows + 8
    assert core.bits == 2 * core.layout.pixels * (1 << (words - 1).bit_length())


@pytest.mark.parametrize("height, bits", [(7, 5), (8, 6), (18, 6), (19, 7)])
def test_addresses_of_a_frame(height: int, bits: int) -> None:
    """Of its words, three a row, and two rows more: of the next frame, which comes in meanwhile."""
    keeping = WholeFrame(WordLayout(40, height, 1))
    assert keeping.address == unsigned(bits)
    assert keeping.depth == 3 * height


def test_a_frame_of_more_words_than_there_are_addresses() -> None:
    frame, told = noise(90, 4, 0.5, 1), []
    core = Hysteresis(4, 90, lines=1)
    made, _ = run(core, [frame, frame], incomplete=told)
    edges, complete = line_hysteresis(frame, 1)
    assert_same(made[0], edges * 255)
    assert_same(made[1], edges * 255)
    assert told == ([] if complete else [0, 1])


@pytest.mark.parametrize("maze", MAZES)
def test_mazes_in_a_few_lines(maze: str) -> None:
    frame, told = MAZES[maze](12, 40), []
    made, _ = run(Hysteresis(40, 12, lines=3), [frame], incomplete=told)
    edges, complete = line_hysteresis(frame, 3)
    assert_same(made[0], edges * 255, maze)
    assert told == ([] if complete else [0])


def test_what_is_linked_while_it_comes_takes_no_time() -> None:
    """Frames of short edges: all but what is in flight is done when a frame's last beat has come.
    """
    rng = np.random.default_rng(1)
    frames = [(rng.random((9, 50)) < 0.05) * np.uint8(2) for _ in range(3)]
    cycles = check(Hysteresis(50, 9), frames)
    assert cycles <= 4 * 50 * 9 + 3 * 100


class Noisy(LineMemory):
    """A memory as ECP5's: what is read while it is written is anything."""

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.memory = inner = LineMemory(self._shape, self._depth)
        noise, wrong = Signal(len(self.read_data), init=0x5A3C9), Signal(len(self.read_data))
        with m.If(self.write_enable & (self.write_address == self.read_address)):
            m.d.sync += wrong.eq(noise | 1)
        with m.Else():
            m.d.sync += wrong.eq(0)
        later = Signal.like(wrong)
        m.d.sync += [noise.eq(noise * 5 + 12345), later.eq(wrong)]
        for name in ("read_enable", "read_address", "write_enable", "write_address", "write_data"):
            m.d.comb += getattr(inner, name).eq(getattr(self, name))
        m.d.comb += self.read_data.eq(inner.read_data ^ later)
        return m


@pytest.mark.parametrize("maze, lines", [("noise", None), ("zigzag", None), ("noise", 3)])
def test_no_word_matters_that_is_read_while_it_is_written(
    maze: str, lines: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(DEVICES, "generic", replace(DEVICES["generic"], memory=Noisy))
    frame, told = MAZES[maze](16, 50), []
    made, _ = run(Hysteresis(50, 16, lines=lines), [frame] * 3, incomplete=told if lines else None)
    wanted = line_hysteresis(frame, lines)[0] if lines else hysteresis(frame)
    for each in made:
        assert_same(each, wanted * 255)


@pytest.mark.parametrize("width, lanes, pixels, words", [
    (640, 1, 18, 36), (640, 2, 18, 36), (1280, 4, 36, 36), (720, 1, 17, 43), (18, 1, 17, 2),
    (5, 8, 72, 1), (10080, 4, 44, 230)])
def test_words(width: int, lanes: int, pixels: int, words: int) -> None:
    layout = WordLayout(width, 10, lanes)
    assert (layout.pixels, layout.row_words) == (pixels, words)
    assert layout.row_words * pixels > width
