"""What a pipeline is expected to take: when each stage is at work, and what waits for what."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from ..hdl import VideoCore
from ..hdl.devices import Device
from ..hdl.pipeline_core import PipelineCore
from ..model.markup import element, table
from ..model.pipeline import Pipeline
from .census import census
from .planner import device_of, too_large
from .prediction import Prediction, predict
from .targets import Target


__all__ = ["PipelinePlan", "PlannedStage", "Queue", "Wait", "plan_pipeline"]


@dataclass(frozen=True)
class PlannedStage:
    """A stage in its place.

    Parameters
    ----------
    name, title : :class:`str`
        Its name, and what it computes.
    sources : tuple of :class:`str`
        The taps that it reads.
    windows : tuple of (:class:`int`, :class:`int`)
        Rows and columns that it sees of each.
    rows_late, beats_late : :class:`int`
        How long after the pixel that comes into its part its own comes: rows, and beats of a row
        beside them.
    part : :class:`int`
        Which part of the pipeline it is in. There is one, unless stages stand behind ``enlarge`` or
        pixels meet that do not come together.
    lines : tuple of :class:`int`
        Lines that are kept there of each tap that it reads.
    """

    name: str
    title: str
    sources: tuple[str, ...]
    windows: tuple[tuple[int, int], ...]
    rows_late: int
    beats_late: int
    part: int = 0
    lines: tuple[int, ...] = ()


class Wait(NamedTuple):
    """A tap that is there before a stage can use it.

    Parameters
    ----------
    tap, stage : :class:`str`
        What waits, and for what.
    rows, beats : :class:`int`
        How long.
    """

    tap: str
    stage: str
    rows: int
    beats: int


class Queue(NamedTuple):
    """What waits between two parts of a pipeline.

    Parameters
    ----------
    taps : tuple of :class:`str`
        What goes from the one to the other.
    source : :class:`int`
        The part that it comes from.
    reader : :class:`int` or ``None``
        The part that takes it; ``None``: it is the output.
    beats, bits : :class:`int`
        How much has to wait.
    deep : :class:`bool`
        Whether it waits in block RAM, or else where beats end up that are on their way.
    """

    taps: tuple[str, ...]
    source: int
    reader: int | None
    beats: int
    bits: int
    deep: bool


@dataclass(frozen=True)
class PipelinePlan:
    """What :func:`plan_pipeline` returns.

    Parameters
    ----------
    device, target
        The device family, and the device where one was named.
    stages : tuple of :class:`PlannedStage`
        Those that the output needs.
    waits : tuple of :class:`Wait`
        Where branches meet.
    lines : mapping of :class:`str` to :class:`int`
        Lines that are kept of each tap, for all windows on it and all that waits.
    line_bits : :class:`int`
        Bits of all of them.
    queues : tuple of :class:`Queue`
        Between parts; none where there is one part.
    cycles : :class:`int`
        Clock cycles a frame, back to back, less what a stage of whole frames adds.
    frame_bits : :class:`int`
        Bits of memory that hold a frame, for a stage that needs whole ones.
    latency : :class:`int`
        Clock cycles, as :attr:`windrow.hdl.PipelineCore.latency`.
    prediction : :class:`~.prediction.Prediction`
        What the whole core is expected to take. There is no clock with a stage of whole frames,
        whose paths are like no filter's.
    """

    device: Device
    target: Target | None
    stages: tuple[PlannedStage, ...]
    waits: tuple[Wait, ...]
    lines: Mapping[str, int]
    line_bits: int
    queues: tuple[Queue, ...]
    cycles: int
    frame_bits: int
    latency: int
    prediction: Prediction

    @property
    def overflow(self) -> str:
        """What the device has too little of, in words; empty where it fits or none was named."""
        return too_large(self.prediction, self.target)

    def _repr_html_(self) -> str:
        """What a notebook shows: a row for each stage, and what the core takes."""
        each = self.prediction
        return table(("stage", "what it computes", "reads", "rows late"), [
            (stage.name, stage.title, ", ".join(stage.sources), stage.rows_late)
            for stage in self.stages]) + element(
                "p", f"{self.line_bits:,} bits of lines; {self.latency} cycles of latency; "
                     f"{each.luts} LUTs, {each.flip_flops} FFs, {each.dsps} multipliers")


def plan_pipeline(pipeline: Pipeline, target: str) -> PipelinePlan:
    """Make a pipeline's core, and say what is in it.

    Parameters
    ----------
    pipeline : :class:`~windrow.model.pipeline.Pipeline`
        The pipeline.
    target : :class:`str`
        As for :func:`~.planner.plan`.

    Raises
    ------
    :exc:`~windrow.model.InputError`
        If there is no such target.
    """
    device, chip = device_of(target)
    top = VideoCore(pipeline, target=device.name)
    core = top.core
    assert isinstance(core, PipelineCore)
    stages, waits = [], []
    for number, part in enumerate(core.parts):
        lockstep = part.plan
        readers = {lockstep.ends[way.link.end].step: way.reader for way in core.ways
                   if way.link.source == number}
        for place, step in enumerate(lockstep.steps):
            stage = step.stage
            name = stage.name if stage is not None else (
                "the output" if readers[place] is None else f"part {readers[place]}")
            if stage is not None:
                rows, beats = lockstep.late[stage.taps[0]]
                stages.append(PlannedStage(
                    name, stage.title, stage.sources,
                    tuple((window.height, window.width) for window in stage.windows), rows, beats,
                    number, tuple(part.lines.get(source, 0) for source in stage.sources)))
            for source, geometry in zip(step.sources, step.geometries, strict=True):
                if any(wait := geometry.waits):
                    waits.append(Wait(source, name, *wait))
    prediction = predict(census(top), device, chip)
    if (whole := pipeline.whole) is not None:
        stages.append(PlannedStage(
            whole.name, whole.title, whole.sources, ((1, 1),), pipeline.output_height, 0,
            len(core.parts) - 1))
        prediction = replace(prediction, clock=None)
    lines = {name: count for name, count in core.lines.items() if count}
    formats = {name: pipeline.taps[name].format for name in lines}
    queues = tuple(
        Queue(way.link.taps, way.link.source, way.reader, way.waiting,
              way.waiting * way.format.beat_bits, way.in_memory)
        for way in core.ways if way.reader is not None or way.in_memory)
    return PipelinePlan(
        device, chip, tuple(stages), tuple(waits), lines,
        sum(count * formats[name].width * formats[name].pixel_bits
            for name, count in lines.items()),
        queues, core.cycles_per_frame, core.frame_bits, top.latency, prediction)
