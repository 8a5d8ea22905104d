"""One of several sources, changed between frames."""

from collections.abc import Sequence
from typing import Any

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from ...model import InputError
from .source import RGB_BEAT


__all__ = ["SourceSelect"]


class SourceSelect(wiring.Component):
    """Passes on the frames of one source.

    Another source is taken when the frame that goes through has ended, which shows when the first
    beat of the next one is there; it starts with a first beat of its own. A source that can wait
    does so while it is not selected, before the first beat of a frame. The beats of one that
    cannot, a camera, are thrown away.

    A camera whose cable is pulled does not end its frame. After a time without a beat from it
    another source may be taken, and the frame stays short: see ``docs/streams.md`` for what a core
    makes of that.

    Combinational. Throughput is a beat a cycle; a change takes one.

    Parameters
    ----------
    live : sequence of :class:`bool`
        For each source whether it cannot wait. The first source is passed on after a reset.
    patience : :class:`int`
        Clock cycles without a beat after which a source that cannot wait is left in a frame.

    Raises
    ------
    :exc:`InputError`
        If there is no source.

    Members
    -------
    i : array of streams of :py:`PixelBeat(u8, 3)`
        The sources.
    o : stream of :py:`PixelBeat(u8, 3)`
        The selected one.
    select : :py:`In(range(len(live)))`
        Which one; the last one if there are not so many.
    live : :py:`Out(1)`
        The one that is passed on cannot wait.
    """

    i: Any
    o: stream.Interface
    select: Signal
    live: Signal

    def __init__(self, live: Sequence[bool], *, patience: int = 1 << 18) -> None:
        if not live:
            raise InputError("a source select needs at least one source")
        self._live = tuple(live)
        self._patience = patience
        super().__init__({
            "i": In(stream.Signature(RGB_BEAT)).array(len(live)),
            "o": Out(stream.Signature(RGB_BEAT)),
            "select": In(range(len(live))),
            "live": Out(1),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        last = len(self._live) - 1
        current = Signal(range(len(self._live)))
        wanted = Mux(self.select > last, last, self.select)
        valid = Array(source.valid for source in self.i)[current]
        head = Array(Value.cast(source.payload) for source in self.i)[current]
        first = Array(source.payload.first for source in self.i)[current]
        live = Array(Const(int(each), 1) for each in self._live)[current]

        begun = Signal()  # the frame's first beat has gone through
        held = Signal()  # a beat is offered, and must stay so
        idle = Signal(range(self._patience + 1))
        silent = live & (idle == self._patience)
        changes = (current != wanted) & ~held & ((valid & first) | silent)
        passes = valid & ~changes & (~live | first | begun)
        m.d.comb += [
            self.o.valid.eq(passes),
            Value.cast(self.o.payload).eq(head),
            self.live.eq(live),
        ]
        m.d.sync += [
            held.eq(passes & ~self.o.ready),
            idle.eq(Mux(valid, 0, idle + ~silent)),
        ]
        with m.If(passes & self.o.ready):
            m.d.sync += begun.eq(1)
        with m.If(changes):
            m.d.sync += [current.eq(wanted), begun.eq(0), idle.eq(0)]
        for number, (source, is_live) in enumerate(zip(self.i, self._live, strict=True)):
            selected = current == number
            taken = selected & passes & self.o.ready
            dropped = Mux(selected, ~first & ~begun, 1) if is_live else 0
            m.d.comb += source.ready.eq(taken | dropped)
        return m
