"""From columns to sums: window, horizontal border, horizontal pass."""

from typing import Any

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ..model.linear import Graph
from .delay import delayed
from .devices import Device
from .geometry import Geometry
from .layout import ColumnBeat, Features, SumBeat
from .linear_forms import LinearForms
from .window import Window


__all__ = ["Sums"]


class Sums(wiring.Component):
    """The exact sums of an output beat: the horizontal pass over the window's columns.

    Latency is :attr:`latency` cycles, throughput is one beat a cycle.

    Parameters
    ----------
    geometry : :class:`~.geometry.Geometry`
        The frame.
    features : sequence of :class:`~windrow.model.interval.Interval`
        Range of each feature of a column.
    border : sequence of :class:`int`
        The features of a column of constant border.
    graph : :class:`~windrow.model.linear.Graph`
        The horizontal pass: the features of the first column under the kernel, of the second, and
        so on, to one sum.
    device : :class:`~.devices.Device`
        Whose multipliers to use.

    Members
    -------
    i : :py:`In(ColumnBeat)`
        Columns.
    o : :py:`Out(SumBeat)`
        Sums.
    """

    i: Any
    o: Any

    def __init__(
        self, geometry: Geometry, features: Features, border: list[int], graph: Graph,
        device: Device,
    ) -> None:
        self._geometry = geometry
        self._feature_count = len(features)
        self._window = Window(geometry, features, border)
        self._passes = [
            [LinearForms(graph, device.multiplier) for _ in range(geometry.filter.channels)]
            for _ in range(geometry.columns.lanes)
        ]
        super().__init__({
            "i": In(ColumnBeat(geometry, features)),
            "o": Out(SumBeat(geometry, graph.interval(graph.outputs[0]))),
        })

    @property
    def latency(self) -> int:
        """Cycles from a push to the sums that it makes."""
        return self._window.latency + self._passes[0][0].latency

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.window = window = self._window
        m.d.comb += window.i.eq(self.i)
        channels = self._geometry.filter.channels
        for lane, row in enumerate(self._passes):
            for channel, horizontal in enumerate(row):
                m.submodules[f"horizontal_{lane}_{channel}"] = horizontal
                for column in range(self._geometry.columns.kernel):
                    for number in range(self._feature_count):
                        m.d.comb += horizontal.i[
                            f"feature_{column * self._feature_count + number}"
                        ].eq(window.o.columns[lane + column][channel][f"feature_{number}"])
                m.d.comb += self.o.sums[lane * channels + channel].eq(horizontal.o.feature_0)

        latency = self._passes[0][0].latency
        place = delayed(m, Cat(window.o.first, window.o.last), latency, name="place",
                        reset_less=True)
        m.d.comb += [
            Cat(self.o.first, self.o.last).eq(place),
            self.o.valid.eq(delayed(m, window.o.valid, latency, name="valid")),
        ]
        return m
