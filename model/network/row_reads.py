"""Which rows of its input a layer reads for each row of its output."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from .convolution import PADDING_MODES, Convolution
from .layer import Layer
from .movement import Crop, DepthToSpace, Pad, Resize, SpaceToDepth
from .pooling import Pool


__all__ = ["RowReads", "row_reads"]


@dataclass(frozen=True)
class RowReads:
    """What a layer's memory of rows is asked for.

    Attributes
    ----------
    height : :class:`int`
        Rows of the input.
    last : tuple of :class:`int`
        For each row of the output, the last row of the input that must be whole before it starts:
        at least the first, so that no frame starts before its input does.
    free : tuple of :class:`int`
        For each row of the output, how many rows of the input nothing reads after it.
    """

    height: int
    last: tuple[int, ...]
    free: tuple[int, ...]

    @cached_property
    def freed(self) -> tuple[int, ...]:
        """The output row whose end frees each row of the input."""
        return tuple(int(np.searchsorted(self.free, row, side="right"))
                     for row in range(self.height))

    @property
    def least(self) -> int:
        """Rows without which the layer could not work."""
        return max(1 + last - free
                   for last, free in zip(self.last, (0, *self.free), strict=False))


def row_reads(layer: Layer) -> RowReads:
    """The rows that a layer of a window, or one that moves rows, reads of its only input."""
    reads = _reads(layer)
    height = layer.input.height
    last = np.maximum.accumulate([max(rows, default=0) for rows in reads])
    later = np.minimum.accumulate([min(rows, default=height) for rows in reads[::-1]])[::-1]
    return RowReads(height, tuple(last.tolist()), (*later[1:].tolist(), height))


def _reads(layer: Layer) -> list[list[int]]:
    """The input rows that each row of the output reads."""
    rows = range(layer.output.height)
    match layer:
        case Convolution() | Pool():
            return _windows(layer)
        case Resize():
            return [[row // layer.factors[0]] for row in rows]
        case DepthToSpace():
            return [[row // layer.block] for row in rows]
        case SpaceToDepth():
            return [list(range(row * layer.block, (row + 1) * layer.block)) for row in rows]
        case Crop():
            return [[layer.rows[0] + row] for row in rows]
        case Pad():
            there = _padded(np.arange(layer.input.height), *layer.pads[:2], layer.mode)
            return [[row] if row >= 0 else [] for row in there.tolist()]
    raise TypeError(f"{type(layer).__name__} has no memory of rows")


def _windows(layer: Convolution | Pool) -> list[list[int]]:
    """The rows under each row of windows."""
    apart = layer.input_dilation[0] if isinstance(layer, Convolution) else 1
    mode = layer.padding_mode if isinstance(layer, Convolution) else "zeros"
    stuffed = np.full((layer.input.height - 1) * apart + 1, -1)
    stuffed[::apart] = range(layer.input.height)
    top = layer.pads[0]
    span = (layer.output.height - 1) * layer.stride[0] + (
        layer.kernel[0] - 1) * layer.dilation[0] + 1
    there = _padded(stuffed, max(top, 0), max(span - top - len(stuffed), 0), mode)[max(-top, 0):]
    taps = np.arange(layer.kernel[0]) * layer.dilation[0]
    return [[row for row in there[start + taps].tolist() if row >= 0]
            for start in range(0, span - taps[-1], layer.stride[0])]


def _padded(rows: npt.NDArray[np.int64], top: int, bottom: int, mode: str) -> npt.NDArray[np.int64]:
    """The row of the input at each row of the padded frame, -1 where there is none."""
    keys = {"constant_values": -1} if mode == "zeros" else {}
    return np.pad(rows, (top, bottom), PADDING_MODES[mode], **keys)  # type: ignore[call-overload]
