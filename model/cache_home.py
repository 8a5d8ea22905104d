"""Where programs keep what they can make again. Here because ``hdl`` and ``sim`` both need it."""

import atexit
import functools
import os
import shutil
import stat
import tempfile
from pathlib import Path


__all__ = ["cache_home", "is_ours", "temporary_cache_home"]


def cache_home() -> Path:
    """Return the folder of all programs' caches; a temporary one where that cannot be used.

    ``$XDG_CACHE_HOME`` where that is an absolute path (the XDG base directory specification has
    others ignored), else ``~/.cache``. What lies there is run. So it is passed over where it cannot
    be written, where every user can write to it, and where ``windrow`` in it is another user's.
    """
    chosen = os.environ.get("XDG_CACHE_HOME", "")
    # Stays as it is where there is neither $HOME nor an entry in the password file.
    home = Path(chosen if os.path.isabs(chosen) else os.path.expanduser("~/.cache"))
    folder = home / "windrow"
    try:
        if not home.is_absolute():
            return temporary_cache_home()
        home.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        if not is_ours(folder) or any(map(_is_open, folder.resolve().parents)):
            return temporary_cache_home()
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"windrow")
    except OSError:
        return temporary_cache_home()
    return home


@functools.cache
def temporary_cache_home() -> Path:
    """Return a folder that is removed as the program ends."""
    path = Path(tempfile.mkdtemp(prefix="windrow-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def is_ours(path: Path) -> bool:
    """Whether nobody but this user and root can have made or changed a file or a folder.

    Raises
    ------
    :exc:`OSError`
        If it is not there.
    """
    found = path.lstat()
    return found.st_uid in (0, os.geteuid()) and not found.st_mode & stat.S_IWOTH


def _is_open(folder: Path) -> bool:
    """Whether every user can replace what lies in a folder."""
    mode = folder.stat().st_mode
    return bool(mode & stat.S_IWOTH) and not mode & stat.S_ISVTX
