"""From the pins of a parallel video output back to pixels."""

import numpy as np
import numpy.typing as npt

from ...boards.video.signal import VideoSignal
from ...model import InputError


__all__ = ["decode_parallel"]

_REPEATED = 17  # a sample of four bits in both halves of a byte


def decode_parallel(video: npt.NDArray[np.uint16]) -> VideoSignal:
    """Decode single-rate parallel RGB, four bits a colour.

    A transmitter takes the pins at each rise of the clock pin.

    Parameters
    ----------
    video : uint16 array
        Clock, data enable, horizontal and vertical sync in bits 0 to 3; blue, green and red in bits
        4, 8 and 12 and above. Two samples a pixel clock, in the order of time.

    Returns
    -------
    :class:`~windrow.boards.video.signal.VideoSignal`
        From the first rise on; four bits repeated make eight.

    Raises
    ------
    :exc:`InputError`
        If the clock pin does not change at each sample, or another pin changes where it rises.
    """
    clock = video & 1
    start = int(np.argmax(clock[1:] > clock[:-1])) + 1
    clock = clock[start:]
    for at in np.flatnonzero(clock != (np.arange(len(clock)) + 1) % 2)[:1]:
        raise InputError(f"clock: it does not change at half {at} of a pixel clock")
    taken = video[start::2].astype(np.int64)
    before = video[start - 1 :: 2].astype(np.int64)[: len(taken)]
    for at in np.flatnonzero(taken >> 1 != before >> 1)[:1]:
        raise InputError(f"pixel clock {at}: pins change from {before[at]:016b} to "
                         f"{taken[at]:016b} where the clock pin rises")
    pixels = np.stack([taken >> shift & 15 for shift in (12, 8, 4)], axis=1) * _REPEATED
    active, hsync, vsync = (taken >> bit & 1 == 1 for bit in (1, 2, 3))
    return VideoSignal(pixels.astype(np.uint8), hsync, vsync, active)
