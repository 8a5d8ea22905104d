"""The ways to make the exact sums of a filter, as one table: :data:`STRATEGIES`.

A strategy is what stands between the pushes of the sequencer and the output samples:
:meth:`Implementation.stages`. Everything else of a core is the same.
Choose ``auto`` unless you know better; ``windrow plan`` shows what each would take.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Protocol

from amaranth.hdl import signed

from ..model import Filter
from ..model.doubling import doubling, repeats
from ..model.errors import InputError, nearest
from ..model.graph import REGISTER_WEIGHT, Graph, Schedule
from ..model.interval import Interval
from ..model.lowering import arithmetic, rank
from ..model.lowering.adder_graph import adder_graph
from ..model.lowering.arithmetic import WINDOW_WEIGHT, Arithmetic
from ..model.lowering.factor import csd
from ..model.lowering.folding import Folding, foldings
from ..model.lowering.linear import Builder
from ..model.nodes import Clamp, Constant, Node, Parameter, Product, Requantise, Term
from ..model.operations import Correlate, Footprint, Rank
from .arithmetic.graph_stage import GraphStage
from .arithmetic.time_folded import TimeFolded
from .beat import Beat, shape_interval
from .devices import Device
from .geometry import Geometry
from .running.extremes import ExtremeColumns, ExtremeRows, queue_behind
from .running.running_columns import RunningColumns
from .running.running_sums import RunningSums
from .settings import Settings
from .stream.output_queue import OutputQueue
from .window.lines import Lines
from .window.window import Window


__all__ = [
    "AUTO", "STRATEGIES", "Implementation", "Strategy", "choose", "finish", "implementations",
]

AUTO = "auto"
"""The strategy that costs least, of those that keep to the least line memory."""


class Implementation(Protocol):
    """One way to compute one filter.

    Attributes
    ----------
    strategy : :class:`str`
        Name of the strategy.
    cost : :class:`float`
        What it takes, in bits of adders; only for comparing one implementation of a filter with
        another.
    queue : callable
        Makes the :class:`~.output_queue.OutputQueue` behind it.
    """

    @property
    def strategy(self) -> str: ...
    @property
    def cost(self) -> float: ...
    @property
    def queue(self) -> Callable[..., OutputQueue]: ...

    def stages(self) -> list[Any]:
        """Components from pushes to output samples, new at each call: each has ``i``, ``o`` and
        ``latency``, and ``settings`` where it wants those of the newest frame."""
        ...


@dataclass(frozen=True)
class _Implementation:
    """What they have in common."""

    strategy: str
    filter: Filter
    geometry: Geometry
    device: Device

    @property
    def queue(self) -> Callable[..., OutputQueue]:
        """The device's own."""
        return self.device.queue

    def _stages(
        self, column: Graph, border: Sequence[int] | Graph, window: Graph, anchor: int = 0
    ) -> list[Any]:
        """Lines, column graph, window, window graph; ``anchor`` is the sample to bypass with."""
        windows = self._windows(column, border)
        return [*windows, self._finish(windows[-1].o.shape(), window, anchor)]

    def _windows(self, column: Graph, border: Sequence[int] | Graph) -> list[Any]:
        """Lines, column graph, window."""
        settings = Settings.of(self.filter)
        lines = Lines(self.geometry, self.device, settings)
        columns = GraphStage(lines.o.shape(), self.geometry.columns.lanes, column, self.device)
        return [lines, columns,
                Window(self.geometry, columns.o.shape(), border, self.device, settings)]

    def _finish(self, beat: Beat, graph: Graph, anchor: int = 0) -> GraphStage:
        """The last graph: exact sums and their requantisation."""
        return finish(self.filter, self.device, beat, graph, anchor)


def finish(
    filter: Filter, device: Device, beat: Beat, graph: Graph, anchor: int = 0
) -> GraphStage:
    """The stage that makes samples of a beat: a graph of exact sums, and their requantisation.

    Where the filter has a register port, input ``anchor`` is the sample that can be handed through.
    """
    settings = Settings.of(filter)
    if settings is None:
        made = filter.requantisation.after(graph)
    else:
        made = _adjustable(filter, graph, anchor, settings)
    return GraphStage(beat, filter.pixels_per_clock, made, device, settings)


