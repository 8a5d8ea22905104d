"""Whether the frames of a simulation fit in memory, before they are read."""

import os

from ..model.errors import InputError
from ..model.filter import Filter


__all__ = ["check_memory"]

_GIGABYTE = 1e9


def check_memory(filter: Filter, frame_count: int) -> None:
    """Refuse what needs more memory than the machine has.

    A run holds each frame's beats, and its output also as 64-bit integers; 2 bytes a sample are
    for all else (measured: 13 bytes a sample of 8 bits, at 4096x4096 in colour).

    Raises
    ------
    :exc:`InputError`
        With an estimate, if it does not fit.
    """
    into = filter.width * filter.height * (2 + filter.pixel.dtype.itemsize)
    out = filter.output_width * filter.output_height * (8 + 2 * filter.output.dtype.itemsize)
    needed = frame_count * filter.channels * (into + out)
    try:
        there = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):  # a system that does not say
        return
    if needed > there:
        channels = f" with {filter.channels} channels" if filter.channels > 1 else ""
        raise InputError(
            f"{frame_count} frames of {filter.width}x{filter.height}{channels} take some "
            f"{needed / _GIGABYTE:.1f} GB of memory, and this machine has "
            f"{there / _GIGABYTE:.1f} GB; give fewer or smaller ones")
