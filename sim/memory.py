"""Whether the frames of a simulation fit in memory, before they are read."""

import os

from ..model.errors import InputError
from ..model.filter import Filter
from ..model.format import Format
from ..model.pipeline import Pipeline


__all__ = ["check_memory"]

_GIGABYTE = 1e9


def check_memory(design: Filter | Pipeline, frame_count: int) -> None:
    """Refuse what needs more memory than the machine has.

    A run holds each frame's beats, and its output also as 64-bit integers; 2 bytes a sample are
    for all else (measured: 13 bytes a sample of 8 bits, at 4096x4096 in colour).

    Raises
    ------
    :exc:`InputError`
        With an estimate, if it does not fit.
    """
    needed = frame_count * (
        _samples(design.format) * (2 + design.pixel.dtype.itemsize)
        + _samples(design.output_format) * (8 + 2 * design.output.dtype.itemsize))
    if isinstance(design, Pipeline):  # the model holds the taps of one frame
        needed += sum(_samples(tap.format) * tap.format.sample.dtype.itemsize
                      for tap in design.taps.values())
    try:
        there = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):  # a system that does not say
        return
    if needed > there:
        channels = f" with {design.channels} channels" if design.channels > 1 else ""
        raise InputError(
            f"{frame_count} frames of {design.width}x{design.height}{channels} take some "
            f"{needed / _GIGABYTE:.1f} GB of memory, and this machine has "
            f"{there / _GIGABYTE:.1f} GB; give fewer or smaller ones")


def _samples(frame: Format) -> int:
    return frame.width * frame.height * frame.channels
