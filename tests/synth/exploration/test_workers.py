# amaranth: UnusedElaboratable=no

"""The same rows from one process, from two, and from a cluster, whatever is killed meanwhile."""

import functools
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fake_tools import FakeTools
from needed import needed

from windrow import Filter
from windrow.model import InputError
from windrow.synth.exploration import (
    Cluster,
    Exploration,
    Processes,
    Space,
    Store,
    Workers,
    explore,
    search,
)
from windrow.synth.exploration.job import tool_versions
from windrow.synth.flow import programs
from windrow.synth.targets import TARGETS


FILTER = Filter(kernel="binomial:ksize=3", width=16, height=8)
SPACE = Space(["hx8k"], fewest_seeds=2, most_seeds=4)
#: The same for a process of its own.
ARGV = ["explore", "--kernel", "binomial:ksize=3", "--size", "16x8", "--target", "hx8k",
        "--seeds", "2..4"]

build = functools.cache(search.build)
candidates = search.candidates
planned: dict[str, Any] = {}


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeTools:
    """Fake tools; and what is real is made once for all tests."""
    return faked(tmp_path, monkeypatch)


def faked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> FakeTools:
    def plan_once(design: Filter, space: Space, progress: Any) -> Any:
        if (key := repr(space)) not in planned:
            planned[key] = candidates(design, space, progress)
        found, skipped = planned[key]
        return list(found), list(skipped)

    monkeypatch.chdir(folder)
    monkeypatch.setattr(search, "build", build)
    monkeypatch.setattr(search, "candidates", plan_once)
    search._versions.cache_clear()
    return FakeTools(folder, monkeypatch)


def run(
    folder: str, workers: Workers, space: Space = SPACE, *, retry: bool = False, trials: int = 0
) -> Exploration:
    Path(folder).mkdir(exist_ok=True)
    with Store.open(Path(folder)) as store, workers:
        if retry:
            assert store.forget_unlucky() == 1
        return explore(FILTER, space, workers, store, trials=trials)


def rows(folder: str) -> list[tuple[Any, ...]]:
    """What does not depend on who did it."""
    with sqlite3.connect(f"{folder}/exploration.sqlite") as database:
        return database.execute(
            "SELECT key, title, seed, status, error, result FROM jobs ORDER BY key").fetchall()


@dataclass(frozen=True)
class Reference:
    """What one process finds."""

    folder: Path
    rows: list[tuple[Any, ...]]
    found: Exploration
    ends: Counter[str]


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    with pytest.MonkeyPatch.context() as monkeypatch:
        folder = tmp_path_factory.mktemp("reference")
        tools = faked(folder, monkeypatch)
        found = run("one", Processes(1, 60))
        return Reference(folder / "one", rows("one"), found, tools.count("end"))


def test_two_processes_give_the_rows_of_one_though_a_worker_is_killed(
    reference: Reference, tools: FakeTools
) -> None:
    one = reference.found
    assert one.kept == 0
    assert one.built == len(reference.rows) == reference.ends.total() >= 6
    assert max(reference.ends.values()) == 1
    tools.mark("place_2", "once")
    two = run("two", Processes(2, 60))
    assert tools.count("killed").total() == 1
    assert tools.count("end") == reference.ends, "nothing is built twice"
    assert rows("two") == reference.rows
    assert two.findings == one.findings
    again = run("two", Processes(2, 60))
    assert (again.built, again.kept) == (0, one.built)
    assert again.findings == one.findings
    assert tools.count("end") == reference.ends


def test_a_run_that_always_ends_its_worker_ends_as_a_row(tools: FakeTools) -> None:
    space = Space(["hx8k"], ["auto"], fewest_seeds=2, most_seeds=2)
    tools.mark("place_2", "always")
    build, = run("out", Processes(1, 60), space).findings
    assert build.error == "seed 2: its worker ended 3 times without an answer"
    assert [seed for seed, _ in build.clocks] == [1]
    assert tools.count("killed").total() == 3
    tools.mark("place_2", "fail")
    assert run("out", Processes(1, 60), space).built == 0, "it is a row: it is not tried again"
    build, = run("out", Processes(1, 60), space, retry=True).findings
    assert build.error == ("seed 2: nextpnr-ice40 fails (status 3): ERROR: out of luck "
                           "(see seed_2.log)")


@pytest.mark.slow
def test_knobs_are_tried_and_the_same_again(tools: FakeTools) -> None:
    pytest.importorskip("optuna")
    space = Space(["hx8k"], ["auto"], fewest_seeds=1, most_seeds=2)
    found = run("out", Processes(2, 60), space, trials=12)
    plain, = (each for each in found.findings if each.candidate.is_auto)
    turned = [each for each in found.findings if each is not plain]
    assert len(turned) > 6
    assert all(each.candidate.point.routing or each.candidate.point.synthesis for each in turned)
    # The fake tools' clock is a draw for each list of arguments: one of them beats the plain build.
    best = found.front[-1]
    assert best in turned
    assert len(best.clocks) == 2, "the front has all seeds"
    again = run("out", Processes(2, 60), space, trials=12)
    assert (again.built, again.findings) == (0, found.findings)


def test_a_cluster_whose_worker_and_client_are_killed(
    reference: Reference, tools: FakeTools, monkeypatch: pytest.MonkeyPatch
) -> None:
    distributed = pytest.importorskip("distributed")
    tools.mark("place_2", "once")
    monkeypatch.setenv("FAKE_SECONDS", "0.3")
    with distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs="CRITICAL",
    ) as cluster:
        address = cluster.scheduler_address
        with subprocess.Popen([sys.executable, "-m", "windrow", *ARGV, "--scheduler", address,
                               "-o", "out"]) as client:
            deadline = time.monotonic() + 120
            while tools.count("end").total() < 4:
                assert time.monotonic() < deadline
                assert client.poll() is None
                time.sleep(0.02)
            client.kill()
        before = len(rows("out"))
        result = run("out", Cluster(address, 60))
    assert 0 < before < len(reference.rows)
    assert result.kept == before
    assert tools.count("killed").total() == 1
    assert tools.count("end") == reference.ends, "nothing is built twice"
    assert rows("out") == reference.rows
    assert result.findings == reference.found.findings


def test_a_scheduler_that_is_not_there() -> None:
    pytest.importorskip("distributed")
    with pytest.raises(InputError, match="scheduler 'nonsense://': nobody answers there"):
        Cluster("nonsense://", 60)


def test_a_worker_with_another_version_is_not_asked(
    tools: FakeTools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "_versions", lambda *names: {
        **tool_versions(*names), "yosys": "0.1"})
    with pytest.raises(InputError, match=r"has yosys 1\.0, and the run 0\.1: install the same"):
        run("out", Processes(1, 60))
    assert rows("out") == []


@pytest.mark.slow
def test_real_tools_give_the_same_rows_from_one_process_and_from_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with needed():
        programs(TARGETS["hx8k"])
    monkeypatch.chdir(tmp_path)
    search._versions.cache_clear()
    one = run("one", Processes(1, 600))
    # Another name of the cache's folder has the tools compiled anew, but nothing else: a minute.
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    two = run("two", Processes(2, 600))
    assert rows("two") == rows("one")
    assert two.findings == one.findings
    assert all(each.usage is not None and not each.error for each in one.findings)
