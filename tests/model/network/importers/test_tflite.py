"""TensorFlow Lite files against LiteRT, every layer."""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from runtimes import compare, lite_tensors

from windrow.model import InputError
from windrow.model.network import Network


pytest.importorskip("tflite")
lite = pytest.importorskip("ai_edge_litert.schema_py_generated")
flatbuffers = pytest.importorskip("flatbuffers")

from windrow.model.network.importers.tflite import trace  # noqa: E402


# Values of all layers of a frame.
NETWORKS = {"ad01_int8": 1672, "kws_ref_model": 72076, "pretrainedResnet_quant": 114762,
            "vww_96_int8": 231810}
ARITHMETICS = {"tflite-reference": True, "tflite-xnnpack": False}
INT8, INT32 = 9, 2
# Of operators as files have them, where that is not 3.
VERSIONS = {"SOFTMAX": 1, "PAD": 1, "LSTM": 1, "HARD_SWISH": 1, "LEAKY_RELU": 2,
            "DEPTH_TO_SPACE": 1, "SPACE_TO_DEPTH": 2, "ADD": 2, "MUL": 2, "CONCATENATION": 2,
            "MEAN": 2}


@pytest.mark.parametrize("arithmetic", ARITHMETICS)
@pytest.mark.parametrize("name", NETWORKS)
def test_every_layer_of_mlperf_tiny(name: str, arithmetic: str,
                                    model: Callable[[str], Path]) -> None:
    path = model(f"{name}.tflite")
    made = trace(path, arithmetic)
    frames = np.random.default_rng(1).integers(-128, 128, (20, *made.input.dims[1:]))
    wanted = lite_tensors(str(path), frames, reference=ARITHMETICS[arithmetic])
    stream = np.concatenate([made.input.to_stream(frame[None]) for frame in frames])
    found = compare(made, stream, wanted, channels_last=True)
    assert found.different == 0, found.first
    assert found.values == 20 * NETWORKS[name]


def test_arithmetics_differ(model: Callable[[str], Path]) -> None:
    path = model("pretrainedResnet_quant.tflite")
    frames = np.random.default_rng(2).integers(-128, 128, (20, 3, 32, 32))
    one, two = (Network.read(path, arithmetic).compute(frames) for arithmetic in ARITHMETICS)
    assert (one != two).any()


# Files of one operator.


def tensor(shape: tuple[int, ...], kind: int, scales: Any, zero: int, buffer: int,
           axis: int = 0) -> Any:
    made = lite.TensorT()
    made.shape, made.type, made.buffer = list(shape), kind, buffer
    made.name = f"t{buffer}_{kind}_{len(shape)}"
    made.quantization = lite.QuantizationParametersT()
    scales = np.atleast_1d(scales)
    made.quantization.scale = [float(each) for each in scales]
    made.quantization.zeroPoint = [zero] * len(scales)
    made.quantization.quantizedDimension = axis
    return made


def write(path: Path, code: str, option: Any, source: tuple[int, ...], out: tuple[int, ...],
          constants: list[tuple[np.ndarray, Any, int]], *, first: int = 0,
          scales: tuple[float, float] = (0.05, 0.07), zeros: tuple[int, int] = (-3, 11),
          pooled: bool = False) -> Path:
    """A file of one operator; ``first`` constants stand before its data.

    ``pooled``: its second input is its first one behind a max pool of 2x2.
    """
    model, graph = lite.ModelT(), lite.SubGraphT()
    model.version, model.subgraphs, model.buffers = 3, [graph], [lite.BufferT()]
    graph.tensors = [tensor(source, INT8, scales[0], zeros[0], 0)]
    graph.tensors[0].name = "source"
    for array, scale, axis in constants:
        buffer = lite.BufferT()
        buffer.data = array.tobytes()
        model.buffers.append(buffer)
        graph.tensors.append(tensor(array.shape, INT8 if array.dtype == np.int8 else INT32, scale,
                                    0, len(model.buffers) - 1, axis))
    graph.tensors.append(tensor(out, INT8, scales[1], zeros[1], 0))
    graph.tensors[-1].name = "out"
    places = list(range(1, len(constants) + 1))
    node, entry = lite.OperatorT(), lite.OperatorCodeT()
    node.inputs, node.outputs = [*places[:first], 0, *places[first:]], [len(graph.tensors) - 1]
    entry.builtinCode = getattr(lite.BuiltinOperator, code)
    entry.deprecatedBuiltinCode = min(entry.builtinCode, 127)
    entry.version = VERSIONS.get(code, 3)
    node.opcodeIndex, model.operatorCodes, graph.operators = 0, [entry], [node]
    if option is not None:
        name = type(option).__name__.removesuffix("T")
        node.builtinOptionsType = getattr(lite.BuiltinOptions, name)
        node.builtinOptions = option
    graph.inputs, graph.outputs = [0], [len(graph.tensors) - 1]
    if pooled:
        graph.tensors.append(tensor(source, INT8, scales[0], zeros[0], 0))
        graph.tensors[-1].name = "pooled"
        pool, code = lite.OperatorT(), lite.OperatorCodeT()
        code.builtinCode = code.deprecatedBuiltinCode = lite.BuiltinOperator.MAX_POOL_2D
        code.version = 2
        model.operatorCodes.append(code)
        pool.inputs, pool.outputs, pool.opcodeIndex = [0], [len(graph.tensors) - 1], 1
        pool.builtinOptionsType = lite.BuiltinOptions.Pool2DOptions
        pool.builtinOptions = option_table("Pool2DOptions", strideH=1, strideW=1, filterHeight=2,
                                      filterWidth=2)
        node.inputs = [0, len(graph.tensors) - 1]
        graph.operators = [pool, node]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    path.write_bytes(bytes(builder.Output()))
    return path


