"""From columns to sums with coefficients out of registers."""

from typing import Any

from amaranth import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ..model.interval import Interval
from ..model.linear import Builder, Graph, Term
from .devices import Device
from .geometry import Geometry
from .layout import feature_shape, interval_shape
from .linear_forms import LinearForms
from .multiplier import LUTMultiplier, Multiplier
from .sums import Sums


__all__ = ["RuntimeForm", "RuntimeSums"]


class RuntimeForm(wiring.Component):
    """Exact sum of products of samples and coefficients, both inputs: a multiplier for each.

    Latency is :attr:`latency` cycles, throughput is one sum a cycle.

    Parameters
    ----------
    samples : sequence of :class:`~windrow.model.interval.Interval`
        Ranges of the samples.
    coefficient : :class:`~windrow.model.interval.Interval`
        Range of every coefficient.
    multiplier : class
        The device's :class:`~.multiplier.Multiplier`.
    count : :class:`int` or ``None``
        How many of them to use; the other products are made in LUTs. ``None``: for all.

    Members
    -------
    i : :py:`In(feature_shape(samples))`
        Samples.
    coefficients : :py:`In(ArrayLayout(coefficient, len(samples)))`
        Their coefficients, in the same cycle.
    o : :py:`Out(feature_shape([interval]))`
        The sum, :attr:`latency` cycles later.
    """

    i: Any
    coefficients: Any
    o: Any

    def __init__(
        self, samples: tuple[Interval, ...], coefficient: Interval, multiplier: type[Multiplier],
        count: int | None = None,
    ) -> None:
        self._products = [
            (multiplier if count is None or number < count else LUTMultiplier)(sample, coefficient)
            for number, sample in enumerate(samples)
        ]
        builder = Builder([sample.times(coefficient) for sample in samples])
        total = builder.total(Term(number) for number in range(len(samples)))
        self._tree = LinearForms(builder.graph([total]))
        self.interval = builder.interval(total)
        super().__init__({
            "i": In(feature_shape(samples)),
            "coefficients": In(data.ArrayLayout(interval_shape(coefficient), len(samples))),
            "o": Out(feature_shape([self.interval])),
        })

    @property
    def latency(self) -> int:
        """Cycles from samples and coefficients to their sum."""
        return self._products[0].latency + self._tree.latency

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.tree = tree = self._tree
        for number, product in enumerate(self._products):
            m.submodules[f"product_{number}"] = product
            m.d.comb += [
                product.a.eq(self.i[f"feature_{number}"]),
                product.b.eq(self.coefficients[number]),
                tree.i[f"feature_{number}"].eq(product.product),
            ]
        m.d.comb += self.o.eq(tree.o)
        return m


class RuntimeSums(Sums):
    """:class:`~.sums.Sums` whose coefficients are settings.

    A frame's coefficients come with its first window, in the cycle after those of the frame before.

    Parameters
    ----------
    geometry : :class:`~.geometry.Geometry`
        The frame.
    graph : :class:`~windrow.model.linear.Graph`
        What hands the samples of a column through.
    device : :class:`~.devices.Device`
        Whose multipliers to use.
    """

    def __init__(self, geometry: Geometry, graph: Graph, device: Device) -> None:
        f = geometry.filter
        most = 1 << f.coefficient_bits - 1
        self._coefficient = Interval(-most, most - 1)
        samples = Graph.wires(graph.inputs * f.kernel_width)
        border = Graph(graph.inputs[:1], (), graph.inputs[:1], (Term(0),) * f.kernel_height)
        super().__init__(geometry, graph.inputs, border, samples, device, f.anchor[0])

    def _horizontal(self, graph: Graph, device: Device) -> RuntimeForm:
        f = self._geometry.filter
        count = device.multiplier_count
        if count is not None:
            count //= f.channels * f.pixels_per_clock
        return RuntimeForm(graph.inputs, self._coefficient, device.multiplier, count)

    def _interval(self, graph: Graph) -> Interval:
        interval: Interval = self._passes[0][0].interval
        return interval

    @property
    def interval(self) -> Interval:
        """Exact range of the sum, over all samples and coefficients."""
        interval: Interval = self._passes[0][0].interval
        return interval

    def elaborate(self, platform: Any) -> Module:
        m = super().elaborate(platform)
        f = self._geometry.filter
        kernel = Signal(self.settings.coefficients.shape(), name="kernel", reset_less=True)
        with m.If(self._window.o.turns):
            m.d.sync += kernel.eq(self.settings.coefficients)
        for horizontal in (each for row in self._passes for each in row):
            # The window goes column by column, the kernel row by row; to convolve it is turned.
            for column in range(f.kernel_width):
                for row in range(f.kernel_height):
                    cell = row * f.kernel_width + column
                    if f.operation == "convolve":
                        cell = f.kernel_height * f.kernel_width - 1 - cell
                    m.d.comb += horizontal.coefficients[column * f.kernel_height + row].eq(
                        kernel[cell])
        return m

