"""A pool at work."""

from amaranth import *

from ...model.interval import Interval
from ...model.network.folding import Folding
from ...model.network.linear_form import Form
from ...model.network.pooling import Pool
from ..beat import interval_shape
from ..delay import delayed
from ..devices import Device
from .form_unit import unit_forms
from .passes import Passes
from .rom import table
from .window_engine import WindowEngine


__all__ = ["PoolEngine"]


class PoolEngine(WindowEngine):
    """Computes a :class:`~windrow.model.network.pooling.Pool`.

    Outside the frame there is the least sample, or the zero point, which the requantiser of so many
    counted samples takes off the sum again.

    Parameters
    ----------
    layer : :class:`~windrow.model.network.pooling.Pool`
    folding, rows, device
        As of :class:`~.convolution_engine.ConvolutionEngine`.
    """

    def __init__(self, layer: Pool, folding: Folding, rows: int, device: Device) -> None:
        self._layer = layer
        passes = Passes(layer, folding)
        # One below the other, two by two.
        self._column_latency = (passes.tap_lanes - 1).bit_length()
        forms, gathered, fill = None, layer.input.interval, layer.input.sample.minimum
        if layer.kind == "average":
            taps, fill = layer.kernel[0] * layer.kernel[1], layer.input.zero_point
            gathered = Interval(*(taps * end for end in layer.input.interval))
            forms = [
                [_moved(unit_forms(layer.requantisers[count], [sums], name=layer.name)[0],
                        fill * (taps - count if layer.raw else taps))] * passes.outputs
                for count, sums in zip(layer.counts, layer.sums, strict=True)]
        super().__init__(passes, rows, fill, device, gather_latency=self._column_latency + 1,
                         gathered=gathered, forms=forms, numbered=forms is not None)

    def gather(self, m: Module, first: Value) -> None:
        passes, results = self.passes, self.results
        starts = delayed(m, first, self._column_latency, name="starts")
        shape = interval_shape(self.results.sums)
        for output in range(passes.outputs):
            found: list[Value] = [self.reader.samples[tap][output]
                                  for tap in range(passes.tap_lanes)]
            while len(found) > 1:
                pairs = [found[at:at + 2] for at in range(0, len(found), 2)]
                found = []
                for pair in pairs:
                    value = self._both(*pair) if len(pair) > 1 else pair[0]
                    found.append(delayed(m, value, 1, name=f"column_{output}", reset_less=True))
            total = Signal(shape, name=f"gathered_{output}", reset_less=True)
            m.d.sync += total.eq(Mux(starts, found[0], self._both(total, found[0])))
            m.d.comb += results.i[output].eq(total)
        if len(self._layer.counts) > 1:
            self._number(m)

    def _both(self, one: Value, two: Value) -> Value:
        """What two samples, or sums, give together."""
        return Mux(one > two, one, two) if self._layer.kind == "max" else one + two

    def _number(self, m: Module) -> None:
        """Which of the counts it is: a table of row and column, which repeat inside the frame."""
        layer, reader = self._layer, self.reader
        counts = layer.count_map.tolist()
        rows, columns = [tuple(row) for row in counts], list(zip(*counts, strict=True))
        kinds = [list(dict.fromkeys(each)) for each in (rows, columns)]
        row, column = (
            table(m, [kind.index(each) for each in places], range(max(len(kind), 2)), place, name)
            for kind, places, place, name in (
                (kinds[0], rows, reader.place.row, "count_row"),
                (kinds[1], columns, reader.place.column, "count_column")))
        low = (len(kinds[1]) - 1).bit_length()
        entries = [layer.counts.index(counts[rows.index(one)][columns.index(two)])
                   if two is not None else 0
                   for one in kinds[0]
                   for two in (kinds[1] + [None] * (1 << low))[:1 << low]]
        index = Cat(Value.cast(column)[:low], row)
        number = table(m, entries, range(len(layer.counts)), index, "count")
        m.d.comb += self.results.number.eq(delayed(
            m, number, self._latency - 1 - 2, name="number", reset_less=True))


def _moved(form: Form, offset: int) -> Form:
    """The form of sums that are so much greater."""
    low, high = form.clamp
    return form._replace(constant=form.constant - offset * form.multiplier,
                         clamp=Interval(low + offset, high + offset))
