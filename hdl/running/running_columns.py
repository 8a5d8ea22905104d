"""From pushes to column sums, as sums that run down the rows."""

from typing import Any

from amaranth import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ...model.lowering.adder_graph import adder_graph
from ...model.lowering.linear import Builder
from ..arithmetic.graph_pipeline import GraphPipeline
from ..beat import ROW_PLACE, Beat, interval_shape
from ..delay import delayed, line
from ..devices import Device
from ..framing.push import Push
from ..geometry import Geometry
from ..window.line_memory import LineMemory
from .exchange import Exchange, Place, place
from .running_axis import RunningAxis


__all__ = ["RunningColumns"]


class RunningColumns(wiring.Component):
    """The sum of the Kh samples of each column, by an addition and a subtraction.

    Beside the rows above, as in :class:`~.line_buffer.LineBuffer`, the memory keeps for each column
    the sum that runs; where frames overlap, the first sum of the next frame as far as it has come;
    and where the border replicates, the sample that it repeats.

    Latency is :attr:`latency` cycles, throughput is one push a cycle.

    Parameters
    ----------
    geometry : :class:`~.geometry.Geometry`
        The frame; one pixel a clock, and at least two kernel rows.
    device : :class:`~.devices.Device`
        Whose memory to use.

    Members
    -------
    i : :py:`In(Push)`
        Pushes.
    o : :py:`Out(Beat)`
        The same pushes with the sums of their columns, one feature.
    """

    i: Any
    o: Any

    def __init__(self, geometry: Geometry, device: Device) -> None:
        assert geometry.row_pushes >= self.shortest_row(device)
        self._geometry = geometry
        self._device = device
        self._running = running = RunningAxis(geometry.rows, geometry.frame_rows)
        self._sample = geometry.frame.interval
        self._sum = self._sample.scale(geometry.rows.kernel)
        weights = (running.weights[-1:] if running.overlaps else running.weights)
        self._exchanges = [
            Exchange(running, self._sample, geometry.window.border_value, weights)
            for _ in range(geometry.frame.channels)
        ]
        graph = adder_graph(((running.first_weight,),), lambda: Builder([self._sample]))
        self._products = [GraphPipeline(graph, device) for _ in range(geometry.frame.channels)]
        super().__init__({
            "i": In(Push(geometry)),
            "o": Out(Beat(ROW_PLACE, [self._sum], geometry.frame.channels, 1)),
        })

    @staticmethod
    def shortest_row(device: Device) -> int:
        """Least number of pushes in a row: cycles from reading a column's sums to reading them
        back, which are three registers longer than from reading a row."""
        return device.line_memory.turnaround + 3

    @property
    def latency(self) -> int:
        """Cycles from a push to its column sum."""
        return self._column_latency + Exchange.latency + 1

    @property
    def _column_latency(self) -> int:
        """Cycles from a push to its column: block RAMs lie far apart, so that there is a register
        for the way from them."""
        return self._device.line_memory.read_latency + 1

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        geometry, running = self._geometry, self._running
        bits = geometry.frame.sample.bits
        words = geometry.columns.input_beats

        # Where the row stands is known a cycle after the push that starts it. `when[n]` and
        # `pushes[n]` are those of the push n cycles ago.
        starts = Signal()
        m.d.comb += starts.eq(self.i.valid & self.i.row_start)
        row = place(m, starts, self.i.frame_start, self.i.frame_end, running)
        state: Any = Signal(Place(running))
        with m.If(starts):
            m.d.sync += state.eq(row)
        read = self._device.line_memory.read_latency
        come = self._column_latency  # of the column
        summed = come + Exchange.latency - 1  # ... of its sums
        written = summed + 3
        pushes = line(m, self.i, written, name="push", reset_less=True)
        valid = line(m, self.i.valid, written, name="valid")
        when = [None, *line(m, state, summed, name="place", reset_less=True)]

        def connect(memory: LineMemory, reads: int, writes: int) -> None:
            """Read for the push that came so many cycles ago, and write for another."""
            m.d.comb += [
                memory.read_enable.eq(valid[reads] & pushes[reads].stored),
                memory.read_address.eq(pushes[reads].address),
                memory.write_enable.eq(valid[writes] & pushes[writes].stored),
                memory.write_address.eq(pushes[writes].address),
            ]

        # The rows above, shifted down by one with each push, and the sample that is held.
        pixel = unsigned(geometry.frame.pixel_bits)
        m.submodules.rows = rows = self._device.line_memory(
            data.ArrayLayout(pixel, running.depth), words)
        connect(rows, 0, read)
        rows_now = Cat(pushes[read].beat, rows.read_data)
        m.d.comb += Value.cast(rows.write_data).eq(rows_now)
        column = delayed(m, rows_now, come - read, name="column", reset_less=True)
        held = Signal(pixel)
        held_next = Signal(pixel)
        if running.holds:
            m.submodules.held = kept = self._device.line_memory(pixel, words)
            connect(kept, come - read, come + 1)
            m.d.comb += [
                held.eq(kept.read_data),
                kept.write_data.eq(delayed(m, held_next, 1, name="held", reset_less=True)),
            ]

        # The sums, read so that they come with what enters.
        number = interval_shape(self._sum)
        m.submodules.sums = sums = self._device.line_memory(data.ArrayLayout(
            data.StructLayout({
                "running": number,
                **({"first": number} if running.overlaps else {}),
            }), geometry.frame.channels), words)
        connect(sums, summed - read, written)

        for channel, (exchange, product) in enumerate(
                zip(self._exchanges, self._products, strict=True)):
            m.submodules[f"exchange_{channel}"] = exchange
            m.submodules[f"product_{channel}"] = product
            m.d.comb += [
                exchange.place.eq(when[come]),
                *(Value.cast(exchange.samples[age]).eq(
                    column.word_select(age, geometry.frame.pixel_bits).word_select(channel, bits))
                  for age in range(running.depth + 1)),
                exchange.held.eq(held.word_select(channel, bits)),
                held_next.word_select(channel, bits).eq(exchange.held_next),
                product.i[0].eq(Value.cast(self.i.beat[0]).word_select(channel, bits)),
                exchange.first_product.eq(delayed(
                    m, product.o[0], come - product.latency, name="first_product",
                    reset_less=True)),
            ]

            # Into the first sum and the running one, then out of the running one.
            old, new = sums.read_data[channel], sums.write_data[channel]
            border = Const(running.border_count * geometry.window.border_value, number)
            base = Signal(number, name="base", reset_less=True)
            total = Signal(number, name="total", reset_less=True)
            rest = Signal(number, name="rest", reset_less=True)
            m.submodules[f"adder_{channel}"] = adder = self._device.select_adder(
                number, exchange.entering.shape())
            m.d.comb += [adder.b.eq(base), adder.c.eq(exchange.entering)]
            m.d.sync += [
                base.eq(old.running),
                total.eq(adder.o),
                rest.eq(total - delayed(m, exchange.leaving, 1, name="leaving", reset_less=True)),
            ]
            m.d.comb += [
                new.running.eq(rest),
                self.o.columns[0][channel][0].eq(total),
            ]
            if running.overlaps:
                sooner = Signal(number, name="sooner", reset_less=True)
                first = Signal(number, name="first", reset_less=True)
                m.d.comb += [
                    adder.select.eq(delayed(m, when[summed].starts, 1, name="starts")),
                    adder.a.eq(sooner),
                    new.first.eq(delayed(m, first, 1, name="first", reset_less=True)),
                ]
                m.d.sync += [sooner.eq(old.first), first.eq(sooner + exchange.weighted)]
                with m.If(when[summed].first):
                    m.d.sync += sooner.eq(border)
            else:
                with m.If(when[summed].first):
                    m.d.sync += base.eq(border)

        shown = delayed(m, Cat(when[-1].shown, when[-1].starts), 1, name="shown")
        m.d.comb += [
            self.o.valid.eq(valid[self.latency]),
            self.o.place.row_start.eq(pushes[self.latency].row_start & shown[0]),
            self.o.place.row_end.eq(pushes[self.latency].row_end & shown[0]),
            self.o.place.frame_start.eq(pushes[self.latency].row_start & shown[1]),
        ]
        return m

