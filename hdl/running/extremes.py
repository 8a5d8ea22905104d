"""The extremes of many neighbours, kept in time: see :mod:`windrow.model.doubling`."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from amaranth import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ...model.axis import Flag
from ...model.doubling import Step, doubling
from ..beat import FRAME_PLACE, PUSH_PLACE, ROW_PLACE, Beat, sample_shape
from ..delay import ages, delayed, line
from ..devices import Device
from ..framing.push import Push
from ..geometry import Geometry, Span
from ..stream.output_queue import OutputQueue
from ..window.edges import Edges


__all__ = ["ExtremeColumns", "ExtremeRows", "queue_behind"]

SHORT_PATH = 12
"""Cycles from a push to its sample with which a small queue in LUTs is enough at the output."""


class _Pace(NamedTuple):
    """How long the steps take, as far as the path stays short or the queue is in block RAM."""

    cycles: int
    """Cycles of a step: two, one to compare and one to choose, or one."""
    way: int
    """Cycles for the way from the first step's memory, since block RAMs lie far apart: one or none.
    For the memories of later steps it takes no time."""

    @classmethod
    def of(cls, geometry: Geometry, device: Device) -> "_Pace":
        if queue_behind(geometry, device) is device.stored_queue:
            return cls(2, 1)
        read = device.line_memory.read_latency
        steps = sum(len(doubling(axis.before, axis.after))
                    for axis in (geometry.rows, geometry.columns))
        return next((cls(cycles, way) for cycles, way in ((2, 1), (1, 1))
                     if read + way + cycles * steps <= SHORT_PATH), cls(1, 0))


def queue_behind(geometry: Geometry, device: Device) -> Callable[..., OutputQueue]:
    """What makes the queue: in block RAM where lines take many, so that steps may be slow."""
    return device.queue_beside_lines(
        (geometry.rows.kernel - 1) * geometry.frame.beat_bits, geometry.line_beats)


def _alone(step: Step, delay: int) -> tuple[Flag, Flag]:
    """From when until before when a value has no other, ``delay`` beats behind its line's edges."""
    if step.ahead:
        return Flag("last", delay + 1), Flag("last", delay + 1 + step.distance)
    return Flag("first", delay), Flag("first", delay + (1 if step.holds else step.distance))


def _held(step: Step, delay: int) -> tuple[Flag, Flag]:
    """From when until before when the line's first value stands for the other one."""
    return Flag("first", delay + 1), Flag("first", delay + step.distance)


def _older(step: Step, now: Any, older: Sequence[Any], alone: Value) -> list[Any]:
    """What becomes of the values that are kept, as many as the step is long; the last one only
    where it is not held."""
    kept = [now, *older[:-1]]
    if step.holds:
        kept[-1] = Mux(alone, Value.cast(now), Value.cast(kept[-1]))
    return kept


def _extreme(
    m: Module, device: Device, step: Step, now: Any, oldest: Any, alone: Value, greatest: bool,
    cycles: int,
) -> Any:
    """Of each value and its other one the greatest or the least, one or two cycles later."""
    own, other = (oldest, now) if step.ahead else (now, oldest)
    found: Any = Signal(now.shape(), name="extreme", reset_less=True)
    for number in range(now.shape().length):
        mine, their = own[number], other[number]
        m.submodules += (less := device.less(mine.shape()))
        m.d.comb += [less.a.eq(mine if greatest else their), less.b.eq(their if greatest else mine)]
        # The register is right behind the comparison, whose way is the longest.
        wins, lone, mine, their = (delayed(m, value, cycles - 1, name="compared", reset_less=True)
                                   for value in (less.o, alone, mine, their))
        m.d.sync += found[number].eq(Mux(wins & ~lone, their, mine))
    return found