def _adjustable(filter: Filter, graph: Graph, anchor: int, settings: Settings) -> Graph:
    """The graph with each output brought to a sample as settings say."""
    def then(node: Node) -> Term:
        nonlocal graph
        graph = graph.then(node)
        return Term(len(graph.intervals) - 1)

    shift, offset, rounding, bypass = (
        then(Parameter(name, None, shape_interval(settings[name].shape)))
        for name in ("shift", "offset", "rounding", "bypass"))
    chosen = []
    for term in graph.outputs:
        total = then(Constant(0)) if term is None else term
        passed = then(Clamp(Term(anchor), filter.output))
        chosen.append(then(Requantise(
            total, shift, offset, rounding, bypass, passed, filter.overflow, filter.output)))
    return replace(graph, outputs=tuple(chosen))


@dataclass(frozen=True)
class GraphImplementation(_Implementation):
    """Sums as graphs of adders and multipliers, over columns and then over windows."""

    arithmetic: Arithmetic

    def stages(self) -> list[Any]:
        """Lines, column graph, window, window graph."""
        f = self.filter
        column, window = self.arithmetic.column, self.arithmetic.window
        if not f.registers:
            border = column.compute([f.border_value] * f.kernel_height)
            return self._stages(column, border, window)
        # The sample in the anchor's row comes along, for the bypass.
        anchored = Term(f.anchor[0])
        if anchored not in column.outputs:
            column = replace(column, outputs=(*column.outputs, anchored))
        features = [column.interval(term) for term in column.outputs]
        count, used = len(features), self.arithmetic.feature_count
        window = replace(
            Graph.wires(features * f.kernel_width),
            outputs=tuple(Term(at) for at in range(count * f.kernel_width) if at % count < used),
        ).into(window)
        anchor = f.anchor[1] * count + column.outputs.index(anchored)
        return self._stages(column, _border(column), window, anchor)

    @property
    def cost(self) -> float:
        """See :func:`windrow.model.lowering.arithmetic.cost`."""
        f = self.filter
        return arithmetic.cost(self.arithmetic, f.pixels_per_clock, f.channels,
                               self.device.product_weight)


def _border(column: Graph) -> Graph:
    """The features of a column of equal samples, as a graph of that sample.

    By adders alone: a feature's factor has no more digits than its terms together, so that no
    pipeline of adders for these is shorter, and multipliers take as long as the longest.
    """
    builder = Builder(column.inputs[:1])
    factors = [sum(row) for row in column.matrix]
    return builder.graph(
        builder.total(Term(0, shift, negative != (factor < 0))
                      for shift, negative in csd(abs(factor)))
        for factor in factors
    )


@dataclass(frozen=True)
class RuntimeImplementation(_Implementation):
    """Sums by a multiplier for each product, with coefficients out of registers."""

    def stages(self) -> list[Any]:
        """Lines, window, multipliers, adders."""
        f = self.filter
        pixel = self.geometry.frame.interval
        column = Graph.wires([pixel] * f.kernel_height)
        border = replace(Graph.wires([pixel]), outputs=(Term(0),) * f.kernel_height)
        coefficients = shape_interval(signed(f.coefficient_bits))
        cells = f.kernel_height * f.kernel_width
        window = Graph.wires([pixel] * cells)
        products = []
        for number in range(cells):
            # The window goes column by column, the kernel row by row; to convolve it is turned.
            at, row = divmod(number, f.kernel_height)
            cell = row * f.kernel_width + at
            if f.operation == "convolve":
                cell = cells - 1 - cell
            coefficient = Term(len(window.intervals))
            window = window.then(Parameter("coefficients", cell, coefficients))
            products.append(Term(len(window.intervals)))
            window = window.then(Product(number, coefficient))
        builder = Builder([window.interval(term) for term in products])
        total = builder.graph([builder.total(map(Term, range(cells)))])
        window = replace(window, outputs=tuple(products)).into(total)
        return self._stages(column, border, window,
                       f.anchor[1] * f.kernel_height + f.anchor[0])

    @property
    def cost(self) -> float:
        """That of the multipliers; there is nothing to compare it with."""
        f = self.filter
        return (self.device.product_weight * f.kernel_height * f.kernel_width * f.channels
                * f.pixels_per_clock)


