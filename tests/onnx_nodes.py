"""ONNX Runtime on graphs of one node."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
import onnxruntime

from windrow.model.network import Convolution, FloatRequantiser
from windrow.model.network.convolution import PADDING_MODES, padded


__all__ = ["convolved", "run"]

ONE = np.float32(1)


def run(kind: str, inputs: Sequence[np.ndarray], domain: str = "", fed: int = 0,
        **attributes: Any) -> np.ndarray:
    """The output of one node: one input is fed, the others are constants."""
    helper = onnx.helper
    names = [f"i{place}" for place in range(len(inputs))]
    given = helper.make_tensor_value_info(
        f"i{fed}", helper.np_dtype_to_tensor_dtype(inputs[fed].dtype), inputs[fed].shape)
    graph = helper.make_graph(
        [helper.make_node(kind, names, ["o"], domain=domain, **attributes)], "one", [given],
        [onnx.ValueInfoProto(name="o")],
        [onnx.numpy_helper.from_array(np.asarray(each), name)
         for name, each in zip(names, inputs, strict=True) if name != f"i{fed}"])
    model = helper.make_model(graph, ir_version=8, opset_imports=[
        helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)])
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {f"i{fed}": inputs[fed]})[0])


def convolved(layer: Convolution, frames: np.ndarray) -> np.ndarray:
    """What QLinearConv makes of frames, with borders other than zeros put around them before."""
    sample, weights, to = layer.input.sample, layer.weights, layer.requantiser
    assert isinstance(to, FloatRequantiser)
    frames, pads = frames.astype(sample.dtype), layer.pads
    if layer.padding_mode != "zeros":
        frames, pads = padded(frames, pads, PADDING_MODES[layer.padding_mode]), (0, 0, 0, 0)
    zero = next(iter(layer.weight_zero_point), 0)
    kind = np.uint8 if weights.max() > 127 or any(layer.weight_zero_point) else np.int8
    scales = np.array(to.scales, np.float32)
    made = run("QLinearConv", [
        frames, ONE, sample.dtype.type(layer.input.zero_point), weights.astype(kind),
        scales if len(scales) > 1 else scales[0],
        np.full(len(weights) if len(scales) > 1 else (), zero, kind),
        ONE, sample.dtype.type(to.zero_point), np.array(layer.bias, np.int32)],
        strides=layer.stride, dilations=layer.dilation, group=layer.groups,
        pads=[pads[0], pads[2], pads[1], pads[3]])
    return np.clip(made.astype(int), to.low, to.high)
