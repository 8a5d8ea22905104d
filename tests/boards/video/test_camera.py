"""A behavioural OV7670 against the camera input: odd clocks, jitter, stalls, pulled cables."""

from itertools import islice

import numpy as np
import pytest
from amaranth import *
from amaranth.lib import wiring
from amaranth.sim import Simulator
from beam_recorder import BeamRecorder
from camera_bench import CameraBench
from pixel_bench import Beat, beats, random_frames, take
from small_timings import small

from windrow.boards.video.camera import Camera
from windrow.boards.video.camera_model import (
    CameraPins,
    SCCBListener,
    rgb565_bytes,
    yuv422_bytes,
)
from windrow.boards.video.display import Display
from windrow.boards.video.dvp import DVPWord
from windrow.boards.video.monitor import frames
from windrow.boards.video.ov7670 import ov7670
from windrow.boards.video.sccb import CameraTable, Write
from windrow.boards.video.unpack import UNPACKERS


WIDTH, HEIGHT = 8, 4
QUICK = CameraTable("quick", 0x42, 1, (Write(0x12, 0x04),), "test")
CLOCK = 100_000
"""So that a millisecond has 100 cycles."""


def exact565(frames: np.ndarray) -> np.ndarray:
    """What is left of colours in RGB565, upper bits repeated below."""
    red, blue = (frames[..., at] >> 3 for at in (0, 2))
    green = frames[..., 1] >> 2
    return np.stack([red << 3 | red >> 2, green << 2 | green >> 4, blue << 3 | blue >> 2], axis=-1)


def camera(unpack: str = "rgb565", **keys) -> Camera:
    return Camera(QUICK, unpack, CLOCK, **{"rate": 25_000, "power_up": 1, **keys})


class Seen:
    """What came out of a camera input: beats, and its flags."""

    def __init__(self, dut: Camera, bench: CameraBench, script, count: int | None = None,
                 stall: float = 0.0) -> None:
        self.beats: list[Beat] = []
        self.overflows = 0
        self.present: list[int] = []
        done = False

        async def play(ctx):
            nonlocal done
            await script(ctx)
            await ctx.delay(60e-8)
            done = True

        async def flags(ctx):
            async for _, _, overflow, present in ctx.tick().sample(dut.overflow, dut.present):
                self.overflows += overflow
                self.present.append(present)

        async def sink(ctx):
            if count is not None:
                self.beats.extend(await take(ctx, dut.o, count, stall))
            else:
                ctx.set(dut.o.ready, 1)
                async for _, _, valid, pixel in ctx.tick().sample(dut.o.valid, dut.o.payload):
                    if valid:
                        self.beats.append((list(pixel.samples), pixel.first, pixel.last))

        sim = bench.simulator
        sim.add_testbench(play)
        sim.add_testbench(flags, background=True)
        sim.add_testbench(sink, background=count is None)
        sim.run()
        assert done


@pytest.mark.parametrize("period", [1.0, 0.77, 1.31, 2.0, 0.51, 7.3])
@pytest.mark.parametrize("jitter", [0.0, 0.8])
def test_frames_at_odd_clock_ratios(period: float, jitter: float) -> None:
    sent = random_frames(HEIGHT, WIDTH, 3)
    pins = CameraPins(2 * WIDTH + 5, jitter=4)
    dut = camera()
    bench = CameraBench(dut, period=period, jitter=jitter)

    async def script(ctx):
        for frame in sent:
            await bench.play(ctx, pins.cycles(rgb565_bytes(frame)))

    seen = Seen(dut, bench, script)
    assert seen.beats == beats(exact565(sent))
    assert seen.overflows == 0


def test_stalls_that_the_queue_bridges() -> None:
    sent = random_frames(HEIGHT, WIDTH, 3)
    dut = camera(depth=16)
    bench = CameraBench(dut, period=2.3)

    async def script(ctx):
        for frame in sent:
            await bench.play(ctx, CameraPins(2 * WIDTH + 9).cycles(rgb565_bytes(frame)))

    seen = Seen(dut, bench, script, count=3 * WIDTH * HEIGHT, stall=0.6)
    assert seen.beats == beats(exact565(sent))
    assert seen.overflows == 0


