"""The ways to make the exact sums of a filter, as one table: :data:`STRATEGIES`.

A strategy is what stands between the pushes of the sequencer and the sums that are requantised:
:attr:`Realisation.columns` and :attr:`Realisation.sums`. Everything else of a core is the same.
Choose ``auto`` unless you know better; ``windrow plan`` shows what each would take.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from ..model import arithmetic
from ..model.arithmetic import Arithmetic
from ..model.errors import InputError, nearest
from ..model.interval import Interval
from .columns import Columns
from .devices import Device
from .geometry import Geometry
from .sums import Sums


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
        return Columns(self.geometry, self.arithmetic.column, self.device)

    @property
    def sums(self) -> Sums:
        """Window, horizontal border, window graph."""
        f = self.geometry.filter
        border = self.arithmetic.column.compute([f.border_value] * f.kernel_height)
        return Sums(self.geometry, self.arithmetic.features, border, self.arithmetic.window,
                    self.device)

    @property
    def interval(self) -> Interval:
        """Exact range of the sum."""
        return self.arithmetic.interval

    @property
    def cost(self) -> float:
        """See :func:`windrow.model.arithmetic.cost`."""
        f = self.geometry.filter
        return arithmetic.cost(self.arithmetic, f.pixels_per_clock, f.channels,
                               self.device.multiplier.latency)


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
    realise: Callable[[Geometry, Device], list[Any]]
    least_memory: bool = True


@lru_cache(maxsize=16)
def _arithmetic(name: str, *arguments: Any) -> tuple[Arithmetic, ...]:
    """What a strategy finds. Kept, since a plan asks for each of them again and again."""
    return tuple(arithmetic.STRATEGIES[name](*arguments) or ())


def _graphs(name: str) -> Callable[[Geometry, Device], list[Any]]:
    def realise(geometry: Geometry, device: Device) -> list[Any]:
        f = geometry.filter
        kernel = tuple(tuple(row) for row in f.taps.tolist())
        found = _arithmetic(name, kernel, f.pixel, device.multiplier.latency)
        return [GraphRealisation(name, geometry, device, each) for each in found]

    return realise


STRATEGIES: Mapping[str, Strategy] = {
    each.name: each for each in (
        Strategy("adder-graph", "shifts and adders, common sums shared",
                 "any kernel", _graphs("adder-graph")),
        Strategy("multipliers", "a multiplier for each product",
                 "a kernel with a coefficient that is no power of two", _graphs("multipliers")),
        Strategy("symmetric", "taps of equal and opposite coefficients added first, then multiplied",
                 "a kernel with coefficients that are equal but for sign and power of two",
                 _graphs("symmetric")),
        Strategy("separable", "vertical pass, then horizontal pass, by shifts and adders",
                 "a kernel that is a sum of few products of a column and a row",
                 _graphs("separable")),
        Strategy("separable-multipliers", "vertical pass, then horizontal pass, by multipliers",
                 "a separable kernel with a coefficient that is no power of two",
                 _graphs("separable-multipliers")),
    )
}
"""Every strategy by its name."""


def realisations(geometry: Geometry, device: Device, name: str) -> list[Any]:
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


def choose(geometry: Geometry, device: Device, name: str) -> Any:
    """The cheapest realisation: see :func:`realisations`."""
    return realisations(geometry, device, name)[0]
