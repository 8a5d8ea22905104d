"""Compiled simulators, kept by what they were made of.

An entry is a folder under ``$XDG_CACHE_HOME/windrow`` (default ``~/.cache/windrow``) named by a
hash of all that went into it. It is made in a temporary folder beside its place and renamed, so
that runs side by side never see half an entry. A digest of its files lies in it: what a full disk,
a lost power supply or another user has made of an entry is made anew, and never run.
"""

import contextlib
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ..model.cache_home import cache_home, is_ours, temporary_cache_home
from .scratch import lacks_space


__all__ = ["entry", "folder", "home", "key"]

_KEPT_COUNT = 256
"""Simulators kept, each about 0.2 MB; the longest unused go first."""

_DRAFT_SECONDS = 3600
"""Age from which a draft is taken for one of a run that was killed. A build takes minutes."""

_DIGEST = ".digest"


def key(*parts: str) -> str:
    """Return the name of an entry made of ``parts``."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode()
        digest.update(b"%d:" % len(data))
        digest.update(data)
    return digest.hexdigest()[:32]


def home() -> Path:
    """Return the folder of all programs' caches.

    For ``$XDG_CACHE_HOME`` of YoWASP's tools, which keep there what they compile at their first
    start, and stop where they cannot.
    """
    return cache_home()


def folder() -> Path:
    """Return the cache folder; one that ends with the program where that cannot be used."""
    return cache_home() / "windrow"


def entry(kind: str, name: str, make: Callable[[Path], None]) -> Path:
    """Return an entry, made first where it is not there yet or not as it was made.

    Parameters
    ----------
    kind : :class:`str`
        The sub-folder.
    name : :class:`str`
        The entry, a :func:`key`.
    make : callable
        Fills the folder that it is given. If it raises, nothing is kept. It is called again, with
        another folder, where the cache's disk is full.
    """
    place = folder() / kind / name
    try:
        return _entry(place, make)
    except _Unusable:
        return _entry(temporary_cache_home() / "windrow" / kind / name, make)


class _Unusable(Exception):  # noqa: N818 - a reason to go elsewhere, not a failure
    """Nothing can be made in a cache."""


def _entry(place: Path, make: Callable[[Path], None]) -> Path:
    if _is_whole(place):
        # Its age is the time since its last use. Another user's cache may be read-only.
        with contextlib.suppress(OSError):
            os.utime(place)
        return place
    kept = temporary_cache_home() not in place.parents
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=place.parent))
    except OSError as error:
        raise _Unusable if kept else error from None
    try:
        try:
            make(draft)
            (draft / _DIGEST).write_text(_digest(draft))
        except Exception:
            if kept and lacks_space(draft):
                raise _Unusable from None
            raise
        if not _take_place(draft, place):
            raise _Unusable
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    with contextlib.suppress(OSError):
        _prune(place.parent)
    return place


def _take_place(draft: Path, place: Path) -> bool:
    """Give a draft its place, unless another run was faster, and say whether it is taken."""
    for _ in range(2):
        with contextlib.suppress(OSError):
            draft.rename(place)
        if _is_whole(place):
            return True
        with contextlib.suppress(OSError):
            aside = Path(tempfile.mkdtemp(prefix=".draft-", dir=place.parent))
            place.rename(aside / "damaged")
            shutil.rmtree(aside, ignore_errors=True)
    return False


def _is_whole(place: Path) -> bool:
    """Whether an entry is there, nobody else's, and as it was made."""
    try:
        return is_ours(place.parent) and (place / _DIGEST).read_text() == _digest(place)
    except (OSError, ValueError):
        return False


def _digest(place: Path) -> str:
    """Return a digest of the names, modes and contents of an entry's files.

    Raises
    ------
    :exc:`OSError`
        If one cannot be read, or may be another user's.
    """
    digest = hashlib.sha256()
    for path in [place, *sorted(place.rglob("*"))]:
        if not is_ours(path):
            raise PermissionError(None, "is open to other users", str(path))
        if path.is_file() and path.name != _DIGEST:
            head = f"{path.relative_to(place)} {path.stat().st_mode:o} {path.stat().st_size}\n"
            digest.update(head.encode(errors="surrogateescape"))
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _prune(kind: Path) -> None:
    """Drop the entries of a kind that have been unused for longest, and what killed runs left."""
    ages = sorted((path.stat().st_mtime, path) for path in kind.iterdir())
    entries = [path for _, path in ages if not path.name.startswith(".")]
    old = time.time() - _DRAFT_SECONDS
    drafts = [path for age, path in ages if path.name.startswith(".draft-") and age < old]
    for path in drafts + entries[:-_KEPT_COUNT]:
        shutil.rmtree(path, ignore_errors=True)
