"""A design with all that there is to see of it: see :func:`make_report`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from windrow.hdl import Build, VideoCore, build
from windrow.model import Filter, Pipeline
from windrow.model.markup import Drawing, element, join, table
from windrow.model.pipeline import INPUT, FilterStage
from windrow.reports.borders import border_section
from windrow.reports.diagram import draw
from windrow.reports.facts import facts_section, ports_section, registers_section
from windrow.reports.kernels import kernel_section, quantisation
from windrow.reports.page import Page
from windrow.reports.pictures import before_after, tap_pictures
from windrow.reports.resources import DeviceUse, device_uses, resources_section
from windrow.reports.section import Section
from windrow.reports.simulation import Simulation
from windrow.reports.structure import blocks
from windrow.reports.timing import timing_section
from windrow.sim import CoreError, MissingTool, Traffic
from windrow.sim.engine import Design
from windrow.sim.job import judge, run_design
from windrow.synth.netlist import with_models
from windrow.synth.planner import Plan, plan


__all__ = ["Report", "make_report"]

Frame = npt.NDArray[np.integer[Any]]
Progress = Callable[[str, int, int], None]

_MOST_KERNELS = 6
"""Stages of a pipeline that get a section for their kernel; the others' are left out."""


@dataclass(frozen=True)
class Report(Page):
    """What :func:`make_report` returns: a design, and what was found out about it.

    Parameters
    ----------
    design : :class:`~windrow.Filter` or :class:`~windrow.Pipeline`
        The design.
    build : :class:`~windrow.hdl.Build`
        Its files.
    simulation : :class:`Simulation`
        How that did.
    frame : integer array or ``None``
        The picture; ``None`` where there was none.
    source : :class:`str`
        What the picture is called.
    uses : sequence of :class:`~.resources.DeviceUse`
        What it is expected to take of each device, and in ``without`` why not of others.
    strategies : :class:`~windrow.synth.planner.Plan` or ``None``
        Those of a filter.
    measured : sequence of mappings
        What ``windrow synth --json`` printed.
    command : :class:`str`
        What made the report.
    """

    design: Filter | Pipeline
    build: Build
    simulation: Simulation
    frame: Frame | None
    source: str
    uses: Sequence[DeviceUse]
    without: Mapping[str, str]
    strategies: Plan | None
    measured: Sequence[Mapping[str, Any]]
    command: str

    @property
    def title(self) -> str:
        """What the design is, in a few words."""
        design = self.design
        what = (f"{design.applied.title}" if isinstance(design, Filter)
                else f"pipeline of {len(design.stages)} stages")
        return f"{self.build.name}: {what}"

    @property
    def core(self) -> VideoCore:
        """Its hardware."""
        assert self.build.top is not None
        return self.build.top

    @cached_property
    def output(self) -> Frame | None:
        """What the picture becomes: the simulated result, or the model's."""
        if self.frame is None:
            return None
        result = self.simulation.result
        return self.design.compute(self.frame) if result is None else result.outputs[0]

    @cached_property
    def taps(self) -> dict[str, Frame]:
        """What the model makes of the picture at each tap; of a filter the input alone."""
        if self.frame is None:
            return {}
        if isinstance(self.design, Pipeline):
            return self.design.compute_taps(self.frame)
        return {INPUT: self.frame}

    def _source(self, name: str) -> str:
        """The tap that a stage with a kernel reads."""
        if isinstance(self.design, Filter):
            return INPUT
        return next(stage.sources[0] for stage in self.design.stages if stage.name == name)

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """All views, in the order of the page."""
        found: list[Section | None] = [self.summary]
        if self.frame is not None and self.output is not None:
            result = self.simulation.result
            found.append(before_after(
                self.frame, self.output, (self.design.pixel, self.design.output),
                "the golden model" if result is None else f"the hardware in {result.engine}"))
        if isinstance(self.design, Pipeline) and self.taps:
            found.append(tap_pictures(self.design, self.taps))
        found += [self.structure, timing_section(
            self.build.manifest, self.simulation.result.spans if self.simulation.result else ())]
        for name, filter in self.filters.items():
            found.append(kernel_section(filter, name))
            # Of a stage's integers there is nothing to be said.
            if self.taps and (not name or filter.wanted is not None):
                found.append(quantisation(filter, self.taps[self._source(name)], name))
        found += [
            border_section(*self._windows),
            resources_section(self.uses, self.without, self.strategies, self.measured),
            ports_section(self.build.ports), registers_section(self.build),
            facts_section(self.build, self.design.to_toml(), self.command)]
        return tuple(section for section in found if section is not None)

    @property
    def filters(self) -> dict[str, Filter]:
        """The filters of the design by their stages, which of a filter alone is empty."""
        if isinstance(self.design, Filter):
            return {"": self.design}
        stages = [stage for stage in self.design.stages if isinstance(stage, FilterStage)]
        return {stage.name: stage.filter for stage in stages[:_MOST_KERNELS]}

    @property
    def _windows(self) -> tuple[dict[str, Any], dict[str, Any]]:
        if isinstance(self.design, Filter):
            return {"": self.design.window}, {"": self.design.format}
        windows: dict[str, Any] = {}
        frames: dict[str, Any] = {}
        for stage in self.design.stages:
            for source, window, carried in zip(
                    stage.sources, stage.windows, stage.inputs, strict=True):
                if window not in windows.values():
                    windows[f"{stage.name} on {source}"] = window
                    frames[f"{stage.name} on {source}"] = carried
        return windows, frames

    @property
    def summary(self) -> Section:
        """The verdict and the key figures."""
        design, manifest = self.design, self.build.manifest
        port = {side: f"{each['width']}x{each['height']}, {each['channels']} x {each['pixel']}, "
                      f"{each['pixels_per_clock']} a clock"
                for side, each in ((side, manifest[side]) for side in ("input", "output"))}
        return Section("summary", "Summary", join([
            self.simulation.html,
            table(("", ""), [
                ("input", port["input"]), ("output", port["output"]),
                ("strategy", manifest["strategy"]),
                ("latency", f"{manifest['latency_cycles']:,} cycles"),
                ("frame", f"{manifest['cycles_per_frame']:,} cycles"),
                ("line memory", f"{self._line_bits:,} bits"),
                ("picture", self.source or "none was given"),
                *([("registers", "AXI4-Lite")] if design.registers else []),
            ])]))

    @property
    def _line_bits(self) -> int:
        core = self.core.core
        lines = getattr(core, "lines", None)
        if lines is None:
            geometry = core.geometry
            return int(geometry.rows.depth * geometry.line_beats * geometry.frame.beat_bits)
        taps = core.parts[0].plan.pipeline.taps
        return sum(count * taps[name].format.width * taps[name].format.pixel_bits
                   for name, count in lines.items())

    @property
    def diagram(self) -> Drawing:
        """The block diagram, an SVG."""
        return draw(*blocks(self.core), f"block diagram of {self.build.name}")

    @property
    def structure(self) -> Section:
        """The block diagram as a section."""
        return Section("structure", "Structure", element("div", self.diagram, class_="scroll"))


