"""Several stages on one sequence of pushes: pixels in, pixels of some taps out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from ..model import InputError
from ..model.expression import graph_of, reads_of
from ..model.expression.parsing import PLACE
from ..model.graph import Graph
from ..model.nodes import Parameter, Term
from ..model.pipeline import FilterStage, FormulaStage, Pipeline, SubsetStage
from .arithmetic.graph_stage import GraphStage
from .arithmetic.join import Join, Later, Pick
from .beat import PixelBeat
from .control.handover import Handover
from .control.taking import hand_over, ports
from .devices import Device, device
from .framing.sequencer import Sequencer
from .framing.stage_push import StagePush
from .framing.subset_push import SubsetPush
from .geometry import Geometry
from .hysteresis import Hysteresis
from .lockstep import LockStep, Step
from .settings import settings_of
from .strategies import AUTO, choose
from .stream.ending import end_in
from .stream.pixel_shuffle import PixelShuffle
from .window.line_buffer import LineBuffer
from .window.lines import Lines
from .window.window import Window


__all__ = ["PipelineCore"]


class PipelineCore(wiring.Component):
    """A :class:`~windrow.model.pipeline.Pipeline` at work on a video stream.

    ``i`` to sequencer to the stages to output queue to ``o``, as in :class:`~.core.Core`; the
    stages are in lock-step: see :mod:`.lockstep`. Windows that lie on one tap share its lines.

    The output is bit-exact to ``pipeline.compute``. Throughput is one beat a cycle, frames back to
    back, whatever the stages; a frame's last output comes without further input. Behind a stage of
    whole frames a frame leaves as the next one comes in; what it adds to a frame's cycles depends
    on the picture: see :class:`~.hysteresis.Hysteresis`.

    Parameters
    ----------
    pipeline : :class:`~windrow.model.pipeline.Pipeline`
        The pipeline.
    target : :class:`str`
        A device family of :data:`.devices.DEVICES`.
    strategy : :class:`str`
        ``auto``: each stage is made as costs least.

    Attributes
    ----------
    lines : mapping of :class:`str` to :class:`int`
        Lines that are kept of each tap that is read.

    Members
    -------
    i, o : streams of :class:`~.beat.PixelBeat`
        Input and output frames.
    incomplete : :py:`Out(1)`
        As of :class:`~.hysteresis.Hysteresis`, where edges are followed through some lines.

    Where the pipeline has a register port (``control``), there are also those of
    :class:`~.core.Core`. Each stage takes its part of the settings with the first beat of a frame
    that comes to it.
    """

    i: stream.Interface
    o: stream.Interface
    incomplete: Signal

    def __init__(
        self, pipeline: Pipeline, *, target: str = "generic", strategy: str = AUTO
    ) -> None:
        if strategy != AUTO:
            raise InputError(f"strategy {strategy!r} is a filter's; in a pipeline each stage is "
                             f"made as costs least: {AUTO!r}")
        self.design = pipeline
        self.strategy = strategy
        self._device = family = device(target)
        self.plan = plan = LockStep(
            pipeline, max(family.line_memory.turnaround, Sequencer.shortest_row))
        streamed = plan.pipeline
        self._sequencer = Sequencer(plan.sweep, pipeline.registers)
        self._settings = settings_of(streamed)
        self._cycles = {"input": self._sequencer.latency}
        # What makes the pushes of each tap, and the paths before those of stages.
        self._pushes: dict[str, StagePush | SubsetPush] = {}
        self._paths = [self._made(step) for step in plan.steps]
        shared: dict[str, int] = {}
        self.lines: dict[str, int] = {}
        for path in filter(None, self._paths):
            for name, depth, own in path.lines:
                if not own:
                    shared[name] = max(shared.get(name, 0), depth)
                self.lines[name] = self.lines.get(name, 0) + depth * own
        for name, depth in shared.items():
            self.lines[name] += depth
        self._line_buffers = {name: LineBuffer(self._reader(name), family.line_memory, depth)
                              for name, depth in shared.items()}
        output = PixelBeat(plan.output_format.sample, plan.output_format.samples_per_beat)
        self._shuffle = (None if plan.shuffle is None else
                         PixelShuffle(plan.output_format, streamed.output_format))
        on_their_way = self._sequencer.most_on_their_way(self._last.latency)
        # A larger frame takes beats in bursts, and after each is ready for the next at once.
        self._queue = family.queue(output, on_their_way - 1,
                                   0 if self._shuffle is None else on_their_way)
        self._whole = None if pipeline.whole is None else Hysteresis(
            pipeline.output_width, pipeline.output_height, pipeline.pixels_per_clock,
            streamed.output, target=target, lines=pipeline.whole.lines or None)
        super().__init__({
            "i": In(stream.Signature(
                PixelBeat(pipeline.pixel, pipeline.format.samples_per_beat))),
            "o": Out(stream.Signature(
                PixelBeat(pipeline.output, pipeline.output_format.samples_per_beat))),
            **({} if pipeline.whole is None or not pipeline.whole.lines else {
                "incomplete": Out(1)}),
            **ports(pipeline),
        })
        if pipeline.registers:
            self._handover = Handover(pipeline, self._most_frames, Sequencer.sizing_cycles)

    @property
    def _most_frames(self) -> int:
        """As many frames may have started whose first output beat has not been made."""
        sweep, (_, height) = self.plan.sweep, self.plan.least_size
        row = sweep.shortest_row if sweep.adjustable else sweep.row_pushes
        late = sweep.rows.delay * row + sweep.columns.delay
        return 3 + (late * sweep.clocks_per_push + self._last.latency) // (
            height * row * sweep.clocks_per_push)

    @property
    def _last(self) -> "_Path":
        """The path to the output."""
        path = self._paths[-1]
        assert path is not None
        return path

    def _reader(self, name: str) -> Any:
        """The geometry of a window on a tap."""
        return next(geometry for step in self.plan.steps
                    for source, geometry in zip(step.sources, step.geometries, strict=True)
                    if source == name)

    def _made(self, step: Step) -> "_Path | None":
        if isinstance(step.stage, SubsetStage):
            (source,), (name,) = step.sources, step.taps
            self._pushes[name] = SubsetPush(
                step.geometries[0], step.stage.subset, self._reader(name))
            self._cycles[name] = self._cycles[source] + SubsetPush.latency
            return None
        path = _Path(step, self.plan.pipeline, self.plan.outputs, self._device, self._cycles,
                     self._settings)
        count = len(path.o.shape().values) // max(len(step.taps), 1)
        for number, name in enumerate(step.taps):
            if any(name in each.sources for each in self.plan.steps):
                self._cycles[name] = path.latency + StagePush.latency
                self._pushes[name] = StagePush(
                    path.o.shape(), self._reader(name), number * count, count)
        return path

    @property
    def latency(self) -> int:
        """As :attr:`.Core.latency`; behind a stage of whole frames, the least."""
        sweep = self.plan.sweep
        pushes, after = sweep.first_output_push, self._last.latency + self._queue.latency
        if self._shuffle is not None:
            after += PixelShuffle.latency
        if self._whole is not None:
            output = self.plan.output_format
            pushes += (sweep.row_pushes * (self._whole.first_rows - 1)
                       + output.beats_per_line - 1)
            after += self._whole.latency
        return pushes * sweep.clocks_per_push + after

    @property
    def late_cycles(self) -> int:
        """The part of the latency in which the rest of a whole frame comes in; the output begins
        whether another frame follows or not. 0 where the output goes along with the input."""
        if self._whole is None or self.design.whole is None or self.design.whole.lines:
            return 0
        sweep, output = self.plan.sweep, self.plan.output_format
        return sweep.clocks_per_push * (
            sweep.row_pushes * (self._whole.first_rows - 1) + output.beats_per_line - 1)

    @property
    def restart_cycles(self) -> int:
        """As :attr:`.OutputQueue.restart_cycles`."""
        return self._queue.restart_cycles * self.plan.sweep.clocks_per_push

    @property
    def frame_bits(self) -> int:
        """Bits of memory that hold a frame."""
        return 0 if self._whole is None else self._whole.bits

    @property
    def cycles_per_frame(self) -> int:
        """As :attr:`.Core.cycles_per_frame`, less what a stage of whole frames adds."""
        output = self.design.output_format
        return max(self.plan.sweep.cycles_per_frame, output.beats_per_line * output.height)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.sequencer = sequencer = self._sequencer
        m.submodules.queue = queue = self._queue
        wiring.connect(m, wiring.flipped(self.i), sequencer.i)
        m.d.comb += sequencer.room.eq(queue.room)

        taken = None
        if self.design.registers:
            first = self._last.o
            hand_over(m, self, self._handover, sequencer, first.valid & first.place.first)
            taken = self._handover.taken

        sources = {"input": sequencer.o}
        for number, (step, path) in enumerate(zip(self.plan.steps, self._paths, strict=True)):
            if path is not None:
                path.connect(m, f"stage_{number}", sources, self._line_buffers, taken)
            for name in step.taps:
                if name in self._pushes:
                    m.submodules[f"push_{len(sources)}"] = push = self._pushes[name]
                    m.d.comb += push.i.eq(sources[step.sources[0]] if path is None else path.o)
                    sources[name] = push.o
        for number, (name, buffer) in enumerate(self._line_buffers.items()):
            m.submodules[f"lines_{number}"] = buffer
            m.d.comb += buffer.i.eq(sources[name])

        end_in(m, self._last.o, queue, self.plan.output_format)
        made = queue.o
        for name, part in (("shuffle", self._shuffle), ("whole", self._whole)):
            if part is not None:
                m.submodules[name] = part
                wiring.connect(m, made, part.i)
                made = part.o
        wiring.connect(m, made, wiring.flipped(self.o))
        if "incomplete" in self.signature.members:
            assert self._whole is not None
            m.d.comb += self.incomplete.eq(self._whole.incomplete)
        return m


class _Path:
    """The components of a step: a branch from each tap that it reads, and what they meet in.

    Attributes
    ----------
    latency : :class:`int`
        Cycles from the input to the values.
    o : :class:`~.beat.Beat`
        The values of the step's taps.
    """

    def __init__(
        self, step: Step, pipeline: Pipeline, outputs: Sequence[str], device: Device,
        cycles: Mapping[str, int], settings: Any,
    ) -> None:
        self.step = step
        starts = [cycles[name] for name in step.sources]
        self._tail: list[Any] = []
        if isinstance(step.stage, FilterStage):
            self._branches = [choose(step.stage.filter, step.geometries[0], device, AUTO).stages()]
        else:
            parameters = step.stage.parameters if isinstance(step.stage, FormulaStage) else ()
            self._branches = _windows(step.geometries, device, starts, bool(parameters))
            lanes = pipeline.pixels_per_clock
            windows = [branch[-1].o.shape() for branch in self._branches]
            if isinstance(step.stage, FormulaStage):
                picks, graph = _formula(step.stage)
                channels = step.stage.channels
            else:
                picks = [Pick(step.sources.index(name), plane=plane) for name in outputs
                         for plane in range(pipeline.taps[name].format.channels)]
                graph, channels = Graph.wires([
                    windows[step.sources.index(name)].values[0] for name in outputs
                    for _ in range(pipeline.taps[name].format.channels)]), 1
            frame = step.geometries[0].frame
            largest = (step.stage.largest if isinstance(step.stage, FormulaStage)
                       else (frame.width, frame.height))
            join = Join(windows, picks, channels, lanes, *largest)
            self._tail = [join, GraphStage(join.o.shape(), lanes, graph, device,
                                           settings if parameters else None)]
        parts = [*self._branches[0], *self._tail]
        self.latency = starts[0] + sum(part.latency for part in parts)
        self.o = parts[-1].o

    @property
    def lines(self) -> list[tuple[str, int, bool]]:
        """Of each tap that it reads: the rows above that its window sees, and whether it keeps them
        itself."""
        return [
            (source, geometry.rows.depth, not isinstance(branch[0], Lines))
            for source, geometry, branch in zip(
                self.step.sources, self.step.geometries, self._branches, strict=True)]

    def connect(
        self, m: Module, name: str, pushes: Mapping[str, Any],
        line_buffers: Mapping[str, LineBuffer], taken: Any,
    ) -> None:
        """Put the components into a module, one behind the other.

        ``taken`` are the settings of the newest frame, where there are any.
        """
        ends = []
        for source, branch in zip(self.step.sources, self._branches, strict=True):
            if isinstance(branch[0], Lines):
                branch[0].share(line_buffers[source])
            ends.append(_chain(m, pushes[source], branch))
        if self._tail:
            join, *parts = self._tail
            m.submodules[f"{name}_join"] = join
            m.d.comb += [getattr(join, f"i_{number}").eq(end) for number, end in enumerate(ends)]
            _chain(m, join.o, parts)
        elif isinstance(self.step.stage, FilterStage) and self.step.stage.filter.registers:
            taken = taken[self.step.stage.name]
        for part in (each for branch in (*self._branches, self._tail) for each in branch):
            if "settings" in part.signature.members:
                m.d.comb += part.settings.eq(taken)


def _chain(m: Module, beat: Any, parts: Sequence[Any]) -> Any:
    for part in parts:
        m.submodules += part
        m.d.comb += part.i.eq(beat)
        beat = part.o
    return beat


def _windows(
    geometries: Sequence[Geometry], device: Device, starts: Sequence[int], switches: bool
) -> list[list[Any]]:
    """Lines and a window on each of some taps, all of which come in the same cycle.

    With ``switches`` they say when a frame starts.
    """
    heads = [Lines(geometry, device) for geometry in geometries]
    come = [start + lines.latency for start, lines in zip(starts, heads, strict=True)]
    branches = []
    for lines, geometry, there in zip(heads, geometries, come, strict=True):
        beat, wait = lines.o.shape(), max(come) - there
        border = [geometry.window.border_value] * geometry.window.height
        branches.append([lines, *([Later(beat, wait)] if wait else []),
                         Window(geometry, beat, border, device, switches=switches)])
    return branches


def _formula(stage: FormulaStage) -> tuple[list[Pick], Graph]:
    """The samples that expressions read, and the graph that they are."""
    picks: list[Pick] = []
    terms: list[Term] = []
    ranges = {each.name: each.range for each in stage.parameters}
    reads = reads_of(stage.expressions)
    inputs = Graph.wires([stage.ranges[read] for read in reads if read.tap not in ranges])
    for read in reads:
        if read.tap in ranges:
            terms.append(Term(len(inputs.intervals)))
            inputs = inputs.then(Parameter(read.tap, None, ranges[read.tap]))
            continue
        terms.append(Term(len(picks)))
        if read.tap in PLACE:
            picks.append(Pick(read.tap))
            continue
        number = stage.sources.index(read.tap)
        pads = stage.windows[number].pads
        picks.append(Pick(number, pads.top + read.dy, pads.left + read.dx, read.plane))
    graph = replace(inputs, outputs=tuple(terms)).into(
        graph_of(stage.expressions, stage.ranges))
    return picks, stage.requantisation.after(graph)
