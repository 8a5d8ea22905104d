"""All products of a cycle, and their sums."""

from collections.abc import Sequence
from typing import Any

from amaranth import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from ...model.interval import Interval
from ..beat import interval_shape
from ..devices import Device


__all__ = ["Products"]


class Products(wiring.Component):
    """``sum(weight * sample)`` for each output.

    Latency is :attr:`latency` cycles, throughput is one sum of each output a cycle.

    Parameters
    ----------
    samples, weights : :class:`~windrow.model.interval.Interval`
        Ranges of the factors.
    sources : sequence of sequences of (tap, lane)
        For each output the samples that its products take.
    device : :class:`~..devices.Device`
        Whose multipliers to use.
    dsp_products : :class:`int` or ``None``
        How many of the products they make; ``None``: all. The others are made of LUTs.

    Members
    -------
    samples : :py:`In` array of taps, each an array of lanes
        The samples.
    weights : :py:`In` array
        The weight of each product, output by output.
    sums : :py:`Out` array
        For each output the sum of its products.
    """

    samples: Any
    weights: Any
    sums: Any

    def __init__(
        self, samples: Interval, weights: Interval, sources: Sequence[Sequence[tuple[int, int]]],
        device: Device, dsp_products: int | None = None,
    ) -> None:
        self._factors = samples, weights
        self._sources = sources
        self._device = device
        count = sum(map(len, sources))
        self._dsp_products = count if dsp_products is None else dsp_products
        taps, lanes = (1 + max(each[axis] for source in sources for each in source)
                       for axis in range(2))
        ends = samples.times(weights)
        each = len(sources[0])
        super().__init__({
            "samples": In(data.ArrayLayout(
                data.ArrayLayout(interval_shape(samples), lanes), taps)),
            "weights": In(data.ArrayLayout(interval_shape(weights), count)),
            "sums": Out(data.ArrayLayout(interval_shape(ends.scale(each)), len(sources))),
        })

    @property
    def latency(self) -> int:
        """Cycles from the factors to the sums."""
        return self._device.multiplier.latency + ceil_log2(len(self._sources[0]))

    def _products(self, m: Module) -> list[Value]:
        """All products, output by output."""
        device = self._device
        widest = max(interval.bits for interval in self._factors)
        factors = [(self.samples[tap][lane], self.weights[number]) for number, (tap, lane)
                   in enumerate(source for sources in self._sources for source in sources)]
        found: list[Value] = []
        pair = device.pair_multiplier
        while pair is not None and widest <= pair.factor_bits and (
                len(found) + 2 <= min(self._dsp_products, len(factors))):
            m.submodules[f"products_{len(found)}"] = both = pair(*self._factors)
            for half in range(2):
                for name, factor in zip("ab", factors[len(found)], strict=True):
                    m.d.comb += getattr(both, f"{name}_{half}").eq(factor)
                found.append(getattr(both, f"product_{half}"))
        narrow = device.narrow_multiplier
        kind = (device.multiplier if narrow is None or narrow.factor_bits is None
                or widest > narrow.factor_bits else narrow)
        for number in range(len(found), len(factors)):
            multiplier = (kind if number < self._dsp_products else device.lut_multiplier)(
                *self._factors)
            m.submodules[f"product_{number}"] = multiplier
            m.d.comb += Cat(multiplier.a, multiplier.b).eq(Cat(*factors[number]))
            found.append(multiplier.product)
        return found

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        products = self._products(m)
        for output in range(len(self._sources)):
            count = len(self._sources[output])
            found = products[output * count:(output + 1) * count]
            # Two by two, a register behind each adder.
            while len(found) > 1:
                pairs = [found[at:at + 2] for at in range(0, len(found), 2)]
                found = []
                for pair in pairs:
                    value = sum(pair[1:], pair[0])
                    total = Signal(value.shape(), name=f"sum_{output}", reset_less=True)
                    m.d.sync += total.eq(value)
                    found.append(total)
            m.d.comb += self.sums[output].eq(found[0])
        return m
