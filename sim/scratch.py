"""Temporary folders, and disks that are full."""

import errno
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..model.errors import InputError


__all__ = ["lacks_space", "scratch"]

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


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
def scratch() -> Iterator[Path]:
    """Yield a temporary folder, which is removed in the end.

    Raises
    ------
    :exc:`InputError`
        If it cannot be made, or its disk is full.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="windrow-", ignore_cleanup_errors=True) as name:
            try:
                yield Path(name)
            except OSError as error:
                # numpy's has no number, and none that a write raises has a file's name.
                reason = lacks_space(Path(name))
                if not reason and error.errno not in _FULL:
                    raise
                raise _unusable(reason or error.strerror or str(error)) from None
    except FileNotFoundError as error:  # there is no usable one at all
        if error.filename is not None:
            raise
        raise InputError(f"temporary folder: {error.strerror}") from None


def _unusable(reason: str) -> InputError:
    return InputError(f"temporary folder {tempfile.gettempdir()!r}: {reason}: set TMPDIR to "
                      "another one")
