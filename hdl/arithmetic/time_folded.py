"""From windows to sums, where a window stays for several cycles: few multipliers, used again."""

from functools import reduce
from operator import or_
from typing import Any

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ...model.graph import Schedule
from ...model.interval import Interval
from ...model.lowering.folding import Folding, Form
from ..beat import Beat, interval_shape
from ..delay import delayed
from ..devices import Device
from .graph_pipeline import GraphPipeline


__all__ = ["TimeFolded"]

#: Inputs of one stage of a multiplexer behind the first: two look-up tables one after the other.
_STAGE_INPUTS = 8


class TimeFolded(wiring.Component):
    """The exact sums of an output beat, one product of each multiplier after the other.

    The window's valid bit runs along a row of registers; where it is tells the phase. In each phase
    a multiplexer hands a factor to each multiplier, a table its coefficient, and one accumulator
    adds up what they make. Factors are zero in all other cycles, so that nothing has to stop where
    the next window comes later than it may.

    Latency is :attr:`latency` cycles; throughput is one beat in ``clocks_per_pixel`` cycles. More
    must not come.

    Parameters
    ----------
    window : :class:`~.beat.Beat`
        What comes in: windows for one lane.
    clocks_per_pixel : :class:`int`
        Cycles that a window stays for.
    folding : :class:`~windrow.model.lowering.folding.Folding`
        What is multiplied when.
    device : :class:`~.devices.Device`
        Whose multipliers to use.

    Members
    -------
    i : :py:`In(Beat)`
        Windows.
    o : :py:`Out(Beat)`
        Sums.
    """

    i: Any
    o: Any

    def __init__(
        self, window: Beat, clocks_per_pixel: int, folding: Folding, device: Device
    ) -> None:
        self._clocks_per_pixel = clocks_per_pixel
        self._folding = folding
        self._device = device
        super().__init__({
            "i": In(window),
            "o": Out(window.of([folding.interval], 1)),
        })

    @property
    def _first_phase(self) -> int:
        """The cycle of the first phase, counted from that of the window: all factors are there in
        theirs."""
        return max(
            product.factor.latency - number
            for number, products in enumerate(self._folding.phases)
            for product in products
        )

    @property
    def _multiplex_latency(self) -> int:
        """Cycles of the multiplexer."""
        latency, inputs = 1, -(-len(self._folding.phases) // 2)
        while inputs > 1:
            latency, inputs = latency + 1, -(-inputs // _STAGE_INPUTS)
        return latency

    @property
    def _wait(self) -> int:
        """Cycles that the factors wait: the table's address is there two cycles before a product is
        begun, and the rest before the products are."""
        rest = 0 if self._folding.rest is None else self._folding.rest.latency
        before = self._first_phase + self._multiplex_latency
        after = self._device.multiplier.latency + Schedule(self._folding.products).latency
        return max(2 - before, rest - before - after, 0)

    @property
    def _first_factor(self) -> int:
        """The cycle in which the factors of the first phase go into the multipliers."""
        return self._first_phase + self._multiplex_latency + self._wait

    @property
    def _first_sum(self) -> int:
        """The cycle in which the products of the first phase go into the accumulator."""
        return (self._first_factor + self._device.multiplier.latency
                + Schedule(self._folding.products).latency)

    @property
    def latency(self) -> int:
        """Cycles from a window to its sums."""
        return self._first_sum + len(self._folding.phases) + 1

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        # The window's valid bit as it was 0, 1, 2, ... cycles ago.
        ages: list[Value] = [self.i.valid]
        for _ in range(self.latency):
            ages.append(delayed(m, ages[-1], 1, name=f"age_{len(ages)}"))

        coefficients = self._coefficients(m, ages)
        adds = self._adds(m, ages)
        for channel in range(self.i.shape().channels):
            features = [
                column[channel][number]
                for column in self.i.columns
                for number in range(len(self._folding.features))
            ]
            m.d.comb += self.o.columns[0][channel][0].eq(
                self._sum(m, ages, features, coefficients, adds, channel))

        # The window's place is there for a cycle, then as long as the window.
        place = Value.cast(self.i.place)
        kept = Signal(place.shape(), name="place", reset_less=True)
        with m.If(ages[0]):
            m.d.sync += kept.eq(place)
        m.d.comb += [
            self.o.valid.eq(ages[-1]),
            Value.cast(self.o.place).eq(self._kept(m, ages, kept, 1, len(ages) - 1, "place")),
        ]
        return m

    def _kept(
        self, m: Module, ages: list[Value], value: Value, first: int, cycle: int, name: str
    ) -> Value:
        """What stays as long as a window, from cycle ``first`` on, as it is to be in ``cycle``."""
        last = first + self._clocks_per_pixel - 1
        while last < cycle:
            kept = Signal(value.shape(), name=f"{name}_{last + 1}", reset_less=True)
            with m.If(ages[last]):
                m.d.sync += kept.eq(value)
            value, last = kept, last + self._clocks_per_pixel
        return value

    def _coefficients(self, m: Module, ages: list[Value]) -> list[Value]:
        """The coefficient of each multiplier, a table of the phase."""
        folding = self._folding
        count = len(folding.phases)
        phase = Signal(range(max(count, 2)), reset_less=True)
        with m.If(ages[self._first_factor - 2]):
            m.d.sync += phase.eq(0)
        with m.Else():
            m.d.sync += phase.eq(phase + 1)
        coefficients: list[Value] = []
        for number, products in enumerate(folding.multipliers):
            shape = interval_shape(folding.coefficient(number))
            values = [product.coefficient for product in products]
            if len(set(values)) == 1:
                coefficients.append(Const(values[0], shape))
                continue
            coefficient = Signal(shape, name=f"coefficient_{number}", reset_less=True)
            # Past the end of the table the factors are zero.
            with m.Switch(phase):
                for at, value in enumerate(values[:-1]):
                    with m.Case(at):
                        m.d.sync += coefficient.eq(value)
                with m.Default():
                    m.d.sync += coefficient.eq(values[-1])
            coefficients.append(coefficient)
        return coefficients

    def _adds(self, m: Module, ages: list[Value]) -> Signal:
        """True while products of a window go into the accumulators.

        The others are zeros, but for those that a multiplier makes first of all: its registers may
        start undefined, and a sum that once was undefined would be so for ever in a simulator.
        """
        adds = Signal()
        with m.If(ages[self._first_sum - 1]):
            m.d.sync += adds.eq(1)
        with m.Elif(ages[self._first_sum + len(self._folding.phases) - 1]):
            m.d.sync += adds.eq(0)
        return adds

    def _sum(
        self, m: Module, ages: list[Value], features: list[Value], coefficients: list[Value],
        adds: Signal, channel: int,
    ) -> Value:
        """The sum of a channel."""
        folding = self._folding
        m.submodules[f"products_{channel}"] = total = GraphPipeline(folding.products, self._device)
        for number, products in enumerate(folding.multipliers):
            name = f"{channel}_{number}"
            interval = folding.factor(number)
            factors = [
                (ages[cycle], self._form(m, ages, features, product.factor, interval, cycle,
                                         f"{name}_{cycle}"))
                for cycle, product in enumerate(products, self._first_phase)
            ]
            factor = self._multiplex(m, factors, f"factor_{name}")
            multiplier = self._device.multiplier(interval, folding.coefficient(number))
            m.submodules[f"multiplier_{name}"] = multiplier
            m.d.comb += [
                multiplier.a.eq(factor),
                multiplier.b.eq(coefficients[number]),
                total.i[number].eq(multiplier.product),
            ]

        # An accumulator that never starts anew: what it held before is taken off behind it, and so
        # no look-up table stands between its register and its adder. All of this is exact modulo
        # two to the width, and the sum fits. It has a reset, as it would stay undefined without.
        shape = interval_shape(folding.interval)
        running = Signal(shape, name=f"running_{channel}")
        before = Signal(shape, name=f"before_{channel}", reset_less=True)
        result = Signal(shape, name=f"sum_{channel}", reset_less=True)
        start: Value = running
        if folding.rest is not None:
            start = running - self._form(m, ages, features, folding.rest, folding.rest.interval,
                                         self._first_sum, f"rest_{channel}")
        with m.If(ages[self._first_sum]):
            m.d.sync += before.eq(start)
        with m.If(adds):
            m.d.sync += running.eq(running + total.o[0])
        m.d.sync += result.eq(running - before)
        return result

    def _form(
        self, m: Module, ages: list[Value], features: list[Value], form: Form, interval: Interval,
        cycle: int, name: str,
    ) -> Signal:
        """The sum of some features, as it is to be in ``cycle``, as wide as ``interval``."""
        m.submodules[f"form_{name}"] = sums = GraphPipeline(form.graph, self._device)
        for number, feature in enumerate(form.features):
            m.d.comb += sums.i[number].eq(features[feature])
        value = Signal(interval_shape(interval), name=f"form_{name}")
        m.d.comb += value.eq(
            self._kept(m, ages, sums.o[0], form.latency, cycle, f"form_{name}"))
        return value

    def _multiplex(self, m: Module, inputs: list[tuple[Value, Signal]], name: str) -> Value:
        """The value whose flag is set, some cycles later; zero where none is."""
        shape = inputs[0][1].shape()
        values: list[Value] = [value & flag.replicate(len(value)) for flag, value in inputs]
        fan_in = 2
        for stage in range(self._multiplex_latency):
            stages: list[Value] = []
            for at in range(0, len(values), fan_in):
                chosen = Signal(shape, name=f"{name}_{stage}_{at}", reset_less=True)
                m.d.sync += chosen.eq(reduce(or_, values[at : at + fan_in]))
                stages.append(chosen)
            values, fan_in = stages, _STAGE_INPUTS
        return delayed(m, values[0], self._wait, name=f"{name}_later", reset_less=True)
