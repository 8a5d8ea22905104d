"""What it takes to generate a design's Verilog, estimated from its keys."""

from typing import NamedTuple

from .filter import Filter
from .operations import Correlate
from .pipeline import FilterStage, Pipeline


__all__ = ["Effort", "effort"]


class Effort(NamedTuple):
    """Processor time of one core of a desktop computer, in seconds, and memory, in gigabytes."""

    seconds: float
    gigabytes: float


def effort(design: Filter | Pipeline) -> Effort:
    """An estimate, within a factor of three of what was measured for filters.

    The arithmetic is made once for all lanes and channels; each of these is then connected to the
    window, bit by bit. ``benchmarks/effort.py`` measures what the numbers are fitted to.
    """
    if isinstance(design, Pipeline):
        each = [effort(stage.filter) if isinstance(stage, FilterStage) else Effort(0.1, 0.01)
                for stage in design.stages]
        return Effort(*map(sum, zip(*each, strict=True)))
    filter = design
    cells = filter.kernel_height * filter.kernel_width
    taps, widest = cells, filter.pixel.bits
    if isinstance(filter.applied, Correlate):
        entries = [entry for kernel in filter.applied.kernels for row in kernel for entry in row]
        widest = max(*map(int.bit_length, entries), 1)
        taps = len(entries) - entries.count(0)
    if filter.runtime_kernel:
        taps, widest = cells, max(widest, filter.coefficient_bits)
    arithmetic = taps * (widest / 8) ** 0.5
    wires = filter.pixels_per_clock * filter.channels * cells * filter.pixel.bits
    return Effort(1 + 7e-3 * arithmetic + 2.7e-4 * wires,
                  0.13 + 4e-5 * arithmetic + 2.5e-6 * wires)
