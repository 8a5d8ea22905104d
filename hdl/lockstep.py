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

from ..model.errors import InputError
from ..model.pipeline import Pipeline, Stage, SubsetStage
from ..model.window import Window
from .geometry import Geometry, PathSweep, Span
from .subset_push import SubsetPush


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
    """The stages that an output needs, in order, each as early as what it reads lets it be.

    Parameters
    ----------
    pipeline : :class:`~windrow.model.pipeline.Pipeline`
        The pipeline.
    shortest_row : :class:`int`
        Least number of pushes in a row time.
    """

    def __init__(self, pipeline: Pipeline, shortest_row: int) -> None:
        self._pipeline = pipeline
        self._shortest_row = shortest_row
        self._needed = _needed(pipeline)
        self.late: dict[str, tuple[int, int]] = {"input": (0, 0)}
        self._own: list[list[tuple[int, int]]] = []
        self._rate = {"input": (1, 1)}
        self._root = {"input": "input"}
        for stage, sources, taps, windows in self._needed:
            rate = self._rate[sources[0]]
            self._rate.update(dict.fromkeys(taps, rate))
            self._root.update(dict.fromkeys(taps, self._joined(stage, sources)))
            if isinstance(stage, SubsetStage):
                self._thin_out(stage)
                continue
            axes = [window.axes(pipeline.taps[name].format)
                    for name, window in zip(sources, windows, strict=True)]
            late = [self.late[name] for name in sources]
            there = tuple(
                max(before[way] + rate[way] * each[way].delay
                    for before, each in zip(late, axes, strict=True))
                for way in (0, 1))
            self._own.append([((there[0] - rows) // rate[0], (there[1] - beats) // rate[1])
                              for rows, beats in late])
            self.late.update(dict.fromkeys(taps, (there[0], there[1])))
            self._end = there[0], there[1]

    late: dict[str, tuple[int, int]]
    """Row times and pushes, the input's, from the input to each tap that is needed."""

    def _joined(self, stage: Stage | None, sources: Sequence[str]) -> str:
        """The tap out of whose pushes all that a stage reads is made."""
        roots = {self._root[name]: name for name in sources}
        if len(roots) > 1:
            first, second, *_ = roots.values()
            raise InputError(
                f"{'outputs' if stage is None else f'stage {stage.name!r}'} joins {first!r} and "
                f"{second!r}, which come out of different shrink or crop stages: join first, then "
                "shrink or crop")
        return next(iter(roots))

    def _thin_out(self, stage: SubsetStage) -> None:
        """Place a stage that keeps a part of the pushes."""
        subset, name = stage.subset, stage.taps[0]
        (rows, beats), rate = self.late[stage.sources[0]], self._rate[stage.sources[0]]
        lanes = self._pipeline.pixels_per_clock
        self.late[name] = self._end = (
            rows + rate[0] * subset.top, beats + rate[1] * SubsetPush.late(subset, lanes))
        self._rate[name] = rate[0] * subset.row_step, rate[1] * subset.column_step
        self._root[name] = name
        self._own.append([(0, 0)])

    @cached_property
    def sweep(self) -> PathSweep:
        """From the input to the output."""
        pipeline = self._pipeline
        source, output = pipeline.format, pipeline.output_format
        rate = self._rate[pipeline.outputs[0]]
        formats = [pipeline.taps[name].format for name in self.late]
        return PathSweep(
            source, Span(source.height, rate[0] * (output.height - 1) + 1, self._end[0]),
            Span(source.beats_per_line, rate[1] * (output.beats_per_line - 1) + 1, self._end[1]),
            max(self._shortest_row, *(each.beats_per_line for each in formats)),
            pipeline.frame.clocks_per_pixel, None, max(
                each.height for each in formats))

    @cached_property
    def steps(self) -> list[Step]:
        """The stages, the one that makes the output last."""
        return [
            Step(stage, sources, taps, tuple(
                Geometry(self._pipeline.taps[name].format, window, self.sweep.row_pushes,
                         self.sweep.clocks_per_push, None, number < len(self._needed) - 1, late)
                for name, window, late in zip(sources, windows, own, strict=True)))
            for number, ((stage, sources, taps, windows), own) in enumerate(
                zip(self._needed, self._own, strict=True))
        ]

    @cached_property
    def lines(self) -> dict[str, int]:
        """Lines of each tap that are kept, for all the windows on it."""
        lines: dict[str, int] = {}
        for step in self.steps:
            if isinstance(step.stage, SubsetStage):
                continue
            for name, geometry in zip(step.sources, step.geometries, strict=True):
                lines[name] = max(lines.get(name, 0), geometry.rows.depth)
        return lines


_Need = tuple[Stage | None, tuple[str, ...], tuple[str, ...], tuple[Window, ...]]


def _needed(pipeline: Pipeline) -> list[_Need]:
    """The stages that the output needs, and one that joins its taps unless a stage makes just them.
    """
    wanted = set(pipeline.outputs)
    needed: list[_Need] = []
    for stage in reversed(pipeline.stages):
        if wanted.intersection(stage.taps):
            needed.insert(0, (stage, stage.sources, stage.taps, stage.windows))
            wanted.update(stage.sources)
    read = {name for _, sources, _, _ in needed for name in sources}
    ends = needed and needed[-1][2] == pipeline.outputs and not read.intersection(pipeline.outputs)
    if not ends or isinstance(needed[-1][0], SubsetStage):
        outputs = tuple(dict.fromkeys(pipeline.outputs))
        needed.append((None, outputs, (), (Window.point(),) * len(outputs)))
    return needed
