"""Functions of one sample, as tables."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ..sample import Sample
from .layer import Array, Layer
from .tensor import Tensor


__all__ = ["Table", "table"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Table(Layer):
    """``tables[channel][x - x's minimum]``: any activation, requantisation or scale a channel.

    Parameters
    ----------
    tables : tuple of tuples of :class:`int`
        One for all channels or one each, of ``2**bits`` entries each.
    sample, scale, zero_point
        The output's, as of :class:`~.tensor.Tensor`.
    """

    tables: tuple[tuple[int, ...], ...]
    sample: Sample
    scale: float | None = None
    zero_point: int = 0

    def check(self) -> None:
        self.keep_count(1)
        if self.input.sample.bits > 12:
            self.refuse("input", str(self.input.sample),
                        "of at most 12 bits where a table reads it")
        if len(self.tables) not in (1, self.input.channels):
            self.refuse("tables", len(self.tables), f"1 or {self.input.channels}, one a channel")
        entries = 1 << self.input.sample.bits
        made = []
        for each in self.tables:
            entry = tuple(int(value) for value in each)
            if len(entry) != entries or not all(value in self.sample for value in entry):
                self.refuse("tables", each, f"{entries} samples of {self.sample}")
            made.append(entry)
        self.keep("tables", tuple(made))

    @cached_property
    def output(self) -> Tensor:
        return Tensor(*self.input.shape, self.sample, self.scale, self.zero_point)

    def compute(self, *arrays: Array) -> Array:
        return looked_up(self.tables, arrays[0], self.input.sample)


def looked_up(tables: tuple[tuple[int, ...], ...], array: Array, sample: Sample) -> Array:
    """The entries of each channel's table."""
    entries = np.array(tables, np.int64)
    channel = np.arange(array.shape[1]).reshape(-1, 1, 1) if len(tables) > 1 else 0
    return entries[channel, array - sample.minimum]


def table(sample: Sample, function: Callable[[npt.NDArray[np.int64]], Any]) -> tuple[int, ...]:
    """The table of a function of samples."""
    made = function(np.arange(sample.minimum, sample.maximum + 1))
    return tuple(int(each) for each in made)


def requantised(source: Tensor, sample: Sample, scale: float, zero_point: int) -> tuple[int, ...]:
    """The table from a tensor's scale and zero point to others, as ONNX Runtime's QLinearConcat.

    ``clamp(rint(f(f((x - zero) * scale) / to)) + to's zero)``, ``f`` rounding to float32: what
    DequantizeLinear and QuantizeLinear give in a row.
    """
    assert source.scale is not None
    f = np.float32
    from_scale = f(source.scale)
    return table(source.sample, lambda x: np.clip(
        np.rint((x - source.zero_point).astype(f) * from_scale / f(scale)).astype(np.int64)
        + zero_point, sample.minimum, sample.maximum))
