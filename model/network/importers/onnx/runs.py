"""Operators of one quantised input, and perhaps a constant, whose formula is ONNX Runtime's own."""

from dataclasses import replace

import numpy as np

from .file import Node
from .functions import run_nodes
from .values import Integers, Weights
from .walk import Value, Walk, operator


__all__ = ["qlinear_table"]


@operator("QLinearSigmoid", "QLinearLeakyRelu")
def qlinear_function(walk: Walk, node: Node) -> Value:
    return qlinear_table(walk, node, 0, 3)


def qlinear_table(walk: Walk, node: Node, place: int, output: int) -> Value:
    """A table that ONNX Runtime makes, when it is asked once for every sample.

    ``place`` and ``output`` are where the data stands among the inputs, and the output's scale.
    """
    real = walk.quantised(node, place)
    to = walk.meaning(node, output, output + 1, "its output")
    proto = type(node.proto)()
    proto.CopyFrom(node.proto)
    proto.input[place], proto.output[0] = "x_", "y_"
    constants = {}
    for name in filter(None, node.inputs):
        value = walk.constants.get(name)
        if value is not None:
            constants[name] = value.real if isinstance(value, Weights) else value
    function = walk.function(replace(real, nodes=(node,)))
    entries = function.rows(lambda codes: run_nodes(
        node, [proto], constants, codes.astype(function.sample.dtype), "y_",
        np.dtype(to.sample.dtype), walk.graph.opset), fused=True).astype(np.int64)
    return Integers(walk.table(real, entries, to, node.outputs[0], node.name).view)
