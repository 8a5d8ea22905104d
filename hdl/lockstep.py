"""When each stage of a pipeline is at work: all of them advance on the same push.

What leaves a stage is the push of the stages behind it. Each stage is a fixed number of row times
and of pushes behind the input, so that branches that meet need no queue: where one has to wait, its
window lies so many rows and beats further back in lines that are kept anyway.

.. code-block:: text

    pushes     -> x rows of `input` -> stage a -> a: 1 row, 1 beat late
                                               \\
                  the same lines, 1 row back --> stage b reads both: 1 row, 1 beat late
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from ..model.errors import InputError
from ..model.format import Format
from ..model.line_plan import Read, fewest_lines
from ..model.pipeline import INPUT, FilterStage, Pipeline, ShuffleStage, Stage, SubsetStage
from ..model.window import Window
from .framing.subset_push import SubsetPush
from .geometry import Geometry, PathSweep, Span
from .meeting import meeting


__all__ = ["LockStep", "Step"]


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
    """The stages that an output needs, in order, so placed that their lines are fewest bits.

    Parameters
    ----------
    pipeline : :class:`~windrow.model.pipeline.Pipeline`
        The pipeline.
    shortest_row : :class:`int`
        Least number of pushes in a row time.

    Attributes
    ----------
    pipeline : :class:`~windrow.model.pipeline.Pipeline`
        What of it is in lock-step: all but a stage of whole frames behind the others, and with
        taps that meet on common pushes.
    """

    late: dict[str, tuple[int, int]]
    """Row times and pushes, the input's, from the input to each tap that is needed."""

    outputs: tuple[str, ...]
    """The taps that the last push shows, side by side."""

    output_format: Format
    """What it carries."""

    fixed: str
    """The stage whose frame's size must be known beforehand, in words; empty where there is none.
    """

    shuffle: ShuffleStage | None
    """What lays them out as a larger frame, behind the last push."""

    def __init__(self, pipeline: Pipeline, shortest_row: int) -> None:
        self.fixed = _fixed(pipeline)
        self.pipeline = pipeline = meeting(pipeline.streamed)
        self._shortest_row = shortest_row
        self.shuffle = _shuffle(pipeline)
        self.outputs, self.output_format = pipeline.outputs, pipeline.output_format
        if self.shuffle is not None:
            self.outputs, first = self.shuffle.sources, self.shuffle.inputs[0]
            self.output_format = replace(first, channels=first.channels * len(self.outputs))
        self._needed = _needed(pipeline, self.outputs)
        # The tap out of whose pushes all that a stage reads is made, and their steps on the input.
        self._root = {INPUT: INPUT}
        self._rate = {INPUT: (1, 1)}
        for need in self._needed:
            root, rate = self._joined(need), self._rate[need.sources[0]]
            if isinstance(need.stage, SubsetStage):
                subset, root = need.stage.subset, need.taps[0]
                rate = rate[0] * subset.row_step, rate[1] * subset.column_step
            self._root.update(dict.fromkeys((*need.taps, need.name), root))
            self._rate.update(dict.fromkeys((*need.taps, need.name), rate))
        frame = pipeline.frame
        if frame.registers and self.fixed and (
                frame.max_width, frame.max_height) != (frame.width, frame.height):
            raise InputError(
                f"max_width {frame.max_width} and max_height {frame.max_height} are of no use: the "
                f"frame's size cannot change while the hardware runs, because of {self.fixed}")
        self._largest = (frame.max_width, frame.max_height) if (
            frame.registers and not self.fixed) else None
        self.late = {INPUT: (0, 0)}
        self._waits: dict[str, list[tuple[int, int]]] = {}
        for root in dict.fromkeys(self._root.values()):
            self._place(root)

    def _joined(self, need: "_Need") -> str:
        """The root of all that a stage reads."""
        roots = {self._root[name]: name for name in need.sources}
        if len(roots) > 1:
            first, second, *_ = roots.values()
            raise InputError(
                f"{need.name} joins {first!r} "
                f"and {second!r}, which come out of shrink or crop stages that do not keep the "
                "same rows and columns of the same frame: join first, then shrink or crop")
        return next(iter(roots))

    def _place(self, root: str) -> None:
        """Place the stages on the pushes of a root: rows so that lines are few, beats early."""
        formats = {name: tap.format for name, tap in self.pipeline.taps.items()}
        thinned = next((need for need in self._needed
                        if isinstance(need.stage, SubsetStage) and need.taps == (root,)), None)
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
            {name: each.pixel_bits * each.width for name, each in formats.items()}, root)
        rate = self._rate[root]
        for need in here:
            rows = self.late[root][0] + rate[0] * down[need.name]
            before = [self.late[name] for name in need.sources]
            beats = max(there + rate[1] * columns.delay for (_, there), (_, columns) in zip(
                before, axes[need.name], strict=True))
            self.late.update(dict.fromkeys(need.taps, (rows, beats)))
            self._end = rows, beats
            self._waits[need.name] = [
                ((rows - row) // rate[0], (beats - beat) // rate[1]) for row, beat in before]

    @cached_property
    def sweep(self) -> PathSweep:
        """From the input to the output."""
        pipeline = self.pipeline
        source, output = pipeline.format, self.output_format
        rate = self._rate[self.outputs[0]]
        formats = [pipeline.taps[name].format for name in self.late]
        end = self._end
        return PathSweep(
            source, Span(source.height, rate[0] * (output.height - 1) + 1, end[0]),
            Span(source.beats_per_line, rate[1] * (output.beats_per_line - 1) + 1, end[1]),
            self._shortest_row if self._largest else max(
                self._shortest_row, *(each.beats_per_line for each in formats)),
            pipeline.frame.clocks_per_pixel, self._largest, 0 if self._largest else max(
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
                         need is not self._needed[-1], wait, need.any_border)
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


def _fixed(pipeline: Pipeline) -> str:
    """The first stage that hinders another size while the hardware runs, in words."""
    if pipeline.whole is not None:
        return f"stage {pipeline.whole.name!r}, which holds a frame of one size"
    for stage in pipeline.stages:
        if any((made.width, made.height) != (pipeline.width, pipeline.height)
               for made in stage.outputs) or isinstance(stage, SubsetStage | ShuffleStage):
            return f"stage {stage.name!r}, whose frame has another size than the input's"
    return ""


def _shuffle(pipeline: Pipeline) -> ShuffleStage | None:
    """The stage that enlarges the output, if there is one. It is the last, and alone."""
    for stage in pipeline.stages:
        for name in stage.sources:
            if isinstance(pipeline.taps[name].stage, ShuffleStage):
                raise InputError(f"stage {stage.name!r} reads {name!r}, which is enlarged: that "
                                 "takes more cycles than there are pushes, so that enlarge and "
                                 "shuffle can only be last")
    for name in pipeline.outputs:
        made = pipeline.taps[name].stage
        if isinstance(made, ShuffleStage):
            if pipeline.outputs != (name,):
                raise InputError(f"outputs has {name!r}, which is enlarged, and others: it must "
                                 "be alone")
            return made
    return None


def _needed(pipeline: Pipeline, outputs: tuple[str, ...]) -> list[_Need]:
    """The stages that the output needs, and one that joins its taps unless a stage makes just them.
    """
    wanted = set(outputs)
    needed: list[_Need] = []
    for stage in reversed(pipeline.stages):
        if wanted.intersection(stage.taps):
            needed.insert(0, _Need(f"stage {stage.name}", stage, stage.sources, stage.taps,
                                   stage.windows))
            wanted.update(stage.sources)
    read = {name for need in needed for name in need.sources}
    ends = needed and needed[-1].taps == outputs and not read.intersection(outputs)
    if not ends or isinstance(needed[-1].stage, SubsetStage):
        each = tuple(dict.fromkeys(outputs))
        needed.append(_Need("outputs", None, each, (), (Window.point(),) * len(each)))
    return needed
