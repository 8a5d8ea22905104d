"""The knobs of yosys and nextpnr, turned by Optuna: what is on the front may be beaten by itself.

Trials come in generations, and what the next one tries depends on what came out of the ones before
and on nothing else: a run that is started again asks for the same jobs, which are in the store.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..targets import target
from .front import Finding
from .point import Candidate


__all__ = ["KNOBS", "Knob", "tune"]

GENERATION = 8
"""Trials that are chosen together, and so may run side by side."""


@dataclass(frozen=True)
class Knob:
    """An argument of a tool.

    Parameters
    ----------
    name : :class:`str`
        The argument.
    values : tuple of :class:`str`
        What it may be; the empty text stands for an argument without a value, and ``None`` for the
        tool's, or windrow's, own choice.
    routes : :class:`bool`
        Whether it is nextpnr's, not yosys's.
    """

    name: str
    values: tuple[str | None, ...]
    routes: bool = True


_PLACER = (
    Knob("--placer-heap-alpha", (None, "0.05", "0.2", "0.3")),
    Knob("--placer-heap-beta", (None, "0.7", "0.8", "0.95")),
    Knob("--placer-heap-critexp", (None, "1", "3", "4")),
    Knob("--placer-heap-timingweight", (None, "5", "10", "15", "30", "40")),
    Knob("--tmg-ripup", (None, "")),
)

KNOBS: Mapping[str, tuple[Knob, ...]] = {
    # A list of yosys's would be longer: most of its flags change nothing here, see targets.py.
    "ecp5": (Knob("--placer", (None, "heap")), *_PLACER,
             Knob("-nowidelut", (None, ""), routes=False)),
    "ice40": (*_PLACER, Knob("-dffe_min_ce_use", (None, "2", "4", "8"), routes=False)),
    "gowin": (*_PLACER, Knob("-nowidelut", (None, ""), routes=False)),
    "gatemate": _PLACER,
}
"""By device family."""


def tune(
    best: Iterable[Finding], trials: int, measure: Callable[[Sequence[Candidate]], list[Finding]]
) -> None:
    """Search the knobs for more pixels a second of fewer LUTs, from the front's points on.

    Parameters
    ----------
    best : iterable of :class:`~.front.Finding`
        The front.
    trials : :class:`int`
        How many settings to try for each target.
    measure : callable
        Builds candidates, and returns what was found of each.

    Raises
    ------
    :exc:`ModuleNotFoundError`
        Without the extra ``explore``.
    """
    import optuna  # late: an extra

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    bases: defaultdict[str, list[Finding]] = defaultdict(list)
    for each in best:
        bases[each.candidate.point.target].append(each)
    for name, findings in bases.items():
        knobs = KNOBS[target(name).family]
        study = optuna.create_study(
            directions=["maximize", "minimize"],
            sampler=optuna.samplers.NSGAIISampler(population_size=GENERATION, seed=1))
        plain = {f"{knob.name}": None for knob in knobs}
        for number in range(len(findings)):
            study.enqueue_trial({"point": number, **plain})
        left = trials
        while left > 0:
            asked = [study.ask() for _ in range(min(GENERATION, left))]
            left -= len(asked)
            chosen = [_candidate(
                findings[trial.suggest_categorical("point", range(len(findings)))].candidate,
                {knob: trial.suggest_categorical(knob.name, knob.values) for knob in knobs})
                for trial in asked]
            for trial, found in zip(asked, measure(chosen), strict=True):
                if found.rate is None or found.usage is None:
                    study.tell(trial, state=optuna.trial.TrialState.FAIL)
                else:
                    study.tell(trial, [found.rate, found.usage.luts])


def _candidate(base: Candidate, values: Mapping[Knob, Any]) -> Candidate:
    """A candidate with other arguments of the tools."""
    def words(routes: bool) -> tuple[str, ...]:
        return tuple(f"{knob.name}={value}" if value else knob.name
                     for knob, value in values.items()
                     if value is not None and knob.routes == routes)

    synthesis, routing = words(False), words(True)
    return replace(base, point=replace(base.point, synthesis=synthesis, routing=routing),
                   is_auto=base.is_auto and not (synthesis or routing))
