"""What random pipelines take: a cycle, a line or a beat too much is memory that is not needed."""

import random

import pytest
from test_parts import random_parts as random_meetings
from test_pipeline_core import random_parts, random_pipeline

from windrow.hdl import PipelineCore
from windrow.model.pipeline import Pipeline


Sizes = tuple[int, int, int, int, int]

FILTERS: dict[int, Sizes] = {
    0: (8, 72, 0, 0, 3), 1: (16, 54, 1, 0, 3), 2: (115, 154, 18, 0, 3), 3: (15, 88, 0, 0, 3),
    4: (36, 48, 4, 0, 3), 5: (27, 72, 4, 0, 3), 6: (12, 84, 2, 0, 3), 7: (54, 54, 7, 0, 3),
    8: (91, 96, 8, 0, 3), 9: (60, 72, 5, 0, 3), 10: (45, 48, 4, 0, 3), 11: (55, 48, 9, 0, 4),
    12: (41, 88, 3, 0, 3), 13: (11, 78, 1, 0, 3), 14: (8, 72, 0, 0, 3), 15: (36, 88, 2, 0, 3),
    16: (33, 88, 1, 0, 3), 17: (19, 78, 2, 0, 3), 18: (32, 60, 3, 0, 3), 19: (56, 72, 9, 0, 3),
    20: (22, 88, 2, 0, 3), 21: (17, 72, 0, 0, 3), 22: (36, 54, 4, 0, 3), 23: (90, 64, 19, 0, 4),
    24: (20, 72, 1, 0, 3), 25: (50, 66, 5, 0, 3), 26: (23, 66, 2, 0, 3), 27: (76, 72, 9, 0, 4),
    28: (28, 99, 1, 0, 3), 29: (8, 81, 0, 0, 3),
}
PARTS: dict[int, Sizes] = {
    0: (39, 136, 2, 0, 3), 1: (28, 66, 2, 0, 3), 2: (12, 294, 0, 0, 3), 3: (79, 96, 3, 0, 3),
    4: (17, 60, 0, 0, 3), 5: (12, 192, 0, 0, 3), 6: (46, 152, 2, 0, 3), 7: (13, 80, 0, 0, 3),
    8: (43, 168, 2, 0, 3), 9: (27, 132, 2, 0, 3), 10: (153, 240, 2, 0, 3), 11: (61, 140, 3, 0, 3),
    12: (94, 156, 0, 0, 3), 13: (53, 114, 2, 0, 3), 14: (98, 272, 1, 0, 3), 15: (13, 260, 0, 0, 3),
    16: (23, 380, 1, 0, 3), 17: (91, 288, 2, 0, 3), 18: (15, 84, 0, 0, 3), 19: (43, 392, 0, 0, 3),
    20: (35, 96, 2, 0, 3), 21: (17, 336, 0, 0, 3), 22: (84, 253, 2, 0, 3), 23: (30, 144, 2, 0, 3),
}
MEETINGS: dict[int, Sizes] = {
    0: (118, 576, 3, 84, 12), 1: (81, 450, 5, 98, 10), 2: (34, 143, 2, 56, 5),
    3: (49, 54, 3, 55, 16), 4: (42, 1080, 4, 78, 7), 5: (72, 154, 3, 77, 9),
    6: (34, 108, 2, 82, 11), 7: (56, 162, 7, 93, 13), 8: (56, 63, 6, 77, 7),
    9: (126, 128, 7, 67, 10), 10: (30, 48, 4, 51, 9), 11: (51, 2448, 2, 102, 5),
    12: (52, 96, 2, 79, 15), 13: (83, 130, 2, 51, 13), 14: (57, 374, 2, 116, 6),
    15: (140, 990, 3, 76, 6), 16: (155, 960, 2, 163, 6), 17: (42, 180, 2, 56, 5),
    18: (53, 168, 3, 77, 14), 19: (167, 880, 6, 77, 6), 20: (85, 360, 2, 116, 9),
    21: (65, 209, 4, 90, 6), 22: (65, 72, 6, 88, 8), 23: (58, 144, 2, 87, 11),
}
"""By seed: latency, cycles of a frame, lines that are kept, beats that wait behind ends, and frames
that may have started."""

ANY_SIZE: dict[int, Sizes] = {
    101: (18, 2, 3, 6, 4), 102: (8, 0, 3, 3, 3), 103: (44, 5, 4, 6, 4), 104: (28, 2, 4, 3, 3),
    105: (69, 6, 5, 11, 4), 107: (34, 1, 5, 4, 2), 110: (29, 3, 4, 3, 4), 112: (8, 0, 3, 3, 3),
    113: (12, 0, 3, 9, 2), 114: (30, 4, 4, 5, 3), 115: (14, 0, 4, 3, 2), 116: (55, 9, 4, 3, 5),
    117: (60, 4, 5, 3, 3), 118: (85, 6, 7, 12, 3), 119: (70, 5, 5, 4, 4), 120: (26, 2, 4, 3, 3),
    121: (15, 2, 3, 10, 3), 122: (11, 2, 3, 4, 3), 123: (17, 0, 4, 3, 2), 124: (79, 8, 6, 3, 3),
    125: (13, 1, 3, 3, 3), 127: (34, 4, 3, 5, 5), 128: (8, 0, 3, 3, 3), 129: (97, 11, 7, 4, 3),
    130: (16, 0, 4, 6, 2), 133: (100, 7, 6, 5, 3), 135: (69, 6, 6, 4, 3), 137: (41, 4, 4, 6, 4),
    138: (53, 5, 5, 3, 3), 139: (32, 1, 5, 3, 2),
}
"""By seed, of some that have a register port and any size up to a larger one: latency, lines,
frames that may have started, and width and height of the smallest frame."""


def sizes(pipeline: Pipeline) -> Sizes:
    """What a pipeline takes, as in the tables."""
    core = PipelineCore(pipeline)
    return (core.latency, core.cycles_per_frame, sum(core.lines.values()),
            sum(way.waiting for way in core.ways), core._most_frames)


def any_size(seed: int) -> Sizes:
    """What a pipeline of any size takes, as in the last table."""
    pipeline = random_pipeline(random.Random(seed))
    core = PipelineCore(pipeline.replace(
        control="axi4-lite", max_width=pipeline.width + 9, max_height=pipeline.height + 6))
    return core.latency, sum(core.lines.values()), core._most_frames, *core.least_size


@pytest.mark.parametrize("seed", FILTERS)
def test_filters_and_formulas(seed: int) -> None:
    assert sizes(random_pipeline(random.Random(seed))) == FILTERS[seed]


@pytest.mark.parametrize("seed", PARTS)
def test_parts_of_frames(seed: int) -> None:
    assert sizes(random_parts(random.Random(seed))) == PARTS[seed]


@pytest.mark.parametrize("seed", MEETINGS)
def test_parts_that_meet(seed: int) -> None:
    assert sizes(random_meetings(random.Random(seed))) == MEETINGS[seed]


@pytest.mark.parametrize("seed", ANY_SIZE)
def test_filters_and_formulas_of_any_size(seed: int) -> None:
    assert any_size(seed) == ANY_SIZE[seed]
