"""From columns to sums: window, horizontal border, horizontal pass."""

from collections.abc import Sequence
from typing import Any

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ..model.interval import Interval
from ..model.linear import Graph
from .delay import delayed
from .devices import Device
from .geometry import Geometry
from .layout import ColumnBeat, Features, SumBeat
from .linear_forms import LinearForms
from .settings import Settings
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
    border : sequence of :class:`int`, or :class:`~windrow.model.linear.Graph`
        As for :class:`~.window.Window`.
    graph : :class:`~windrow.model.linear.Graph`
        The horizontal pass: the features of the first column under the kernel, of the second, and
        so on, to one sum.
    device : :class:`~.devices.Device`
        Whose multipliers to use.
    anchor : :class:`int`
        The feature that is the sample in the anchor's row. Only where the filter has a register
        port; the horizontal pass has no use for a feature behind all that it has.

    Members
    -------
    i : :py:`In(ColumnBeat)`
        Columns.
    settings : :py:`In(Settings)`
        Those of the newest frame. Only where the filter has a register port.
    o : :py:`Out(SumBeat)`
        Sums.
    """

    i: Any
    settings: Any
    o: Any

    def __init__(
        self, geometry: Geometry, features: Features, border: Sequence[int] | Graph, graph: Graph,
        device: Device, anchor: int = 0,
    ) -> None:
        self._geometry = geometry
        self._runtime = geometry.filter.control != "none"
        self._anchor = anchor
        self._feature_count = len(graph.inputs) // geometry.columns.kernel
        self._window = Window(geometry, features, border)
        self._passes = [
            [self._horizontal(graph, device) for _ in range(geometry.filter.channels)]
            for _ in range(geometry.columns.lanes)
        ]
        super().__init__({
            "i": In(ColumnBeat(geometry, features)),
            **({"settings": In(Settings(geometry.filter))} if self._runtime else {}),
            "o": Out(SumBeat(geometry, self._interval(graph))),
        })

    def _horizontal(self, graph: Graph, device: Device) -> Any:
        """The pass of one pixel."""
        return LinearForms(graph, device.multiplier)

    def _interval(self, graph: Graph) -> Interval:
        """Exact range of the sum."""
        return graph.interval(graph.outputs[0])

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
        if self._runtime:
            column = self._geometry.filter.anchor[1]
            anchored = Cat(
                window.o.columns[lane + column][channel][f"feature_{self._anchor}"]
                for lane in range(self._geometry.columns.lanes) for channel in range(channels)
            )
            m.d.comb += [
                window.settings.eq(self.settings),
                self.o.turns.eq(delayed(m, window.o.turns, latency, name="turns")),
                Value.cast(self.o.anchored).eq(
                    delayed(m, anchored, latency, name="anchored", reset_less=True)),
            ]
        return m
