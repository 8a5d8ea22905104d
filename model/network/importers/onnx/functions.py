"""Functions of a sample: nodes of one input, evaluated for every sample."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ....errors import InputError
from ....sample import Sample
from ..packages import package
from .file import Node
from .values import Meaning, Real, quantised


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
    opset : :class:`int`
        The version of ONNX's operators.
    """

    real: Real
    sample: Sample
    constant: Callable[[str], np.ndarray | None]
    opset: int

    @property
    def values(self) -> np.ndarray:
        """The float32 value of every sample, (1 or channels, 2**bits)."""
        return self._evaluated(None)

    def samples(self, to: Meaning) -> np.ndarray:
        """What a QuantizeLinear behind it gives, (1 or channels, 2**bits).

        A single operator that ONNX Runtime fuses with the pair around it is run there with both.
        """
        if len(self.real.nodes) == 1 and self.real.nodes[0].kind in FUSED:
            return self._evaluated(to).astype(np.int64)
        return quantised(self.values, to)

    def _evaluated(self, to: Meaning | None) -> np.ndarray:
        sample, nodes = self.sample, self.real.nodes
        if sample.bits > 12:
            reason = (f"is a table of its samples, and {sample} has more than 12 bits: put a "
                      "QuantizeLinear and DequantizeLinear before it")
            if nodes:
                nodes[-1].refuse(reason)
            raise InputError(f"layer {self.real.view.tensor!r}: {reason}")
        every = np.arange(sample.minimum, sample.maximum + 1)
        dims = self._operand_dims()
        codes = np.broadcast_to(every.reshape(-1, *[1] * (len(dims) - 1)), (len(every), *dims[1:]))
        if to is None and all(node.kind in PLAIN or node.kind == "Clip" for node in nodes):
            made = (codes - self.real.zero_point).astype(F) * self.real.scale
            for node in nodes:
                made = self._plain(node, made)
        else:
            made = self._in_onnxruntime(codes, to)
        return np.ascontiguousarray(made.reshape(len(every), -1).T)

    def _operand_dims(self) -> tuple[int, ...]:
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
        if several and several != [view.axis_of_channels()]:
            self.real.nodes[-1].refuse("with constants that differ by place is not supported: they "
                                       "may differ by channel")
        return tuple(dims)

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
                array = self.constant(name)
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
