"""The border above and below the frame, on the one column that leaves the memory."""

from typing import Any

from amaranth import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from .axis import Flag, Sample, Source
from .delay import ages, delayed
from .geometry import Geometry
from .layout import Push


__all__ = ["ColumnBeat", "RowBorder"]


class ColumnBeat(data.StructLayout):
    """One push of the window, as tall as the kernel.

    Members
    -------
    valid : 1 bit
        This clock cycle carries a push.
    columns : array of ``pixels_per_clock`` columns, each an array of Kh pixels
        The kernel's rows from top to bottom, border included.
    row_start, row_end : 1 bit
        First and last beat in the width of a row that makes an output row.
    frame_start : 1 bit
        That output row is the frame's first. Only with ``row_start``.
    """

    def __init__(self, pixel: Any, lanes: int, rows: int) -> None:
        super().__init__({
            "valid": 1,
            "columns": data.ArrayLayout(data.ArrayLayout(pixel, rows), lanes),
            "row_start": 1,
            "row_end": 1,
            "frame_start": 1,
        })


class RowBorder(wiring.Component):
    """Picks the kernel's rows out of the rows in memory, border rows included.

    Which row stands where depends on the row alone, so the multiplexers' selects are registers
    that change once a row. Rows of a next frame that come in while the last rows of a frame go out
    lie where the border is, and are masked like any row outside of the frame.

    Parameters
    ----------
    geometry : :class:`~.geometry.Geometry`
        The frame.
    push : :class:`~.layout.Push`
        Layout of the pushes.
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
    o : :py:`Out(ColumnBeat)`
        Pushes with the kernel's rows, :attr:`latency` cycles after ``push``.
    """

    push: Any
    column: Any
    column_push: Any
    o: Any

    def __init__(self, geometry: Geometry, push: Push, column_latency: int) -> None:
        self._geometry = geometry
        self._column_latency = column_latency
        beat = push["beat"].shape
        rows = geometry.rows
        super().__init__({
            "push": In(push),
            "column": In(data.ArrayLayout(beat, rows.depth + 1)),
            "column_push": In(push),
            "o": Out(ColumnBeat(beat.elem_shape, beat.length, rows.kernel)),
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
        state = Signal(data.StructLayout({
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

        pixel_bits = Shape.cast(self.o.columns.shape().elem_shape.elem_shape).width
        border = Const(self._geometry.border_pixel, pixel_bits)

        def value(source: Source, lane: int) -> Value:
            return self.column[source.age][lane] if isinstance(source, Sample) else border

        for lane in range(len(self.o.columns)):
            for row, select in enumerate(selects):
                # Cases that lead to the same source share a multiplexer input.
                sources: dict[Source, list[Flag]] = {}
                for case in select.cases:
                    sources.setdefault(case.source, []).append(case.flag)
                shown = value(select.default, lane)
                for source, whens in sources.items():
                    when = Cat(here[f"{flag.edge}_{flag.age}"] for flag in whens).any()
                    shown = Mux(when, value(source, lane), shown)
                m.d.sync += self.o.columns[lane][row].eq(shown)
        m.d.sync += [
            self.o.valid.eq(self.column_push.valid),
            self.o.row_start.eq(self.column_push.row_start & here.shown),
            self.o.row_end.eq(self.column_push.row_end & here.shown),
            self.o.frame_start.eq(self.column_push.row_start & here.first_shown),
        ]
        return m