def option_table(kind: str, **keys: Any) -> Any:
    made = getattr(lite, f"{kind}T")()
    for key, value in keys.items():
        assert hasattr(made, key), key
        setattr(made, key, value)
    return made


def check(path: Path, arithmetic: str, count: int = 40) -> Network:
    made = trace(path, arithmetic)
    frames = np.random.default_rng(3).integers(-128, 128, (count, *made.input.dims[1:]))
    wanted = lite_tensors(str(path), frames, reference=ARITHMETICS[arithmetic])["out"]
    got = np.concatenate([
        made.output.from_stream(made.network.compute(made.input.to_stream(frame[None])))
        for frame in frames])
    assert got.shape == wanted.shape
    assert (got == wanted).all(), (np.argwhere(got != wanted)[0], (got != wanted).sum())
    return made.network


@pytest.mark.parametrize("arithmetic", ARITHMETICS)
@pytest.mark.parametrize("code, option, source", [
    ("LOGISTIC", None, (1, 4, 8, 8)),
    ("TANH", None, (1, 4, 8, 8)),
    ("RELU", None, (1, 4, 8, 8)),
    ("RELU6", None, (1, 4, 8, 8)),
    ("HARD_SWISH", "HardSwishOptions", (1, 4, 8, 8)),
    ("LEAKY_RELU", "LeakyReluOptions alpha=0.1", (1, 4, 8, 8)),
    ("QUANTIZE", "QuantizeOptions", (1, 4, 8, 8)),
], ids=lambda value: value if isinstance(value, str) and value.isupper() else "")
def test_functions_are_the_runtimes_tables(code: str, option: str | None, source: tuple[int, ...],
                                           arithmetic: str, tmp_path: Path) -> None:
    made = None
    if option:
        name, _, given = option.partition(" ")
        key, _, value = given.partition("=")
        made = option_table(name, **({key: float(value)} if key else {}))
    scale, zero = {"LOGISTIC": (1 / 256, -128), "TANH": (1 / 128, 0)}.get(code, (0.07, 11))
    check(write(tmp_path / "one.tflite", code, made, source, source, [], scales=(0.05, scale),
                zeros=(-3, zero)), arithmetic)


@pytest.mark.parametrize("arithmetic", ARITHMETICS)
@pytest.mark.parametrize("padding", [0, 1], ids=["same", "valid"])
@pytest.mark.parametrize("activation", [0, 1, 3], ids=["none", "relu", "relu6"])
def test_convolutions(padding: int, activation: int, arithmetic: str, tmp_path: Path) -> None:
    random = np.random.default_rng(padding * 4 + activation)
    weights = random.integers(-127, 128, (5, 3, 2, 4)).astype(np.int8)
    bias = random.integers(-2000, 2000, 5).astype(np.int32)
    scales = random.uniform(0.001, 0.01, 5).astype(np.float32)
    out = (1, 4, 4, 5) if padding == 0 else (1, 3, 4, 5)
    path = write(tmp_path / "one.tflite", "CONV_2D",
                 option_table("Conv2DOptions", padding=padding, strideH=2, strideW=2,
                         dilationHFactor=1, dilationWFactor=1,
                         fusedActivationFunction=activation),
                 (1, 8, 8, 4), out,
                 [(weights, scales, 0), (bias, np.float32(0.05) * scales, 0)])
    network = check(path, arithmetic)
    assert network.layers[0].requantiser.channels == 5


