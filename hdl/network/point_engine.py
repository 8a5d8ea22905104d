"""Layers that make each sample of the ones at its place."""

from collections.abc import Sequence
from typing import Any

from amaranth import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from ...model.interval import Interval
from ...model.network.join import Add, Mul
from ...model.network.tensor import Tensor
from ..beat import interval_shape, sample_shape
from ..delay import delayed
from ..devices import Device
from .form_unit import FormUnit, unit_forms
from .repack import beat_counts
from .rom import loop


__all__ = ["AddEngine", "MulEngine", "PointEngine", "TableEngine"]


class PointEngine(wiring.Component):
    """Takes a beat of each input and makes a beat of them.

    Throughput is a beat a cycle: where all inputs have one and there is room behind.

    Parameters
    ----------
    sources : sequence of :class:`~windrow.model.network.tensor.Tensor`
        The inputs.
    output : :class:`~windrow.model.network.tensor.Tensor`
        What is made.
    lanes : :class:`int`
        Samples of a beat, of the inputs and of the output.
    device : :class:`~..devices.Device`
        Whose queue to use.
    latency : :class:`int`
        Cycles from the samples to what is made of them.

    Attributes
    ----------
    taken, given : tuple of :class:`int`
        Samples of each beat of a pixel, at every input and at ``o``.

    Members
    -------
    i_0, i_1, ... : streams of arrays of samples
        Inputs.
    o : stream of arrays of samples
        Output.
    """

    o: stream.Interface

    def __init__(
        self, sources: Sequence[Tensor], output: Tensor, lanes: int, device: Device, latency: int,
        *, prompt: bool = False,
    ) -> None:
        self.sources = sources
        self.sample = output.sample
        self.taken = self.given = beat_counts(output.channels, lanes)
        # Samples may come out of a block RAM, behind which there is no time for anything.
        self._latency = latency + 1
        payload = data.ArrayLayout(sample_shape(output.sample), lanes)
        self._queue = device.short_queue(payload, self._latency, self._latency * prompt)
        super().__init__({
            **{f"i_{number}": In(stream.Signature(
                data.ArrayLayout(sample_shape(source.sample), lanes)))
               for number, source in enumerate(sources)},
            "o": Out(stream.Signature(payload)),
        })

    @property
    def inputs(self) -> list[Any]:
        """The streams of the inputs."""
        return [getattr(self, f"i_{number}") for number in range(len(self.sources))]

    @property
    def latency(self) -> int:
        """Cycles from a beat to what is made of it, while nothing waits."""
        return self._latency + self._queue.latency

    def make(self, m: Module, lane: int, samples: Sequence[Value], beat: Value) -> Value:
        """What comes of samples, and of the number of their beat in the pixel."""
        raise NotImplementedError

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.queue = queue = self._queue
        wiring.connect(m, queue.o, wiring.flipped(self.o))
        inputs = self.inputs
        takes = Signal()
        m.d.comb += takes.eq(Cat(port.valid for port in inputs).all() & queue.room)
        m.d.comb += [port.ready.eq(takes) for port in inputs]
        beat, _ = loop(m, len(self.taken), takes, "beat")
        beat = delayed(m, beat, 1, name="beat", reset_less=True)
        for lane, sample in enumerate(queue.i):
            m.d.comb += Value.cast(sample).eq(
                self.make(m, lane, [
                    delayed(m, port.payload[lane], 1, name=f"sample_{lane}", reset_less=True)
                    for port in inputs], beat))
        m.d.comb += queue.i_valid.eq(delayed(m, takes, self._latency, name="valid"))
        return m


class TableEngine(PointEngine):
    """Looks up samples, in one table or in one a channel.

    Parameters
    ----------
    source, output : :class:`~windrow.model.network.tensor.Tensor`
        Input and output.
    lanes, device
        As of :class:`PointEngine`.
    tables : sequence of sequences of :class:`int`
        By the sample less its minimum; one, or one a channel.
    """

    def __init__(
        self, source: Tensor, output: Tensor, lanes: int, device: Device,
        tables: Sequence[Sequence[int]], *, prompt: bool = False,
    ) -> None:
        self._constants = device.constant_memory
        super().__init__([source], output, lanes, device, self._constants.latency, prompt=prompt)
        self._tables = tables

    def make(self, m: Module, lane: int, samples: Sequence[Value], beat: Value) -> Value:
        shape = sample_shape(self.sample)
        tables = self._tables[lane::len(self.o.payload)] if len(self._tables) > 1 else self._tables
        # A lane that no channel has looks up anything.
        entries = [entry for each in tables or self._tables[:1] for entry in each]
        width = shape.width
        mask = (1 << width) - 1
        m.submodules[f"table_{lane}"] = found = self._constants(
            [entry & mask for entry in entries], width)
        given = samples[0]
        place = Cat(given[:-1], ~given[-1] if given.shape().signed else given[-1])
        address = Cat(place, beat) if len(self._tables) > 1 else place
        m.d.comb += found.address.eq(address)
        return found.data.as_signed() if shape.signed else found.data


