"""A word beforehand where the work will take long or much memory."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from windrow.model import Filter, Pipeline

__all__ = ["announce"]

#: Seconds and gigabytes from which on it is worth a word.
LONG, LARGE = 20.0, 1.0


def announce(design: Filter | Pipeline, *, builds: int = 1, quiet: bool = False) -> None:
    """Say on standard error about how long the Verilog takes, ``builds`` times, and what memory.

    Nothing is said of what is there within seconds.
    """
    from windrow.model.effort import effort  # late: numpy comes with it

    seconds, gigabytes = effort(design)
    seconds *= builds
    if quiet or sys.stderr is None or (seconds < LONG and gigabytes < LARGE):
        return
    time = f"{seconds:.0f} seconds" if seconds < 90 else f"{seconds / 60:.0f} minutes"
    print(f"windrow: a large design: its Verilog takes about {time} and {gigabytes:.1f} GB of "
          "memory", file=sys.stderr, flush=True)
