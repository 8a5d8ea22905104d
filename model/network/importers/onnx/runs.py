"""Operators of one quantised input whose formula is ONNX Runtime's own."""

import numpy as np

from .file import Node
from .functions import run_nodes
from .values import Integers, Real
from .walk import Value, Walk, operator


@operator("QLinearSigmoid", "QLinearLeakyRelu")
def qlinear_function(walk: Walk, node: Node) -> Value:
    """A table that ONNX Runtime makes, when it is asked once for every sample."""
    meant = walk.meaning(node, 1, 2, "its input")
    to = walk.meaning(node, 3, 4, "its output")
    real = walk.meant(Real(walk.integers(node), meant.scale, meant.zero_point))
    sample = walk.tensor(real.view).sample
    proto = type(node.proto)()
    proto.CopyFrom(node.proto)
    proto.input[0], proto.output[0] = "x_", "y_"
    every = np.arange(sample.minimum, sample.maximum + 1).astype(sample.dtype)[None]
    constants = {name: walk.graph.constants[name] for name in node.inputs[1:] if name}
    made = run_nodes(node, [proto], constants, every, "y_", np.dtype(to.sample.dtype),
                     walk.graph.opset)
    entries = made.astype(np.int64)
    return Integers(walk.table(real, entries, to, node.outputs[0], node.name).view)
