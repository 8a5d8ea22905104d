"""A camera that sees one picture all the time, for a preview.

It does not wait until it is set up, which takes it 50 to 150 ms.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...boards.cameras import camera_for
from ...boards.top import Top
from ...boards.video.camera import Camera
from ...boards.video.camera_model import CameraPins, rgb565_bytes, rgb565_seen
from ...boards.video.timing import Timing
from .simulation import CameraPlay, Stimulus


__all__ = ["Played", "play"]

_RATIO = 0.9997
"""The camera's clock as a part of what it should be: it has an oscillator's tolerance."""

_BEFORE = 4
"""Blank lines between its sync pulse and its picture."""


@dataclass(frozen=True)
class Played:
    """What is played, and what a screen makes of it.

    Parameters
    ----------
    stimulus : :class:`~.simulation.Stimulus`
        The camera.
    frame : (height, width, 3) uint8 array
        Its picture, as RGB565 leaves it.
    stretch : :class:`int`
        Lines by which the screen's frames may be longer.
    cycles : :class:`int`
        Pixel clocks of the whole simulation.
    black : :class:`int`
        Frames of the screen that may be black before the first one of the camera.
    """

    stimulus: Stimulus
    frame: npt.NDArray[np.uint8]
    stretch: int
    cycles: int
    black: int


def play(top: Top, timing: Timing, picture: npt.NDArray[np.uint8], frames: int) -> Played:
    """A camera of a top that shows a picture so often that the screen has ``frames`` of it.

    It starts so that its first frame finds the screen where that can wait for it.
    """
    source, pace = next(iter(top.demo.sources.values())), top.pace
    assert isinstance(source, Camera)
    assert pace is not None
    clock = top.clocks.camera_frequency * camera_for(timing).clocks * _RATIO
    multiple = clock / top.frequency
    line = timing.horizontal.total
    waiting = (timing.vertical.total + pace.stretch) * line
    behind = timing.vertical.start + pace.stretch // 2
    ahead = pace.fill / timing.width * pace.line_clocks / multiple
    start = waiting + behind * line - ahead - (
        1 + _BEFORE) * pace.line_clocks / multiple
    pins = CameraPins(pace.line_clocks, before=_BEFORE,
                      after=pace.lines - timing.height - _BEFORE - 1)
    levels = np.array(list(pins.cycles(rgb565_bytes(picture))), np.uint8)
    turn = np.stack([levels[:, 2], levels[:, 0] | levels[:, 1] << 1], axis=1).astype(np.uint8)
    cycles = np.concatenate([
        np.zeros((round(start * multiple), 2), np.uint8), *[turn] * (frames + 3)])
    return Played(
        Stimulus(camera=CameraPlay(clock, cycles, source.table.address)),
        rgb565_seen(picture), pace.stretch, (frames + 3) * waiting, 3)
