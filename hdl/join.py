"""Branches that meet: the windows of several taps, side by side."""

from collections.abc import Sequence
from typing import Any

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ..model.interval import Interval
from .beat import Beat
from .delay import delayed


__all__ = ["Join", "Later"]


class Later(wiring.Component):
    """A beat some cycles later.

    Members
    -------
    i, o : :py:`In(Beat)`, :py:`Out(Beat)`
        The same, ``latency`` cycles apart.
    """

    i: Any
    o: Any

    def __init__(self, beat: Beat, latency: int) -> None:
        self.latency = latency
        super().__init__({"i": In(beat), "o": Out(beat)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        late = delayed(m, self.i, self.latency, name="beat", reset_less=True)
        m.d.comb += [
            self.o.eq(late),
            self.o.valid.eq(delayed(m, self.i.valid, self.latency, name="valid")),
        ]
        return m


class Join(wiring.Component):
    """Windows that come in the same cycle and lie on the same output pixels, as one beat of values.

    The place is that of the first. There are no registers.

    Parameters
    ----------
    windows : sequence of :class:`~.beat.Beat`
        Each of ``lanes + Kw - 1`` columns.
    lanes : :class:`int`
        Pixels a clock.
    planes : :class:`bool`
        Whether the planes are values of one channel; else each channel has the values of its plane,
        and all windows have as many channels.

    Attributes
    ----------
    order : list of (:class:`int`, :class:`int`, :class:`int`, :class:`int`)
        Window, column, plane and row of each value of a channel; the plane is 0 without ``planes``.

    Members
    -------
    i_0, i_1, ... : :py:`In(Beat)`
        The windows.
    o : :py:`Out(Beat)`
        A column for each lane.
    """

    o: Any

    latency = 0

    def __init__(self, windows: Sequence[Beat], lanes: int, planes: bool) -> None:
        self._windows = windows
        self._lanes = lanes
        self._planes = planes
        self.order: list[tuple[int, int, int, int]] = []
        values: list[Interval] = []
        for number, window in enumerate(windows):
            for column in range(window.count - lanes + 1):
                for plane in range(window.channels if planes else 1):
                    for row, interval in enumerate(window.values):
                        self.order.append((number, column, plane, row))
                        values.append(interval)
        channels = 1 if planes else windows[0].channels
        super().__init__({
            **{f"i_{number}": In(window) for number, window in enumerate(windows)},
            "o": Out(Beat(windows[0].flags, values, channels, lanes)),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        inputs = [getattr(self, f"i_{number}") for number in range(len(self._windows))]
        m.d.comb += [self.o.valid.eq(inputs[0].valid), self.o.place.eq(inputs[0].place)]
        for lane in range(self._lanes):
            for channel, values in enumerate(self.o.columns[lane]):
                for number, (window, column, plane, row) in enumerate(self.order):
                    m.d.comb += values[number].eq(
                        inputs[window].columns[lane + column][plane or channel][row])
        return m
