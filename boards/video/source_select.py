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
    """Lets one of several sources through.

    A source that can wait is left where its next frame starts, and waits there until it is selected
    again. One that cannot, a camera, is left at once, since it may never send another beat; its
    frame ends there, and what follows (``docs/streams.md``) makes it whole. Its beats are dropped
    while it is not selected. What comes of a source starts with a frame's first beat.

    It adds a cycle, and two where the source changes; throughput is a beat a cycle.

    Parameters
    ----------
    impatient : sequence of :class:`bool`
        For each source whether it cannot wait.

    Raises
    ------
    :exc:`InputError`
        If there is no source.

    Members
    -------
    i : array of streams of :py:`PixelBeat(u8, 3)`
        The sources.
    o : stream of :py:`PixelBeat(u8, 3)`
        What is let through.
    select : :py:`In(range(len(impatient)))`
        Which source; the last one if there are not so many.
    """

    i: Sequence[stream.Interface]
    o: stream.Interface
    select: Signal

    def __init__(self, impatient: Sequence[bool]) -> None:
        if not impatient:
            raise InputError("a selection needs at least one source")
        self._impatient = list(impatient)
        pixels = stream.Signature(RGB_BEAT)
        super().__init__({
            "i": In(pixels).array(len(impatient)),
            "o": Out(pixels),
            "select": In(range(len(impatient))),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        last = len(self._impatient) - 1
        wanted = Signal.like(self.select)
        current = Signal.like(self.select)
        started = Signal()
        m.d.comb += wanted.eq(Mux(self.select > last, last, self.select))

        valid, impatient = Signal(), Signal()
        beat: Any = Signal(RGB_BEAT)
        m.d.comb += [
            valid.eq(Array(source.valid for source in self.i)[current]),
            impatient.eq(Array(Const(flag, 1) for flag in self._impatient)[current]),
            Value.cast(beat).eq(Array(Value.cast(source.payload) for source in self.i)[current]),
        ]
        leaves = (wanted != current) & (impatient | ~started | (valid & beat.first))
        dropped = ~started & ~beat.first
        free = self.o.ready | ~self.o.valid
        goes = valid & ~leaves & ~dropped & free
        for number, (source, flag) in enumerate(zip(self.i, self._impatient, strict=True)):
            m.d.comb += source.ready.eq(
                Mux(current == number, ~leaves & (dropped | free), int(flag)))

        with m.If(leaves):
            m.d.sync += [current.eq(wanted), started.eq(0)]
        with m.If(free):
            m.d.sync += self.o.valid.eq(goes)
        with m.If(goes):
            m.d.sync += [started.eq(1), self.o.payload.eq(beat)]
        return m
