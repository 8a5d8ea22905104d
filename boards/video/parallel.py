"""Parallel RGB, for DVI PMODs with a transmitter of their own."""

from typing import Any, ClassVar

from amaranth import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from .beam import Beam


__all__ = ["DoubleRateOutput", "ParallelOutput", "SingleRateOutput"]


class ParallelOutput(wiring.Component):
    """Pins of a parallel video output, as pairs for output cells that drive both clock edges.

    A pin is bit 0 of its pair while the clock is high, then bit 1 while it is low. Connect each to
    an :class:`amaranth.lib.io.DDRBuffer`; then all pins change together.

    Latency is one cycle to the buffers' inputs.

    Members
    -------
    i : :py:`In(Beam)`
        The picture.
    clock : :py:`Out(2)`
        Clock pin. It is a constant; see the siblings for the domain of its buffer.
    active, hsync, vsync : :py:`Out(2)`
        Control pins.
    data : :py:`Out(ArrayLayout(2, 12))`
        Data pins.
    """

    bits: ClassVar[int]
    """Of each colour that come over."""

    _clock: ClassVar[int]

    i: Any
    clock: Signal
    active: Signal
    hsync: Signal
    vsync: Signal
    data: Any

    def __init__(self) -> None:
        super().__init__({
            "i": In(Beam()),
            "clock": Out(2),
            "active": Out(2),
            "hsync": Out(2),
            "vsync": Out(2),
            "data": Out(data.ArrayLayout(2, 12)),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        first, second = self._halves()
        m.d.comb += self.clock.eq(self._clock)
        m.d.sync += [
            self.active.eq(self.i.active.replicate(2)),
            self.hsync.eq(self.i.hsync.replicate(2)),
            self.vsync.eq(self.i.vsync.replicate(2)),
            *(pin.eq(Cat(first[bit], second[bit])) for bit, pin in enumerate(self.data)),
        ]
        return m

    def _halves(self) -> tuple[Value, Value]:
        """What the twelve data pins are while the clock is high, and while it is low."""
        raise NotImplementedError


class SingleRateOutput(ParallelOutput):
    """Four bits a colour: pins 0 to 3 blue, 4 to 7 green, 8 to 11 red.

    Lower bits are dropped. The clock pin, in the same domain as the others, rises in the middle of
    a pixel. Fits 1BitSquared's "PMOD Digital Video Interface" of 12 bits a pixel.
    """

    bits = 4
    _clock = 0b10

    def _halves(self) -> tuple[Value, Value]:
        word = Cat(self.i.blue[4:], self.i.green[4:], self.i.red[4:])
        return word, word


class DoubleRateOutput(ParallelOutput):
    """Eight bits a colour, in two halves: green's lower bits above blue, then red above green's
    upper ones.

    The buffer of the clock pin belongs into a domain a quarter of a period late: it rises in the
    middle of the first half and falls in that of the second. Source: Texas Instruments SLDS145,
    "TFP410", 12-bit dual-edge input with EDGE high.
    """

    _clock = 0b01
    bits = 8

    def _halves(self) -> tuple[Value, Value]:
        return Cat(self.i.blue, self.i.green[:4]), Cat(self.i.green[4:], self.i.red)
