"""The network's input."""

import numpy as np

from ....errors import InputError, shorten
from ....sample import Sample
from ...tensor import Tensor
from ..layout import View
from . import qonnx, quantise
from .file import Node
from .values import Integers, Meaning, Real
from .walk import Walk


__all__ = ["start"]

#: Operators whose matrix is applied to the last dimension.
ROWS = ("MatMul", "MatMulInteger", "QLinearMatMul")
#: Operators that rename or reorder dimensions.
MOVES = ("Transpose", "Reshape", "Squeeze", "Unsqueeze", "Identity")
#: Operators of one input behind which the one that says the layout may stand.
TRANSPARENT = ("QuantizeLinear", "DequantizeLinear", "Quant", "Identity", "Cast", "Relu")


def start(walk: Walk) -> View:
    """Make the input, integers as they come in; return its view.

    A float input that a QuantizeLinear alone reads is given as that gives it; any other one, and
    integers of more than 16 bits, need the sample that the values are.
    """
    graph, sample = walk.graph, walk.sample
    name, dtype = graph.input, graph.dtype
    readers = graph.readers(name)
    if dtype.name.removeprefix("u") in ("int2", "int4", "int8", "int16"):
        sample = Sample(not dtype.name.startswith("u"), int(dtype.name.lstrip("uint")))
    small = dtype.name.removeprefix("u").startswith("int")
    if dtype.kind != "f" and not small:
        raise InputError(f"input {shorten(name)} is of {dtype.name}; integers and float32 are "
                         "supported")
    if small and sample is not None:
        view = _view(walk, name, Tensor(1, 1, 1, sample))
        walk.enter(name, Integers(view))
        return view
    # Moves before it change no sample.
    moved = readers
    while len(moved) == 1 and moved[0].kind in MOVES:
        moved = graph.readers(moved[0].outputs[0])
    first = _first(walk, moved[0]) if moved else None
    if sample is None and first and len({node.outputs[0] for node in moved}) == 1:
        tensor = Tensor(1, 1, 1, first.sample, float(first.scale), first.zero_point)
        view = _view(walk, name, tensor)
        walk.builder.note_input(name)
        if moved is readers and readers[0].kind == "QuantizeLinear":
            walk.enter(readers[0].outputs[0], Integers(view))
        else:
            walk.enter(name if moved is not readers else readers[0].outputs[0],
                       Real(view, first.scale, first.zero_point))
    elif sample is not None:
        view = _view(walk, name, Tensor(1, 1, 1, sample, 1.0))
        walk.enter(name, Real(view, np.float32(1), 0))
    else:
        raise InputError(f"input {shorten(name)} is {dtype.name}, and no QuantizeLinear alone "
                         "reads it: quantise the network (quantize_static of onnxruntime: see "
                         "docs/pytorch-keras.md), or say which integers its values are (pixel u8 "
                         "for a camera's)")
    return view


def _first(walk: Walk, node: Node) -> Meaning | None:
    """What a node makes of the float input, if it only quantises it."""
    if node.kind == "QuantizeLinear":
        return quantise.unsigned(walk, node, walk.meaning(node, 1, 2, "its output"))
    return qonnx.meaning(walk, node) if node.kind == "Quant" else None


def _view(walk: Walk, name: str, tensor: Tensor) -> View:
    """The view of the input; which dimension is which is seen from what reads it."""
    graph = walk.graph
    dims = graph.dims
    at = name
    while len(readers := graph.readers(at)) == 1 and readers[0].kind in TRANSPARENT:
        at = readers[0].outputs[0]
    reader = readers[0] if readers else None
    frames, sizes = (dims[0], dims[1:]) if len(dims) > 1 else (1, dims)
    last = False
    # A reshape to four dimensions says which are rows, columns and channels.
    if reader is not None and reader.kind in ("Reshape", "Unsqueeze") and len(sizes) < 4:
        shaped = _shaped(walk, reader, dims)
        if len(shaped) == 4 and shaped[0] == frames:
            sizes = shaped[1:]
    if len(sizes) > 3:
        raise InputError(f"input {shorten(name)} has the dimensions {list(dims)}; at most 4 are "
                         "supported: frames, channels, rows and columns")
    if reader is not None and reader.kind == "Transpose" and len(sizes) > 1:
        last = list(reader.get("perm", ())) in ([0, 3, 1, 2], [0, 2, 1])
    elif reader is not None and reader.kind in ROWS:
        last = len(sizes) > 1
    order = (sizes[-1:] + sizes[:-1]) if last else sizes
    channels = order[0] if order else 1
    height, width = (1, 1, *order[1:])[-2:]
    shape = channels, height, width
    walk.builder.start(Tensor(*shape, tensor.sample, tensor.scale, tensor.zero_point))
    places: np.ndarray = np.arange(frames * channels * height * width)
    if last:
        places = np.moveaxis(places.reshape(frames, *order), 1, -1)
    return View("input", shape, places.reshape(dims), framed=len(dims) > 1)


def _shaped(walk: Walk, node: Node, dims: tuple[int, ...]) -> tuple[int, ...]:
    """The dimensions that a Reshape or an Unsqueeze makes, or none where they are not known."""
    given = node.get("axes", None)
    if given is None and node.given(1):
        given = walk.known(node.inputs[1])
    if given is None:
        return ()
    target = [int(each) for each in given]
    shell = np.empty(dims, np.int8)
    try:
        if node.kind == "Unsqueeze":
            return np.expand_dims(shell, tuple(target)).shape
        return shell.reshape([dims[axis] if each == 0 else each
                              for axis, each in enumerate(target)]).shape
    except (ValueError, IndexError):
        return ()
