"""Every layer that multiplies: 2D convolution, and what is one."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..interval import Interval, hull
from .layer import SUM, Array, Layer, along, windows
from .requantiser import Requantiser
from .tensor import Tensor


__all__ = ["PADDING_MODES", "Centred", "Convolution", "padded"]

#: PyTorch's names of borders, and numpy's.
PADDING_MODES = {
    "zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


#: Samples under all windows that the model works on at a time, to bound its memory.
_AT_A_TIME = 1 << 22


class Centred(NamedTuple):
    """A convolution with its zero points folded: ``sum = bias + sum(weight * sample)``."""

    weights: npt.NDArray[np.int64]
    bias: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Convolution(Layer):
    """``requantiser(bias + sum((w - weight_zero_point) * (x - x's zero point)))``.

    A fully connected layer is one whose kernel is the frame (weights in the order channel, row,
    column); a depthwise one has as many groups as channels; a transposed one has
    ``input_dilation`` set to its stride, ``stride`` 1, its kernel turned by 180 degrees with
    input and output channels exchanged, and pads ``dilation * (k - 1) - padding``; a 1D one has
    height 1.

    Parameters
    ----------
    weights : (M, C // groups, kh, kw) array of integers
        Kept read-only. Output channel ``m`` is of group ``m // (M // groups)``.
    bias : tuple of M :class:`int`
        None is all 0.
    weight_zero_point : tuple of M :class:`int`
        One for all may be given as one; none is 0.
    stride, dilation, input_dilation : (rows, columns)
        At least 1. ``input_dilation`` puts zero points between the samples of the input.
    pads : (top, bottom, left, right)
        May be below 0, which crops, where ``padding_mode`` is ``zeros``.
    groups : :class:`int`
        Divides both C and M.
    padding_mode : ``"zeros"``, ``"reflect"``, ``"replicate"`` or ``"circular"``
        PyTorch's. ``zeros`` is the input's zero point; ``reflect`` needs pads less than the frame,
        ``circular`` at most the frame.
    requantiser : :class:`~.requantiser.Requantiser` or ``None``
        Without one the output is the exact sums, s32.
    """

    weights: npt.NDArray[np.int64]
    bias: tuple[int, ...] = ()
    weight_zero_point: tuple[int, ...] = ()
    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)
    pads: tuple[int, int, int, int] = (0, 0, 0, 0)
    groups: int = 1
    padding_mode: str = "zeros"
    input_dilation: tuple[int, int] = (1, 1)
    requantiser: Requantiser | None = None

    def check(self) -> None:
        self.keep_count(1)
        weights = np.array(self.weights)
        if weights.ndim != 4 or not weights.size or weights.dtype.kind not in "iu":
            self.refuse("weights", f"{weights.dtype} of shape {weights.shape}",
                        "integers of shape (M, C // groups, kh, kw)")
        if weights.min() < SUM.minimum or weights.max() > SUM.maximum:
            self.refuse("weights", [int(weights.min()), int(weights.max())], "of at most 32 bits")
        weights = weights.astype(np.int64)
        weights.flags.writeable = False
        self.keep("weights", weights)
        count = len(weights)
        if self.groups < 1 or self.input.channels % self.groups or count % self.groups:
            self.refuse("groups", self.groups, f"a divisor of {self.input.channels} input and "
                        f"{count} output channels")
        if weights.shape[1] != self.input.channels // self.groups:
            self.refuse("weights", weights.shape, "of shape (M, C // groups, kh, kw), with "
                        f"C // groups = {self.input.channels // self.groups}")
        if not self.bias:
            self.keep("bias", (0,) * count)
        self.keep_integers("bias", count, SUM.minimum, SUM.maximum)
        if len(self.weight_zero_point) in (0, 1):
            self.keep("weight_zero_point", (*self.weight_zero_point, 0)[:1] * count)
        self.keep_integers("weight_zero_point", count, -128, 255)
        for key in ("stride", "dilation", "input_dilation"):
            self.keep_integers(key, 2, 1, 1 << 14)
        if self.padding_mode not in PADDING_MODES:
            self.refuse("padding_mode", self.padding_mode, f"one of {', '.join(PADDING_MODES)}")
        zeros = self.padding_mode == "zeros"
        self.keep_integers("pads", 4, -(1 << 14) if zeros else 0, 1 << 14)
        if not zeros:
            if self.input_dilation != (1, 1):
                self.refuse("padding_mode", self.padding_mode,
                            "'zeros' in a transposed convolution")
            less = self.padding_mode == "reflect"
            for pad, size in zip(self.pads, np.repeat(self.input.shape[1:], 2), strict=True):
                if self.padding_mode != "replicate" and pad > size - less:
                    self.refuse("pads", self.pads, f"{'less than' if less else 'at most'} the "
                                f"frame's {self.input.height} rows and {self.input.width} columns "
                                f"where padding_mode is {self.padding_mode!r}")
        if min(self._size) < 1:
            self.refuse("kernel_size", self.kernel, "within the padded frame of "
                        f"{self.input.height}x{self.input.width} with pads {list(self.pads)}")
        if self.requantiser and self.requantiser.channels not in (1, count):
            self.refuse("scales", self.requantiser.channels, f"one, or one of each of {count} "
                        "output channels")
        for channel, sums in enumerate(self.sums):
            if sums.low not in SUM or sums.high not in SUM:
                self.refuse("weights and bias", f"channel {channel} from {sums.low} to {sums.high}",
                            "so that no sum is beyond 32 bits")

    @property
    def kernel(self) -> tuple[int, int]:
        """Rows and columns of the kernel."""
        return self.weights.shape[2], self.weights.shape[3]

    @property
    def depthwise(self) -> bool:
        """Whether every output channel reads one input channel of several."""
        return self.groups == self.input.channels > 1

    @property
    def stuffed(self) -> tuple[int, int]:
        """Rows and columns of the input with what ``input_dilation`` puts between them."""
        height, width = ((size - 1) * step + 1 for size, step in zip(
            self.input.shape[1:], self.input_dilation, strict=True))
        return height, width

    @property
    def _size(self) -> tuple[int, int]:
        height, width = (
            windows(size, kernel, stride, dilation, *self.pads[2 * axis:2 * axis + 2])
            for axis, (size, kernel, stride, dilation) in enumerate(zip(
                self.stuffed, self.kernel, self.stride, self.dilation, strict=True)))
        return height, width

    @cached_property
    def output(self) -> Tensor:
        count, (height, width), to = len(self.weights), self._size, self.requantiser
        if to is None:
            return Tensor(count, height, width, SUM)
        return Tensor(count, height, width, to.sample, to.scale, to.zero_point)

    @cached_property
    def centred(self) -> Centred:
        """The layer with zero points folded; padding still holds the input's zero point."""
        weights = self.weights - np.array(self.weight_zero_point).reshape(-1, 1, 1, 1)
        bias = np.array(self.bias) - self.input.zero_point * weights.sum((1, 2, 3))
        return Centred(weights, tuple(bias.tolist()))

    @cached_property
    def weights_interval(self) -> Interval:
        """Range of the weights with their zero points folded."""
        weights = self.centred.weights
        return Interval(int(weights.min()), int(weights.max()))

    @cached_property
    def sums(self) -> tuple[Interval, ...]:
        """The range of each output channel's sums, whatever the input; partial sums keep to it."""
        weights, bias = self.centred
        ends = [weights * end for end in self.input.interval]
        low, high = (part(*ends).sum((1, 2, 3)) + bias for part in (np.minimum, np.maximum))
        return tuple(Interval(*pair) for pair in zip(low.tolist(), high.tolist(), strict=True))

    @property
    def accumulator(self) -> Interval:
        """The range of all sums."""
        return hull(self.sums)

    @property
    def products(self) -> int:
        """Products of one output value."""
        return int(self.weights[0].size)

    @property
    def macs(self) -> int:
        return self.products * int(np.prod(self.output.shape))

    def compute_sums(self, array: Array) -> Array:
        """The exact sums: (frames, M, output height, output width)."""
        # Floats of 64 bits: exact, for no sum has more than 32, and faster than integers.
        framed = self._padded(array - self.input.zero_point).astype(float)
        weights = self.weights - np.array(self.weight_zero_point).reshape(-1, 1, 1, 1)
        grouped = weights.astype(float).reshape(self.groups, -1, self.products)
        places = self._size[0] * self._size[1]
        sums = np.empty((len(array), len(weights), *self._size), np.int64)
        bias = np.array(self.bias).reshape(-1, 1, 1)
        step = max(_AT_A_TIME // (self.products * self.groups * places), 1)
        for start in range(0, len(array), step):
            part = framed[start:start + step]
            # (frames, channels, taps, rows, columns): all that a place sees, tap by tap.
            seen = np.stack([along(part, tap, self.stride, self.dilation, self._size)
                             for tap in np.ndindex(self.kernel)], axis=2)
            made = grouped @ seen.reshape(len(part), self.groups, self.products, places)
            sums[start:start + step] = made.reshape(len(part), *sums.shape[1:]) + bias
        return sums

    def compute(self, *arrays: Array) -> Array:
        sums = self.compute_sums(arrays[0])
        return sums if self.requantiser is None else self.requantiser.compute(sums)

    def _padded(self, array: Array) -> Array:
        """The input without its zero point, with zeros between and pads around."""
        rows, columns = self.input_dilation
        stuffed = np.zeros((*array.shape[:2], *self.stuffed), np.int64)
        stuffed[:, :, ::rows, ::columns] = array
        return padded(stuffed, self.pads, PADDING_MODES[self.padding_mode])


def padded(array: Array, pads: tuple[int, int, int, int], mode: str = "constant",
           value: int = 0) -> Array:
    """The frame with pads (top, bottom, left, right) around it; those below 0 crop it."""
    top, bottom, left, right = pads
    height, width = array.shape[2:]
    inner = array[:, :, max(-top, 0):height + min(bottom, 0), max(-left, 0):width + min(right, 0)]
    around = ((0, 0), (0, 0), *((max(one, 0), max(two, 0)) for one, two in (pads[:2], pads[2:])))
    keys = {"constant_values": value} if mode == "constant" else {}
    return np.pad(inner, around, mode, **keys)  # type: ignore[call-overload]
