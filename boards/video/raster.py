"""The beam: where on the screen the pixel clock is."""

from typing import Any

from amaranth import *
from amaranth.hdl import ValueLike
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ...model import InputError
from .timing import Span, Timing


__all__ = ["Raster"]


class _Axis:
    """One direction of the raster: a counter from the start of the sync pulse, and its flags.

    Every flag is a register that is set or cleared by a comparison with the count before, so that
    none is ever behind a comparator.
    """

    def __init__(self, m: Module, name: str, span: Span, step: ValueLike, hold: ValueLike) -> None:
        count = Signal(range(span.total), name=f"{name}_count")
        # Flags of the step that `count` is in.
        self.sync = Signal(init=1, name=f"{name}_sync")
        self.active = Signal(name=f"{name}_active")
        self.first = Signal(name=f"{name}_first")
        self.last = Signal(name=f"{name}_last")
        self.waits = Signal(name=f"{name}_waits")
        self.end = Signal(name=f"{name}_end")
        with m.If(step & ~(self.waits & hold)):
            m.d.sync += [
                count.eq(count + 1),
                self.first.eq(self.waits),
                self.waits.eq(count == span.start - 2),
                self.last.eq(count == span.start + span.active - 2),
                self.end.eq(count == span.total - 2),
            ]
            with m.If(self.waits):
                m.d.sync += self.active.eq(1)
            with m.If(self.last):
                m.d.sync += self.active.eq(0)
            with m.If(count == span.sync - 1):
                m.d.sync += self.sync.eq(0)
            with m.If(self.end):
                m.d.sync += [count.eq(0), self.sync.eq(1)]


class Raster(wiring.Component):
    """Counts through a timing: a pixel each clock cycle, for ever.

    A line starts with its sync pulse, and so does a frame: then comes the back porch, the active
    part, and the front porch. Vertical sync changes together with the start of a horizontal one, as
    CEA-861 has it for progressive video. After reset a frame's first sync pulse begins.

    A frame can be made to wait for what it will show: while ``hold`` is set at the end of its last
    blank line, another blank line follows, at most ``stretch`` of them. Lines and sync pulses keep
    their lengths; a monitor sees a longer vertical back porch.

    Parameters
    ----------
    timing : :class:`~.timing.Timing`
        What to count through.
    stretch : :class:`int`
        Most lines that a frame waits; 0 for none.

    Members
    -------
    hold : :py:`In(1)`
        Do not start the picture yet. Looked at in the last pixel of the line before the first.
    hsync, vsync : :py:`Out(1)`
        The sync signals in the polarity of the timing.
    active : :py:`Out(1)`
        This pixel is shown (DE).
    first : :py:`Out(1)`
        It is the frame's first one. Only with ``active``.
    last : :py:`Out(1)`
        It is its line's last one. Only with ``active``.
    """

    hold: Signal
    hsync: Signal
    vsync: Signal
    active: Signal
    first: Signal
    last: Signal

    def __init__(self, timing: Timing, *, stretch: int = 0) -> None:
        if stretch < 0:
            raise InputError(f"stretch must be a number of lines, not {stretch}")
        self.timing = timing
        self.stretch = stretch
        super().__init__({
            "hold": In(1),
            "hsync": Out(1),
            "vsync": Out(1),
            "active": Out(1),
            "first": Out(1),
            "last": Out(1),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        may_hold: ValueLike = Const(0)
        waited = Signal(range(self.stretch + 1))
        if self.stretch:
            may_hold = self.hold & (waited != self.stretch)
        across = _Axis(m, "horizontal", self.timing.horizontal, Const(1), Const(0))
        down = _Axis(m, "vertical", self.timing.vertical, across.end, may_hold)
        with m.If(across.end & down.waits):
            m.d.sync += waited.eq(Mux(may_hold, waited + 1, 0))
        m.d.comb += [
            self.hsync.eq(across.sync == int(self.timing.horizontal.positive)),
            self.vsync.eq(down.sync == int(self.timing.vertical.positive)),
            self.active.eq(across.active & down.active),
            self.first.eq(across.first & down.first),
            self.last.eq(across.last & down.active),
        ]
        return m
