"""A part of a pipeline at work: stages that all advance on the same push."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from amaranth import *
from amaranth.lib.data import StructLayout

from ..model.expression import graph_of, reads_of
from ..model.expression.parsing import PLACE
from ..model.graph import Graph
from ..model.nodes import Parameter as ParameterNode
from ..model.nodes import Term
from ..model.pipeline import FilterStage, FormulaStage, Pipeline, SubsetStage, TableStage
from ..model.pipeline.parameter import Parameter
from .arithmetic.graph_stage import GraphStage
from .arithmetic.join import Join, Later, Pick
from .arithmetic.table_stage import TableStage as ArithmeticTable
from .beat import sample_shape
from .devices import Device
from .framing.push import Push
from .framing.sequencer import Sequencer
from .framing.stage_push import StagePush
from .framing.subset_push import SubsetPush
from .geometry import Geometry
from .lockstep import LockStep, Step
from .settings import settings_of
from .strategies import AUTO, choose
from .stream.output_queue import OutputQueue
from .window.line_buffer import LineBuffer
from .window.lines import Lines
from .window.window import Window


__all__ = ["PartCore"]


class PartCore:
    """The hardware of stages in lock-step, from a stream to the values at each end.

    Windows that lie on one tap share its lines.

    Parameters
    ----------
    plan : :class:`~.lockstep.LockStep`
        The stages in their places.
    device : :class:`~.devices.Device`
        Whose components to use.
    controlled : :class:`bool`
        Whether frames can be held back and dropped.

    Attributes
    ----------
    sequencer : :class:`~.framing.sequencer.Sequencer`
        What makes pushes of the stream.
    lines : mapping of :class:`str` to :class:`int`
        Lines that are kept of each tap that is read.
    """

    def __init__(self, plan: LockStep, device: Device, controlled: bool) -> None:
        self.plan = plan
        self._device = device
        self.sequencer = Sequencer(plan.sweep, controlled)
        self._cycles = dict.fromkeys(plan.part.roots, self.sequencer.latency)
        self._settings = settings_of(plan.pipeline)
        # What makes the pushes of each tap, and the paths before those of stages.
        self._pushes: dict[str, StagePush | SubsetPush] = {}
        outputs = {end.step: taps for end, taps in zip(plan.ends, plan.part.ends, strict=True)}
        self._paths = [self._made(step, outputs.get(number, ()))
                       for number, step in enumerate(plan.steps)]
        shared: dict[str, int] = {}
        self.lines: dict[str, int] = {}
        for path in filter(None, self._paths):
            for name, depth, own in path.lines:
                if not own:
                    shared[name] = max(shared.get(name, 0), depth)
                self.lines[name] = self.lines.get(name, 0) + depth * own
        for name, depth in shared.items():
            self.lines[name] += depth
        self._line_buffers = {name: LineBuffer(self._reader(name), device.line_memory, depth)
                              for name, depth in shared.items()}

    @property
    def ends(self) -> list["Path"]:
        """What makes the values at each end."""
        found = [self._paths[end.step] for end in self.plan.ends]
        return [path for path in found if path is not None]

    def _reader(self, name: str) -> Any:
        """The geometry of a window on a tap."""
        return next(geometry for step in self.plan.steps
                    for source, geometry in zip(step.sources, step.geometries, strict=True)
                    if source == name)

    def _made(self, step: Step, outputs: Sequence[str]) -> "Path | None":
        if isinstance(step.stage, SubsetStage):
            (source,), (name,) = step.sources, step.taps
            self._pushes[name] = SubsetPush(
                step.geometries[0], step.stage.subset, self._reader(name))
            self._cycles[name] = self._cycles[source] + SubsetPush.latency
            return None
        path = Path(step, outputs, self.plan.pipeline, self._device, self._cycles, self._settings)
        count = len(path.o.shape().values) // max(len(step.taps), 1)
        for number, name in enumerate(step.taps):
            if any(name in each.sources for each in self.plan.steps):
                self._cycles[name] = path.latency + StagePush.latency
                self._pushes[name] = StagePush(
                    path.o.shape(), self._reader(name), number * count, count)
        return path

    @property
    def queue(self) -> Callable[..., OutputQueue]:
        """Makes the queue behind it: the device's own, if none of its steps wants another."""
        own = self._device.queue
        return next((path.queue for path in self._paths
                     if path is not None and path.queue is not own), own)

    def connect(self, m: Module, taken: Any, tables: Any) -> None:
        """Put the components into a module. ``taken`` are the settings of the newest frame,
        ``tables`` what is written to tables, where there are any."""
        m.submodules.sequencer = self.sequencer
        sources = self._roots(m)
        for number, (step, path) in enumerate(zip(self.plan.steps, self._paths, strict=True)):
            if path is not None:
                path.connect(m, f"stage_{number}", sources, self._line_buffers, taken, tables)
            for name in step.taps:
                if name in self._pushes:
                    m.submodules[f"push_{len(sources)}"] = push = self._pushes[name]
                    m.d.comb += push.i.eq(sources[step.sources[0]] if path is None else path.o)
                    sources[name] = push.o
        for number, (name, buffer) in enumerate(self._line_buffers.items()):
            m.submodules[f"lines_{number}"] = buffer
            m.d.comb += buffer.i.eq(sources[name])

    def _roots(self, m: Module) -> dict[str, Any]:
        """The pushes of the taps that come in: those of the stream, each with its own bits."""
        roots, push = self.plan.part.roots, self.sequencer.o
        if len(roots) == 1:
            return {roots[0]: push}
        found: dict[str, Any] = {}
        low = 0
        for number, name in enumerate(roots):
            bits = self.plan.pipeline.taps[name].format.pixel_bits
            if any(name in step.sources for step in self.plan.steps):
                own: Any = Signal(Push(self._reader(name)), name=f"root_{number}")
                m.d.comb += [own[key].eq(push[key]) for key in own.shape().members if key != "beat"]
                m.d.comb += [Value.cast(own.beat[lane]).eq(Value.cast(pixel)[low:low + bits])
                             for lane, pixel in enumerate(push.beat)]
                found[name] = own
            low += bits
        return found


