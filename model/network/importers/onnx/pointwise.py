"""Operators of one input: functions of a sample, which become tables."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ....errors import InputError
from ..packages import package
from .file import Node
from .values import Integers, Meaning, Pending, Real, Value, Weights, quantised
from .walk import Walk, operator


__all__ = ["pointwise", "run_nodes", "samples_of", "values_of"]

F = np.float32
#: Single operations of float32, the same everywhere. ONNX Runtime is asked for all others.
PLAIN: dict[str, Callable[..., np.ndarray]] = {
    "Relu": lambda x: np.maximum(x, F(0)), "Neg": np.negative, "Abs": np.abs,
    "Add": np.add, "Sub": np.subtract, "Mul": np.multiply, "Div": np.divide,
    "Max": np.maximum, "Min": np.minimum, "Floor": np.floor, "Ceil": np.ceil, "Round": np.rint,
}
#: What ONNX Runtime fuses with the pair around it into one table of its own.
FUSED = ("Sigmoid", "LeakyRelu")
OTHERS = ("Sigmoid", "LeakyRelu", "PRelu", "HardSigmoid", "HardSwish", "Tanh", "Elu", "Selu",
          "Celu", "Softplus", "Softsign", "Erf", "Gelu", "FastGelu", "QuickGelu", "Mish", "Swish",
          "Exp", "Log", "Sqrt", "Reciprocal", "Pow", "ThresholdedRelu", "Shrink", "Sign")


def samples_of(walk: Walk, real: Real, node: Node, to: Meaning) -> np.ndarray:
    """Samples of every sample, (1 or channels, 2**bits), where ``node`` quantises.

    A single operator between a DequantizeLinear and a QuantizeLinear that ONNX Runtime fuses is run
    there with both.
    """
    if len(real.nodes) == 1 and real.nodes[0].kind in FUSED:
        return _evaluated(walk, real, to).astype(np.int64)
    return quantised(values_of(walk, real), to)


def values_of(walk: Walk, real: Real) -> np.ndarray:
    """The float32 value of every sample, (1 or channels, 2**bits)."""
    return _evaluated(walk, real, None)


def _evaluated(walk: Walk, real: Real, to: Meaning | None) -> np.ndarray:
    sample = walk.tensor(real.view).sample
    if sample.bits > 12:
        node = real.nodes[-1] if real.nodes else None
        reason = (f"is a table of its samples, and {sample} has more than 12 bits: put a "
                  "QuantizeLinear and DequantizeLinear before it")
        if node:
            node.refuse(reason)
        raise InputError(f"layer {real.view.tensor!r}: {reason}")
    every = np.arange(sample.minimum, sample.maximum + 1)
    dims = _operand_dims(walk, real)
    codes = np.broadcast_to(every.reshape(-1, *[1] * (len(dims) - 1)), (len(every), *dims[1:]))
    if to is None and all(node.kind in PLAIN or node.kind == "Clip" for node in real.nodes):
        made = (codes - real.zero_point).astype(F) * real.scale
        for node in real.nodes:
            made = _plain(walk, node, made)
    else:
        made = _in_onnxruntime(walk, real, codes, to)
    made = made.reshape(len(every), -1)
    return np.ascontiguousarray(made.T)


def _operand_dims(walk: Walk, real: Real) -> tuple[int, ...]:
    """The dimensions along which constant operands differ: 1, but for the channels."""
    view = real.view
    dims = [1] * max(view.index.ndim, 1)
    for node in real.nodes:
        if node.kind == "BatchNormalization":
            dims[1] = view.dims[1]
            continue
        for name in node.inputs:
            array = _constant(walk, name)
            if array is None or array.size == 1:
                continue
            if array.ndim > view.index.ndim:
                node.refuse(f"with a constant of dimensions {list(array.shape)} is not supported "
                            f"where it reads {list(view.dims)}")
            for axis in range(-array.ndim, 0):
                if array.shape[axis] > 1:
                    dims[axis] = array.shape[axis]
    several = [axis for axis, length in enumerate(dims) if length > 1]
    if several and several != [view.axis_of_channels()]:
        real.nodes[-1].refuse("with constants that differ by place is not supported: they may "
                              "differ by channel")
    return tuple(dims)


def _constant(walk: Walk, name: str) -> np.ndarray | None:
    value = walk.values.get(name)
    if isinstance(value, Weights):
        return value.real
    return value if isinstance(value, np.ndarray) else None


def _plain(walk: Walk, node: Node, value: np.ndarray) -> np.ndarray:
    if node.kind == "Clip":
        low, high = clip_limits(walk, node)
        return np.minimum(np.maximum(value, F(low)), F(high))
    operands = [_constant(walk, name) for name in node.inputs if name]
    made = PLAIN[node.kind](*(value if each is None else each.astype(F) for each in operands))
    return made.astype(F)


def clip_limits(walk: Walk, node: Node) -> tuple[float, float]:
    """What Relu or Clip leaves."""
    if node.kind == "Relu":
        return 0.0, np.inf
    ends = [node.get("min", None), node.get("max", None)]
    for place in (1, 2):
        if node.given(place):
            ends[place - 1] = walk.scalar(node, place, "a limit")
    low, high = (default if end is None else float(F(end))
                 for end, default in zip(ends, (-np.inf, np.inf), strict=True))
    return min(low, high), high


def _in_onnxruntime(walk: Walk, real: Real, codes: np.ndarray, to: Meaning | None) -> np.ndarray:
    """Run the nodes, between the pair around them, on every sample."""
    helper = package("onnx").helper
    dtype = np.dtype(walk.tensor(real.view).sample.dtype)
    constants: dict[str, Any] = {"xs_": F(real.scale), "xz_": dtype.type(real.zero_point)}
    proto = [helper.make_node("DequantizeLinear", ["x_", "xs_", "xz_"], ["n_"])]
    at = "n_"
    for number, node in enumerate(real.nodes):
        made = type(node.proto)()
        made.CopyFrom(node.proto)
        for place, name in enumerate(node.inputs):
            array = _constant(walk, name)
            if array is not None:
                constants[name] = array
            elif name:
                made.input[place] = at
        at = made.output[0] = f"n{number}_"
        del made.output[1:]
        proto.append(made)
    if to is not None:
        type_ = np.dtype(to.sample.dtype).type
        constants |= {"ys_": F(to.scale), "yz_": type_(to.zero_point)}
        proto.append(helper.make_node("QuantizeLinear", [at, "ys_", "yz_"], ["q_"]))
        at = "q_"
    return run_nodes(walk, real.nodes[-1], proto, constants, codes.astype(dtype), at,
                     np.dtype(np.float32 if to is None else to.sample.dtype))


def run_nodes(walk: Walk, node: Node, proto: list[Any], constants: dict[str, Any],
              codes: np.ndarray, output: str, dtype: "np.dtype[Any]") -> np.ndarray:
    """Run nodes in ONNX Runtime: the tensor ``output`` where ``x_`` is ``codes``."""
    onnx, runtime = package("onnx"), package("onnxruntime")
    helper = onnx.helper
    types = helper.np_dtype_to_tensor_dtype
    graph = helper.make_graph(
        proto, "table",
        [helper.make_tensor_value_info("x_", types(codes.dtype), codes.shape)],
        [helper.make_tensor_value_info(output, types(dtype), None)],
        [onnx.numpy_helper.from_array(np.asarray(value), name)
         for name, value in constants.items()])
    # Quantising is there from 10 on, and this runtime's own operators have one version.
    opsets = {"": max(walk.graph.opset, 10), "com.microsoft": 1}
    model = helper.make_model(graph, opset_imports=[
        helper.make_opsetid(domain, version) for domain, version in opsets.items()])
    model.ir_version = min(model.ir_version, 10)
    options = runtime.SessionOptions()
    options.log_severity_level = 4
    try:
        session = runtime.InferenceSession(model.SerializeToString(), options,
                                           providers=["CPUExecutionProvider"])
        return np.asarray(session.run(None, {"x_": codes})[0])
    except Exception as error:  # the runtime's errors have no common class
        node.refuse(f"cannot be run in ONNX Runtime: {error}")


@operator("Relu", "Clip")
def limit(walk: Walk, node: Node) -> Value:
    value = walk.value(node, 0)
    if isinstance(value, Pending):
        alone = walk.graph.consumers(node.inputs[0]) == 1
        return replace(value, unit=value.unit and alone).clipped(*clip_limits(walk, node))
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
