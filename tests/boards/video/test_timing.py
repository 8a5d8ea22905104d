"""The timings against the totals, rates and tolerances that the standards print beside them."""

import pytest

from windrow.boards.video.timing import TIMINGS, Span, Timing


# Total pixels and lines, line rate in kHz and frame rate in Hz. Source: VESA DMT 1.0 rev. 13;
# CEA-861-D, table 2 (VIC 34 and 62 have no page in DMT).
PRINTED = {
    "640x480p60": (800, 525, 31.469, 59.940),
    "800x600p60": (1056, 628, 37.879, 60.317),
    "1280x720p60": (1650, 750, 45.000, 60.000),
    "1280x720p30": (3300, 750, 22.500, 30.000),
    "1920x1080p30": (2200, 1125, 33.750, 30.000),
}


def test_each_has_its_page() -> None:
    assert TIMINGS.keys() == PRINTED.keys()


@pytest.mark.parametrize("name", TIMINGS)
def test_totals_and_rates(name: str) -> None:
    timing = TIMINGS[name]
    pixels, lines, line_rate, frame_rate = PRINTED[name]
    assert (timing.horizontal.total, timing.vertical.total) == (pixels, lines)
    assert timing.pixel_clock / pixels / 1000 == pytest.approx(line_rate, abs=0.0005)
    assert timing.frame_rate == pytest.approx(frame_rate, abs=0.0005)
    assert timing.total * timing.frame_rate == pytest.approx(timing.pixel_clock)
    assert name == f"{timing.width}x{timing.height}p{timing.rate:.0f}"


def test_the_clocks_that_boards_make_are_accepted() -> None:
    vga = TIMINGS["640x480p60"]
    assert vga.accepts(25_200_000)  # CEA-861's 60 Hz
    assert not vga.accepts(25_000_000)
    assert vga.accepts(25_175_000 * 1.0049)
    assert not vga.accepts(25_175_000 * 0.9949)


def test_impossible_timings() -> None:
    across, down = Span(8, 1, 1, 1, True), Span(4, 1, 1, 1, True)
    with pytest.raises(ValueError, match="front_porch must be at least 1, not 0"):
        Span(8, 0, 1, 1, True)
    assert Timing("x", 77, 1, across, down, "test").total == 77
    with pytest.raises(ValueError, match=r"pixel_clock of x must be within 1 % of 77 pixels"):
        Timing("x", 79, 1, across, down, "test")
