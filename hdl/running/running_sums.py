"""From column sums to the sums of windows, as sums that run along the row."""

from typing import Any

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ...model.lowering.adder_graph import adder_graph
from ...model.lowering.linear import Builder
from ..arithmetic.graph_pipeline import GraphPipeline
from ..beat import FRAME_PLACE, Beat, interval_shape
from ..delay import ages, delayed, line
from ..devices import Device
from ..geometry import Geometry
from .exchange import Exchange, place
from .running_axis import RunningAxis


__all__ = ["RunningSums"]


class RunningSums(wiring.Component):
    """The sum of Kw columns, by two additions and a subtraction.

    The columns go through a row of registers; no multiplexer is as wide as the kernel, unless the
    border reflects.

    Latency is :attr:`latency` cycles, throughput is one beat a cycle.

    Parameters
    ----------
    geometry : :class:`~.geometry.Geometry`
        The frame; one pixel a clock, and at least two kernel columns.
    column : :class:`~windrow.model.interval.Interval`
        Range of a column sum.
    border : :class:`int`
        The sum of a column of constant border.
    device : :class:`~.devices.Device`
        Whose multipliers to use.

    Members
    -------
    i : :py:`In(Beat)`
        Column sums, one feature.
    o : :py:`Out(Beat)`
        Sums.
    """

    i: Any
    o: Any

    def __init__(
        self, geometry: Geometry, columns: Beat, border: int, device: Device
    ) -> None:
        self._geometry = geometry
        self._device = device
        # A beat is a push, and the beats after a row's last push are only those that it still owes.
        self._running = running = RunningAxis(geometry.columns, geometry.row_pushes)
        column, = columns.values
        self._column = column
        self._border = border
        self._sum = column.scale(geometry.columns.kernel)
        channels = range(columns.channels)
        weights = (1,) if running.overlaps else running.weights
        self._exchanges = [Exchange(running, column, border, weights) for _ in channels]
        graph = adder_graph(((running.first_weight,),), lambda: Builder([column]))
        self._products = [GraphPipeline(graph, device) for _ in channels]
        super().__init__({
            "i": In(columns),
            "o": Out(Beat(FRAME_PLACE, [self._sum], columns.channels, 1)),
        })

    @property
    def latency(self) -> int:
        """Cycles from a push to the sums that it makes."""
        return self._products[0].latency + Exchange.latency + 2

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        running = self._running
        axis = running.axis

        # The beat, when the product of a row's first sample has come.
        latency = self._products[0].latency
        beat = delayed(m, self.i, latency, name="beat", reset_less=True)
        valid = delayed(m, self.i.valid, latency, name="valid")
        here = place(m, valid, valid & beat.place.row_start, beat.place.row_end, running)
        frame_start = ages(m, valid, beat.place.frame_start, axis.delay)[axis.delay]
        # Stages of the pipeline: cycles after that.
        stages = Exchange.latency + 2
        valids = line(m, valid, stages, name="valid")
        places = line(m, here, stages, name="place", reset_less=True)
        total_now, first_now = valids[-2], valids[-3]

        for channel, (exchange, product) in enumerate(
                zip(self._exchanges, self._products, strict=True)):
            m.submodules[f"exchange_{channel}"] = exchange
            m.submodules[f"product_{channel}"] = product
            sample = interval_shape(self._column)
            samples: list[Value] = [beat.columns[0][channel][0]]
            held = Signal(sample, name="held", reset_less=True)
            with m.If(valid):
                m.d.sync += held.eq(exchange.held_next)
                for age in range(1, running.depth + 1):
                    older = Signal(sample, name=f"sample_{age}", reset_less=True)
                    m.d.sync += older.eq(samples[-1])
                    samples.append(older)
            m.d.comb += [
                exchange.place.eq(here),
                *(Value.cast(exchange.samples[age]).eq(each) for age, each in enumerate(samples)),
                product.i[0].eq(self.i.columns[0][channel][0]),
                exchange.first_product.eq(product.o[0]),
                exchange.held.eq(held),
            ]

            # What left after the sum before is taken off together with what enters this one, so
            # that only one addition has to be done from one push to the next.
            number = interval_shape(self._sum)
            left = Signal(exchange.leaving.shape(), name="left")
            change = Signal(interval_shape(exchange.change), name="change", reset_less=True)
            total = Signal(number, name="total", reset_less=True)
            border = running.border_count * self._border
            with m.If(first_now):
                m.d.sync += left.eq(exchange.leaving)
            m.d.sync += change.eq(exchange.entering - left)
            if running.overlaps:
                first: Value = Signal(number, name="first", reset_less=True)
                if axis.delay + 1 < running.period:
                    # There is a cycle between two first sums in which it clears for the next: it
                    # needs no multiplexer in front of the adder.
                    with m.If(~places[-3].adds):
                        m.d.sync += first.eq(border)
                    with m.Elif(first_now):
                        m.d.sync += first.eq(first + exchange.weighted)
                else:
                    with m.If(first_now):
                        m.d.sync += first.eq(
                            Mux(places[-3].first, border, first) + exchange.weighted)
                with m.If(places[-3].starts):
                    m.d.sync += change.eq(0)
                begins = places[-2].starts
            else:
                first = Const(border, number)
                begins = places[-2].first
            m.submodules[f"adder_{channel}"] = adder = self._device.select_adder(
                number, change.shape())
            with m.If(total_now):
                m.d.sync += total.eq(adder.o)
            m.d.comb += [
                adder.select.eq(begins),
                adder.a.eq(first),
                adder.b.eq(total),
                adder.c.eq(change),
                self.o.columns[0][channel][0].eq(total),
            ]

        flags = Cat(here.starts & frame_start, here.ends)
        m.d.comb += [
            self.o.valid.eq(delayed(m, valid & here.shown, stages, name="shown")),
            Value.cast(self.o.place).eq(
                delayed(m, flags, stages, name="flags", reset_less=True)),
        ]
        return m