@pytest.mark.parametrize("arithmetic", ARITHMETICS)
def test_depthwise_with_a_multiplier_and_dilation(arithmetic: str, tmp_path: Path) -> None:
    random = np.random.default_rng(8)
    weights = random.integers(-127, 128, (1, 3, 3, 6)).astype(np.int8)
    scales = random.uniform(0.001, 0.01, 6).astype(np.float32)
    bias = random.integers(-2000, 2000, 6).astype(np.int32)
    path = write(tmp_path / "one.tflite", "DEPTHWISE_CONV_2D",
                 option_table("DepthwiseConv2DOptions", padding=0, strideH=1, strideW=1,
                         depthMultiplier=2, dilationHFactor=2, dilationWFactor=2),
                 (1, 7, 9, 3), (1, 7, 9, 6),
                 [(weights, scales, 3), (bias, np.float32(0.05) * scales, 0)])
    assert check(path, arithmetic).layers[0].groups == 3


@pytest.mark.parametrize("arithmetic", ARITHMETICS)
@pytest.mark.parametrize("padding", [0, 1], ids=["same", "valid"])
def test_transposed_convolutions(padding: int, arithmetic: str, tmp_path: Path) -> None:
    random = np.random.default_rng(9)
    weights = random.integers(-127, 128, (4, 3, 3, 2)).astype(np.int8)
    scales = random.uniform(0.001, 0.01, 4).astype(np.float32)
    size = (1, 10, 12, 4) if padding == 0 else (1, 11, 13, 4)
    path = write(tmp_path / "one.tflite", "TRANSPOSE_CONV",
                 option_table("TransposeConvOptions", padding=padding, strideH=2, strideW=2),
                 (1, 5, 6, 2), size, [(np.array(size, np.int32), [], 0), (weights, scales, 0)],
                 first=2)
    check(path, arithmetic)


@pytest.mark.parametrize("arithmetic", ARITHMETICS)
def test_fully_connected(arithmetic: str, tmp_path: Path) -> None:
    random = np.random.default_rng(10)
    weights = random.integers(-127, 128, (300, 16)).astype(np.int8)
    bias = random.integers(-2000, 2000, 300).astype(np.int32)
    path = write(tmp_path / "one.tflite", "FULLY_CONNECTED", option_table("FullyConnectedOptions"),
                 (1, 16), (1, 300),
                 [(weights, 0.004, 0), (bias, np.float32(0.05) * np.float32(0.004), 0)])
    check(path, arithmetic, count=300)


@pytest.mark.parametrize("arithmetic", ARITHMETICS)
@pytest.mark.parametrize("code", ["MAX_POOL_2D", "AVERAGE_POOL_2D"])
def test_pools(code: str, arithmetic: str, tmp_path: Path) -> None:
    path = write(tmp_path / "one.tflite", code,
                 option_table("Pool2DOptions", padding=0, strideH=2, strideW=2, filterHeight=3,
                         filterWidth=3, fusedActivationFunction=1),
                 (1, 7, 8, 3), (1, 4, 4, 3), [], scales=(0.05, 0.05), zeros=(-3, -3))
    check(path, arithmetic)


@pytest.mark.parametrize("arithmetic", ARITHMETICS)
@pytest.mark.parametrize("size", [(4, 4), (7, 5)], ids=str)
@pytest.mark.parametrize("scales", [(0.05, 0.05), (0.05, 0.03), (0.021, 0.07)], ids=str)
def test_means(size: tuple[int, int], scales: tuple[float, float], arithmetic: str,
               tmp_path: Path) -> None:
    path = write(tmp_path / "one.tflite", "MEAN",
                 option_table("ReducerOptions", keepDims=size == (4, 4)), (1, *size, 64),
                 (1, 1, 1, 64) if size == (4, 4) else (1, 64),
                 [(np.array([1, 2], np.int32), [], 0)], scales=scales)
    check(path, arithmetic)


