"""A stream on the screen: locked, starved, torn, and locked again, with sync going on."""

import random
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from amaranth.sim import Simulator
from beam_recorder import BeamRecorder
from pixel_bench import Beat, beats, random_frames, send
from small_timings import ODD, SMALL, SMALLEST, TINY

from windrow.boards.video.display import Display
from windrow.boards.video.monitor import frames
from windrow.boards.video.timing import Timing


BLANK = 0x123456


class Shown:
    """What a display made of a source."""

    def __init__(self, dut: Display, timing: Timing, source: Callable, count: int,
                 stretch: int = 0, also: Callable | None = None) -> None:
        self.underruns = self.misplaced = self.frames = 0
        self.locked: list[int] = []
        recorder = BeamRecorder(dut.o)

        async def events(ctx):
            async for _, _, underrun, misplaced, frame, locked in ctx.tick().sample(
                    dut.underrun, dut.misplaced, dut.frame, dut.locked):
                self.underruns += underrun
                self.misplaced += misplaced
                self.frames += frame
                self.locked.append(locked)

        async def clock(ctx):
            await ctx.tick().repeat(count * (timing.total + stretch * timing.horizontal.total))

        sim = Simulator(dut)
        sim.add_clock(1e-8)
        sim.add_testbench(recorder.record, background=True)
        sim.add_testbench(events, background=True)
        sim.add_testbench(source, background=True)
        if also is not None:
            sim.add_testbench(also, background=True)
        sim.add_testbench(clock)
        sim.run()
        self.pictures = frames(recorder.signal(), timing, stretch=stretch)


def blank(timing: Timing) -> np.ndarray:
    return np.full((timing.height, timing.width, 3), [BLANK >> 16, BLANK >> 8 & 255, BLANK & 255])


def show(timing: Timing, made: Sequence[Beat], count: int, *, stall: float = 0.0,
         depth: int = 32) -> Shown:
    dut = Display(timing, depth=depth, blank=BLANK)

    async def source(ctx):
        await send(ctx, dut.i, made, stall)

    return Shown(dut, timing, source, count)


@pytest.mark.parametrize("timing", [SMALL, SMALLEST, ODD], ids=str)
@pytest.mark.parametrize("depth", [4, 7, 64])
def test_frames_are_shown_in_order(timing: Timing, depth: int) -> None:
    sent = random_frames(timing.height, timing.width, 5)
    shown = show(timing, beats(sent), 5, depth=depth)
    assert len(shown.pictures) == 5
    assert (np.stack(shown.pictures) == sent).all()
    assert (shown.underruns, shown.misplaced, shown.frames) == (0, 0, 5)


def test_a_source_with_pauses_that_the_queue_bridges() -> None:
    sent = random_frames(SMALL.height, SMALL.width, 5)
    shown = show(SMALL, beats(sent), 5, stall=0.4)
    assert (np.stack(shown.pictures) == sent).all()
    assert shown.underruns == 0


def test_without_a_source_the_screen_is_blank() -> None:
    shown = show(ODD, [], 3)
    assert all((picture == blank(ODD)).all() for picture in shown.pictures)
    assert (len(shown.pictures), shown.underruns, shown.frames) == (3, 0, 3)
    assert not any(shown.locked)


def test_a_stream_that_begins_in_mid_frame() -> None:
    sent = random_frames(SMALL.height, SMALL.width, 4)
    shown = show(SMALL, beats(sent)[5:], 4)
    assert (np.stack(shown.pictures)[:3] == sent[1:]).all()
    assert (shown.pictures[3] == blank(SMALL)).all() or shown.underruns


def test_an_underrun_blanks_the_rest_and_the_next_frame_is_whole() -> None:
    sent = random_frames(SMALL.height, SMALL.width, 4)
    made = beats(sent)
    dut = Display(SMALL, depth=4, blank=BLANK)
    pause = SMALL.width + 5  # beats before the pause

    async def source(ctx):
        await send(ctx, dut.i, made[:pause])
        await ctx.tick().repeat(SMALL.horizontal.total)
        await send(ctx, dut.i, made[pause:])

    shown = Shown(dut, SMALL, source, 5)
    assert (shown.underruns, shown.misplaced) == (2, 0), "the pause, and the end"
    first = shown.pictures[0].reshape(-1, 3)
    assert (first[:pause] == sent[0].reshape(-1, 3)[:pause]).all()
    assert (first[pause:] == blank(SMALL).reshape(-1, 3)[pause:]).all()
    assert (np.stack(shown.pictures[1:4]) == sent[1:]).all()


def faults(made: list[Beat], width: int, at: int) -> dict[str, list[Beat]]:
    """Each way in which frames can be malformed, at a beat of the second one."""
    samples, first, last = made[at]
    return {
        "beat lost": made[:at] + made[at + 1 :],
        "beat doubled": [*made[: at + 1], (samples, 0, last), *made[at + 1 :]],
        "line's end lost": [*made[: at], (samples, first, 0), *made[at + 1 :]],
        "line's end too many": [*made[: at], (samples, first, 1), *made[at + 1 :]],
        "frame's start lost": [*made[: at], (samples, 0, last), *made[at + 1 :]],
        "frame's start too many": [*made[: at], (samples, 1, last), *made[at + 1 :]],
        "line lost": made[: at - at % width] + made[at - at % width + width :],
    }


