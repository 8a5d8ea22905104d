"""Running the generated Verilog, and judging it by the golden model.

:func:`simulate` sends frames through a filter's core on one of the :data:`ENGINES`, and
:func:`compare` finds the first sample in which the result is wrong. :mod:`.pictures` reads and
writes the frames, :mod:`.tools` finds the simulators.
"""

from .job import ENGINES, Mismatch, Result, compare, simulate
from .recording import CoreError
from .tools import MissingTool
from .traffic import Traffic


__all__ = [
    "ENGINES", "CoreError", "Mismatch", "MissingTool", "Result", "Traffic", "compare",
    "simulate",
]
