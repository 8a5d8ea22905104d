"""The packages that read network files: extras, imported late."""

import importlib
from pathlib import Path
from typing import Any

from ....distribution import missing
from ...errors import InputError


__all__ = ["package", "read_file"]

#: The greatest size of a network file, in bytes.
LARGEST_FILE = 1 << 28


def package(name: str) -> Any:
    """A module of an extra package.

    Raises
    ------
    :exc:`~windrow.model.errors.InputError`
        If it is not installed; the message ends with the line that installs it.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise InputError(missing(error) or str(error)) from error


def read_file(path: str | Path) -> bytes:
    """The content of a network file."""
    source = f"network file {str(path)!r}"
    try:
        with open(path, "rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:  # ValueError: no file can have such a name
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{source} cannot be read: {reason}") from error
    if len(content) > LARGEST_FILE:
        raise InputError(f"{source} is too large; at most {LARGEST_FILE >> 20} MiB are read")
    if not content:
        raise InputError(f"{source} is empty")
    return content
