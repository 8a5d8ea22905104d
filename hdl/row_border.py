"""The border above and below the frame, on the one column that leaves the memory."""

from typing import Any

from amaranth import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from .axis import Flag, Sample, Source
from .delay import ages, delayed
from .geometry import Geometry
from .layout import PixelColumnBeat, Push, beat_shape
from .multiplex import multiplex


__all__ = ["RowBorder"]


class RowBorder(wiring.Component):
    """Picks the kernel's rows out of the rows in memory, border rows included.

    Which row stands where depends on the row alone, so the multiplexers' selects are registers
    that change once a row. Rows of a next frame that come in while the last rows of a frame go out
    lie where the border is, and are masked like any row outside of the frame.

    Parameters
    ----------
    geometry : :class:`~.geometry.Geometry`
        The frame.
    column_latency : :class:`int`
        Cycles from a push to its column at ``column``. At least 1.

    Members
    -------
    push : :py:`In(Push)`
        Pushes, before the line buffer.
    column : :py:`In(ArrayLayout(beat, depth + 1))`
        Behind the line buffer: the beat pushed ``column_latency`` cycles ago and those above it;
        element ``d`` is ``d`` rows above.
    column_push : :py:`In(Push)`
        That push.
    o : :py:`Out(PixelColumnBeat)`
        Pushes with the kernel's rows, :attr:`latency` cycles after ``push``.
    """

    push: Any
    column: Any
    column_push: Any
    o: Any

    def __init__(self, geometry: Geometry, column_latency: int) -> None:
        self._geometry = geometry
        self._column_latency = column_latency
        super().__init__({
            "push": In(Push(geometry)),
            "column": In(data.ArrayLayout(beat_shape(geometry), geometry.rows.depth + 1)),
            "column_push": In(Push(geometry)),
            "o": Out(PixelColumnBeat(geometry)),
        })

    @property
    def latency(self) -> int:
        """Cycles from ``push`` to ``o``."""
        return self._column_latency + 1

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        rows = self._geometry.rows
        selects = rows.selects()
        flags = sorted({case.flag for select in selects for case in select.cases})
        oldest = {
            edge: max([least, *(flag.age for flag in flags if flag.edge == edge)])
            for edge, least in (("first", rows.delay), ("last", rows.drain))
        }

        # State of the row, one cycle after the push that starts it.
        starts = Signal()
        m.d.comb += starts.eq(self.push.valid & self.push.row_start)
        age = {
            "first": ages(m, starts, self.push.frame_start, oldest["first"]),
            "last": ages(m, starts, self.push.frame_end, oldest["last"]),
        }
        state: Any = Signal(data.StructLayout({
            "shown": 1,  # this row makes an output row
            "first_shown": 1,  # ... the first of its frame
            "ends": 1,  # ... the last
            **{f"{flag.edge}_{flag.age}": 1 for flag in flags},
        }))
        with m.If(starts):
            m.d.sync += [
                state.shown.eq(age["first"][rows.delay] | (state.shown & ~state.ends)),
                state.first_shown.eq(age["first"][rows.delay]),
                state.ends.eq(age["last"][rows.drain]),
            ]
            for flag in flags:
                m.d.sync += state[f"{flag.edge}_{flag.age}"].eq(age[flag.edge][flag.age])

        # ... and as it is where the column is.
        here = delayed(m, state, self._column_latency - 1, name="state_of_column")

        border = Const(self._geometry.border_pixel, self._geometry.pixel_bits)

        def holds(flag: Flag) -> Value:
            return here[f"{flag.edge}_{flag.age}"]

        columns = Signal(self.o.columns.shape(), reset_less=True)
        m.d.comb += self.o.columns.eq(columns)
        for lane in range(self._geometry.columns.lanes):

            def value(source: Source, lane: int = lane) -> Value:
                return self.column[source.age][lane] if isinstance(source, Sample) else border

            for row, select in enumerate(selects):
                m.d.sync += columns[lane][row].eq(multiplex(select, value, holds))
        m.d.sync += [
            self.o.valid.eq(self.column_push.valid),
            self.o.row_start.eq(self.column_push.row_start & here.shown),
            self.o.row_end.eq(self.column_push.row_end & here.shown),
            self.o.frame_start.eq(self.column_push.row_start & here.first_shown),
        ]
        return m
