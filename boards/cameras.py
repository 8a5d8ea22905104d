"""Which camera goes with a mode, and how it is made to keep up with the screen."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from ..model import InputError
from .video import ov5640, ov7670
from .video.sccb import CameraTable
from .video.timing import Timing


__all__ = ["CAMERAS", "CameraModule", "Pace", "camera_for", "pace"]


@dataclass(frozen=True)
class CameraModule:
    """A camera with a parallel port, two clocks a pixel.

    Parameters
    ----------
    name : :class:`str`
        As a user knows it.
    mode : :class:`str`
        The timing whose size and frame rate it has.
    xclk : :class:`float`
        Highest frequency of the clock that it is given, in hertz.
    clocks : :class:`float`
        Its pixel clock as a multiple of that.
    line_clocks, lines : :class:`int`
        Pixel clocks of its shortest line, and lines of its shortest frame.
    longer_lines : :class:`bool`
        Whether its lines can be made longer.
    table : callable
        Makes the table of registers, from pixel clocks of a line and lines of a frame.
    """

    name: str
    mode: str
    xclk: float
    clocks: float
    line_clocks: int
    lines: int
    longer_lines: bool
    table: Callable[[int, int], CameraTable]


CAMERAS: dict[str, CameraModule] = {camera.mode: camera for camera in (
    CameraModule(
        "OV7670", "640x480p60", 48e6, 1, ov7670.LINE_CLOCKS, ov7670.LINES, False,
        lambda clocks, lines: ov7670.ov7670("rgb565", dummy_lines=lines - ov7670.LINES)),
    CameraModule(
        "OV5640", "1280x720p30", 27e6, 84 / 24, ov5640.LINE_CLOCKS, ov5640.LINES, True,
        lambda clocks, lines: ov5640.ov5640("rgb565", line_pixels=clocks // 2, lines=lines)),
)}
"""By mode."""


def camera_for(timing: Timing) -> CameraModule:
    """Return the camera of a mode.

    Raises
    ------
    :exc:`InputError`
        If there is none.
    """
    if timing.name not in CAMERAS:
        raise InputError(f"source 'camera': no camera sends {timing}; "
                         f"choose a mode of {', '.join(CAMERAS)}")
    return CAMERAS[timing.name]


@dataclass(frozen=True)
class Pace:
    """How a camera and a screen keep step without a frame store.

    Parameters
    ----------
    line_clocks, lines : :class:`int`
        Pixel clocks of a camera's line, and lines of its frame.
    fill : :class:`int`
        Pixels that must wait before the screen's picture starts, since its lines are faster.
    stretch : :class:`int`
        Lines that the screen's frame waits for the camera's next one, at most.
    """

    line_clocks: int
    lines: int
    fill: int
    stretch: int


def pace(camera: CameraModule, timing: Timing, clock: float, xclk: float) -> Pace:
    """Make a camera's frames as long as the screen's, or a little longer.

    Parameters
    ----------
    camera : :class:`CameraModule`
        The camera.
    timing : :class:`~.video.timing.Timing`
        Of the screen.
    clock, xclk : :class:`float`
        The screen's pixel clock and the clock that the camera is given, in hertz; from one
        oscillator, so that they keep their ratio.
    """
    pixel_clock = camera.clocks * xclk
    screen_line = timing.horizontal.total / clock
    line_clocks = camera.line_clocks
    if camera.longer_lines:
        line_clocks = max(line_clocks, 2 * math.ceil(screen_line * pixel_clock / 2))
    line = line_clocks / pixel_clock
    lines = max(camera.lines, math.ceil(screen_line * timing.vertical.total / line))
    late = max(timing.height * (line - screen_line), 0)
    return Pace(
        line_clocks=line_clocks,
        lines=lines,
        # A line more: a camera's line starts when it likes.
        fill=timing.width + math.ceil(late / line * timing.width),
        stretch=math.ceil(lines * line / screen_line - timing.vertical.total) + 2,
    )
