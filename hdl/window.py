"""The window: all the samples that the kernel lies on, for every pixel of an output beat."""

from collections.abc import Sequence
from typing import Any

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .axis import Sample, Source, Tap
from .delay import ages
from .edges import Edges
from .geometry import Geometry
from .layout import ColumnBeat, Features, WindowBeat, column_shape, feature_shape
from .multiplex import multiplex


__all__ = ["Window"]


class Window(wiring.Component):
    """Moves the window along the rows, and fills in the border to the left and right.

    The columns shift with every push. At a row's first output they are loaded, left border
    included, from the last few pushes; past a row's end the newest columns mirror those before
    them. The first columns of the next row come in meanwhile, so that rows follow each other
    without a gap. See :meth:`Axis.updates <.axis.Axis.updates>`.

    Latency is :attr:`latency` cycle from a push to the window it makes; throughput is one window
    a cycle.

    Parameters
    ----------
    geometry : :class:`~.geometry.Geometry`
        The frame.
    features : sequence of :class:`~windrow.model.interval.Interval`
        Range of each feature of a column.
    border : sequence of :class:`int`
        The features of a column of constant border.

    Members
    -------
    i : :py:`In(ColumnBeat)`
        Pushes.
    o : :py:`Out(WindowBeat)`
        Windows.
    """

    i: Any
    o: Any

    def __init__(self, geometry: Geometry, features: Features, border: Sequence[int]) -> None:
        self._geometry = geometry
        self._column_shape = column_shape(geometry, features)
        self._border = feature_shape(features).const(
            {f"feature_{number}": value for number, value in enumerate(border)})
        super().__init__({
            "i": In(ColumnBeat(geometry, features)),
            "o": Out(WindowBeat(geometry, features)),
        })

    @property
    def latency(self) -> int:
        """Cycles from a push to its window."""
        return 1

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        axis = self._geometry.columns
        updates = axis.updates()
        extra = len(updates) - axis.taps
        flags = {case.flag for update in updates for case in update.cases}
        edges = Edges(m, self.i.valid, self.i.row_start, self.i.row_end, axis, flags)
        frame_start = ages(m, self.i.valid, self.i.frame_start, axis.delay)[axis.delay]
        m.d.sync += [
            self.o.valid.eq(self.i.valid & edges.shown),
            self.o.first.eq(frame_start),
            self.o.last.eq(edges.ends),
        ]

        beats = [self.i.columns]
        for number in range(1, axis.delay + 1):
            beat = Signal(self.i.columns.shape(), name=f"beat_{number}", reset_less=True)
            with m.If(self.i.valid):
                m.d.sync += beat.eq(beats[-1])
            beats.append(beat)
        taps = [
            Signal(self._column_shape, name=f"older_{extra - number}", reset_less=True)
            for number in range(extra)
        ] + [
            Signal(self._column_shape, name=f"column_{number}", reset_less=True)
            for number in range(axis.taps)
        ]
        m.d.comb += [
            column.eq(tap) for column, tap in zip(self.o.columns, taps[extra:], strict=True)
        ]

        border = self._border.as_value().replicate(self._geometry.filter.channels)

        def value(source: Source) -> Value:
            if isinstance(source, Sample):
                return beats[source.age][source.lane].as_value()
            if isinstance(source, Tap):
                return Value.cast(taps[source.number + extra])
            return border

        with m.If(self.i.valid):
            for tap, update in zip(taps, updates, strict=True):
                m.d.sync += Value.cast(tap).eq(multiplex(update, value, edges.holds))
        return m