def test_an_overflow_drops_the_rest_of_its_frame_only() -> None:
    sent = random_frames(HEIGHT, WIDTH, 3)
    dut = camera(depth=8)
    bench = CameraBench(dut, period=1.1)
    stop = Signal()
    taken: list[Beat] = []
    overflows = 0

    async def script(ctx):
        for number, frame in enumerate(sent):
            cycles = list(CameraPins(2 * WIDTH + 5).cycles(rgb565_bytes(frame)))
            half, most = len(cycles) // 2, 3 * len(cycles) // 4
            await bench.play(ctx, cycles[:half])
            ctx.set(stop, number == 1)
            await bench.play(ctx, cycles[half:most])
            ctx.set(stop, 0)  # with pixels of the frame still to come
            await bench.play(ctx, cycles[most:])

    async def sink(ctx):
        nonlocal overflows
        while True:
            ctx.set(dut.o.ready, not ctx.get(stop))
            _, _, ready, valid, pixel, overflow = await ctx.tick().sample(
                dut.o.ready, dut.o.valid, dut.o.payload, dut.overflow)
            overflows += overflow
            if ready and valid:
                taken.append((list(pixel.samples), pixel.first, pixel.last))

    bench.simulator.add_testbench(sink, background=True)
    bench.simulator.add_testbench(script)
    bench.simulator.run()
    wanted = beats(exact565(sent))
    size = WIDTH * HEIGHT
    assert overflows == 1
    assert taken[:size] == wanted[:size]
    assert taken[-size:] == wanted[-size:]
    cut = taken[size:-size]
    assert 0 < len(cut) < size
    assert cut == wanted[size : size + len(cut)], "cut off, and nothing missing in between"


@pytest.mark.thinned(3)
@pytest.mark.parametrize("pulled", range(3, 130, 9))
@pytest.mark.parametrize("plugged", [0, 40, 77])
def test_a_cable_pulled_in_mid_frame(pulled: int, plugged: int) -> None:
    """After ``pulled`` cycles of a frame all pins are low and the clock stands still; later the
    camera is ``plugged`` cycles into another. The next whole frame is right."""
    sent = random_frames(HEIGHT, WIDTH, 4)
    pins = CameraPins(2 * WIDTH + 5, jitter=3, seed=pulled)
    dut = camera()
    bench = CameraBench(dut, period=1.37, seed=pulled)

    async def script(ctx):
        await bench.play(ctx, pins.cycles(rgb565_bytes(sent[0])))
        await bench.play(ctx, islice(pins.cycles(rgb565_bytes(sent[1])), pulled))
        for pin in (dut.vsync, dut.href, dut.data):
            ctx.set(pin, 0)
        await ctx.delay(1e-6)
        await bench.play(ctx, islice(pins.cycles(rgb565_bytes(sent[2])), plugged, None))
        await bench.play(ctx, pins.cycles(rgb565_bytes(sent[3])))

    seen = Seen(dut, bench, script)
    size = WIDTH * HEIGHT
    wanted = beats(exact565(sent))
    assert seen.beats[:size] == wanted[:size]
    assert seen.beats[-size:] == wanted[-size:]
    starts = [at for at, beat in enumerate(seen.beats) if beat[1]]
    assert starts[0] == 0
    assert starts[-1] == len(seen.beats) - size


def test_vsync_within_a_line_is_noise() -> None:
    sent = random_frames(HEIGHT, WIDTH, 2)
    dut = camera()
    bench = CameraBench(dut, period=1.2)

    async def script(ctx):
        for frame in sent:
            for vsync, href, byte in CameraPins(2 * WIDTH + 5).cycles(rgb565_bytes(frame)):
                await bench.play(ctx, [(vsync or (href and byte % 3 == 0), href, byte)])

    assert Seen(dut, bench, script).beats == beats(exact565(sent))


def test_yuv422_in_colour_and_as_grey() -> None:
    frame = random_frames(HEIGHT, WIDTH, 1)[0]
    frame[:, 1::2, 1:] = frame[:, ::2, 1:]  # pairs share their chroma
    for unpack, wanted in (("yuv422", frame), ("grey", frame[:, :, :1])):
        dut = camera(unpack)
        bench = CameraBench(dut, period=1.2)

        async def script(ctx, bench=bench):
            pins = CameraPins(2 * WIDTH + 5)
            await bench.play(ctx, pins.cycles(yuv422_bytes(frame)))
            await bench.play(ctx, islice(pins.cycles(yuv422_bytes(frame)), 30))

        seen = Seen(dut, bench, script)
        assert seen.beats == beats([wanted])


