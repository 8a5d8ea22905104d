"""Where every kernel tap finds its sample, along one axis of the frame.

Rows and columns obey the same arithmetic: a line of ``size`` samples arrives ``lanes`` at a time
in *beats*, is extended by a border on both ends, and is swept by a window. :class:`Axis` works
out, before any hardware exists, how many beats the window must lag behind the input, and from
which already received sample each tap takes its value at each position. The vertical border
(:mod:`.row_border`) and the window (:mod:`.window`) only turn these tables into multiplexers.

Positions near an edge are told apart by :class:`Flag`: "the beat that was first (or last) in its
line is ``age`` beats old". A flag that travels with the samples *is* the distance to the edge, so
that no counter is ever compared.

Where the border is chosen while the core runs, :class:`AnyAxis` merges the tables of all borders:
a flag then also says for which of them it holds.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import Literal, NamedTuple, TypeAlias

from .borders import BORDERS, INWARD


__all__ = ["AnyAxis", "Axis", "Case", "Flag", "Sample", "Select", "Tap"]


class Flag(NamedTuple):
    """True while the ``edge`` beat of a line is ``age`` beats old (0: it is the incoming beat).

    With ``borders``: and only while the border ``side`` the line is one of them.
    """

    edge: Literal["first", "last"]
    age: int
    side: Literal["", "before", "after"] = ""
    borders: tuple[str, ...] = ()


class Sample(NamedTuple):
    """The sample in ``lane`` of the beat that came ``age`` beats ago (0: the incoming beat)."""

    age: int
    lane: int


class Tap(NamedTuple):
    """What tap ``number`` of the window held before this beat."""

    number: int


Source: TypeAlias = Sample | Tap | None
"""Where a value comes from; ``None`` is the border value."""


class Case(NamedTuple):
    """While ``flag`` is true the value comes from ``source``."""

    flag: Flag
    source: Source


class Select(NamedTuple):
    """One value: ``default``, unless one of ``cases`` holds (at most one ever does)."""

    default: Source
    cases: tuple[Case, ...]


@dataclass(frozen=True)
class Axis:
    """One axis of a frame under a kernel.

    Parameters
    ----------
    size : :class:`int`
        Samples in a line of the input. At least ``kernel``.
    kernel : :class:`int`
        Taps of the kernel along this axis.
    before, after : :class:`int`
        Padding samples at either end, 0 to ``kernel - 1``.
    border_before, border_after : :class:`str`
        What fills the padding: ``constant``, ``replicate``, ``symmetric`` or ``reflect101``.
    lanes : :class:`int`
        Samples in a beat. The last beat of a line may be partly filled.
    least_delay : :class:`int`
        Least :attr:`delay`, where the output must wait for something else too.
    """

    size: int
    kernel: int
    before: int
    after: int
    border_before: str
    border_after: str
    lanes: int = 1
    least_delay: int = 0

    @property
    def output_size(self) -> int:
        """Samples in a line of the output."""
        return self.size + self.before + self.after - self.kernel + 1

    @property
    def input_beats(self) -> int:
        """Beats in a line of the input."""
        return -(-self.size // self.lanes)

    @property
    def output_beats(self) -> int:
        """Beats in a line of the output."""
        return -(-self.output_size // self.lanes)

    @property
    def taps(self) -> int:
        """Samples the window shows at once: ``kernel`` for each lane, overlapping."""
        return self.lanes + self.kernel - 1

    @cached_property
    def delay(self) -> int:
        """Beats from a line's first input beat to its first output beat.

        Usually what the kernel reaches ahead. A reflecting border at the start of a line may
        reach further ahead than the kernel does; then the output waits for that sample.
        """
        shown = (self._source(0, tap) for tap in range(self.taps))
        farthest = max(source for source in shown if source is not None)
        return max(farthest // self.lanes, self.least_delay)

    @property
    def drain(self) -> int:
        """Age of a line's last input beat when the line's last output beat is made. At least 0."""
        return self.output_beats - 1 + self.delay - (self.input_beats - 1)

    @cached_property
    def depth(self) -> int:
        """Beats before the incoming one that :meth:`selects` reads: the memory this axis needs.

        For one lane it is ``kernel - 1``, except where a reflecting border is wider than half the
        kernel: even kernels and off-centre anchors under ``reflect101``, and paddings that enlarge
        the frame. With ``m`` the farthest sample that the border of ``n`` mirrors (``n`` from the
        edge for reflect101, ``n - 1`` for symmetric), it is the greater of ``delay + before`` and
        ``delay + before - (kernel - 1) + after + m_after``, where ``delay`` is the greater of
        ``kernel - 1 - before`` and ``m_before``.

        No implementation that never stops its source does with less for such a border at the start
        of a frame: sample ``m`` has to arrive before the first output, everything before it is
        still to be used by the outputs that follow, and input and output go at the same rate.
        """
        return max(
            source.age
            for select in self.selects()
            for source in (select.default, *(case.source for case in select.cases))
            if isinstance(source, Sample)
        )

    def selects(self) -> list[Select]:
        """Source of each tap when all the beats within :attr:`depth` can be read at any time.

        This is how the rows work: a memory gives all of them at once. Only for one lane.
        """
        assert self.lanes == 1
        cases: list[list[Case]] = [[] for _ in range(self.taps)]
        for beat in self._edge_beats():
            for tap in range(self.taps):
                position = beat - self.before + tap
                if position < 0:
                    cases[tap].append(Case(Flag("first", beat + self.delay), self._at(beat, tap)))
                elif position >= self.size:
                    cases[tap].append(Case(self._last_flag(beat), self._at(beat, tap)))
        return [
            Select(Sample(self.delay + self.before - tap, 0), tuple(cases[tap]))
            for tap in range(self.taps)
        ]

    def updates(self) -> list[Select]:
        """Source of each tap when the taps are registers that shift by ``lanes`` at each beat.

        This is how the columns work. Borders cost one 2:1 multiplexer a tap this way, however wide
        they are: at a line's first output beat the taps are loaded, border included, from the last
        few input beats (:class:`Sample`); after that they shift, and only the ``lanes`` newest taps
        choose between the input and, past the line's end, a mirrored value. The input beats of the
        next line may already stream in meanwhile.

        Element ``i`` belongs to tap ``i - extra``, where ``extra = len(updates()) - taps`` counts
        older taps that only a border reads. No :class:`Sample` is older than :attr:`delay`.
        """
        first_fed = self.taps - self.lanes
        fed: dict[int, list[Case]] = {tap: [] for tap in range(first_fed, self.taps)}
        for beat in self._edge_beats():
            for tap, cases in fed.items():
                position = beat * self.lanes - self.before + tap
                if beat > 0 and self.size <= position < self.size + self.after:
                    cases.append(Case(self._last_flag(beat), self._feed(beat, tap)))

        load_flag = Flag("first", self.delay)
        oldest = min([0, *(c.source.number for cases in fed.values() for c in cases
                           if isinstance(c.source, Tap))])
        updates = []
        for tap in range(oldest, self.taps):
            default: Source = Tap(tap + self.lanes)
            if tap >= first_fed:
                # Where the kernel is as wide as a short line, this tap may lie past the end at
                # every beat; it has no input to wait for then.
                default = Sample(max(self._age(0, tap - self.before), 0),
                                 (tap - self.before) % self.lanes)
            cases = list(fed.get(tap, ()))
            if tap >= 0 and self._must_load(tap):
                load = self._at(0, tap)
                if load != default:
                    cases.append(Case(load_flag, load))
            updates.append(Select(default, tuple(cases)))
        return updates

    # A line's outputs, by beat and tap

    def _edge_beats(self) -> Iterable[int]:
        """Output beats at which some tap may lie outside of the line."""
        margin = self.kernel // self.lanes + 2
        if self.output_beats <= 2 * margin:
            return range(self.output_beats)
        return [*range(margin), *range(self.output_beats - margin, self.output_beats)]

    def _source(self, beat: int, tap: int) -> int | None:
        """Index of the input sample that ``tap`` shows at output ``beat``; None: border value."""
        position = beat * self.lanes - self.before + tap
        if position >= self.size + self.after:
            return self.size - 1  # only lanes past the end of the output look here
        return self.source(position)

    def source(self, position: int) -> int | None:
        """Index of the sample at a place of the extended line, 0 the first; None: border value."""
        if 0 <= position < self.size:
            return position
        past = -position if position < 0 else position - (self.size - 1)
        inward = INWARD[self.border_before if position < 0 else self.border_after]
        if inward is None:
            return None
        return inward(past) if position < 0 else self.size - 1 - inward(past)

    def _age(self, beat: int, sample: int) -> int:
        """Age of the input beat that brought ``sample`` when output ``beat`` is made."""
        return beat + self.delay - sample // self.lanes

    def _at(self, beat: int, tap: int) -> Sample | None:
        sample = self._source(beat, tap)
        return None if sample is None else Sample(self._age(beat, sample), sample % self.lanes)

    def _last_flag(self, beat: int) -> Flag:
        return Flag("last", beat + self.delay - (self.input_beats - 1))

    def _feed(self, beat: int, tap: int) -> Source:
        """What enters at ``tap``, past the end of the line: a new sample or one that was shown."""
        sample = self._source(beat, tap)
        if sample is None:
            return None
        if self._source(beat - 1, self.taps - 1) == sample:
            return Tap(self.taps - 1)  # of one lane the register itself: it needs no multiplexer
        shown = sample - ((beat - 1) * self.lanes - self.before)
        return Tap(shown) if shown < self.taps else self._at(beat, tap)

    def _must_load(self, tap: int) -> bool:
        """Whether shifting alone would show something else in ``tap`` at the first output beat."""
        position = tap - self.before
        undisturbed = self.after == 0 and self._age(0, self.taps - 1 - self.before) >= 0
        return not (undisturbed and 0 <= position < self.size)


Borders: TypeAlias = tuple[str, str]
"""The border before a line and that after it."""

#: Those that show what each border does at its end: the other end has no part in it.
_PAIRS = list(dict.fromkeys([*((border, BORDERS[0]) for border in BORDERS),
                             *((BORDERS[0], border) for border in BORDERS)]))


@dataclass(frozen=True)
class AnyAxis(Axis):
    """An axis whose borders are chosen while the core runs.

    Every border has the delay of the one that needs the greatest, so that a change of the border
    moves no output. What does not depend on it costs nothing: without padding the tables are those
    of an :class:`Axis`.

    Parameters
    ----------
    border_before, border_after : :class:`str`
        The borders to begin with. The tables do not depend on them.
    least_age : :class:`int`
        Least age of a flag that :meth:`updates` asks for: 1 where each is to come out of a
        register.
    """

    least_age: int = 0

    @cached_property
    def delay(self) -> int:
        """Beats from a line's first input beat to its first output beat, whatever the border."""
        delay = max([self.least_delay, *(axis.delay for axis in self._axes(0).values())])
        if self.least_age == 0:
            return delay
        return next(more for more in count(delay) if all(
            case.flag.age >= self.least_age
            for update in self._updates(more) for case in update.cases))

    def selects(self) -> list[Select]:
        """As :meth:`Axis.selects`, with flags for the borders."""
        return _merged({pair: axis.selects() for pair, axis in self._axes(self.delay).items()})

    def updates(self) -> list[Select]:
        """As :meth:`Axis.updates`, with flags for the borders."""
        return self._updates(self.delay)

    def _axes(self, delay: int) -> dict[Borders, Axis]:
        """The axis of each border at either end."""
        return {
            pair: Axis(self.size, self.kernel, self.before, self.after, *pair, self.lanes, delay)
            for pair in _PAIRS
        }

    def _updates(self, delay: int) -> list[Select]:
        updates = {pair: axis.updates() for pair, axis in self._axes(delay).items()}
        most = max(map(len, updates.values()))
        # Older taps, which only some borders read, do nothing but shift.
        older = {
            pair: [Select(Tap(number - most + self.taps + self.lanes), ())
                   for number in range(most - len(table))]
            for pair, table in updates.items()
        }
        return _merged({pair: older[pair] + table for pair, table in updates.items()})


