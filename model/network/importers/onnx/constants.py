"""Nodes of constants alone, which are computed at once."""

from typing import Any

import numpy as np

from ..packages import package
from .file import Node
from .pending import Pending
from .values import Integers, Real, Weights
from .walk import Walk


__all__ = ["fold"]

#: What is known of constants that a DequantizeLinear makes beyond their float values.
KEPT = ("DequantizeLinear", "Transpose", "Identity", "Quant")


def fold(walk: Walk, node: Node) -> bool:
    """Compute a node of constants by ONNX's reference; return whether it was one."""
    names = [name for name in node.inputs if name]
    if node.kind == "Shape" and names and names[0] in walk.values:
        value = walk.values[names[0]]
        if isinstance(value, Pending):
            value = walk.loose(node)
        if isinstance(value, (Integers, Real)):
            dims = value.view.dims[node.get("start", 0):node.get("end", None)]
            walk.enter(node.outputs[0], np.array(dims, np.int64))
            return True
    if not all(name in walk.constants for name in names):
        return False
    weights = node.kind in ("DequantizeLinear", "Quant") or any(
        isinstance(walk.constants[name], Weights) for name in names)
    if weights and node.kind in KEPT:
        return False
    if not names and not node.kind.startswith("Constant"):
        return False
    helper = package("onnx").helper
    reference: Any = package("onnx.reference")
    feeds = {name: walk.known(name) for name in names}
    graph = helper.make_graph(
        [node.proto], "constant",
        [helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype),
                                       array.shape)
         for name, array in feeds.items() if array is not None],
        [helper.make_empty_tensor_value_info(name) for name in node.outputs if name])
    model = helper.make_model(graph, opset_imports=[
        helper.make_opsetid(node.proto.domain, node.opset)])
    try:
        made = reference.ReferenceEvaluator(model).run(None, feeds)
    except Exception as error:  # whatever the reference raises
        node.refuse(f"of constants cannot be computed: {error}")
    for name, array in zip(filter(None, node.outputs), made, strict=True):
        walk.enter(name, np.asarray(array))
    return True

