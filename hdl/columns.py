"""From pushes to columns: line buffer, vertical border, vertical pass."""

from typing import Any

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ..model.linear import Graph
from .delay import delayed
from .devices import Device
from .geometry import Geometry
from .layout import ColumnBeat, Push
from .line_buffer import LineBuffer
from .linear_forms import LinearForms
from .row_border import RowBorder
from .settings import Settings


__all__ = ["Columns"]


class Columns(wiring.Component):
    """What the horizontal pass needs of each column: the vertical pass of the rows in memory.

    Latency is :attr:`latency` cycles, throughput is one push a cycle.

    Parameters
    ----------
    geometry : :class:`~.geometry.Geometry`
        The frame.
    graph : :class:`~windrow.model.linear.Graph`
        The vertical pass: Kh samples of a column, from top to bottom, to its features.
    device : :class:`~.devices.Device`
        Whose memory and multipliers to use.

    Members
    -------
    i : :py:`In(Push)`
        Pushes.
    settings : :py:`In(Settings)`
        Those of the newest frame. Only where the filter has a register port.
    o : :py:`Out(ColumnBeat)`
        The same pushes with the features of their columns.
    """

    i: Any
    settings: Any
    o: Any

    def __init__(self, geometry: Geometry, graph: Graph, device: Device) -> None:
        self._filter = geometry.filter
        self._runtime = geometry.filter.control != "none"
        self._line_buffer = LineBuffer(geometry, device.line_memory)
        self._row_border = RowBorder(geometry, self._line_buffer.latency)
        lanes = geometry.columns.lanes
        self._passes = [
            [LinearForms(graph, device.multiplier) for _ in range(self._filter.channels)]
            for _ in range(lanes)
        ]
        features = [graph.interval(term) for term in graph.outputs]
        super().__init__({
            "i": In(Push(geometry)),
            **({"settings": In(Settings(geometry.filter))} if self._runtime else {}),
            "o": Out(ColumnBeat(geometry, features)),
        })

    @property
    def latency(self) -> int:
        """Cycles from a push to its columns."""
        return self._row_border.latency + self._passes[0][0].latency

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.line_buffer = line_buffer = self._line_buffer
        m.submodules.row_border = row_border = self._row_border
        m.d.comb += [
            line_buffer.i.eq(self.i),
            row_border.push.eq(self.i),
            row_border.column.eq(line_buffer.o),
            row_border.column_push.eq(line_buffer.o_push),
        ]
        if self._runtime:
            m.d.comb += row_border.settings.eq(self.settings)
        bits = self._filter.pixel.bits
        for lane, channels in enumerate(self._passes):
            for channel, vertical in enumerate(channels):
                m.submodules[f"vertical_{lane}_{channel}"] = vertical
                for row in range(self._filter.kernel_height):
                    pixel = row_border.o.columns[lane][row]
                    m.d.comb += Value.cast(vertical.i[f"feature_{row}"]).eq(
                        pixel.word_select(channel, bits))
                m.d.comb += self.o.columns[lane][channel].eq(vertical.o)

        border = row_border.o
        latency = self._passes[0][0].latency
        place = delayed(m, Cat(border.row_start, border.row_end, border.frame_start), latency,
                        name="place", reset_less=True)
        m.d.comb += [
            Cat(self.o.row_start, self.o.row_end, self.o.frame_start).eq(place),
            self.o.valid.eq(delayed(m, border.valid, latency, name="valid")),
        ]
        return m
