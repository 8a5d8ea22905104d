"""The window: all the samples that the kernel lies on, for every pixel of an output beat."""

from collections.abc import Callable, Sequence
from typing import Any

from amaranth import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ...model.axis import Flag, Sample, Source, Tap
from ...model.borders import BORDERS
from ...model.graph import Graph
from ..arithmetic.graph_pipeline import GraphPipeline
from ..beat import FRAME_PLACE, PUSH_PLACE, Beat, values_shape
from ..delay import ages
from ..devices import Device
from ..geometry import Geometry
from .border_choice import BorderChoice
from .edges import Edges
from .multiplex import multiplex


__all__ = ["Window"]


_SIDES = {"before": "left", "after": "right"}


class Window(wiring.Component):
    """Moves the window along the rows, and fills in the border to the left and right.

    The columns shift with every push. At a row's first output they are loaded, left border
    included, from the last few pushes; past a row's end the newest columns mirror those before
    them. The first columns of the next row come in meanwhile, so that rows follow each other
    without a gap. See :meth:`Axis.updates <windrow.model.axis.Axis.updates>`.

    A border that is chosen while the core runs changes with a frame's first load.

    Latency is :attr:`latency` cycle from a push to the window it makes; throughput is one window
    a cycle.

    Parameters
    ----------
    geometry : :class:`~.geometry.Geometry`
        The frame.
    columns : :class:`~.beat.Beat`
        What comes in.
    border : sequence of :class:`int`, or :class:`~windrow.model.graph.Graph`
        The features of a column of constant border; where it is chosen while the core runs, how
        they are made of the border's value.
    device : :class:`~.devices.Device`
        Whose adders make the features of a border.
    settings : struct or ``None``
        As of :class:`~.row_border.RowBorder`.
    switches : :class:`bool`
        Whether the windows say when a frame starts, although the border is fixed.

    Members
    -------
    i : :py:`In(Beat)`
        Pushes.
    settings : :py:`In(Settings)`
        Those of the newest frame. Only where there are settings.
    o : :py:`Out(Beat)`
        Windows of ``pixels_per_clock + Kw - 1`` columns, from left to right.
    """

    i: Any
    settings: Any
    o: Any

    def __init__(
        self, geometry: Geometry, columns: Beat, border: Sequence[int] | Graph, device: Device,
        settings: data.StructLayout | None = None, switches: bool = False,
    ) -> None:
        self._geometry = geometry
        self._device = device
        self._chosen = settings is not None and "left" in settings.members
        self._switches = switches or self._chosen
        self._columns = columns
        self._border = border
        super().__init__({
            "i": In(columns),
            **({"settings": In(settings)} if settings is not None else {}),
            "o": Out(Beat(PUSH_PLACE if geometry.inner else FRAME_PLACE, columns.values,
                          columns.channels, geometry.columns.taps, switches=self._switches)),
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
        edges = Edges(m, self.i.valid, self.i.place.row_start, self.i.place.row_end, axis, flags)
        frame_starts = ages(m, self.i.valid, self.i.place.frame_start, axis.delay)
        if self._geometry.inner:
            frame_ends = ages(m, self.i.valid, self.i.place.frame_end, axis.delay)
            m.d.sync += [
                self.o.valid.eq(self.i.valid),
                self.o.place.row_start.eq(edges.starts),
                self.o.place.row_end.eq(edges.ends),
                self.o.place.frame_start.eq(frame_starts[axis.delay]),
                self.o.place.frame_end.eq(frame_ends[axis.delay]),
            ]
        else:
            m.d.sync += [
                self.o.valid.eq(self.i.valid & edges.shown),
                self.o.place.first.eq(frame_starts[axis.delay]),
                self.o.place.last.eq(edges.ends),
            ]
        # The next push loads a frame's first window. Where there is no delay, this one does.
        turns = frame_starts[axis.delay - 1] if axis.delay > 0 else Const(0)

        beats = [self.i.columns]
        for number in range(1, axis.delay + 1):
            beat = Signal(self.i.columns.shape(), name=f"beat_{number}", reset_less=True)
            with m.If(self.i.valid):
                m.d.sync += beat.eq(beats[-1])
            beats.append(beat)
        column = data.ArrayLayout(values_shape(self._columns.values), self._columns.channels)
        taps = [
            Signal(column, name=f"older_{extra - number}", reset_less=True)
            for number in range(extra)
        ] + [
            Signal(column, name=f"column_{number}", reset_less=True)
            for number in range(axis.taps)
        ]
        m.d.comb += [
            shown.eq(tap) for shown, tap in zip(self.o.columns, taps[extra:], strict=True)
        ]

        border = self._border_column(m, turns if axis.delay > 0 else frame_starts[0])

        def value(source: Source) -> Value:
            if isinstance(source, Sample):
                return beats[source.age][source.lane].as_value()
            if isinstance(source, Tap):
                return Value.cast(taps[source.number + extra])
            return border("")

        holds = self._holds(m, edges, turns)
        if self._switches:
            m.d.comb += self.o.frame_switch.eq(self.i.valid & frame_starts[axis.delay])
        with m.If(self.i.valid):
            for tap, update in zip(taps, updates, strict=True):
                m.d.sync += Value.cast(tap).eq(multiplex(
                    update, value, holds, border if self._chosen else None))
        return m

    def _holds(
        self, m: Module, edges: Edges, turns: Value
    ) -> Callable[[list[Flag]], Value]:
        """Tells whether any of some flags is true; where the border is chosen, out of a register.
        """
        if not self._chosen:
            return lambda flags: Cat(map(edges.holds, flags)).any()
        choice = BorderChoice(
            m, self.settings, _SIDES["before"], _SIDES["after"], self.i.valid, turns)
        selects: dict[tuple[Flag, ...], Value] = {}  # many taps share one

        def holds(flags: list[Flag]) -> Value:
            key = tuple(flags)
            if key not in selects:
                selects[key] = edges.any_allowed(flags, choice.allows, "select")
            return selects[key]

        return holds

    def _border_column(self, m: Module, turns: Value) -> Callable[[str], Value]:
        """A column of constant border, all channels; for a side, 0 while that has another border.

        ``turns``, with a push: from the next one on it is the newest frame's, where there is no
        delay from this one on.
        """
        shape, channels = values_shape(self._columns.values), self._columns.channels
        if not isinstance(self._border, Graph):
            fixed = Value.cast(shape.const(self._border)).replicate(channels)
            return lambda side: fixed
        # The value is there as soon as the frame's first push, and its features are made in no
        # more time than those of the columns.
        m.submodules.border = made = GraphPipeline(self._border, self._device)
        m.d.comb += made.i[0].eq(self.settings.border_value)
        columns: dict[str, Value] = {}

        def border(side: str) -> Value:
            if side not in columns:
                # Equal samples make narrower features than any samples do.
                column: Any = Signal(shape, name=f"border{side and '_'}{side}", reset_less=True)
                now: Any = Signal.like(column, name="border_now")
                chosen = (self.settings[_SIDES[side]] == BORDERS.index("constant") if side
                          else Const(1))
                for number in range(len(self._columns.values)):
                    kept = chosen.replicate(len(made.o[number])).as_signed()
                    m.d.comb += now[number].eq(made.o[number] & kept)
                with m.If(self.i.valid & turns):
                    m.d.sync += column.eq(now)
                columns[side] = (Value.cast(column) if self._geometry.columns.delay > 0 else
                                 Mux(turns, Value.cast(now), Value.cast(column)))
            return columns[side].replicate(channels)

        return border