@pytest.mark.parametrize("kind", faults([([0, 0, 0], 1, 1)] * 3, 1, 1))
def test_a_malformed_frame_costs_no_more_than_itself(kind: str) -> None:
    """At every position: the frame before is whole, and so is one behind it, in good time."""
    timing = TINY
    size = timing.width * timing.height
    sent = random_frames(timing.height, timing.width, 4)
    for position in range(size):
        made = faults(beats(sent), timing.width, size + position)[kind]
        shown = show(timing, made, 6)
        pictures = [picture.tolist() for picture in shown.pictures]
        harmless = made == beats(sent)
        assert pictures[0] == sent[0].tolist()
        wanted = sent[2:].tolist()
        start = pictures.index(wanted[0])
        assert pictures[start : start + 2] == wanted, f"position {position}"
        assert start <= 3, f"position {position}: more than a frame later than it should"
        assert (shown.misplaced + shown.underruns > 1) == (not harmless)


def test_a_single_beat_that_is_a_frame_and_a_line_does_not_block() -> None:
    sent = random_frames(SMALL.height, SMALL.width, 2)
    shown = show(SMALL, [([1, 2, 3], 1, 1), *beats(sent)], 4)
    assert [p.tolist() for p in shown.pictures[1:3]] == sent.tolist()
    assert shown.misplaced == 1


@pytest.mark.parametrize("period_lines", [10, 10.4, 11.9, 12.6])
def test_a_source_that_cannot_wait(period_lines: float) -> None:
    """Its frames come in a rhythm of its own, its lines at the screen's; the picture follows."""
    timing = SMALL
    line = timing.horizontal.total
    sent = random_frames(timing.height, timing.width, 12)
    dut = Display(timing, depth=2 * timing.width + 8, fill=2, stretch=3, blank=BLANK)
    rng = random.Random(round(10 * period_lines))
    lost = 0

    async def source(ctx):
        nonlocal lost
        cycle = 0
        for number, frame in enumerate(sent):
            made = beats([frame])
            for y in range(timing.height):
                start = round((3 + number * period_lines + y) * line) + rng.randrange(4)
                await ctx.tick().repeat(start - cycle)
                cycle = start + timing.width
                for samples, first, last in made[y * timing.width : (y + 1) * timing.width]:
                    ctx.set(dut.i.valid, 1)
                    ctx.set(dut.i.payload, {"samples": samples, "first": first, "last": last})
                    _, _, ready = await ctx.tick().sample(dut.i.ready)
                    lost += not ready
                ctx.set(dut.i.valid, 0)

    shown = Shown(dut, timing, source, 12, stretch=3)
    assert lost == 0
    assert [p.tolist() for p in shown.pictures if (p != blank(timing)).any()] == sent.tolist()
    assert sum(np.diff(shown.locked) == 1) == 1, "locked once, and for good"


@pytest.mark.parametrize("when", range(0, 2 * TINY.total, 7))
def test_the_source_says_that_it_lost_something(when: int) -> None:
    """Though its frames look whole: the one that waits, or the rest of the one that is shown."""
    sent = random_frames(TINY.height, TINY.width, 5)
    dut = Display(TINY, depth=16, blank=BLANK)

    async def source(ctx):
        await send(ctx, dut.i, beats(sent))

    async def lose(ctx):
        await ctx.tick().repeat(TINY.total + when)
        ctx.set(dut.lost, 1)
        await ctx.tick()
        ctx.set(dut.lost, 0)

    shown = Shown(dut, TINY, source, 6, also=lose)
    pictures = [picture.tolist() for picture in shown.pictures]
    hidden = [number for number in range(5) if sent[number].tolist() not in pictures]
    assert len(hidden) == 1, "one frame and no more"
    torn = [picture.reshape(-1, 3) for picture in shown.pictures
            if picture.tolist() not in sent.tolist()]
    for picture in torn[: 1 if hidden[0] else 0]:
        rest = (picture == blank(TINY).reshape(-1, 3)).all(axis=1)
        start = int(np.argmax(rest))
        assert rest[start:].all()
        assert (picture[:start] == sent[hidden[0]].reshape(-1, 3)[:start]).all()


@pytest.mark.parametrize(("keys", "message"), [
    ({"depth": 3}, "depth must be at least 4 beats, not 3"),
    ({"depth": 8, "fill": 9}, "fill must be 1 to depth, 8, not 9"),
    ({"fill": 0}, "fill must be 1 to depth, 32, not 0"),
    ({"stretch": -1}, "stretch must be a number of lines, not -1"),
])
def test_impossible_queues(keys: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Display(SMALL, **keys)
