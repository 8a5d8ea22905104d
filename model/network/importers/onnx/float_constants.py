"""Float weights and biases between a DequantizeLinear and a QuantizeLinear.

ONNX Runtime (1.32 was tried) quantises them before it runs a Conv, ConvTranspose or Gemm: weights
to s8 with one scale and a zero point, biases to s32 in steps of the sum
(weight_bias_quantization.cc).
"""

from collections.abc import Callable

import numpy as np

from .file import Graph, Node
from .values import Weights
from .walk import Walk


__all__ = ["as_runtime"]

#: Between the pair and the operator: what ONNX Runtime moves the pair across, and what it folds.
MOVES = ("Identity", "MaxPool", "Reshape", "Slice", "Squeeze", "Transpose", "Unsqueeze")
FOLDED = ("Add", "BatchNormalization", "Div", "Mul", "Pad", "Sub")
PLAIN = ("Identity", "Relu", "Clip")


def as_runtime(
    walk: Walk, node: Node, weights: Weights | np.ndarray, bias: Weights | np.ndarray | None,
    axis: int,
) -> tuple[Weights | np.ndarray, Weights | np.ndarray | None]:
    """Weights and bias as ONNX Runtime has them; ``axis`` is that of scales a channel.

    Where it first folds what stands around the operator, or moves it from behind, float constants
    are refused unless quantising them changes nothing.
    """
    if (not isinstance(weights, Weights) and weights.dtype != np.float32) or (
            bias is not None and (isinstance(bias, Weights) or bias.ndim != 1)) or (
            bias is None and isinstance(weights, Weights)):
        return weights, bias
    source = _end(node, lambda each: _producer(walk.graph, each.inputs[0]),
                  (*MOVES, *FOLDED))
    reader = _end(node, lambda each: _reader(walk.graph, each), (*PLAIN, *MOVES, *FOLDED))
    if not source or not reader or (source[0].kind, reader[0].kind) != (
            "DequantizeLinear", "QuantizeLinear") or (
            node.kind == "MatMul" and "Add" not in reader[1]):
        return weights, bias
    made = weights if isinstance(weights, Weights) else _quantised(weights)
    if made.scales.size > 1 and (made.axis != axis or bias is None
                                 or made.scales.size != bias.size):
        return weights, bias
    steps = np.float32(walk.scalar(source[0], 1, "its scale")) * made.scales
    counts = None if bias is None else Weights(
        np.rint(bias / steps).astype(np.int64), steps, np.zeros(1, np.int64))
    same = bias is None or counts is None or np.array_equal(counts.real, bias)
    if node.kind != "MatMul" and {*source[1]} <= {*MOVES} and {*reader[1]} <= {*PLAIN}:
        return made, counts
    old = weights.real if isinstance(weights, Weights) else weights
    if not (same and np.array_equal(made.real, old)):
        node.refuse("has float weights or biases between a DequantizeLinear and a QuantizeLinear, "
                    "which ONNX Runtime quantises by rules of its own: quantise them in the file "
                    "(quantize_static)")
    return weights, bias


def _quantised(weights: np.ndarray) -> Weights:
    """Quantise to s8, from the least to the greatest weight, 0 included."""
    low, high = weights.min(initial=np.float32(0)), weights.max(initial=np.float32(0))
    scale = (high - low) / np.float32(255) if high > low else np.float32(1)
    zero = np.rint(np.clip(np.float32(-128) - low / scale, -128, 127))
    values = np.clip(np.rint(weights / scale) + zero, -128, 127).astype(np.int64)
    return Weights(values, np.array([scale]), np.array([int(zero)]))


def _end(node: Node, step: Callable[[Node], Node | None],
         passing: tuple[str, ...]) -> tuple[Node, list[str]] | None:
    """The first node on a way that is of no passing kind, and the kinds of those before it."""
    kinds: list[str] = []
    while (found := step(node)) is not None and found.kind in passing:
        kinds.append(found.kind)
        node = found
    return None if found is None else (found, kinds)


def _producer(graph: Graph, name: str) -> Node | None:
    return next((node for node in graph.nodes if name in node.outputs), None)


def _reader(graph: Graph, node: Node) -> Node | None:
    """The one node that reads the result, if one does."""
    readers = graph.readers(node.outputs[0])
    return readers[0] if len(readers) == graph.consumers(node.outputs[0]) == 1 else None
