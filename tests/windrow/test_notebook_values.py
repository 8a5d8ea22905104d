"""What values show of themselves in a notebook."""

import io
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import windrow
from windrow import Filter, Network, Pipeline
from windrow.model import Sample
from windrow.sim import Traffic
from windrow.sim.job import Result
from windrow.synth import TARGETS, Outcome, Placement, Usage
from windrow.synth.pipeline_plan import plan_pipeline
from windrow.synth.planner import plan


FILTER = Filter(kernel="sobel-x", width=16, height=12, output="s16")
PIPELINE = Pipeline([
    {"median": 3}, {"expr": "input < 9"}], width=16, height=12)


def test_tab_finds_every_name() -> None:
    assert set(windrow.__all__) <= set(dir(windrow))
    for name in ("Filter", "Pipeline", "Network", "Input"):
        assert getattr(windrow, name)


def test_a_filter_and_a_pipeline_are_tables() -> None:
    assert "<td style=\"text-align:right\">-2</td>" in FILTER._repr_html_()
    shown = PIPELINE._repr_html_()
    assert "3x3 median" in shown
    assert "input &lt; 9" in shown
    larger = Pipeline([{"enlarge": 2}], width=16, height=12)
    assert "blocks of 2x2" in larger._repr_html_()


def test_a_network_is_a_table() -> None:
    network = Network.from_dict({"channels": 1, "height": 4, "width": 4, "layer": [
        {"type": "MaxPool2d", "kernel_size": 2}]})
    shown = network._repr_html_()
    assert "<td>Pool</td><td>input</td><td>1x2x2 u8</td>" in shown
    assert "1x4x4 u8 in" in shown


@pytest.mark.parametrize("design", [FILTER, PIPELINE], ids=["filter", "pipeline"])
def test_a_diagram_is_an_svg(design: Filter | Pipeline) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        svg = design.diagram()._repr_svg_()
    assert svg.startswith("<svg")
    assert "m_axis_video" in svg


@pytest.mark.parametrize("shape, shown", [((6, 8), True), ((6, 8, 3), True), ((6, 8, 2), False)])
def test_a_result_is_a_picture(shape: tuple[int, ...], shown: bool) -> None:
    frame = np.random.default_rng(0).integers(0, 256, shape)
    result = Result([frame], 1, 1, 1, 1.0, 1.0, "icarus", Traffic(), [],
                    sample=Sample.parse("u8", key="pixel"))
    data = result._repr_png_()
    assert (data is not None) == shown
    if data is not None:
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(data))), frame)


def test_plans_and_outcomes_are_tables() -> None:
    found = plan(FILTER, "ecp5-25k")
    assert f"<b>{found.choice}</b>" in found._repr_html_()
    assert str(found.chosen.prediction.luts) in found._repr_html_()
    piped = plan_pipeline(PIPELINE, "generic")
    assert f"{piped.line_bits:,} bits of lines" in piped._repr_html_()
    outcome = Outcome(FILTER, TARGETS["up5k"], "separable", Usage(319, 262, 5, 0, 0),
                      (Placement(1, 82.5, None),), 9, {}, Path())
    assert "319 of 5280" in outcome._repr_html_()
    assert "82.5 MHz" in outcome._repr_html_()
