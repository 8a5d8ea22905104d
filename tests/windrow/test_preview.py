"""`windrow preview`: the table, the pictures, the verdict, and what is refused."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from preview_bench import need_tools
from preview_timings import LOW

from windrow.boards.video.timing import TIMINGS
from windrow.cli import main
from windrow.model import Sample
from windrow.sim.caption import STRIP
from windrow.sim.pictures import load
from windrow.synth import preview as module


KERNEL = ["--kernel", "0 -1 0; -1 5 -1; 0 -1 0"]


@pytest.fixture
def _tools() -> None:
    need_tools()


@pytest.fixture
def _small(_tools: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small picture in place of 640 x 480."""
    monkeypatch.setitem(TIMINGS, "640x480p60", replace(LOW, name="640x480p60"))


def picture(path: Path) -> np.ndarray:
    """The decoded pixels, above the caption."""
    return load(path, width=LOW.width, height=LOW.height + STRIP, channels=3,
                pixel=Sample.parse("u8"))[: LOW.height]


@pytest.mark.usefixtures("_small")
def test_a_picture_for_each_source(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "new" / "screen.png"
    status = main(["preview", "ulx3s-85f", *KERNEL, "--source", "bars,still",
                   "-o", str(out)])
    captured = capsys.readouterr()
    assert (status, captured.err) == (0, "")
    assert captured.out.endswith("\nall checks passed\n")
    assert captured.out.count("  passed: ") == 8
    assert captured.out.count("positive side first") == 2
    assert "bit-exact: all 5760 samples of 2 frames, the source's from its frame 0 on" in (
        captured.out)
    assert sorted(path.name for path in out.parent.iterdir()) == [
        "screen.png", "screen_still.png"]
    board = picture(out)
    left = board[:, : LOW.width // 2]
    assert set(np.unique(left)) == {0, 255}
    assert (board[:, LOW.width // 2] == 255).all()
    assert not (picture(out.with_stem("screen_still"))[:, : LOW.width // 2] == left).all()


@pytest.mark.usefixtures("_small")
def test_a_wrong_picture_is_status_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    original = module.shown_picture

    def wrong(*arguments: object) -> np.ndarray:
        shown = original(*arguments)
        shown[3, 40] ^= 1
        return shown

    monkeypatch.setattr(module, "shown_picture", wrong)
    out = tmp_path / "screen.png"
    status = main(["preview", "ulx3s-85f", *KERNEL, "--source", "bars", "-o", str(out)])
    captured = capsys.readouterr()
    assert (status, captured.err) == (1, "")
    assert "FAILED: not bit-exact: frame 0 row 3 column 40 (filtered): got " in captured.out
    assert captured.out.endswith("\na check failed\n")
    assert out.exists(), "the picture shows what is wrong"


@pytest.mark.parametrize("arguments, message", [
    ([], "board is missing: give one of `windrow boards`"),
    (["ulx4"], "board 'ulx4' is not known"),
    (["ecp5-evn"], "board ecp5-evn has no screen to be previewed"),
    (["ulx3s-85f", "--frames", "0"], "frames must be an integer from 1 to 100, not '0'"),
    (["ulx3s-85f", "--source", "still,bars2"], "source 'bars2' is not known"),
    (["icebreaker", "--source", "camera"], "board icebreaker has no header for one"),
    (["ulx3s"], "which one: ulx3s-12f, ulx3s-25f, ulx3s-45f or ulx3s-85f? (it is printed"),
    (["ulx3s-85f", "--mode", "640x480"], "mode '640x480' is none of ulx3s-85f"),
    (["ulx3s-85f", "--size", "64x48"], "width 64 does not suit a screen: it must be 640"),
    (["ulx3s-85f", "-o", "screen.doc"], "screen.doc"),
])
def test_bad_input(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str],
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["preview", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert message in captured.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.usefixtures("_tools")
@pytest.mark.parametrize("extra", [[], ["--netlist"]], ids=["source", "netlist"])
def test_a_whole_board(
    extra: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The demo of ULX3S at 640 x 480: a moving pattern, and the photograph."""
    assert main(["preview", "ulx3s-85f", *extra, "-o", str(tmp_path / "screen.png")]) == 0
    out = capsys.readouterr().out
    assert out.count("passed: ") == 8
    assert out.endswith("all checks passed\n")
    assert len(list(tmp_path.iterdir())) == 2