def _merged(tables: Mapping[Borders, Sequence[Select]]) -> list[Select]:
    """One table of those of each pair of borders."""
    merged = []
    for selects in zip(*tables.values(), strict=True):
        (default,) = {select.default for select in selects}
        flags = dict.fromkeys(case.flag for select in selects for case in select.cases)
        cases = [
            case for flag in flags
            for case in _merged_cases(flag, dict(zip(tables, selects, strict=True)))
            if case.source != default
        ]
        merged.append(Select(default, tuple(cases)))
    return merged


def _merged_cases(flag: Flag, selects: Mapping[Borders, Select]) -> list[Case]:
    """What a value comes from while an edge is so old, for each border that makes a difference.

    That is the border on one side, or none: a tap lies beyond one end of the line at most.
    """
    sources = {
        pair: next((case.source for case in select.cases if case.flag == flag), select.default)
        for pair, select in selects.items()
    }
    sides: tuple[tuple[Literal["before", "after"], int], ...] = (("before", 0), ("after", 1))
    for side, at in sides:
        borders: dict[Source, list[str]] = {}
        for pair, source in sources.items():
            if pair[1 - at] == BORDERS[0]:
                borders.setdefault(source, []).append(pair[at])
        if len(borders) > 1:
            return [Case(flag._replace(side=side, borders=tuple(names)), source)
                    for source, names in borders.items()]
    return [Case(flag, sources[BORDERS[0], BORDERS[0]])]
