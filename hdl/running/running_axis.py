"""What enters a running sum along one axis of the frame, and what leaves it.

The sum of a window whose taps all count alike changes from one output to the next by the sample
that enters at its last tap and the one that leaves at its first: two samples, however large the
kernel. Only the first output of a line is a sum of many, and that one adds up while they arrive.
:class:`RunningAxis` says which samples these are, border included, before any hardware exists.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from ...model.axis import Axis, Case, Flag, Sample, Select


__all__ = ["RunningAxis"]


@dataclass(frozen=True)
class RunningAxis:
    """One axis of a frame under a running sum.

    Parameters
    ----------
    axis : :class:`~windrow.model.axis.Axis`
        The axis; one lane, and at least two taps.
    period : :class:`int`
        Least number of beats from the start of a line to the start of the next.
    """

    axis: Axis
    period: int

    @cached_property
    def overlaps(self) -> bool:
        """Whether the next line begins while outputs of this one are still to be made.

        Then its first sum adds up beside the sum that runs.
        """
        return self.axis.output_beats + self.axis.delay > self.period

    @cached_property
    def _selects(self) -> list[Select]:
        return self.axis.selects()

    @property
    def entering(self) -> Select:
        """What enters at an output, but for a line's first."""
        return self._selects[-1]

    @property
    def leaving(self) -> Select:
        """What leaves after an output."""
        return self._selects[0]

    @property
    def newest(self) -> int:
        """Age of what enters inside of the line. 0, unless a reflecting border delays the output.
        """
        return self._age(self.entering)

    @property
    def oldest(self) -> int:
        """Age of what leaves inside of the line."""
        return self._age(self.leaving)

    @cached_property
    def weights(self) -> tuple[int, ...]:
        """How often each of a line's first samples counts in the line's first sum."""
        weights = [0] * (self.axis.delay + 1)
        for source in self._first_sources:
            if isinstance(source, Sample):
                weights[self.axis.delay - source.age] += 1
        return tuple(weights)

    @cached_property
    def border_count(self) -> int:
        """How often the constant border counts in a line's first sum."""
        return sum(source is None for source in self._first_sources)

    @property
    def first_weight(self) -> int:
        """How often the very first sample counts, where that is more than twice; else 1."""
        return self.weights[0] if self.weights[0] > 2 else 1

    @cached_property
    def doubled(self) -> range:
        """Which samples count twice in a line's first sum."""
        twice = [place for place, weight in enumerate(self.weights) if weight == 2]
        doubled = range(twice[0], twice[-1] + 1) if twice else range(0)
        assert [*doubled] == twice
        return doubled

    @property
    def holds_first(self) -> bool:
        """Whether the line's first sample leaves over and over: it replicates."""
        return self.axis.border_before == "replicate" and bool(self.leaving.cases)

    @property
    def holds_last(self) -> bool:
        """Whether the line's last sample enters over and over: it replicates."""
        return self.axis.border_after == "replicate" and bool(self.entering.cases)

    @property
    def holds(self) -> bool:
        """Whether either does."""
        return self.holds_first or self.holds_last

    @cached_property
    def mirrored(self) -> Mapping[int, tuple[Flag, ...]]:
        """Where a border reflects: the ages of what enters or leaves, and when it is which."""
        flags: dict[int, list[Flag]] = {}
        for held, cases in ((self.holds_first, self.leaving.cases),
                            (self.holds_last, self.entering.cases)):
            for case in () if held else cases:
                if isinstance(case.source, Sample):
                    flags.setdefault(case.source.age, []).append(case.flag)
        return {age: tuple(each) for age, each in sorted(flags.items())}

    @cached_property
    def depth(self) -> int:
        """Beats before the incoming one that are read: ``kernel - 1``, or more where
        :attr:`.axis.Axis.depth` is more."""
        held = self.axis.delay if self.holds_first else 0
        return max(self.oldest, held, *self.mirrored, 0)

    @property
    def _first_sources(self) -> list[Sample | None]:
        """Sources of all taps at a line's first output."""
        loads = Flag("first", self.axis.delay)

        def source(select: Select) -> Sample | None:
            found = next((case for case in select.cases if case.flag == loads),
                         Case(loads, select.default))
            assert found.source is None or isinstance(found.source, Sample)
            return found.source

        return [source(select) for select in self._selects]

    @staticmethod
    def _age(select: Select) -> int:
        assert isinstance(select.default, Sample)
        return select.default.age
