# amaranth: UnusedElaboratable=no

"""Designs, pictures and files behind the page."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from windrow import Filter, Pipeline
from windrow.model import InputError
from windrow.usage import UsageError
from windrow.web.workbench import Workbench, design_of_text


def png(width: int, height: int) -> bytes:
    packed = io.BytesIO()
    pixels = np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)
    Image.fromarray(pixels).save(packed, "PNG")
    return packed.getvalue()


def shown(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)))


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return Workbench(tmp_path)


def test_the_result_is_the_models(bench: Workbench) -> None:
    filter = Filter(kernel="sobel-x", width=32, height=24, overflow="abs-saturate")
    found = bench.compute(filter)
    assert np.array_equal(shown(found.after), filter.compute(shown(found.before)))
    assert found.notes == ["the picture is scaled to 32x24", "colour is taken as grey"]


def test_an_uploaded_picture(bench: Workbench, tmp_path: Path) -> None:
    bench.take_picture("../../mine.PNG", png(20, 10))
    assert bench.size == (20, 10)
    assert [path.name for path in tmp_path.iterdir()] == ["picture.png"], "a name of our own"
    colour = Filter(kernel="identity", width=20, height=10, channels=3)
    found = bench.compute(colour)
    assert np.array_equal(shown(found.after), shown(png(20, 10)))


@pytest.mark.parametrize("name, content, words", [
    ("mine.txt", b"x", "must end in .png"), ("mine.png", b"x", "picture"),
    ("mine.png", png(2000, 1300), "2000x1300 pixels; at most"),
])
def test_a_bad_picture(name: str, content: bytes, words: str, bench: Workbench) -> None:
    size = bench.size
    with pytest.raises(InputError, match=words):
        bench.take_picture(name, content)
    assert bench.size == size


def test_a_bad_network(bench: Workbench) -> None:
    pytest.importorskip("onnx")
    with pytest.raises(InputError):
        bench.take_network("net.onnx", b"x")


def network() -> bytes:
    """One quantised convolution of a grey picture, 3x3 over 16x12."""
    onnx = pytest.importorskip("onnx")
    helper = onnx.helper
    weight = np.full((1, 1, 3, 3), 14, np.int8)
    values = {"xs": np.float32(1), "xz": np.uint8(0), "w": weight, "ws": np.float32(1 / 128),
              "wz": np.int8(0), "ys": np.float32(1), "yz": np.uint8(0)}
    graph = helper.make_graph(
        [helper.make_node("QLinearConv", ["x", *values], ["y"], pads=[1, 1, 1, 1])], "net",
        [helper.make_tensor_value_info("x", onnx.TensorProto.UINT8, [1, 1, 12, 16])],
        [helper.make_tensor_value_info("y", onnx.TensorProto.UINT8, [1, 1, 12, 16])],
        [onnx.numpy_helper.from_array(np.asarray(value), name) for name, value in values.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    return bytes(model.SerializeToString())


def test_a_network(bench: Workbench) -> None:
    found = bench.take_network("net.onnx", network())
    result = bench.compute(found)
    assert result.notes[0] == "the picture is scaled to 16x12"
    before, after = shown(result.before).astype(int), shown(result.after).astype(int)
    wanted = np.pad(before, 1)
    total = sum(wanted[y:y + 12, x:x + 16] for y in range(3) for x in range(3)) * 14 / 128
    assert np.abs(after - np.minimum(total, 255)).max() <= 0.5
    with zipfile.ZipFile(io.BytesIO(bench.archive(found, "generic", "net"))) as file:
        assert "net/net.v" in file.namelist()


def test_a_text_is_a_pipeline_or_a_filter() -> None:
    assert isinstance(design_of_text("[[stage]]\nmedian = 3\n", 32, 24), Pipeline)
    assert design_of_text("kernel = 'sobel-x'\nwidth = 9", 32, 24) == Filter(
        kernel="sobel-x", width=32, height=24)


@pytest.mark.parametrize("text, words", [
    ("kernel = [", "the design is no TOML"), ("", "key kernel is missing"),
    ("kernel = '/etc/hostname'", "/etc/hostname"), ("kernel = 'kernel.npy'", "kernel.npy"),
    ("[[stage]]\nkernel = 'kernel.csv'", "kernel.csv"),
    ("kernels = {a = '/etc/hostname', b = 'sobel-x'}", "/etc/hostname"),
])
def test_a_bad_text_and_names_of_files(
    text: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    np.save("kernel.npy", np.ones((3, 3), int))
    Path("kernel.csv").write_text("1,2,1\n")
    with pytest.raises((InputError, UsageError), match=words):
        design_of_text(text, 32, 24)


def test_the_archive_holds_what_generate_writes(bench: Workbench) -> None:
    filter = Filter(kernel="sobel-x", width=32, height=24)
    made = bench.generate(filter, "generic", "edges")
    with zipfile.ZipFile(io.BytesIO(bench.archive(filter, "generic", "edges"))) as file:
        names = set(file.namelist())
        assert names == {f"edges/{path}" for path in made.files} | {"edges/edges.toml"}
        assert json.loads(file.read("edges/edges.json"))["top"] == "edges"
    assert {"edges/edges.v", "edges/edges.core"} < names


def test_a_frame_is_bounded(bench: Workbench) -> None:
    with pytest.raises(InputError, match="size 4000x3000 is too large"):
        bench.compute(Filter(kernel="sobel-x", width=4000, height=3000))
