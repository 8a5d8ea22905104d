"""The ways to make the exact sums of a filter, as one table: :data:`STRATEGIES`.

A strategy is what stands between the pushes of the sequencer and the sums that are requantised:
:attr:`Realisation.columns` and :attr:`Realisation.sums`. Everything else of a core is the same.
Choose ``auto`` unless you know better; ``windrow plan`` shows what each would take.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Protocol

from ..model import arithmetic
from ..model.adder_graph import adder_graph
from ..model.arithmetic import Arithmetic
from ..model.errors import InputError, nearest
from ..model.factor import csd
from ..model.folding import Folding, foldings
from ..model.interval import Interval
from ..model.linear import REGISTER_WEIGHT, Builder, Graph, Schedule, Term
from .columns import Columns
from .devices import Device
from .geometry import Geometry
from .running_columns import RunningColumns
from .running_sums import RunningSums
from .runtime_sums import RuntimeSums
from .sums import Sums
from .time_folded import TimeFolded


__all__ = ["AUTO", "STRATEGIES", "Realisation", "Strategy", "choose", "realisations"]

AUTO = "auto"
"""The strategy that costs least, of those that keep to the least line memory."""


class Realisation(Protocol):
    """One way to make the sums of one filter.

    Attributes
    ----------
    strategy : :class:`str`
        Name of the strategy.
    columns : component
        Pushes ``i`` to column beats ``o`` with their features, ``latency`` cycles later.
    sums : component
        Column beats ``i`` to sum beats ``o``, ``latency`` cycles later.
    interval : :class:`~windrow.model.interval.Interval`
        Exact range of the sum.
    cost : :class:`float`
        What it takes, in bits of adders; only for comparing one realisation of a filter with
        another.
    """

    @property
    def strategy(self) -> str: ...
    @property
    def columns(self) -> Any: ...
    @property
    def sums(self) -> Any: ...
    @property
    def interval(self) -> Interval: ...
    @property
    def cost(self) -> float: ...


@dataclass(frozen=True)
class GraphRealisation:
    """Sums as graphs of adders and multipliers, over columns and then over windows."""

    strategy: str
    geometry: Geometry
    device: Device
    arithmetic: Arithmetic

    @property
    def columns(self) -> Columns:
        """Line buffer, vertical border, column graph."""
        return Columns(self.geometry, self._column, self.device)

    @property
    def sums(self) -> Sums:
        """Window, horizontal border, window graph."""
        f = self.geometry.filter
        if f.control == "none":
            border = self.arithmetic.column.compute([f.border_value] * f.kernel_height)
            return Sums(self.geometry, self.arithmetic.features, border, self.arithmetic.window,
                        self.device)
        column = self._column
        features = [column.interval(term) for term in column.outputs]
        return Sums(self.geometry, features, _border(column), self.arithmetic.window, self.device,
                    column.outputs.index(Term(f.anchor[0])))

    @property
    def _column(self) -> Graph:
        """The column graph; where the filter can be bypassed, with the sample in the anchor's row.
        """
        column = self.arithmetic.column
        anchored = Term(self.geometry.filter.anchor[0])
        if self.geometry.filter.control == "none" or anchored in column.outputs:
            return column
        return replace(column, outputs=(*column.outputs, anchored))

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
class RuntimeRealisation:
    """Sums by a multiplier for each product, with coefficients out of registers."""

    strategy: str
    geometry: Geometry
    device: Device

    @property
    def columns(self) -> Columns:
        """Line buffer, vertical border."""
        return Columns(self.geometry, self._column, self.device)

    @property
    def sums(self) -> RuntimeSums:
        """Window, horizontal border, multipliers, adders."""
        return RuntimeSums(self.geometry, self._column, self.device)

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

    @property
    def _column(self) -> Graph:
        f = self.geometry.filter
        pixel = Interval(f.pixel.minimum, f.pixel.maximum)
        return Graph.wires([pixel] * f.kernel_height)


@dataclass(frozen=True)
class FoldedRealisation:
    """Sums by few multipliers, each of which makes one product after the other."""

    strategy: str
    geometry: Geometry
    device: Device
    folding: Folding

    @property
    def columns(self) -> Columns:
        """Line buffer, vertical border, column graph."""
        return Columns(self.geometry, self.folding.column, self.device)

    @property
    def sums(self) -> TimeFolded:
        """Window, horizontal border, multiplexers, multipliers, accumulators."""
        f = self.geometry.filter
        border = self.folding.column.compute([f.border_value] * f.kernel_height)
        return TimeFolded(self.geometry, self.folding, border, self.device)

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
class RunningRealisation:
    """Sums that run down the rows, then along the row, times the one coefficient."""

    strategy: str
    geometry: Geometry
    device: Device

    @property
    def columns(self) -> Columns | RunningColumns:
        """Line buffer and column sums. One row of a kernel is its own sum."""
        if self.geometry.rows.kernel == 1:
            return Columns(self.geometry, Graph.wires([self._pixel]), self.device)
        return RunningColumns(self.geometry, self.device)

    @property
    def sums(self) -> Sums | RunningSums:
        """Sums of columns, and the product. One column of a kernel is its own sum."""
        f = self.geometry.filter
        border = f.border_value * f.kernel_height
        if self.geometry.columns.kernel == 1:
            return Sums(self.geometry, [self._column], [border], self._scale(self._column),
                        self.device)
        return RunningSums(self.geometry, self._column, border, self._scale(self._window),
                           self.device)

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
        return f.channels * (bits + Schedule(self._scale(self._window), 0).cost)

    @property
    def _coefficient(self) -> int:
        return int(self.geometry.filter.taps[0, 0])

    @property
    def _pixel(self) -> Interval:
        return Interval(self.geometry.filter.pixel.minimum, self.geometry.filter.pixel.maximum)

    @property
    def _column(self) -> Interval:
        return self._pixel.scale(self.geometry.filter.kernel_height)

    @property
    def _window(self) -> Interval:
        return self._column.scale(self.geometry.filter.kernel_width)

    def _scale(self, total: Interval) -> Graph:
        """The product of a sum and the coefficient."""
        return adder_graph(((self._coefficient,),), lambda: Builder([total]))


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
        All realisations of a filter on a device; none where it does not apply.
    least_memory : :class:`bool`
        Whether it keeps to the least line memory.
    """

    name: str
    description: str
    rule: str
    realise: Callable[[Geometry, Device], list[Realisation]]
    least_memory: bool = True


