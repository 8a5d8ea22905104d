"""``[FILTER] PICTURE...`` on the command line: a design, and what it is given to work on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from windrow.network_flags import is_network_file
from windrow.usage import UsageError


if TYPE_CHECKING:
    from windrow.sim.picture_reader import Array, Picture

__all__ = ["PICTURES", "filter_and_pictures", "open_pictures"]

PICTURES = "[FILTER] PICTURE..."


def is_design_file(name: str) -> bool:
    """Whether an argument is a design by its name alone."""
    return (name == "-" or is_network_file(name)
            or Path(name).suffix.lower() in (".toml", ".json"))


def filter_and_pictures(
    command: str, inputs: list[str], takes: str = PICTURES
) -> tuple[str | None, list[str]]:
    """Split the arguments of a command into a design's file, if there is one, and pictures."""
    files = [name for name in inputs if is_design_file(name)]
    if files and files != inputs[:1]:
        raise UsageError(f"filter file {files[-1]!r} must come first, and alone: {command} takes "
                         f"{takes}")
    pictures = inputs[len(files):]
    if not pictures and takes == PICTURES:
        raise UsageError(f"picture is missing: {command} takes {takes}, not "
                         + (f"{files[0]!r} alone" if files else "nothing"))
    return (files[0] if files else None), pictures


def open_pictures(
    names: list[str], keys: dict[str, Any]
) -> tuple[list[Path], Picture | Array, int]:
    """The files, the first one opened, and how many others in folders are passed over.

    The first picture's size and channels are the design's where ``keys`` do not say: they are
    written there.
    """
    from windrow.sim import pictures  # late: numpy and Pillow come with it

    sizes = ("width", "height", "channels")
    paths, passed_over = pictures.find(names)
    first = pictures.open_picture(paths[0], **{key: keys.get(key) for key in sizes})
    for key in sizes:
        keys.setdefault(key, getattr(first, key))
    return paths, first, passed_over
