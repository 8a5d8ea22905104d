"""QuantizeLinear and DequantizeLinear."""

from dataclasses import replace

import numpy as np

from ....sample import Sample
from ...value import INPUT
from ..layout import View
from .file import Node
from .pending import Pending
from .values import Integers, Meaning, Real, Weights
from .walk import Value, Walk, operator


__all__ = ["rounded", "unsigned"]

U8, S8 = Sample(False, 8), Sample(True, 8)


def unsigned(walk: Walk, node: Node, to: Meaning) -> Meaning:
    """The meaning with which ONNX Runtime runs a QuantizeLinear on x86.

    It turns a pair with a DequantizeLinear from s8 into u8 (qdq_s8_to_u8.cc), and only then fuses
    the operators around it. A tensor with several readers stays s8, and they stay in float.
    """
    graph = walk.graph
    readers = graph.readers(node.outputs[0])
    reader = readers[0] if graph.consumers(node.outputs[0]) == len(readers) == 1 else None
    if reader and to.sample == S8 and reader.kind == "DequantizeLinear" and node.given(2) and (
            graph.consumers(reader.outputs[0]) == 1
            and walk.meaning(reader, 1, 2, "its input") == to):
        return Meaning(U8, to.scale, to.zero_point + 128)
    return to


@operator("QuantizeLinear")
def quantise(walk: Walk, node: Node) -> Value:
    value = walk.value(node, 0)
    if isinstance(value, (np.ndarray, Weights)):
        node.refuse("of a constant is not supported: save the quantised constant instead")
    if isinstance(value, Integers):
        node.refuse("reads integers, which ONNX does not allow")
    to = unsigned(walk, node, walk.meaning(node, 1, 2, "its output"))
    if isinstance(value, Pending):
        alone = walk.graph.consumers(node.inputs[0]) == 1
        value = replace(value, unit=value.unit and alone and value.sample == to.sample)
        return Integers(value.rounded(walk, to, node.outputs[0]))
    return Integers(rounded(walk, node, value, to))


def rounded(walk: Walk, node: Node, real: Real, to: Meaning) -> View:
    """A table that quantises a float tensor; nothing where that changes no sample."""
    tensor = walk.tensor(real.view)
    of = Meaning(tensor.sample, real.scale, real.zero_point)
    if of != to and of.sample == U8 and real.unit and not real.nodes and real.view.tensor != INPUT:
        node.refuse("changes the scale right behind a DequantizeLinear; ONNX Runtime merges two "
                    "such pairs into one, which rounds otherwise: leave one out")
    alone = walk.graph.consumers(node.inputs[0]) == 1
    entries = walk.function(real).samples(to, alone=alone)
    name = real.nodes[0].name if real.nodes else node.name
    view = walk.table(real, entries, to, node.outputs[0], name).view
    walk.integer_names.setdefault(view.tensor, node.outputs[0])
    return view


@operator("DequantizeLinear")
def dequantise(walk: Walk, node: Node) -> Value:
    value = walk.value(node, 0)
    if node.get("block_size", 0):
        node.refuse("with blocks is not supported")
    if isinstance(value, np.ndarray):
        axis = node.get("axis", 1)
        axis = axis % value.ndim if value.ndim else 0
        if walk.constant(node, 1, "its scale").size == 1:
            axis = 0
        return walk.weights(node, 0, 1, 2, axis)
    view = walk.integers(node)
    meant = walk.meaning(node, 1, 2, "its input")
    sample, zero = walk.tensor(view).sample, meant.zero_point
    if sample == U8 and meant.sample == S8 and node.given(2):
        zero += 128  # as `unsigned` has it
    real = Real(view, meant.scale, zero, unit=sample in (U8, S8))
    return replace(walk.meant(real), unit=real.unit)
