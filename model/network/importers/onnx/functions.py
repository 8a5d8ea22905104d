"""Functions of a sample: nodes of one input, evaluated for every sample."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from ....errors import InputError
from ....sample import Sample
from ..packages import package
from .file import Node
from .values import Meaning, Real, Weights, quantised


__all__ = ["OTHERS", "PLAIN", "Function", "run_nodes"]

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


class Function(NamedTuple):
    """The nodes of a float tensor, on the samples that it is made of.

    Parameters
    ----------
    real : :class:`~.values.Real`
    sample : :class:`~windrow.model.sample.Sample`
        Of its samples.
    constant : function
        The constant of a name, or ``None``.
    given : function
        The same, as :class:`~.values.Weights` where it is quantised.
    opset : :class:`int`
        The version of ONNX's operators.
    """

    real: Real
    sample: Sample
    constant: Callable[[str], np.ndarray | None]
    given: Callable[[str], np.ndarray | Weights | None]
    opset: int

    @property
    def values(self) -> np.ndarray:
        """The float32 value of every sample, (1 or channels, 2**bits)."""
        return self._evaluated(None)

    def samples(self, to: Meaning, *, alone: bool) -> np.ndarray:
        """What a QuantizeLinear behind it gives, (1 or channels, 2**bits).

        A single operator that ONNX Runtime fuses with the pair around it is run there with both, if
        the QuantizeLinear ``alone`` reads it. A Relu or Clip that changes no sample is dropped
        there first.
        """
        nodes = self.real.nodes
        while nodes and nodes[-1].kind in ("Relu", "Clip"):
            low, high = (quantised(np.float32(end), to) for end in self.limits(nodes[-1]))
            if low > to.sample.minimum or high < to.sample.maximum:
                break
            nodes = nodes[:-1]
        made = self._replace(real=replace(self.real, nodes=nodes))
        if alone and made._fused(to):
            return made._evaluated(to).astype(np.int64)
        return quantised(made.values, to)

    def _fused(self, to: Meaning) -> bool:
        if len(self.real.nodes) != 1:
            return False
        node = self.real.nodes[0]
        operands = [each for each in map(self.given, node.inputs) if each is not None]
        pair = node.kind in ("Add", "Mul") and all(
            isinstance(each, Weights) and each.dtype == self.sample.dtype for each in operands)
        return node.kind in FUSED or pair

    def _evaluated(self, to: Meaning | None) -> np.ndarray:
        if to is not None or not all(node.kind in PLAIN or node.kind == "Clip"
                                     for node in self.real.nodes):
            return self.rows(lambda codes: self._in_onnxruntime(codes, to), fused=to is not None)
        return self.rows(self._plainly)

    def rows(self, run: Callable[[np.ndarray], np.ndarray], *, fused: bool = False) -> np.ndarray:
        """What a function of an array makes of every sample, (1 or channels, 2**bits).

        The array has a frame for each sample, and the view's other dimensions as far as constants
        differ along them; if ``fused``, a few rows and columns, for ONNX Runtime computes single
        elements in another order.
        """
        sample, nodes, view = self.sample, self.real.nodes, self.real.view
        if sample.bits > 12:
            reason = (f"is a table of its samples, and {sample} has more than 12 bits: put a "
                      "QuantizeLinear and DequantizeLinear before it")
            if nodes:
                nodes[-1].refuse(reason)
            raise InputError(f"layer {view.tensor!r}: {reason}")
        every = np.arange(sample.minimum, sample.maximum + 1)
        dims, channel = self._operand_dims(), view.axis_of_channels()
        if fused:
            dims = [size if axis in (0, channel) else max(size, min(view.dims[axis], 4))
                    for axis, size in enumerate(dims)]
        codes = np.broadcast_to(every.reshape(-1, *[1] * (len(dims) - 1)), (len(every), *dims[1:]))
        made = run(codes)
        if channel and dims[channel] > 1:
            made = np.moveaxis(made, channel, 1).reshape(len(every), dims[channel], -1)
        else:
            made = made.reshape(len(every), 1, -1)
        if (made != made[:, :, :1]).any():
            nodes[-1].refuse("gives other results in ONNX Runtime by place")
        return np.ascontiguousarray(made[:, :, 0].T)

    def _plainly(self, codes: np.ndarray) -> np.ndarray:
        made = (codes - self.real.zero_point).astype(F) * self.real.scale
        for node in self.real.nodes:
            made = self._plain(node, made)
        return made

    def _operand_dims(self) -> list[int]:
        """The dimensions along which constant operands differ: 1, but for the channels."""
        view = self.real.view
        dims = [1] * max(view.index.ndim, 1)
        for node in self.real.nodes:
            if node.kind == "BatchNormalization":
                dims[1] = view.dims[1]
                continue
            for name in node.inputs:
                array = self.constant(name)
                if array is None or array.size == 1:
                    continue
                if array.ndim > view.index.ndim:
                    node.refuse(f"with a constant of dimensions {list(array.shape)} is not "
                                f"supported where it reads {list(view.dims)}")
                for axis in range(-array.ndim, 0):
                    if array.shape[axis] > 1:
                        dims[axis] = array.shape[axis]
        several = [axis for axis, length in enumerate(dims) if length > 1]
        if several and (several != [view.axis_of_channels()] or several == [0]):
            self.real.nodes[-1].refuse("with constants that differ by place is not supported: they "
                                       "may differ by channel")
        return dims

    def _plain(self, node: Node, value: np.ndarray) -> np.ndarray:
        if node.kind == "Clip":
            low, high = self.limits(node)
            return np.minimum(np.maximum(value, F(low)), F(high))
        operands = [self.constant(name) for name in node.inputs if name]
        made = PLAIN[node.kind](*(value if each is None else each.astype(F) for each in operands))
        return made.astype(F)

    def limits(self, node: Node) -> tuple[float, float]:
        """What a Clip leaves."""
        return clip_limits(node, self.constant)

    def _in_onnxruntime(self, codes: np.ndarray, to: Meaning | None) -> np.ndarray:
        """Run the nodes, between the pair around them, on every sample."""
        helper, real = package("onnx").helper, self.real
        constants: dict[str, Any] = {}
        proto: list[Any] = []
        if to is None:
            fed, at = (codes - real.zero_point).astype(F) * real.scale, "x_"
        else:
            type_ = np.dtype(self.sample.dtype).type
            constants = {"xs_": F(real.scale), "xz_": type_(real.zero_point)}
            fed, at = codes.astype(type_), "n_"
            proto = [helper.make_node("DequantizeLinear", ["x_", "xs_", "xz_"], ["n_"])]
        for number, node in enumerate(real.nodes):
            made = type(node.proto)()
            made.CopyFrom(node.proto)
            for place, name in enumerate(node.inputs):
                array, given = self.constant(name), self.given(name)
                if to is not None and isinstance(given, Weights):
                    constants |= {
                        f"{name}_q": given.values.astype(given.dtype),
                        f"{name}_s": given.scales.reshape(()) if given.scales.size == 1
                        else given.scales,
                        f"{name}_z": given.zero_points.astype(given.dtype).reshape(
                            () if given.scales.size == 1 else -1)}
                    keys = {} if given.scales.size == 1 else {"axis": given.axis}
                    proto.append(helper.make_node(
                        "DequantizeLinear", [f"{name}_{each}" for each in "qsz"], [name], **keys))
                elif array is not None:
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
        return run_nodes(real.nodes[-1], proto, constants, fed, at,
                         np.dtype(np.float32 if to is None else to.sample.dtype), self.opset)


def clip_limits(node: Node, constant: Callable[[str], np.ndarray | None]) -> tuple[float, float]:
    """What Relu or Clip leaves."""
    if node.kind == "Relu":
        return 0.0, np.inf
    ends = [node.get("min", None), node.get("max", None)]
    for place in (1, 2):
        if node.given(place):
            given = constant(node.inputs[place])
            if given is None or given.size != 1:
                node.refuse("with limits that are no constants of one value is not supported")
            ends[place - 1] = given.reshape(-1)[0]
    low, high = (default if end is None else float(F(end))
                 for end, default in zip(ends, (-np.inf, np.inf), strict=True))
    return min(low, high), high


def run_nodes(node: Node, proto: list[Any], constants: dict[str, Any], codes: np.ndarray,
              output: str, dtype: "np.dtype[Any]", opset: int) -> np.ndarray:
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
    opsets = {"": opset, "com.microsoft": 1}
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