@lru_cache(maxsize=16)
def _arithmetic(name: str, *arguments: Any) -> tuple[Arithmetic, ...]:
    """What a strategy finds. Kept, since a plan asks for each of them again and again."""
    return tuple(arithmetic.STRATEGIES[name](*arguments) or ())


def _graphs(name: str) -> Callable[[Geometry, Device], list[Realisation]]:
    def realise(geometry: Geometry, device: Device) -> list[Realisation]:
        f = geometry.filter
        if f.coefficients == "runtime":
            return []
        kernel = tuple(tuple(row) for row in f.taps.tolist())
        found = _arithmetic(name, kernel, f.pixel, device.multiplier.latency)
        return [GraphRealisation(name, geometry, device, each) for each in found]

    return realise


def _folded(geometry: Geometry, device: Device) -> list[Realisation]:
    f = geometry.filter
    if f.control != "none":
        return []
    kernel = tuple(tuple(row) for row in f.taps.tolist())
    found = foldings(kernel, f.pixel, f.clocks_per_pixel)
    return [FoldedRealisation("time-folded", geometry, device, each) for each in found or ()]


def _runtime(geometry: Geometry, device: Device) -> list[Realisation]:
    applies = geometry.filter.coefficients == "runtime"
    return [RuntimeRealisation("runtime-multipliers", geometry, device)] if applies else []


def _running(geometry: Geometry, device: Device) -> list[Realisation]:
    taps = geometry.filter.taps
    applies = (
        geometry.filter.control == "none"
        and taps[0, 0] != 0 and (taps == taps[0, 0]).all() and geometry.columns.lanes == 1
        and (geometry.rows.kernel == 1
             or geometry.row_pushes >= RunningColumns.shortest_row(device))
    )
    return [RunningRealisation("running-sum", geometry, device)] if applies else []


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


def realisations(geometry: Geometry, device: Device, name: str) -> list[Realisation]:
    """All realisations of a strategy, or of every one for ``auto``, the cheapest first.

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


def choose(geometry: Geometry, device: Device, name: str) -> Realisation:
    """The cheapest realisation: see :func:`realisations`."""
    return realisations(geometry, device, name)[0]