@dataclass(frozen=True)
class FoldedImplementation(_Implementation):
    """Sums by few multipliers, each of which makes one product after the other."""
    folding: Folding

    def stages(self) -> list[Any]:
        """Lines, column graph, window, multiplexers with multipliers and accumulators."""
        f = self.filter
        border = self.folding.column.compute([f.border_value] * f.kernel_height)
        windows = self._windows(self.folding.column, border)
        sums = TimeFolded(windows[-1].o.shape(), f.clocks_per_pixel, self.folding, self.device)
        return [*windows, sums, self._finish(sums.o.shape(), Graph.wires([self.folding.interval]))]

    @property
    def cost(self) -> float:
        """See :meth:`windrow.model.lowering.folding.Folding.cost`."""
        f = self.filter
        blocks = sum(
            self.device.multiplier.block_count(self.folding.factor(number),
                                               self.folding.coefficient(number))
            for number in range(len(self.folding.multipliers))
        )
        return self.folding.cost(f.kernel_width, blocks, f.channels, self.device.product_weight)


@dataclass(frozen=True)
class RunningImplementation(_Implementation):
    """Sums that run down the rows, then along the row, times the one coefficient."""

    def stages(self) -> list[Any]:
        """Column sums, sums of columns, and the product. A kernel of one row or one column is its
        own sum in that direction."""
        f, geometry, device = self.filter, self.geometry, self.device
        first: Any = (Lines(geometry, device) if f.kernel_height == 1 else
                      RunningColumns(geometry, device))
        border = f.border_value * f.kernel_height
        columns = first.o.shape()
        second: Any = (Window(geometry, columns, [border], device) if f.kernel_width == 1 else
                       RunningSums(geometry, columns, border, device))
        product = adder_graph(((self._coefficient,),), lambda: Builder([self._window]))
        return [first, second, self._finish(second.o.shape(), product)]

    @property
    def cost(self) -> float:
        """Three adders and three multiplexers for a direction of more than one tap, the columns
        that are kept, and the product. The memory beyond the least is not counted."""
        f = self.filter
        bits = 0.0
        for kernel, number in ((f.kernel_height, self._column), (f.kernel_width, self._window)):
            bits += 6 * number.bits if kernel > 1 else 0
        bits += REGISTER_WEIGHT * self._column.bits * (f.kernel_width - 1)
        product = adder_graph(((self._coefficient,),), lambda: Builder([self._window]))
        return f.channels * (bits + Schedule(product).cost)

    @property
    def _coefficient(self) -> int:
        return int(self.filter.taps[0, 0])

    @property
    def _column(self) -> Interval:
        return self.geometry.frame.interval.scale(self.filter.kernel_height)

    @property
    def _window(self) -> Interval:
        return self._column.scale(self.filter.kernel_width)


@dataclass(frozen=True)
class DoublingImplementation(_Implementation):
    """Extremes that double their reach down the columns, and along the row."""

    greatest: bool

    def stages(self) -> list[Any]:
        """The extremes of columns, then of rows. With several pixels a clock, these are a graph."""
        f, geometry, device = self.filter, self.geometry, self.device
        first: Any = (Lines(geometry, device) if f.kernel_height == 1 else
                      ExtremeColumns(geometry, device, self.greatest))
        columns = first.o.shape()
        if self._kept:
            second: Any = ExtremeRows(geometry, columns, device, self.greatest)
            graph = Graph.wires(columns.values)
        else:
            second = Window(geometry, columns, [f.border_value], device)
            graph = self._row
        return [first, second, self._finish(second.o.shape(), graph)]

    @property
    def queue(self) -> Callable[..., OutputQueue]:
        """See :func:`~.running.extremes.queue_behind`."""
        return queue_behind(self.geometry, self.device)

    @property
    def cost(self) -> float:
        """Two bits for one of a step's, and what the rows keep."""
        f, bits = self.filter, self.geometry.frame.sample.bits
        rows = doubling(self.geometry.rows.before, self.geometry.rows.after)
        columns = doubling(self.geometry.columns.before, self.geometry.columns.after)
        cost = f.pixels_per_clock * (2 + REGISTER_WEIGHT) * bits * len(rows)
        if self._kept:
            cost += bits * ((2 + REGISTER_WEIGHT) * len(columns)
                            + REGISTER_WEIGHT * (f.kernel_width - 1))
        else:
            cost += (f.pixels_per_clock * Schedule(self._row).cost
                     + WINDOW_WEIGHT * bits * (f.kernel_width + f.pixels_per_clock - 1))
        return f.channels * cost

    @property
    def _kept(self) -> bool:
        """Whether the extremes of parts of a row are kept from one push to the next."""
        return self.filter.kernel_width > 1 and self.filter.pixels_per_clock == 1

    @property
    def _row(self) -> Graph:
        """The extreme of a window of column extremes."""
        width = self.filter.kernel_width
        return rank.by_network(((True,) * width,), (width - 1) * self.greatest,
                               self.geometry.frame.interval).window


