"""Every PLL setting, worked out again from the parameters of its cell."""

from typing import Any

import pytest

from windrow.boards.board import Board, DVIPins
from windrow.boards.catalogue import BOARDS
from windrow.boards.clocks import CLOCKS
from windrow.boards.video.timing import TIMINGS
from windrow.model import InputError


CASES = [(board, name) for board in BOARDS.values() for name in board.modes]

# Hertz: of the phase detector, the VCO, and the outputs. Sources: FPGA-DS-02012, table 3.28; DS117,
# table 3-24, and DS226, table 4-30, of which the tighter; FPGA-DS-02008, table 4.20.
LIMITS = {
    "ecp5": ((3.125e6, 400e6), (400e6, 800e6), 400e6),
    "gowin": ((3e6, 400e6), (500e6, 1200e6), 600e6),
    "ice40": ((10e6, 133e6), (533e6, 1066e6), 275e6),
}


def pll(board: Board, mode: str) -> tuple[Any, dict[str, Any], float]:
    """A board's clocks, the parameters of the PLL that they are from, and its reference."""
    platform = board.platform()
    pin = platform.request(platform.default_clk, dir="-")
    reference = platform.default_clk_frequency
    clocks = CLOCKS[board.family](
        pin, reference, TIMINGS[mode], shift=isinstance(board.video, DVIPins))
    module: Any = clocks.elaborate(platform)
    parameters = {name: getattr(value, "value", value)
                  for name, value in module.submodules.pll.parameters.items()}
    return clocks, parameters, reference


@pytest.mark.parametrize(("board", "mode"), CASES, ids=lambda case: getattr(case, "name", case))
def test_the_clocks_are_those_of_the_cell(board: Board, mode: str) -> None:
    clocks, of, reference = pll(board, mode)
    detector, oscillator, most = LIMITS[board.family]
    if board.family == "ecp5":
        assert all(1 <= of[f"{name}_DIV"] <= 128 for name in ("CLKI", "CLKOP", "CLKOS", "CLKOS2"))
        assert 1 <= of["CLKFB_DIV"] <= 80
        phase = reference / of["CLKI_DIV"]
        vco = phase * of["CLKFB_DIV"] * of["CLKOP_DIV"]  # CLKOP is what is fed back
        outputs = [vco / of["CLKOP_DIV"], vco / of["CLKOS_DIV"]]
        pixel, shift = vco / of["CLKOS2_DIV"], outputs[1]
    elif board.family == "gowin":
        assert 0 <= of["IDIV_SEL"] <= 63
        assert 0 <= of["FBDIV_SEL"] <= 63
        assert of["ODIV_SEL"] in (2, 4, 8, 16, 32, 48, 64, 80, 96, 112, 128)
        assert float(of["FCLKIN"]) * 1e6 == reference
        assert of["DEVICE"] == board.platform().family
        phase = reference / (of["IDIV_SEL"] + 1)
        shift = phase * (of["FBDIV_SEL"] + 1)
        vco, pixel, outputs = shift * of["ODIV_SEL"], shift / 5, [shift]
    else:
        assert of["FEEDBACK_PATH"] == "SIMPLE"
        assert 0 <= of["DIVR"] <= 15
        assert 0 <= of["DIVF"] <= 127
        assert 1 <= of["DIVQ"] <= 6
        phase = reference / (of["DIVR"] + 1)
        vco = phase * (of["DIVF"] + 1)
        pixel = vco / 2 ** of["DIVQ"]
        shift, outputs = 5 * pixel, [pixel]
        # Bounds as in icestorm's icepll, in MHz.
        bounds = (0, 17, 26, 44, 66, 101, 133)
        setting = of["FILTER_RANGE"]
        assert bounds[setting - 1] <= phase / 1e6 < bounds[setting]
    assert detector[0] <= phase <= detector[1]
    assert oscillator[0] <= vco <= oscillator[1]
    assert max(outputs) <= most
    assert pixel == pytest.approx(clocks.frequency)
    assert shift == pytest.approx(5 * pixel)
    assert abs(pixel / TIMINGS[mode].pixel_clock - 1) <= 0.005  # VESA's tolerance


def test_icebreaker_has_the_setting_that_icepll_finds() -> None:
    """The nearest to 25.175 MHz of 12 MHz, by the search in icestorm's ``icepll.cc``."""
    clocks, of, _ = pll(BOARDS["icebreaker"], "640x480p60")
    assert clocks.frequency == 25.125e6
    names = ("DIVR", "DIVF", "DIVQ", "FILTER_RANGE")
    assert [of[name] for name in names] == [0, 66, 5, 1]


@pytest.mark.parametrize("family", CLOCKS)
def test_a_clock_that_cannot_be_made_is_refused(family: str) -> None:
    with pytest.raises(InputError, match=r"no PLL setting makes 1280x720p60's 74.25 MHz of 1 MHz"):
        CLOCKS[family](None, 1e6, TIMINGS["1280x720p60"], shift=False)
