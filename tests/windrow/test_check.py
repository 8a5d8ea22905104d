"""`windrow generate --check`: whether files are as they were generated."""

import json
from pathlib import Path

import pytest

from windrow.cli import main


DESIGN = ["--kernel", "sobel-x", "--size", "24x16", "--name", "e"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert main(["generate", *DESIGN, "-o", str(tmp_path), "-q"]) == 0
    return tmp_path


def check(capsys: pytest.CaptureFixture[str], *argv: object) -> tuple[int, str]:
    capsys.readouterr()
    status = main(["generate", "--check", "-q", *map(str, argv)])
    caught = capsys.readouterr()
    return status, caught.out + caught.err


def test_files_as_they_were(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert check(capsys, *DESIGN, "-o", folder) == (
        0, "unedited: all 3 files are as this command writes them\n")
    for file in ("e.v", "e.json"):
        assert check(capsys, folder / file) == (
            0, "unedited: all 2 files are as they were generated\n")
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_an_edited_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "e.v"
    path.write_text(path.read_text().replace("\n", "\r\n", 1), newline="")
    for argv, count in (([*DESIGN, "-o", folder], 3), ([path], 2)):
        status, said = check(capsys, *argv)
        assert (status, said.startswith(f"1 of {count} files are not as ")) == (1, True)
        assert f"{path} (edited)" in said
    assert main(["generate", "--check", str(path), "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == {
        "unedited": False, "checked": 2, "differing": [{"file": str(path), "state": "edited"}]}


def test_a_missing_file_and_one_of_another_design(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "e.core").unlink()
    status, said = check(capsys, *DESIGN, "--shift", "1", "-o", folder)
    assert status == 1
    assert f"{folder / 'e.v'} (made otherwise)" in said
    assert f"{folder / 'e.core'} (missing)" in said


def test_nothing_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, said = check(capsys, *DESIGN, "-o", tmp_path / "new")
    assert (status, "3 of 3 files" in said) == (1, True)
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, said = check(capsys, tmp_path / "none.v")
    assert (status, said.count("\n")) == (2, 1)
    assert "is no manifest that lists files" in said
    assert check(capsys, *DESIGN, "-o", "-")[0] == 2
