"""Operators that rename, move or choose samples."""

import numpy as np

from ...argmax import ArgMax
from ...movement import DepthToSpace, Pad, Resize, SpaceToDepth
from ..layout import View
from .file import Operator
from .reader import Reader, operator


@operator("RESHAPE", "SQUEEZE", "EXPAND_DIMS")
def reshape(reader: Reader, operator: Operator) -> None:
    view, made = reader.view(operator), reader.tensor(operator.outputs[0])
    if int(np.prod(made.dims)) != view.index.size:
        operator.refuse(f"from {list(view.dims)} to {list(made.dims)} is malformed")
    reader.put(operator, view.moved(view.index.reshape(made.dims)))


@operator("TRANSPOSE")
def transpose(reader: Reader, operator: Operator) -> None:
    view, order = reader.view(operator), reader.integers(operator, 1)
    reader.put(operator, view.moved(view.index.transpose(order)))


@operator("SOFTMAX")
def softmax(reader: Reader, operator: Operator) -> None:
    """Left out at the end, with what changes its type: the order of the scores is the same."""
    view, number = reader.view(operator), operator.outputs[0]
    while number != int(reader.graph.Outputs(0)):
        readers = [each for each in reader.operators if number in each.inputs]
        if len(readers) != 1 or readers[0].kind not in ("QUANTIZE", "DEQUANTIZE"):
            operator.refuse("is supported as the last layer only, where it is left out")
        number = readers[0].outputs[0]
        reader.views[number] = view  # and so these operators are passed over
    reader.builder.note_softmax(operator.name)
    reader.put(operator, view)


@operator("DEQUANTIZE")
def dequantize(reader: Reader, operator: Operator) -> None:
    if operator.outputs[0] != int(reader.graph.Outputs(0)):
        operator.refuse("is supported as the last layer only: what follows would be float")
    reader.put(operator, reader.view(operator))


@operator("PAD", "PADV2")
def pad(reader: Reader, operator: Operator) -> None:
    view, source = reader.view(operator), reader.input(operator)
    pads = reader.integers(operator, 1)
    value = reader.integers(operator, 2)[0] if operator.kind == "PADV2" else source.zero_point
    reader.builder.image(view, operator.name)
    if len(pads) != 8 or any(pads[:2] + pads[6:]):
        operator.refuse(f"by {pads} is not supported: only rows and columns are padded")
    reader.put(operator, reader.builder.window(
        Pad, operator.name, operator.file, view, pads=tuple(pads[2:6]), value=value))


@operator("RESIZE_NEAREST_NEIGHBOR")
def resize(reader: Reader, operator: Operator) -> None:
    options = operator.options("ResizeNearestNeighborOptions")
    view, made = reader.view(operator), reader.result(operator)
    reader.builder.image(view, operator.name)
    factors = made.dims[1] // view.shape[1], made.dims[2] // view.shape[2]
    if options.AlignCorners() or made.dims[1:3] != (
            factors[0] * view.shape[1], factors[1] * view.shape[2]):
        operator.refuse(f"from {list(view.dims[1:3])} to {list(made.dims[1:3])} is not supported: "
                        "only whole factors without align_corners are")
    reader.put(operator, reader.builder.window(Resize, operator.name, operator.file, view,
                                               factors=factors))


@operator("DEPTH_TO_SPACE", "SPACE_TO_DEPTH")
def depth(reader: Reader, operator: Operator) -> None:
    deep = operator.kind == "DEPTH_TO_SPACE"
    options = operator.options("DepthToSpaceOptions" if deep else "SpaceToDepthOptions")
    reader.put(operator, reader.builder.window(
        DepthToSpace if deep else SpaceToDepth, operator.name, operator.file,
        reader.view(operator), block=options.BlockSize()))


@operator("ARG_MAX", "ARG_MIN")
def argmax(reader: Reader, operator: Operator) -> None:
    view, (axis,) = reader.view(operator), reader.integers(operator, 1)
    if view.axis_of_channels() != axis % len(view.dims):
        operator.refuse(f"along axis {axis} is not supported: only along the channels")
    name = reader.builder.add(ArgMax, operator.name, operator.file, [view],
                              least=operator.kind == "ARG_MIN")
    made = reader.tensor(operator.outputs[0])
    _, height, width = view.shape
    reader.put(operator, View.of(name, (1, height, width), made.dims))
