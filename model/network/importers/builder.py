"""Layers as importers make them, and the network at the end."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NoReturn

import numpy as np

from ...errors import InputError, shorten
from ..convolution import Convolution
from ..layer import Layer
from ..movement import Pad
from ..tensor import Tensor
from ..value import Network
from .layout import View, one_frame


__all__ = ["Builder", "refuse"]


def refuse(layer: str, reason: str) -> NoReturn:
    """Raise the error of a layer of a file that cannot be made."""
    raise InputError(f"layer {shorten(layer)}: {reason}")


class Builder:
    """Collects the layers of a network.

    Parameters
    ----------
    channels_last : :class:`bool`
        Whether the file's pictures have the dimensions (frames, rows, columns, channels), as
        TensorFlow's, instead of (frames, channels, rows, columns).

    Attributes
    ----------
    tensors : :class:`dict`
        Of ``input`` and of each layer, by name.
    files : :class:`dict`
        For each layer the name that its output has in the file: what a runtime's intermediate
        results are compared by.
    notes : :class:`list`
        What users are told.
    """

    def __init__(self, *, channels_last: bool) -> None:
        self.channels_last = channels_last
        self.layers: list[Layer] = []
        self.tensors: dict[str, Tensor] = {}
        self.files: dict[str, str] = {}
        self.notes: list[str] = []

    def start(self, tensor: Tensor) -> None:
        """Set the network's input."""
        self.tensors["input"] = tensor

    def note_input(self, name: str) -> None:
        """Tell what a sample of the input stands for, where the file's input is float."""
        tensor = self.tensors["input"]
        if (tensor.scale, tensor.zero_point) != (1.0, 0):
            self.notes.append(
                f"input {shorten(name)} is taken quantised: sample q stands for "
                f"(q - {tensor.zero_point}) * {tensor.scale:g}")

    def note_softmax(self, name: str) -> None:
        """Tell that the softmax at the end is no layer."""
        self.notes.append(f"softmax {shorten(name)} at the end is left out: the output is the "
                          "scores before it, in the same order")

    def tensor(self, view: View) -> Tensor:
        """The tensor that a view shows."""
        return self.tensors[view.tensor]

    def name(self, given: str) -> str:
        """A layer's name: the file's own, in letters, digits and underscores, and only once."""
        word = re.sub(r"\W+", "_", given, flags=re.ASCII).strip("_")[:60] or "layer"
        if word[0].isdigit():
            word = f"layer_{word}"
        name, count = word, 1
        while name in self.tensors:
            count += 1
            name = f"{word}_{count}"
        return name

    def add(self, made_as: type[Layer], name: str, file: str, views: Sequence[View],
            **keys: Any) -> str:
        """Make a layer that reads some views' tensors; return its name."""
        name = self.name(name)
        inputs = tuple(view.tensor for view in views)
        layer = made_as(name=name, inputs=inputs,
                     sources=tuple(self.tensors[each] for each in inputs), **keys)
        self.layers.append(layer)
        self.tensors[name] = layer.output
        if file:
            self.files[name] = file
        return name

    def image(self, view: View, layer: str) -> None:
        """Refuse a view whose dimensions are not those of the stream."""
        if not view.canonical(channels_last=self.channels_last):
            refuse(layer, f"its input, of dimensions {list(view.dims)}, is not in the order of "
                   f"the stream, {list(view.shape)} (channels, rows, columns): a Reshape or "
                   "Transpose before it would have to move data")

    def window(self, made_as: type[Layer], name: str, file: str, view: View, **keys: Any) -> View:
        """A layer that reads and gives pictures: a convolution, a pool, a resize."""
        self.image(view, name)
        made = self.add(made_as, name, file, [view], **keys)
        return self.picture(made, view.dims[0], view.index.ndim)

    def picture(self, name: str, frames: int, rank: int = 4) -> View:
        """The plain view of a layer's output; of rank 3 without rows, of rank 2 a vector."""
        channels, height, width = shape = self.tensors[name].shape
        sizes = {4: (height, width), 3: (width,), 2: ()}[rank]
        dims = (*sizes, channels) if self.channels_last else (channels, *sizes)
        return View.of(name, shape, (frames, *dims), channels_last=self.channels_last)

    def linear(self, name: str, file: str, view: View, weights: np.ndarray,
               **keys: Any) -> View:
        """A matrix of shape (M, K) at a vector, or at each row of a matrix, whose places are known.

        A vector of a whole frame, in whatever order, is a kernel as large as the frame; rows that
        hold the channels of a place are a 1x1 convolution.
        """
        count, length = weights.shape
        places = one_frame(view, f"layer {shorten(name)}")
        if places.ndim == 0 or places.shape[-1] != length:
            refuse(name, f"its matrix takes {length} values, not {list(places.shape)}")
        channels, height, width = view.shape
        if places.size == length == view.size:
            order = places.reshape(-1)
            if sorted(order.tolist()) != list(range(length)):
                refuse(name, "its input repeats or leaves out values")
            stream = np.empty_like(weights)
            stream[:, order] = weights
            made = self.add(Convolution, name, file, [view],
                            weights=stream.reshape(count, channels, height, width), **keys)
            dims = (*view.dims[:-1], count)
            return View.of(made, (count, 1, 1), dims, framed=view.framed)
        axis = view.axis_of_channels()
        if axis is None or axis != view.index.ndim - 1 or channels != length:
            refuse(name, f"its matrix is applied to rows of {length} values, which are not the "
                   f"channels of the stream {list(view.shape)} (channels, rows, columns)")
        made = self.add(Convolution, name, file, [view], weights=weights[:, :, None, None], **keys)
        frames, place = np.divmod(view.index[..., :1], view.size)
        index = (frames * count + np.arange(count)) * height * width + place % (height * width)
        return View(made, (count, height, width), index, view.framed)

    def concatenated(self, views: Sequence[View], axis: int, layer: str) -> View:
        """The view of tensors laid one after the other as channels; its tensor is to be named."""
        heights = {view.shape[1:] for view in views}
        if len(heights) != 1 or not all(view.framed == views[0].framed for view in views):
            refuse(layer, "it joins tensors of different rows and columns "
                   f"{[list(view.shape) for view in views]} (channels, rows, columns)")
        total = sum(view.size for view in views)
        parts, offset = [], 0
        for view in views:
            frames, place = np.divmod(view.index, view.size)
            parts.append(frames * total + place + offset)
            offset += view.size
        joined = np.concatenate(parts, axis)
        view = View("", (sum(view.shape[0] for view in views), *views[0].shape[1:]), joined,
                    views[0].framed)
        one_frame(view, f"layer {shorten(layer)}")
        return view

    def network(self, name: str, output: View, arithmetic: str, where: str) -> Network:
        """The network whose output a view shows.

        The frames that leave it are in the stream's order; a file may name the same places by
        other dimensions, such as (rows, columns, channels), or as one vector.
        """
        places = one_frame(output, f"output {shorten(where)}").reshape(-1)
        plain = np.arange(output.size)
        last = plain.reshape(output.shape).transpose(1, 2, 0).reshape(-1)
        if not (np.array_equal(places, plain) or np.array_equal(places, last)):
            raise InputError(f"output {shorten(where)}: a Reshape, Transpose or Slice at the end "
                             "moves data; windrow's networks give frames in the order of the "
                             "stream")
        used = {output.tensor}
        layers: list[Layer] = []
        for layer in reversed(self.layers):  # what nothing reads is not made
            if layer.name in used:
                used |= set(layer.inputs)
                layers.insert(0, layer)
        layers = _padded_windows(layers, output.tensor)
        return Network(name=name, input=self.tensors["input"], layers=tuple(layers),
                       output=output.tensor, arithmetic=arithmetic, notes=tuple(self.notes))


def _padded_windows(layers: list[Layer], output: str) -> list[Layer]:
    """Pads that one convolution alone reads as that convolution's own, which cost nothing."""
    readers = Counter([each for layer in layers for each in layer.inputs] + [output])
    pads = {layer.name: layer for layer in layers if isinstance(layer, Pad)}
    made: list[Layer] = []
    for layer in layers:
        pad = pads.get(layer.inputs[0])
        if isinstance(layer, Convolution) and pad and readers[pad.name] == 1 and (
                _goes_with(pad, layer)):
            top, bottom, left, right = (
                one + two for one, two in zip(pad.pads, layer.pads, strict=True))
            layer = replace(layer, inputs=pad.inputs, sources=pad.sources,
                            pads=(top, bottom, left, right), padding_mode=pad.mode)
            made.remove(pad)
        made.append(layer)
    return made


def _goes_with(pad: Pad, layer: Convolution) -> bool:
    """Whether a convolution can pad as the layer before it does."""
    if layer.input_dilation != (1, 1) or layer.padding_mode != "zeros":
        return False
    if pad.mode == "zeros":
        return pad.value == pad.input.zero_point and min(layer.pads) >= 0
    return not any(layer.pads)
