"""Sums of products: a kernel, or a bank of kernels on one window."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np

from .. import golden
from ..interval import Interval
from ..kernels.kernel import Matrix


__all__ = ["Correlate"]


@dataclass(frozen=True)
class Correlate:
    """``sum over i, j of kernel[i][j] * window[i, j]``, for each kernel.

    Parameters
    ----------
    kernels : tuple of (height, width) integers
        In correlation form, all of one size.
    outputs : tuple of :class:`str`
        The name of each.
    """

    kernels: tuple[Matrix, ...]
    outputs: tuple[str, ...] = ("",)

    @classmethod
    def of(cls, kernels: Iterable[tuple[str, Matrix]], *, flipped: bool) -> Self:
        """The operation of some kernels by name, flipped in both axes or not."""
        named = dict(kernels)
        matrices: Collection[Matrix] = named.values()
        if flipped:
            matrices = [tuple(row[::-1] for row in kernel[::-1]) for kernel in matrices]
        return cls(tuple(matrices), tuple(named))

    @property
    def height(self) -> int:
        """Rows of the window."""
        return len(self.kernels[0])

    @property
    def width(self) -> int:
        """Columns of the window."""
        return len(self.kernels[0][0])

    @property
    def title(self) -> str:
        """What it is, for people."""
        count = len(self.kernels)
        return f"{self.height}x{self.width} " + (
            f"bank of {count} convolutions" if count > 1 else "convolution")

    def compute(self, padded: golden.Integers) -> golden.Integers:
        """See :class:`~.operation.Operation`."""
        return np.stack([golden.correlate(padded, np.array(kernel, np.int64))
                         for kernel in self.kernels])

    def ranges(self, pixel: Interval) -> tuple[Interval, ...]:
        """See :class:`~.operation.Operation`."""
        return tuple(
            sum((pixel.scale(tap) for row in kernel for tap in row), Interval(0, 0))
            for kernel in self.kernels)
