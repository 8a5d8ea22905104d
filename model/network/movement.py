"""Layers that move samples and change none."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .convolution import PADDING_MODES, padded
from .layer import Array, Layer
from .tensor import Tensor


__all__ = ["Crop", "DepthToSpace", "Pad", "Resize", "SpaceToDepth"]


class Movement(Layer):
    """A layer of one input whose output has other places, and the same samples."""

    def shaped(self, channels: int, height: int, width: int) -> Tensor:
        """The output, of another shape."""
        source = self.input
        return Tensor(channels, height, width, source.sample, source.scale, source.zero_point)


@dataclass(frozen=True, kw_only=True, eq=False)
class Resize(Movement):
    """Nearest neighbour, each sample ``factors`` (rows, columns) times."""

    factors: tuple[int, int]

    def check(self) -> None:
        self.keep_count(1)
        self.keep_integers("factors", 2, 1, 1 << 10)

    @cached_property
    def output(self) -> Tensor:
        return self.shaped(self.input.channels, self.input.height * self.factors[0],
                           self.input.width * self.factors[1])

    def compute(self, *arrays: Array) -> Array:
        return arrays[0].repeat(self.factors[0], 2).repeat(self.factors[1], 3)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Blocks(Movement):
    """Between channels and blocks of pixels, ``block`` by ``block``."""

    block: int
    mode: str = "DCR"

    def check(self) -> None:
        self.keep_count(1)
        if self.mode not in ("DCR", "CRD"):
            self.refuse("mode", self.mode, "'DCR' or 'CRD'")


@dataclass(frozen=True, kw_only=True, eq=False)
class DepthToSpace(_Blocks):
    """Channels to pixels, ``block`` by ``block``; PyTorch's PixelShuffle is ``CRD``.

    Output pixel ``(y * block + i, x * block + j)``, channel ``c`` of ``C``, is input channel
    ``(i * block + j) * C + c`` in mode ``DCR``, ``(c * block + i) * block + j`` in mode ``CRD``.
    """

    def check(self) -> None:
        super().check()
        if self.block < 1 or self.input.channels % self.block**2:
            self.refuse("block", self.block, f"a number whose square divides the "
                        f"{self.input.channels} channels")

    @cached_property
    def output(self) -> Tensor:
        channels, height, width = self.input.shape
        return self.shaped(channels // self.block**2, height * self.block, width * self.block)

    def compute(self, *arrays: Array) -> Array:
        block, (channels, height, width) = self.block, self.output.shape
        inner = self.input.shape[1:]
        if self.mode == "DCR":
            split = arrays[0].reshape(-1, block, block, channels, *inner)
            moved = split.transpose(0, 3, 4, 1, 5, 2)
        else:
            split = arrays[0].reshape(-1, channels, block, block, *inner)
            moved = split.transpose(0, 1, 4, 2, 5, 3)
        return moved.reshape(-1, channels, height, width)


@dataclass(frozen=True, kw_only=True, eq=False)
class SpaceToDepth(_Blocks):
    """Pixels to channels: undoes :class:`DepthToSpace` of the same mode."""

    def check(self) -> None:
        super().check()
        _, height, width = self.input.shape
        if self.block < 1 or height % self.block or width % self.block:
            self.refuse("block", self.block, f"a divisor of {height} rows and {width} columns")

    @cached_property
    def output(self) -> Tensor:
        channels, height, width = self.input.shape
        return self.shaped(channels * self.block**2, height // self.block, width // self.block)

    def compute(self, *arrays: Array) -> Array:
        block, (channels, height, width) = self.block, self.output.shape
        split = arrays[0].reshape(-1, self.input.channels, height, block, width, block)
        order = (0, 3, 5, 1, 2, 4) if self.mode == "DCR" else (0, 1, 3, 5, 2, 4)
        return split.transpose(order).reshape(-1, channels, height, width)


@dataclass(frozen=True, kw_only=True, eq=False)
class Pad(Movement):
    """More rows and columns around the frame.

    Parameters
    ----------
    pads : (top, bottom, left, right)
    mode : ``"zeros"``, ``"reflect"``, ``"replicate"`` or ``"circular"``
    value : :class:`int`
        The sample of mode ``zeros``; the zero point unless given.
    """

    pads: tuple[int, int, int, int]
    mode: str = "zeros"
    value: int | None = None

    def check(self) -> None:
        self.keep_count(1)
        if self.mode not in PADDING_MODES:
            self.refuse("mode", self.mode, f"one of {', '.join(PADDING_MODES)}")
        self.keep_integers("pads", 4, 0, 1 << 14)
        if self.fill not in self.input.sample:
            self.refuse("value", self.value, f"a sample of {self.input.sample}")
        less = {"reflect": 1, "circular": 0}.get(self.mode)
        for pad, size in zip(self.pads, np.repeat(self.input.shape[1:], 2), strict=True):
            if less is not None and pad > size - less:
                self.refuse("pads", self.pads, f"{'less than' if less else 'at most'} the frame's "
                            f"{self.input.height} rows and {self.input.width} columns")

    @property
    def fill(self) -> int:
        """The sample of mode ``zeros``."""
        return self.input.zero_point if self.value is None else self.value

    @cached_property
    def output(self) -> Tensor:
        (channels, height, width), (top, bottom, left, right) = self.input.shape, self.pads
        return self.shaped(channels, height + top + bottom, width + left + right)

    def compute(self, *arrays: Array) -> Array:
        return padded(arrays[0], self.pads, PADDING_MODES[self.mode], self.fill)


@dataclass(frozen=True, kw_only=True, eq=False)
class Crop(Movement):
    """A part of the tensor: ONNX's Slice with steps of 1.

    Parameters
    ----------
    channels, rows, columns : (start, stop)
        What is kept, ``stop`` not included.
    """

    channels: tuple[int, int]
    rows: tuple[int, int]
    columns: tuple[int, int]

    def check(self) -> None:
        self.keep_count(1)
        for key, size in zip(("channels", "rows", "columns"), self.input.shape, strict=True):
            self.keep_integers(key, 2, 0, size)
            start, stop = getattr(self, key)
            if start >= stop:
                self.refuse(key, [start, stop], "a start below a stop")

    @cached_property
    def output(self) -> Tensor:
        return self.shaped(*(stop - start for start, stop in (
            self.channels, self.rows, self.columns)))

    def compute(self, *arrays: Array) -> Array:
        return arrays[0][:, slice(*self.channels), slice(*self.rows), slice(*self.columns)]
