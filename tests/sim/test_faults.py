"""Malformed streams into the compiled core: each fault at each beat, alone and in pairs.

Every frame with faults is followed by a good one. What comes out is held against the frames that
the rules of :mod:`windrow.model.framing` make of the stream; the good frame also against its own
golden model, with no rule in between.
"""

import itertools
import random
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from faults import FAULTS, Frame, Stream
from live_bench import PAUSE, Live, pack_beats, pack_frames

from windrow.model import Filter
from windrow.model.framing import frames_of
from windrow.sim import MissingTool
from windrow.sim.verilator import Verilator


try:
    Verilator().require()
except MissingTool as missing:
    pytest.skip(str(missing), allow_module_level=True)

SHAPES: dict[str, dict[str, Any]] = {
    "3x3": {"kernel": [[1, 2, 1], [2, 4, 2], [1, 2, 1]], "width": 7, "height": 4, "shift": 4},
    "5x5": {"kernel": np.arange(25).reshape(5, 5) - 9, "width": 6, "height": 5, "shift": 3,
            "border": "reflect101", "output": "s12"},
    "2x4": {"kernel": [[1, -2, 3, 5], [2, 7, -9, 4]], "width": 9, "height": 3, "output": "s16",
            "border": "symmetric"},
    "valid": {"kernel": [[1, 2, 1], [2, -7, 2], [1, 2, 1]], "width": 8, "height": 4,
              "padding": "valid", "output": "s16"},
    "full": {"kernel": [[1, 2, 1], [0, 3, 0], [1, 1, 5]], "width": 6, "height": 3,
             "padding": "full", "border": "constant", "border_value": 7, "output": "u16"},
    "two pixels a clock": {"kernel": [[1, 2, 3]] * 3, "width": 13, "height": 3, "output": "u16",
                           "pixels_per_clock": 2},
    "four pixels a clock": {"kernel": [[1, 2, 3, 2, 1]] * 2, "width": 26, "height": 3,
                            "output": "u16", "pixels_per_clock": 4, "border": "reflect101"},
    "three clocks a pixel": {"kernel": [[1, -22, 3], [5, 17, -9], [4, 33, 12]], "width": 6,
                             "height": 4, "clocks_per_pixel": 3, "output": "s16"},
    "three channels": {"kernel": [[1, 2, 1], [2, 4, 2], [1, 2, 1]], "width": 6, "height": 4,
                       "channels": 3, "shift": 4},
    "short lines": {"kernel": [[1, 2], [3, 4]], "width": 3, "height": 4, "output": "u12"},
    "mean": {"kernel": [[1] * 3] * 3, "width": 7, "height": 4, "output": "u12"},
}
STRATEGIES = {"mean": "running-sum", "three clocks a pixel": "time-folded"}

STALLS = [(0.0, 0.0), (0.3, 0.3), (0.0, 0.7), (0.6, 0.1)]
"""Of the source and of the sink."""


def inject(live: Live, cases: Sequence[Callable[[Stream], Frame]], seed: int) -> None:
    """Send each case and a good frame after it, a few hundred at a time under the same stalls."""
    filter = live.filter
    rng = random.Random(seed)
    stream = Stream(filter, rng)
    live.reset(seed=seed)
    for begin in range(0, len(cases), 200):
        beats: Frame = []
        goods: list[tuple[int, np.ndarray]] = []
        starts: list[int] = []  # each case's first beat
        for case in cases[begin : begin + 200]:
            starts.append(len(beats))
            beats += case(stream)
            good = stream.good()
            goods.append((len(beats), stream.image(good)))
            beats += good
        packed = pack_beats(live.input, beats)
        # Sometimes so long a pause before a case, in it or after it that the core runs empty.
        pauses = rng.choice([0, 0.02, 0.1])
        packed[np.array([rng.random() < pauses for _ in beats]), 0] |= PAUSE
        for start in starts:
            if rng.random() < 0.3:
                packed[start, 0] |= PAUSE
        live.traffic(*rng.choice(STALLS))
        got = live.send(packed)
        rest = live.quiet()
        events, output = got.events + rest.events, np.concatenate([got.beats, rest.beats])

        framer = frames_of(filter, beats)
        assert not framer.unfinished
        for number, (happened, due) in enumerate(itertools.zip_longest(events, framer.events)):
            assert happened == due, f"event {number}; seed {seed}, from case {begin}"
        wanted = pack_frames(live.output, [filter.compute(frame) for frame in framer.frames])
        if not np.array_equal(output, wanted):
            size = live.output.beats_per_frame
            count = min(len(output), len(wanted))
            differing = np.flatnonzero((output[:count] != wanted[:count]).any(axis=1))
            beat = int(differing[0]) if len(differing) else count
            pytest.fail(f"output frame {beat // size}, beat {beat % size} differs; "
                        f"{len(output)} beats of {len(wanted)}; seed {seed}, from case {begin}")
        # By themselves: the good frames are where they started, whatever the rules say.
        numbers = np.cumsum([beat.first for beat in beats]) - 1
        shape = (-1, *wanted.shape[1:])
        for at, image in goods:
            place = int(numbers[at]) * live.output.beats_per_frame
            alone = pack_frames(live.output, [filter.compute(image)])
            assert np.array_equal(output[place : place + len(alone)], alone.reshape(shape)), (
                f"the good frame at beat {at} is not exact; seed {seed}, from case {begin}")


def singles(filter: Filter) -> list[Callable[[Stream], Frame]]:
    """Each fault at each beat."""
    count = Stream(filter, random.Random()).count
    return [lambda stream, fault=fault, at=at: fault(stream, stream.good(), at)
            for fault in FAULTS.values() for at in range(count)]


def pairs(count: int, rng: random.Random) -> list[Callable[[Stream], Frame]]:
    """Two random faults at random beats of a frame, where the first has left any."""
    def pair(stream: Stream) -> Frame:
        frame = stream.good()
        for _ in range(2):
            if frame:
                fault = FAULTS[rng.choice(list(FAULTS))]
                frame = fault(stream, frame, rng.randrange(min(len(frame), stream.count)))
        return frame

    return [pair] * count


@pytest.mark.thinned(2)
@pytest.mark.parametrize("name", SHAPES)
def test_each_fault_at_each_beat(name: str) -> None:
    filter = Filter(**SHAPES[name])
    seed = zlib.crc32(name.encode())
    cases = singles(filter) + pairs(100, random.Random(seed))
    with Live(filter, STRATEGIES.get(name, "auto")) as live:
        inject(live, cases, seed)


@pytest.mark.slow
@pytest.mark.parametrize("name", SHAPES)
def test_pairs_of_faults(name: str) -> None:
    """At least 20 000 faults, over all shapes."""
    filter = Filter(**SHAPES[name])
    count = -(-10_000 // len(SHAPES))
    with Live(filter, STRATEGIES.get(name, "auto")) as live:
        inject(live, pairs(count, random.Random(2)), seed=2)
