"""Branches that meet: what an expression reads of the windows on several taps, side by side."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from ...model.interval import Interval
from ..beat import PUSH_PLACE, Beat
from ..delay import delayed


__all__ = ["Join", "Later", "Pick"]


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


class Pick(NamedTuple):
    """A sample of one of some windows: its row and column there.

    ``plane`` is which of the window's; ``None`` is that of the channel, or the only one. A
    ``window`` that is ``x`` or ``y`` is the pixel's place in its frame.
    """

    window: int | str
    row: int = 0
    column: int = 0
    plane: int | None = None


class Join(wiring.Component):
    """Samples of windows that come in the same cycle and lie on the same pixels, as one beat.

    The place and the frame's switch are those of the first window. Nothing is late: there are
    registers for the pixel's place alone.

    Parameters
    ----------
    windows : sequence of :class:`~.beat.Beat`
        Each of ``lanes + Kw - 1`` columns.
    picks : sequence of :class:`Pick`
        The values of each channel, in order.
    channels, lanes : :class:`int`
        Planes that are worked on, and pixels a clock.
    width, height : :class:`int`
        The frame, in pixels.

    Members
    -------
    i_0, i_1, ... : :py:`In(Beat)`
        The windows.
    o : :py:`Out(Beat)`
        A column for each lane.
    """

    o: Any

    latency = 0

    def __init__(
        self, windows: Sequence[Beat], picks: Sequence[Pick], channels: int, lanes: int,
        width: int, height: int,
    ) -> None:
        self._windows = windows
        self._picks = picks
        self._lanes = lanes
        self._ends = {"x": Interval(0, width - 1), "y": Interval(0, height - 1)}
        values = [self._ends[pick.window] if isinstance(pick.window, str)
                  else windows[pick.window].values[pick.row] for pick in picks]
        super().__init__({
            **{f"i_{number}": In(window) for number, window in enumerate(windows)},
            "o": Out(Beat(windows[0].flags, values, channels, lanes, windows[0].switches)),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        inputs = [getattr(self, f"i_{number}") for number in range(len(self._windows))]
        m.d.comb += [self.o.valid.eq(inputs[0].valid), self.o.place.eq(inputs[0].place)]
        if self._windows[0].switches:
            m.d.comb += self.o.frame_switch.eq(inputs[0].frame_switch)
        place = self._place(m, inputs[0]) if any(
            isinstance(pick.window, str) for pick in self._picks) else {}
        for lane in range(self._lanes):
            for channel, values in enumerate(self.o.columns[lane]):
                for number, pick in enumerate(self._picks):
                    if isinstance(pick.window, str):
                        value = place[pick.window][lane]
                    else:
                        planes = inputs[pick.window].columns[lane + pick.column]
                        plane = pick.plane if pick.plane is not None else min(
                            channel, len(planes) - 1)
                        value = planes[plane][pick.row]
                    m.d.comb += values[number].eq(value)
        return m

    def _place(self, m: Module, beat: Any) -> dict[str, list[Value]]:
        """Column and row of each lane's pixel, while a beat is there."""
        beats = -(-(self._ends["x"].high + 1) // self._lanes)
        x = Signal(range(beats), reset_less=True)
        y = Signal(range(self._ends["y"].high + 1), reset_less=True)
        x_now = Signal.like(x, name="x_now")
        y_now = Signal.like(y, name="y_now")
        place = beat.place
        if self._windows[0].flags == PUSH_PLACE:
            m.d.comb += [
                x_now.eq(Mux(place.row_start, 0, x)),
                y_now.eq(Mux(place.row_start, Mux(place.frame_start, 0, y + 1), y)),
            ]
            x_next, y_next = x_now + 1, y_now
        else:
            m.d.comb += [x_now.eq(Mux(place.first, 0, x)), y_now.eq(Mux(place.first, 0, y))]
            x_next, y_next = Mux(place.last, 0, x_now + 1), y_now + place.last
        with m.If(beat.valid):
            m.d.sync += [x.eq(x_next), y.eq(y_next)]
        bits = ceil_log2(self._lanes)
        return {"x": [Cat(Const(lane, bits), x_now) if bits else x_now
                      for lane in range(self._lanes)],
                "y": [y_now] * self._lanes}
