"""The search: all points with few seeds, those near the front with more, then the tools' knobs."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, fields, replace
from functools import cache, partial
from typing import NamedTuple

from ...hdl import PlannedNetwork, build
from ...model import Filter, Pipeline
from ...model.network import Network
from ...sim.engine import Progress
from ..harness import harness
from ..outcome import Usage
from ..targets import CORE, target
from .front import Finding, front, promising
from .job import DONE, Job, PlacementJob, Row, SynthesisJob, tool_versions
from .point import Candidate, Point, Skipped, Space, candidates, prune
from .store import Store
from .tuning import tune
from .workers import Workers


__all__ = ["Exploration", "explore"]


@dataclass(frozen=True)
class Exploration:
    """What :func:`explore` returns.

    Parameters
    ----------
    findings : tuple of :class:`~.front.Finding`
        One for each point that was built, or was to be.
    skipped : tuple of :class:`~.point.Skipped`
        The points that were not.
    built, kept : :class:`int`
        Jobs that were done now, and those that had been before.
    """

    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]
    built: int
    kept: int

    @property
    def front(self) -> list[Finding]:
        """See :func:`~.front.front`."""
        return front(self.findings)


def explore(
    design: Filter | Pipeline | Network,
    space: Space,
    workers: Workers,
    store: Store,
    *,
    trials: int = 0,
    everything: bool = False,
    progress: Progress = lambda text, done, total: None,
) -> Exploration:
    """Build what may be worth having, with more seeds the nearer it is to the front.

    What is found does not depend on the workers: each round is over before the next is chosen.

    Parameters
    ----------
    design : :class:`~windrow.model.Filter`, :class:`~windrow.model.Pipeline` or \
