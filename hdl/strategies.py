"""The ways to make the exact sums of a filter, as one table: :data:`STRATEGIES`.

A strategy is what stands between the pushes of the sequencer and the output samples:
:meth:`Implementation.stages`. Everything else of a core is the same.
Choose ``auto`` unless you know better; ``windrow plan`` shows what each would take.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Protocol

from ..model import arithmetic
from ..model.adder_graph import adder_graph
from ..model.arithmetic import Arithmetic
from ..model.errors import InputError, nearest
from ..model.factor import csd
from ..model.folding import Folding, foldings
from ..model.graph import (
    REGISTER_WEIGHT,
    Clamp,
    Constant,
    Graph,
    Parameter,
    Product,
    Schedule,
    Select,
    Term,
)
from ..model.graph import Requantise as RequantiseNode
from ..model.interval import Interval
from ..model.linear import Builder
from ..model.requantisation import Requantisation
from .beat import Beat
from .devices import Device
from .geometry import Geometry
from .graph_stage import GraphStage
from .lines import Lines
from .running_columns import RunningColumns
from .running_sums import RunningSums
from .settings import Settings
from .time_folded import TimeFolded
from .window import Window


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
    interval : :class:`~windrow.model.interval.Interval`
        Exact range of the sum.
    cost : :class:`float`
        What it takes, in bits of adders; only for comparing one implementation of a filter with
        another.
    """

    @property
    def strategy(self) -> str: ...
    @property
    def interval(self) -> Interval: ...
    @property
    def cost(self) -> float: ...

    def stages(self) -> list[Any]:
        """Components from pushes to output samples, new at each call: each has ``i``, ``o`` and
        ``latency``, and ``settings`` where it wants those of the newest frame."""
        ...


@dataclass(frozen=True)
class GraphImplementation:
    """Sums as graphs of adders and multipliers, over columns and then over windows."""

    strategy: str
    geometry: Geometry
    device: Device
    arithmetic: Arithmetic

    def stages(self) -> list[Any]:
        """Lines, column graph, window, window graph."""
        f = self.geometry.filter
        column, window = self.arithmetic.column, self.arithmetic.window
        if f.control == "none":
            border = column.compute([f.border_value] * f.kernel_height)
            return _stages(self.geometry, self.device, column, border, window)
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
        return _stages(self.geometry, self.device, column, _border(column), window, anchor)

    @property
    def interval(self) -> Interval:
        """Exact range of the sum."""
        return self.arithmetic.interval

    @property
    def cost(self) -> float:
        """See :func:`windrow.model.arithmetic.cost`."""
        f = self.geometry.filter
        return arithmetic.cost(self.arithmetic, f.pixels_per_clock, f.channels,
                               self.device.multiplier.latency, self.device.product_weight)


def _stages(
    geometry: Geometry, device: Device, column: Graph, border: Sequence[int] | Graph,
    window: Graph, anchor: int = 0,
) -> list[Any]:
    """Components of a column graph and a window graph; ``anchor`` is the sample to bypass with."""
    lines = Lines(geometry, device)
    columns = GraphStage(lines.o.shape(), geometry.columns.lanes, column, device)
    windows = Window(geometry, columns.o.shape(), border, device)
    return [lines, columns, windows, finish(geometry, device, windows.o.shape(), window, anchor)]


