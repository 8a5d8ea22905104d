"""The rules for malformed streams, case by case. A frame is 3 pixels wide and 2 high."""

import random

import numpy as np
import pytest

from windrow.model import Filter
from windrow.model.framing import Beat, Framer, frames_of


def beats(text: str) -> list[Beat]:
    """One beat a digit, its sample; ``<`` before it is ``first``, ``>`` behind it ``last``."""
    found: list[Beat] = []
    first = False
    for character in text.replace(" ", ""):
        if character == ">":
            found[-1] = Beat(found[-1].samples, found[-1].first, True)
        elif character == "<":
            first = True
        else:
            found.append(Beat([int(character)], first))
            first = False
    return found


GOOD = "<123> 456>"
OK = "123456"


@pytest.mark.parametrize(("text", "frames", "events", "unfinished"), [
    (GOOD, [OK], ["frame"], False),
    (GOOD * 2, [OK] * 2, ["frame"] * 2, False),
    ("", [], [], False),
    # Between frames.
    ("7" + GOOD, [OK], ["stray", "frame"], False),
    ("77>7>77" + GOOD, [OK], ["stray", "frame"], False),
    (GOOD + "7" + GOOD + "7>", [OK] * 2, ["frame", "stray"] * 2, False),
    # Lines that are too short.
    ("<1> 456>", ["100456"], ["frame", "short_line"], False),
    ("<12> 45>", ["120450"], ["frame", "short_line", "short_line"], False),
    ("<123> 4>" + GOOD, ["123400", OK], ["frame", "short_line", "frame"], False),
    ("<123> 4> 5> 6>", ["123400"], ["frame", "short_line", "stray"], False),
    # Lines that are too long, or do not end.
    ("<1237> 456>", [OK], ["frame", "long_line"], False),
    ("<123777> 456>", [OK], ["frame", "long_line"], False),
    ("<123 456>" + GOOD, ["123000", OK], ["frame", "long_line", "early_start", "frame"], False),
    ("<123> 4567>" + GOOD, [OK] * 2, ["frame", "long_line", "frame"], False),
    ("<123> 45677>", [OK], ["frame", "long_line"], False),
    ("<123> 4567> 8", [OK], ["frame", "long_line", "stray"], False),
    ("<123> 456" + GOOD, [OK] * 2, ["frame", "long_line", "frame"], False),
    # Frames that are cut off, and rows too many.
    ("<1", [], ["frame"], True),
    ("<123>", [], ["frame"], True),
    ("<1" + GOOD, ["100000", OK], ["frame", "early_start", "frame"], False),
    ("<123> 45" + GOOD, ["123450", OK], ["frame", "early_start", "frame"], False),
    ("<1 <1 <1", ["100000"] * 2, ["frame", *["early_start", "frame"] * 2], True),
    (GOOD + "789> 789>" + GOOD, [OK] * 2, ["frame", "stray", "frame"], False),
    # A start that is an end as well.
    ("<1> <2>", ["100000"], ["frame", "short_line", "early_start", "frame", "short_line"], True),
])
def test_rule(text: str, frames: list[str], events: list[str], unfinished: bool) -> None:
    framer = frames_of(Filter(kernel=[[1]], width=3, height=2), beats(text))
    assert ["".join(map(str, frame.ravel())) for frame in framer.frames] == frames
    assert framer.events == events
    assert framer.unfinished == unfinished


@pytest.mark.parametrize("text", ["<7 8 9>" + GOOD, "7" + GOOD])
def test_discarded(text: str) -> None:
    framer = Framer(3, 2, discards=True)
    for beat in beats(text):
        framer.take(beat)
    framer.discards = False
    # The rest of what was discarded is no stray either.
    for beat in beats("8 9>" + GOOD + "7"):
        framer.take(beat)
    assert len(framer.frames) == 1
    assert framer.events == ["frame", "stray"]


def test_discarding_is_of_no_account_inside_a_frame() -> None:
    framer = Framer(3, 2)
    for text, discards in (("<1 2 3", False), ("9 9>", True), ("4 5 6>7", False)):
        framer.discards = discards
        for beat in beats(text):
            framer.take(beat)
    assert framer.events == ["frame", "long_line", "stray"]
    assert framer.frames[0].ravel().tolist() == [1, 2, 3, 4, 5, 6]


def test_several_pixels_in_a_beat() -> None:
    framer = Framer(width=3, height=2, pixels_per_clock=2, channels=2)
    framer.take(Beat([1, 2, 3, 4], first=True, last=True))
    framer.take(Beat([5, 6, 7, 8]))
    framer.take(Beat([1, 2, 9, 9], last=True))
    assert framer.events == ["frame", "short_line"]
    assert framer.frames[0].tolist() == [[[1, 2], [3, 4], [0, 0]], [[5, 6], [7, 8], [1, 2]]]


def test_a_line_of_one_beat() -> None:
    framer = Framer(width=1, height=2)
    for beat in beats("<1 7> 2 7 <3> 4>"):
        framer.take(beat)
    assert [frame.ravel().tolist() for frame in framer.frames] == [[1, 2], [3, 4]]
    assert framer.events == ["frame", "long_line", "long_line", "frame"]


def test_every_start_begins_a_frame_and_every_frame_is_whole() -> None:
    rng = random.Random(4)
    for _ in range(200):
        framer = Framer(rng.randint(1, 4), rng.randint(1, 3))
        stream = [Beat([rng.randint(1, 9)], rng.random() < 0.2, rng.random() < 0.4)
                  for _ in range(40)]
        for beat in stream:
            framer.take(beat)
        starts = sum(beat.first for beat in stream)
        assert framer.events.count("frame") == starts == len(framer.frames) + framer.unfinished
        for frame in framer.frames:
            assert np.shape(frame) == (framer.height, framer.width, 1)