@pytest.mark.parametrize("stall", [0.0, 0.5])
@pytest.mark.parametrize("width", [1, 2, 5, 6])
def test_unpacking_yuv422(width: int, stall: float) -> None:
    """Odd widths too: a single pixel has the Cr of the pair before."""
    rng = np.random.default_rng(width)
    words = rng.integers(0, 256, (3, width, 2))
    sent, wanted = [], []
    red = 0
    for y in range(3):
        for x in range(width):
            place = (int(x == y == 0), int(x == width - 1))
            sent.append(({"first_byte": words[y, x, 0], "second_byte": words[y, x, 1]}, *place))
            if x + 1 < width and x % 2 == 0:
                red = words[y, x + 1, 1]
            wanted.append(([*map(int, (words[y, x, 0], words[y, x - x % 2, 1], red))], *place))
    dut = UNPACKERS["yuv422"]()
    taken: list[Beat] = []

    async def source(ctx):
        for fields, first, last in sent:
            ctx.set(dut.i.valid, 1)
            ctx.set(dut.i.payload, {**{k: int(v) for k, v in fields.items()}, "first": first,
                                    "last": last})
            async for _, _, ready in ctx.tick().sample(dut.i.ready):
                if ready:
                    break
        ctx.set(dut.i.valid, 0)

    async def sink(ctx):
        taken.extend(await take(ctx, dut.o, len(sent), stall))

    sim = Simulator(dut)
    sim.add_clock(1e-8)
    sim.add_testbench(source)
    sim.add_testbench(sink)
    sim.run()
    assert taken == wanted


def test_the_set_up_of_a_camera_that_is_plugged_in_again() -> None:
    """Its table is written after reset, and again after each time without frames."""
    dut = camera(patience=5, rate=25_000)
    listener = SCCBListener(0x42, 1)
    bench = CameraBench(dut, period=1.2, listener=listener)
    frame = rgb565_bytes(random_frames(HEIGHT, WIDTH, 1)[0])
    counts = []

    async def script(ctx):
        await ctx.delay(300e-8)  # power-up of a millisecond, and the write
        counts.append(len(listener.writes))
        for _ in range(6):
            await bench.play(ctx, CameraPins(2 * WIDTH + 5).cycles(frame))
        counts.append(len(listener.writes))
        await ctx.delay(900e-8)
        counts.append(len(listener.writes))
        for _ in range(6):
            await bench.play(ctx, CameraPins(2 * WIDTH + 5).cycles(frame))
        counts.append(len(listener.writes))

    seen = Seen(dut, bench, script)
    assert counts == [1, 1, 2, 2]
    assert listener.writes == [(0x12, 0x04)] * 2
    changes = np.flatnonzero(np.diff(seen.present))
    assert len(changes) == 3, "there, gone, there again"


def test_the_whole_table_of_the_ov7670_from_the_camera_input() -> None:
    table = ov7670("rgb565")
    dut = Camera(table, "rgb565", 8000, rate=2000, power_up=1)
    bench = CameraBench(dut, period=1.2)

    async def script(ctx):
        await ctx.delay(len(table.steps) * 130 * 1e-8)

    Seen(dut, bench, script)
    assert bench.listener.writes == [(step.register, step.value) for step in table.writes]


class Screened:
    """A camera on a screen, without a frame store: the screen's frame waits for the camera's."""

    STRETCH = 3
    TIMING = small((WIDTH, 3, 2, 4, True), (HEIGHT, 2, 1, 6, False))

    def __init__(self, pins: CameraPins, script, *, period: float, fill: int) -> None:
        dut = camera(depth=8)
        display = Display(self.TIMING, depth=3 * WIDTH, fill=fill, stretch=self.STRETCH)
        m = Module()
        m.submodules.camera = dut
        m.submodules.display = display
        wiring.connect(m, dut.o, display.i)
        m.d.comb += display.lost.eq(dut.overflow)
        bench = CameraBench(m, dut, period=period)
        recorder = BeamRecorder(display.o)
        self.locked: list[int] = []
        self.underruns = 0

        async def play(ctx):
            await script(ctx, dut, bench, pins)
            await ctx.delay(2 * self.TIMING.total * 1e-8)

        async def events(ctx):
            async for _, _, underrun, locked in ctx.tick().sample(
                    display.underrun, display.locked):
                self.underruns += underrun
                self.locked.append(locked)

        bench.simulator.add_testbench(recorder.record, background=True)
        bench.simulator.add_testbench(events, background=True)
        bench.simulator.add_testbench(play)
        bench.simulator.run()
        self.pictures = [picture.tolist() for picture in frames(
            recorder.signal(), self.TIMING, stretch=self.STRETCH)]


