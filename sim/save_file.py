"""A GTKWave save file beside a waveform: ports by bus, the place in the frame, the window."""

import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import NamedTuple

from vcd.gtkw import GTKWSave

from ..hdl.ports.interfaces import interfaces


__all__ = ["write_save_file"]

_PLACE = re.compile(r"\\?(o\.)?(frame|row|beat|count|place|inside|stored|address)\w*")
_WINDOW = re.compile(r"columns?(_\d+)?|border_\w+|own_\w+")


class _Variable(NamedTuple):
    scope: tuple[str, ...]
    name: str
    bits: int

    @property
    def path(self) -> str:
        """As GTKWave calls it."""
        span = f"[{self.bits - 1}:0]" if self.bits > 1 else ""
        return ".".join((*self.scope, self.name)) + span


def write_save_file(waves: Path) -> Path | None:
    """Write ``waves`` with the suffix ``.gtkw``, for a VCD file with the ports of a core in it.

    Returns
    -------
    :class:`~pathlib.Path` or ``None``
        The file; ``None`` where the waveform is of another kind, or has no such ports.
    """
    if waves.suffix != ".vcd":
        return None
    variables = list(_variables(waves))
    tops = [each.scope for each in variables if each.name == "aresetn"]
    if not tops:
        return None
    top = min(tops, key=len)
    ports = {each.name: each for each in variables if each.scope == top}
    groups = [(bus.name, [ports[port] for port in bus.ports.values()])
              for bus in interfaces(ports)]
    alone = [*(signals[0] for _, signals in groups if len(signals) == 1)]
    groups = [("clock, reset, interrupt", alone),
              *(group for group in groups if len(group[1]) > 1)]
    inner = [each for each in variables if len(each.scope) > len(top)]
    groups += [
        ("place in the frame", [each for each in inner if each.scope[-1] == "sequencer"
                                and _PLACE.fullmatch(each.name)]),
        ("window", [each for each in inner if _WINDOW.fullmatch(each.name)
                    and each.scope[-1] != "sequencer"]),
    ]
    text = StringIO()
    save = GTKWSave(text)
    save.dumpfile(str(waves.absolute()))
    for name, signals in groups:
        if signals:
            with save.group(name, closed=name == "window"):
                for each in signals:
                    save.trace(each.path)
    path = waves.with_suffix(".gtkw")
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def _variables(waves: Path) -> Iterator[_Variable]:
    """The variables that a VCD file declares."""
    scope: list[str] = []
    with waves.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            words = line.split()
            if words[:1] == ["$scope"]:
                scope.append(words[2])
            elif words[:1] == ["$upscope"]:
                scope.pop()
            elif words[:1] == ["$var"]:
                yield _Variable(tuple(scope), words[4], int(words[2]))
            elif words[:1] == ["$enddefinitions"]:
                return
