"""Operators of one quantised input whose formula is ONNX Runtime's own."""

from dataclasses import replace

import numpy as np

from .file import Node
from .pointwise import samples_of
from .values import Integers, Real, Value
from .walk import Walk, operator


@operator("QLinearSigmoid", "QLinearLeakyRelu")
def qlinear_function(walk: Walk, node: Node) -> Value:
    """A table that ONNX Runtime makes, when it is asked once for every sample."""
    meant = walk.meaning(node, 1, 2, "its input")
    to = walk.meaning(node, 3, 4, "its output")
    real = walk.meant(Real(walk.integers(node), meant.scale, meant.zero_point))
    float_node = replace(node, kind=node.kind.removeprefix("QLinear"), inputs=node.inputs[:1])
    entries = samples_of(walk, replace(real, nodes=(float_node,)), node, to)
    return Integers(walk.table(real, np.asarray(entries), to, node.outputs[0], node.name).view)
