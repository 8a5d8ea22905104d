"""What a demo takes and refuses: filters, sources, pictures, cameras."""

import tracemalloc
from typing import Any

import numpy as np
import pytest

from windrow.boards.cameras import CAMERAS, pace
from windrow.boards.catalogue import board
from windrow.boards.demo import demo_filter
from windrow.boards.kernel_choice import default_choices
from windrow.boards.sources import fit
from windrow.boards.top import Top, mode
from windrow.boards.video.timing import TIMINGS
from windrow.model import Filter, InputError, Pipeline
from windrow.synth.preview.picture import shown_picture


TIMING = TIMINGS["640x480p60"]
KEYS: dict[str, Any] = {"kernel": "sobel-x", "width": 640, "height": 480}
PICTURE = np.random.default_rng(1).integers(0, 256, (48, 64, 3), np.uint8)


@pytest.mark.parametrize(("keys", "message"), [
    ({"width": 639}, "width 639 does not suit a screen: it must be 640"),
    ({"height": 500}, "height 500 .* must be 480"),
    ({"pixel": "u10"}, "pixel u10 .* must be u8"),
    ({"output": "s16"}, "output s16 .* must be u8"),
    ({"channels": 2}, "channels 2 .* must be 1 for grey or 3 for colour"),
    ({"pixels_per_clock": 2}, "pixels_per_clock 2 .* must be 1"),
    ({"clocks_per_pixel": 2}, "clocks_per_pixel 2 .* must be 1"),
    ({"input_fifo": 16}, "input_fifo 16 .* must be 0"),
    ({"padding": "valid"}, "padding valid .* must be same"),
])
def test_filters_that_no_screen_takes(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        demo_filter(Filter.from_dict({**KEYS, **keys}), TIMING)


def test_a_bank_is_no_picture() -> None:
    bank = Filter(kernels={"gx": "sobel-x", "gy": "sobel-y"}, width=640, height=480)
    with pytest.raises(InputError, match="kernels gx, gy do not suit a screen: one picture goes"):
        demo_filter(bank, TIMING)


@pytest.mark.parametrize(("stage", "message"), [
    ({"kernel": "sobel-x", "padding": "valid"}, r"outputs \('stage_1',\) .* of the frame's size"),
    ({"kernels": {"gx": "sobel-x", "gy": "sobel-y"}}, r"outputs .* 1 channel for grey or 3 for"),
    ({"kernel": "sobel-x", "output": "s16"}, "output s16 .* must be u8"),
])
def test_pipelines_that_no_screen_takes(stage: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        demo_filter(Pipeline([stage], width=640, height=480), TIMING)


def test_a_larger_frame_on_the_way_takes_too_long() -> None:
    larger = Pipeline([{"enlarge": 2}, {"median": 3}, {"shrink": 2}], width=640, height=480)
    with pytest.raises(InputError, match="'stage_1' of 1280x960 does not suit a screen"):
        demo_filter(larger, TIMING)


def test_a_pipeline_from_colour_to_grey() -> None:
    grey = Pipeline([{"convert": "rgb2gray"}], width=64, height=48, channels=3)
    wanted = grey.compute(PICTURE)
    shown = shown_picture(PICTURE, grey, 0, 8)
    np.testing.assert_array_equal(shown, np.dstack([wanted] * 3))
    assert default_choices(grey) == []


@pytest.mark.parametrize("keys", [{}, {"channels": 3}, {"padding": [2, 0, 1, 1]}])
def test_filters_that_it_takes(keys: dict[str, Any]) -> None:
    filter_ = Filter.from_dict({**KEYS, **keys})
    assert demo_filter(filter_, TIMING) is filter_


@pytest.mark.parametrize(("where", "at", "sources", "message"), [
    ("ulx3s-85f", "640x480p60", ["patern"], "source 'patern' is not known; did you mean"),
    ("ulx3s-85f", "640x480p60", ["box", "still", "box"], "source 'box' is there twice"),
    ("ulx3s-85f", "640x480p60", [""], "source '' is not known"),
    ("ulx3s-85f", "640x480p60", [], "source must name at least one source"),
    ("ulx3s-85f", "1280x720p60", ["camera"], "no camera sends 1280x720p60; choose .*640x480p60"),
    ("icepi-zero", "640x480p60", ["camera"], "board icepi-zero has no header for one"),
])
def test_sources_that_are_not_there(
    where: str, at: str, sources: list[str], message: str
) -> None:
    timing = TIMINGS[at]
    filter_ = Filter.from_dict({**KEYS, "width": timing.width, "height": timing.height})
    with pytest.raises(InputError, match=message):
        Top(board(where), filter_, timing, sources, PICTURE)


def test_modes() -> None:
    assert mode(board("icebreaker")) is TIMING
    assert mode(board("ulx3s-12f"), "1280x720p60") is TIMINGS["1280x720p60"]
    with pytest.raises(InputError, match="mode '1280x720p60' is none of icebreaker"):
        mode(board("icebreaker"), "1280x720p60")
    with pytest.raises(InputError, match="board ecp5-evn has no screen"):
        mode(board("ecp5-evn"))


@pytest.mark.parametrize("size", [(48, 64), (1, 1), (480, 30), (7, 640), (600, 800)])
@pytest.mark.parametrize(("width", "height"), [(160, 120), (40, 23), (2, 2)])
def test_a_picture_fills_any_size(size: tuple[int, int], width: int, height: int) -> None:
    picture = np.random.default_rng(2).integers(10, 200, (*size, 3), np.uint8)
    got = fit(picture, width, height)
    assert got.shape == (height, width, 3)
    assert picture.min() <= got.min()
    assert got.max() <= picture.max()


def test_a_strip_takes_no_memory_for_what_is_cut_off() -> None:
    tracemalloc.start()
    fit(np.zeros((2000, 1, 3), np.uint8), 160, 120)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 10_000_000


def test_a_picture_of_the_size_stays_as_it_is() -> None:
    assert (fit(PICTURE, 64, 48) == PICTURE).all()


def test_a_wide_picture_is_cropped_on_both_sides() -> None:
    wide = np.zeros((10, 40, 3), np.uint8)
    wide[:, 15:25] = 255
    assert (fit(wide, 10, 10) == 255).all()


@pytest.mark.parametrize("name", CAMERAS)
@pytest.mark.parametrize("clock", [0.9951, 1, 1.0049])
@pytest.mark.parametrize("slower", [1, 0.96, 0.9])
def test_a_camera_keeps_step(name: str, clock: float, slower: float) -> None:
    """Its frames take as long as the screen's, or the lines longer that this waits; and no pixel of
    a picture comes late."""
    camera, timing = CAMERAS[name], TIMINGS[name]
    screen, xclk = timing.pixel_clock * clock, camera.xclk * slower
    found = pace(camera, timing, screen, xclk)
    assert found.lines >= camera.lines
    assert found.line_clocks >= camera.line_clocks
    line = found.line_clocks / (camera.clocks * xclk)
    screen_line = timing.horizontal.total / screen
    excess = found.lines * line - timing.vertical.total * screen_line
    assert 0 <= excess <= (found.stretch - 1) * screen_line
    # The screen's last line starts when the camera has sent the line, but for what waits.
    waits = found.fill / timing.width * line
    assert waits + (timing.height - 1) * screen_line >= (timing.height - 1) * line
