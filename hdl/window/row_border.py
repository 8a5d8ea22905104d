"""The border above and below the frame, on the one column that leaves the memory."""

import operator
from collections.abc import Callable
from functools import reduce
from typing import Any

from amaranth import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ...model.axis import Flag, Sample, Source
from ..beat import PUSH_PLACE, ROW_PLACE, Beat, part
from ..delay import ages, delayed, line
from ..framing.push import Push, beat_shape
from ..geometry import Geometry
from .border_choice import BorderChoice
from .multiplex import multiplex


__all__ = ["RowBorder"]


class RowBorder(wiring.Component):
    """Picks the kernel's rows out of the rows in memory, border rows included.

    Which row stands where depends on the row alone, so the multiplexers' selects are registers
    that change once a row. Rows of a next frame that come in while the last rows of a frame go out
    lie where the border is, and are masked like any row outside of the frame.

    A border that is chosen while the core runs changes with the row that makes a frame's first
    output row.

    Parameters
    ----------
    geometry : :class:`~.geometry.Geometry`
        The frame.
    column_latency : :class:`int`
        Cycles from a push to its column at ``column``. At least 1.
    settings : struct or ``None``
        Where the border is chosen while the core runs: :class:`~.settings.Settings`; where its
        value alone is, a struct of ``border_value``.

    Members
    -------
    push : :py:`In(Push)`
        Pushes, before the line buffer.
    column : :py:`In(ArrayLayout(beat, depth + 1))`
        Behind the line buffer: the beat pushed ``column_latency`` cycles ago and those above it;
        element ``d`` is ``d`` rows above.
    column_push : :py:`In(Push)`
        That push.
    settings : :py:`In(Settings)`
        Those of the newest frame. Only where there are settings.
    o : :py:`Out(Beat)`
        Pushes with the kernel's rows, from top to bottom, :attr:`latency` cycles after ``push``.
    """

    push: Any
    column: Any
    column_push: Any
    settings: Any
    o: Any

    def __init__(
        self, geometry: Geometry, column_latency: int,
        settings: data.StructLayout | None = None,
    ) -> None:
        self._geometry = geometry
        self._runtime = settings is not None
        self._chosen = settings is not None and "top" in settings.members
        self._column_latency = column_latency
        self._selects = geometry.rows.selects()
        super().__init__({
            "push": In(Push(geometry)),
            "column": In(data.ArrayLayout(beat_shape(geometry), geometry.rows.depth + 1)),
            "column_push": In(Push(geometry)),
            **({"settings": In(settings)} if settings is not None else {}),
            "o": Out(Beat(PUSH_PLACE if geometry.inner else ROW_PLACE,
                          [geometry.frame.interval] * geometry.rows.kernel,
                          geometry.frame.channels, geometry.columns.lanes)),
        })

    @property
    def _steps(self) -> int:
        """Pipeline steps: three where a row of the kernel has more than two border rows to choose
        from. Then there are so many blocks of memory that a register must meet them half-way."""
        most = max(len({case.source for case in select.cases}) for select in self._selects)
        return 1 if most <= 2 else 3

    @property
    def latency(self) -> int:
        """Cycles from ``push`` to ``o``."""
        return self._column_latency + self._steps

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        rows = self._geometry.rows
        flags = sorted({case.flag for select in self._selects for case in select.cases})
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
            **{_name(flag): 1 for flag in flags},
        }))
        choice = None
        if self._chosen:
            choice = BorderChoice(m, self.settings, "top", "bottom", starts,
                                  age["first"][rows.delay])
        with m.If(starts):
            m.d.sync += [
                state.shown.eq(age["first"][rows.delay] | (state.shown & ~state.ends)),
                state.first_shown.eq(age["first"][rows.delay]),
                state.ends.eq(age["last"][rows.drain]),
            ]
            for flag in flags:
                holds = age[flag.edge][flag.age]
                m.d.sync += state[_name(flag)].eq(
                    holds if choice is None else holds & choice.allows(flag))

        # ... as it is where a border row is chosen, and where the column goes to the output.
        later = self._steps // 2
        states = line(m, state, self._column_latency - 1 + later, name="state_of_column")
        here = states[-1]
        there = delayed(m, here, later, name="state_of_output")
        selects: dict[tuple[Flag, ...], Value] = {}

        def any_holds(flags: list[Flag]) -> Value:
            """Whether one does; out of a register where each border has a flag of its own."""
            if choice is None or later == 0:
                return _any(here, flags)
            key = tuple(flags)
            if key not in selects:
                selects[key] = delayed(m, _any(states[-2], flags), 1, name="select")
            return selects[key]

        border = self._border(m, starts & age["first"][rows.delay],
                              self._column_latency - 1 + later)
        columns = Signal(self.o.columns.shape(), reset_less=True)
        m.d.comb += self.o.columns.eq(columns)
        for lane in range(self._geometry.columns.lanes):
            for row, value in enumerate(self._rows(m, lane, any_holds, border)):
                m.d.sync += Cat(samples[row] for samples in columns[lane]).eq(value)

        push = delayed(m, Cat(self.column_push.row_start, self.column_push.row_end),
                       self._steps - 1, name="push", reset_less=True)
        valid = delayed(m, self.column_push.valid, self._steps - 1, name="valid")
        shown = 1 if self._geometry.inner else there.shown
        m.d.sync += [
            self.o.valid.eq(valid),
            self.o.place.row_start.eq(push[0] & shown),
            self.o.place.row_end.eq(push[1] & shown),
            self.o.place.frame_start.eq(push[0] & there.first_shown),
        ]
        if self._geometry.inner:
            m.d.sync += self.o.place.frame_end.eq(push[0] & there.ends)
        return m

    def _border(self, m: Module, turns: Value, cycles: int) -> Value:
        """The pixel of constant border, ``cycles`` after the state of the row.

        ``turns`` is true a cycle before the state becomes that of a frame's first output row.
        """
        if not self._runtime:
            return Const(self._geometry.border_pixel, self._geometry.frame.pixel_bits)
        border = Signal(self.settings.border_value.shape(), name="border_value", reset_less=True)
        with m.If(delayed(m, turns, cycles, name="turns")):
            m.d.sync += border.eq(self.settings.border_value)
        return border.as_unsigned().replicate(self._geometry.frame.channels)

    def _rows(
        self, m: Module, lane: int, holds: Callable[[list[Flag]], Value], border: Value
    ) -> list[Value]:
        """The kernel's rows in one lane, a register short of the output."""
        column = self.column
        if self._steps > 1:
            column = delayed(m, column, 1, name=f"column_{lane}", reset_less=True)

        def value(source: Source) -> Value:
            return part(column, source.age, lane) if isinstance(source, Sample) else border

        if self._steps == 1:
            return [
                multiplex(select, value, holds)
                for select in self._selects
            ]

        # First the border rows that there are to choose from are brought down to one for each tap
        # and edge. Taps that never want different ones share it: under a replicated border all.
        groups: list[dict[Flag, Source]] = []
        members: list[list[tuple[int, list[Flag]]]] = []
        for select in self._selects:
            members.append([])
            for edge in ("first", "last"):
                cases = {case.flag: case.source for case in select.cases if case.flag.edge == edge}
                if not cases:
                    continue
                at = next((
                    at for at, group in enumerate(groups)
                    if next(iter(group)).edge == edge
                    and all(group.get(flag, source) == source for flag, source in cases.items())
                ), len(groups))
                if at == len(groups):
                    groups.append({})
                groups[at].update(cases)
                members[-1].append((at, list(cases)))
        chosen = []
        for number, group in enumerate(groups):
            wanted: dict[Source, list[Flag]] = {}
            for flag, source in group.items():
                wanted.setdefault(source, []).append(flag)
            # At most one flag of an edge holds, so that no order needs to be kept among them.
            only = Signal(len(border), name=f"border_{lane}_{number}", reset_less=True)
            parts = [
                value(source) & holds(any_of).replicate(len(border))
                for source, any_of in wanted.items()
            ]
            m.d.sync += only.eq(
                value(next(iter(wanted))) if len(wanted) == 1 else reduce(operator.or_, parts))
            chosen.append(only)

        taken = []
        for row, (select, groups_of_tap) in enumerate(zip(self._selects, members, strict=True)):
            tap: Value = Signal(len(border), name=f"own_{lane}_{row}", reset_less=True)
            m.d.sync += tap.eq(value(select.default))
            for number, any_of in groups_of_tap:
                outside = Signal(name=f"outside_{row}", reset_less=True)
                m.d.sync += outside.eq(holds(any_of))
                tap = Mux(outside, chosen[number], tap)
            taken.append(tap)
        return taken


def _name(flag: Flag) -> str:
    return "_".join([flag.edge, str(flag.age), *flag.borders])


def _any(state: Any, flags: list[Flag]) -> Value:
    return Cat(state[_name(flag)] for flag in flags).any()
