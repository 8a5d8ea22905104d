"""What all layers have in common."""

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
import numpy.typing as npt

from ..errors import InputError, shorten
from ..sample import Sample
from .tensor import Tensor


__all__ = ["NAMES", "SUM", "Array", "Layer"]

#: Integers of shape (frames, channels, height, width).
Array = npt.NDArray[np.int64]
#: The sample of exact sums.
SUM = Sample(True, 32)
#: Fields that PyTorch, and so a table, calls otherwise.
NAMES = {"weights": "weight", "pads": "padding", "kernel": "kernel_size"}


@dataclass(frozen=True, kw_only=True, eq=False)
class Layer:
    """One step of a network: tensors in, one tensor out.

    Parameters
    ----------
    name : :class:`str`
        The layer's name and its output tensor's.
    inputs : tuple of :class:`str`
        The tensors that it reads: ``"input"`` or names of layers above.
    sources : tuple of :class:`~.tensor.Tensor`
        The same tensors, as values.

    Raises
    ------
    :exc:`~windrow.model.errors.InputError`
        If a value is impossible; the message names the layer, the key, the value and the rule.
    """

    name: str
    inputs: tuple[str, ...]
    sources: tuple[Tensor, ...]

    def __post_init__(self) -> None:
        if not self.name or not isinstance(self.name, str):
            raise InputError(f"a layer's name must be a word, not {shorten(self.name)}")
        if len(self.inputs) != len(self.sources):
            self.refuse("inputs", self.inputs, f"as many names as tensors, {len(self.sources)}")
        self.check()

    def check(self) -> None:
        """Refuse impossible values; settle the form of legal ones."""
        raise NotImplementedError

    @property
    def input(self) -> Tensor:
        """The first of the tensors that are read."""
        return self.sources[0]

    @property
    def output(self) -> Tensor:
        """The tensor that is made."""
        raise NotImplementedError

    @property
    def macs(self) -> int:
        """Products a frame."""
        return 0

    def compute(self, *arrays: Array) -> Array:
        """The output of the inputs, both (frames, channels, height, width): the golden model."""
        raise NotImplementedError

    def refuse(self, key: str, value: object, rule: str) -> NoReturn:
        """Raise the error that names the layer, the key, the value and the rule."""
        raise InputError(f"layer {shorten(self.name)}: {NAMES.get(key, key)} must be {rule}, "
                         f"not {shorten(value)}")

    def keep(self, key: str, value: object) -> None:
        """Set a field, as only :meth:`check` may."""
        object.__setattr__(self, key, value)

    def keep_integers(self, key: str, count: int, low: int, high: int) -> None:
        """Check that a field is so many integers in a range, and keep it as a tuple."""
        value = getattr(self, key)
        try:
            made = tuple(operator.index(each) for each in value)
        except TypeError:
            made = ()
        if len(made) != count or not all(low <= each <= high for each in made):
            self.refuse(key, value, f"{count} integers from {low} to {high}")
        self.keep(key, made)

    def keep_count(self, count: int) -> None:
        """Check the number of inputs."""
        if len(self.sources) != count:
            self.refuse("inputs", self.inputs, f"{count} names" if count > 1 else "one name")


def windows(size: int, kernel: int, stride: int, dilation: int, before: int, after: int) -> int:
    """Positions of a window along an axis, 0 or less where it does not fit."""
    return (size + before + after - dilation * (kernel - 1) - 1) // stride + 1


def along(array: Array, tap: Sequence[int], stride: Sequence[int], dilation: Sequence[int],
          size: Sequence[int]) -> Array:
    """What tap (row, column) of the window sees at every position: (frames, channels, *size)."""
    rows, columns = (
        slice(at * apart, at * apart + (count - 1) * step + 1, step)
        for at, apart, count, step in zip(tap, dilation, size, stride, strict=True))
    return array[:, :, rows, columns]


def same_pads(size: Sequence[int], kernel: Sequence[int], stride: Sequence[int],
              dilation: Sequence[int], *, lower: bool = False) -> tuple[int, int, int, int]:
    """TensorFlow's SAME: (top, bottom, left, right); ONNX's SAME_UPPER, or SAME_LOWER."""
    pads = []
    for length, taps, step, apart in zip(size, kernel, stride, dilation, strict=True):
        total = max((-(-length // step) - 1) * step + apart * (taps - 1) + 1 - length, 0)
        small, large = total // 2, total - total // 2
        pads += [large, small] if lower else [small, large]
    return pads[0], pads[1], pads[2], pads[3]
