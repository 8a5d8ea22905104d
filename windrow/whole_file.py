"""Output files that are there whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


__all__ = ["whole_file"]


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path`` to write to; it becomes ``path`` if the block succeeds.

    Missing folders are made on entry, so that an unwritable place is known before the work starts;
    if the block fails, they and the temporary file are removed again.

    Raises
    ------
    :exc:`OSError`
        If the folder cannot be made or written, or ``path`` is a folder.
    """
    if path.is_dir():
        raise IsADirectoryError(None, "is a folder, not a file", str(path))
    made = [folder for folder in path.absolute().parents if not folder.exists()]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # In a folder of its own, the file may keep its name: some writers go by the suffix.
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".windrow-") as scratch:
            temporary = Path(scratch, path.name)
            yield temporary
            os.replace(temporary, path)
    except BaseException:
        for folder in made:
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
        raise
