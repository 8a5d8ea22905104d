# amaranth: UnusedElaboratable=no

"""`windrow explore`: what it refuses, what it prints, and the page."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from browser import Watched, browser
from fake_tools import FakeTools

from windrow import Filter, explore_command
from windrow.cli import main


DESIGN = ["explore", "--kernel", "binomial:ksize=3", "--size", "16x8", "--target", "hx8k"]


@pytest.mark.parametrize("extra, words", [
    (["--target", ""], ["target", "''"]),
    (["--target", "hx8k,hx8k"], ["target", "different", "'hx8k,hx8k'"]),
    (["--target", "ecp5"], ["target 'ecp5' is a family"]),
    (["--target", "ecp6"], ["target 'ecp6'"]),
    (["--pixels-per-clock", "1,x"], ["pixels_per_clock", "1 to 8", "'x'"]),
    (["--pixels-per-clock", "3"], ["pixels_per_clock", "3", "1, 2, 4, 8"]),
    (["--strategy", "seperable"], ["strategy 'seperable'", "'separable'"]),
    (["--strategy", "doubling"], ["nothing can be built", "doubling"]),
    (["--seeds", "9..3"], ["seeds", "3..27", "'9..3'"]),
    (["--seeds", "0"], ["seeds", "'0'"]),
    (["--workers", "0"], ["workers", "1 to 1000", "'0'"]),
    (["--workers", "1", "--scheduler", "tcp://x:1"], ["--scheduler", "not allowed"]),
    (["--tune", "many"], ["tune", "'many'"]),
    (["--time-limit", "-1"], ["time_limit", "'-1'"]),
])
def test_bad_input_is_refused_before_the_work(
    extra: list[str], words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    FakeTools(tmp_path, monkeypatch)
    out = tmp_path / "new"
    assert main([*DESIGN, *extra, "-o", str(out)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    for word in words:
        assert word in captured.err
    assert [path.name for path in out.glob("*")] in ([], [
        "exploration.sqlite", "exploration.sqlite.lock"])


def test_the_table_the_data_and_the_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("bokeh")
    FakeTools(tmp_path, monkeypatch)
    argv = [*DESIGN, "--strategy", "auto,adder-graph", "--seeds", "2", "--workers", "1",
            "-o", str(tmp_path / "out")]
    assert main([*argv, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    auto, = (each for each in found["builds"] if each["is_auto"])
    clocks = [each["fmax_mhz"] for each in auto["seeds"]]
    assert auto["fmax_mhz"] == min(clocks)
    assert auto["pixels_per_second"] == min(clocks) * 1e6
    text = (tmp_path / "out" / "exploration.html").read_text()
    assert Path(found["page"]) == tmp_path / "out" / "exploration.html"
    outside = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
    assert "://" not in outside, "it needs no network"
    for each in found["builds"]:
        assert f"<td>{each['luts']}</td>" in outside

    monkeypatch.setattr(explore_command, "write_page", lambda *_: (None, "not written: no ink"))
    assert main(argv) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("the front  strategy")
    best = next(each for each in found["builds"] if each["on_front"])
    assert re.search(rf"hx8k +\S+( \*)? +1 +{best['luts']} ", "\n".join(lines))
    assert f"runs of tools  0 now, {found['runs']} before" in lines
    assert re.match(r"page +not written: no ink$", lines[-2])
    assert re.match(r"on the front: [12] of 2 builds$", lines[-1])


def test_the_page_in_a_browser(tmp_path: Path) -> None:
    from windrow.explore_page import page
    from windrow.synth.exploration import Exploration, Finding, Point
    from windrow.synth.exploration.point import Candidate, Skipped
    from windrow.synth.outcome import Usage

    filter = Filter(kernel="sobel-x", width=40, height=8)
    findings = [
        Finding(Candidate(Point(target, "auto", 1), filter, None, is_auto=True),
                Usage(luts, 1, 2, 0, 0), ((1, 100.0), (2, 120.0)))
        for target, luts in (("hx8k", 300), ("up5k", 350))]
    skipped = Skipped(Point("hx8k", "doubling", 1), "needs <other> filters")
    path = tmp_path / "page.html"
    path.write_text(page(Exploration((*findings,), (skipped,), 4, 0)), encoding="utf-8")
    assert "needs &lt;other&gt; filters" in path.read_text()
    assert "No build has a clock" in page(Exploration((), (skipped,), 0, 0))
    with browser() as chromium:
        watched = Watched(chromium.new_page(viewport={"width": 400, "height": 800}))
        watched.page.goto(path.as_uri())
        watched.page.wait_for_selector(".bk-Figure")
        assert watched.page.locator(".bk-Figure canvas").count() > 0
        wide = watched.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 400
    assert watched.errors == []
    assert [url for url in watched.requests if not url.startswith(("file:", "data:"))] == []


def test_a_folder_is_one_run_s(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from windrow.synth.exploration import Store

    FakeTools(tmp_path, monkeypatch)
    (tmp_path / "out").mkdir()
    with Store.open(tmp_path / "out"):
        assert main([*DESIGN, "-o", str(tmp_path / "out")]) == 2
    assert "is in use by another exploration" in capsys.readouterr().err
    (tmp_path / "out" / "exploration.sqlite").write_text("no database, but some text" * 9)
    assert main([*DESIGN, "-o", str(tmp_path / "out")]) == 2
    assert "exploration.sqlite': file is not a database" in capsys.readouterr().err
