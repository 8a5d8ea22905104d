"""What an engine brings back from a run, before it is judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt


__all__ = ["CoreError", "Recording", "Span"]


class CoreError(Exception):
    """The core broke the rules of its ports, or hung: the result is wrong.

    The text is one line that names the port, the rule, the place in the frame and the cycle. The
    command line prints it and exits with status 1.
    """


class Span(NamedTuple):
    """The clock edges that took a frame's first and last beats, counted from reset.

    The interval between any two of them is in cycles.
    """

    first_in: int
    last_in: int
    first_out: int
    last_out: int


@dataclass
class Recording:
    """One run of a core.

    Parameters
    ----------
    beats : array of uint8, (frames * beats_per_frame, bytes_per_beat)
        Every output beat.
    spans : list of :class:`Span`
        One for each frame.
    build_seconds, run_seconds : :class:`float`
        Time spent on building the simulator (0 where it was cached) and on running it.
    taps : mapping of :class:`str` to array of uint8, (beats, bytes_per_beat)
        What a network's taps showed.
    """

    beats: npt.NDArray[np.uint8]
    spans: list[Span] = field(default_factory=list)
    build_seconds: float = 0.0
    run_seconds: float = 0.0
    taps: Mapping[str, npt.NDArray[np.uint8]] = field(default_factory=dict)
