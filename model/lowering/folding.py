"""Arithmetic folded in time: multipliers that make one product after the other.

Where the clock is N times the pixel rate, a window stays for N cycles, and a multiplier makes N of
its products. What a :class:`Folding` says is which: in each *phase*, a clock cycle after the
window has come, a factor and a coefficient for each multiplier. All that they make is added up,
and so is the *rest*, the taps that need no multiplier.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ..graph import REGISTER_WEIGHT, Graph, Schedule
from ..interval import Interval, hull
from ..kernels.kernel import Matrix
from ..nodes import Term
from ..sample import Sample
from .adder_graph import adder_graph
from .arithmetic import PRODUCT_WEIGHT, WINDOW_WEIGHT, odd_part
from .factor import factorisations, folded_rows
from .linear import Builder


__all__ = ["Folding", "Form", "Product", "foldings"]


@dataclass(frozen=True)
class Form:
    """A sum of some features of the window.

    Parameters
    ----------
    features : tuple of :class:`int`
        The features: feature f of column x, left to right, is ``x * feature_count + f``.
    graph : :class:`~.graph.Graph`
        Of these features the one sum, by shifts and adders.
    """

    features: tuple[int, ...]
    graph: Graph

    @property
    def interval(self) -> Interval:
        """Exact range of the sum."""
        return self.graph.interval(self.graph.outputs[0])

    @property
    def latency(self) -> int:
        """Cycles from the window to the sum, a cycle an adder."""
        return Schedule(self.graph).latency

    def compute(self, window: Sequence[int]) -> int:
        """The sum for all features of a window."""
        return self.graph.compute([window[feature] for feature in self.features])[0]


@dataclass(frozen=True)
class Product:
    """What a multiplier makes in one phase: ``factor`` times ``coefficient``."""

    factor: Form
    coefficient: int

    @property
    def interval(self) -> Interval:
        """Exact range of the product."""
        return self.factor.interval.scale(self.coefficient)


@dataclass(frozen=True)
class Folding:
    """What is computed of a column, and in which phase what of the window.

    Parameters
    ----------
    column : :class:`~.graph.Graph`
        As in :class:`~.arithmetic.Arithmetic`.
    phases : tuple of tuples of :class:`Product`
        The products of each phase, the first multiplier's first. In the last phase there may be
        fewer. Factors that take longer to be there come later.
    rest : :class:`Form` or ``None``
        The taps that no multiplier is needed for, as far as they are in no phase.
    interval : :class:`~.interval.Interval`
        Exact range of the sum of all.
    """

    column: Graph
    phases: tuple[tuple[Product, ...], ...]
    rest: Form | None
    interval: Interval

    @property
    def features(self) -> tuple[Interval, ...]:
        """Exact range of each feature."""
        return tuple(map(self.column.interval, self.column.outputs))

    @cached_property
    def multipliers(self) -> tuple[tuple[Product, ...], ...]:
        """The products of each multiplier, phase after phase."""
        return tuple(
            tuple(phase[number] for phase in self.phases if number < len(phase))
            for number in range(len(self.phases[0]))
        )

    def factor(self, number: int) -> Interval:
        """Range of what a multiplier's factor is at any time, and zero."""
        return _and_zero([each.factor.interval for each in self.multipliers[number]])

    def coefficient(self, number: int) -> Interval:
        """Range of a multiplier's coefficients."""
        coefficients = [each.coefficient for each in self.multipliers[number]]
        return Interval(min(coefficients), max(coefficients))

    @cached_property
    def products(self) -> Graph:
        """The sum of what the multipliers make in one phase."""
        inputs = [_and_zero([each.interval for each in products]) for products in self.multipliers]
        builder = Builder(inputs)
        return builder.graph([builder.total(map(Term, range(len(inputs))))])

    @property
    def forms(self) -> list[Form]:
        """All that is summed before it is multiplied, and the rest."""
        found = [product.factor for phase in self.phases for product in phase]
        return found if self.rest is None else [*found, self.rest]

    def compute(self, pixels: Sequence[Sequence[int]]) -> int:
        """The sum for Kh rows of Kw pixels."""
        columns = zip(*pixels, strict=True)
        window = [value for column in columns for value in self.column.compute(column)]
        return sum(
            product.factor.compute(window) * product.coefficient
            for phase in self.phases
            for product in phase
        ) + (0 if self.rest is None else self.rest.compute(window))

    def cost(
        self, width: int, blocks: int, channels: int = 1, product_weight: float = PRODUCT_WEIGHT
    ) -> float:
        """What it takes, in the unit of :func:`.arithmetic.cost`.

        Parameters
        ----------
        width : :class:`int`
            Kw.
        blocks : :class:`int`
            Multipliers of the device, for one channel.
        channels : :class:`int`
            Planes.
        product_weight : :class:`float`
            Bits of adders that are as dear as a multiplier.
        """
        bits = sum(Schedule(form.graph).cost for form in self.forms)
        bits += Schedule(self.column).cost + Schedule(self.products).cost
        for number, products in enumerate(self.multipliers):
            bits += MULTIPLEXER_WEIGHT * len(products) * self.factor(number).bits
        bits += (ACCUMULATOR_WEIGHT + (self.rest is not None)) * self.interval.bits
        kept = sum(feature.bits for feature in self.features) * width * WINDOW_WEIGHT
        tables = sum(
            self.coefficient(number).bits * len(products) / TABLE_BITS
            for number, products in enumerate(self.multipliers)
        )
        control = REGISTER_WEIGHT * len(self.phases)
        return channels * (bits + blocks * product_weight + kept) + tables + control


