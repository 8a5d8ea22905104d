"""What a network sees in a box, drawn over the frames that pass: pixel by pixel as the model."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from amaranth import Array, Const, Module, Signal
from amaranth.sim import Simulator

from windrow.boards.recognition.layout import Layout
from windrow.boards.recognition.overlay import Overlay, draw
from windrow.boards.recognition.recogniser import Recogniser
from windrow.boards.recognition.scores import Scores
from windrow.hdl.network.planned import PlannedNetwork
from windrow.hdl.network.planning import plan_network
from windrow.model import InputError, Sample
from windrow.model.network import (
    ArgMax,
    Convolution,
    FloatRequantiser,
    Layer,
    Network,
    Tensor,
)


def classifier(channels: int, classes: int, *, chosen: bool = False) -> Network:
    """Random weights over a frame of 4x4."""
    weights = np.random.default_rng(1).integers(-9, 10, (classes, channels, 4, 4))
    given = Tensor(channels, 4, 4, Sample.parse("u8"))
    scores = Convolution(
        name="scores", inputs=("input",), sources=(given,), weights=weights,
        requantiser=FloatRequantiser(
            sample=Sample.parse("u8"), zero_point=90, scales=(0.03,) * classes))
    layers: tuple[Layer, ...] = (scores,)
    if chosen:
        layers += (ArgMax(name="class", inputs=("scores",), sources=(scores.output,)),)
    return Network(name="classifier", input=given, layers=layers, arithmetic="onnxruntime")


def planned(network: Network) -> PlannedNetwork:
    return PlannedNetwork(network, plan_network(network, multipliers=1))


def play(
    dut: Any, frames: Sequence[npt.NDArray[np.uint8]], *, seed: int, pause: int,
    settle: int = 0, top: Any = None,
) -> list[npt.NDArray[np.uint8]]:
    """Frames through a component with stalls at both sides, and ``settle`` cycles after each."""
    rng = np.random.default_rng(seed)
    out: list[list[int]] = []

    async def feed(ctx: Any) -> None:
        for frame in frames:
            for y, row in enumerate(frame):
                for x, pixel in enumerate(row):
                    while rng.random() < pause / 10:
                        ctx.set(dut.i.valid, 0)
                        await ctx.tick()
                    ctx.set(dut.i.valid, 1)
                    ctx.set(dut.i.payload.as_value(), int(pixel[0]) | int(pixel[1]) << 8
                            | int(pixel[2]) << 16 | (x == y == 0) << 24
                            | (x == len(row) - 1) << 25)
                    await ctx.tick().until(dut.i.ready)
            ctx.set(dut.i.valid, 0)
            await ctx.tick().repeat(settle + 1)

    async def take(ctx: Any) -> None:
        places = [(x == y == 0, x == frame.shape[1] - 1)
                  for frame in frames for y in range(frame.shape[0])
                  for x in range(frame.shape[1])]
        for place in places:
            ready = False
            while True:
                ready = rng.random() >= pause / 10
                ctx.set(dut.o.ready, ready)
                _, _, valid, word = await ctx.tick().sample(dut.o.valid, dut.o.payload.as_value())
                if valid and ready:
                    break
            assert (word >> 24 & 1, word >> 25 & 1) == place
            out.append([word & 255, word >> 8 & 255, word >> 16 & 255])

    sim = Simulator(top if top is not None else dut)
    sim.add_clock(1e-6)
    sim.add_testbench(feed)
    sim.add_testbench(take)
    sim.run()
    made, at = [], 0
    for frame in frames:
        count = frame.shape[0] * frame.shape[1]
        made.append(np.array(out[at : at + count], np.uint8).reshape(frame.shape))
        at += count
    return made


@pytest.mark.thinned(3)
@pytest.mark.parametrize(("channels", "chosen", "inverted", "pause"), [
    (1, False, False, 0), (3, False, True, 3), (1, True, False, 0)])
def test_what_is_seen_is_drawn_over_the_next_frame(
    channels: int, chosen: bool, inverted: bool, pause: int
) -> None:
    rng = np.random.default_rng(7)
    network = classifier(channels, 3, chosen=chosen)
    dut = Recogniser(planned(network), 112, 48, inverted=inverted)
    frames = [rng.integers(0, 256, (48, 112, 3), np.uint8) // (1 + number)
              for number in range(3)]
    made = play(dut, frames, seed=channels, pause=pause, settle=1000)
    seen = None
    for number, (frame, found) in enumerate(zip(frames, made, strict=True)):
        np.testing.assert_array_equal(found, dut.compute(frame, seen), f"frame {number}")
        seen = frame
    assert (dut.compute(frames[1], frames[0]) != dut.compute(frames[1], None)).any()


@pytest.mark.slow
def test_two_digits_and_every_bar() -> None:
    layout = Layout(112, 208, 4, 4, 11, True)
    scores = [0, 255, 3, 250, 9, 40, 80, 120, 160, 200, 255]
    top = Module()
    top.submodules.overlay = dut = Overlay(layout)
    top.submodules.scores = kept = Scores(layout, Sample.parse("s8"), 4)
    for name in ("known", "tens", "ones", "score"):
        top.d.comb += getattr(dut, name).eq(getattr(kept, name))
    top.d.comb += [kept.read_class.eq(dut.read_class), kept.read_enable.eq(dut.read_enable),
                   kept.starts.eq(dut.i.valid & dut.i.ready & dut.i.payload.first)]
    beats = [sum((score ^ 0x80) << 8 * at for at, score in enumerate(scores[first : first + 4]))
             for first in range(0, 11, 4)]
    number = Signal(2)
    top.d.comb += [kept.i.valid.eq(number < 3),
                   kept.i.payload.samples.as_value().eq(
                       Array(Const(beat, 32) for beat in [*beats, 0])[number])]
    with top.If(kept.i.valid & kept.i.ready):
        top.d.sync += number.eq(number + 1)
    frames = [np.full((208, 112, 3), 17, np.uint8)] * 2
    made = play(dut, frames, seed=1, pause=0, settle=40, top=top)
    np.testing.assert_array_equal(made[0], draw(frames[0], layout, None))
    np.testing.assert_array_equal(made[1], draw(frames[1], layout, scores))


@pytest.mark.parametrize(("size", "classes", "message"), [
    ((60, 48), 3, "no room for 3 classes"),
    ((112, 40), 5, "no room for 5 classes"),
    ((112, 8), 3, "must fit twice"),
    ((300, 300), 40, "2 to 32 classes"),
])
def test_what_has_no_room_is_refused(size: tuple[int, int], classes: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Recogniser(planned(classifier(1, classes)), *size)
