"""The runtimes that networks are compared with, every tensor of them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from windrow.model.network.importers.layout import Traced


class Comparison(NamedTuple):
    """How many values were compared, how many differ, and where the first of these is."""

    values: int
    different: int
    first: str


def products_are_exact() -> bool:
    """Whether ONNX Runtime adds products of u8 and s8 right: without VNNI it clips to 16 bits."""
    import onnx
    from onnx import helper

    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["x", "w"], ["y"])], "canary",
        [helper.make_tensor_value_info("x", onnx.TensorProto.UINT8, [1, 2])],
        [helper.make_tensor_value_info("y", onnx.TensorProto.INT32, [1, 1])],
        [onnx.numpy_helper.from_array(np.full((2, 1), 127, np.int8), "w")])
    made = onnx_tensors(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]),
                        np.full((1, 2), 255, np.uint8))
    return bool(made["y"][0, 0] == 2 * 255 * 127)


def onnx_tensors(proto: Any, frames: npt.NDArray[Any],
                 names: Sequence[str] = ()) -> dict[str, npt.NDArray[Any]]:
    """Tensors of an ONNX model, those of ``names`` beside its output, on the frames of an input.

    Frames go in one by one where the model takes one at a time.
    """
    import onnx
    import onnxruntime

    changed = onnx.ModelProto()
    changed.CopyFrom(proto)
    changed.ir_version = min(changed.ir_version, 10)
    known = {output.name for output in changed.graph.output}
    changed.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names
                                if name not in known)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(changed.SerializeToString(), options,
                                           providers=["CPUExecutionProvider"])
    source = session.get_inputs()[0]
    at_once = 1 if source.shape and source.shape[0] == 1 else len(frames)
    parts: list[Any] = [session.run(None, {source.name: frames[first:first + at_once]})
                        for first in range(0, len(frames), at_once)]
    return {output.name: np.concatenate([part[place] for part in parts])
            for place, output in enumerate(session.get_outputs())}


def lite_tensors(path: str, frames: npt.NDArray[Any], *,
                 reference: bool) -> dict[str, npt.NDArray[Any]]:
    """All tensors of a ``.tflite`` file by LiteRT, by its reference kernels or by XNNPACK.

    Its frames are of the input's own dimensions but the first.
    """
    import warnings

    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it says of the memory that this takes
        interpreter = Interpreter(
            model_path=path, experimental_preserve_all_tensors=True,
            experimental_op_resolver_type=OpResolverType.BUILTIN_REF if reference
            else OpResolverType.AUTO)
    interpreter.allocate_tensors()
    source = interpreter.get_input_details()[0]
    parts: dict[str, list[npt.NDArray[Any]]] = {}
    for frame in frames:
        interpreter.set_tensor(source["index"], frame[None].astype(source["dtype"]))
        interpreter.invoke()
        for detail in interpreter.get_tensor_details():
            if detail["shape"].size and detail["shape"][0] == 1:
                parts.setdefault(detail["name"], []).append(
                    interpreter.get_tensor(detail["index"]))
    return {name: np.concatenate(arrays) for name, arrays in parts.items()}


def compare(made: Traced, frames: npt.NDArray[np.int64],
            wanted: Mapping[str, npt.NDArray[Any]], *, channels_last: bool = False) -> Comparison:
    """Compare every layer on frames (frames, channels, height, width) with a runtime's tensors.

    Float tensors of the runtime are brought back to the integers that they mean.
    """
    taps = made.network.taps(frames)
    count, different, first = 0, 0, ""
    for layer in made.network.layers:
        if made.files.get(layer.name) not in wanted:
            different, first = different + 1, first or f"layer {layer.name} was not compared"
            continue
        want = wanted[made.files[layer.name]]
        if want.dtype.kind == "f":
            want = np.rint(want.astype(np.float64) / (layer.output.scale or 1)
                           ) + layer.output.zero_point
        got = taps[layer.name]
        if channels_last:
            got = got.transpose(0, 2, 3, 1)
        got = got.reshape(want.shape)
        places = np.argwhere(got != want)
        count, different = count + want.size, different + len(places)
        if len(places) and not first:
            at = tuple(places[0])
            first = (f"layer {layer.name} at {[int(each) for each in at]}: {got[at]}, and the "
                     f"runtime has {want[at]}")
    return Comparison(count, different, first)