def finish(
    geometry: Geometry, device: Device, beat: Beat, graph: Graph, anchor: int = 0
) -> GraphStage:
    """The last graph: exact sums and their requantisation."""
    f = geometry.filter
    if f.control == "none":
        made = Requantisation(f.shift, f.offset, f.rounding, f.overflow, f.output).after(graph)
        return GraphStage(beat, geometry.columns.lanes, made, device)
    term, = graph.outputs
    settings = []
    for name, interval in (("shift", Interval(0, 31)), ("offset", Interval(-1 << 31, 2**31 - 1)),
                           ("rounding", Interval(0, 7)), ("bypass", Interval(0, 1))):
        settings.append(Term(len(graph.intervals)))
        graph = graph.then(Parameter(name, None, interval))
    *rule, bypass = settings
    if term is None:
        term, graph = Term(len(graph.intervals)), graph.then(Constant(0))
    result, graph = Term(len(graph.intervals)), graph.then(
        RequantiseNode(term, rule[0], rule[1], rule[2], f.overflow, f.output))
    passed, graph = Term(len(graph.intervals)), graph.then(Clamp(Term(anchor), f.output))
    chosen, graph = Term(len(graph.intervals)), graph.then(Select(bypass, passed, result))
    return GraphStage(beat, geometry.columns.lanes, replace(graph, outputs=(chosen,)), device,
                      Settings(f))


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
class RuntimeImplementation:
    """Sums by a multiplier for each product, with coefficients out of registers."""

    strategy: str
    geometry: Geometry
    device: Device

    def stages(self) -> list[Any]:
        """Lines, window, multipliers, adders."""
        f = self.geometry.filter
        pixel = self.geometry.pixel
        column = Graph.wires([pixel] * f.kernel_height)
        border = replace(Graph.wires([pixel]), outputs=(Term(0),) * f.kernel_height)
        most = 1 << f.coefficient_bits - 1
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
            window = window.then(Parameter("coefficients", cell, Interval(-most, most - 1)))
            products.append(Term(len(window.intervals)))
            window = window.then(Product(number, coefficient))
        builder = Builder([window.interval(term) for term in products])
        total = builder.graph([builder.total(map(Term, range(cells)))])
        window = replace(window, outputs=tuple(products)).into(total)
        return _stages(self.geometry, self.device, column, border, window,
                       f.anchor[1] * f.kernel_height + f.anchor[0])

    @property
    def interval(self) -> Interval:
        """Exact range of the sum, whatever the coefficients."""
        return Interval(*self.geometry.filter.sum_range)

    @property
    def cost(self) -> float:
        """That of the multipliers; there is nothing to compare it with."""
        f = self.geometry.filter
        return (self.device.product_weight * f.kernel_height * f.kernel_width * f.channels
                * f.pixels_per_clock)


@dataclass(frozen=True)
class FoldedImplementation:
    """Sums by few multipliers, each of which makes one product after the other."""

    strategy: str
    geometry: Geometry
    device: Device
    folding: Folding

    def stages(self) -> list[Any]:
        """Lines, column graph, window, multiplexers with multipliers and accumulators."""
        f = self.geometry.filter
        lines = Lines(self.geometry, self.device)
        columns = GraphStage(lines.o.shape(), 1, self.folding.column, self.device)
        border = self.folding.column.compute([f.border_value] * f.kernel_height)
        windows = Window(self.geometry, columns.o.shape(), border, self.device)
        sums = TimeFolded(windows.o.shape(), f.clocks_per_pixel, self.folding, self.device)
        return [lines, columns, windows, sums,
                finish(self.geometry, self.device, sums.o.shape(), Graph.wires([self.interval]))]

    @property
    def interval(self) -> Interval:
        """Exact range of the sum."""
        return self.folding.interval

    @property
    def cost(self) -> float:
        """See :meth:`windrow.model.folding.Folding.cost`."""
        f = self.geometry.filter
        blocks = sum(
            self.device.multiplier.block_count(self.folding.factor(number),
                                               self.folding.coefficient(number))
            for number in range(len(self.folding.multipliers))
        )
        return self.folding.cost(f.kernel_width, blocks, f.channels, self.device.product_weight)