#: A bit of an input of a multiplexer: two of them are a look-up table and a register, and the
#: registers are brought together by a third as many.
MULTIPLEXER_WEIGHT = 0.9

#: A bit of an accumulator: two adders and three registers. The rest takes another adder.
ACCUMULATOR_WEIGHT = 3.5

#: Bits of a constant table in a look-up table.
TABLE_BITS = 16


def foldings(kernel: Matrix, pixel: Sample, clocks: int) -> list[Folding] | None:
    """Ways to fold a kernel in time, each with the fewest multipliers for its column graph.

    Parameters
    ----------
    kernel : (Kh, Kw) integers
        Coefficients in correlation form.
    pixel : :class:`~.sample.Sample`
        What a pixel holds.
    clocks : :class:`int`
        Cycles that a window stays.

    Returns
    -------
    list of :class:`Folding` or ``None``
        One for the kernel as it is, one with rows that are alike added in the column graph, one for
        each factorisation, columns by shifts and adders; those with nothing to multiply left out.
        ``None`` where none has, or there is but one cycle.
    """
    if clocks == 1:
        return None
    pixels = Interval(pixel.minimum, pixel.maximum)
    made = []
    for column, wide in _columns(kernel, pixels):
        folding = _fold(column, wide, pixels, clocks)
        if folding is not None and folding not in made:
            made.append(folding)
    return made or None


def _columns(kernel: Matrix, pixel: Interval) -> Iterator[tuple[Graph, Matrix]]:
    """Column graphs, each with the coefficients of its features."""
    inputs = [pixel] * len(kernel)
    rows = [y for y, row in enumerate(kernel) if any(row)]
    each = tuple(inputs)
    yield (Graph(each, (), each, tuple(map(Term, rows))), tuple(kernel[y] for y in rows))
    folded = folded_rows(kernel)
    for tall, wide in [*([] if folded is None else [folded]), *factorisations(kernel)]:
        yield adder_graph(tuple(zip(*tall, strict=True)), lambda: Builder(inputs)), wide


def _fold(column: Graph, wide: Matrix, pixel: Interval, clocks: int) -> Folding | None:
    taps = {
        place: tap
        for place, tap in enumerate(tap for taps in zip(*wide, strict=True) for tap in taps)
        if tap
    }
    powers = {place: tap for place, tap in taps.items() if odd_part(tap) == 1}
    groups: dict[int, dict[int, int]] = {}
    for place, tap in taps.items():
        if place not in powers:
            groups.setdefault(odd_part(tap), {})[place] = tap
    if not groups:
        return None
    count = -(-len(groups) // clocks)
    factors = list(groups.values())
    spare = count * clocks - len(factors)
    # Phases that are left over: an input of a multiplexer is cheaper than an adder. The first to
    # leave their sums are those that widen them.
    while spare and any(len(group) > 1 for group in factors):
        largest = max(factors, key=len)
        place = max(largest, key=lambda place: (abs(largest[place]), place))
        factors.append({place: largest.pop(place)})
        spare -= 1
    while spare and powers:
        place = min(powers, key=lambda place: (powers[place], place))
        factors.append({place: powers.pop(place)})
        spare -= 1

    forms = _Forms(column, len(wide[0]), pixel)
    products = []
    for group in factors:
        least = min(map(abs, group.values()))
        coefficient = least if max(group.values()) > 0 else -least
        factor = forms.form({place: tap // coefficient for place, tap in group.items()})
        products.append(Product(factor, coefficient))
    products.sort(key=lambda product: product.factor.latency)
    return Folding(
        column,
        tuple(tuple(products[at : at + count]) for at in range(0, len(products), count)),
        forms.form(powers) if powers else None,
        forms.interval(taps),
    )


class _Forms:
    """Sums of features of a window."""

    def __init__(self, column: Graph, width: int, pixel: Interval) -> None:
        height = len(column.inputs)
        self._pixels = [pixel] * (height * width)
        self._origins = [
            {x * height + y: factor for y, factor in enumerate(form) if factor}
            for x in range(width)
            for form in column.matrix
        ]

    def form(self, factors: Mapping[int, int]) -> Form:
        """The sum of some features, each times a power of two or the negative of one."""
        places = tuple(sorted(factors))
        origins = [self._origins[place] for place in places]
        graph = adder_graph((tuple(factors[place] for place in places),),
                            lambda: Builder(self._pixels, origins))
        return Form(places, graph)

    def interval(self, factors: Mapping[int, int]) -> Interval:
        """Exact range of a sum of some features times any factors."""
        pixels: dict[int, int] = {}
        for place, factor in factors.items():
            for pixel, value in self._origins[place].items():
                pixels[pixel] = pixels.get(pixel, 0) + factor * value
        total = Interval(0, 0)
        for pixel, factor in pixels.items():
            total += self._pixels[pixel].scale(factor)
        return total


def _and_zero(intervals: Sequence[Interval]) -> Interval:
    """The least range that holds some others, and zero."""
    return hull([*intervals, Interval(0, 0)])
