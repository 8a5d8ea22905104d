"""What a monitor makes of a video signal: whether it locks, and the pictures that it shows."""

import numpy as np
import numpy.typing as npt

from ...model import InputError
from .signal import VideoSignal
from .timing import Timing


__all__ = ["frames"]


def frames(
    signal: VideoSignal, timing: Timing, *, stretch: int = 0
) -> list[npt.NDArray[np.uint8]]:
    """Check a signal against a timing, and cut it into pictures.

    The signal is checked from the end of its first vertical sync pulse on, pixel by pixel: polarity
    and length of both sync pulses, lengths of lines and frames, where data are enabled, and black
    outside of it. What came before may be a circuit's start. A frame that the signal cuts off is
    checked as far as it is there.

    Parameters
    ----------
    signal : :class:`~.signal.VideoSignal`
        What was seen.
    timing : :class:`~.timing.Timing`
        What it should be.
    stretch : :class:`int`
        Lines by which a frame's vertical back porch may be longer.

    Returns
    -------
    list of (height, width, 3) uint8 arrays
        Every frame that is whole.

    Raises
    ------
    :exc:`InputError`
        At the first pixel clock that is not as the timing has it, with its frame, line and pixel,
        both counted from the start of the sync pulses; or if there is no vertical sync pulse.
    """
    begin = _first_sync_end(signal, timing)
    line = timing.horizontal.total
    start = begin - timing.vertical.sync * line
    pictures = []
    number = 0
    while start < len(signal.active):
        extra = _extra_lines(signal, timing, start, stretch)
        wanted = _frame(timing, extra)
        end = start + len(wanted["active"])
        there = slice(max(start, begin), min(end, len(signal.active)))
        expected = {name: levels[there.start - start : there.stop - start]
                    for name, levels in wanted.items()}
        for name, levels in expected.items():
            got = getattr(signal, name)[there]
            for at in np.flatnonzero(got != levels)[:1]:
                row, column = divmod(int(at) + there.start - start, line)
                raise InputError(
                    f"{timing}: frame {number} line {row} pixel {column}: {name} is "
                    f"{int(got[at])}, not {int(levels[at])}")
        pixels = signal.pixels[there]
        if pixels[~expected["active"]].any():
            raise InputError(f"{timing}: frame {number} is not black in its blanking")
        shown = pixels[expected["active"]]
        if len(shown) == timing.width * timing.height:
            pictures.append(shown.reshape(timing.height, timing.width, 3))
        start = end
        number += 1
    return pictures


def _first_sync_end(signal: VideoSignal, timing: Timing) -> int:
    """The first pixel clock behind a vertical sync pulse."""
    pulse = signal.vsync == timing.vertical.positive
    ends = np.flatnonzero(pulse[:-1] & ~pulse[1:])
    if not len(ends):
        raise InputError(f"{timing}: no vertical sync pulse ends in {len(pulse)} pixel clocks")
    return int(ends[0]) + 1


def _extra_lines(signal: VideoSignal, timing: Timing, start: int, stretch: int) -> int:
    """By how many lines the frame's picture comes late."""
    line = timing.horizontal.total
    first = start + timing.vertical.start * line
    shown = signal.active[first : first + (stretch + 1) * line]
    if not shown.any():
        return 0 if len(shown) == (stretch + 1) * line else stretch
    return int(np.argmax(shown)) // line


def _frame(timing: Timing, extra: int) -> dict[str, npt.NDArray[np.bool_]]:
    """The levels of both sync signals and of data enable in each pixel clock of a frame."""
    across, down = timing.horizontal, timing.vertical
    at = np.arange(across.total)
    line = np.arange(down.total + extra)[:, None]
    picture = line - extra - down.start
    levels = {
        "hsync": (at < across.sync) == across.positive,
        "vsync": (line < down.sync) == down.positive,
        "active": (picture >= 0) & (picture < down.active)
        & (at >= across.start) & (at < across.start + across.active),
    }
    shape = (len(line), len(at))
    return {name: np.broadcast_to(level, shape).ravel() for name, level in levels.items()}
