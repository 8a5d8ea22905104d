"""Networks of ONNX files: QOperator and QDQ form, QONNX, and float with scales of powers of two.

The arithmetic is ONNX Runtime's on x86. A pair of DequantizeLinear and QuantizeLinear around an
operator is fused where its optimiser does so; what it leaves in float is taken where float32 is
exact, and refused where it may round.
"""

from pathlib import Path

import numpy as np

from ....errors import InputError, nearest, shorten
from ....sample import Sample
from ...value import Network
from ..layout import Traced
from . import joins, linear, pointwise, pools, qonnx, quantise, runs, shapes
from .constants import fold
from .file import read_graph
from .pending import Pending
from .start import start
from .values import Integers, Real, is_power_of_two
from .walk import OPERATORS, Walk


__all__ = ["read", "trace"]

#: The files that enter operators in the table of :mod:`walk`.
PARTS = (joins, linear, pointwise, pools, qonnx, quantise, runs, shapes)


def read(path: str | Path, arithmetic: str | None = None,
         pixel: str | Sample | None = None) -> Network:
    """Read an ``.onnx`` file.

    Parameters
    ----------
    arithmetic : :class:`str` or ``None``
        ``onnxruntime``, or ``power-of-two``, which also checks that all scales are.
    pixel : :class:`str`, :class:`~windrow.model.sample.Sample` or ``None``
        Of a float input that no QuantizeLinear reads: the integers that its values are, such as
        ``u8`` for a camera's pixels.

    Raises
    ------
    :exc:`~windrow.model.errors.InputError`
        If the file is malformed or has what is not supported, which is named.
    """
    return trace(path, arithmetic, pixel).network


def trace(path: str | Path, arithmetic: str | None = None,
          pixel: str | Sample | None = None) -> Traced:
    """A network, and where its tensors are in the file."""
    arithmetic = arithmetic or "onnxruntime"
    if arithmetic not in ("onnxruntime", "power-of-two"):
        raise InputError("arithmetic must be onnxruntime or power-of-two where an .onnx file is "
                         f"read, not {shorten(arithmetic)}")
    sample = None if pixel is None else Sample.parse(pixel, key="pixel", limit=16)
    walk = Walk(read_graph(path), sample)
    for node in walk.graph.nodes:  # what the input means may be said by nodes of constants
        fold(walk, node)
    source = start(walk)
    output = _output(walk)
    network = walk.builder.network(Path(path).stem, output.view, arithmetic, walk.graph.output)
    if arithmetic == "power-of-two":
        _check_powers(network)
    files = walk.builder.files
    files |= {layer: name for layer, name in walk.integer_names.items() if layer in files}
    return Traced(network, files, source, output.view, float(output.scale), output.zero_point)


def _check_powers(network: Network) -> None:
    """Refuse a network in which a runtime's way of rounding could matter."""
    for tensor in (network.input, *(layer.output for layer in network.layers)):
        if tensor.scale is not None and not is_power_of_two(tensor.scale):
            raise InputError(f"arithmetic power-of-two needs scales that are, and {tensor.scale} "
                             "is not one; read the network with arithmetic onnxruntime")


def _output(walk: Walk) -> Real:
    """Make all layers; return the output and its meaning."""
    graph = walk.graph
    for node in graph.nodes:
        if node.outputs[0] in walk.values:  # what the input is, or what was left out
            continue
        if node.outputs[0] in walk.constants or fold(walk, node):
            continue
        maker = OPERATORS.get(node.kind)
        if node.kind.startswith("Dynamic"):
            node.refuse("is not supported: its scales differ by frame; quantise with "
                        "quantize_static instead of quantize_dynamic")
        if maker is None:
            node.refuse("is not supported; " + nearest(node.kind, OPERATORS, see="docs/layers.md"))
        made = maker(walk, node)
        values = made if isinstance(made, list) else [made]
        if any(map(graph.consumers, filter(None, node.outputs[len(values):]))):
            node.refuse(f"with {len(node.outputs)} outputs is not supported; only the first is")
        for name, value in zip(node.outputs, values, strict=False):
            walk.enter(name, value)
    output = walk.values.get(graph.output)
    if isinstance(output, Pending):
        output = output.exact(walk)
    if isinstance(output, Real):
        return walk.settled(output)
    if not isinstance(output, Integers):
        raise InputError(f"output {shorten(graph.output)} does not depend on the input")
    return Real(output.view, np.float32(1), 0)
