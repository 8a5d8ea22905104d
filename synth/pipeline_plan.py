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
from .planner import device_of
from .prediction import Prediction, predict
from .targets import Target


__all__ = ["PipelinePlan", "PlannedStage", "Wait", "plan_pipeline"]


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
        How long after the input's pixel its own comes: rows, and beats of a row beside them.
    """

    name: str
    title: str
    sources: tuple[str, ...]
    windows: tuple[tuple[int, int], ...]
    rows_late: int
    beats_late: int


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
    frame_bits: int
    latency: int
    prediction: Prediction

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
    device, part = device_of(target)
    top = VideoCore(pipeline, target=device.name)
    core = top.core
    assert isinstance(core, PipelineCore)
    step_plan = core.plan
    stages, waits = [], []
    for step in step_plan.steps:
        stage = step.stage
        name = "the output" if stage is None else stage.name
        if stage is not None:
            rows, beats = step_plan.late[stage.taps[0]]
            stages.append(PlannedStage(
                name, stage.title, stage.sources,
                tuple((window.height, window.width) for window in stage.windows), rows, beats))
        for source, geometry in zip(step.sources, step.geometries, strict=True):
            needed = [axis.delay for axis in geometry.window.axes(geometry.frame)]
            rows, beats = (max(least - own, 0) for least, own in zip(
                geometry.least_delay, needed, strict=True))
            if rows or beats:
                waits.append(Wait(source, name, rows, beats))
    prediction = predict(census(top), device, part)
    if (whole := pipeline.whole) is not None:
        stages.append(PlannedStage(
            whole.name, whole.title, whole.sources, ((1, 1),), pipeline.output_height, 0))
        prediction = replace(prediction, clock=None)
    lines = {name: count for name, count in core.lines.items() if count}
    formats = {name: pipeline.taps[name].format for name in lines}
    return PipelinePlan(
        device, part, tuple(stages), tuple(waits), lines,
        sum(count * formats[name].width * formats[name].pixel_bits
            for name, count in lines.items()),
        core.frame_bits, top.latency, prediction)
