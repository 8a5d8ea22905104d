"""What was found of each point, and which points no other one beats."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..outcome import Usage
from .point import Candidate


__all__ = ["Finding", "front", "promising"]

UNSEEN_SPREAD = 0.1
"""How far the clock of a build may move with its seed, where only one was tried. In
``docs/benchmarks.md`` the fastest of three to seven seeds is 2 to 22 % faster than the slowest."""


@dataclass(frozen=True)
class Finding:
    """What was found of a point.

    Parameters
    ----------
    candidate : :class:`~.point.Candidate`
        The point.
    usage : :class:`~..outcome.Usage` or ``None``
        What it takes, with the first seed; ``None`` where it could not be built.
    clocks : tuple of (:class:`int`, :class:`float`)
        Each seed and its clock in MHz. Empty where nextpnr knows no delays of its cells.
    error : :class:`str`
        Why it could not be built.
    """

    candidate: Candidate
    usage: Usage | None
    clocks: tuple[tuple[int, float], ...] = ()
    error: str = ""

    @property
    def fmax(self) -> float | None:
        """Median of the clocks; of an even number, the slower middle."""
        return statistics.median_low(self._values) if self.clocks else None

    @property
    def best(self) -> tuple[int, float] | None:
        """The fastest seed, and its clock."""
        return max(self.clocks, key=lambda each: each[1]) if self.clocks else None

    @property
    def rate(self) -> float | None:
        """Pixels a second at the median clock; of a network frames a second."""
        return None if self.fmax is None else self.fmax * self._work

    @property
    def reach(self) -> tuple[float, float]:
        """The rate that more seeds may come to, at the least and the most."""
        values = self._values
        spread = UNSEEN_SPREAD if len(values) == 1 else 0.0
        return min(values) * (1 - spread) * self._work, max(values) * (1 + spread) * self._work

    @property
    def _values(self) -> list[float]:
        return [clock for _, clock in self.clocks]

    @property
    def _work(self) -> float:
        return 1e6 * self.candidate.work

    @property
    def costs(self) -> tuple[int, ...]:
        """What it takes of each resource that may be short."""
        assert self.usage is not None
        return self.usage.luts, self.usage.rams, self.usage.large_rams, self.usage.dsps


def front(findings: Iterable[Finding]) -> list[Finding]:
    """Those that no other of their device beats, the smallest first.

    Another beats one that has no fewer LUTs, RAMs and DSPs and no more pixels a second, unless both
    are alike.
    """
    timed = [each for each in findings if each.usage is not None and each.clocks]
    return sorted(
        (each for each in timed if not any(_beats(other, each) for other in timed)),
        key=lambda each: (each.candidate.point.target, each.costs, each.rate))


def promising(findings: Sequence[Finding]) -> list[Finding]:
    """Those that get more seeds: the front and what is near it, at most half of all beside it.

    Near is what may be on the front where more seeds move its clock as far up, and the others' as
    far down, as the seeds so far lie apart.
    """
    best = front(findings)
    timed = [each for each in findings if each.usage is not None and each.clocks]
    near = [each for each in timed if each not in best and not any(
        other.reach[0] >= each.reach[1] and _is_no_larger(other, each) for other in best)]
    near.sort(key=lambda each: min(
        other.reach[0] / each.reach[1] for other in best if _beats(other, each)))
    return best + near[:max(0, -(-len(timed) // 2) - len(best))]


def _beats(one: Finding, other: Finding) -> bool:
    mine, yours = one.rate or 0.0, other.rate or 0.0
    return (_is_no_larger(one, other) and mine >= yours
            and (mine, one.costs) != (yours, other.costs))


def _is_no_larger(one: Finding, other: Finding) -> bool:
    return (one.candidate.point.target == other.candidate.point.target
            and all(a <= b for a, b in zip(one.costs, other.costs, strict=True)))
