"""A folder to write to, known to be writable before the work starts."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


__all__ = ["output_folder"]


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
        with tempfile.TemporaryFile(dir=folder):
            pass
        yield
    except BaseException:
        for each in made:
            if each.is_dir() and not any(each.iterdir()):
                each.rmdir()
        raise