class ExtremeColumns(wiring.Component):
    """The greatest or the least of the Kh samples of each column.

    The memory keeps as many lines as the kernel's own would: of each step those of its values that
    are still needed. Nothing but the memory is as wide as the kernel is high.

    Latency is :attr:`latency` cycles, throughput is one push a cycle.

    Parameters
    ----------
    geometry : :class:`~.geometry.Geometry`
        The frame.
    device : :class:`~.devices.Device`
        Whose memory to use.
    greatest : :class:`bool`
        Whether it is the greatest.

    Members
    -------
    i : :py:`In(Push)`
        Pushes.
    o : :py:`Out(Beat)`
        The same pushes with the extremes of their columns, one feature.
    """

    i: Any
    o: Any

    def __init__(self, geometry: Geometry, device: Device, greatest: bool) -> None:
        self._geometry = geometry
        self._device = device
        self._greatest = greatest
        self._pace = _Pace.of(geometry, device)
        self._steps = doubling(geometry.rows.before, geometry.rows.after)
        super().__init__({
            "i": In(Push(geometry)),
            "o": Out(Beat(PUSH_PLACE if geometry.inner else ROW_PLACE, [geometry.frame.interval],
                          geometry.frame.channels, geometry.columns.lanes)),
        })

    @property
    def latency(self) -> int:
        """Cycles from a push to its columns."""
        return self._first + self._pace.cycles * len(self._steps)

    @property
    def _first(self) -> int:
        """Cycles from a push to the first step."""
        return self._device.line_memory.read_latency + self._pace.way

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        geometry, rows = self._geometry, self._geometry.rows
        read = self._device.line_memory.read_latency
        values = data.ArrayLayout(sample_shape(geometry.frame.sample),
                                  geometry.frame.samples_per_beat)
        valid = line(m, self.i.valid, self.latency, name="valid")
        stored = line(m, self.i.valid & self.i.stored, self.latency, name="stored")
        address = line(m, self.i.address, self.latency, name="address", reset_less=True)

        # Where the row stands is known a cycle after the push that starts it.
        starts = Signal()
        m.d.comb += starts.eq(self.i.valid & self.i.row_start)
        spans: dict[str, tuple[Flag, Flag]] = {}
        delay = 0
        for number, step in enumerate(self._steps):
            spans[f"alone_{number}"] = _alone(step, delay)
            if step.holds:
                spans[f"held_{number}"] = _held(step, delay)
            delay += step.distance * step.ahead
        edges = Edges(m, starts, self.i.frame_start, self.i.frame_end, rows,
                      [flag for span in spans.values() for flag in span])
        place: Any = Signal(data.StructLayout(dict.fromkeys(
            ["shown", "first", "last", *spans], 1)))
        with m.If(starts):
            m.d.sync += [place.shown.eq(edges.shown), place.first.eq(edges.starts),
                         place.last.eq(edges.ends)]
            m.d.sync += [place[name].eq(edges.between(*span, name)) for name, span in spans.items()]

        def of_column(name: str, cycles: int) -> Value:
            """A flag of the row, for the column that was pushed so many cycles ago."""
            if name not in place.shape().members:
                return Const(0)
            return delayed(m, place[name], cycles - 1, name=name)

        now: Any = delayed(m, values(self.i.beat), self._first, name="sample", reset_less=True)
        for number, step in enumerate(self._steps):
            come = self._first + self._pace.cycles * number
            sooner = read + (1 if number else self._pace.way)
            m.submodules[f"memory_{number}"] = memory = self._device.line_memory(
                data.ArrayLayout(values, step.distance), geometry.line_beats)
            alone = of_column(f"alone_{number}", come)
            older = list(delayed(m, memory.read_data, sooner - read, name="older",
                                 reset_less=True))
            m.d.comb += [
                memory.read_enable.eq(stored[come - sooner]),
                memory.read_address.eq(address[come - sooner]),
                memory.write_enable.eq(stored[come]),
                memory.write_address.eq(address[come]),
            ]
            kept = _older(step, now, older, alone)
            kept[-1] = Mux(of_column(f"held_{number}", come), Value.cast(older[-1]),
                           Value.cast(kept[-1]))
            m.d.comb += [memory.write_data[at].eq(value) for at, value in enumerate(kept)]
            now = _extreme(m, self._device, step, now, older[-1], alone, self._greatest,
                           self._pace.cycles)

        start, end = (delayed(m, self.i[name], self.latency, name=name, reset_less=True)
                      for name in ("row_start", "row_end"))
        shown, first, last = (
            of_column(name, self.latency) for name in ("shown", "first", "last"))
        if geometry.inner:
            shown = Const(1)
            m.d.comb += self.o.place.frame_end.eq(start & last)
        m.d.comb += [
            Value.cast(self.o.columns).eq(now),
            self.o.valid.eq(valid[self.latency]),
            self.o.place.row_start.eq(start & shown),
            self.o.place.row_end.eq(end & shown),
            self.o.place.frame_start.eq(start & first),
        ]
        return m


