"""A convolution at work."""

from amaranth import *

from ...model.network.convolution import Convolution
from ...model.network.folding import Folding
from ..beat import interval_shape
from ..delay import delayed
from ..devices import Device
from .form_unit import unit_forms
from .passes import Passes
from .products import Products
from .rom import CyclicROM
from .window_engine import WindowEngine


__all__ = ["ConvolutionEngine"]


class ConvolutionEngine(WindowEngine):
    """Computes a :class:`~windrow.model.network.convolution.Convolution`.

    Each cycle all products take what the window sees and the weights that go with it; their sums
    grow in accumulators, which begin with the bias.

    Parameters
    ----------
    layer : :class:`~windrow.model.network.convolution.Convolution`
    folding : :class:`~windrow.model.network.folding.Folding`
        What is done at once.
    rows : :class:`int`
        As of :class:`~.window_engine.WindowEngine`.
    device : :class:`~..devices.Device`
        Whose memories and multipliers to use.
    dsp_products : :class:`int` or ``None``
        Products of the device's multipliers, the others are made of LUTs; ``None``: all.
    """

    def __init__(
        self, layer: Convolution, folding: Folding, rows: int, device: Device,
        dsp_products: int | None = None,
    ) -> None:
        self._layer = layer
        self._constants = device.constant_memory
        self._spare = int(device.spare_registers)
        passes = Passes(layer, folding)
        self._products = Products(
            layer.input.interval, layer.weights_interval,
            [_sources(passes, output) for output in range(passes.outputs)], device, dsp_products)
        forms = None
        if layer.requantiser is not None:
            found = unit_forms(layer.requantiser, layer.sums, name=layer.name)
            forms = [[found[channel] for channel in channels] for channels in passes.channels]
        super().__init__(
            passes, rows, layer.input.zero_point, device,
            gather_latency=self._products.latency + 1, gathered=layer.accumulator, forms=forms)

    def _weights(self) -> list[list[int]]:
        """For each step of all passes the weight of each product."""
        passes, weights = self.passes, self._layer.centred.weights
        words = []
        for channels in passes.channels:
            for row, column, word in passes.steps:
                factors = []
                for output in range(passes.outputs):
                    for tap, lane in _sources(passes, output):
                        place = 0 if passes.separate else word * passes.lanes + lane
                        used = output < len(channels) and place < weights.shape[1]
                        factors.append(int(weights[channels[output], place, row + tap, column])
                                       if used else 0)
                words.append(factors)
        return words

    def gather(self, m: Module, first: Value) -> None:
        layer, passes, reader = self._layer, self.passes, self.reader
        m.submodules.products = products = self._products
        m.d.comb += products.samples.eq(reader.samples)

        # The weights come with the samples.
        shape, spare = interval_shape(layer.weights_interval), self._spare
        m.submodules.weights = weights = CyclicROM.of(
            self._weights(), shape, self._constants)
        m.d.comb += [
            weights.step.eq(delayed(m, reader.step, reader.latency - weights.latency - spare,
                                    name="weights")),
            Value.cast(products.weights).eq(
                delayed(m, weights.data, spare, name="weight", reset_less=True)),
        ]

        # A sum begins with its bias.
        shape = interval_shape(layer.accumulator)
        bias = layer.centred.bias
        m.submodules.biases = biases = CyclicROM.of(
            [[bias[channel] for channel in channels] + [0] * (passes.outputs - len(channels))
             for channels in passes.channels], shape, self._constants)
        early = products.latency - biases.latency - spare
        starts = [first]
        for _ in range(products.latency):
            starts.append(delayed(m, starts[-1], 1, name="starts"))
        m.d.comb += biases.step.eq(starts[early])
        begins = delayed(m, biases.data, spare, name="bias", reset_less=True)
        for output in range(passes.outputs):
            start = begins.word_select(output, shape.width)
            total = Signal(shape, name=f"sum_{output}", reset_less=True)
            m.d.sync += total.eq(
                Mux(starts[-1], start.as_signed() if shape.signed else start, total)
                + products.sums[output])
            m.d.comb += self.results.i[output].eq(total)


def _sources(passes: Passes, output: int) -> list[tuple[int, int]]:
    """Tap and lane of the samples that an output's products take."""
    lanes = ([output // passes.multiple % passes.lanes] if passes.separate
             else range(passes.lanes))
    return [(tap, lane) for tap in range(passes.tap_lanes) for lane in lanes]
