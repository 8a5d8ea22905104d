"""What the views of a report show is what the model and the hardware do."""

import base64
import io
import json
import re
from html import unescape

import numpy as np
import pytest
from PIL import Image

from windrow import Filter, Pipeline
from windrow.hdl import Build, VideoCore
from windrow.model import golden
from windrow.model.markup import element, table
from windrow.model.sides import Sides
from windrow.reports.borders import border_figure, border_table
from windrow.reports.diagram import Box, Wire, draw
from windrow.reports.facts import facts_section
from windrow.reports.kernels import ideal_output, kernel_section, quantisation, response
from windrow.reports.pictures import before_after, tap_pictures
from windrow.reports.plots import plot_json
from windrow.reports.section import Bars
from windrow.reports.structure import blocks
from windrow.reports.timing import timing_section
from windrow.sim.recording import Span


def pictures(html: str) -> list[np.ndarray]:
    """The pictures in a page."""
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))
            for data in re.findall(r"data:image/png;base64,([^\"]+)", html)]


def test_text_is_escaped_and_markup_is_not() -> None:
    assert element("p", "a < b", element("b", "&"), class_="x\"y", data_z=1, title=None) == (
        '<p class="x&quot;y" data-z="1">a &lt; b<b>&amp;</b></p>')
    assert "<th>A</th>" in table(("A",), [("x",)])
    assert "<th>name</th><td>1</td>" in table(("", ""), [("name", 1)])


@pytest.mark.parametrize("border", ["constant", "replicate", "symmetric", "reflect101"])
@pytest.mark.parametrize("size", [(5, 4), (30, 40)])
def test_the_border_is_that_of_the_model(border: str, size: tuple[int, int]) -> None:
    filter_ = Filter(kernel=np.ones((4, 3), int), height=size[0], width=size[1], padding="full",
                     border=border)
    found = border_table(filter_.window, filter_.format)
    height, width = min(size[0], 8), min(size[1], 7)
    frame = np.arange(1, height * width + 1).reshape(height, width)
    wanted = golden.pad(frame, filter_.pads, filter_.borders, 0)
    rows, columns = found["rows"], found["columns"]
    assert isinstance(rows, list)
    assert isinstance(columns, list)
    shown = [[0 if y is None or x is None else frame[y, x] for x in columns] for y in rows]
    assert np.array_equal(shown, wanted)
    (data,) = re.findall(r'data-table="([^"]+)"', border_figure(filter_.window, filter_.format))
    assert json.loads(unescape(data)) == found


def test_mixed_borders_and_sides() -> None:
    borders = {"top": "constant", "bottom": "replicate", "left": "symmetric", "right": "reflect101"}
    filter_ = Filter(kernel=np.ones((3, 3), int), width=6, height=6, border=borders)
    found = border_table(filter_.window, filter_.format)
    assert filter_.pads == Sides(1, 1, 1, 1)
    assert found["rows"] == [None, 0, 1, 2, 3, 4, 5, 5]
    assert found["columns"] == [0, 0, 1, 2, 3, 4, 5, 4]


def test_the_picture_before_and_after_and_the_difference() -> None:
    filter_ = Filter(kernel="box", width=12, height=9)
    frame = np.random.default_rng(1).integers(0, 256, (9, 12), dtype=np.uint8)
    after = filter_.compute(frame)
    section = before_after(frame, after, (filter_.pixel, filter_.output), "the golden model")
    shown = pictures(section.html)
    assert np.array_equal(shown[0], frame)
    assert np.array_equal(shown[1], after)
    signed = after.astype(int) - frame
    assert f"{signed.min()} to {signed.max()}" in section.html
    assert np.array_equal((shown[2] == 255).all(axis=2), signed == 0)


def test_no_difference_of_frames_that_cannot_be_compared() -> None:
    filter_ = Filter(kernel="sobel-x", width=12, height=9, output="s16")
    frame = np.zeros((9, 12), np.uint8)
    section = before_after(frame, filter_.compute(frame), (filter_.pixel, filter_.output), "x")
    assert len(pictures(section.html)) == 2
    assert "shows magnitudes" in section.html


