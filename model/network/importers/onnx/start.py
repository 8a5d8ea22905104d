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
#: Operators of one input behind which the one that says the layout may stand.
TRANSPARENT = ("QuantizeLinear", "DequantizeLinear", "Quant", "Identity", "Cast", "Relu")


def start(walk: Walk) -> None:
    """Make the input: integers as they come in.

    A float input that a QuantizeLinear alone reads is given as that gives it; any other one needs
    the sample that its values are.
    """
    graph = walk.graph
    name, dtype = graph.input, graph.dtype
    readers = graph.readers(name)
    if dtype.name.removeprefix("u") in ("int8", "int4", "int2", "int16"):
        sample = Sample(not dtype.name.startswith("u"), int(dtype.name.lstrip("uint")))
        walk.enter(name, Integers(_view(walk, name, Tensor(1, 1, 1, sample))))
        return
    if dtype.kind != "f":
        raise InputError(f"input {shorten(name)} is of {dtype.name}; integers of at most 16 bits "
                         "and float32 are supported")
    first = _first(walk, readers[0]) if readers else None
    if first and len({node.outputs[0] for node in readers}) == 1:
        tensor = Tensor(1, 1, 1, first.sample, float(first.scale), first.zero_point)
        view = _view(walk, name, tensor)
        real = readers[0].kind != "QuantizeLinear"
        walk.enter(readers[0].outputs[0], Real(view, first.scale, first.zero_point) if real
                   else Integers(view))
    elif walk.sample is not None:
        view = _view(walk, name, Tensor(1, 1, 1, walk.sample, 1.0))
        walk.enter(name, Real(view, np.float32(1), 0))
    else:
        raise InputError(f"input {shorten(name)} is float, and more than one QuantizeLinear reads "
                         "it: quantise the network, or say which integers its values are "
                         "(input='u8' for a camera's pixels)")


def _first(walk: Walk, node: Node) -> Meaning | None:
    """What a node makes of the float input, if it only quantises it."""
    if node.kind == "QuantizeLinear":
        return quantise.unsigned(walk.graph, node, walk.meaning(node, 1, 2, "its output"))
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
    if len(sizes) > 3:
        raise InputError(f"input {shorten(name)} has the dimensions {list(dims)}; at most 4 are "
                         "supported: frames, channels, rows and columns")
    if reader is not None and reader.kind == "Transpose":
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
