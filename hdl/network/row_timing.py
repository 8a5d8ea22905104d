"""When each row of a network is made: a max-plus system of its rows, and the memory that it takes.

What makes rows is an :class:`Engine`. It starts a row when three things are so: its row before is
done; the rows that it reads are whole; there is room for the row wherever it goes. It frees rows at
the end of the last row that reads them. So every time is the greatest of some others plus a
constant, and frames back to back settle into some that are those before, moved by a constant: the
greatest mean of any cycle of waits.

The hardware waits for room beat by beat, not row by row, so it never starts later. In a max-plus
system nothing that comes sooner makes anything come later: the hardware's interval is no more than
this one. It is no less than the slowest engine's own clocks either. Where the two are one, as
:func:`fit_rooms` makes them, the interval is exact.

It cannot hang either: whether queues that are read and written in order block each other depends
on their sizes, not on when anything happens (they are a Kahn network), and here is one order of
events that goes on for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...model.errors import InputError
from ...model.network.row_reads import RowReads


__all__ = ["HANDOFF", "DeadlockError", "Engine", "Read", "RowTiming", "Wait", "fit_rooms"]

HANDOFF = 64
"""Clocks from the end of an engine's row to the start of what waited for it, at most. More than
true costs memory, never a wrong result."""

MOST_FRAMES = 64
"""Frames after which rooms grow, if rows have not settled and wait for room."""

MOST_SETTLING = 1 << 14
"""Frames by which they must have settled. The nearer two layers' clocks are to each other, the
longer it takes until the room between them is full."""

PERIODS_TRIED = 16
"""Frames that may differ from each other after that, and be the same again and again; or as many as
all rooms hold, each of which may wait for another."""


@dataclass(frozen=True)
class Read:
    """An engine's memory of rows.

    Attributes
    ----------
    source : :class:`int`
        The engine that writes them.
    rows : :class:`~windrow.model.network.row_reads.RowReads`
        Which rows it needs, and which it frees.
    cost : :class:`int`
        Bits of a row.
    after : :class:`int`
        Clocks from the end of the writer's row to the start of what waited for it, at most.
    """

    source: int
    rows: RowReads
    cost: int
    after: int = HANDOFF

    @property
    def least(self) -> int:
        """Rows without which the reader could not work at all."""
        return self.rows.least


@dataclass(frozen=True)
class Wait:
    """A queue in which the rows of an engine wait for those of another, one for one.

    Attributes
    ----------
    source, meets : :class:`int`
        The engine that writes it; the one whose row takes a row from it.
    cost : :class:`int`
        Bits of a row.
    after : :class:`int`
        Clocks from the end of the row that waits to the start of the one that meets it, at most.
        Below 0 where that gives its first beat only later.
    freed : :class:`int`
        Clocks from the end of the row that meets it to the start of what waited for its room, at
        most: more where that row comes late to where they meet.
    """

    source: int
    meets: int
    cost: int
    after: int = HANDOFF
    freed: int = HANDOFF

    least = 1


@dataclass(frozen=True)
class Engine:
    """What makes rows.

    Attributes
    ----------
    rows : :class:`int`
        Of a frame.
    clocks : :class:`int`
        Of a row.
    read : :class:`Read` or ``None``
        What it reads; ``None`` of the network's input.
    """

    rows: int
    clocks: int
    read: Read | None = None


class DeadlockError(Exception):
    """Rows wait for each other. ``rooms`` are those that would have to be larger."""

    def __init__(self, rooms: Sequence[int]) -> None:
        super().__init__("rows wait for each other for ever")
        self.rooms = rooms


@dataclass(frozen=True)
class _Cause:
    """What a row waits for: a row of an engine, counted from the frame's first, and some clocks.

    ``room`` is the one that lacks room, where it is that.
    """

    engine: int
    row: int
    after: int
    room: int | None = None


class RowTiming:
    """The rows of frames back to back.

    A *room* is a memory or a queue: first the memories, in the order of their engines, then the
    queues. Its size is in rows.

    Parameters
    ----------
    engines, waits : sequence
        The network. An engine reads one before it.
    rooms : sequence of :class:`int`
        The size of each room.
    """

    def __init__(
        self, engines: Sequence[Engine], waits: Sequence[Wait], rooms: Sequence[int]
    ) -> None:
        self._engines, self._waits, self._rooms = engines, waits, rooms
        self._causes: list[list[list[_Cause]]] = [
            [[_Cause(index, row - 1, 0)] for row in range(engine.rows)]
            for index, engine in enumerate(engines)]
        sizes = iter(enumerate(rooms))
        for index, engine in enumerate(engines):
            if engine.read is not None:
                room, size = next(sizes)
                source = engine.read.source
                for row, last in enumerate(engine.read.rows.last):
                    self._causes[index][row].append(_Cause(source, last, engine.read.after))
                self._need_room(source, room, size, index,
                                engine.read.rows.freed)
        for wait, (room, size) in zip(waits, sizes, strict=True):
            for row in range(engines[wait.source].rows):
                self._causes[wait.meets][row].append(_Cause(wait.source, row, wait.after))
            self._need_room(wait.source, room, size, wait.meets,
                            range(engines[wait.source].rows), wait.freed)
        self._ends: list[list[int]] = [[] for _ in engines]

    def _need_room(self, source: int, room: int, size: int, reader: int,
                   freed: Sequence[int], after: int = HANDOFF) -> None:
        """A row of ``source`` needs the place of the one ``size`` rows before it."""
        rows, frame = self._engines[source].rows, self._engines[reader].rows
        for row in range(rows):
            earlier, place = divmod(row - size, rows)
            self._causes[source][row].append(
                _Cause(reader, earlier * frame + freed[place], after, room))

    def _waits_for(self, index: int, row: int) -> list[tuple[int, int, _Cause]]:
        """Engine, row and cause of each thing that a row waits for."""
        frame, place = divmod(row, self._engines[index].rows)
        found = []
        for cause in self._causes[index][place]:
            at = frame * self._engines[cause.engine].rows + cause.row
            if at >= 0:
                found.append((cause.engine, at, cause))
        return found

    def run(self, frames: int) -> None:
        """Work out all rows of so many frames.

        Raises
        ------
        :exc:`DeadlockError`
            If rows wait for each other.
        """
        counts = [engine.rows * frames for engine in self._engines]
        while any(len(ends) < count for ends, count in zip(self._ends, counts, strict=True)):
            before = sum(map(len, self._ends))
            for index, count in enumerate(counts):
                self._advance(index, count)
            if sum(map(len, self._ends)) == before:
                raise DeadlockError(self._blocked(counts))

    def _advance(self, index: int, count: int) -> None:
        ends, clocks = self._ends[index], self._engines[index].clocks
        while len(ends) < count:
            start = 0
            for engine, row, cause in self._waits_for(index, len(ends)):
                known = self._ends[engine]
                if row >= len(known):
                    return
                start = max(start, known[row] + cause.after)
            ends.append(start + clocks)

    def _blocked(self, counts: Sequence[int]) -> list[int]:
        """The rooms in a cycle of engines that wait for each other."""
        index = next(index for index, count in enumerate(counts) if len(self._ends[index]) < count)
        path: list[tuple[int, int | None]] = []
        while index not in [each for each, _ in path]:
            engine, _, cause = next(each for each in self._waits_for(index, len(self._ends[index]))
                                    if each[1] >= len(self._ends[each[0]]))
            path.append((index, cause.room))
            index = engine
        start = [each for each, _ in path].index(index)
        return [room for _, room in path[start:] if room is not None]

    def end(self, index: int, row: int) -> int:
        """When a row, counted through all frames, is done; the first of the first starts at 0."""
        return self._ends[index][row]

    def period(self) -> tuple[int, int] | None:
        """Frames after which all rows come again, moved by so many clocks, once they have settled:
        it is so for all that later rows depend on. ``None``: not yet."""
        held = [-(-size // self._engines[source].rows)
                for size, source in zip(self._rooms, self._sources, strict=True)]
        depth = 1 + max(held, default=0)
        for frames in range(1, max(PERIODS_TRIED, 1 + sum(held)) + 1):
            moved: set[int] = set()
            for engine, ends in zip(self._engines, self._ends, strict=True):
                if len(ends) < (depth + frames) * engine.rows:
                    return None
                moved |= {late - early for late, early in zip(
                    ends[-depth * engine.rows:], ends[-(depth + frames) * engine.rows:],
                    strict=False)}
            if len(moved) == 1:
                return frames, moved.pop()
        return None

    def keeps(self, interval: int) -> bool:
        """Whether a frame takes no more than so many clocks, once rows have settled."""
        found = self.period()
        return found is not None and found[1] <= found[0] * interval

    @property
    def _sources(self) -> list[int]:
        return [engine.read.source for engine in self._engines if engine.read is not None] + [
            wait.source for wait in self._waits]

    def critical(self) -> list[int]:
        """The rooms in the cycle of waits that sets the interval; while rows have not settled,
        those in all waits that led to the last."""
        frames, _ = self.period() or (MOST_FRAMES, 0)
        index = len(self._engines) - 1
        row = len(self._ends[index]) - 1
        path: list[int | None] = []
        seen: dict[tuple[int, int], int] = {}
        while (place := (index, row % (self._engines[index].rows * frames))) not in seen:
            seen[place] = len(path)
            start = self._ends[index][row] - self._engines[index].clocks
            found = [each for each in self._waits_for(index, row)
                     if self._ends[each[0]][each[1]] + each[2].after == start]
            if not found:  # the first frame's first row
                return [room for room in path if room is not None]
            # What no room would help comes first.
            index, row, cause = min(found, key=lambda each: each[2].room is not None)
            path.append(cause.room)
        return [room for room in path[seen[place]:] if room is not None]


def fit_rooms(
    engines: Sequence[Engine], waits: Sequence[Wait], interval: int
) -> tuple[list[int], RowTiming]:
    """The rooms with which frames come every ``interval`` clocks, none of them larger than needed.

    Not always the least bits of all: each is the least while the others are what they are, and as
    far as :data:`MOST_FRAMES` frames show it.

    Parameters
    ----------
    engines, waits : sequence
        The network, as for :class:`RowTiming`.
    interval : :class:`int`
        Clocks a frame: no less than any engine's own.

    Raises
    ------
    :exc:`~windrow.model.errors.InputError`
        If rows take more than :data:`MOST_SETTLING` frames to settle.
    """
    edges: list[Read | Wait] = [
        *(engine.read for engine in engines if engine.read is not None), *waits]
    rooms = [each.least for each in edges]

    def settled(sizes: Sequence[int]) -> RowTiming:
        timing = RowTiming(engines, waits, sizes)
        frames = 4
        # Where engines are nearly as slow as the slowest, rooms fill slowly.
        while timing.period() is None and (frames <= MOST_FRAMES or (
                frames <= MOST_SETTLING and not timing.critical())):
            timing.run(frames)
            frames *= 2
        return timing

    while True:
        try:
            timing = settled(rooms)
            if timing.keeps(interval):
                break
            lacking = timing.critical()
        except DeadlockError as blocked:
            lacking = list(blocked.rooms)
        if not lacking:
            raise InputError(
                "the network cannot be planned so: layers take nearly the same clocks a frame, and "
                f"their rows settle after more than {MOST_SETTLING} frames; give another number of "
                "--multipliers or --cycles")
        rooms[min(lacking, key=lambda room: edges[room].cost)] += 1
    for room in sorted(range(len(rooms)), key=lambda room: -edges[room].cost):
        while rooms[room] > edges[room].least:
            fewer = [size - (index == room) for index, size in enumerate(rooms)]
            try:
                shorter = settled(fewer)
            except DeadlockError:
                break
            if not shorter.keeps(interval):
                break
            rooms, timing = fewer, shorter
    return rooms, timing