def make_report(
    design: Filter | Pipeline,
    frame: Frame | None = None,
    *,
    name: str = "windrow_filter",
    source: str = "",
    made: Build | None = None,
    simulate: bool = True,
    target: str = "generic",
    strategy: str = "auto",
    measured: Sequence[Mapping[str, Any]] = (),
    command: str = "",
    progress: Progress = lambda text, done, total: None,
) -> Report:
    """Find out all that a report shows.

    Parameters
    ----------
    design : :class:`~windrow.Filter` or :class:`~windrow.Pipeline`
        The design.
    frame : integer array, (H, W) or (H, W, C)
        A picture of its size. Without one the simulation runs noise.
    name : :class:`str`
        Name of the core.
    source : :class:`str`
        What the picture is called.
    made : :class:`~windrow.hdl.Build`
        What :func:`windrow.hdl.build` has made of the design already, with this name, target and
        strategy.
    simulate : :class:`bool`
        Whether to run the hardware in Verilator: the frame, and then the same upside down.
    target, strategy
        As for :func:`windrow.hdl.build`. The strategies are those for ``target``.
    measured : sequence of mappings
        What ``windrow synth --json`` printed for the design.
    command : :class:`str`
        What repeats the report.
    progress : callable
        Told what is being done.

    Raises
    ------
    :exc:`~windrow.model.InputError`
        As :func:`windrow.hdl.build`, and if the frame is none of the design's.
    """
    if made is None:
        progress("generating Verilog", 0, 0)
        made = build(design, name, target=target, strategy=strategy)
    simulation = Simulation(reason="it was not asked for")
    if simulate:
        simulation = _simulated(design, made, frame, target, progress)
    progress("predicting sizes", 0, 0)
    uses, without = device_uses(design, strategy)
    strategies = plan(design, target) if isinstance(design, Filter) else None
    return Report(design, made, simulation, frame, source, uses,
                  without, strategies, measured, command)


def _simulated(design: Filter | Pipeline, made: Build, frame: Frame | None, target: str,
               progress: Progress) -> Simulation:
    if frame is None:
        shape = (design.height, design.width, design.channels)[:2 + (design.channels > 1)]
        frame = np.random.default_rng(0).integers(
            design.pixel.minimum, design.pixel.maximum, shape, endpoint=True)
    frames = [frame, frame[::-1]]
    try:
        core = with_models(Design(made.verilog, made.manifest, design), target)
        result = run_design(core, frames, engine="verilator", traffic=Traffic(),
                            progress=progress)
    except MissingTool as missing:
        return Simulation(reason=str(missing))
    except CoreError as error:
        return Simulation(mismatch=str(error))
    progress("comparing with the model", 0, 0)
    mismatch = judge(result, design, frames)[0]
    samples = sum(output.size for output in result.outputs)
    return Simulation(result, f"{samples:,} samples of {len(frames)} frames from {result.engine}",
                      mismatch="" if mismatch is None else str(mismatch))
