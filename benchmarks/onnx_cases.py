"""The cases of onnx.backend.test through windrow's reader: `docs/layers.md`.

    .venv/bin/python benchmarks/onnx_cases.py

ONNX's own test suite has a model for nearly every attribute of every operator. Each case that has
to do with networks of layers is read here, with integers in place of float data, and computed on
the golden model; ONNX Runtime says what is right, or ONNX's reference where the runtime does not
take the case. Shapes and attributes are the suite's.
"""

import importlib
import re
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
from onnx import helper, numpy_helper
from onnx.backend.test.case import node as suite

from windrow.model.errors import InputError
from windrow.model.network.importers.onnx import trace


DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "layers.md"
BEGIN, END = "<!-- cases: begin -->", "<!-- cases: end -->"

#: Groups of the table: the suite's files, which are named after operators.
GROUPS = {
    "Convolution": "conv convinteger qlinearconv",
    "Transposed convolution": "convtranspose",
    "Pools": "maxpool averagepool globalaveragepool globalmaxpool",
    "Matrices": "gemm matmul matmulinteger qlinearmatmul",
    "Activations": "relu clip leakyrelu prelu hardsigmoid hardswish sigmoid tanh elu selu softplus "
                   "softsign",
    "Joins": "add mul sub max min concat batchnormalization",
    "Shapes": "flatten reshape transpose squeeze unsqueeze identity depthtospace spacetodepth pad "
              "slice resize upsample dropout",
    "ArgMax": "argmax argmin",
    "Quantisation": "quantizelinear dequantizelinear",
}
#: Files that are named otherwise than their operator.
FILES = {"batchnormalization": "batch_normalization"}
#: What PyTorch's own tests were exported as.
EXPORTED = (
    "AvgPool", "BatchNorm", "ConstantPad", "Conv", "ConvTranspose", "ELU", "LeakyReLU", "Linear",
    "MaxPool", "PReLU", "PixelShuffle", "ReLU", "ReflectionPad", "ReplicationPad", "SELU",
    "Sigmoid", "Softplus", "Softsign", "Tanh", "ZeroPad", "operator_addconstant",
    "operator_addmm", "operator_clip", "operator_concat2", "operator_conv",
    "operator_convtranspose", "operator_flatten", "operator_maxpool", "operator_mm",
    "operator_pad", "operator_permute2", "operator_reduced_mean", "operator_view")


class Case(NamedTuple):
    """A case: its group, its name and its model, whose first input is data."""

    group: str
    name: str
    model: onnx.ModelProto
    inputs: list[npt.NDArray[Any]]


class Verdict(NamedTuple):
    """``equal``, ``refused`` or ``differs``, and the number of values or the reason."""

    word: str
    reason: str


def cases() -> Iterator[Case]:
    """All cases, the suite's order in each group."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for names in GROUPS.values():
            for name in names.split():
                importlib.import_module(f"onnx.backend.test.case.node.{FILES.get(name, name)}")
    # The suite's collection is filled as its files are imported.
    found: dict[str, list[Any]] = {}
    for each in suite._NodeTestCases:
        found.setdefault(each.model.graph.node[0].op_type.lower(), []).append(each)
    for group, names in GROUPS.items():
        for name in names.split():
            for each in found.get(name, []):
                if len(each.model.graph.node) == 1 and each.data_sets:
                    yield Case(group, each.name, each.model, [
                        numpy_helper.to_array(array) if isinstance(array, onnx.TensorProto)
                        else array for array in each.data_sets[0][0]])
    data = Path(suite.__file__).parents[2] / "data"
    for folder in sorted(data.glob("pytorch-*/test_*")):
        short = folder.name.removeprefix("test_")
        if any(short.rstrip("123d").startswith(each) for each in EXPORTED):
            model = onnx.load(folder / "model.onnx")
            inputs = [numpy_helper.to_array(onnx.load_tensor(str(path)))
                      for path in sorted((folder / "test_data_set_0").glob("input_*.pb"))]
            yield Case("Exported by PyTorch", folder.name, model, inputs)


def whole(array: npt.NDArray[Any], generator: np.random.Generator, low: int,
          high: int) -> npt.NDArray[Any]:
    """The array, with random integers in place of values that are none."""
    if array.dtype.kind != "f" or not array.size or (
            np.array_equal(array, np.rint(array)) and low <= array.min() and array.max() <= high):
        return array
    if array.size == 1:  # a limit, a slope, a scale
        return array
    return generator.integers(low, high + 1, array.shape).astype(array.dtype)


def prepared(case: Case) -> tuple[onnx.ModelProto, npt.NDArray[Any]]:
    """A model of one input, the others constant, and integers for it.

    Operators of several tensors read the input and functions of it.
    """
    generator = np.random.default_rng(len(case.name))
    model = onnx.ModelProto()
    model.CopyFrom(case.model)
    model.ir_version = 8  # initialisers need be no inputs
    graph = model.graph
    held = {each.name for each in graph.initializer}
    names = [each.name for each in graph.input if each.name not in held]
    data = whole(np.asarray(case.inputs[0]), generator, -128, 127)
    node = graph.node[0]
    several = node.op_type in ("Add", "Sub", "Mul", "Max", "Min", "Concat")
    made = []
    for place, (name, array) in enumerate(zip(names[1:], case.inputs[1:], strict=False)):
        array = np.asarray(array)
        if several and array.shape == data.shape:
            made.append(helper.make_node(("Relu", "Neg")[place % 2], [names[0]], [name]))
        else:
            if node.op_type in ("Gemm", "Pad") and array.size == 1 and array.dtype.kind == "f":
                array = np.rint(array)
            graph.initializer.append(numpy_helper.from_array(
                whole(array, generator, -4, 4), name))
    for each in graph.initializer:
        array = numpy_helper.to_array(each)
        if each.name in held and array.ndim:
            each.CopyFrom(numpy_helper.from_array(whole(array, generator, -4, 4), each.name))
    kept = [each for each in graph.input if each.name in (names[0], *held)]
    del graph.input[:]
    graph.input.extend(kept)
    nodes = [*made, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    return model, data


def wanted(model: onnx.ModelProto, data: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """What ONNX Runtime gives, or ONNX's reference where that does not take the model."""
    held = {each.name for each in model.graph.initializer}
    name = next(each.name for each in model.graph.input if each.name not in held)
    model.ir_version = min(model.ir_version, 10)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(model.SerializeToString(), options,
                                               providers=["CPUExecutionProvider"])
        made: Any = session.run(None, {name: data})
        return np.asarray(made[0])
    except Exception:  # the runtime's errors have no common class
        from onnx.reference import ReferenceEvaluator

        made = ReferenceEvaluator(model).run(None, {name: data})
        return np.asarray(made[0])


