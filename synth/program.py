"""Putting a bitstream onto a board that is connected: openFPGALoader."""

import re
from pathlib import Path

from ..sim import children, tools
from .board import FAMILIES, TOP


__all__ = ["bitstream_name", "program"]

# What openFPGALoader says, and what it means. Its exit status is 1 for all of them.
_CAUSES = (
    (tools.LIBRARY_MISSING.pattern, "a library that it needs is missing; on Debian or Ubuntu: "
     "sudo " + tools.LOADER_LIBRARIES),
    (r"(?i)permission denied|access denied|insufficient permissions|LIBUSB_ERROR_ACCESS",
     "this user may not use the cable's USB device: a udev rule allows it (docs/boards.md)"),
    (r"(?i)unable to open|device not found|no cable|no such device|can't find|cannot find"
     r"|no device|not found|jtag init failed",
     "no board answers: is it connected, by a cable that carries data, and switched on?"),
)


def bitstream_name(family: str) -> str:
    """Name of the file that a build for a device family makes."""
    return f"{TOP}.{FAMILIES[family].bitstream}"


def program(board: str, bitstream: Path, *, flash: bool = False) -> None:
    """Load a bitstream, and show what openFPGALoader prints meanwhile if it succeeds.

    Parameters
    ----------
    board : :class:`str`
        The board's name for openFPGALoader.
    bitstream : :class:`~pathlib.Path`
        The file.
    flash : :class:`bool`
        Write it to the flash memory, instead of the device's own, which forgets it.

    Raises
    ------
    :exc:`~windrow.sim.tools.MissingTool`
        If there is no openFPGALoader.
    :exc:`~windrow.sim.tools.ToolError`
        If it fails; the message says what is most likely the matter, and what it said.
    """
    command = [tools.loader(), "-b", board, *(["--write-flash"] if flash else []), str(bitstream)]
    done = children.run(command)
    if done.returncode == 0:
        return
    said = [line.strip() for line in (done.stderr + done.stdout).splitlines()
            if line.strip() and line.strip() != "empty"]
    complaint = said[0] if said else f"exit status {done.returncode}"
    cause = next((text for pattern, text in _CAUSES if any(re.search(pattern, line)
                                                           for line in said)), "")
    raise tools.ToolError(
        "openFPGALoader fails: " + (f"{cause} " if cause else "") + f"(it says: {complaint})")