@pytest.mark.parametrize("arithmetic", ARITHMETICS)
@pytest.mark.parametrize("scale", [0.07, 0.0003, 0.021])
@pytest.mark.parametrize("code", ["ADD", "MUL"])
def test_joins(code: str, scale: float, arithmetic: str, tmp_path: Path) -> None:
    made = option_table(f"{code.title()}Options", fusedActivationFunction=int(scale == 0.021))
    shape = (1, 16, 16, 4)
    check(write(tmp_path / "one.tflite", code, made, shape, shape, [], scales=(0.05, scale),
                pooled=True), arithmetic)


@pytest.mark.parametrize("axis", [3, -1])
def test_concatenations(axis: int, tmp_path: Path) -> None:
    path = write(tmp_path / "one.tflite", "CONCATENATION",
                 option_table("ConcatenationOptions", axis=axis), (1, 4, 5, 3), (1, 4, 5, 6), [],
                 scales=(0.05, 0.05), zeros=(-3, -3), pooled=True)
    check(path, "tflite-xnnpack")


@pytest.mark.parametrize("code, option, source, out, constants", [
    ("PAD", "PadOptions", (1, 4, 5, 2), (1, 7, 8, 2), [[[0, 0], [1, 2], [0, 3], [0, 0]]]),
    ("RESIZE_NEAREST_NEIGHBOR", "ResizeNearestNeighborOptions", (1, 4, 5, 2), (1, 8, 15, 2),
     [[8, 15]]),
    ("DEPTH_TO_SPACE", "DepthToSpaceOptions", (1, 4, 5, 8), (1, 8, 10, 2), []),
    ("SPACE_TO_DEPTH", "SpaceToDepthOptions", (1, 4, 6, 2), (1, 2, 3, 8), []),
    ("RESHAPE", "ReshapeOptions", (1, 1, 1, 6), (1, 6), []),
], ids=lambda value: value if isinstance(value, str) and value.isupper() else "")
def test_movements(code: str, option: str, source: tuple[int, ...], out: tuple[int, ...],
                   constants: list[Any], tmp_path: Path) -> None:
    keys = {"blockSize": 2} if "SPACE" in code else {}
    path = write(tmp_path / "one.tflite", code, option_table(option, **keys), source, out,
                 [(np.array(each, np.int32), [], 0) for each in constants],
                 scales=(0.05, 0.05), zeros=(-3, -3))
    if code == "RESHAPE":
        with pytest.raises(InputError, match="a network must have a layer"):
            trace(path, "tflite-xnnpack")
        return
    check(path, "tflite-xnnpack")


# What is refused.


@pytest.mark.parametrize("code, option, wanted", [
    ("LSTM", "LSTMOptions", "layer 'out': operator 'LSTM' is not supported"),
    ("SOFTMAX", "SoftmaxOptions", "a network must have a layer"),
])
def test_names_what_it_refuses(code: str, option: str, wanted: str, tmp_path: Path) -> None:
    path = write(tmp_path / "one.tflite", code, option_table(option), (1, 8), (1, 8), [])
    with pytest.raises(InputError, match=wanted):
        trace(path, "tflite-xnnpack")


def test_names_another_arithmetic(tmp_path: Path) -> None:
    path = write(tmp_path / "one.tflite", "RELU", None, (1, 8), (1, 8), [])
    with pytest.raises(InputError, match="arithmetic must be tflite-xnnpack or tflite-reference"):
        Network.read(path, "onnxruntime")


def test_malformed_files_are_refused_in_one_line(tmp_path: Path) -> None:
    random = np.random.default_rng(11)
    weights = random.integers(-127, 128, (5, 3, 2, 4)).astype(np.int8)
    path = write(tmp_path / "one.tflite", "CONV_2D",
                 option_table("Conv2DOptions", strideH=1, strideW=1, dilationHFactor=1,
                         dilationWFactor=1), (1, 8, 8, 4), (1, 8, 8, 5),
                 [(weights, 0.01, 0), (np.zeros(5, np.int32), 0.0005, 0)])
    whole = path.read_bytes()
    refused = 0
    for number in range(150):
        damaged = bytearray(whole)
        if number < 30:
            del damaged[len(whole) * number // 30:]
        else:
            for place in random.integers(8, len(whole), 3):
                damaged[place] = random.integers(256)
        path.write_bytes(bytes(damaged))
        with contextlib.suppress(InputError):  # any other error is a mistake
            trace(path, "tflite-xnnpack")
            refused -= 1
        refused += 1
    assert refused > 60
