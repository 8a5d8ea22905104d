"""Completion at the tab key, by argcomplete.

bash and zsh call `windrow` for it once ``eval "$(register-python-argcomplete windrow)"`` was run.
"""

from collections.abc import Mapping

import argcomplete
from argcomplete.completers import ChoicesCompleter, FilesCompleter

from windrow.names import (
    BOARDS,
    DESIGNS,
    DEVICES,
    ENGINES,
    FAMILIES,
    KERNELS,
    NETLISTS,
    PRESETS,
    STRATEGIES,
)
from windrow.parser import Parser


__all__ = ["complete"]

#: By the argument's destination; one command's own after its name.
CHOICES = {
    "key_kernel": KERNELS,
    "key_preset": PRESETS,
    "board": BOARDS,
    "strategy": STRATEGIES,
    "engine": ENGINES,
    "netlist": NETLISTS,
    "kernels name": KERNELS,
    "presets name": PRESETS,
    "designs name": DESIGNS,
    "generate target": FAMILIES,
    "report target": FAMILIES,
    "plan target": (*DEVICES, *FAMILIES),
    "synth target": DEVICES,
    "explore target": DEVICES,
}


def complete(parser: Parser, commands: Mapping[str, Parser]) -> None:
    """Print what may come next, and end the process."""
    for command, each in commands.items():
        for action in each._actions:
            names = CHOICES.get(f"{command} {action.dest}", CHOICES.get(action.dest))
            action.completer = (  # type: ignore[attr-defined]
                ChoicesCompleter(dict.fromkeys(names, "")) if names else FilesCompleter())
    argcomplete.autocomplete(parser)
