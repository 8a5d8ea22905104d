"""When each stage of a pipeline is at work: all of them advance on the same push.

What leaves a stage is the push of the stages behind it. Each stage is a fixed number of row times
and of pushes behind the input, so that branches that meet need no queue: where one has to wait, its
window lies so many rows and beats further back in lines that are kept anyway.

.. code-block:: text

    pushes     -> x rows of `input` -> stage a -> a: 1 row, 1 beat late
                                               \\
                  the same lines, 1 row back --> stage b reads both: 1 row, 1 beat late
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from ..model.errors import InputError
from ..model.line_plan import Read, fewest_lines
from ..model.pipeline import FilterStage, Pipeline, ShuffleStage, Stage, SubsetStage
from ..model.queue_plan import End
from ..model.window import Window
from .framing.subset_push import SubsetPush
from .geometry import Geometry, PathSweep, Span
from .meeting import meeting
from .parts import Link, Part, parts_of


__all__ = ["LockStep", "Step", "lock_steps"]


@dataclass(frozen=True)
class Step:
    """A stage in its place.

    Parameters
    ----------
    stage : :class:`~windrow.model.pipeline.Stage` or ``None``
        The stage; ``None`` where taps are only put side by side.
    sources, taps : tuple of :class:`str`
        What it reads, and what it makes.
    geometries : tuple of :class:`~.geometry.Geometry`
        Of the window on each source.
    """

    stage: Stage | None
    sources: tuple[str, ...]
    taps: tuple[str, ...]
    geometries: tuple[Geometry, ...]


class LockStep:
    """The stages of a part of a pipeline, in order, so placed that their lines are fewest bits.

    Parameters
    ----------
    pipeline : :class:`~windrow.model.pipeline.Pipeline`
        The pipeline, without a stage of whole frames.
    part : :class:`~.parts.Part`
        The part.
    shortest_row : :class:`int`
        Least number of pushes in a row time.
    fixed : :class:`bool`
        Whether the frame's size must be known beforehand.
    """

    late: dict[str, tuple[int, int]]
    """Row times and pushes, of what comes in, to each tap that is needed."""

    def __init__(self, pipeline: Pipeline, part: Part, shortest_row: int, *, fixed: bool) -> None:
        self.pipeline = pipeline
        self.part = part
        self.format = part.format(pipeline)
        self._shortest_row = shortest_row
        self._needed, self._ends = _needed(part)
        # The tap out of whose pushes all that a stage reads is made, and their steps on the input.
        base = part.roots[0]
        self._root = dict.fromkeys(part.roots, base)
        self._rate: dict[str, tuple[int, int]] = dict.fromkeys(part.roots, (1, 1))
        for need in self._needed:
            root, rate = self._root[need.sources[0]], self._rate[need.sources[0]]
            if isinstance(need.stage, SubsetStage):
                subset, root = need.stage.subset, need.taps[0]
                rate = rate[0] * subset.row_step, rate[1] * subset.column_step
            self._root.update(dict.fromkeys((*need.taps, need.name), root))
            self._rate.update(dict.fromkeys((*need.taps, need.name), rate))
        frame = pipeline.frame
        self._largest = (frame.max_width, frame.max_height) if (
            frame.registers and not fixed) else None
        self.late = dict.fromkeys(part.roots, (0, 0))
        self._late_ends: dict[str, tuple[int, int]] = {}
        self._waits: dict[str, list[tuple[int, int]]] = {}
        for root in dict.fromkeys(self._root.values()):
            self._place(root)
        self._wait_in_lines()

    def _place(self, root: str) -> None:
        """Place the stages on the pushes of a root: rows so that lines are few, beats early."""
        formats = {name: tap.format for name, tap in self.pipeline.taps.items()}
        thinned = next((need for need in self._needed if need.taps == (root,)), None)
        if thinned is not None:
            assert isinstance(thinned.stage, SubsetStage)
            (source,) = thinned.sources
            (rows, beats), step, subset = (
                self.late[source], self._rate[source], thinned.stage.subset)
            self.late[root] = (
                rows + step[0] * subset.top,
                beats + step[1] * SubsetPush.late(subset, self.pipeline.pixels_per_clock))
            self._waits[thinned.name] = [(0, 0)]
        here = [need for need in self._needed
                if self._root[need.name] == root and need is not thinned]
        axes = {need.name: [window.axes(formats[name], adjustable=need.any_border)
                            for name, window in zip(need.sources, need.windows, strict=True)]
                for need in here}
        down = fewest_lines(
            {need.name: need.taps for need in here},
            [Read(name, need.name, rows.delay, rows.depth - rows.delay)
             for need in here
             for name, (rows, _) in zip(need.sources, axes[need.name], strict=True)],
            {name: each.pixel_bits * each.width for name, each in formats.items()},
            *(self.part.roots if root in self.part.roots else [root]))
        rate = self._rate[root]
        for need in here:
            rows = self.late[root][0] + rate[0] * down[need.name]
            before = [self.late[name] for name in need.sources]
            beats = max(there + rate[1] * columns.delay for (_, there), (_, columns) in zip(
                before, axes[need.name], strict=True))
            self.late.update(dict.fromkeys(need.taps, (rows, beats)))
            self._late_ends[need.name] = rows, beats
            self._waits[need.name] = [
                ((rows - row) // rate[0], (beats - beat) // rate[1]) for row, beat in before]

    def _wait_in_lines(self) -> None:
        """Let taps that leave wait for the latest end, as far as lines are kept of them anyway."""
        kept: dict[str, int] = {}
        for need in self._needed:
            for name, window, (rows, _) in zip(
                    need.sources, need.windows, self._waits[need.name], strict=True):
                axis, _ = window.axes(self.pipeline.taps[name].format,
                                      adjustable=need.any_border, least_delay=(rows, 0))
                kept[name] = max(kept.get(name, 0), axis.depth)
        latest = max(self._late_ends[end.name][0] for end in self._ends)
        for end in self._ends:
            if end.stage is None:
                (rows, beats), waits = self._late_ends[end.name], self._waits[end.name]
                rate, _ = self._rate[end.name]
                more = min((latest - rows) // rate, *(
                    kept[name] - wait for name, (wait, _) in zip(end.sources, waits, strict=True)))
                self._late_ends[end.name] = rows + rate * more, beats
                self._waits[end.name] = [(wait + more, beat) for wait, beat in waits]

    @cached_property
    def ends(self) -> tuple[End, ...]:
        """When the beats of each end are made."""
        made = []
        for need, taps in zip(self._ends, self.part.ends, strict=True):
            each = self.pipeline.taps[taps[0]].format
            (rows, beats), rate = self._late_ends[need.name], self._rate[need.name]
            made.append(End(self._needed.index(need), each.height, each.beats_per_line,
                            (rows, rate[0]), (beats, rate[1])))
        return tuple(made)

    @cached_property
    def sweep(self) -> PathSweep:
        """From the input to whichever end is latest."""
        source = self.format
        formats = [self.pipeline.taps[name].format for name in self.late]
        return PathSweep(
            source, _span(source.height, [(each.height, *each.rows) for each in self.ends]),
            _span(source.beats_per_line, [(each.beats, *each.columns) for each in self.ends]),
            self._shortest_row if self._largest else max(
                self._shortest_row, *(each.beats_per_line for each in formats)),
            self.pipeline.frame.clocks_per_pixel, self._largest, 0 if self._largest else max(
                each.height for each in formats))

    @cached_property
    def least_size(self) -> tuple[int, int]:
        """Width and height of the smallest frame that may be asked for while the hardware runs."""
        if self._largest is None:
            return self.pipeline.width, self.pipeline.height
        each = [geometry for step in self.steps for geometry in step.geometries]
        windows = [window for stage in self.pipeline.stages for window in stage.windows]
        return (max([geometry.least_width for geometry in each] + [
                    window.width for window in windows]),
                max([geometry.least_height for geometry in each] + [
                    window.height for window in windows]))

    @cached_property
    def steps(self) -> list[Step]:
        """The stages, the one that makes the output last."""
        return [
            Step(need.stage, need.sources, need.taps, tuple(
                Geometry(self.pipeline.taps[name].format, window,
                         self._shortest_row if self._largest else self.sweep.row_pushes,
                         self.sweep.clocks_per_push, self._largest,
                         need not in self._ends, wait, need.any_border)
                for name, window, wait in zip(
                    need.sources, need.windows, self._waits[need.name], strict=True)))
            for need in self._needed
        ]


class _Need(NamedTuple):
    """A stage that the output needs; none where its taps are only put side by side."""

    name: str
    stage: Stage | None
    sources: tuple[str, ...]
    taps: tuple[str, ...]
    windows: tuple[Window, ...]

    @property
    def any_border(self) -> bool:
        """Whether the border is chosen while the hardware runs."""
        return isinstance(self.stage, FilterStage) and self.stage.filter.registers


def lock_steps(pipeline: Pipeline, shortest_row: int) -> tuple[list[LockStep], Link, str]:
    """The parts of a pipeline in their places, what comes out of them, and why its size is fixed.

    That is the stage whose frame's size must be known beforehand, in words; empty where there is
    none. Left out is a stage of whole frames behind the others.

    Raises
    ------
    :exc:`~windrow.model.errors.InputError`
        If there is such a stage, and the pipeline asks for other sizes.
    """
    fixed = _fixed(pipeline)
    frame = pipeline.frame
    if frame.registers and fixed and (
            frame.max_width, frame.max_height) != (frame.width, frame.height):
        raise InputError(
            f"max_width {frame.max_width} and max_height {frame.max_height} are of no use: the "
            f"frame's size cannot change while the hardware runs, because of {fixed}")
    streamed = meeting(pipeline.streamed)
    parts, output = parts_of(streamed)
    return [LockStep(streamed, part, shortest_row, fixed=bool(fixed)) for part in parts
            ], output, fixed


def _fixed(pipeline: Pipeline) -> str:
    """The first stage that hinders another size while the hardware runs, in words."""
    if pipeline.whole is not None:
        return f"stage {pipeline.whole.name!r}, which holds a frame of one size"
    for stage in pipeline.stages:
        if any((made.width, made.height) != (pipeline.width, pipeline.height)
               for made in stage.outputs) or isinstance(stage, SubsetStage | ShuffleStage):
            return f"stage {stage.name!r}, whose frame has another size than the input's"
    return ""


def _needed(part: Part) -> tuple[list[_Need], list[_Need]]:
    """The stages, and one that joins an end's taps unless a stage makes just them; and the ends."""
    needed = [_Need(f"stage {stage.name}", stage, stage.sources, stage.taps, stage.windows)
              for stage in part.stages]
    read = {name for need in needed for name in need.sources}
    ends = []
    for number, taps in enumerate(part.ends):
        made = next((need for need in needed if need.taps == taps), None)
        if made is None or made in ends or read.union(
                *part.ends[:number], *part.ends[number + 1:]).intersection(taps) or isinstance(
                made.stage, SubsetStage):
            each = tuple(dict.fromkeys(taps))
            made = _Need(f"outputs {number}" if number else "outputs", None, each, (),
                         (Window.point(),) * len(each))
            needed.append(made)
        ends.append(made)
    return needed, ends


def _span(beats: int, ends: Sequence[tuple[int, int, int]]) -> Span:
    """That of an axis, to the latest of some ends: beats of each, delay, and their rate."""
    longest = max(rate * (count - 1) + 1 for count, _, rate in ends)
    latest = max(rate * (count - 1) + delay for count, delay, rate in ends)
    return Span(beats, longest, latest - (longest - 1))
