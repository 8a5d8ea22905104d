"""ONNX files against ONNX Runtime, every layer."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from runtimes import compare, onnx_tensors

from windrow.model import InputError
from windrow.model.network import Add, Concat, Convolution, FloatRequantiser, Network, Pool, Table


onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

from onnx import TensorProto, helper, numpy_helper  # noqa: E402

from windrow.model.network.importers.onnx import trace  # noqa: E402


DIGITS = Path(__file__).resolve().parents[1] / "digits.npz"
FORMS = ("QOperator", "QDQ")
# Of one digit: 8 x 28 x 28, 8 x 14 x 14, 16 x 14 x 14, 16 x 4 x 4 and 10.
VALUES = 11242


@pytest.mark.parametrize("form", FORMS)
def test_every_layer_of_the_acceptance_network(form: str, model: Callable[[str], Path],
                                               exact_products: None) -> None:
    path = model(f"mnist_{form}_u8s8_per-channel.onnx")
    made = trace(path)
    digits = np.load(DIGITS)
    frames = digits["images"]
    wanted = onnx_tensors(onnx.load(path), frames.astype(np.float32), list(made.files.values()))
    found = compare(made, frames.astype(np.int64), wanted)
    assert found == (VALUES * len(frames), 0, "")
    named = made.network.compute(frames)[:, :, 0, 0].argmax(1)
    assert (named == digits["labels"]).all()
    assert made.network.macs == 786560
    # A camera's pixel is the input as it is.
    assert (made.network.input.scale, made.network.input.zero_point) == (1.0, 0)


def test_both_forms_are_one_network(model: Callable[[str], Path]) -> None:
    one, two = (Network.read(model(f"mnist_{form}_u8s8_per-channel.onnx")) for form in FORMS)
    frames = np.load(DIGITS)["images"]
    assert (one.compute(frames) == two.compute(frames)).all()


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_a_thousand_digits(form: str, tmp_path: Path, exact_products: None) -> None:
    import mnist

    try:
        images, labels = mnist.digits()
        path = mnist.make(tmp_path)[form]
    except ModuleNotFoundError as error:
        pytest.skip(str(error))
    frames, labels = images[200:1200], labels[200:1200]
    made = trace(path)
    wanted = onnx_tensors(onnx.load(path), frames.astype(np.float32), list(made.files.values()))
    assert compare(made, frames.astype(np.int64), wanted) == (VALUES * 1000, 0, "")
    assert (made.network.compute(frames)[:, :, 0, 0].argmax(1) == labels).sum() == 995


# Networks that ONNX Runtime quantises.


def network(kind: str, seed: int) -> Any:
    """A float model with a branch, and whatever ``kind`` names."""
    random = np.random.default_rng(seed)
    constants: dict[str, np.ndarray] = {}
    nodes: list[Any] = []

    def weights(*shape: int) -> str:
        name = f"w{len(constants)}"
        constants[name] = random.normal(0, np.prod(shape[1:]) ** -0.5, shape).astype(np.float32)
        return name

    def add(operator: str, *inputs: str, **attributes: Any) -> str:
        name = f"t{len(nodes)}"
        nodes.append(helper.make_node(operator, inputs, [name], name=f"{operator}_{name}",
                                      **attributes))
        return name

    trunk = add("Relu", add("Conv", "x", weights(8, 3, 3, 3), weights(8), pads=[1, 1, 1, 1]))
    deep = add("Conv", trunk, weights(8, 1, 3, 3), weights(8), pads=[2, 2, 2, 2],
               dilations=[2, 2], group=8)
    joined = add("Add", trunk, add("Conv", deep, weights(8, 8, 1, 1), weights(8)))
    at = add("Conv", joined, weights(8, 8, 3, 3), weights(8), strides=[2, 2], pads=[0, 0, 1, 1])
    if "constants" in kind:
        at = add("Add", weights(8, 1, 1), add("Mul", at, weights(8, 1, 1)))
    if "gate" in kind:
        at = add("Mul", at, add("Sigmoid", at))
    if "leaky" in kind:
        at = add("LeakyRelu", at, alpha=0.1)
    if "concat" in kind:
        at = add("Concat", at, add("Conv", joined, weights(4, 8, 1, 1), weights(4),
                                   strides=[2, 2]), axis=1)
    if "max" in kind:
        at = add("MaxPool", at, kernel_shape=[2, 2], strides=[2, 2])
    channels = 12 if "concat" in kind else 8
    flat = add("Flatten", add("GlobalAveragePool", at))
    if "dense" in kind:
        last = add("Add", add("MatMul", flat, weights(channels, 5)), weights(5))
    else:
        last = add("Gemm", flat, weights(5, channels), weights(5), transB=1)
    graph = helper.make_graph(
        nodes, "network", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3, 12, 12])],
        [helper.make_tensor_value_info(last, TensorProto.FLOAT, ["N", 5])],
        [numpy_helper.from_array(array, name) for name, array in constants.items()])
    return helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)])


def quantised(folder: Path, kind: str, form: str, activations: str, seed: int) -> Path:
    """A network as ``quantize_static`` leaves it."""
    import contextlib
    import io
    import logging

    quantization = pytest.importorskip("onnxruntime.quantization")
    random = np.random.default_rng(seed + 100)

    class Frames(quantization.CalibrationDataReader):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            self.frames: Iterator[dict[str, np.ndarray]] = iter([
                {"x": random.normal(0, 1, (4, 3, 12, 12)).astype(np.float32)}])

        def get_next(self) -> dict[str, np.ndarray] | None:
            return next(self.frames, None)

    onnx.save(network(kind, seed), folder / "float.onnx")
    logging.disable(logging.WARNING)
    with contextlib.redirect_stdout(io.StringIO()):
        quantization.quantize_static(
            folder / "float.onnx", folder / "quantised.onnx", Frames(),
            quant_format=quantization.QuantFormat[form],
            activation_type=quantization.QuantType["QUInt8" if activations == "u8" else "QInt8"],
            weight_type=quantization.QuantType.QInt8, per_channel=True)
    logging.disable(logging.NOTSET)
    return folder / "quantised.onnx"


@pytest.mark.parametrize("kind, form, activations", [
    ("plain", "QDQ", "u8"), ("gate concat", "QDQ", "u8"), ("leaky max", "QDQ", "u8"),
    ("gate max", "QOperator", "u8"), ("leaky concat", "QOperator", "s8"),
    ("constants dense", "QDQ", "u8"), ("constants dense", "QOperator", "s8"),
])
def test_every_layer_of_quantised_networks(kind: str, form: str, activations: str, tmp_path: Path,
                                           exact_products: None) -> None:
    path = quantised(tmp_path, kind, form, activations, seed=len(kind))
    made = trace(path)
    frames = np.random.default_rng(5).normal(0, 1.2, (40, 3, 12, 12)).astype(np.float32)
    source = made.network.input
    samples = np.clip(np.rint(frames / np.float32(source.scale)) + source.zero_point,
                      source.sample.minimum, source.sample.maximum).astype(int)
    wanted = onnx_tensors(onnx.load(path), frames, list(made.files.values()))
    found = compare(made, samples, wanted)
    assert found.different == 0, found.first
    assert found.values > 40 * 4 * 8 * 12 * 12
    kinds = {type(layer) for layer in made.network.layers}
    assert {Convolution, Add, Pool} <= kinds
    assert ("concat" in kind) == (Concat in kinds)
    assert (kind not in ("plain", "concat")) == (Table in kinds)


def test_what_stays_float_is_refused(tmp_path: Path) -> None:
    path = quantised(tmp_path, "plain", "QDQ", "s8", seed=1)  # its branch is read twice
    with pytest.raises(InputError, match=r"layer 'Conv_t0'.*stays in float32.*QuantType\.QUInt8"):
        Network.read(path)


# Small files.


def model_of(nodes: list[Any], constants: dict[str, np.ndarray], dims: tuple[Any, ...],
             kind: int = TensorProto.FLOAT, opset: int = 17) -> Any:
    """A model from ``x`` to ``y``."""
    graph = helper.make_graph(
        nodes, "small", [helper.make_tensor_value_info("x", kind, dims)],
        [onnx.ValueInfoProto(name="y")],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in constants.items()])
    return helper.make_model(graph, ir_version=8, opset_imports=[
        helper.make_opsetid("", opset), helper.make_opsetid("onnx.brevitas", 1),
        helper.make_opsetid("com.microsoft", 1)])


def save(folder: Path, model: Any) -> Path:
    path = folder / "small.onnx"
    path.write_bytes(model.SerializeToString())
    return path


def dyadic(folder: Path) -> Path:
    """A float network of integers times powers of two, with no QuantizeLinear."""
    random = np.random.default_rng(4)
    return save(folder, model_of([
        helper.make_node("Conv", ["x", "w", "b"], ["a"], name="first", pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["a"], ["r"], name="limit"),
        helper.make_node("MaxPool", ["r"], ["p"], name="pool", kernel_shape=[2, 2],
                         strides=[2, 2]),
        helper.make_node("Conv", ["p", "v"], ["y"], name="second"),
    ], {"w": random.integers(-8, 8, (4, 2, 3, 3)).astype(np.float32) / 16,
        "b": random.integers(-8, 8, 4).astype(np.float32) / 64,
        "v": random.integers(-4, 4, (3, 4, 1, 1)).astype(np.float32) / 4}, (1, 2, 6, 8)))


def test_float_networks_of_powers_of_two(tmp_path: Path) -> None:
    path = dyadic(tmp_path)
    made = trace(path, "power-of-two", "u8")
    frames = np.random.default_rng(6).integers(0, 256, (9, 2, 6, 8))
    wanted = onnx_tensors(onnx.load(path), frames.astype(np.float32))["y"]
    assert (made.network.compute(frames) * made.scale == wanted).all()


def test_a_float_input_needs_its_integers(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"input 'x' is float32.*pixel u8 for a camera"):
        Network.read(dyadic(tmp_path))


def test_other_float_networks_are_refused(tmp_path: Path) -> None:
    weights = np.random.default_rng(7).normal(0, 1, (4, 2, 3, 3)).astype(np.float32)
    path = save(tmp_path, model_of([helper.make_node("Conv", ["x", "w"], ["y"], name="conv3")],
                                   {"w": weights}, (1, 2, 6, 8)))
    with pytest.raises(InputError, match=r"layer 'conv3'.*not exact"):
        trace(path, pixel="u8")


def test_quant_of_qonnx_with_powers_of_two(tmp_path: Path) -> None:
    random = np.random.default_rng(8)
    weights = random.normal(0, 0.5, (4, 2, 3, 3)).astype(np.float32)
    nodes = [
        helper.make_node("Quant", ["x", "s1", "z", "b8"], ["q"], domain="onnx.brevitas", signed=0,
                         narrow=0, rounding_mode="ROUND"),
        helper.make_node("Quant", ["w", "s2", "z", "b4"], ["k"], domain="onnx.brevitas", signed=1,
                         narrow=1, rounding_mode="ROUND"),
        helper.make_node("Conv", ["q", "k"], ["c"], name="conv"),
        helper.make_node("Relu", ["c"], ["r"]),
        helper.make_node("Quant", ["r", "s3", "z", "b4"], ["y"], domain="onnx.brevitas", signed=0,
                         narrow=0, rounding_mode="ROUND"),
    ]
    constants = {"w": weights, "s1": np.float32(1 / 128), "s2": np.float32(1 / 4),
                 "s3": np.float32(1 / 2), "z": np.float32(0), "b8": np.float32(8),
                 "b4": np.float32(4)}
    made = trace(save(tmp_path, model_of(nodes, constants, (1, 2, 6, 8))))
    frames = random.integers(0, 256, (5, 2, 6, 8))
    four = np.clip(np.rint(weights / np.float32(0.25)), -7, 7)
    sums = np.zeros((5, 4, 4, 6))
    for row, column in np.ndindex(3, 3):
        sums += np.einsum("nchw,mc->nmhw", frames[:, :, row:row + 4, column:column + 6],
                          four[:, :, row, column])
    wanted = np.clip(np.rint(np.maximum(sums, 0) / 512 * 2), 0, 15)
    assert (made.network.compute(frames) == wanted).all()
    assert str(made.network.layers[-1].output.sample) == "u4"
    constants["s1"] = np.float32(0.01)
    with pytest.raises(InputError, match=r"operator 'Quant' has the scale 0\.01.*powers of two"):
        trace(save(tmp_path, model_of(nodes, constants, (1, 2, 6, 8))))


@pytest.mark.parametrize("name", ["subpixel", "nn_resize"])
def test_networks_of_the_package_qonnx(name: str) -> None:
    import mnist

    try:
        path = mnist.packaged("qonnx", "data", "onnx", "bsd300x3-espcn", name, "quant_model.onnx")
    except ModuleNotFoundError:
        pytest.skip("qonnx is not installed")
    with pytest.raises(InputError, match=r"operator 'Quant' has the scale.*powers of two"):
        trace(path, pixel="u8")


def q(name: str, **keys: Any) -> Any:
    return helper.make_node("QuantizeLinear", ["x", "s", "z"], ["q"], name=name, **keys)


SCALE = {"s": np.float32(0.5), "z": np.uint8(3)}


@pytest.mark.parametrize("nodes, constants, dims, wanted", [
    ([helper.make_node("LSTM", ["x", "w", "w"], ["y"], name="conv3", hidden_size=1)],
     {"w": np.zeros((1, 4, 1), np.float32)}, (1, 2, 1), "layer 'conv3': operator 'LSTM' is not"),
    ([q("in"), helper.make_node("DequantizeLinear", ["q", "s", "z"], ["d"]),
      helper.make_node("Conv", ["d", "d"], ["y"], name="both")], {}, (1, 1, 3, 3),
     "layer 'both': operator 'Conv' of two tensors that are no constants"),
    ([q("in"), helper.make_node("DequantizeLinear", ["q", "s", "z"], ["d"]),
      helper.make_node("Resize", ["d", "", "r"], ["y"], name="up", mode="linear")],
     {"r": np.array([1, 1, 2, 2], np.float32)}, (1, 1, 3, 3), "'up'.*mode 'linear'"),
    ([q("in"), helper.make_node("DequantizeLinear", ["q", "s", "z"], ["d"]),
      helper.make_node("QuantizeLinear", ["d", "t", "z"], ["y"], name="again")],
     {"t": np.float32(0.3)}, (1, 1, 3, 3), None),
    ([helper.make_node("Relu", ["x"], ["y"])], {}, (1, "C", 3, 3), "must be known"),
    ([helper.make_node("Relu", ["x"], ["y"])], {}, (1, 2, 3, 3, 3), "at most 4"),
])
def test_names_what_it_refuses(nodes: list[Any], constants: dict[str, Any], dims: tuple[Any, ...],
                               wanted: str | None, tmp_path: Path) -> None:
    path = save(tmp_path, model_of(nodes, {**SCALE, **constants}, dims))
    if wanted is None:  # of the input itself: a table
        assert isinstance(Network.read(path).layers[0], Table)
        return
    with pytest.raises(InputError, match=wanted):
        trace(path, pixel=None if nodes[0].op_type == "QuantizeLinear" else "u8")


@pytest.mark.parametrize("form", ["Constant nodes", "channels last"])
def test_what_the_input_means_is_found_behind_other_nodes(form: str, tmp_path: Path) -> None:
    """Scales in Constant nodes; a Transpose before the first QuantizeLinear, as of tf2onnx."""
    last = form == "channels last"
    constants = {**SCALE, "w": np.arange(-9, 9).reshape(3, 2, 3, 1).astype(np.int8),
                 "ws": np.float32(0.01), "wz": np.int8(0), "ys": np.float32(0.7)}
    nodes = [
        helper.make_node("Transpose", ["x"], ["first"], perm=[0, 3, 1, 2]),
        helper.make_node("QuantizeLinear", ["first" if last else "x", "s", "z"], ["q"]),
        helper.make_node("DequantizeLinear", ["q", "s", "z"], ["d"]),
        helper.make_node("DequantizeLinear", ["w", "ws", "wz"], ["k"]),
        helper.make_node("Conv", ["d", "k"], ["c"], name="conv"),
        helper.make_node("QuantizeLinear", ["c", "ys", "z"], ["y"]),
    ][0 if last else 1:]
    if not last:
        nodes = [*(helper.make_node("Constant", [], [name], value=numpy_helper.from_array(
            np.asarray(array))) for name, array in constants.items()), *nodes]
        constants = {}
    path = save(tmp_path, model_of(nodes, constants, (1, 6, 8, 2) if last else (1, 2, 6, 8)))
    network = Network.read(path)
    assert [type(layer) for layer in network.layers] == [Convolution]
    assert (network.input.shape, network.input.scale, network.input.zero_point) == (
        (2, 6, 8), 0.5, 3)
    frames = np.random.default_rng(15).integers(0, 256, (4, 2, 6, 8))
    given = ((frames - 3) * 0.5).astype(np.float32)
    wanted = onnx_tensors(onnx.load(path), given.transpose(0, 2, 3, 1) if last else given)["y"]
    assert (network.compute(frames) == wanted).all()


@pytest.mark.parametrize(("kind", "keys", "wanted"), [
    ("ReduceMean", {"axes": [2, 3]}, r"GlobalAveragePool \(AdaptiveAvgPool2d\(1\)\) in its place"),
    ("DynamicQuantizeLinear", {}, "quantize_static instead of quantize_dynamic"),
])
def test_says_what_to_use_instead(kind: str, keys: dict[str, Any], wanted: str, tmp_path: Path
                                  ) -> None:
    path = save(tmp_path, model_of([
        q("in"), helper.make_node("DequantizeLinear", ["q", "s", "z"], ["d"]),
        helper.make_node(kind, ["d"], ["y", "ys", "yz"][:3 if kind[0] == "D" else 1], **keys),
    ], {**SCALE, "s": np.float32(0.3)}, (1, 2, 3, 3)))
    with pytest.raises(InputError, match=wanted):
        Network.read(path)


def test_a_scale_a_channel_needs_a_newer_operator_set(tmp_path: Path) -> None:
    path = save(tmp_path, model_of([
        q("in"), helper.make_node("DequantizeLinear", ["q", "s", "z"], ["y"], axis=1)],
        SCALE, (1, 2, 3, 3), opset=11))
    with pytest.raises(InputError, match=r"has what its operator set does not: .*axis.*newer one"):
        Network.read(path)


def test_fused_scales_are_those_of_the_runtime(tmp_path: Path) -> None:
    constants = {"xs": np.float32(0.1), "xz": np.uint8(7), "w": np.ones((2, 1, 1, 1), np.int8),
                 "ws": np.array([0.3, 0.7], np.float32), "wz": np.zeros(2, np.int8),
                 "ys": np.float32(0.9), "yz": np.uint8(4)}
    path = save(tmp_path, model_of(
        [helper.make_node("QLinearConv", ["x", *constants], ["y"], name="conv")], constants,
        (1, 1, 4, 4), TensorProto.UINT8))
    (layer,) = Network.read(path).layers
    assert layer.requantiser == FloatRequantiser(
        sample=layer.output.sample, zero_point=4, scale=float(np.float32(0.9)),
        scales=tuple(np.float32(0.1) * np.float32([0.3, 0.7]) / np.float32(0.9)))
    assert layer.input.zero_point == 7


@pytest.mark.parametrize("content, wanted", [
    (b"", "is empty"), (b"nonsense", "cut short or malformed"),
    (b"\x08\x07", "cut short or malformed"),
])
def test_malformed_files_are_refused_in_one_line(content: bytes, wanted: str,
                                                 tmp_path: Path) -> None:
    path = tmp_path / "small.onnx"
    path.write_bytes(content)
    with pytest.raises(InputError, match=wanted):
        Network.read(path)


@pytest.mark.parametrize("place", ["initialiser", "constant"])
def test_no_other_file_is_read(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
                               ) -> None:
    monkeypatch.chdir(tmp_path)
    Path("other").write_bytes(bytes(16))
    weights = TensorProto(name="w", data_type=TensorProto.UINT8, dims=[16],
                          data_location=TensorProto.EXTERNAL)
    weights.external_data.add(key="location", value="other")
    nodes = [helper.make_node("MaxPool", ["x"], ["y"], kernel_shape=[1, 1])]
    if place == "constant":
        nodes.insert(0, helper.make_node("Constant", [], ["w"], value=weights))
    model = model_of(nodes, {}, (1, 1, 4, 4), TensorProto.UINT8)
    if place == "initialiser":
        model.graph.initializer.append(weights)
    path = tmp_path / "net.onnx"
    path.write_bytes(model.SerializeToString())
    with pytest.raises(InputError, match="tensor 'w' lies in another file"):
        Network.read(path)


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    random = np.random.default_rng(9)
    whole = dyadic(tmp_path).read_bytes()
    path = tmp_path / "small.onnx"
    for number in range(120):
        damaged = bytearray(whole)
        if number < 40:
            del damaged[len(whole) * number // 40:]
        else:
            for place in random.integers(0, len(whole), 2):
                damaged[place] = random.integers(256)
        path.write_bytes(bytes(damaged))
        try:
            trace(path, pixel="u8")
        except InputError:
            continue
        assert number >= 40  # what is cut short is refused


def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(InputError, match=r"onnx \(of windrow\[networks\]\) is not installed"):
        Network.read(dyadic(tmp_path))


def test_says_what_the_input_means_and_what_is_left_out(tmp_path: Path) -> None:
    path = save(tmp_path, model_of(
        [q("in"), helper.make_node("DequantizeLinear", ["q", "s", "z"], ["d"]),
         helper.make_node("Relu", ["d"], ["r"]),
         helper.make_node("Softmax", ["r"], ["p"], name="last"),
         helper.make_node("QuantizeLinear", ["p", "ps", "pz"], ["pq"]),
         helper.make_node("DequantizeLinear", ["pq", "ps", "pz"], ["y"])],
        {**SCALE, "ps": np.float32(1 / 256), "pz": np.uint8(0)}, (1, 4)))
    network = Network.read(path)
    assert network.compute(np.array([[[3]], [[200]], [[1]], [[9]]])).reshape(-1).tolist() == [
        3, 200, 3, 9]
    assert network.notes == (
        "input 'x' is taken quantised: sample q stands for (q - 3) * 0.5",
        "softmax 'last' at the end is left out: the output is the scores before it, in the same "
        "order")
    assert Network.from_dict(network.to_dict()) == network


@pytest.mark.parametrize("mode", ["constant", "reflect", "edge", "wrap"])
def test_a_pad_becomes_the_convolutions_own(mode: str, tmp_path: Path,
                                            exact_products: None) -> None:
    """As PyTorch exports ``padding_mode``."""
    random = np.random.default_rng(12)
    pair = ["s", "z"]
    nodes = [
        helper.make_node("QuantizeLinear", ["x", *pair], ["q"]),
        helper.make_node("DequantizeLinear", ["q", *pair], ["d"]),
        helper.make_node("Pad", ["d", "p"], ["around"], mode=mode),
        helper.make_node("QuantizeLinear", ["around", *pair], ["q2"]),
        helper.make_node("DequantizeLinear", ["q2", *pair], ["d2"]),
        helper.make_node("DequantizeLinear", ["w", "ws", "wz"], ["k"]),
        helper.make_node("Conv", ["d2", "k"], ["c"], name="conv"),
        helper.make_node("QuantizeLinear", ["c", "ys", "z"], ["y"]),
    ]
    path = save(tmp_path, model_of(nodes, {
        **SCALE, "p": np.array([0, 0, 1, 2, 0, 0, 2, 1]),
        "w": random.integers(-127, 128, (3, 2, 3, 3)).astype(np.int8), "ws": np.float32(0.01),
        "wz": np.int8(0), "ys": np.float32(0.7)}, (1, 2, 6, 8)))
    made = trace(path)
    (layer,) = made.network.layers
    assert layer.pads == (1, 2, 2, 1)
    frames = random.integers(0, 256, (6, 2, 6, 8))
    wanted = onnx_tensors(onnx.load(path), ((frames - 3) * 0.5).astype(np.float32))["y"]
    assert (made.network.compute(frames) == wanted).all()


def test_split_and_shapes_that_are_computed(tmp_path: Path) -> None:
    """As PyTorch exports ``chunk`` and ``view(x.size(0), -1)``."""
    nodes = [
        helper.make_node("Split", ["x"], ["a", "b"], axis=1),
        helper.make_node("Relu", ["a"], ["r"]),
        helper.make_node("Add", ["r", "b"], ["sum"]),
        helper.make_node("Shape", ["sum"], ["dims"]),
        helper.make_node("Gather", ["dims", "zero"], ["batch"]),
        helper.make_node("Concat", ["batch", "rest"], ["target"], axis=0),
        helper.make_node("Reshape", ["sum", "target"], ["flat"]),
        helper.make_node("MatMul", ["flat", "w"], ["y"]),
    ]
    weights = np.random.default_rng(13).integers(-5, 6, (24, 3)).astype(np.float32)
    path = save(tmp_path, model_of(nodes, {"zero": np.array([0]), "rest": np.array([-1]),
                                           "w": weights}, ("N", 4, 3, 4)))
    made = trace(path, pixel="s8")
    frames = np.random.default_rng(14).integers(-128, 128, (7, 4, 3, 4))
    model = onnx.load(path)
    wanted = np.concatenate([onnx_tensors(model, frame[None].astype(np.float32))["y"]
                             for frame in frames])
    assert (made.network.compute(frames)[:, :, 0, 0] == wanted).all()


@pytest.mark.parametrize("before", ["Identity", "MaxPool"])
@pytest.mark.parametrize("weights", ["float", "integer"])
def test_float_weights_and_biases_are_quantised_as_the_runtime_does(
        weights: str, before: str, tmp_path: Path, exact_products: None) -> None:
    random = np.random.default_rng(15)
    pool = {"kernel_shape": [2, 2]} if before == "MaxPool" else {}
    nodes = [helper.make_node("DequantizeLinear", ["x", "s", "z"], ["d"]),
             helper.make_node(before, ["d"], ["p"], **pool),
             helper.make_node("DequantizeLinear", ["w8", "ws"], ["k"]),
             helper.make_node("Conv", ["p", "w" if weights == "float" else "k", "b"], ["c"]),
             helper.make_node("QuantizeLinear", ["c", "ys", "yz"], ["y"])]
    model = model_of(nodes, {
        **SCALE, "yz": np.uint8(128), "w": random.normal(0, 1, (3, 2, 3, 3)).astype(np.float32),
        "w8": random.integers(-127, 128, (3, 2, 3, 3)).astype(np.int8), "ws": np.float32(0.01),
        "b": random.normal(0, 50, 3).astype(np.float32), "ys": np.float32(2.3)},
        (4, 2, 6, 8), TensorProto.UINT8)
    frames = random.integers(0, 256, (4, 2, 6, 8)).astype(np.uint8)
    got = Network.read(save(tmp_path, model)).compute(frames)
    assert np.array_equal(got, onnx_tensors(model, frames)["y"])
    assert np.unique(got).size > 20


def test_float_weights_that_the_runtime_folds_first_are_refused(tmp_path: Path) -> None:
    nodes = [helper.make_node("DequantizeLinear", ["x", "s", "z"], ["d"]),
             helper.make_node("Conv", ["d", "w"], ["c"], name="conv"),
             helper.make_node("Add", ["c", "b"], ["a"]),
             helper.make_node("QuantizeLinear", ["a", "s", "z"], ["y"])]
    constants = {**SCALE, "w": np.float32([[[[0.5]], [[0.25]]]]),
                 "b": np.ones((1, 1, 1, 1), np.float32)}
    model = model_of(nodes, constants, (1, 2, 6, 8), TensorProto.UINT8)
    with pytest.raises(InputError, match=r"'conv'.*has float weights or biases between"):
        Network.read(save(tmp_path, model))


@pytest.mark.parametrize("keys, shape", [
    ({"auto_pad": "SAME_UPPER"}, (9, 13)), ({"output_shape": [10, 15]}, (10, 15))])
def test_a_transposed_convolution_that_reaches_too_short(
        keys: dict[str, Any], shape: tuple[int, int], tmp_path: Path) -> None:
    random = np.random.default_rng(16)
    model = model_of(
        [helper.make_node("ConvTranspose", ["x", "w"], ["y"], strides=[2, 3], **keys)],
        {"w": random.integers(-8, 9, (2, 3, 1, 1)).astype(np.float32)}, (1, 2, 5, 5))
    made = trace(save(tmp_path, model), pixel="u8")
    frames = random.integers(0, 256, (1, 2, 5, 5))
    wanted = onnx_tensors(model, frames.astype(np.float32))["y"]
    assert made.network.compute(frames).shape[2:] == shape
    assert (made.network.compute(frames) * made.scale == wanted).all()


@pytest.mark.parametrize("kind, reads, keys", [
    ("Add", 2, {}), ("Mul", 2, {}), ("GlobalAveragePool", 1, {}),
    ("AveragePool", 1, {"kernel_shape": [2, 2], "strides": [3, 3], "ceil_mode": 1,
                        "count_include_pad": 1})])
def test_operators_that_the_runtime_fuses_with_s8_too(
        kind: str, reads: int, keys: dict[str, Any], tmp_path: Path) -> None:
    """With zero points that are odd, where an exact tie shows which is added first."""
    nodes = [*[helper.make_node("DequantizeLinear", ["x", f"s{place}", f"z{place}"], [f"d{place}"])
               for place in range(reads)],
             helper.make_node(kind, [f"d{place}" for place in range(reads)], ["a"], **keys),
             helper.make_node("QuantizeLinear", ["a", "ys", "yz"], ["y"])]
    model = model_of(nodes, {
        "s0": np.float32(2 ** -4), "s1": np.float32(2 ** -6), "ys": np.float32(2 ** -3),
        "z0": np.int8(3), "z1": np.int8(5), "yz": np.int8(7)}, (1, 2, 13, 16), TensorProto.INT8)
    frames = np.random.default_rng(17).integers(-128, 128, (1, 2, 13, 16)).astype(np.int8)
    made = Network.read(save(tmp_path, model))
    assert np.array_equal(made.compute(frames), onnx_tensors(model, frames)["y"])


def test_same_pads_that_the_runtime_takes_away_are_refused(tmp_path: Path) -> None:
    model = model_of([helper.make_node("MaxPool", ["x"], ["y"], kernel_shape=[1, 1],
                                       strides=[4, 4], auto_pad="SAME_UPPER")],
                     {}, (1, 1, 8, 8), TensorProto.UINT8)
    with pytest.raises(InputError, match="SAME_UPPER and a stride of 4 over a kernel of 1"):
        Network.read(save(tmp_path, model))
