"""A report as a browser shows it: no error, no request, and what moves when it is moved."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import Watched, browser

from windrow import Filter
from windrow.reports import make_report
from windrow.reports import report as making


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with plots, of a filter that is not simulated and not planned."""
    filter_ = Filter(kernel="gaussian:ksize=5,sigma=1.4", width=320, height=200)
    frame = np.random.default_rng(5).integers(0, 256, (200, 320), dtype=np.uint8)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(making, "device_uses", lambda *_: ([], {}))
        patch.setattr(making, "plan", lambda *_: None)
        html = make_report(filter_, frame, simulate=False).html()
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(html)
    return path


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as running:
        yield running


def opened(chromium: Any, report: Path, scheme: str, width: int) -> Watched:
    """The report in a window, with all plots drawn."""
    watched = Watched(chromium.new_page(
        color_scheme=scheme, viewport={"width": width, "height": 800}))
    watched.page.goto(report.as_uri())
    watched.page.wait_for_function("document.querySelectorAll('.plot .canvas').length === 4")
    watched.page.wait_for_timeout(300)
    return watched


@pytest.mark.parametrize("scheme, background", [("light", "rgb(255, 255, 255)"),
                                                ("dark", "rgb(13, 17, 23)")])
@pytest.mark.parametrize("width", [400, 1280])
def test_it_is_quiet_and_fits(
    chromium: Any, report: Path, scheme: str, background: str, width: int
) -> None:
    watched = opened(chromium, report, scheme, width)
    page = watched.page
    assert watched.errors == []
    assert [url for url in watched.requests if not url.startswith(("file:", "data:"))] == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == background
    page.close()


def test_the_slider_moves_the_picture(chromium: Any, report: Path) -> None:
    watched = opened(chromium, report, "light", 800)
    slider = watched.page.locator(".slider")
    shown = {}
    for at in ("0", "50", "100"):
        slider.locator("input").fill(at)
        shown[at] = slider.screenshot()
    assert len(set(shown.values())) == 3
    box = slider.bounding_box()
    watched.page.mouse.click(box["x"] + box["width"] * 0.8, box["y"] + box["height"] / 2)
    assert slider.locator("input").input_value() in ("79", "80", "81")
    watched.page.close()


def test_the_window_moves_over_the_border(chromium: Any, report: Path) -> None:
    page = opened(chromium, report, "light", 800).page
    figure = page.locator(".border")
    note = figure.locator(".note")
    assert note.inner_text() == "Output row 0, column 0: 16 of 25 taps lie on the border."
    figure.locator(".column").fill("4")
    assert note.inner_text() == "Output row 0, column 4: 10 of 25 taps lie on the border."
    figure.locator(".row").fill("4")
    assert "0 of 25 taps" in note.inner_text()
    assert figure.locator("svg line").count() == 0
    figure.locator("button").click()
    page.wait_for_function("document.querySelector('.border .note').textContent.includes("
                           "'column 6')")
    page.close()


def test_plots_take_the_colours_of_the_scheme(chromium: Any, report: Path) -> None:
    watched = opened(chromium, report, "light", 800)
    page, plot = watched.page, watched.page.locator(".plot").nth(1)
    before = plot.screenshot()
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(500)
    assert plot.screenshot() != before
    assert page.locator(".plot .canvas").count() == 4
    assert watched.errors == []
    page.close()
