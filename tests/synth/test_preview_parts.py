"""The parts of a preview on their own: PLLs, pins, the UART's line."""

from fractions import Fraction

import numpy as np
import pytest

from windrow.boards.video.monitor import frames
from windrow.boards.video.signal import VideoSignal
from windrow.synth.preview import Recording, Stimulus
from windrow.synth.preview.parallel import decode_parallel
from windrow.synth.preview.pll import read_pll


MHZ = 10**6

# As yosys dumps them, with the parameters of the vendors' own calculators for these frequencies.
ECP5 = r'''
  attribute \src "clocks.py:190"
  cell \EHXPLLL \clocks.pll
    parameter \CLKI_DIV 1
    parameter \CLKFB_DIV 5
    parameter \FEEDBK_PATH "CLKOP"
    parameter \CLKOP_ENABLE "ENABLED"
    parameter \CLKOP_DIV 4
    parameter \CLKOS_ENABLE "ENABLED"
    parameter \CLKOS_DIV 32'00000000000000000000000000000100
    parameter \CLKOS2_ENABLE "ENABLED"
    parameter \CLKOS2_DIV 20
    parameter \CLKOS3_ENABLE "DISABLED"
    connect \CLKI \reference
    connect \CLKFB \feedback [0]
    connect \CLKOP \feedback [0]
    connect \CLKOS \fast
    connect \CLKOS2 \slow
  end
'''
GOWIN = r'''
  cell \rPLL \pll
    parameter \FCLKIN "27"
    parameter \IDIV_SEL 2
    parameter \FBDIV_SEL 13
    parameter \ODIV_SEL 4
    connect \CLKIN \reference
    connect \CLKOUT \fast
  end
  cell \CLKDIV \divider
    parameter \DIV_MODE "5"
    connect \HCLKIN \fast
  end
'''
ICE40 = r'''
  cell \SB_PLL40_PAD \pll
    parameter \DIVR 4'0000
    parameter \DIVF 7'1000010
    parameter \DIVQ 3'101
    connect \PACKAGEPIN \pin
  end
'''


@pytest.mark.parametrize("text, reference, outputs, divided", [
    (ECP5, 25 * MHZ, {1: 125 * MHZ, 2: 25 * MHZ}, ()),
    (GOWIN, 27 * MHZ, {0: 126 * MHZ}, (Fraction(126 * MHZ, 5),)),
    (ICE40, 12 * MHZ, {0: Fraction(12 * 67 * MHZ, 32)}, ()),
])
def test_pll_output_frequencies(
    text: str, reference: int, outputs: dict[int, Fraction], divided: tuple[Fraction, ...]
) -> None:
    pll = read_pll(text, Fraction(reference))
    assert (pll.outputs, pll.divided) == (outputs, divided)
    assert pll.frequencies == [*outputs.values(), *divided]


@pytest.mark.parametrize("text, count", [("", 0), (ECP5 + ECP5, 2)])
def test_a_design_without_one_pll(text: str, count: int) -> None:
    with pytest.raises(ValueError, match=f"the design has {count} PLLs, not one"):
        read_pll(text, Fraction(25 * MHZ))


# --- Parallel pins ------------------------------------------------------------------------------

def pins(signal: VideoSignal) -> np.ndarray:
    """Two samples a pixel clock: the clock pin rises in the middle of the pixel."""
    red, green, blue = np.moveaxis(signal.pixels.astype(np.uint16) >> 4, 1, 0)
    word = (red << 12 | green << 8 | blue << 4 | signal.vsync.astype(np.uint16) << 3
            | signal.hsync.astype(np.uint16) << 2 | signal.active.astype(np.uint16) << 1)
    return np.stack([word, word | 1], axis=1).ravel()


def noise(count: int) -> VideoSignal:
    rng = np.random.default_rng(3)
    levels = rng.integers(0, 2, (3, count), np.uint8) == 1
    return VideoSignal(rng.integers(0, 16, (count, 3), np.uint8) * 17, *levels)


def test_parallel_pins_are_decoded() -> None:
    sent = noise(50)
    got = decode_parallel(pins(sent))
    for name in ("pixels", "hsync", "vsync", "active"):
        assert (getattr(got, name) == getattr(sent, name)).all(), name


@pytest.mark.parametrize("at, bit, message", [
    (41, 0, "clock: it does not change at half"), (40, 6, "pixel clock 20: pins change from"),
])
def test_wrong_parallel_pins(at: int, bit: int, message: str) -> None:
    wrong = pins(noise(50))
    wrong[at] ^= 1 << bit
    with pytest.raises(ValueError, match=message):
        decode_parallel(wrong)


def test_a_signal_without_sync_is_no_picture() -> None:
    from preview_timings import LOW

    with pytest.raises(ValueError, match="no vertical sync pulse"):
        frames(decode_parallel(np.tile(np.array([0, 1], np.uint16), 5000)), LOW)


# --- UART ---------------------------------------------------------------------------------------

CLOCK, BAUD, SAMPLES = 25.2e6, 115_200, 10


def line(stimulus: Stimulus) -> Recording:
    """The receiving line, looped back to the sending one."""
    level, outputs = 1, [(0, 1)]
    for at, pin, value in stimulus.events(SAMPLES, CLOCK):
        if pin == "rx" and value != level:
            level = value
            outputs.append((at, level))
    length = outputs[-1][0] + 100_000
    return Recording(np.zeros(length, np.uint16), SAMPLES, np.array(outputs), 0, 0)


def test_bytes_go_in_as_they_come_out() -> None:
    text = bytes(range(256)) + b"\xff\x00\xff"
    sent = line(Stimulus(uart=[(100, text), (700_000, b"k2\n")], baud=BAUD))
    assert sent.sent(BAUD, CLOCK) == text + b"k2\n"


def test_a_line_at_another_speed_is_noticed() -> None:
    sent = line(Stimulus(uart=[(100, b"\x00\x00")], baud=BAUD // 2))
    with pytest.raises(ValueError, match="UART: no stop bit"):
        sent.sent(BAUD, CLOCK)


def test_events_are_in_order_of_time() -> None:
    stimulus = Stimulus(uart=[(5000, b"x")], buttons=[(40, 1), (30, 2)])
    found = stimulus.events(SAMPLES, CLOCK)
    assert found == sorted(found, key=lambda event: event[0])
    assert [event for event in found if event[1] == "buttons"] == [
        (300, "buttons", 2), (400, "buttons", 1)]
    assert (0, "rx", 1) in found
