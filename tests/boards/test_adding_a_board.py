"""The guide to a board of one's own, followed: its file is all that is needed."""

import re
import sys
import types
from pathlib import Path

import pytest
from preview_bench import need_tools, photograph
from preview_timings import LOW

from windrow import boards
from windrow.boards import catalogue
from windrow.boards.board import Board
from windrow.boards.top import Top
from windrow.cli import main
from windrow.model import Filter
from windrow.synth.preview import preview


GUIDE = Path(__file__).resolve().parents[2] / "docs" / "adding_a_board.md"
LINES = 60


def source() -> str:
    found = re.search(r"^```python\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture
def board(monkeypatch: pytest.MonkeyPatch) -> Board:
    """The guide's board, in the catalogue."""
    module = types.ModuleType("windrow.boards.tang_primer_20k")
    module.__package__ = "windrow.boards"
    exec(compile(source(), "tang_primer_20k.py", "exec"), module.__dict__)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(boards, "tang_primer_20k", module, raising=False)
    for each in module.BOARDS:
        assert each.name not in catalogue.BOARDS
        monkeypatch.setitem(catalogue.BOARDS, each.name, each)
    return module.BOARDS[0]


def test_it_is_short() -> None:
    assert len(source().splitlines()) < LINES


def test_it_is_listed(board: Board, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["boards"]) == 0
    assert re.search(r"^tang-primer-20k +Sipeed Tang Primer 20K", capsys.readouterr().out, re.M)
    assert main(["boards", "tang-primer-20k"]) == 0
    assert board.unchecked[0] in capsys.readouterr().out


def test_its_screen_is_right(board: Board) -> None:
    need_tools()
    filter_ = Filter.from_dict({**board.filter, "width": LOW.width, "height": LOW.height})
    top = Top(board, filter_, LOW, ("box",), photograph())
    shown = preview(board, filter_, LOW, top, frames=1)
    assert shown.passed, shown.checks


@pytest.mark.slow
def test_it_builds(board: Board, tmp_path: Path) -> None:
    assert main(["build", board.name, "--mode", "1280x720p60", "-o", str(tmp_path)]) == 0
    assert (tmp_path / "top.fs").stat().st_size > 100_000
