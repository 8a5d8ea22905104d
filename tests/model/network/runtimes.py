"""The runtimes that networks are compared with, and whether this processor runs them right."""

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from windrow.model.network import Network


#: Networks of others, which lie beside the project where they are at hand.
MODELS = Path(__file__).resolve().parents[4] / "shared" / "models"


def model(name: str) -> Path:
    """A network of others; the test is skipped where it is not at hand."""
    if not (MODELS / name).is_file():
        pytest.skip(f"{name} is not at hand")
    return MODELS / name


@functools.cache
def products_are_exact() -> bool:
    """Whether ONNX Runtime adds products of u8 and s8 right: without VNNI it clips to 16 bits."""
    onnx = pytest.importorskip("onnx")
    helper = onnx.helper
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["x", "w"], ["y"])], "canary",
        [helper.make_tensor_value_info("x", onnx.TensorProto.UINT8, [1, 2])],
        [helper.make_tensor_value_info("y", onnx.TensorProto.INT32, [1, 1])],
        [onnx.numpy_helper.from_array(np.full((2, 1), 127, np.int8), "w")])
    made = run(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]),
               np.full((1, 2), 255, np.uint8))
    return bool(made["y"][0, 0] == 2 * 255 * 127)


def need_exact_products() -> None:
    """Skip a test where the processor lacks VNNI."""
    pytest.importorskip("onnxruntime")
    if not products_are_exact():
        pytest.skip("ONNX Runtime clips sums of u8 and s8 products on this processor")


def run(proto: Any, frames: npt.NDArray[Any], names: Sequence[str] = (), *,
        optimised: bool = True) -> dict[str, npt.NDArray[Any]]:
    """Tensors of a model, those of ``names`` beside its outputs, on frames in its own type."""
    runtime = pytest.importorskip("onnxruntime")
    onnx = pytest.importorskip("onnx")
    changed = onnx.ModelProto()
    changed.CopyFrom(proto)
    changed.ir_version = min(changed.ir_version, 10)
    known = {output.name for output in changed.graph.output}
    changed.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names
                                if name not in known)
    options = runtime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    if not optimised:
        options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = runtime.InferenceSession(changed.SerializeToString(), options,
                                       providers=["CPUExecutionProvider"])
    made = session.run(None, {session.get_inputs()[0].name: frames})
    return dict(zip((output.name for output in session.get_outputs()), made, strict=True))


def compared(network: Network, files: Mapping[str, str], taps: Mapping[str, npt.NDArray[np.int64]],
             wanted: Mapping[str, npt.NDArray[Any]], *, channels_last: bool = False) -> int:
    """Assert that layers equal a runtime's tensors; return how many values were compared.

    Float tensors of the runtime are brought back to the integers that they mean.
    """
    count = 0
    for layer in network.layers:
        name = files.get(layer.name)
        if name is None or name not in wanted:
            continue
        want = np.asarray(wanted[name])
        if want.dtype.kind == "f":
            want = np.rint(want.astype(np.float64) / (layer.output.scale or 1)
                           ) + layer.output.zero_point
        got = taps[layer.name]
        if channels_last:
            got = got.transpose(0, 2, 3, 1)
        got = got.reshape(want.shape)
        different = np.argwhere(got != want)
        assert not len(different), (
            f"layer {layer.name} at {different[0].tolist()}: {got[tuple(different[0])]}, and the "
            f"runtime has {want[tuple(different[0])]}; {len(different)} of {want.size} differ")
        count += want.size
    return count
