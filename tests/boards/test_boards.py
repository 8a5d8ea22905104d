"""Every board as far as a design for its platform; the rest is a build, and slow."""

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from windrow.boards.board import Board, DVIPins
from windrow.boards.catalogue import BOARDS, board
from windrow.boards.serial_top import SerialTop
from windrow.boards.top import Top, mode
from windrow.boards.video.timing import TIMINGS
from windrow.model import Filter, InputError
from windrow.synth.board import FAMILIES, MARGIN, TOP, build_board, design_files


SCREENS = [each for each in BOARDS.values() if each.modes]
CASES = [(each, name) for each in SCREENS for name in each.modes]
# One of each maker and device; the others differ in size.
QUICK = [each.name for each in SCREENS if not each.name.startswith("ulx3s") or "25" in each.name]
PICTURE = np.random.default_rng(5).integers(0, 256, (48, 64, 3), np.uint8)

# Of the boards that are not in amaranth-boards: the pins of blue, green, red and the clock.
PINS = {
    "tang-nano-20k": ("35 36", "37 38", "39 40", "33 34"),
    "colorlight-i5": ("G19 H20", "E20 F19", "C20 D19", "J19 K19"),
}

# 1BitSquared's icebreaker-pmod, dvi-12bit/icebreaker.pcf.
PMOD = {"clk": [38], "hs": [31], "vs": [28], "de": [32],
        "d": [34, 36, 42, 43, 44, 45, 46, 47, 48, 2, 3, 4]}


def top(of: Board, name: str) -> Top:
    """What is built for a board."""
    timing = mode(of, name)
    filter = Filter.from_dict({**of.filter, "width": timing.width, "height": timing.height})
    return Top(of, filter, timing, ["pattern"], PICTURE)


@cache
def design(name: str) -> dict[str, str]:
    """The files of a board's first mode."""
    of = BOARDS[name]
    made = top(of, of.modes[0])
    return design_files(made, made.platform, of.family)


@pytest.mark.parametrize(("of", "name"), CASES, ids=lambda case: getattr(case, "name", case))
def test_every_mode_has_a_top(of: Board, name: str) -> None:
    made = top(of, name)
    assert TIMINGS[name].accepts(made.frequency)
    for resource, number in (("uart", 0), *of.buttons, *([of.led] if of.led else [])):
        assert made.platform.lookup(resource, number)


@pytest.mark.parametrize("name", QUICK)
def test_every_board_becomes_a_design_with_each_pin_once(name: str) -> None:
    of, files = BOARDS[name], design(name)
    constraints = f"{TOP}.{FAMILIES[of.family].constraints}"
    assert set(files) == {f"{TOP}.il", constraints}
    assert r"module \top" in files[f"{TOP}.il"]
    pattern = {"ecp5": r'LOCATE COMP "\S+" SITE "(\w+)"', "ice40": r"set_io \S+ (\w+)",
               "gowin": r'IO_LOC "\S+" (\w+)'}[of.family]
    sites = re.findall(pattern, files[constraints])
    assert len(sites) == len(set(sites))
    # Clock, UART, light, buttons, and at least four pins or pairs of the picture.
    assert len(sites) >= 1 + 2 + 1 + len(of.buttons) + 4


@pytest.mark.slow
@pytest.mark.parametrize(("of", "name"), CASES, ids=lambda case: getattr(case, "name", case))
def test_every_mode_becomes_a_design(of: Board, name: str) -> None:
    made = top(of, name)
    assert design_files(made, made.platform, of.family)


@pytest.mark.parametrize("name", PINS)
def test_pairs_are_on_the_published_pins(name: str) -> None:
    socket = BOARDS[name].platform().lookup("hdmi").ios
    pairs = {io.name: io.ios[0] for io in socket}
    data, clock = pairs["d"], pairs["clk"]
    found = [*zip(data.p.names, data.n.names, strict=True), (clock.p.names[0], clock.n.names[0])]
    assert tuple(f"{p} {n}" for p, n in found) == PINS[name]


def test_the_pmod_is_on_the_published_pins() -> None:
    text = design("icebreaker")[f"{TOP}.pcf"]
    for name, pins in PMOD.items():
        found = re.findall(rf"set_io dvi_0__{name}__io\S* (\d+)", text)
        assert [int(pin) for pin in found] == pins, name


def test_gowin_outputs_cannot_be_switched_off() -> None:
    """gowin_pack sets a bank's voltage up by its OBUF alone."""
    for name in ("tang-nano-9k", "tang-nano-20k"):
        text = design(name)[f"{TOP}.il"]
        assert not re.search(r"cell \\\w*TBUF ", text)
        assert len(re.findall(r"cell \\OBUF ", text)) == 2  # UART and light
        pair = "TLVDS_OBUF" if name == "tang-nano-20k" else "ELVDS_OBUF"
        assert len(re.findall(rf"cell \\{pair} ", text)) == 4


@pytest.mark.parametrize("of", BOARDS.values(), ids=lambda of: of.name)
def test_what_is_unchecked_is_said_in_sentences(of: Board) -> None:
    assert of.unchecked
    for sentence in of.unchecked:
        assert re.fullmatch(r"[A-Z].*\.", sentence), sentence
    assert isinstance(of.video, DVIPins) or of.family != "gowin"


def test_unknown_boards_and_modes_are_refused() -> None:
    with pytest.raises(InputError, match=r"board 'tang-nano-9' is not known; .*tang-nano-9k"):
        board("tang-nano-9")
    with pytest.raises(InputError, match=r"mode '1280x720p60' is none of icebreaker"):
        mode(board("icebreaker"), "1280x720p60")


@pytest.mark.slow
def test_the_smallest_board_is_built(tmp_path: Path) -> None:
    of = BOARDS["icebreaker"]
    made = top(of, of.modes[0])
    built = build_board(made, made.platform, of.family, made.frequency, tmp_path)
    assert built.bitstream.stat().st_size > 10_000
    assert built.margin >= MARGIN
    assert built.used["DSPs"] == (8, 8)


def test_the_pins_of_a_gatemate_board() -> None:
    of = BOARDS["gatemate-evb"]
    made = SerialTop(of, Filter.from_dict({**of.filter}))
    text = design_files(made, made.platform, of.family)[f"{TOP}.ccf"]
    assert {port: rest for port, *rest in re.findall(
        r'^NET "(\w+)" Loc = "(\w+)"(.*);$', text, re.MULTILINE)} == {
            "clk10_0__io": ["IO_SB_A8", " | SCHMITT_TRIGGER=true"],
            "uart_0__rx__io": ["IO_EA_B4", ""], "uart_0__tx__io": ["IO_EA_A4", ""]}
