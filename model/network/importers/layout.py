"""How the dimensions of a file's tensor lie on the stream of a layer."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from ...errors import InputError, shorten
from ..value import Network


__all__ = ["Traced", "View", "check_size", "one_frame"]

#: The greatest tensor, in elements: their places are kept in memory.
LARGEST_TENSOR = 1 << 26


@dataclass(frozen=True, eq=False)
class View:
    """A tensor of a file as elements of a layer's output.

    Reshape, Transpose and Flatten move no data: they only rename places. A view keeps the place of
    every element, so that a layer behind them can put its weights in the stream's order, or refuse
    where data would have to move.

    Parameters
    ----------
    tensor : :class:`str`
        The layer, or ``input``, whose output this is.
    shape : tuple of :class:`int`
        Its channels, height and width on the stream.
    index : :class:`numpy.ndarray`
        In the file's shape: the place ``(channel * height + row) * width + column``, plus
        ``frame * channels * height * width``.
    framed : :class:`bool`
        Whether the first dimension counts frames.
    """

    tensor: str
    shape: tuple[int, int, int]
    index: np.ndarray
    framed: bool = True

    @classmethod
    def of(cls, tensor: str, shape: tuple[int, int, int], dims: tuple[int, ...],
           *, channels_last: bool = False, framed: bool = True) -> "View":
        """The plain view of a tensor whose file gives it the dimensions ``dims``."""
        channels, height, width = shape
        frames = dims[0] if framed else 1
        places: np.ndarray = np.arange(frames * channels * height * width)
        if channels_last:
            places = places.reshape(frames, channels, height, width).transpose(0, 2, 3, 1)
        return cls(tensor, shape, places.reshape(dims), framed)

    @property
    def dims(self) -> tuple[int, ...]:
        """The file's dimensions."""
        return self.index.shape

    @property
    def size(self) -> int:
        """Elements of one frame."""
        channels, height, width = self.shape
        return channels * height * width

    def moved(self, index: np.ndarray) -> "View":
        """The same elements with other dimensions or in another order."""
        return replace(self, index=index)

    def on(self, tensor: str) -> "View":
        """The same places of another layer's output, which has the same shape."""
        return replace(self, tensor=tensor)

    def to_stream(self, array: np.ndarray) -> np.ndarray:
        """The file's tensor as frames: (frames, channels, height, width)."""
        frames = np.zeros(self.index.size, np.int64)
        frames[self.index.reshape(-1)] = np.asarray(array).reshape(-1)
        return frames.reshape(-1, *self.shape)

    def from_stream(self, frames: np.ndarray) -> np.ndarray:
        """Frames as the file's tensor."""
        return np.asarray(frames).reshape(-1)[self.index]

    def canonical(self, *, channels_last: bool = False) -> bool:
        """Whether the dimensions are (frames, channels, rows, columns) as the stream has them.

        Fewer dimensions stand for a row: (frames, channels, columns), (frames, channels).
        """
        if not self.framed:
            return False
        channels, height, width = self.shape
        dims = {4: (channels, height, width), 3: (channels, width), 2: (channels,)}
        order = dims.get(self.index.ndim)
        if order is None or self.size != int(np.prod(order)):
            return False
        if channels_last:
            order = (*order[1:], channels)
        return self.dims[1:] == order and np.array_equal(
            self.index, View.of(self.tensor, self.shape, self.dims,
                                channels_last=channels_last).index)

    def axis_of_channels(self) -> int | None:
        """The dimension that counts the channels, where the others count places and frames."""
        channels = self.shape[0]
        plane = self.size // channels
        for axis, length in enumerate(self.dims):
            if length == channels and (not self.framed or axis > 0):
                along = np.moveaxis(self.index, axis, -1) % self.size // plane
                if np.array_equal(along, np.broadcast_to(np.arange(channels), along.shape)):
                    return axis
        return None


class Traced(NamedTuple):
    """A network that was read, and where its tensors are in the file.

    Parameters
    ----------
    network : :class:`~windrow.model.network.Network`
    files : :class:`dict`
        For each layer the name of its output in the file.
    input, output : :class:`View`
        Of the network's input and output.
    scale, zero_point
        What the output's integers mean: ``(q - zero_point) * scale``.
    """

    network: Network
    files: dict[str, str]
    input: View
    output: View
    scale: float = 1.0
    zero_point: int = 0


def check_size(name: str, dims: Sequence[int]) -> None:
    """Refuse dimensions of a tensor that are not above 0, or beyond all sense."""
    if min(dims, default=1) < 1 or math.prod(dims) > LARGEST_TENSOR:
        raise InputError(f"tensor {shorten(name)} has the dimensions {shorten(list(dims))}; each "
                         f"must be at least 1, and their product at most {LARGEST_TENSOR}")


def one_frame(view: View, where: str) -> np.ndarray:
    """The places of the elements of one frame: ``dims[1:]``, the same for every frame.

    Raises
    ------
    :exc:`InputError`
        If elements of different frames are mixed.
    """
    if not view.framed:
        return view.index
    frames = view.index.shape[0]
    first = view.index[0]
    steps = (np.arange(frames) * view.size).reshape((frames,) + (1,) * first.ndim)
    if not np.array_equal(view.index, first + steps):
        raise InputError(f"{where}: it mixes frames; the first dimension must stay the batch")
    return first
