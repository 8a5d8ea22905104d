"""Temporary folders, and disks that are full."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..model.errors import InputError


__all__ = ["lacks_space", "scratch"]


def lacks_space(folder: Path) -> str:
    """Return why nothing more can be written to a folder; an empty text if something can.

    Programs that fail on a full disk do not all say so. A block is enough to know.
    """
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(4096))
    except OSError as error:
        return error.strerror or str(error)
    return ""


@contextmanager
def scratch(place: str | None = None) -> Iterator[Path]:
    """Yield a temporary folder, which is removed in the end.

    Parameters
    ----------
    place : :class:`str`, optional
        The folder to make it in; the usual one for temporary files by default.

    Raises
    ------
    :exc:`InputError`
        If it cannot be made, or its disk is full.
    """
    with tempfile.TemporaryDirectory(
        prefix="windrow-", dir=place, ignore_cleanup_errors=True
    ) as name:
        try:
            yield Path(name)
        except OSError as error:
            # numpy's says no reason, and none that a write raises has a file's name.
            if reason := lacks_space(Path(name)):
                raise InputError(f"temporary folder {str(Path(name).parent)!r}: {reason}; TMPDIR "
                                 "chooses another") from error
            raise
