"""Operators of one input, which become tables."""

from dataclasses import replace

from .file import Node
from .functions import OTHERS, clip_limits
from .pending import Pending
from .values import Integers
from .walk import Value, Walk, operator


__all__ = ["pointwise"]


@operator("Relu", "Clip")
def limit(walk: Walk, node: Node) -> Value:
    value = walk.value(node, 0)
    if isinstance(value, Pending):
        alone = walk.graph.consumers(node.inputs[0]) == 1
        return replace(value, unit=value.unit and alone).clipped(*clip_limits(node, walk.known))
    return pointwise(walk, node)


@operator("Neg", "Abs", "Floor", "Ceil", "Round", *OTHERS)
def pointwise(walk: Walk, node: Node) -> Value:
    """A function of one input, and of constants."""
    places = [place for place in range(len(node.inputs))
              if node.given(place) and not walk.is_constant(node, place)]
    if len(places) != 1:
        node.refuse(f"of {len(places)} tensors is not supported")
    value = walk.value(node, places[0])
    real = walk.loose(node, places[0])
    made = replace(real, nodes=(*real.nodes, node), unit=False)
    if isinstance(value, Integers):  # the operator itself reads and gives integers
        if node.kind not in ("Relu", "Clip", "Max", "Min"):
            node.refuse("of integers is not supported: it may wrap around")
        return Integers(walk.settled(made).view)
    return made
