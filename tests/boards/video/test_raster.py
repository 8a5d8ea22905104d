"""The raster, as a monitor sees it."""

import numpy as np
import pytest
from amaranth.sim import Simulator
from small_timings import ODD, SMALL, SMALLEST

from windrow.boards.video.monitor import frames
from windrow.boards.video.raster import Raster
from windrow.boards.video.signal import VideoSignal
from windrow.boards.video.timing import TIMINGS, Timing


def run(timing: Timing, cycles: int, stretch: int = 0, hold=lambda cycle: 0) -> np.ndarray:
    """hsync, vsync, active, first and last in each cycle."""
    dut = Raster(timing, stretch=stretch)
    seen = []

    async def testbench(ctx):
        for cycle in range(cycles):
            ctx.set(dut.hold, hold(cycle))
            _, _, *flags = await ctx.tick().sample(
                dut.hsync, dut.vsync, dut.active, dut.first, dut.last)
            seen.append(flags)

    sim = Simulator(dut)
    sim.add_clock(1e-8)
    sim.add_testbench(testbench)
    sim.run()
    return np.array(seen) == 1


def signal(seen: np.ndarray) -> VideoSignal:
    """The signal with each pixel's number in its frame, so that the pictures show the order."""
    hsync, vsync, active, first, _ = seen.T
    starts = np.maximum.accumulate(np.where(first, np.cumsum(active), 0))
    number = np.where(active, np.cumsum(active) - starts + 1, 0)
    pixels = np.stack([number & 255, number >> 8, number * 0], axis=1).astype(np.uint8)
    return VideoSignal(pixels, hsync, vsync, active)


def check(timing: Timing, seen: np.ndarray, count: int, stretch: int = 0) -> None:
    """Monitor the signal; ``first`` and ``last`` must mark the corners of every picture."""
    pictures = frames(signal(seen), timing, stretch=stretch)
    assert len(pictures) == count
    for picture in pictures:
        numbers = picture[:, :, 0].astype(int) + 256 * picture[:, :, 1].astype(int)
        wanted = 1 + np.arange(timing.width * timing.height).reshape(timing.height, timing.width)
        assert (numbers == wanted).all()
    _, _, active, first, last = seen.T
    assert not ((first | last) & ~active).any()
    ends = np.flatnonzero(np.diff(active.astype(int)) == -1)
    assert (np.flatnonzero(last)[: len(ends)] == ends).all()


@pytest.mark.parametrize("timing", [SMALL, SMALLEST, ODD], ids=str)
def test_small_timings(timing: Timing) -> None:
    check(timing, run(timing, 4 * timing.total), 4)


@pytest.mark.parametrize("name", ["640x480p60", "800x600p60"])
def test_the_first_lines_of_a_standard_timing(name: str) -> None:
    """From reset on, as far as the first lines of the picture."""
    timing = TIMINGS[name]
    line = timing.horizontal.total
    seen = run(timing, (timing.vertical.start + 3) * line)
    hsync, vsync, active, first, last = seen.T
    assert (hsync.reshape(-1, line) == hsync[:line]).all()
    assert (hsync[:line] == timing.horizontal.positive).sum() == timing.horizontal.sync
    assert (vsync == timing.vertical.positive).sum() == timing.vertical.sync * line
    assert (vsync[: timing.vertical.sync * line] == timing.vertical.positive).all()
    start = timing.vertical.start * line + timing.horizontal.start
    assert np.flatnonzero(first).tolist() == [start]
    assert np.flatnonzero(last).tolist() == [
        start + number * line + timing.width - 1 for number in range(3)]
    assert active.sum() == 3 * timing.width


@pytest.mark.parametrize("timing", [SMALL, SMALLEST, ODD], ids=str)
def test_a_picture_waits_by_whole_lines(timing: Timing) -> None:
    seen = run(timing, 6 * timing.total + 10 * timing.horizontal.total, 2, lambda cycle: 1)
    waited = timing.total + 2 * timing.horizontal.total
    starts = np.flatnonzero(seen[:, 3])
    assert (np.diff(starts) == waited).all(), "never longer than `stretch` lines"
    behind = timing.vertical.front_porch * timing.horizontal.total
    check(timing, seen, (len(seen) + behind) // waited, stretch=2)
    with pytest.raises(ValueError, match="active is 0, not 1"):
        frames(signal(seen), timing)


def test_hold_means_nothing_elsewhere() -> None:
    """Held in every cycle but those in which it is looked at."""
    line = SMALL.horizontal.total
    looks = SMALL.vertical.start * line - 1

    def hold(cycle: int) -> int:
        return cycle % SMALL.total != looks

    assert (run(SMALL, 4 * SMALL.total, 3, hold) == run(SMALL, 4 * SMALL.total)).all()


@pytest.mark.parametrize(("change", "message"), [
    (lambda s: s.hsync.__setitem__(400, ~s.hsync[400]), "hsync is"),
    (lambda s: s.vsync.__setitem__(slice(None), ~s.vsync), "vsync is 0, not 1"),
    (lambda s: s.hsync.__setitem__(slice(None), ~s.hsync), "hsync is 0, not 1"),
    (lambda s: s.active.__setitem__(slice(None), np.roll(s.active, 1)), "active is"),
    (lambda s: s.pixels.__setitem__(~s.active, 1), "not black in its blanking"),
    (lambda s: s.vsync.__setitem__(slice(None), 1), "no vertical sync pulse"),
])
def test_a_wrong_signal_is_found(change, message: str) -> None:
    seen = signal(run(SMALL, 4 * SMALL.total))
    assert frames(seen, SMALL)
    copy = VideoSignal(*(array.copy() for array in (seen.pixels, seen.hsync, seen.vsync,
                                                    seen.active)))
    change(copy)
    with pytest.raises(ValueError, match=message):
        frames(copy, SMALL)