PIPELINE = Pipeline([
    {"name": "smooth", "kernel": "gaussian:ksize=3"},
    {"name": "a", "kernels": {"gx": "sobel-x", "gy": "sobel-y"}, "output": "s16"},
    {"name": "size", "expr": "round(sqrt(gx*gx + gy*gy))", "output": "u8"},
    {"name": "both", "expr": "where(size > 9, size, input)", "output": "u8"},
], width=20, height=16)


def test_every_tap_is_a_picture() -> None:
    frame = np.random.default_rng(2).integers(0, 256, (16, 20), dtype=np.uint8)
    taps = PIPELINE.compute_taps(frame)
    section = tap_pictures(PIPELINE, taps)
    shown = pictures(section.html)
    assert len(shown) == len(taps) == 6
    assert np.array_equal(shown[0], frame)
    assert np.array_equal(shown[-1], taps["both"])
    assert all(f"<b>{name}</b>" in section.html for name in taps)


def test_a_wide_tap_is_shown_smaller_and_says_so() -> None:
    wide = PIPELINE.replace(width=1300)
    section = tap_pictures(wide, wide.compute_taps(np.zeros((16, 1300), np.uint8)))
    assert pictures(section.html)[0].shape == (6, 434)
    assert "every 3 rows and columns one pixel" in section.html


def test_the_ideal_output_is_the_real_valued_one() -> None:
    rng = np.random.default_rng(3)
    real = rng.normal(size=(3, 4)) / 4
    frame = rng.integers(0, 256, (9, 11), dtype=np.uint8)
    for operation in ("correlate", "convolve"):
        filter_ = Filter(kernel=real, width=11, height=9, output="s16", operation=operation,
                         padding="valid", kernel_bits=20)
        ideal = ideal_output(filter_, frame)
        assert ideal is not None
        taps = real if operation == "correlate" else real[::-1, ::-1]
        assert ideal[2, 3] == pytest.approx((taps * frame[2:5, 3:7]).sum())
        assert np.abs(ideal - filter_.compute(frame)).max() <= 0.5 + 1e-3
    assert ideal_output(Filter(median=3, width=11, height=9), frame) is None
    assert quantisation(Filter(kernel="box", width=11, height=9, overflow="wrap"), frame) is None


def test_quantisation_names_the_worst_sample_and_the_psnr() -> None:
    frame = np.zeros((8, 8), np.uint8)
    frame[4, 5] = 1
    filter_ = Filter(kernel=[[0.5]], width=8, height=8)
    section = quantisation(filter_, frame)
    assert section is not None
    assert "+0.500 at row 4, column 5" in section.html
    wanted = 10 * np.log10(255**2 / (0.25 / 64))
    assert f"{wanted:.1f} dB" in section.html
    (plot,) = section.plots
    assert plot.counts.sum() == 64  # type: ignore[union-attr]


def test_the_frequency_response_is_that_of_the_kernel() -> None:
    heat, along, down = response(np.array([[0.25, 0.5, 0.25]]), np.array([[0.2, 0.6, 0.2]]))
    assert heat.values.shape == (65, 65)  # type: ignore[union-attr]
    frequency, magnitude = along.lines["quantised"]  # type: ignore[union-attr]
    assert magnitude == pytest.approx(np.cos(np.pi * frequency)**2)
    _, wanted = along.lines["wanted"]  # type: ignore[union-attr]
    assert wanted == pytest.approx(0.6 + 0.4 * np.cos(2 * np.pi * frequency))
    assert down.lines["quantised"][1] == pytest.approx(1)  # type: ignore[union-attr]


def test_a_kernel_as_a_table() -> None:
    section = kernel_section(Filter(kernel=[[0.1, 0.2]], width=8, height=8, kernel_bits=4))
    for text in (">2<", ">3<", ">0.1<", ">0.2<", ">+2.5e-02<"):
        assert text in section.html
    named = kernel_section(Filter(kernel="gaussian:ksize=3,sigma=1.1", width=8, height=8))
    assert "Wanted" in named.html
    exact = kernel_section(Filter(kernel="gaussian:ksize=3", width=8, height=8)).html
    assert "Wanted" not in exact
    assert "wanted weights exactly" in exact
    assert "Wanted" not in kernel_section(Filter(kernel="sobel-x", width=8, height=8)).html
    assert "rank 4" in kernel_section(Filter(median=3, width=8, height=8)).html


