"""Push buttons that bounce."""

from typing import Any

from amaranth import *
from amaranth.lib import cdc, wiring
from amaranth.lib.wiring import In, Out


__all__ = ["Buttons"]


class Buttons(wiring.Component):
    """Tells when buttons are pressed.

    All are looked at every 10 ms, so that a contact that bounces for a shorter time is pressed
    once. A press is told 10 ms later at most.

    Parameters
    ----------
    count : :class:`int`
        How many there are.
    clock : :class:`float`
        Frequency of ``sync``, in hertz.

    Members
    -------
    i : :py:`In(count)`
        1 while a button is pressed; not in time with ``sync``.
    pressed : :py:`Out(count)`
        It was pressed; for one cycle.
    """

    i: Signal
    pressed: Signal

    def __init__(self, count: int, clock: float) -> None:
        self._period = max(int(clock / 100), 2)
        super().__init__({"i": In(count), "pressed": Out(count)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        now, seen = Signal.like(self.i), Signal.like(self.i)
        m.submodules.synchroniser = cdc.FFSynchronizer(self.i, now)
        # Up, and back to 0: a value to start from has ones and zeros, for which nextpnr-ice40 0.11
        # takes the carry chain to pieces, 47 ns on an UP5K.
        timer = Signal(range(self._period))
        ends = Signal()
        m.d.sync += [
            timer.eq(timer + 1), ends.eq(timer == self._period - 2), self.pressed.eq(0)]
        with m.If(ends):
            m.d.sync += [timer.eq(0), seen.eq(now), self.pressed.eq(now & ~seen)]
        return m
