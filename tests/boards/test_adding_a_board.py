"""The guide to a board of one's own, followed: its file is all that is needed."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from preview_bench import SHARPEN, need_tools, photograph
from preview_timings import LOW

from windrow.boards import catalogue
from windrow.boards.board import Still
from windrow.boards.top import Top
from windrow.cli import main
from windrow.model import Filter, InputError
from windrow.synth.preview import preview
from windrow.synth.sites import check_pins


GUIDE = Path(__file__).resolve().parents[2] / "docs" / "adding_a_board.md"
LINES = 60


def source() -> str:
    found = re.search(r"^```python\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The guide's file."""
    file = tmp_path / "tang_primer_20k.py"
    file.write_text(source())
    return file


def test_it_is_short() -> None:
    assert len(source().splitlines()) < LINES


def test_it_is_shown(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["boards", str(path)]) == 0
    out = capsys.readouterr().out
    assert re.search(r"^device +Sipeed Tang Primer 20K", out, re.M)
    assert catalogue.board(str(path)).unchecked[0] in out
    assert "tang-primer-20k" not in catalogue.BOARDS


@pytest.mark.slow
def test_its_screen_is_right(path: Path) -> None:
    need_tools()
    board = replace(catalogue.board(f"{path}:tang-primer-20k"),
                    still=Still(scale=40, pixel_format="rgb565"))
    assert check_pins(board).endswith("4 pairs are pairs, positive side first")
    filter_ = Filter(**SHARPEN, width=LOW.width, height=LOW.height)
    top = Top(board, filter_, LOW, ("box",), photograph())
    shown = preview(board, filter_, LOW, top, frames=1)
    assert shown.passed, shown.checks


@pytest.mark.parametrize(("text", "message"), [
    ("x = 1", "must hold BOARDS, a tuple of windrow.boards.board.Board, not None"),
    ("BOARDS = 3", "must hold BOARDS, a tuple of windrow.boards.board.Board, not 3"),
    ("BOARDS = ()", r"must hold BOARDS, .*, not \(\)"),
    ("import nothing_at_all", "cannot be loaded: ModuleNotFoundError: No module named"),
    ("def", "cannot be loaded: SyntaxError: invalid syntax"),
    ("raise SystemExit(3)", "cannot be loaded: SystemExit: 3"),
    (None, "there is no such file"),
    ("{source}; BOARDS += (replace(BOARDS[0], name='other'),)",
     r"holds several; give \S+:NAME, with one of tang-primer-20k, other"),
    ("{source}; replace(BOARDS[0], family='ecp6')", "family 'ecp6' is not known; did you mean"),
    ("{source}; replace(BOARDS[0], modes=('640x480',))", "mode '640x480' is not known; did you"),
    ("{source}; replace(BOARDS[0], video=None)", "modes and video go together"),
    ("{source}; replace(BOARDS[0], name='../x')", r"board name '\.\./x' must be small letters"),
])
def test_a_file_that_is_no_board(text: str | None, message: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    if text is not None:
        path.write_text(text.replace("{source}", source() + "from dataclasses import replace"))
    with pytest.raises(InputError, match=message):
        catalogue.board(str(path))


@pytest.mark.slow
def test_it_builds(path: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["build", str(path), "--mode", "1280x720p60", "-o", str(out)]) == 0
    assert (out / "top.fs").stat().st_size > 100_000