:class:`~windrow.model.network.Network`
        The design.
    space : :class:`~.point.Space`
        What to vary.
    workers : :class:`~.workers.Workers`
        Who builds.
    store : :class:`~.store.Store`
        What was built before, and gets what is built now.
    trials : :class:`int`
        Settings of the tools' knobs to try for each target; needs the extra ``explore``.
    everything : :class:`bool`
        Whether to build what is expected to be of no use, too.
    progress : callable, optional
        Told each job, with what is known so far.

    Raises
    ------
    :exc:`~windrow.model.InputError`
        If nothing can be built, a tool is missing, or a worker is not fit.
    """
    for name in space.targets:
        _versions("yosys", target(name).router)  # before the work
    found, skipped = candidates(design, space, progress)
    if not everything:
        found, dropped = prune(found)
        skipped += dropped
    session = _Session(workers, store, progress)
    near = found
    for count in space.seed_counts:
        session.build(near, range(1, count + 1))
        near = [each.candidate for each in promising(session.findings)]
    session.settle(space.most_seeds)
    if trials:
        tune(front(session.findings), trials,
             lambda more: session.build(more, range(1, space.fewest_seeds + 1)))
        session.settle(space.most_seeds)
    return Exploration(tuple(session.findings), tuple(skipped), store.built, session.kept)


@cache
def _versions(*programs: str) -> dict[str, str]:
    return tool_versions(*programs)


class _Task(NamedTuple):
    """A job, what it is called, and what follows from its row."""

    job: Job
    title: str
    then: "Callable[[Row], Iterable[_Task]]"


class _Session:
    """Jobs to workers, rows to the store, and what is known of each point."""

    def __init__(self, workers: Workers, store: Store, progress: Progress) -> None:
        self._workers = workers
        self._store = store
        self._progress = progress
        self._rows: dict[str, Row] = {}
        self._known: dict[Point, Finding] = {}
        self._texts: dict[Point, tuple[str, str]] = {}
        self.kept = 0

    @property
    def findings(self) -> list[Finding]:
        """What is known so far."""
        return [self._known[point] for point in sorted(self._known)]

    def build(self, found: Sequence[Candidate], seeds: Sequence[int]) -> list[Finding]:
        """Build candidates with some seeds, and return what is known of each."""
        self._run((self._synthesis(each, seeds) for each in found), len(found) * (1 + len(seeds)))
        return [self._known[each.point] for each in found]

    def settle(self, most: int) -> None:
        """Give all seeds to the whole front: what is on it with few may be there by luck."""
        sure: set[Point] = set()
        while lucky := [each.candidate for each in front(self.findings)
                        if each.candidate.point not in sure]:
            self.build(lucky, range(1, most + 1))
            sure.update(each.point for each in lucky)

    def _synthesis(self, candidate: Candidate, seeds: Sequence[int]) -> _Task:
        """Synthesis, and what follows: a placement for each seed."""
        point = candidate.point
        device = point.device
        placed: dict[int, Row] = {}

        def place(row: Row) -> Iterator[_Task]:
            self._known.setdefault(point, Finding(candidate, None, error=row.error))
            if row.status == DONE:
                for seed in seeds:
                    yield _Task(
                        PlacementJob(device, row.key, row.netlist, seed,
                                     _versions("yosys", device.router)),
                        f"{point}, seed {seed}", partial(note, seed))

        def note(seed: int, row: Row) -> Iterable[_Task]:
            placed[seed] = row
            # What was known of more seeds than are there by now stays.
            if len(placed) > len(self._known[point].clocks):
                self._known[point] = _finding(candidate, placed)
            return ()

        verilog, around = self._text(candidate)
        return _Task(SynthesisJob(device, verilog, around, _versions("yosys")),
                     f"{point}, synthesis", place)

    def _text(self, candidate: Candidate) -> tuple[str, str]:
        """Verilog of the core and of the harness, which do not depend on the knobs."""
        point = candidate.point
        components = point.device.components
        # A network's folds are planned for a device, all else for what its family has.
        plain = replace(point, synthesis=(), routing=(),
                        target=point.target if isinstance(candidate.design, PlannedNetwork)
                        else components)
        if plain not in self._texts:
            built = build(candidate.design, CORE, target=components, strategy=point.strategy)
            self._texts[plain] = built.verilog, harness(built.manifest)
        return self._texts[plain]

    def _run(self, tasks: Iterable[_Task], total: int) -> None:
        """Have tasks done, and what follows from them; each key once."""
        pending: dict[Future[Row], list[_Task]] = {}
        futures: dict[str, Future[Row]] = {}
        done = 0

        def finish(task: _Task, row: Row) -> None:
            nonlocal done
            done += 1
            for each in task.then(row):
                start(each)

        def start(task: _Task) -> None:
            key = task.job.key
            if key in futures:  # two points are the same to the tools
                pending[futures[key]].append(task)
                return
            if key not in self._rows and (row := self._store.get(key)) is not None:
                self._rows[key] = row
                self.kept += 1
            if key in self._rows:
                finish(task, self._rows[key])
            else:
                futures[key] = self._workers.submit(task.job)
                pending[futures[key]] = [task]

        def collect(timeout: float | None) -> None:
            for future in wait(pending, timeout, FIRST_COMPLETED).done:
                waiting = pending.pop(future)
                first = waiting[0]
                row = future.result()
                del futures[row.key]
                self._rows[row.key] = row
                self._store.add(first.job, row, first.title)
                for each in waiting:
                    finish(each, row)
                self._progress(self._summary(first.title), done, total)

        try:
            for task in tasks:
                start(task)
                collect(0)
            while pending:
                collect(None)
        except BaseException:
            for future in pending:
                future.cancel()
            raise

    def _summary(self, title: str) -> str:
        """What is done, and what is known so far."""
        best = front(self._known.values())
        parts = [f"{each.candidate.point}: {each.usage.luts} LUTs, {each.fmax:.0f} MHz"
                 for each in best if each.usage is not None]
        return f"{title} is done; the front: {'; '.join(parts) or 'nothing yet'}"


def _finding(candidate: Candidate, placed: dict[int, Row]) -> Finding:
    """What the seeds' rows say."""
    rows = sorted(placed.items())
    good = [(seed, row.result) for seed, row in rows if row.status == DONE]
    error = next((f"seed {seed}: {row.error}" for seed, row in rows if row.status != DONE), "")
    usage = None
    if good:
        usage = Usage(**{each.name: good[0][1][each.name] for each in fields(Usage)})
    return Finding(candidate, usage, tuple(
        (seed, result["fmax"]) for seed, result in good if result["fmax"] is not None), error)