@dataclass(frozen=True)
class Strategy:
    """One row of the table.

    Attributes
    ----------
    name : :class:`str`
        What ``--strategy`` calls it.
    description : :class:`str`
        What it does.
    rule : :class:`str`
        What a filter must be like for it to apply.
    implement : callable
        All implementations of a filter on a device; none where it does not apply.
    least_memory : :class:`bool`
        Whether it keeps to the least line memory.
    """

    name: str
    description: str
    rule: str
    implement: Callable[[Filter, Geometry, Device], list[Implementation]]
    least_memory: bool = True


@lru_cache(maxsize=16)
def _arithmetic(name: str, *arguments: Any) -> tuple[Arithmetic, ...]:
    """What a strategy finds. Kept, since a plan asks for each of them again and again."""
    return tuple(arithmetic.STRATEGIES[name](*arguments) or ())


def _graphs(name: str) -> Callable[[Filter, Geometry, Device], list[Implementation]]:
    def implement(f: Filter, geometry: Geometry, device: Device) -> list[Implementation]:
        if f.runtime_kernel or not isinstance(f.applied, Correlate):
            return []
        found = _arithmetic(name, f.applied.kernels, f.pixel)
        return [GraphImplementation(name, f, geometry, device, each) for each in found]

    return implement


def _ranks(
    name: str, make: Callable[[Footprint, int, Interval], Arithmetic], most: int = 31 * 31
) -> Callable[[Filter, Geometry, Device], list[Implementation]]:
    def implement(f: Filter, geometry: Geometry, device: Device) -> list[Implementation]:
        if not isinstance(f.applied, Rank) or sum(map(sum, f.applied.footprint)) > most:
            return []
        found = make(f.applied.footprint, f.applied.rank, geometry.frame.interval)
        return [GraphImplementation(name, f, geometry, device, found)]

    return implement


def _doubling(f: Filter, geometry: Geometry, device: Device) -> list[Implementation]:
    if not isinstance(f.applied, Rank):
        return []
    count = f.kernel_height * f.kernel_width
    greatest = f.applied.rank > 0
    neutral = f.border_value == (f.pixel.minimum if greatest else f.pixel.maximum)
    axes = geometry.rows, geometry.columns
    applies = (
        geometry.fixed
        and all(map(all, f.applied.footprint)) and f.applied.rank in (0, count - 1)
        and all(repeats(axis, neutral) for axis in axes)
        # In a pipeline it may have to wait for another stage.
        and geometry.rows.delay == geometry.rows.after
        and (geometry.columns.lanes > 1 or geometry.columns.delay == geometry.columns.after)
    )
    return ([DoublingImplementation("doubling", f, geometry, device, greatest)]
            if applies else [])


def _folded(f: Filter, geometry: Geometry, device: Device) -> list[Implementation]:
    if not geometry.fixed or not f.kernel:
        return []
    kernel = tuple(tuple(row) for row in f.taps.tolist())
    found = foldings(kernel, f.pixel, f.clocks_per_pixel)
    return [FoldedImplementation("time-folded", f, geometry, device, each)
            for each in found or ()]


