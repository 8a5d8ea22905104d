"""Conversions of colour: the hardware is the model, and the model what the standards say."""

from itertools import product

import numpy as np
import pytest
from amaranth import *
from amaranth.sim import Simulator
from PIL import Image
from pixel_bench import beats, send, take

from windrow.boards.video.colour import GreyToRGB, RGBToLuma, YCbCrToRGB


EXTREMES = np.array(list(product((0, 1, 16, 127, 128, 129, 254, 255), repeat=3)))


def simulator(dut) -> Simulator:
    """With a clock, also for what has none."""
    m = Module()
    m.domains.sync = ClockDomain()
    m.submodules.dut = dut
    sim = Simulator(m)
    sim.add_clock(1e-8)
    return sim


def run(dut, pixels: np.ndarray, stall: float) -> list:
    """Stream rows of pixels through."""
    sent = beats([pixels])
    taken = []

    async def source(ctx):
        await send(ctx, dut.i, sent, stall)

    async def sink(ctx):
        taken.extend(await take(ctx, dut.o, len(sent), stall))

    sim = simulator(dut)
    sim.add_testbench(source)
    sim.add_testbench(sink)
    sim.run()
    return taken


@pytest.mark.parametrize("stall", [0.0, 0.4])
@pytest.mark.parametrize(("kind", "pixels"), [
    (RGBToLuma, EXTREMES),
    (YCbCrToRGB, EXTREMES),
    (GreyToRGB, EXTREMES[:, :1]),
])
def test_the_hardware_is_the_model(kind, pixels: np.ndarray, stall: float) -> None:
    image = pixels.reshape(32, len(pixels) // 32, -1)
    wanted = kind.compute(image[:, :, 0] if kind is GreyToRGB else image)
    assert run(kind(), image, stall) == beats([wanted])


@pytest.mark.parametrize(("kind", "cycles"), [(RGBToLuma, 2), (YCbCrToRGB, 3), (GreyToRGB, 0)])
def test_latency(kind, cycles: int) -> None:
    dut = kind()
    assert dut.latency == cycles

    async def testbench(ctx):
        ctx.set(dut.o.ready, 1)
        ctx.set(dut.i.valid, 1)
        for cycle in range(cycles):
            assert not ctx.get(dut.o.valid), f"cycle {cycle}"
            await ctx.tick()
        assert ctx.get(dut.o.valid)

    sim = simulator(dut)
    sim.add_testbench(testbench)
    sim.run()


def test_luma_is_that_of_the_standard() -> None:
    pixels = np.random.default_rng(5).integers(0, 256, (5000, 3))
    exact = pixels @ np.array([0.299, 0.587, 0.114])
    # A weight is at most 1/512 off, and rounding half a step.
    assert np.abs(RGBToLuma.compute(pixels) - exact).max() < 0.5 + 255 * 2 / 512
    grey = np.repeat(np.arange(256)[:, None], 3, axis=1)
    assert (RGBToLuma.compute(grey) == np.arange(256)).all()


def test_grey_and_back_is_the_same() -> None:
    grey = np.arange(256)
    assert (RGBToLuma.compute(GreyToRGB.compute(grey)) == grey).all()


def test_chroma_is_that_of_another_implementation() -> None:
    pixels = np.random.default_rng(6).integers(0, 256, (64, 64, 3), np.uint8)
    theirs = np.asarray(Image.fromarray(pixels, "YCbCr").convert("RGB")).astype(int)
    assert np.abs(YCbCrToRGB.compute(pixels) - theirs).max() <= 1
    neutral = np.array([[y, 128, 128] for y in range(256)])
    assert (YCbCrToRGB.compute(neutral) == neutral[:, :1]).all()
