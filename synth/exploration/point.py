"""What can be built of a design, by device, strategy or folds; and what is not worth it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ...hdl import PlannedNetwork
from ...hdl.devices import device
from ...hdl.network.planning import plan_network
from ...hdl.strategies import AUTO, STRATEGIES
from ...model import Filter, Pipeline
from ...model.errors import InputError, nearest
from ...model.network import Network
from ...sim.engine import Progress
from ..network_budget import budget
from ..network_cost import ERROR as NETWORK_ERROR
from ..network_cost import network_cost
from ..outcome import clocks_per_pixel
from ..pipeline_plan import plan_pipeline
from ..planner import plan
from ..prediction import COMPARISON_ERROR, Prediction
from ..targets import Target, target


__all__ = ["ALL", "Candidate", "Point", "Skipped", "Space", "candidates", "prune"]

ALL = "all"
"""Every strategy that applies."""


@dataclass(frozen=True)
class Space:
    """What is explored: the product of these.

    Parameters
    ----------
    targets : sequence of :class:`str`
        Devices.
    strategies : sequence of :class:`str`
        Names, ``auto``, or ``all``.
    pixels_per_clock : sequence of :class:`int`
        Empty for the design's own.
    multipliers : sequence of :class:`int`
        Of a network: products a clock, of all layers. Empty for what the device has, a half, a
        quarter and an eighth of it.
    fewest_seeds, most_seeds : :class:`int`
        Seeds of each build at first, and of those that stay near the front.

    Raises
    ------
    :exc:`~windrow.model.InputError`
        If a target or a strategy is not known.
    """

    targets: Sequence[str]
    strategies: Sequence[str] = (ALL,)
    pixels_per_clock: Sequence[int] = ()
    multipliers: Sequence[int] = ()
    fewest_seeds: int = 3
    most_seeds: int = 27

    def __post_init__(self) -> None:
        for name in self.targets:
            target(name)
        for name in self.strategies:
            if name not in (known := [ALL, AUTO, *STRATEGIES]):
                raise InputError(f"strategy {name!r} is not known: {nearest(name, known)}")

    @property
    def seed_counts(self) -> list[int]:
        """Seeds in each round: three times as many from one to the next."""
        counts = [self.fewest_seeds]
        while counts[-1] < self.most_seeds:
            counts.append(min(3 * counts[-1], self.most_seeds))
        return counts


@dataclass(frozen=True, order=True)
class Point:
    """One build, seeds aside.

    Parameters
    ----------
    target, strategy, pixels_per_clock
        What is built.
    multipliers : :class:`int`
        Of a network: at most so many products a clock.
    synthesis, routing : tuple of :class:`str`
        Arguments beside the target's own, of yosys's ``synth_...`` and of nextpnr. A value is
        behind ``=``: ``--placer-heap-beta=0.8``.
    """

    target: str
    strategy: str
    pixels_per_clock: int
    multipliers: int = 0
    synthesis: tuple[str, ...] = ()
    routing: tuple[str, ...] = ()

    def __str__(self) -> str:
        knobs = "".join(f" {each}" for each in (*self.synthesis, *self.routing))
        how = (f"{self.multipliers} multipliers" if self.multipliers else
               f"{self.strategy} x{self.pixels_per_clock}")
        return f"{self.target} {how}{knobs}"

    @property
    def device(self) -> Target:
        """The target, with these arguments."""
        base = target(self.target).with_arguments(*self.routing)
        flags = "".join(" " + each.replace("=", " ") for each in self.synthesis)
        return replace(base, synthesis=re.sub(r"^synth_\w+", rf"\g<0>{flags}", base.synthesis))


@dataclass(frozen=True)
class Candidate:
    """A point, and what is expected of it.

    Parameters
    ----------
    point : :class:`Point`
        The point.
    design : :class:`~windrow.model.Filter`, :class:`~windrow.model.Pipeline` or \
:class:`~windrow.hdl.PlannedNetwork`
        The design, with the point's pixels a clock or folds.
    prediction : :class:`~..prediction.Prediction` or ``None``
        What the planner expects; ``None`` of networks, whose LUTs alone are estimated.
    is_auto : :class:`bool`
        Whether ``auto`` would take this strategy.
    """

    point: Point
    design: Filter | Pipeline | PlannedNetwork
    prediction: Prediction | None
    is_auto: bool

    @property
    def work(self) -> float:
        """Pixels a clock; of a network frames a clock."""
        if isinstance(self.design, PlannedNetwork):
            return 1 / self.design.plan.cycles
        return self.design.pixels_per_clock / clocks_per_pixel(self.design)


@dataclass(frozen=True)
class Skipped:
    """A point that is not built, and why."""

    point: Point
    reason: str


def candidates(
    design: Filter | Pipeline | Network, space: Space, progress: Progress
) -> tuple[list[Candidate], list[Skipped]]:
    """List what can be built, and what cannot.

    Parameters
    ----------
    design : :class:`~windrow.model.Filter`, :class:`~windrow.model.Pipeline` or \