def _runtime(f: Filter, geometry: Geometry, device: Device) -> list[Implementation]:
    if not f.runtime_kernel:
        return []
    return [RuntimeImplementation("runtime-multipliers", f, geometry, device)]


def _running(f: Filter, geometry: Geometry, device: Device) -> list[Implementation]:
    if not f.kernel:
        return []
    taps = f.taps
    applies = (
        geometry.fixed
        and taps[0, 0] != 0 and (taps == taps[0, 0]).all() and geometry.columns.lanes == 1
        and (geometry.rows.kernel == 1
             or geometry.row_pushes >= RunningColumns.shortest_row(device))
    )
    return [RunningImplementation("running-sum", f, geometry, device)] if applies else []


STRATEGIES: Mapping[str, Strategy] = {
    each.name: each for each in (
        Strategy("adder-graph", "shifts and adders, common sums shared",
                 "any constant kernel", _graphs("adder-graph")),
        Strategy("multipliers", "a multiplier for each product",
                 "a constant kernel with a coefficient that is no power of two",
                 _graphs("multipliers")),
        Strategy("symmetric", "equal and opposite taps added first, then multiplied",
                 "a constant kernel with coefficients that are equal but for sign and power of "
                 "two, and are no powers of two themselves",
                 _graphs("symmetric")),
        Strategy("separable", "vertical pass, then horizontal pass, by shifts and adders",
                 "a constant kernel of more than one row, not all zeros, that is a sum of few "
                 "products of a column and a row",
                 _graphs("separable")),
        Strategy("separable-multipliers", "vertical pass, then horizontal pass, by multipliers",
                 "a constant separable kernel with a coefficient that is no power of two",
                 _graphs("separable-multipliers")),
        Strategy("sorting-network", "columns sorted once, then as much of the window as is needed",
                 "a rank filter", _ranks("sorting-network", rank.by_network)),
        Strategy("bit-search", "a rank's value bit by bit, the highest first, by counting",
                 "a rank filter of at most 225 cells",
                 _ranks("bit-search", rank.by_search, 225)),
        Strategy("doubling", "extremes of two neighbours, of four, of eight ...: hardly larger for "
                 "a large window",
                 "the least or the greatest of a rectangle, an output as large as the input, and "
                 "a border of samples that the window shows anyway", _doubling),
        Strategy("running-sum", "what enters the window is added, what leaves it subtracted: as "
                 "small for a large kernel as for a small one, but for two more sums a column in "
                 "the line memory",
                 "a kernel of equal coefficients other than zero, one pixel a clock, and lines "
                 "that are not very short, without a register port",
                 _running, least_memory=False),
        Strategy("time-folded", "as many products of a multiplier, one after the other, as there "
                 "are clocks for a pixel",
                 "clocks_per_pixel above 1 and a kernel with a coefficient that is no power of "
                 "two, without a register port",
                 _folded),
        Strategy("runtime-multipliers", "a multiplier for each product, coefficients in registers",
                 "run-time coefficients", _runtime),
    )
}
"""Every strategy by its name."""


def implementations(
    filter: Filter, geometry: Geometry, device: Device, name: str
) -> list[Implementation]:
    """All implementations of a strategy, or of every one for ``auto``, the cheapest first.

    Raises
    ------
    :exc:`~windrow.model.InputError`
        If there is no such strategy, or it does not apply to the filter.
    """
    if name == AUTO:
        found = [each for strategy in STRATEGIES.values() if strategy.least_memory
                 for each in strategy.implement(filter, geometry, device)]
    elif name in STRATEGIES:
        found = STRATEGIES[name].implement(filter, geometry, device)
        if not found:
            raise InputError(f"strategy {name!r} does not apply to this filter; it needs "
                             f"{STRATEGIES[name].rule}")
    else:
        raise InputError(f"strategy {name!r} is not known: {nearest(name, [AUTO, *STRATEGIES])}")
    return sorted(found, key=lambda each: each.cost)


def choose(filter: Filter, geometry: Geometry, device: Device, name: str) -> Implementation:
    """The cheapest implementation: see :func:`implementations`."""
    return implementations(filter, geometry, device, name)[0]
