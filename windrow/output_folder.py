"""A folder to write to, known to be writable before the work starts."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


__all__ = ["UNFINISHED", "output_folder", "work_folder"]

UNFINISHED = "UNFINISHED"
"""File in the folder of a build that has not come to its end."""


@contextmanager
def output_folder(folder: Path) -> Iterator[None]:
    """Make ``folder`` where it is not there; if the block fails, remove what was made.

    Raises
    ------
    :exc:`OSError`
        If it cannot be made or written.
    """
    made = [each for each in (folder, *folder.absolute().parents) if not each.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _try_to_write(folder)
        yield
    except BaseException:
        for each in made:
            if each.is_dir() and not any(each.iterdir()):
                each.rmdir()
        raise


def _try_to_write(folder: Path) -> None:
    """Make a file without a name, whose error tells of the folder."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(folder)) from None


@contextmanager
def work_folder(folder: Path) -> Iterator[None]:
    """As :func:`output_folder`, for files that are made one by one and kept where a step fails.

    The file :data:`UNFINISHED` is there until the block has ended without an error. Where it is
    interrupted, a folder that was made for it is removed with all that it holds.

    Raises
    ------
    :exc:`OSError`
        If it cannot be made or written.
    """
    is_new = not folder.exists()
    with output_folder(folder):
        mark = folder / UNFINISHED
        mark.write_text("This build runs, or did not come to its end: some of these files may be "
                        "cut off, or those of an earlier one.\n")
        try:
            yield
        except BaseException as error:
            if is_new and not isinstance(error, Exception):
                shutil.rmtree(folder, ignore_errors=True)
            elif [path.name for path in folder.iterdir()] == [UNFINISHED]:
                mark.unlink()
            raise
        mark.unlink()
