"""The arithmetic of a filter: from the pixels under its kernels to their exact sums.

It has two parts. The *column graph* stands where a column of pixels leaves the line memory, once a
column: its inputs are the Kh pixels, top to bottom, and its outputs are that column's *features*.
The window keeps the features of Kw columns, and the *window graph* makes the sums of them, one for
each kernel. What belongs to a column alone is so computed once, not once for each place of the
column in the window; a strategy that has nothing of that kind hands the pixels through. What
several kernels have in common is computed once, too.

Which strategy when:

- ``adder-graph``: constant kernels of few taps, or with no multipliers to spare.
- ``multipliers``: one multiplier for each tap that is neither zero nor a power of two. Simple, and
  fast where the device has as many.
- ``symmetric``: as many multipliers as there are different odd parts among the coefficients.
- ``separable``: kernels that are a product of a column and a row, or a sum of few such. The larger
  the kernel the better.
- ``separable-multipliers``: the same with multipliers.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from ..graph import Graph, Schedule
from ..interval import Interval
from ..kernels.kernel import Matrix
from ..nodes import Term
from ..sample import Sample
from .adder_graph import adder_graph
from .factor import factorisations, folded_rows
from .linear import Builder


__all__ = [
    "PRODUCT_WEIGHT", "STRATEGIES", "WINDOW_WEIGHT", "Arithmetic", "Strategy", "cost",
    "odd_part",
]

#: A multiplier, in bits of adders. One of 8 by 8 bits takes about as many look-up tables.
PRODUCT_WEIGHT = 64.0

#: A bit that the window keeps: a register, and the multiplexer of the border before it.
WINDOW_WEIGHT = 1.5


@dataclass(frozen=True)
class Arithmetic:
    """What is computed of a column, and what of the columns in the window.

    Parameters
    ----------
    column : :class:`~windrow.model.graph.Graph`
        Inputs: the Kh pixels of a column, top to bottom. Outputs: its features.
    window : :class:`~windrow.model.graph.Graph`
        Inputs: feature f of column x, left to right, is input ``x * feature_count + f``. An output
        for each kernel: its sum.
    """

    column: Graph
    window: Graph

    @property
    def feature_count(self) -> int:
        """Number of features of a column."""
        return len(self.column.outputs)

    @property
    def kernel_height(self) -> int:
        """Kh."""
        return len(self.column.inputs)

    @property
    def kernel_width(self) -> int:
        """Kw."""
        return len(self.window.inputs) // self.feature_count

    @property
    def features(self) -> tuple[Interval, ...]:
        """Exact range of each feature."""
        return tuple(map(self.column.interval, self.column.outputs))

    @property
    def intervals(self) -> tuple[Interval, ...]:
        """Exact range of each sum."""
        return tuple(map(self.window.interval, self.window.outputs))

    @property
    def multiplier_count(self) -> int:
        """Number of multipliers, for one lane and one channel."""
        return self.column.multiplier_count + self.window.multiplier_count

    @property
    def adder_count(self) -> int:
        """Number of adders, for one lane and one channel."""
        return self.column.adder_count + self.window.adder_count

    @cached_property
    def kernels(self) -> tuple[Matrix, ...]:
        """The coefficients that it computes with, in correlation form."""
        count = self.feature_count
        return tuple(
            tuple(
                tuple(
                    sum(
                        taps[x * count + feature] * form[y]
                        for feature, form in enumerate(self.column.matrix)
                    )
                    for x in range(self.kernel_width)
                )
                for y in range(self.kernel_height)
            )
            for taps in self.window.matrix
        )

    def compute(self, pixels: Sequence[Sequence[int]]) -> list[int]:
        """The sums for Kh rows of Kw pixels."""
        columns = zip(*pixels, strict=True)
        features = [value for column in columns for value in self.column.compute(column)]
        return self.window.compute(features)


def cost(
    arithmetic: Arithmetic,
    lanes: int = 1,
    channels: int = 1,
    product_weight: float = PRODUCT_WEIGHT,
) -> float:
    """What an arithmetic takes, in bits of adders. The least is the best.

    Parameters
    ----------
    lanes : :class:`int`
        Pixels a clock: so many columns enter, and so many sums are made.
    channels : :class:`int`
        Planes.
    product_weight : :class:`float`
        Bits of adders that are as dear as a multiplier.
    """
    graphs = (arithmetic.column, arithmetic.window)
    bits = sum(Schedule(graph).cost for graph in graphs)
    products = arithmetic.multiplier_count * product_weight
    kept = sum(feature.bits for feature in arithmetic.features)
    window = (arithmetic.kernel_width + lanes - 1) * kept * WINDOW_WEIGHT
    return channels * (lanes * (bits + products) + window)


class Strategy(Protocol):
    """Makes arithmetic for some kernels of one size.

    Parameters
    ----------
    kernels : sequence of (Kh, Kw) integers
        Coefficients in correlation form, of each kernel.
    pixel : :class:`~windrow.model.Sample` or :class:`~windrow.model.interval.Interval`
        What a pixel holds.

    Returns
    -------
    list of :class:`Arithmetic` or ``None``
        Candidates, each exact; which is best depends on what is paid for (:func:`cost`). ``None``
        where the strategy does not apply.
    """

    def __call__(
        self, kernels: Sequence[Matrix], pixel: Sample | Interval
    ) -> list[Arithmetic] | None: ...


def by_adder_graph(
    kernels: Sequence[Matrix], pixel: Sample | Interval
) -> list[Arithmetic] | None:
    """Shifts and adders that share what they have in common. Applies always."""
    column, wide = _rows_with_taps(kernels, pixel)
    window = _window(column, kernels, pixel)
    return [Arithmetic(column, adder_graph(_flat(wide, len(kernels)), window))]


def by_multipliers(
    kernels: Sequence[Matrix], pixel: Sample | Interval
) -> list[Arithmetic] | None:
    """A multiplier for each product, but for those by zero and by powers of two.

    Where taps of one row have the same odd part there is a second candidate, which multiplies in
    the column, once, and keeps the products in the window. ``None`` where there is nothing to
    multiply by.
    """
    column, wide = _rows_with_taps(kernels, pixel)
    builder = _window(column, kernels, pixel)()
    direct = Arithmetic(column, builder.graph([
        builder.total([builder.multiply(Term(each), tap) for each, tap in enumerate(taps)])
        for taps in _flat(wide, len(kernels))]))
    if direct.multiplier_count == 0:
        return None
    together = _beside(kernels)
    places: dict[tuple[int, int], int] = {}
    for y, row in enumerate(together):
        for tap in row:
            if tap:
                places.setdefault((y, odd_part(tap)), len(places))
    if sum(odd > 1 for _, odd in places) == direct.multiplier_count:
        return [direct]
    # The products take the sign where no other tap would.
    sign = 1 if max(map(max, together)) > 0 else -1
    builder = _column(kernels, pixel)()
    column = builder.graph([builder.multiply(Term(y), sign * odd) for y, odd in places])
    builder = _window(column, kernels, pixel)()
    window = builder.graph([
        builder.total([
            builder.multiply(
                Term(x * len(places) + places[y, odd_part(tap)]), sign * tap // odd_part(tap))
            for y, row in enumerate(kernel)
            for x, tap in enumerate(row)
            if tap
        ])
        for kernel in kernels])
    return [direct, Arithmetic(column, window)]


def by_symmetry(
    kernels: Sequence[Matrix], pixel: Sample | Interval
) -> list[Arithmetic] | None:
    """Taps of equal or opposite coefficients are added first, then multiplied once.

    Coefficients count as equal where they differ by a power of two, and in a second candidate,
    which has narrower factors, only where they do not. Rows that are alike are added in the column
    graph in further candidates. ``None`` where nothing saves a multiplier.
    """
    together = _beside(kernels)
    folded = folded_rows(together)
    candidates = _multiplied(_rows_with_taps(kernels, pixel), kernels, pixel)
    if folded is not None:
        tall, wide = folded
        builder = _column(kernels, pixel)()
        column = builder.graph(
            builder.total(builder.multiply(Term(y), factor) for y, factor in enumerate(factors))
            for factors in zip(*tall, strict=True)
        )
        candidates += _multiplied((column, wide), kernels, pixel)
    products = len({(y, x % len(kernels[0][0]), odd_part(tap))
                    for y, row in enumerate(together) for x, tap in enumerate(row)
                    if odd_part(tap) > 1})
    return _distinct(each for each in candidates if each.multiplier_count < products)


def by_factors(
    kernels: Sequence[Matrix], pixel: Sample | Interval
) -> list[Arithmetic] | None:
    """Sums of each column first, then the sum of those along the row, by shifts and adders.

    A candidate for each factorisation of the kernels side by side, so that they share the sums of a
    column. ``None`` where there is none.
    """
    candidates = []
    for tall, wide in _factors(kernels):
        builder = _column(kernels, pixel)
        column = adder_graph(tuple(zip(*tall, strict=True)), builder)
        window = _window(column, kernels, pixel)
        candidates.append(Arithmetic(column, adder_graph(_flat(wide, len(kernels)), window)))
    return _distinct(candidates)


def by_factors_and_multipliers(
    kernels: Sequence[Matrix], pixel: Sample | Interval
) -> list[Arithmetic] | None:
    """As :func:`by_factors`, each product by a multiplier, after what it is common to is added.

    ``None`` where the kernels have no factors, or they have nothing to multiply by.
    """
    candidates = []
    for tall, wide in _factors(kernels):
        for part in (odd_part, abs):
            builder = _column(kernels, pixel)()
            sums = [_products(factors, builder, part) for factors in zip(*tall, strict=True)]
            column = builder.graph(sums)
            candidates += _multiplied((column, wide), kernels, pixel)
    return _distinct(each for each in candidates if each.multiplier_count)


#: The strategies, by the name that the user gives.
STRATEGIES: Mapping[str, Strategy] = {
    "adder-graph": by_adder_graph,
    "multipliers": by_multipliers,
    "symmetric": by_symmetry,
    "separable": by_factors,
    "separable-multipliers": by_factors_and_multipliers,
}


def _beside(kernels: Sequence[Matrix]) -> Matrix:
    """The kernels side by side, as one matrix."""
    return tuple(tuple(tap for row in rows for tap in row) for rows in zip(*kernels, strict=True))


def _column(kernels: Sequence[Matrix], pixel: Sample | Interval) -> Callable[[], Builder]:
    """Makes builders of a column graph."""
    inputs = [_interval(pixel)] * len(kernels[0])
    return lambda: Builder(inputs)


def _window(
    column: Graph, kernels: Sequence[Matrix], pixel: Sample | Interval
) -> Callable[[], Builder]:
    """Makes builders of a window graph, which know what the features of a column are made of."""
    height, width = len(column.inputs), len(kernels[0][0])
    pixels = [_interval(pixel)] * (height * width)
    origins = [
        {x * height + y: factor for y, factor in enumerate(form) if factor}
        for x in range(width)
        for form in column.matrix
    ]
    return lambda: Builder(pixels, origins)


def _interval(pixel: Sample | Interval) -> Interval:
    return pixel if isinstance(pixel, Interval) else Interval(pixel.minimum, pixel.maximum)


def _rows_with_taps(
    kernels: Sequence[Matrix], pixel: Sample | Interval
) -> tuple[Graph, Matrix]:
    """The column graph that hands through the rows that matter, and the coefficients of these.

    All of them where all are zero, so that there is a window.
    """
    together = _beside(kernels)
    rows = [y for y, row in enumerate(together) if any(row)] or list(range(len(together)))
    inputs = (_interval(pixel),) * len(together)
    return Graph(inputs, (), inputs, tuple(map(Term, rows))), tuple(together[y] for y in rows)


def _flat(wide: Matrix, count: int) -> Matrix:
    """For each of ``count`` kernels side by side the coefficients of the window's features, column
    after column."""
    columns = tuple(zip(*wide, strict=True))
    width = len(columns) // count
    return tuple(tuple(tap for column in columns[at : at + width] for tap in column)
                 for at in range(0, len(columns), width))


def _factors(kernels: Sequence[Matrix]) -> Iterator[tuple[Matrix, Matrix]]:
    """The factorisations, and where the window only subtracts also those in which it does not.

    What turns the sign for nothing, a product or a difference, may be in the column alone.
    """
    # What several kernels share is worth a feature for each row, too.
    found = factorisations(_beside(kernels), full=len(kernels) > 1)
    for tall, wide in found:
        yield tall, wide
        if max(map(max, wide)) <= 0:
            first = tuple(-tap for tap in wide[0])
            yield tuple((-row[0], *row[1:]) for row in tall), (first, *wide[1:])


def odd_part(coefficient: int) -> int:
    """A coefficient without its sign and its power of two; 0 is 0."""
    return abs(coefficient) // max(coefficient & -coefficient, 1)


def _products(
    factors: Sequence[int], builder: Builder, part: Callable[[int], int]
) -> Term | None:
    """The inputs times their factors: those whose ``part`` is equal are added, then multiplied."""
    groups: dict[int, list[Term | None]] = {}
    for each, factor in enumerate(factors):
        if factor:
            common = part(factor)
            groups.setdefault(common, []).append(builder.multiply(Term(each), factor // common))
    return builder.total(
        builder.multiply(builder.total(terms), common) for common, terms in groups.items()
    )


def _multiplied(
    parts: tuple[Graph, Matrix], kernels: Sequence[Matrix], pixel: Sample | Interval
) -> list[Arithmetic]:
    """Sums of the window's features that are multiplied once, in the two ways of grouping."""
    column, wide = parts
    made = []
    for part in (odd_part, abs):
        builder = _window(column, kernels, pixel)()
        made.append(Arithmetic(column, builder.graph([
            _products(taps, builder, part) for taps in _flat(wide, len(kernels))])))
    return made


def _distinct(candidates: Iterable[Arithmetic]) -> list[Arithmetic] | None:
    return list(dict.fromkeys(candidates)) or None
