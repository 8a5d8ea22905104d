"""A board's top in simulation: bit-exact on the screen, and what is wrong with it is found."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from preview_bench import BOARD, SHARPEN, design, need_tools, photograph, small_board
from preview_timings import HIGH, LOW, timing

from windrow.boards.board import Board, DVIPins
from windrow.boards.top import Top
from windrow.boards.video.timing import Timing
from windrow.model import Filter, InputError, Pipeline
from windrow.synth import preview as module
from windrow.synth.preview import Preview, preview
from windrow.synth.preview.picture import shown_picture, source_frame


@pytest.fixture(autouse=True)
def _tools() -> None:
    need_tools()


def show(
    mode: Timing = LOW, sources: tuple[str, ...] = ("pattern", "still"), frames: int = 2,
    netlist: bool = False, board: Board = BOARD, **keys: Any,
) -> Preview:
    filter, top = design(mode, sources, board, **keys)
    source = next(iter(top.demo.sources.values()))
    shown = preview(board, filter, mode, top, frames=frames, netlist=netlist)
    assert shown.passed, [check for check in shown.checks if not check.passed]
    assert [check.name for check in shown.checks] == [
        "clocks", "signal at the pins", "video timing", "picture"]
    assert len(shown.frames) >= frames
    # The checks themselves compare with the models; here they are held to say the truth.
    wanted = shown_picture(source_frame(source, 0), filter, mode.width // 2,
                           8 if isinstance(board.video, DVIPins) else 4)
    assert any((frame == wanted).all() for frame in shown.frames[:2])
    return shown


@pytest.mark.parametrize("mode", [LOW, HIGH], ids=str)
def test_the_source_is_bit_exact(mode: Timing) -> None:
    shown = show(mode, ("box", "still"), frames=3)
    assert not (shown.frames[1] == shown.frames[2]).all(), "a moving pattern moves"
    assert shown.pixel_clock == pytest.approx(25.175e6, rel=0.005)


def test_the_demo_of_the_board() -> None:
    show(LOW, ("still", "box"), **BOARD.filter)


def test_colour() -> None:
    show(LOW, ("zone-plate",), **SHARPEN, channels=3)


_MORE = [pytest.param(name, marks=pytest.mark.slow)
         for name in ("icepi-zero", "colorlight-i5", "tang-nano-20k")]


@pytest.mark.parametrize("name", ["icebreaker", "tang-nano-9k", *_MORE])
def test_other_boards(name: str) -> None:
    show(LOW, ("box",), board=small_board(name), **SHARPEN)


@pytest.mark.parametrize("name", [
    "ulx3s-85f", pytest.param("icebreaker", marks=pytest.mark.slow)])
def test_the_netlist_is_bit_exact(name: str) -> None:
    show(LOW, ("box",), frames=1, netlist=True, board=small_board(name), **SHARPEN)


def test_a_family_without_netlists() -> None:
    board = small_board("tang-nano-9k")
    filter, top = design(board=board)
    with pytest.raises(InputError, match="netlist: there is none for 'gowin'"):
        preview(board, filter, LOW, top, netlist=True)


# --- What is wrong must be found ----------------------------------------------------------------

def broken(
    monkeypatch: pytest.MonkeyPatch, change: Callable[[str], str], mode: Timing = LOW
) -> Preview:
    """The preview of a design whose RTLIL is changed."""
    filter, top = design()
    original = module.design_files

    def changed(*arguments: Any) -> dict[str, str]:
        files = original(*arguments)
        text = change(files["top.il"])
        assert text != files["top.il"]
        return files | {"top.il": text}

    monkeypatch.setattr(module, "design_files", changed)
    return preview(BOARD, filter, mode, top)


def fails(shown: Preview, name: str, message: str) -> None:
    """Only the last check fails, with this message."""
    *others, last = shown.checks
    assert all(check.passed for check in others)
    assert (last.name, last.passed) == (name, False)
    assert re.search(message, last.finding), last.finding
    assert not shown.passed


def swap(text: str, one: str, other: str) -> str:
    return text.replace(one, "\0").replace(other, one).replace("\0", other)


def test_two_channels_that_are_swapped(monkeypatch: pytest.MonkeyPatch) -> None:
    def change(text: str) -> str:
        pads = [f"connect \\O \\hdmi_0__d__p [{bit}]" for bit in range(2)]
        assert all(pad in text for pad in pads)
        return swap(text, *pads)

    fails(broken(monkeypatch, change), "signal at the pins",
          r"control bits at symbol \d+ are \d\d, not 00")


def test_a_pair_with_its_wires_swapped(monkeypatch: pytest.MonkeyPatch) -> None:
    def change(text: str) -> str:
        start = text.index("connect \\O \\hdmi_0__d__p [1]")
        cell = text.rindex("  cell \\OBZ", 0, start)
        wire = re.search(r"connect \\I (\S+ \[\d\])\n", text[cell:])
        assert wire is not None
        inverter = (f"  cell $not $inverter\n    parameter \\A_SIGNED 0\n"
                    f"    parameter \\A_WIDTH 1\n    parameter \\Y_WIDTH 1\n"
                    f"    connect \\A {wire[1]}\n    connect \\Y $inverted\n  end\n")
        body = text[cell:].replace(wire[0], "connect \\I $inverted\n", 1)
        return text[:cell] + "  wire width 1 $inverted\n" + inverter + body

    fails(broken(monkeypatch, change), "signal at the pins", "green: |no blanking")


@pytest.mark.parametrize("output, message", [
    ("CLKOS2", "no clock of 5 times that"), ("CLKOS", "no clock of 5 times that"),
    ("CLKI", r"pixel clock \d+\.\d+ MHz, [-+]\d+\.\d+% from"),
])
def test_a_wrong_divider(output: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def change(text: str) -> str:
        return re.sub(rf"(parameter \\{output}_DIV) (\d+)",
                      lambda found: f"{found[1]} {int(found[2]) + 1}", text)

    fails(broken(monkeypatch, change), "clocks", message)


def test_a_wrong_sync_polarity() -> None:
    filter, top = design()
    wanted = replace(LOW, horizontal=replace(LOW.horizontal, positive=True))
    fails(preview(BOARD, filter, wanted, top), "video timing", "hsync is 0, not 1")


@pytest.mark.parametrize("part", ["front_porch", "sync", "back_porch"])
def test_a_line_that_is_a_pixel_too_long(part: str) -> None:
    filter, top = design()
    span = replace(LOW.horizontal, **{part: getattr(LOW.horizontal, part) - 1})
    wanted = timing(span, LOW.vertical)
    fails(preview(BOARD, filter, wanted, top), "video timing",
          r"frame 0 line \d+ pixel \d+: (hsync|active|vsync) is")


def test_a_wrong_coefficient() -> None:
    _, top = design()
    wrong = [[0, -1, 0], [-1, 6, -1], [0, -1, -2]]
    other = Filter.from_dict({**SHARPEN, "kernel": wrong, "width": LOW.width,
                              "height": LOW.height})
    fails(preview(BOARD, other, LOW, top), "picture",
          r"^not bit-exact: frame 0 row \d+ column \d+ \(filtered\): got \(\d+, \d+, \d+\), wanted")


def test_a_source_that_shows_something_else(monkeypatch: pytest.MonkeyPatch) -> None:
    filter, top = design()
    _, other = design(sources=("checkerboard",))
    wrong = next(iter(other.demo.sources.values()))
    monkeypatch.setattr(module, "source_frame", lambda _, number: source_frame(wrong, number))
    fails(preview(BOARD, filter, LOW, top), "picture", r"frame 0 row \d+ column \d+ \(source\)")


def test_a_split_line_elsewhere() -> None:
    filter, top = design()
    fails(preview(BOARD, filter, LOW, top, split=LOW.width // 2 + 1), "picture",
          rf"frame 0 row 0 column {LOW.width // 2} \(source\): got \(255, 255, 255\)")


def test_a_picture_that_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same frame twice, of a source that moves."""
    filter, top = design()
    monkeypatch.setattr(module, "source_frame", lambda source, number: source_frame(source, 0))
    fails(preview(BOARD, filter, LOW, top), "picture",
          r"frame 1 row \d+ column \d+ \((source|filtered)\)")


@pytest.mark.parametrize("stage", [{"canny": [20, 60]}, {"canny": [20, 60], "lines": 3}], ids=str)
def test_edges_that_are_followed(stage: dict[str, Any]) -> None:
    """Through whole frames, they are those of the frame before."""
    pipeline = Pipeline([stage], width=LOW.width, height=LOW.height)
    top = Top(BOARD, pipeline, LOW, ("box",), photograph())
    assert top.demo.behind == ("lines" not in stage)
    shown = preview(BOARD, pipeline, LOW, top, frames=2)
    assert shown.passed, [check for check in shown.checks if not check.passed]
    assert shown.frames[-1][:, LOW.width // 2 + 1 :].any()


@pytest.mark.slow
def test_a_pipeline_from_colour_to_grey() -> None:
    pipeline = Pipeline([{"convert": "rgb2gray"}, {"median": 3}, {"gradient": 3}],
                        width=LOW.width, height=LOW.height, channels=3)
    top = Top(BOARD, pipeline, LOW, ("box", "still"), photograph())
    shown = preview(BOARD, pipeline, LOW, top, frames=2)
    assert shown.passed, [check for check in shown.checks if not check.passed]