class AddEngine(PointEngine):
    """Adds two samples by their :class:`~windrow.model.network.pair_form.PairForm`.

    A factor of a sample is a table of each four bits of it.
    """

    def __init__(self, layer: Add, lanes: int, device: Device) -> None:
        super().__init__(layer.sources, layer.output, lanes, device, 6)
        self._form = layer.form

    def make(self, m: Module, lane: int, samples: Sequence[Value], beat: Value) -> Value:
        form = self._form
        parts: list[Value] = []
        for number, (sample, factor) in enumerate(
                zip(samples, (form.first, form.second), strict=True)):
            added: list[Value] = []
            for low in range(0, len(sample), 4):
                digit = sample[low:low + 4]
                top = low + 4 >= len(sample) and sample.shape().signed
                values = [(value - ((value >> len(digit) - 1) << len(digit)) * top << low) * factor
                          for value in range(1 << len(digit))]
                if number == low == 0:
                    values = [value + form.constant for value in values]
                entry = Signal(interval_shape(Interval(min(values), max(values))),
                               name=f"part_{lane}_{number}_{low}", reset_less=True)
                with m.Switch(digit):
                    for at, value in enumerate(values):
                        with m.Case(at):
                            m.d.sync += entry.eq(value)
                added.append(entry)
            if number == 0 and form.exceptions:
                hit = Signal(signed(form.shift + 2), name=f"exception_{lane}", reset_less=True)
                found = [(samples[0] == a) & (samples[1] == b) for a, b in form.exceptions]
                m.d.sync += hit.eq(Mux(Cat(*found).any(), -(1 << form.shift), 0))
                added.append(hit)
            parts.append(self._sum(m, added, 2, f"factor_{lane}_{number}"))
        exact = self._sum(m, parts, 1, f"total_{lane}")
        total = exact >> form.shift
        if form.even:  # an odd result of a tie is one less: its last bit is cleared
            total = total ^ (total[0] & ~exact[:form.shift].any())
        total = delayed(m, total, 1, name=f"rounded_{lane}", reset_less=True)
        made = Signal(sample_shape(self.sample), name=f"made_{lane}", reset_less=True)
        m.d.sync += made.eq(Mux(
            total < form.low, form.low, Mux(total > form.high, form.high, total)))
        return made

    @staticmethod
    def _sum(m: Module, values: list[Value], cycles: int, name: str) -> Value:
        """Their sum, two by two, so many cycles later."""
        for _ in range(cycles):
            pairs = [values[at:at + 2] for at in range(0, len(values), 2)]
            values = [delayed(m, sum(pair[1:], pair[0]), 1, name=name, reset_less=True)
                      for pair in pairs]
        (value,) = values
        return value


class MulEngine(PointEngine):
    """Multiplies two samples, without their zero points, and requantises the products."""

    def __init__(self, layer: Mul, lanes: int, device: Device) -> None:
        self._factors, product = layer.factors, layer.product
        (form,) = unit_forms(layer.requantiser, [product], name=layer.name)
        self._unit = FormUnit([[form] * lanes], product, layer.output.sample, 1, device)
        self._device = device
        super().__init__(layer.sources, layer.output, lanes, device,
                         1 + device.multiplier.latency + self._unit.latency)

    def elaborate(self, platform: Any) -> Module:
        m = super().elaborate(platform)
        m.submodules.unit = self._unit
        return m

    def make(self, m: Module, lane: int, samples: Sequence[Value], beat: Value) -> Value:
        m.submodules[f"product_{lane}"] = multiplier = self._device.multiplier(*self._factors)
        for port, sample, factor, source in zip(
                (multiplier.a, multiplier.b), samples, self._factors, self.sources,
                strict=True):
            moved = Signal(interval_shape(factor), name=f"factor_{lane}", reset_less=True)
            m.d.sync += moved.eq(sample - source.zero_point)
            m.d.comb += port.eq(moved)
        m.d.comb += self._unit.i[lane].eq(multiplier.product)
        return Value.cast(self._unit.o[lane])
