"""Whole frames of a source that may break off, such as a camera with a loose cable."""

from typing import Any

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from .scan import Scan
from .source import RGB_BEAT


__all__ = ["WholeFrames"]


class WholeFrames(wiring.Component):
    """Makes every frame that has begun a whole one, with black for what is missing.

    A frame is filled up where a beat is not the one that belongs there (a line that is too short or
    too long, a frame that starts within another one), or none comes for a time. What comes
    meanwhile is thrown away, and then all up to the first beat of a frame.

    A filter would fill the frame up as well, but only when the next one starts, which it then keeps
    waiting; a camera does not wait, so that one is cut off in its turn, and so is every other.

    Combinational; throughput is a beat a cycle, of filling too.

    Parameters
    ----------
    width, height : :class:`int`
        Of a frame, in pixels; at least 2 each.
    patience : :class:`int`
        Clock cycles without a beat until a frame is filled up: more than a line's blanking.

    Members
    -------
    i : stream of :py:`PixelBeat(u8, 3)`
        Frames, and what is left of some.
    o : stream of :py:`PixelBeat(u8, 3)`
        Whole ones.
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(self, width: int, height: int, patience: int) -> None:
        self._scan = Scan(width, height)
        self._patience = patience
        pixels = stream.Signature(RGB_BEAT)
        super().__init__({"i": In(pixels), "o": Out(pixels)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        moves = self.o.valid & self.o.ready
        m.submodules.scan = scan = EnableInserter(moves)(self._scan)
        place = scan.o
        fills = Signal()
        idle = Signal(range(self._patience + 1))
        head = self.i.payload
        right = (head.first == place.first) & (head.last == place.last)
        passes = self.i.valid & ~fills & right
        # Before a frame everything goes but its first beat; in it a wrong beat waits a cycle, and
        # goes with what is thrown away while the frame is filled up.
        wrong = self.i.valid & ~fills & ~right & ~place.first
        late = ~place.first & ~self.i.valid & (idle == self._patience)
        m.d.comb += [
            self.o.valid.eq(passes | fills),
            Value.cast(self.o.payload.samples).eq(Mux(fills, 0, Value.cast(head.samples))),
            self.o.payload.first.eq(place.first),
            self.o.payload.last.eq(place.last),
            self.i.ready.eq(Mux(fills, 1, Mux(place.first, ~head.first | self.o.ready,
                                              right & self.o.ready))),
        ]
        m.d.sync += idle.eq(Mux(self.i.valid | place.first, 0, idle + ~late))
        with m.If(wrong | late):
            m.d.sync += fills.eq(1)
        with m.If(fills & moves & place.end):
            m.d.sync += fills.eq(0)
        return m
