"""Frames of a source that breaks off: each that has begun comes out whole, and holds nothing up."""

import random
from typing import Any

import pytest
from amaranth.sim import Simulator

from windrow.boards.video.whole_frames import WholeFrames


WIDTH, HEIGHT, PATIENCE = 4, 3, 20
PIXELS = WIDTH * HEIGHT

Beat = tuple[int, bool, bool]


def frame(number: int, kept: range = range(PIXELS)) -> list[Beat]:
    """Beats of a frame, or of a part of it: a value, first, last."""
    return [(16 * number + at, at == 0, at % WIDTH == WIDTH - 1) for at in kept]


def run(beats: list[Beat | int], seed: int | None = None) -> list[Beat]:
    """What comes out; numbers among the beats are pauses."""
    dut = WholeFrames(WIDTH, HEIGHT, PATIENCE)
    rng = random.Random(seed)
    out: list[Beat] = []

    async def send(ctx: Any) -> None:
        for beat in beats:
            if isinstance(beat, int):
                await ctx.tick().repeat(beat)
                continue
            while seed is not None and rng.random() < 0.3:
                await ctx.tick()
            value, first, last = beat
            ctx.set(dut.i.valid, 1)
            ctx.set(dut.i.payload, {"samples": [value, 1, 2], "first": first, "last": last})
            await ctx.tick().until(dut.i.ready)
            ctx.set(dut.i.valid, 0)
        await ctx.tick().repeat(PATIENCE + 4 * PIXELS)

    async def take(ctx: Any) -> None:
        while True:
            ctx.set(dut.o.ready, seed is None or rng.random() < 0.7)
            _, _, valid, ready, payload = await ctx.tick().sample(
                dut.o.valid, dut.o.ready, dut.o.payload)
            if valid and ready:
                blank = [*payload.samples] == [0, 0, 0]
                assert blank or [*payload.samples][1:] == [1, 2]
                out.append((-1 if blank else payload.samples[0], bool(payload.first),
                            bool(payload.last)))

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(send)
    simulator.add_testbench(take, background=True)
    simulator.run()
    return out


def filled(beats: list[Beat]) -> list[Beat]:
    """A frame's first beats, and black ones behind them."""
    return beats + [(-1, first, last) for _, first, last in frame(0)[len(beats):]]


@pytest.mark.parametrize("seed", [None, 1, 2])
def test_whole_frames_pass(seed: int | None) -> None:
    beats = [beat for number in range(4) for beat in frame(number)]
    assert run(beats, seed) == beats


@pytest.mark.parametrize("seed", [None, 1, 2])
@pytest.mark.parametrize("cut", range(1, PIXELS))
def test_one_that_breaks_off_is_filled_up(cut: int, seed: int | None) -> None:
    """After a time: the next frame, which comes later, is there as a whole."""
    part = frame(0)[:cut]
    beats: list[Any] = [*part, PATIENCE + 3 * PIXELS, *frame(1), *frame(2)]
    assert run(beats, seed) == [*filled(part), *frame(1), *frame(2)]


@pytest.mark.parametrize("cut", range(1, PIXELS))
def test_the_next_one_comes_at_once(cut: int) -> None:
    """Its first beat is taken for the missing one, and it is gone; the one after is not."""
    part = frame(0)[:cut]
    out = run([*part, *frame(1), *frame(2), *frame(3)])
    assert out[:PIXELS] == filled(part)
    assert out[PIXELS:] == [*frame(2), *frame(3)]


@pytest.mark.parametrize("broken", [
    frame(0, range(3)) + frame(0, range(4, PIXELS)),  # a pixel is missing
    [*frame(0, range(3)), (9, False, False), *frame(0, range(3, PIXELS))],  # one too many
    frame(0, range(4)) + frame(0, range(8, PIXELS)),  # a line is missing
], ids=["short-line", "long-line", "short-frame"])
def test_lines_of_other_lengths(broken: list[Beat]) -> None:
    out = run([*broken, PATIENCE + 3 * PIXELS, *frame(1)])
    assert len(out) == 2 * PIXELS
    assert [beat[1:] for beat in out[:PIXELS]] == [beat[1:] for beat in frame(0)]
    assert out[PIXELS:] == frame(1)


def test_what_comes_before_a_frame_is_dropped() -> None:
    assert run([*frame(0, range(5, PIXELS)), *frame(1)]) == frame(1)


@pytest.mark.parametrize("cut", [5, PIXELS - 1])
@pytest.mark.parametrize("pause", range(PATIENCE - 2, PATIENCE + 3))
def test_one_that_goes_on_as_the_time_ends(cut: int, pause: int) -> None:
    """It is filled up or not, but only once: what follows its last pixel is the next frame."""
    out = run([*frame(0)[:cut], pause, *frame(0)[cut:], PATIENCE + 3 * PIXELS, *frame(1)])
    assert out[:PIXELS] in (frame(0), filled(frame(0)[:cut]))
    assert out[PIXELS:] == frame(1)
