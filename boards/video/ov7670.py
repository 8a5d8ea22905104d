"""OmniVision OV7670: VGA, 30 frames a second, a byte a pixel clock.

A line takes 784 pixels of two bytes and a frame 510 lines, 640 and 480 of them with a picture.
Source of names, registers and timing: OmniVision, "OV7670/OV7171 CMOS VGA CameraChip", data sheet
version 1.4, table 5 and figures 5 and 6. The window and the colour matrices are OmniVision's own
settings for VGA as in the "Implementation Guide", version 1.0; Linux's driver has the same.
"""

from ...model import InputError
from .sccb import CameraTable, Wait, Write


__all__ = ["LINES", "LINE_CLOCKS", "ov7670"]

LINE_CLOCKS = 2 * 784
"""Pixel clocks of a line, two a pixel."""

LINES = 510
"""Lines of a frame, without dummy ones."""

_COLOURS = {
    # COM7's format bits, COM15, and the matrix MTX1 to MTX6.
    "rgb565": (0x04, 0xD0, (0xB3, 0xB3, 0x00, 0x3D, 0xA7, 0xE4)),
    "yuv422": (0x00, 0xC0, (0x80, 0x80, 0x00, 0x22, 0x5E, 0x80)),
}


def ov7670(pixel_format: str = "rgb565", *, dummy_lines: int = 0) -> CameraTable:
    """The table for VGA.

    The pixel clock is XCLK itself, 10 to 48 MHz; ``LINE_CLOCKS * (LINES + dummy_lines)`` of it make
    a frame. With the exposure automatic the picture is as bright at any rate.

    Parameters
    ----------
    pixel_format : :class:`str`
        ``rgb565``, high byte first, or ``yuv422``: Y, Cb, Y, Cr. Full range.
    dummy_lines : :class:`int`
        Lines without a picture to add to each frame, to come to the frame rate of a screen.

    Raises
    ------
    :exc:`InputError`
        If there is no such format, or the number of lines does not fit.
    """
    if pixel_format not in _COLOURS:
        raise InputError(
            f"pixel_format must be {' or '.join(_COLOURS)}, not {pixel_format!r}")
    if not 0 <= dummy_lines < 1 << 16:
        raise InputError(f"dummy_lines must be 0 to 65535, not {dummy_lines}")
    com7, com15, matrix = _COLOURS[pixel_format]
    return CameraTable("OV7670", 0x42, 1, (
        Write(0x12, 0x80),  # COM7: all registers to their defaults
        Wait(2),            # the data sheet asks for 1 ms
        Write(0x11, 0x40),  # CLKRC: XCLK as it is
        Write(0x6B, 0x0A),  # DBLV: no PLL
        Write(0x12, com7),  # COM7: VGA; RGB or YUV
        Write(0x8C, 0x00),  # RGB444: off
        Write(0x40, com15),  # COM15: 0 to 255; RGB565
        Write(0x3A, 0x04),  # TSLB: with COM13, Y first, then Cb, Y, Cr
        Write(0x3D, 0xC0),  # COM13: gamma and saturation by themselves; Cb before Cr
        Write(0x15, 0x00),  # COM10: HREF and VSYNC high; data change as PCLK falls
        Write(0x17, 0x13), Write(0x18, 0x01), Write(0x32, 0xB6),  # HSTART, HSTOP, HREF
        Write(0x19, 0x02), Write(0x1A, 0x7A), Write(0x03, 0x0A),  # VSTRT, VSTOP, VREF
        Write(0x0C, 0x00), Write(0x3E, 0x00),  # COM3, COM14: no scaling
        Write(0x13, 0xE7),  # COM8: gain, white balance and exposure by themselves
        Write(0x14, 0x38),  # COM9: gain up to 16
        Write(0x41, 0x38),  # COM16: edges, noise and white balance by themselves
        *(Write(0x4F + number, entry) for number, entry in enumerate(matrix)),
        Write(0x58, 0x9E),  # MTXS: signs of the matrix
        Write(0xB0, 0x84),  # reserved; colours are wrong without it
        Write(0x92, dummy_lines & 0xFF), Write(0x93, dummy_lines >> 8),  # DM_LNL, DM_LNH
    ), "OV7670 data sheet 1.4, table 5; Implementation Guide 1.0")