@dataclass(frozen=True)
class RunningImplementation:
    """Sums that run down the rows, then along the row, times the one coefficient."""

    strategy: str
    geometry: Geometry
    device: Device

    def stages(self) -> list[Any]:
        """Column sums, sums of columns, and the product. A kernel of one row or one column is its
        own sum in that direction."""
        geometry, device = self.geometry, self.device
        f = geometry.filter
        first: Any = (Lines(geometry, device) if f.kernel_height == 1 else
                      RunningColumns(geometry, device))
        border = f.border_value * f.kernel_height
        columns = first.o.shape()
        second: Any = (Window(geometry, columns, [border], device) if f.kernel_width == 1 else
                       RunningSums(geometry, columns, border, device))
        product = adder_graph(((self._coefficient,),), lambda: Builder([self._window]))
        return [first, second, finish(geometry, device, second.o.shape(), product)]

    @property
    def interval(self) -> Interval:
        """Exact range of the sum."""
        return self._window.scale(self._coefficient)

    @property
    def cost(self) -> float:
        """Three adders and three multiplexers for a direction of more than one tap, the columns
        that are kept, and the product. The memory beyond the least is not counted."""
        f = self.geometry.filter
        bits = 0.0
        for kernel, number in ((f.kernel_height, self._column), (f.kernel_width, self._window)):
            bits += 6 * number.bits if kernel > 1 else 0
        bits += REGISTER_WEIGHT * self._column.bits * (f.kernel_width - 1)
        product = adder_graph(((self._coefficient,),), lambda: Builder([self._window]))
        return f.channels * (bits + Schedule(product, 0).cost)

    @property
    def _coefficient(self) -> int:
        return int(self.geometry.filter.taps[0, 0])

    @property
    def _column(self) -> Interval:
        return self.geometry.pixel.scale(self.geometry.filter.kernel_height)

    @property
    def _window(self) -> Interval:
        return self._column.scale(self.geometry.filter.kernel_width)


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
    realise : callable
        All implementations of a filter on a device; none where it does not apply.
    least_memory : :class:`bool`
        Whether it keeps to the least line memory.
    """

    name: str
    description: str
    rule: str
    realise: Callable[[Geometry, Device], list[Implementation]]
    least_memory: bool = True


@lru_cache(maxsize=16)
def _arithmetic(name: str, *arguments: Any) -> tuple[Arithmetic, ...]:
    """What a strategy finds. Kept, since a plan asks for each of them again and again."""
    return tuple(arithmetic.STRATEGIES[name](*arguments) or ())


def _graphs(name: str) -> Callable[[Geometry, Device], list[Implementation]]:
    def realise(geometry: Geometry, device: Device) -> list[Implementation]:
        f = geometry.filter
        if f.coefficients == "runtime":
            return []
        kernel = tuple(tuple(row) for row in f.taps.tolist())
        found = _arithmetic(name, kernel, f.pixel, device.multiplier.latency)
        return [GraphImplementation(name, geometry, device, each) for each in found]

    return realise


def _folded(geometry: Geometry, device: Device) -> list[Implementation]:
    f = geometry.filter
    if f.control != "none":
        return []
    kernel = tuple(tuple(row) for row in f.taps.tolist())
    found = foldings(kernel, f.pixel, f.clocks_per_pixel)
    return [FoldedImplementation("time-folded", geometry, device, each) for each in found or ()]


def _runtime(geometry: Geometry, device: Device) -> list[Implementation]:
    applies = geometry.filter.coefficients == "runtime"
    return [RuntimeImplementation("runtime-multipliers", geometry, device)] if applies else []


def _running(geometry: Geometry, device: Device) -> list[Implementation]:
    taps = geometry.filter.taps
    applies = (
        geometry.filter.control == "none"
        and taps[0, 0] != 0 and (taps == taps[0, 0]).all() and geometry.columns.lanes == 1
        and (geometry.rows.kernel == 1
             or geometry.row_pushes >= RunningColumns.shortest_row(device))
    )
    return [RunningImplementation("running-sum", geometry, device)] if applies else []


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


def implementations(geometry: Geometry, device: Device, name: str) -> list[Implementation]:
    """All implementations of a strategy, or of every one for ``auto``, the cheapest first.

    Raises
    ------
    :exc:`~windrow.model.InputError`
        If there is no such strategy, or it does not apply to the filter.
    """
    if name == AUTO:
        found = [each for strategy in STRATEGIES.values() if strategy.least_memory
                 for each in strategy.realise(geometry, device)]
    elif name in STRATEGIES:
        found = STRATEGIES[name].realise(geometry, device)
        if not found:
            raise InputError(f"strategy {name!r} does not apply to this filter; it needs "
                             f"{STRATEGIES[name].rule}")
    else:
        raise InputError(f"strategy {name!r} is not known: {nearest(name, [AUTO, *STRATEGIES])}")
    return sorted(found, key=lambda each: each.cost)


def choose(geometry: Geometry, device: Device, name: str) -> Implementation:
    """The cheapest implementation: see :func:`implementations`."""
    return implementations(geometry, device, name)[0]
