"""When the parts of a pipeline make their pushes, and how much waits between them.

A part takes a beat of each of its links at once, so that one may have to wait for another; and a
part with time to spare may make many beats at once. Here is one order of events in which the
slowest part never waits: it makes its pushes one after the other, frames back to back; the parts
before it make theirs as late as that allows, all others as early as they can. What is made and not
yet taken at any moment then is what a queue has to hold.

With queues of such depths frames take as long as the slowest part needs, since in hardware nothing
happens later than here. Nor can parts hang: whether queues that are written and read in order block
each other depends on their sizes, not on when anything happens (they are a Kahn network), and here
is one order of events that goes on for ever.

Numbers of beats, of pushes and times are lines between the ends of rows, where they bend: those of
all flows that a part makes or takes. A beat or two by which lines are off is added.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt


__all__ = ["End", "Flow", "Reader", "depths", "first_push"]

#: What lines between the ends of rows may be off by, in beats: one at either end, and rounding.
_MARGIN = 4
#: Cycles from a beat that a reader takes to the push that may follow it: until then its place is
#: not free. As many as random pipelines with wide rows need: 12 were too few for one of 150.
_BACK = 16
#: Frames that are worked out. Some of the first and the last are not like those between.
_FRAMES = 8

Numbers = npt.NDArray[Any]


class Reader(NamedTuple):
    """What takes beats: a part, or whatever takes the output of the last one.

    Attributes
    ----------
    beats, height : :class:`int`
        Beats of a row, and rows.
    row, frame : :class:`int`
        Pushes from a row to the next, and from a frame to the next.
    clocks : :class:`int`
        Cycles of a push.
    owed : :class:`int`
        Row times that it may need behind a frame.
    """

    beats: int
    height: int
    row: int
    frame: int
    clocks: int
    owed: int

    @property
    def cycles(self) -> int:
        """Cycles of a frame, at least."""
        return self.frame * self.clocks

    def pushes(self, row: Numbers, beat: Numbers) -> Numbers:
        """The push that takes a beat; rows are counted through all frames."""
        return row // self.height * self.frame + row % self.height * self.row + beat


class End(NamedTuple):
    """What leaves a part.

    Attributes
    ----------
    step : :class:`int`
        The part's step that makes it.
    height, beats : :class:`int`
        Rows of its frame, and beats of a row.
    rows, columns : (:class:`int`, :class:`int`)
        Row times, and pushes, from the part's input to the first of them and from one to the next.
    """

    step: int
    height: int
    beats: int
    rows: tuple[int, int]
    columns: tuple[int, int]

    def pushes(self, source: Reader, row: Numbers, beat: Numbers) -> Numbers:
        """The push of the part that makes a beat; rows are counted through all frames."""
        (first_row, rows), (first_beat, beats) = self.rows, self.columns
        return (row // self.height * source.frame
                + (first_row + row % self.height * rows) * source.row + first_beat + beat * beats)


class Flow(NamedTuple):
    """What goes from a part to a reader, and the time that it takes.

    Attributes
    ----------
    source, reader : :class:`int`
        The part, and who reads. A part reads of parts before it.
    end : :class:`End`
        What leaves the part.
    block : (:class:`int`, :class:`int`)
        The rows and columns as which each pixel comes to the reader.
    whole : :class:`bool`
        Whether all of a frame must be there before any comes to the reader, which takes more beats
        then. Two frames are held.
    made, late : :class:`int`
        Cycles from an input beat of the part to what is made with its push, and from there to the
        reader.
    """

    source: int
    reader: int
    end: End
    block: tuple[int, int]
    whole: bool
    made: int
    late: int


class _Course:
    """The beats of a flow where lines bend: which push makes them, which one takes them.

    ``bends`` are pushes from the start of a row, of the source and of the reader.
    """

    def __init__(self, flow: Flow, source: Reader, reader: Reader,
                 bends: tuple[set[int], set[int]]) -> None:
        end, (rows, columns) = flow.end, flow.block
        self.flow = flow
        if flow.whole:  # the last beat of each frame, and the push that takes the first
            frame = np.arange(_FRAMES)
            self.beats = (frame + 1) * end.height * end.beats - 1
            self.made = end.pushes(source, (frame + 1) * end.height - 1,
                                   np.full(_FRAMES, end.beats - 1))
            self.taken = frame * reader.frame
            return
        first, step = end.columns
        near = {0, end.beats - 1}
        for push in (each + more * source.row for each in bends[0] for more in (-1, 0, 1)):
            near |= {(push - first) // step, -(-(push - first) // step)}
        for push in bends[1]:
            near |= {push // columns, -(-push // columns)}
        beats = sorted(beat for beat in near if 0 <= beat < end.beats)
        row = np.repeat(np.arange(_FRAMES * end.height), len(beats))
        beat = np.tile(beats, _FRAMES * end.height)
        self.beats = row * end.beats + beat
        self.made = end.pushes(source, row, beat)
        self.taken = reader.pushes(row * rows, np.minimum(beat * columns, reader.beats - 1))


def depths(readers: Sequence[Reader], flows: Sequence[Flow]) -> list[int]:
    """Beats that each flow has to hold.

    Parameters
    ----------
    readers : sequence of :class:`Reader`
        The parts, each behind those that it reads, and what takes the last one's beats if that is
        among the flows.
    flows : sequence of :class:`Flow`
        What goes between them.
    """
    slowest = max(range(len(readers)), key=lambda each: readers[each].cycles)
    bends: list[set[int]] = [{0, reader.beats - 1} for reader in readers]
    for flow in flows:
        first, step = flow.end.columns
        ends = {first, first + step * (flow.end.beats - 1)}
        bends[flow.source] |= {push % readers[flow.source].row for push in ends}
        bends[flow.reader].add(min((flow.end.beats - 1) * flow.block[1],
                                   readers[flow.reader].beats - 1))
    courses = [_Course(flow, readers[flow.source], readers[flow.reader],
                       (bends[flow.source], bends[flow.reader])) for flow in flows]
    every = np.array([0, _FRAMES * readers[slowest].frame])
    times = {slowest: (every, every * readers[slowest].clocks)}

    def at(part: int, pushes: Numbers) -> Numbers:
        return np.interp(pushes, *times[part])

    for part in range(slowest - 1, -1, -1):
        if mine := [each for each in courses if each.flow.source == part
                    and each.flow.reader in times]:
            times[part] = _times(
                readers[part].clocks, [each.made for each in mine],
                [at(each.flow.reader, each.taken) - each.flow.made - each.flow.late
                 for each in mine], latest=True)
    for part, reader in enumerate(readers):
        if part not in times:
            mine = [each for each in courses if each.flow.reader == part]
            times[part] = _times(
                reader.clocks, [each.taken for each in mine],
                [at(each.flow.source, each.made) + each.flow.made + each.flow.late
                 for each in mine], latest=False)

    held_up = {flow.source for flow in flows} - {slowest}
    found = []
    for each in courses:
        flow, frame = each.flow, len(each.beats) // _FRAMES
        if flow.whole:
            found.append(2 * flow.end.height * flow.end.beats)
            continue
        made = at(flow.source, each.made) + flow.made
        taken = at(flow.reader, each.taken)
        middle = slice(2 * frame, -3 * frame)
        most = max((np.interp(taken, made, each.beats) - each.beats)[middle].max(),
                   (each.beats - np.interp(made, taken, each.beats))[middle].max())
        begun = _begun(readers[flow.reader], *times[flow.reader], flow.reader in held_up)
        found.append(math.ceil(max(most, 0)) + _MARGIN + _BACK + begun)
    return found


def _times(
    clocks: int, pushes: Sequence[Numbers], bounds: Sequence[Numbers], *, latest: bool
) -> tuple[Numbers, Numbers]:
    """When a part makes its pushes: as late as can be before all bounds, or soon behind them."""
    each = np.concatenate(pushes)
    order = np.argsort(each, kind="stable")
    each = each[order]
    spare = np.concatenate(bounds)[order] - each * clocks
    spare = (np.minimum.accumulate(spare[::-1])[::-1] if latest else np.maximum.accumulate(spare))
    places, first = np.unique(each, return_index=True)
    last = np.append(first[1:], len(each)) - 1
    return places, places * clocks + spare[first if latest else last]


def _begun(reader: Reader, pushes: Numbers, times: Numbers, held_up: bool) -> int:
    """Beats of a row that a reader may have begun without input, while it waited for a frame.

    If that which takes what it makes holds it up, such a row may take until the frame is there.
    """
    if held_up and reader.owed:
        return reader.row
    end = 3 * reader.frame + (reader.height - 1) * reader.row + reader.beats - 1
    last, following = np.interp([end, 4 * reader.frame], pushes, times)
    row = reader.row * reader.clocks
    waits = following - last - (row - (reader.beats - 1) * reader.clocks)
    return reader.row if 1 < waits < reader.owed * row else 0


def first_push(
    readers: Sequence[Reader], flows: Sequence[Flow], part: int, end: End, *, whole: bool = False
) -> int:
    """Cycles from the first beat of the first part to the push that makes the first of an end.

    With ``whole`` to the push that makes the last beat of its first frame.
    """

    def pushes(part: int, count: int) -> Numbers:
        """When a part makes each of its first pushes, if nothing hinders it."""
        reader = readers[part]
        every = np.arange(count)
        come = np.zeros(count, np.int64)
        row, beat = np.divmod(every, reader.row)
        takes = (beat < reader.beats) & (row < reader.height)
        index = (row * reader.beats + beat)[takes]
        for flow in flows:
            if flow.reader == part:
                come[takes] = np.maximum(come[takes], arrivals(flow, int(index[-1]) + 1)[index])
        return np.maximum.accumulate(come - every * reader.clocks) + every * reader.clocks

    def arrivals(flow: Flow, count: int) -> Numbers:
        """When each of a flow's first beats comes to its reader, one a cycle at most."""
        every, (rows, columns) = np.arange(count), flow.block
        up, along = np.divmod(every, readers[flow.reader].beats)
        row, beat = up // rows, np.where(up % rows, flow.end.beats - 1, along // columns)
        if flow.whole:
            row, beat = (np.full(count, most - 1) for most in (flow.end.height, flow.end.beats))
        made = flow.end.pushes(readers[flow.source], row, beat)
        come = pushes(flow.source, int(made.max()) + 1)[made] + flow.made + flow.late
        return np.maximum.accumulate(come - every) + every

    row, beat = ([each - 1 if whole else 0] for each in (end.height, end.beats))
    made = end.pushes(readers[part], np.array(row), np.array(beat))
    return int(pushes(part, int(made[0]) + 1)[-1])
