"""What the cache takes for a whole entry of its own, and where it goes when it cannot be used."""

import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from windrow.model import cache_home
from windrow.sim import cache


def fill(folder: Path) -> None:
    (folder / "program").write_bytes(bytes(5000))
    (folder / "program").chmod(0o755)


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return cache.entry("kind", "name", fill)


def replace_by_file(place: Path) -> None:
    shutil.rmtree(place)
    place.write_text("")


def cut_other(place: Path) -> None:
    (place / "program").write_bytes(b"\1" + bytes(4999))


@pytest.mark.parametrize("damage", [
    lambda place: os.truncate(place / "program", 1000),
    lambda place: os.truncate(place / "program", 0),
    lambda place: (place / "program").unlink(),
    lambda place: (place / "program").chmod(0o644),
    lambda place: (place / "program").chmod(0o757),
    lambda place: (place / ".digest").unlink(),
    lambda place: (place / "more").write_text(""),
    cut_other, replace_by_file,
], ids=["cut", "empty", "missing", "not-executable", "open", "no-digest", "more", "changed",
        "file"])
def test_a_damaged_entry_is_made_again(damage: Callable[[Path], object], place: Path) -> None:
    damage(place)
    made = []

    def make(folder: Path) -> None:
        made.append(folder)
        fill(folder)

    for _ in range(2):
        assert cache.entry("kind", "name", make) == place
        assert (place / "program").read_bytes() == bytes(5000)
        assert os.access(place / "program", os.X_OK)
    assert len(made) == 1
    assert [path.name for path in place.parent.iterdir()] == ["name"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_another_users_entry_is_not_used(place: Path) -> None:
    for path in (place / "program", place):
        os.chown(path, 54321, 54321)
    new = cache.entry("kind", "name", fill)
    assert new == place
    assert {path.stat().st_uid for path in (new, *new.iterdir())} == {0}

    os.chown(place.parent.parent, 54321, 54321)  # the whole cache
    new = cache.entry("kind", "name-in-another-users-cache", fill)
    assert place.parent.parent not in new.parents


@pytest.mark.parametrize("mode, used", [(0o755, True), (0o1777, True), (0o777, False)])
def test_a_place_where_all_can_rename_is_not_used(
    mode: int, used: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(mode)
    monkeypatch.setenv("XDG_CACHE_HOME", str(home))
    assert (cache.home() == home) == used


def test_a_relative_place_is_ignored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cache.home() == tmp_path / "home" / ".cache"
    assert not (tmp_path / "here").exists()


def test_without_a_home_the_cache_is_temporary(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)  # as with no password entry
    assert cache.home() == cache_home.temporary_cache_home()
    assert list(tmp_path.iterdir()) == []


def test_a_full_cache_is_left_for_a_temporary_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(cache, "lacks_space",
                        lambda folder: "full" if tmp_path in folder.parents else "")

    def make(folder: Path) -> None:
        if tmp_path in folder.parents:
            raise RuntimeError("a compiler's own words")
        fill(folder)

    new = cache.entry("kind", "name-on-a-full-disk", make)
    assert cache_home.temporary_cache_home() in new.parents
    assert list((tmp_path / "windrow" / "kind").iterdir()) == []


def test_drafts_of_killed_runs_go(place: Path) -> None:
    old, new = place.parent / ".draft-old", place.parent / ".draft-new"
    for draft in (old, new):
        draft.mkdir()
        (draft / "file").write_text("")
    os.utime(old, (time.time() - 7200,) * 2)
    cache.entry("kind", "another", fill)
    assert not old.exists()
    assert new.exists()


def test_the_digest_knows_names_that_are_no_text(place: Path) -> None:
    if sys.platform == "darwin":
        pytest.skip("its file systems know none")

    def make(folder: Path) -> None:
        Path(os.fsdecode(os.fsencode(folder) + b"/\xff")).write_text("x")

    assert cache.entry("kind", "bytes", make) == cache.entry("kind", "bytes", make)
