"""The sum of products."""

from collections.abc import Sequence
from typing import Any

from amaranth import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ..model import Sample as SampleType
from ..model.interval import Interval
from .layout import interval_shape, sample_shape


__all__ = ["MultiplyAccumulate"]


class MultiplyAccumulate(wiring.Component):
    """Multiplies each tap by its coefficient and adds up the products, exactly.

    Fully pipelined and free-running: one register after the products, and one after each level of
    the adder tree. Every register is just wide enough for the values that can occur. Coefficients
    of zero cost nothing, those that are powers of two no multiplier.

    Latency is :attr:`latency` cycles, throughput is one sum a cycle.

    Parameters
    ----------
    kernel : Kh rows of Kw :class:`int`
        Coefficients, as in a correlation.
    sample : :class:`~windrow.model.Sample`
        What a tap holds.

    Members
    -------
    taps : :py:`In(ArrayLayout(ArrayLayout(sample, Kw), Kh))`
        Samples under the kernel.
    sum : :py:`Out(interval_shape(interval))`
        Sum of products, :attr:`latency` cycles later.
    """

    taps: Any
    sum: Signal

    def __init__(self, kernel: Sequence[Sequence[int]], sample: SampleType) -> None:
        self._kernel = [list(row) for row in kernel]
        self._sample = Interval(sample.minimum, sample.maximum)
        row = data.ArrayLayout(sample_shape(sample), len(self._kernel[0]))
        super().__init__({
            "taps": In(data.ArrayLayout(row, len(self._kernel))),
            "sum": Out(interval_shape(self.interval)),
        })

    @property
    def interval(self) -> Interval:
        """Exact range of the sum."""
        coefficients = (coefficient for row in self._kernel for coefficient in row)
        return sum((self._sample.scale(c) for c in coefficients), start=Interval(0, 0))

    @property
    def latency(self) -> int:
        """Cycles from taps to their sum."""
        products = sum(coefficient != 0 for row in self._kernel for coefficient in row)
        return 1 + max(products - 1, 0).bit_length()

    def elaborate(self, platform: Any) -> Module:
        m = Module()

        def register(value: Value, interval: Interval, name: str) -> tuple[Value, Interval]:
            later = Signal(interval_shape(interval), name=name, reset_less=True)
            m.d.sync += later.eq(value)
            return later, interval

        stage = [
            register(_product(self.taps[i][j], coefficient), self._sample.scale(coefficient),
                     f"product_{i}_{j}")
            for i, row in enumerate(self._kernel)
            for j, coefficient in enumerate(row)
            if coefficient != 0
        ]
        if not stage:
            stage = [register(Const(0), Interval(0, 0), "product")]
        level = 0
        while len(stage) > 1:
            level += 1
            pairs = [stage[i : i + 2] for i in range(0, len(stage), 2)]
            stage = [
                register(
                    sum((value for value, _ in pair[1:]), start=pair[0][0]),
                    sum((interval for _, interval in pair[1:]), start=pair[0][1]),
                    f"sum_{level}_{number}",
                )
                for number, pair in enumerate(pairs)
            ]
        m.d.comb += self.sum.eq(stage[0][0])
        return m


def _product(tap: Value, coefficient: int) -> Value:
    """``tap * coefficient``, with the power of two in it as a shift."""
    shift = (coefficient & -coefficient).bit_length() - 1
    odd = coefficient >> shift
    match odd:
        case 1:
            product = tap
        case -1:
            product = -tap
        case _:
            product = tap * Const(odd)
    return product << shift
