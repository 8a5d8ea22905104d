"""Frames to beats and back, and the protocol monitor."""

import random

import numpy as np
import pytest

from windrow.model.sample import Sample
from windrow.sim import CoreError
from windrow.sim.frames import Port
from windrow.sim.protocol import Monitor
from windrow.sim.traffic import SplitMix


def port(width: int, height: int, pixel: str, channels: int, pixels_per_clock: int) -> Port:
    return Port(interface="m_axis_video", width=width, height=height, sample=Sample.parse(pixel),
                channels=channels, pixels_per_clock=pixels_per_clock)


@pytest.mark.parametrize("seed", range(60))
def test_unpack_undoes_pack(seed: int) -> None:
    rng = random.Random(seed)
    pixel = rng.choice(["u1", "s2", "u5", "u8", "s8", "u10", "s16", "u17", "s31", "u32", "s32"])
    shape = port(rng.randint(1, 20), rng.randint(1, 5), pixel, rng.choice([1, 2, 3, 4]),
                 rng.choice([1, 2, 4, 8]))
    noise = np.random.default_rng(seed)
    low, high = shape.sample.minimum, shape.sample.maximum
    frame = noise.integers(low, high, shape.shape, endpoint=True)
    beats = shape.pack(frame, noise)
    assert beats.shape == (shape.beats_per_frame, shape.bytes_per_beat)
    assert np.array_equal(shape.unpack(beats), frame)


def test_a_pixel_may_take_several_beats() -> None:
    shape = Port(interface="m_axis_video", width=2, height=1, sample=Sample.parse("s8"),
                 channels=5, beats_per_pixel=3)
    frame = np.arange(-5, 5).reshape(1, 2, 5)
    beats = shape.pack(frame)
    assert beats.view(np.int8).tolist() == [[-5, -4], [-3, -2], [-1, 0], [0, 1], [2, 3], [4, 0]]
    assert np.array_equal(shape.unpack(beats), frame)
    with pytest.raises(CoreError, match="fill a pixel's last beat"):
        shape.unpack(beats | np.uint8(1))


def test_samples_lie_where_the_interface_says() -> None:
    # Sample i = p * channels + c in tdata[i*bits +: bits], padded with zeros to whole bytes.
    shape = port(3, 1, "s5", 3, 2)
    frame = np.arange(-4, 5).reshape(1, 3, 3)
    beats = [int.from_bytes(beat.tobytes(), "little") for beat in shape.pack(frame)]
    for pixel in range(3):
        for channel in range(3):
            bits = beats[pixel // 2] >> ((pixel % 2 * 3 + channel) * 5) & 31
            assert bits == int(frame[0, pixel, channel]) & 31
    assert beats[0] >> 30 == 0
    assert shape.tdata_bits == 32
    assert shape.keep(0) == 0b1111
    assert shape.keep(1) == 0b0011  # 15 bits hold the last pixel


def test_padding_bits_must_be_zero() -> None:
    shape = port(2, 2, "u7", 1, 1)
    beats = shape.pack(np.zeros((2, 2), int))
    beats[3, 0] |= 0x80
    with pytest.raises(CoreError, match=r"tdata above bit 6 is not 0 \(row 1, beat 1\)"):
        shape.unpack(beats)


def test_undefined_bits_matter_only_where_pixels_are() -> None:
    shape = port(3, 1, "u8", 1, 2)
    assert shape.read("0000000011111111", 0) == 0xFF
    assert shape.read("xxxxxxxx11111111", 1) == 0xFF
    with pytest.raises(CoreError, match="tdata is undefined"):
        shape.read("xxxxxxxx11111111", 0)
    with pytest.raises(CoreError, match="tdata is undefined"):
        shape.read("000000001111111x", 1)


GOOD = [(beat, int(beat == 0), int(beat % 2 == 1)) for beat in range(4)]  # a frame of 2x2


def play(beats: list[tuple[int, int, int]], frame_count: int | None = 1) -> Monitor:
    monitor = Monitor(port(2, 2, "u8", 1, 1), frame_count)
    for data, user, last in beats:
        assert not monitor.step(1, 0, data, user, last)
        assert monitor.step(1, 1, data, user, last)
        assert not monitor.step(0, 1, 0, 0, 0)
    return monitor


def test_monitor_accepts_what_is_right() -> None:
    monitor = play(GOOD * 3, None)
    assert (monitor.frame, monitor.row, monitor.beat, monitor.cycle) == (3, 0, 0, 36)
    assert monitor.first
    monitor.reset()
    assert monitor.frame == 0


@pytest.mark.parametrize("beats, message", [
    ([(0, 0, 0)],
     r"tuser is 0, and the beat is a frame's first \(frame 0, row 0, beat 0, cycle 0\)"),
    ([*GOOD[:2], (2, 1, 0)],
     r"tuser is 1, .* is not a frame's first \(frame 0, row 1, beat 0, cycle 6"),
    ([(0, 1, 1)], r"tlast is 1, and the beat is not a line's last"),
    ([(0, 1, 0), (1, 0, 0)], r"tlast is 0, and the beat is a line's last"),
    ([*GOOD, GOOD[0]], r"a beat beyond the end of the last frame \(frame 1, row 0"),
])
def test_monitor_refuses_wrong_framing(beats: list, message: str) -> None:
    with pytest.raises(CoreError, match=f"^m_axis_video: {message}"):
        play(beats)


@pytest.mark.parametrize("second, message", [
    ((0, 1, 5, 1, 0, 3), "tvalid fell before tready took the beat"),
    ((1, 0, 6, 1, 0, 3), "tdata changed"),
    ((1, 1, 5, 0, 0, 3), "tuser changed"),
    ((1, 1, 5, 1, 1, 3), "tlast changed"),
    ((1, 1, 5, 1, 0, 1), "tkeep changed"),
])
def test_monitor_refuses_a_beat_that_does_not_wait(second: tuple, message: str) -> None:
    monitor = Monitor(port(3, 2, "u8", 1, 2))
    monitor.step(1, 0, 5, 1, 0, 3)
    with pytest.raises(CoreError, match=message):
        monitor.step(*second)


def test_monitor_refuses_wrong_keep() -> None:
    monitor = Monitor(port(3, 2, "u8", 1, 2))
    monitor.step(1, 1, 5, 1, 0, 3)
    with pytest.raises(CoreError, match=r"tkeep is 0x3, not 0x1"):
        monitor.step(1, 1, 5, 0, 1, 3)


def test_splitmix() -> None:
    # The first outputs for seed 1234567, as Vigna's splitmix64.c gives them.
    random_bits = SplitMix(1234567)
    assert [random_bits.next() for _ in range(3)] == [
        6457827717110365317, 3203168211198807973, 9817491932198370423,
    ]
