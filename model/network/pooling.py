"""The greatest or the mean of a window, channel by channel."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

import numpy as np

from ..interval import Interval
from .convolution import padded
from .layer import Array, Layer, along, windows
from .requantiser import Requantiser
from .tensor import Tensor


__all__ = ["Pool"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Pool(Layer):
    """Max pooling, or the sum of a window requantised to its mean. A global pool's window is the
    frame.

    Parameters
    ----------
    kind : ``"max"`` or ``"average"``
    kernel, stride, dilation : (rows, columns)
    pads : (top, bottom, left, right)
        Never seen by ``max``.
    beyond : (rows, columns)
        How far windows reach behind the pads at bottom and right, as ``ceil_mode`` has it; such
        places never count.
    count_include_pad : :class:`bool`
        Whether pads count in the mean, as zero points.
    requantisers : mapping of :class:`int` to :class:`~.requantiser.Requantiser`
        Of ``average``: for each of :attr:`counts` the function from the window's sum to the output.
        The sum is of samples less the zero point of the input, or of raw ones where
        ``raw`` is set (TensorFlow Lite's).
    raw : :class:`bool`
        Whether the zero point stays in the sums.
    """

    kind: str
    kernel: tuple[int, int]
    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)
    pads: tuple[int, int, int, int] = (0, 0, 0, 0)
    beyond: tuple[int, int] = (0, 0)
    count_include_pad: bool = False
    requantisers: Mapping[int, Requantiser] = field(default_factory=dict)
    raw: bool = False

    def check(self) -> None:
        self.keep_count(1)
        if self.kind not in ("max", "average"):
            self.refuse("kind", self.kind, "'max' or 'average'")
        for key in ("kernel", "stride", "dilation"):
            self.keep_integers(key, 2, 1, 1 << 14)
        self.keep_integers("pads", 4, 0, 1 << 14)
        self.keep_integers("beyond", 2, 0, 1 << 14)
        if min(self._size) < 1:
            self.refuse("kernel_size", self.kernel, "within the padded frame of "
                        f"{self.input.height}x{self.input.width}")
        if (self.count_map == 0).any():
            self.refuse("pads", self.pads, "such that every window sees a sample of the frame")
        missing = [count for count in self.counts if count not in self.requantisers]
        if self.kind == "average" and missing:
            self.refuse("requantisers", sorted(self.requantisers), f"one of each of the counts "
                        f"{list(self.counts)}")
        self.keep("requantisers", MappingProxyType(dict(self.requantisers)))

    @property
    def _size(self) -> tuple[int, int]:
        height, width = (
            windows(size, kernel, stride, dilation, self.pads[2 * axis],
                    self.pads[2 * axis + 1] + self.beyond[axis])
            for axis, (size, kernel, stride, dilation) in enumerate(zip(
                self.input.shape[1:], self.kernel, self.stride, self.dilation, strict=True)))
        return height, width

    @cached_property
    def count_map(self) -> Array:
        """How many samples count at every output place: (output height, output width)."""
        ones = padded(np.ones((1, 1, *self.input.shape[1:]), np.int64), self.pads,
                      value=int(self.count_include_pad))
        return self._sums(padded(ones, (0, self.beyond[0], 0, self.beyond[1])))[0, 0]

    @cached_property
    def counts(self) -> tuple[int, ...]:
        """The numbers of samples that count somewhere, ascending."""
        return tuple(np.unique(self.count_map).tolist())

    @cached_property
    def sums(self) -> tuple[Interval, ...]:
        """The range of the window's sums for each of :attr:`counts`."""
        low, high = self.input.interval
        zero = 0 if self.raw else self.input.zero_point
        return tuple(Interval(count * (low - zero), count * (high - zero)) for count in self.counts)

    @cached_property
    def output(self) -> Tensor:
        height, width = self._size
        source = self.input
        if self.kind == "max":
            return Tensor(source.channels, height, width, source.sample, source.scale,
                          source.zero_point)
        to = self.requantisers[self.counts[0]]
        return Tensor(source.channels, height, width, to.sample, to.scale, to.zero_point)

    def compute(self, *arrays: Array) -> Array:
        pads = (self.pads[0], self.pads[1] + self.beyond[0],
                self.pads[2], self.pads[3] + self.beyond[1])
        if self.kind == "max":
            filled = padded(arrays[0], pads, value=self.input.sample.minimum)
            return np.maximum.reduce([self._seen(filled, tap) for tap in np.ndindex(self.kernel)])
        sums = self._sums(padded(arrays[0] - self.input.zero_point, pads))
        if self.raw:
            sums = sums + self.count_map * self.input.zero_point
        made = np.zeros_like(sums)
        for count in self.counts:
            here = self.count_map == count
            made[:, :, here] = self.requantisers[count].compute(sums[:, :, here])
        return made

    def _seen(self, array: Array, tap: tuple[int, ...]) -> Array:
        return along(array, tap, self.stride, self.dilation, self._size)

    def _sums(self, array: Array) -> Array:
        return np.add.reduce([self._seen(array, tap) for tap in np.ndindex(self.kernel)])