class ExtremeRows(wiring.Component):
    """The greatest or the least of Kw columns.

    Latency is :attr:`latency` cycles, throughput is one beat a cycle.

    Parameters
    ----------
    geometry : :class:`~.geometry.Geometry`
        The frame; one pixel a clock, and at least two kernel columns.
    columns : :class:`~.beat.Beat`
        What comes in: one feature.
    device : :class:`~.devices.Device`
        Whose memory the columns come from.
    greatest : :class:`bool`
        Whether it is the greatest.

    Members
    -------
    i : :py:`In(Beat)`
        Columns.
    o : :py:`Out(Beat)`
        The extremes of their windows.
    """

    i: Any
    o: Any

    def __init__(
        self, geometry: Geometry, columns: Beat, device: Device, greatest: bool
    ) -> None:
        self._device = device
        self._inner = geometry.inner
        self._width = geometry.frame.width
        self._greatest = greatest
        self._sample = geometry.frame.sample
        self._pace = _Pace.of(geometry, device)
        self._steps = doubling(geometry.columns.before, geometry.columns.after)
        super().__init__({
            "i": In(columns),
            "o": Out(Beat(PUSH_PLACE if geometry.inner else FRAME_PLACE, columns.values,
                          columns.channels, 1)),
        })

    @property
    def latency(self) -> int:
        """Cycles from a push to its window."""
        return self._pace.cycles * len(self._steps)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        values = data.ArrayLayout(sample_shape(self._sample), self.i.shape().channels)
        now: Any = Signal(values)
        m.d.comb += Value.cast(now).eq(self.i.columns)
        valid, shown, place = self.i.valid, self.i.valid, self.i.place
        start, end = place.row_start, place.row_end
        frame: Value = Cat(place.frame_start, place.frame_end if self._inner else Const(0))
        for step in self._steps:
            # Each step stands at its own place in the row, late by those before it.
            delay = step.distance * step.ahead
            alone_span, held_span = _alone(step, 0), _held(step, 0)
            edges = Edges(m, valid, start, end, Span(self._width, self._width, delay),
                          [*alone_span, *(held_span if step.holds else ())])
            alone = edges.between(*alone_span, "alone")
            held = edges.between(*held_span, "held") if step.holds else Const(0)
            older: list[Any] = [Signal(values, name=f"older_{number}", reset_less=True)
                                for number in range(step.distance)]
            kept = _older(step, now, older, alone)
            with m.If(valid):
                m.d.sync += [Value.cast(each).eq(value)
                             for each, value in zip(older[:-1], kept[:-1], strict=True)]
            with m.If(valid & ~held):
                m.d.sync += Value.cast(older[-1]).eq(kept[-1])
            now = _extreme(m, self._device, step, now, older[-1], alone, self._greatest,
                           self._pace.cycles)
            frame = Cat(ages(m, valid, flag, delay)[delay] for flag in frame)
            start, end, frame, shown, valid = (
                delayed(m, flag, self._pace.cycles, name=name) for name, flag in (
                    ("start", edges.starts), ("end", edges.ends), ("frame", frame),
                    ("shown", valid & edges.shown), ("valid", valid)))
        flags = {"row_start": start, "row_end": end, "frame_start": frame[0],
                 "frame_end": frame[1]} if self._inner else {"first": frame[0], "last": end}
        m.d.comb += [
            Value.cast(self.o.columns).eq(now),
            self.o.valid.eq(valid if self._inner else shown),
            *(self.o.place[name].eq(flag) for name, flag in flags.items()),
        ]
        return m