# A line takes as long as the screen's, or half a cycle longer; a frame takes 13 of them, and the
# screen's 13 to 16.
AS_FAST = (CameraPins(2 * WIDTH + 18, before=5, after=3, sync=1, jitter=1), 17 / (2 * WIDTH + 18))


@pytest.mark.parametrize("phase", range(0, 13 * 17, 29))
def test_the_screen_finds_the_phase_of_the_camera(phase: int) -> None:
    sent = random_frames(HEIGHT, WIDTH, 12)

    async def script(ctx, dut, bench, pins):
        await ctx.delay(phase * 1e-8)
        for frame in sent:
            await bench.play(ctx, pins.cycles(rgb565_bytes(frame)))

    seen = Screened(AS_FAST[0], script, period=AS_FAST[1], fill=WIDTH)
    wanted = exact565(sent).tolist()
    shown = [picture for picture in seen.pictures if picture in wanted]
    assert len(shown) >= 12 - 13 // Screened.STRETCH - 2, "found in as many frames as it may take"
    assert shown == wanted[-len(shown):], "and never lost again"


@pytest.mark.parametrize("pulled", [20, 75, 120, 300, 401])
def test_a_cable_pulled_in_mid_frame_with_a_screen(pulled: int) -> None:
    """The next whole frames are right, and sync goes on: the monitor has checked it."""
    sent = random_frames(HEIGHT, WIDTH, 16)

    async def script(ctx, dut, bench, pins):
        for number, frame in enumerate(sent):
            cycles = pins.cycles(rgb565_bytes(frame))
            if number == 7:
                await bench.play(ctx, islice(cycles, pulled))
                ctx.set(dut.href, 0)
                ctx.set(dut.vsync, 0)
                await ctx.delay(500e-8)
            else:
                await bench.play(ctx, cycles)

    seen = Screened(AS_FAST[0], script, period=AS_FAST[1], fill=WIDTH)
    wanted = exact565(sent).tolist()
    at = [wanted.index(picture) for picture in seen.pictures if picture in wanted]
    assert at == sorted(at)
    assert {5, 6} <= set(at)
    assert set(range(8 + 13 // Screened.STRETCH + 2, 16)) <= set(at)


@pytest.mark.parametrize(("fill", "fits"), [(1, False), (WIDTH + 4, True)])
def test_a_camera_with_slower_lines_needs_a_filled_queue(fill: int, fits: bool) -> None:
    """Its picture takes longer than the screen's, in a frame that is as long."""
    sent = random_frames(HEIGHT, WIDTH, 12)

    async def script(ctx, dut, bench, pins):
        for frame in sent:
            await bench.play(ctx, pins.cycles(rgb565_bytes(frame)))

    # Ten lines a frame, each as long as 1.4 of the screen's.
    pins = CameraPins(2 * WIDTH + 18, before=3, after=2, sync=1)
    seen = Screened(pins, script, period=1.4 * 17 / (2 * WIDTH + 18), fill=fill)
    wanted = exact565(sent).tolist()
    shown = [picture for picture in seen.pictures if picture in wanted]
    if fits:
        assert len(shown) > 6
        assert shown == wanted[-len(shown):]
    else:
        assert not shown
        assert seen.underruns > 6


@pytest.mark.parametrize(("make", "message"), [
    (lambda: camera("rgb"), "unpack 'rgb' is not known"),
    (lambda: camera(depth=12), "depth must be a power of two and at least 8, not 12"),
    (lambda: camera(depth=4), "at least 8, not 4"),
])
def test_impossible_cameras(make, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_words_fit_block_rams_of_eighteen_bits() -> None:
    assert DVPWord().size == 18
