"""QONNX's Quant, as Brevitas and QKeras export it, where its scale is a power of two."""

import numpy as np

from ....sample import Sample
from .file import Node
from .pending import Pending
from .quantise import rounded
from .values import Meaning, Real, Weights, is_power_of_two
from .walk import Value, Walk, operator


__all__ = ["meaning"]


def meaning(walk: Walk, node: Node) -> Meaning:
    """The samples of an activation."""
    scale = np.float32(walk.scalar(node, 1, "its scale"))
    zero = float(walk.scalar(node, 2, "its zero point"))
    bits = float(walk.scalar(node, 3, "its number of bits"))
    _check(node, np.atleast_1d(scale), zero, bits)
    signed = bool(node.get("signed", 1))
    if node.get("narrow", 0):
        node.refuse("with narrow set is not supported for activations")
    return Meaning(Sample(signed, int(bits)), scale, int(zero))


def _check(node: Node, scales: np.ndarray, zero: float, bits: float) -> None:
    if node.get("rounding_mode", "ROUND") not in ("ROUND", "HALF_EVEN"):
        node.refuse(f"with rounding_mode {node.get('rounding_mode', '')!r} is not supported; ROUND "
                    "is")
    for scale in scales.reshape(-1):
        if not np.isfinite(scale) or scale <= 0 or not is_power_of_two(float(scale)):
            node.refuse(f"has the scale {scale:g}; only powers of two are supported, since QONNX "
                        "computes the rest in float32")
    if zero != int(zero) or bits != int(bits) or not 2 <= bits <= 8:
        node.refuse(f"has {bits:g} bits and zero point {zero:g}; 2 to 8 bits and a whole zero "
                    "point are supported")


@operator("Quant")
def quant(walk: Walk, node: Node) -> Value:
    value = walk.value(node, 0)
    if isinstance(value, np.ndarray):
        return _weights(walk, node, value)
    to = meaning(walk, node)
    if isinstance(value, Pending):
        view = value.rounded(walk, to, node.outputs[0])
    elif isinstance(value, Real):
        view = rounded(walk, node, value, to)
    else:
        node.refuse("reads integers, which QONNX does not allow")
    return Real(view, to.scale, to.zero_point)


def _weights(walk: Walk, node: Node, value: np.ndarray) -> Weights:
    scales = walk.constant(node, 1, "its scale").astype(np.float32)
    zero = float(walk.scalar(node, 2, "its zero point"))
    bits = float(walk.scalar(node, 3, "its number of bits"))
    _check(node, scales, zero, bits)
    sample = Sample(bool(node.get("signed", 1)), int(bits))
    low = sample.minimum + (bool(node.get("narrow", 0)) and sample.signed)
    made = np.clip(np.rint(value.astype(np.float32) / scales + np.float32(zero)), low,
                   sample.maximum).astype(np.int64)
    axis = next((axis for axis, size in enumerate(scales.shape) if size > 1), 0)
    if scales.size > 1 and scales.ndim != value.ndim:
        node.refuse(f"has scales of dimensions {list(scales.shape)} for weights of "
                    f"{list(value.shape)}")
    return Weights(made, scales.reshape(-1), np.array([int(zero)]), axis)

