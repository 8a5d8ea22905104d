"""Patterns and still pictures, against their models in numpy."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from amaranth.sim import Simulator
from pixel_bench import Beat, beats, take

from windrow.boards.video.colour import RGBToLuma
from windrow.boards.video.pattern import PATTERNS, TestPattern
from windrow.boards.video.source import FrameSource
from windrow.boards.video.still import FORMATS, StillPicture, shrink


def run(dut: FrameSource, count: int, stall: float = 0.0, select: Sequence[int] = ()) -> list[Beat]:
    """Take ``count`` frames; ``select`` is what is set at each start."""
    taken: list[Beat] = []

    async def testbench(ctx):
        size = dut.width * dut.height
        if select:
            ctx.set(dut.select, select[0])
        for number in range(count):
            for part in (size // 2, size - size // 2 - 2 * dut.latency, 2 * dut.latency):
                taken.extend(await take(ctx, dut.o, part, stall, seed=len(taken)))
                if select:  # changes in mid-frame must not be seen
                    following = select[min(number + 1, count - 1)]
                    ctx.set(dut.select, following ^ (part == size // 2))

    sim = Simulator(dut)
    sim.add_clock(1e-8)
    sim.add_testbench(testbench)
    sim.run()
    return taken


def check(got: list[Beat], wanted: Sequence[np.ndarray]) -> None:
    for at, (beat, right) in enumerate(zip(got, beats(wanted), strict=True)):
        height, width, _ = wanted[0].shape
        frame, place = divmod(at, width * height)
        assert beat == right, (f"frame {frame} row {place // width} column {place % width}: "
                               f"got {beat}, wanted {right}")


@pytest.mark.parametrize("name", PATTERNS)
@pytest.mark.parametrize(("width", "height"), [(32, 9), (45, 16), (3, 4), (2, 5)])
@pytest.mark.parametrize("stall", [0.0, 0.5])
def test_a_pattern_is_its_model(name: str, width: int, height: int, stall: float) -> None:
    dut = TestPattern(width, height, [name])
    count = 20 if stall == 0 and width < 40 else 3
    check(run(dut, count, stall), [dut.frame(name, number) for number in range(count)])


@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_moves_and_is_worth_looking_at(name: str) -> None:
    dut = TestPattern(640, 480)
    frames = [dut.frame(name, number) for number in (0, 1, 63, 64, 1000)]
    assert all((a != b).any() for a, b in pairwise(frames))
    assert all(frame.std() > 30 for frame in frames)


def test_the_patterns_are_what_their_names_say() -> None:
    dut = TestPattern(640, 480)
    bars = dut.frame("bars", 0)
    assert bars[0, ::80].tolist() == [
        [255, 255, 255], [255, 255, 0], [0, 255, 255], [0, 255, 0],
        [255, 0, 255], [255, 0, 0], [0, 0, 255], [0, 0, 0]]
    assert (dut.frame("bars", 3)[:, :-3] == bars[:, 3:]).all()
    board = dut.frame("checkerboard", 0)
    assert board[[0, 0, 32, 32], [31, 32, 31, 32], 0].tolist() == [0, 255, 255, 0]
    zone = dut.frame("zone-plate", 0)[:, :, 0].astype(int)
    assert zone[240, 320] == 255
    assert (zone[1:, 1:] == zone[1:, 1:][::-1, ::-1]).all(), "symmetric around the centre"
    turns = np.diff(np.sign(np.diff(zone[240])))
    assert (turns[:7] != 0).all(), "up and down with every pixel at the edge"
    assert (turns[300:312] == 0).all(), "and not once near the centre"
    box = dut.frame("box", 10)
    assert (box[200:320, 270:430] == 255).all()
    assert not (box[199:321, 269:431] == 255).all(axis=(1, 2)).any(), "from the middle on"
    assert box[0, ::64].tolist() == [*bars[0, ::80].tolist(), *bars[0, :160:80].tolist()]
    assert (box[64] == 255 - box[0]).all(), "opposite colours below"


def test_another_pattern_begins_with_a_frame() -> None:
    dut = TestPattern(9, 4)
    select = [1, 0, 3, 2, 2, 0]
    names = list(PATTERNS)
    check(run(dut, len(select), 0.3, select),
          [dut.frame(names[choice], number) for number, choice in enumerate(select)])


@pytest.mark.parametrize("pixel_format", FORMATS)
@pytest.mark.parametrize(("width", "height", "scale"), [(12, 8, 4), (10, 7, 3), (6, 5, 1)])
def test_a_still_picture_is_its_model(
    pixel_format: str, width: int, height: int, scale: int
) -> None:
    image = np.random.default_rng(2).integers(0, 256, (8, 6, 3), np.uint8)
    dut = StillPicture(width, height, image, scale=scale, pixel_format=pixel_format)
    check(run(dut, 2, 0.3), [dut.frame()] * 2)


@pytest.mark.parametrize("block", [4, 16, 32, 64, 512])
def test_a_still_picture_of_several_block_rams(block: int) -> None:
    """Small ones, so that a small picture takes many; the last bank holds wider words."""
    image = np.random.default_rng(block).integers(0, 256, (5, 7, 3), np.uint8)
    dut = StillPicture(7, 5, image, pixel_format="rgb565", block=block)
    check(run(dut, 2, 0.3), [dut.frame()] * 2)


def test_the_model_of_a_still_picture() -> None:
    image = np.random.default_rng(3).integers(0, 256, (4, 5, 3), np.uint8)
    image[0, 0], image[0, 1] = 255, 0
    exact = StillPicture(10, 8, image, scale=2, pixel_format="rgb888").frame()
    assert (exact[::2, ::2] == image).all()
    assert (exact[1::2, 1::2] == image).all()
    for name, bits in FORMATS.items():
        frame = StillPicture(10, 8, image, scale=2, pixel_format=name).frame().astype(int)
        assert frame[0, 0].tolist() == [255] * 3
        assert frame[0, 2].tolist() == [0] * 3
        wanted = exact if len(bits) == 3 else RGBToLuma.compute(exact)[:, :, None]
        assert (np.abs(frame - wanted).max(axis=(0, 1)) < [1 << 8 - bit for bit in bits]).all()
    assert StillPicture(6, 4, image, scale=2, pixel_format="rgb332").memory_bits == 2 * 3 * 8


def test_shrinking() -> None:
    image = np.random.default_rng(4).integers(0, 256, (9, 8, 3), np.uint8)
    assert (shrink(image, 8, 9) == image).all()
    small = shrink(image, 3, 2)
    assert small.shape == (2, 3, 3)
    assert small[0, 0].tolist() == [
        (int(image[:4, :2, channel].sum()) + 4) // 8 for channel in range(3)]
    assert small[1, 2].tolist() == [
        (int(image[4:, 5:, channel].sum()) + 7) // 15 for channel in range(3)]
    assert (shrink(np.full((30, 30, 3), 255), 7, 7) == 255).all()


@pytest.mark.parametrize(("make", "message"), [
    (lambda: TestPattern(8, 8, []), "at least one pattern"),
    (lambda: TestPattern(8, 8, ["zone"]), "pattern 'zone' is not known; did you mean 'zone-plate'"),
    (lambda: TestPattern(1, 8), "at least 2x2 pixels, not 1x8"),
    (lambda: StillPicture(8, 8, np.zeros((4, 3, 3), np.uint8), scale=2), "3x4 times scale 2"),
    (lambda: StillPicture(2, 2, np.zeros((4, 3, 3), np.uint8), pixel_format="rgb"), "not 'rgb'"),
    (lambda: shrink(np.zeros((4, 3, 3)), 4, 4), "3x4 cannot be shrunk to 4x4"),
])
def test_impossible_sources(make, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