:class:`~windrow.model.network.Network`
        The design.
    space : :class:`Space`
        What to vary.
    progress : callable
        Told each plan.

    Raises
    ------
    :exc:`~windrow.model.InputError`
        If nothing can be built at all.
    """
    found: list[Candidate] = []
    skipped: list[Skipped] = []
    if isinstance(design, Network):
        return _folds(design, space, progress)
    counts = space.pixels_per_clock or [design.pixels_per_clock]
    total = len(counts) * len(space.targets)
    for step, (count, name) in enumerate(
            (count, name) for count in counts for name in space.targets):
        progress(f"planning for {name}, {count} pixels a clock", step, total)
        try:
            made = design.replace(pixels_per_clock=count)
            planned, others = _plan(made, name)
        except InputError as error:
            skipped.append(Skipped(Point(name, ALL, count), str(error)))
            continue
        auto = next((each for each in planned if each.is_auto), None)
        for wanted in space.strategies:
            if wanted in others:
                skipped.append(Skipped(Point(name, wanted, count), others[wanted]))
            for each in planned:
                if (wanted in (ALL, each.point.strategy) or (wanted == AUTO and each is auto)) \
                        and each not in found:
                    found.append(each)
    return _something(found, skipped)


def _something(
    found: list[Candidate], skipped: list[Skipped]
) -> tuple[list[Candidate], list[Skipped]]:
    """Both, unless there is nothing to build."""
    if not found:
        raise InputError("nothing can be built: " + "; ".join(dict.fromkeys(
            f"{each.point}: {each.reason}" for each in skipped)))
    return found, skipped


def _folds(
    network: Network, space: Space, progress: Progress
) -> tuple[list[Candidate], list[Skipped]]:
    """A network with several numbers of products a clock."""
    found: list[Candidate] = []
    skipped: list[Skipped] = []
    for step, name in enumerate(space.targets):
        progress(f"planning for {name}", step, len(space.targets))
        available = budget(name)
        usual = [available.multipliers // part for part in (1, 2, 4, 8)]
        for multipliers in space.multipliers or [each for each in usual if each]:
            point = Point(name, AUTO, 1, multipliers)
            try:
                planned = plan_network(network, multipliers=multipliers, blocks=available.blocks,
                                       block_products=available.block_products)
            except InputError as error:
                skipped.append(Skipped(point, str(error)))
                continue
            found.append(Candidate(point, PlannedNetwork(network, planned), None,
                                   is_auto=multipliers == available.multipliers))
    return _something(found, skipped)


def _plan(design: Filter | Pipeline, name: str) -> tuple[list[Candidate], dict[str, str]]:
    """What can be built for a device, and why each other strategy cannot."""
    count = design.pixels_per_clock
    if isinstance(design, Pipeline):
        whole = plan_pipeline(design, name).prediction
        # Each of its stages is left to `auto`.
        return [Candidate(Point(name, AUTO, count), design, whole, True)], dict.fromkeys(
            STRATEGIES, "of a pipeline each stage is left to auto")
    found = plan(design, name)
    return [
        Candidate(Point(name, each.strategy, count), design, each.prediction,
                  each.strategy == found.choice)
        for each in found.candidates
    ], {each: f"needs {STRATEGIES[each].rule}" for each in found.others}


def prune(found: Iterable[Candidate]) -> tuple[list[Candidate], list[Skipped]]:
    """Drop what cannot fit its device, and what cannot be on the front.

    Not predicted well enough to be dropped is a point that would be on the front if the planner
    were wrong by its published error, :data:`~..prediction.COMPARISON_ERROR`.

    Parameters
    ----------
    found : iterable of :class:`Candidate`
        What can be built.
    """
    found = list(found)
    kept: list[Candidate] = []
    skipped: list[Skipped] = []
    for each in found:
        better = next((other for other in found if _is_surely_better(other, each)), None)
        if excess := _excess(each):
            skipped.append(Skipped(each.point, f"is expected to take {excess}"))
        elif better is not None:
            skipped.append(Skipped(
                each.point, f"{better.point.strategy} is expected to be smaller and faster"))
        else:
            kept.append(each)
    return kept, skipped


def _excess(candidate: Candidate) -> str:
    """What of the device it has too much of, in words, though the prediction may be too high."""
    capacity = target(candidate.point.target).capacity
    for resource, count in _least(candidate).items():
        if count > capacity[resource]:
            return (f"at least {round(count)} of {capacity[resource]} "
                    f"{resource.replace('_', ' ')}")
    return ""


def _least(candidate: Candidate) -> Mapping[str, float]:
    """What it takes of each resource, even if that was predicted too high by the usual error."""
    expected = candidate.prediction
    if isinstance(candidate.design, PlannedNetwork):
        cost = network_cost(
            candidate.design, device(target(candidate.point.target).components))
        return {"luts": cost.luts * (1 - NETWORK_ERROR)}
    if expected is None:
        return {}
    return {"luts": expected.luts * (1 - COMPARISON_ERROR["luts"]),
            "flip_flops": expected.flip_flops, "dsps": expected.dsps,
            "rams": expected.rams or 0, "large_rams": expected.large_rams}


def _is_surely_better(one: Candidate, other: Candidate) -> bool:
    """Whether it takes less and is faster, even if the planner is wrong by its error."""
    mine, yours = one.prediction, other.prediction
    if mine is None or yours is None or (one.point.target, one.point.pixels_per_clock) != (
            other.point.target, other.point.pixels_per_clock):
        return False
    return (
        mine.luts * (1 + COMPARISON_ERROR["luts"]) < yours.luts
        and mine.clock is not None and yours.clock is not None
        and mine.clock > yours.clock * (1 + COMPARISON_ERROR["clock"])
        and mine.dsps <= yours.dsps and mine.large_rams <= yours.large_rams
        and (mine.rams or 0) <= (yours.rams or 0))
