"""Compiled simulators, kept by what they were made of.

An entry is a folder under ``$XDG_CACHE_HOME/windrow`` (default ``~/.cache/windrow``) named by a
hash of all that went into it. It is made in a temporary folder beside its place and renamed, so
that runs side by side never see half an entry.
"""

import atexit
import contextlib
import functools
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path


__all__ = ["entry", "folder", "home", "key"]

_KEPT_COUNT = 256
"""Simulators kept, each about 0.2 MB; the longest unused go first."""


def key(*parts: str) -> str:
    """Return the name of an entry made of ``parts``."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode()
        digest.update(b"%d:" % len(data))
        digest.update(data)
    return digest.hexdigest()[:32]


@functools.cache
def _temporary() -> Path:
    path = Path(tempfile.mkdtemp(prefix="windrow-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def folder() -> Path:
    """Return the cache folder; one that ends with the program where that cannot be written."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    path = Path(home) / "windrow"
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            return path
    except OSError:
        return _temporary()


def home() -> Path:
    """Return the folder of all programs' caches; as :func:`folder` where that cannot be written.

    For ``$XDG_CACHE_HOME`` of YoWASP's tools, which keep there what they compile at their first
    start, and stop where they cannot.
    """
    path = folder()
    return path.parent if path.name == "windrow" else path


def _prune(kind: Path) -> None:
    """Drop the entries of a kind that have been unused for longest."""
    entries = sorted(
        (path for path in kind.iterdir() if not path.name.startswith(".")),
        key=lambda path: path.stat().st_mtime,
    )
    for path in entries[:-_KEPT_COUNT]:
        shutil.rmtree(path, ignore_errors=True)


def entry(kind: str, name: str, make: Callable[[Path], None]) -> Path:
    """Return an entry, made first where it is not there yet.

    Parameters
    ----------
    kind : :class:`str`
        The sub-folder.
    name : :class:`str`
        The entry, a :func:`key`.
    make : callable
        Fills the folder that it is given. If it raises, nothing is kept.
    """
    place = folder() / kind / name
    if place.is_dir():
        # Its age is the time since its last use. Another user's cache may be read-only.
        with contextlib.suppress(OSError):
            os.utime(place)
        return place
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=place.parent))
    try:
        make(draft)
        try:
            draft.rename(place)
        except OSError:
            if not place.is_dir():  # else another run was faster, and made the same
                raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    with contextlib.suppress(OSError):
        _prune(place.parent)
    return place
