"""A convolution at work: windows out of a memory of rows, products, sums, samples."""

from typing import Any

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from ...model.network.convolution import Convolution
from ...model.network.folding import Folding
from ...model.network.linear_form import layer_forms
from ..beat import interval_shape
from ..delay import delayed
from ..devices import Device
from .passes import Passes
from .products import Products
from .results import Results
from .rom import CyclicROM
from .window_reader import WindowReader


__all__ = ["ConvolutionEngine"]


class ConvolutionEngine(wiring.Component):
    """Computes a :class:`~windrow.model.network.convolution.Convolution`.

    A cycle takes one word of a tap, or of a column of taps, to all products at once. The sums grow
    in accumulators, and are requantised one after the other while the next ones grow.

    A frame takes the cycles of :func:`~windrow.model.network.folding.cycles`, frames back to back,
    as long as rows come and results are taken in time. ``i.ready`` does not depend on ``i.valid``,
    nor ``o.valid`` on ``o.ready``.

    Parameters
    ----------
    layer : :class:`~windrow.model.network.convolution.Convolution`
    folding : :class:`~windrow.model.network.folding.Folding`
        What is done at once.
    rows : :class:`int`
        Rows of the input that are kept; at least as many as a window sees.
    device : :class:`~..devices.Device`
        Whose memories and multipliers to use.
    dsp_products : :class:`int` or ``None``
        Products of the device's multipliers, the others are made of LUTs; ``None``: all.

    Attributes
    ----------
    taken, given : tuple of :class:`int`
        Samples of each beat of a pixel, at ``i`` and at ``o``.

    Members
    -------
    i, o : streams of arrays of samples
        Pixels in raster order, each in some beats, their samples in the lowest lanes.
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(
        self, layer: Convolution, folding: Folding, rows: int, device: Device,
        dsp_products: int | None = None,
    ) -> None:
        self._layer = layer
        self._passes = passes = Passes(layer, folding)
        self._reader = WindowReader(passes, rows, layer.input.zero_point, device)
        self._products = Products(
            layer.input.interval, layer.weights_interval,
            [self._sources(output) for output in range(passes.outputs)], device, dsp_products)
        forms = None if layer.requantiser is None else layer_forms(layer.requantiser, layer.sums)
        # From the step that begins a pass to that whose sums are the last.
        self._sum_latency = self._reader.latency + self._products.latency + 1
        self._results = Results(
            [[None if forms is None else forms[channel] for channel in channels]
             for channels in passes.channels],
            passes.outputs, len(passes.steps), layer.accumulator, layer.output.sample, device,
            begun=len(passes.steps) - 1 + self._sum_latency)
        self.taken = tuple(len(channels) for channels in passes.word_channels)
        self.given = self._results.given
        super().__init__({
            "i": In(stream.Signature(self._reader.i.payload.shape())),
            "o": Out(stream.Signature(self._results.o.payload.shape())),
        })

    def _sources(self, output: int) -> list[tuple[int, int]]:
        """Tap and lane of the samples that an output's products take."""
        passes = self._passes
        lanes = ([output // passes.multiple % passes.lanes] if passes.separate
                 else range(passes.lanes))
        return [(tap, lane) for tap in range(passes.tap_lanes) for lane in lanes]

    def _weights(self) -> list[list[int]]:
        """For each step of all passes the weight of each product."""
        passes, weights = self._passes, self._layer.centred.weights
        words = []
        for channels in passes.channels:
            for row, column, word in passes.steps:
                factors = []
                for output in range(passes.outputs):
                    for tap, lane in self._sources(output):
                        place = 0 if passes.separate else word * passes.lanes + lane
                        used = output < len(channels) and place < weights.shape[1]
                        factors.append(int(weights[channels[output], place, row + tap, column])
                                       if used else 0)
                words.append(factors)
        return words

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        layer, passes = self._layer, self._passes
        m.submodules.reader = reader = self._reader
        m.submodules.products = products = self._products
        m.submodules.results = results = self._results
        wiring.connect(m, wiring.flipped(self.i), reader.i)
        wiring.connect(m, results.o, wiring.flipped(self.o))
        m.d.comb += [
            reader.room.eq(results.room),
            products.samples.eq(reader.samples),
        ]

        # The weights come with the samples.
        shape = interval_shape(layer.weights_interval)
        mask = (1 << shape.width) - 1
        words = [sum((factor & mask) << number * shape.width for number, factor in enumerate(each))
                 for each in self._weights()]
        m.submodules.weights = weights = CyclicROM(words, shape.width * len(products.weights))
        m.d.comb += [
            weights.step.eq(delayed(m, reader.step, reader.latency - weights.latency,
                                    name="weights")),
            Value.cast(products.weights).eq(weights.data),
        ]

        # A sum begins with its bias.
        sums = reader.latency + products.latency
        starts = delayed(m, reader.step & reader.first, sums, name="starts")
        shape = interval_shape(layer.accumulator)
        mask = (1 << shape.width) - 1
        bias = layer.centred.bias
        m.submodules.biases = biases = CyclicROM(
            [sum((bias[channel] & mask) << number * shape.width
                 for number, channel in enumerate(channels)) for channels in passes.channels],
            shape.width * passes.outputs)
        m.d.comb += biases.step.eq(delayed(
            m, reader.step & reader.first, sums - biases.latency, name="biases"))
        for output in range(passes.outputs):
            start = biases.data[output * shape.width:(output + 1) * shape.width]
            start = start.as_signed() if shape.signed else start
            total = Signal(shape, name=f"sum_{output}", reset_less=True)
            m.d.sync += total.eq(Mux(starts, start, total) + products.sums[output])
            m.d.comb += results.i[output].eq(total)
        done = delayed(m, reader.step & reader.last, self._sum_latency - 1, name="done")
        m.d.comb += results.early.eq(done)
        return m
