"""A video signal as it was seen, a pixel clock after the other."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


__all__ = ["VideoSignal"]


@dataclass(frozen=True)
class VideoSignal:
    """Samples of a video signal, one each pixel clock.

    Attributes
    ----------
    pixels : (N, 3) uint8 array
        Red, green, blue.
    hsync, vsync, active : bool arrays of N
        The levels of the sync signals, and of data enable (DE).
    """

    pixels: npt.NDArray[np.uint8]
    hsync: npt.NDArray[np.bool_]
    vsync: npt.NDArray[np.bool_]
    active: npt.NDArray[np.bool_]