def test_a_drawing_has_every_box_above_what_it_feeds() -> None:
    boxes = [Box(name, (name, "text")) for name in "abcd"]
    wires = [Wire("a", "b"), Wire("b", "c"), Wire("c", "d"), Wire("a", "d", ("8 bits <",))]
    svg = draw(boxes, wires, "title")
    assert svg.count("<rect") == 4
    assert svg.count("marker-end") == 4
    assert "8 bits &lt;" in svg
    tops = [int(y) for y in re.findall(r"<rect x=\"-?\d+\" y=\"(\d+)\"", svg)]
    assert tops == sorted(tops)
    ends = re.findall(r"L(\d+),\d+\" marker-end", svg)
    assert len(set(ends)) == 3  # c and the long wire end side by side
    lefts = {int(x) for x in re.findall(r"<rect x=\"(\d+)\"", svg)}
    assert len(lefts) == 2  # the long wire has a place beside b and c


def test_the_blocks_of_a_filter_have_widths_and_memories() -> None:
    filter_ = Filter(kernel="gaussian:ksize=5", width=64, height=48, channels=3)
    boxes, wires = blocks(VideoCore(filter_))
    text = {box.name: " ".join(box.lines) for box in boxes}
    assert any("4 lines: 6,144 bits" in line for line in text.values())
    assert any("5 x 5" in line for line in text.values())
    assert wires[0].lines == wires[-1].lines == ("24 bits",)
    assert [wire.sink for wire in wires] == [box.name for box in boxes[1:]]


def test_the_blocks_of_a_pipeline_have_waits() -> None:
    boxes, wires = blocks(VideoCore(PIPELINE))
    words = [" ".join(wire.lines) for wire in wires]
    assert any("gx: 16 bits" in each for each in words)
    (late,) = [each for each in words if each.startswith("input") and "waits" in each]
    assert "waits 2 rows, 2 beats" in late
    assert {wire.source for wire in wires} | {wire.sink for wire in wires} == {
        box.name for box in boxes}


@pytest.mark.parametrize("design", [
    Filter(kernel="sobel-x", width=64, height=48, control="axi4-lite", coefficients="runtime",
           input_fifo=16),
    Filter(kernel=np.ones((9, 9), int), shift=6, width=64, height=48),
    Filter(median=3, width=64, height=48), Filter(erode=7, width=64, height=48),
    Filter(kernels={"a": "sobel-x", "b": "sobel-y"}, output="s16", width=64, height=48),
    Pipeline([{"shrink": 2}, {"median": 3}], width=64, height=48),
    Pipeline([{"canny": [60, 120]}], width=64, height=48),
    Pipeline([{"enlarge": 2}], width=16, height=12),
], ids=lambda design: str(getattr(design, "stages", design.to_dict().get("rank", "")))[:20])
def test_every_kind_of_design_can_be_drawn(design: Filter | Pipeline) -> None:
    boxes, wires = blocks(VideoCore(design))
    assert draw(boxes, wires, "x").count("<g class=\"box") == len(boxes)
    assert boxes[-1].name == "output"


def test_the_timeline_is_that_of_the_run() -> None:
    manifest = {"latency_cycles": 30, "cycles_per_frame": 100}
    section = timing_section(manifest, [Span(7, 106, 37, 136), Span(107, 206, 137, 236)])
    for text in ("<td>30</td><td>30</td>", "<td>100</td><td>100</td>", "cycles 30 to 129",
                 "simulated"):
        assert text in section.html
    assert "expected" in timing_section(manifest, []).html


def test_what_is_too_long_is_cut_and_said() -> None:
    name = "layer/" + "x" * 40 + "<!--"
    svg = draw([Box("a", (name,)), Box("b", ("b",))], [Wire("a", "b")], "title")
    assert f"<title>{name.replace('<', '&lt;')}</title>" in svg
    assert ">layer/" + "x" * 23 + "...<" in svg
    build = Build("net", "", {}, "")
    assert "abc = 1" in facts_section(build, "abc = 1", "windrow report").html
    long = facts_section(build, "x" * 100_001, "windrow report").html
    assert "100,001 letters: net.json" in long
    assert len(long) < 3000


def test_a_plot_ends_no_script() -> None:
    text = plot_json(Bars("</script><!--", "y", ["<b>", "c"], {"n": [1, 2]}))
    assert "<" not in text
    assert json.loads(text)["doc"]