def quantised(model: onnx.ModelProto, data: npt.NDArray[Any]) -> onnx.ModelProto:
    """A model of one float input and no weights, between quantised pairs of u8."""
    made = onnx.ModelProto()
    made.CopyFrom(model)
    graph = made.graph
    source, output = graph.input[0].name, graph.output[0].name
    for node in graph.node:
        node.input[:] = ["x_real" if each == source else each for each in node.input]
    graph.node.insert(0, helper.make_node("DequantizeLinear", ["x_u8", "xs", "xz"], ["x_real"]))
    graph.node.append(helper.make_node("QuantizeLinear", [output, "ys", "yz"], ["y_u8"]))
    for name, value in {"xs": np.float32(0.0371), "xz": np.uint8(119), "ys": np.float32(0.0243),
                        "yz": np.uint8(97)}.items():
        graph.initializer.append(numpy_helper.from_array(np.asarray(value), name))
    graph.input[0].CopyFrom(helper.make_tensor_value_info("x_u8", onnx.TensorProto.UINT8,
                                                          data.shape))
    graph.output[0].name = "y_u8"
    graph.output[0].type.tensor_type.elem_type = onnx.TensorProto.UINT8
    made.opset_import[0].version = max(made.opset_import[0].version, 10)
    return made


def verdict(case: Case, folder: Path) -> Verdict:
    """Read a case and compute it; what float32 rounds, between quantised pairs instead."""
    model, data = prepared(case)
    sample = None if data.dtype in (np.int8, np.uint8, np.int16, np.uint16) else "s8"
    found = compared(model, data, sample, folder)
    if found.reason == "a network must have a layer":
        model.graph.node.append(helper.make_node("Relu", [model.graph.output[0].name], ["behind"]))
        model.graph.output[0].name = "behind"
        found = compared(model, data, sample, folder)
    rounds = "is not exact" in found.reason or "a few integers times" in found.reason
    if rounds and data.dtype == np.float32:
        generator = np.random.default_rng(len(case.name))
        small = generator.integers(0, 256, data.shape).astype(np.uint8)
        again = compared(quantised(model, data), small, None, folder)
        if again.word != "refused":
            found = again._replace(reason=f"{again.reason}, between quantised pairs")
    return found


def compared(model: onnx.ModelProto, data: npt.NDArray[Any], sample: str | None,
             folder: Path) -> Verdict:
    """Read a model and compute it on some data."""
    path = folder / "case.onnx"
    path.write_bytes(model.SerializeToString())
    try:
        made = trace(path, pixel=sample)
    except InputError as error:
        return Verdict("refused", str(error).replace(f"network file {str(path)!r}", "the file"))
    got = made.output.from_stream(made.network.compute(made.input.to_stream(data)))
    want = wanted(model, data)
    if want.dtype.kind == "f":
        want = want.astype(np.float64) / made.scale + made.zero_point
    if got.shape != want.shape or not np.array_equal(got, want):
        return Verdict("differs", f"got {got.reshape(-1)[:4].tolist()}, wanted "
                       f"{want.reshape(-1)[:4].tolist()}")
    return Verdict("equal", f"{got.size} values")


def shortened(reason: str) -> str:
    """A reason without the layer, which is the case's only one, and without advice."""
    return re.sub(r"^layer '[^']*': |: (put|quantise|give) .*|; see `.*", "", reason)


def table() -> str:
    """The table of `docs/layers.md`."""
    rows: dict[str, list[tuple[str, Verdict]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for case in cases():
            rows.setdefault(case.group, []).append((case.name, verdict(case, Path(folder))))
    total = Counter(each.word for group in rows.values() for _, each in group)
    lines = [f"{sum(total.values())} cases of onnx {onnx.__version__}: {total['equal']} equal, "
             f"{total['refused']} refused by name, {total['differs']} different.", ""]
    for group, each in rows.items():
        lines += [f"### {group}", "", "| case | verdict |", "| --- | --- |"]
        lines += [f"| {name.removeprefix('test_')} | {one.word}: {shortened(one.reason)} |"
                  for name, one in each]
        lines.append("")
    return "\n".join(lines)


def main() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    DOCUMENT.write_text(f"{before}{BEGIN}\n{table()}{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