class Path:
    """The components of a step: a branch from each tap that it reads, and what they meet in.

    Attributes
    ----------
    latency : :class:`int`
        Cycles from the input to the values.
    o : :class:`~.beat.Beat`
        The values of the step's taps.
    queue : callable
        Makes the :class:`~.output_queue.OutputQueue` that its stages want behind them.
    """

    def __init__(
        self, step: Step, outputs: Sequence[str], pipeline: Pipeline, device: Device,
        cycles: Mapping[str, int], settings: Any,
    ) -> None:
        self.step = step
        self.queue: Callable[..., OutputQueue] = device.queue
        starts = [cycles[name] for name in step.sources]
        self._tail: list[Any] = []
        self._border: Parameter | None = None
        if isinstance(step.stage, FilterStage):
            chosen = choose(step.stage.filter, step.geometries[0], device, AUTO)
            self._branches, self.queue = [chosen.stages()], chosen.queue
        else:
            parameters = step.stage.parameters if isinstance(step.stage, FormulaStage) else ()
            if isinstance(step.stage, FormulaStage) and settings is not None and isinstance(
                    step.stage.border, Parameter):
                self._border = step.stage.border
            table = step.stage if isinstance(step.stage, TableStage) else None
            self._branches = _windows(step.geometries, device, starts,
                                      bool(parameters) or table is not None,
                                      self._border is not None)
            lanes = pipeline.pixels_per_clock
            windows = [branch[-1].o.shape() for branch in self._branches]
            if table is not None:
                picks, graph, channels = [Pick(0)], Graph.wires(table.known), table.channels
            elif isinstance(step.stage, FormulaStage):
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
            self._tail = [join]
            if table is not None:
                assert settings is not None, "a table comes through the register port"
                first = table.inputs[0].sample.minimum
                self._tail.append(ArithmeticTable(
                    table.name, join.o.shape(), first, table.entries, table.reached[0], settings,
                    device))
            else:
                self._tail.append(GraphStage(join.o.shape(), lanes, graph, device,
                                             settings if parameters else None))
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
        line_buffers: Mapping[str, LineBuffer], taken: Any, tables: Any,
    ) -> None:
        """Put the components into a module, one behind the other.

        ``taken`` are the settings of the newest frame, ``tables`` what is written to tables, where
        there are any.
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
                if self._border is not None and part not in self._tail:
                    m.d.comb += part.settings.border_value.eq(taken[self._border.name])
                else:
                    m.d.comb += part.settings.eq(taken)
            if isinstance(part, ArithmeticTable):
                write = tables[part.name]
                m.d.comb += [
                    part.write_enable.eq(write.enable),
                    part.write_address.eq(write.address),
                    part.write_data.eq(write.data),
                ]


def _chain(m: Module, beat: Any, parts: Sequence[Any]) -> Any:
    for part in parts:
        m.submodules += part
        m.d.comb += part.i.eq(beat)
        beat = part.o
    return beat


def _windows(
    geometries: Sequence[Geometry], device: Device, starts: Sequence[int], switches: bool,
    changes: bool,
) -> list[list[Any]]:
    """Lines and a window on each of some taps, all of which come in the same cycle.

    With ``switches`` they say when a frame starts; with ``changes`` the value of a constant border
    is a setting.
    """
    settings = [StructLayout({"border_value": sample_shape(geometry.frame.sample)})
                if changes and geometry.window.shows_border_value else None
                for geometry in geometries]
    heads = [Lines(geometry, device, given)
             for geometry, given in zip(geometries, settings, strict=True)]
    come = [start + lines.latency for start, lines in zip(starts, heads, strict=True)]
    branches = []
    for lines, geometry, there, given in zip(heads, geometries, come, settings, strict=True):
        beat, wait = lines.o.shape(), max(come) - there
        height = geometry.window.height
        border: Any = [geometry.window.border_value] * height
        if given is not None:
            border = replace(Graph.wires([geometry.frame.interval]), outputs=(Term(0),) * height)
        branches.append([lines, *([Later(beat, wait)] if wait else []),
                         Window(geometry, beat, border, device, given, switches)])
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
            inputs = inputs.then(ParameterNode(read.tap, None, ranges[read.tap]))
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
