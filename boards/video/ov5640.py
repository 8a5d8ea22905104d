"""OmniVision OV5640: 1280 x 720, 30 frames a second, a byte a pixel clock.

Source of names, registers and timing: OmniVision, "OV5640", data sheet version 2.03, chapter 7 and
table 2-1. Registers 0x3600 to 0x3731 are analogue ones that it does not describe; theirs are
OmniVision's values for 720p as in Linux's driver.
"""

from collections.abc import Iterator

from ...model import InputError
from .sccb import CameraTable, Wait, Write


__all__ = ["LINES", "LINE_CLOCKS", "ov5640"]

LINE_CLOCKS = 2 * 1892
"""Pixel clocks of a line, two a pixel."""

LINES = 740
"""Lines of a frame."""

_FORMATS = {
    # FORMAT CONTROL 00, FORMAT MUX CONTROL.
    "rgb565": (0x61, 0x01),
    "yuv422": (0x30, 0x00),
}

_ANALOGUE = {
    0x3600: 0x08, 0x3601: 0x33, 0x3612: 0x29, 0x3618: 0x00, 0x3620: 0x52, 0x3621: 0xE0,
    0x3622: 0x01, 0x3630: 0x36, 0x3631: 0x0E, 0x3632: 0xE2, 0x3633: 0x12, 0x3634: 0x40,
    0x3635: 0x13, 0x3636: 0x03, 0x3703: 0x5A, 0x3704: 0xA0, 0x3705: 0x1A, 0x3708: 0x64,
    0x3709: 0x52, 0x370B: 0x60, 0x370C: 0x03, 0x3715: 0x78, 0x3717: 0x01, 0x371B: 0x20,
    0x3731: 0x12,
}


def _pair(register: int, value: int) -> Iterator[Write]:
    """A value of two registers, the high one first."""
    yield Write(register, value >> 8)
    yield Write(register + 1, value & 0xFF)


def ov5640(
    pixel_format: str = "yuv422", *, line_pixels: int = LINE_CLOCKS // 2, lines: int = LINES
) -> CameraTable:
    """The table for 720p.

    With an XCLK of 24 MHz the pixel clock is 84 MHz: 24 MHz / 3 * 105 / 2 / 2 / 2.5.
    ``2 * line_pixels * lines`` of it make a frame.

    Parameters
    ----------
    pixel_format : :class:`str`
        ``rgb565``, high byte first, or ``yuv422``: Y, Cb, Y, Cr.
    line_pixels, lines : :class:`int`
        Of a frame with its blanking (HTS and VTS), to come to the frame rate of a screen: at least
        1892 and 740.

    Raises
    ------
    :exc:`InputError`
        If there is no such format, or a number is out of range.
    """
    if pixel_format not in _FORMATS:
        raise InputError(
            f"pixel_format must be {' or '.join(_FORMATS)}, not {pixel_format!r}")
    if not LINE_CLOCKS // 2 <= line_pixels < 1 << 13:
        raise InputError(f"line_pixels must be {LINE_CLOCKS // 2} to 8191, not {line_pixels}")
    if not LINES <= lines < 1 << 16:
        raise InputError(f"lines must be {LINES} to 65535, not {lines}")
    control, multiplexer = _FORMATS[pixel_format]
    return CameraTable("OV5640", 0x78, 2, (
        Write(0x3103, 0x11),  # clock from the pad
        Write(0x3008, 0x82),  # SYSTEM CTRL0: all registers to their defaults
        Wait(5),
        Write(0x3008, 0x42),  # SYSTEM CTRL0: power down while it is set up
        Write(0x3103, 0x03),  # clock from the PLL
        Write(0x300E, 0x58),  # DVP in the place of MIPI
        Write(0x3017, 0x7F), Write(0x3018, 0xFC),  # pads: VSYNC, HREF, PCLK, D9 to D2
        Write(0x3034, 0x1A), Write(0x3035, 0x21),  # PLL: by 2.5; by 2
        Write(0x3036, 0x69), Write(0x3037, 0x13),  # PLL: times 105; by 3, by 2
        Write(0x3108, 0x01),  # PCLK = PLL; SCLK = PLL / 2
        *(Write(register, value) for register, value in _ANALOGUE.items()),
        *_pair(0x3800, 0), *_pair(0x3802, 250),  # window of the sensor, left and top
        *_pair(0x3804, 2623), *_pair(0x3806, 1705),  # right and bottom
        *_pair(0x3808, 1280), *_pair(0x380A, 720),  # of the output
        *_pair(0x380C, line_pixels), *_pair(0x380E, lines),  # HTS, VTS
        *_pair(0x3810, 16), *_pair(0x3812, 4),  # offsets
        Write(0x3814, 0x31), Write(0x3815, 0x31),  # every second pixel and line
        Write(0x3820, 0x41), Write(0x3821, 0x07),  # binning; mirrored as the lens needs it
        Write(0x4300, control), Write(0x501F, multiplexer),
        # POLARITY: data change as PCLK falls, HREF is high, and so is VSYNC. Bit 0 is the other way
        # round in the data sheet; as here it is in Linux's driver.
        Write(0x4740, 0x22),
        Write(0x460B, 0x37), Write(0x460C, 0x20), Write(0x3824, 0x04),  # PCLK by itself
        Write(0x5000, 0xA7), Write(0x5001, 0x83),  # ISP: lens, gamma, pixels, white balance
        Write(0x3008, 0x02),  # SYSTEM CTRL0: awake
        Wait(20),
    ), "OV5640 data sheet 2.03, chapter 7; Linux drivers/media/i2c/ov5640.c for 0x3600 to 0x3731, "
       "and 0x4740")
