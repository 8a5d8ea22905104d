"""What to know of a board while it runs: its wires, buttons, light and commands, from its platform
and from what is built."""

from collections.abc import Sequence
from typing import Any

from amaranth.build import ResourceError

from ..hdl.network.planned import PlannedNetwork
from ..model import Filter, InputError, Pipeline
from .board import Board
from .kernel_choice import default_choices
from .panel import BAUD, BUTTONS


__all__ = ["CAMERA_WIRES", "operation", "pin_sites", "wiring"]

CAMERA_WIRES = (
    ("3V3, GND", "to 3.3 V and GND of the board; the module makes its other voltages itself"),
    ("PWDN", "to GND: high, it switches the camera off"),
    ("RESET", "to 3.3 V: low, it resets the camera"),
    ("SCL, SDA", "the FPGA's pull-ups are weak: 4.7 kOhm to 3.3 V each, if the module has none"),
)
"""Pins of a camera module that do not go to the FPGA, and what else it needs."""

_MODULE_PINS = {"scl": "SCL (SIOC)", "sda": "SDA (SIOD)"}


def pin_sites(platform: Any, resource: str, number: int = 0) -> list[tuple[str, str, str]]:
    """Each pin of a resource: its name, the connector's pin or "", and the FPGA's site.

    A differential pair has two, ``name.p`` and ``name.n``; of several bits each has its number.

    Raises
    ------
    :exc:`InputError`
        If the platform has no such resource, or a connector has no such pin.
    """
    found: list[tuple[str, str, str]] = []

    def walk(each: Any, name: str) -> None:
        first = each.ios[0]
        if hasattr(first, "ios"):
            for part in each.ios:
                walk(part, f"{name}.{part.name}" if name else part.name)
            return
        sides = {".p": first.p, ".n": first.n} if hasattr(first, "p") else {"": first}
        for side, pins in sides.items():
            mapped = pins.map_names(platform._conn_pins, each)
            for bit, (written, site) in enumerate(zip(pins.names, mapped, strict=True)):
                index = f"[{bit}]" if len(pins) > 1 else ""
                header = written.replace("_", " ").replace(":", " pin ") if ":" in written else ""
                found.append((f"{name}{index}{side}", header, site))

    try:
        walk(platform.lookup(resource, number), "")
    except (ResourceError, NameError) as error:
        raise InputError(f"the platform of the board: {error}") from None
    return found


def wiring(board: Board) -> list[tuple[str, str, str]]:
    """The camera's wires: pin of the module, pin of the header, site of the FPGA; empty without a
    header."""
    if board.camera is None:
        return []
    return [(_MODULE_PINS.get(name, name.upper().replace("[", "").replace("]", "")), header, site)
            for name, header, site in pin_sites(board.platform(), board.camera)]


def operation(
    board: Board, filter: Filter | Pipeline | PlannedNetwork, sources: Sequence[str], *,
    sites: bool = False,
) -> list[tuple[str, str]]:
    """What the buttons, the light and a terminal do on a board with a screen.

    Parameters
    ----------
    board, filter, sources
        What is built: see :class:`~.top.Top`.
    sites : :class:`bool`
        Whether to say which sites of the FPGA they are at.
    """
    platform = board.platform()

    def at(name: str, number: int) -> str:
        return f" ({pin_sites(platform, name, number)[0][2]})" if sites else ""

    kernels = [choice.name for choice in default_choices(filter)]
    if not kernels and isinstance(filter, Filter) and filter.registers:
        kernels = ["filter", "bypass"]
    what = "settings" if isinstance(filter, Pipeline) else "kernels"
    rows = []
    if board.buttons:
        rows.append(("buttons", ", ".join(
            f"{_label(board, name, number)}{at(name, number)} "
            f"{does.replace('kernel', what.removesuffix('s'))}"
            for (name, number), does in zip(board.buttons, BUTTONS, strict=False)
            if kernels or does != BUTTONS[0])))
    if board.led is not None:
        name, number = board.led
        rows.append(("light", f"{name.replace('_', ' ')} {number}{at(name, number)}: on while "
                              "there is a picture"))
    takes = (f"k1 takes {what.removesuffix('s')} 1, s1 source 1" if kernels else
             "s1 takes source 1")
    rows.append(("terminal", f"{BAUD} baud, 8N1, a line a command, numbers in hexadecimal: "
                             f"{takes}, p140 moves the split line to column 320"))
    if isinstance(filter, PlannedNetwork):
        return [*rows, ("sources", _numbered("s", sources))]
    rows.append((what, _numbered("k", kernels) or _fixed(filter)))
    rows.append(("sources", _numbered("s", sources)))
    return rows


def _fixed(filter: Filter | Pipeline) -> str:
    """Why nothing can be changed."""
    if isinstance(filter, Filter):
        return "the filter's alone; without a register port it cannot be changed"
    if filter.parameters and not filter.registers:
        return "parameters are constants without control = 'axi4-lite'"
    return "none: it has no parameters"


def _numbered(letter: str, names: Sequence[str]) -> str:
    return ", ".join(f"{letter}{number:X} {name}" for number, name in enumerate(names))


def _label(board: Board, name: str, number: int) -> str:
    """A button's name on the board: FIRE1, LEFT, or button 0 where it has none of its own."""
    word = name.removeprefix("button").strip("_").upper()
    if not word:
        return f"button {number}"
    several = sum(other == name for other, _ in board.buttons) > 1
    return f"{word}{number + 1}" if several else word
