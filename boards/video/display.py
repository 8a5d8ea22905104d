"""From a stream of pixels to a screen that does not wait."""

from typing import Any

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from ...model import InputError
from .beam import Beam
from .beat_queue import BeatQueue
from .raster import Raster
from .source import RGB_BEAT
from .timing import Timing


__all__ = ["Display"]


class Display(wiring.Component):
    """Shows the frames of a stream, as they come.

    There is a small queue and no frame store. The stream is stopped where it is ahead of the
    screen, so that a source that can wait, and a filter behind it, run at the screen's rate: a line
    of beats in a line's time, none while the picture is blank and the queue full.

    A source that cannot wait must have frames as long as the screen's, or up to ``stretch`` lines
    longer. The screen's picture starts when its does: at first the screen's frames are longer by
    ``stretch`` lines, until a start falls into them; that takes as many frames as ``stretch`` goes
    into a frame's lines, or fewer, since the start of a frame waits as long as the queue has room
    for what comes behind it. Then all of the frame is thrown away, so that the source never has to
    wait (``live``). Where it loses beats all the same, it may say so (``lost``).

    While frames fit it is *locked*. It loses its lock where a beat is not there in time
    (``underrun``), or is another than the one that belongs there, a first beat or a line's last one
    where there should be none or none where there should be (``misplaced``). From there on the
    screen shows ``blank``, and beats are thrown away up to a frame's first one; that waits for the
    start of the screen's next frame. With ``lost`` the lock is lost as well, and the frame that
    waits is thrown away. Sync signals go on whatever happens.

    Latency is :attr:`latency` cycles from the raster to ``o``. A beat at ``i`` is there for the
    raster after the latency of a :class:`~.beat_queue.BeatQueue`.

    Parameters
    ----------
    timing : :class:`~.timing.Timing`
        Of the screen; frames must have its size.
    depth : :class:`int`
        Beats that the queue holds, without the one whose turn it is.
    fill : :class:`int`
        Beats that wait before a picture is started, 1 to ``depth``. More than 1 is for
        sources that cannot wait and whose lines are slower than the screen's.
    stretch : :class:`int`
        Lines that the screen's frame may wait for the stream's: see :class:`~.raster.Raster`. With
        0 a frame that comes too late for the screen waits for its next one.
    blank : :class:`int`
        What is shown without a picture, 0xRRGGBB.

    Raises
    ------
    :exc:`InputError`
        If ``fill`` is more than ``depth``, or there is no room at all.

    Members
    -------
    i : stream of :py:`PixelBeat(u8, 3)`
        Frames: red, green, blue.
    o : :py:`Out(Beam)`
        The screen.
    live : :py:`In(1)`
        The source cannot wait.
    lost : :py:`In(1)`
        The source lost beats of the frame that it sends; for one cycle.
    locked : :py:`Out(1)`
        The picture is that of the stream.
    underrun, misplaced : :py:`Out(1)`
        The lock is lost; for one cycle.
    frame : :py:`Out(1)`
        The screen's picture starts, with or without a lock; for one cycle.
    """

    latency = 1

    i: stream.Interface
    o: Any
    live: Signal
    lost: Signal
    locked: Signal
    underrun: Signal
    misplaced: Signal
    frame: Signal

    def __init__(
        self, timing: Timing, *, depth: int = 32, fill: int = 1, stretch: int = 0, blank: int = 0
    ) -> None:
        if depth < 4:
            raise InputError(f"depth must be at least 4 beats, not {depth}")
        if not 1 <= fill <= depth:
            raise InputError(f"fill must be 1 to depth, {depth}, not {fill}")
        self.depth = depth
        self._fill = fill
        self._blank = blank
        self._raster = Raster(timing, stretch=stretch)
        super().__init__({
            "i": In(stream.Signature(RGB_BEAT)),
            "o": Out(Beam()),
            "live": In(1),
            "lost": In(1),
            "locked": Out(1),
            "underrun": Out(1),
            "misplaced": Out(1),
            "frame": Out(1),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.raster = raster = self._raster
        m.submodules.queue = queue = BeatQueue(RGB_BEAT, self.depth)
        wiring.connect(m, wiring.flipped(self.i), queue.i)
        head, waits, used = queue.o.payload, queue.o.valid, queue.o.ready
        # A level of the cycle before only makes a start late.
        filled = Signal()
        m.d.sync += filled.eq(queue.level >= self._fill - 1)
        starts = waits & head.first & filled
        m.d.comb += raster.hold.eq(~starts)

        wanted = raster.active & (self.locked | (raster.first & starts))
        right = (head.first == raster.first) & (head.last == raster.last)
        shown = wanted & waits & right
        # Without a lock everything up to a first beat goes. That one stays for the screen's first
        # pixel, and is used up there even where it does not fit.
        full = Signal()
        m.d.sync += full.eq(queue.level >= self.depth - 2)
        gone = self.lost | (self.live & full & ~self.locked)
        m.d.comb += used.eq(
            shown | (wanted & raster.first) | Mux(head.first, gone, ~self.locked))
        m.d.sync += [
            self.underrun.eq(wanted & ~waits),
            self.misplaced.eq(wanted & waits & ~right),
            self.frame.eq(raster.first),
        ]
        with m.If(wanted):
            m.d.sync += self.locked.eq(shown)
        with m.If(self.lost):
            m.d.sync += self.locked.eq(0)

        red, green, blue = (head.samples[channel] for channel in range(3))
        colour = Mux(shown, Cat(blue, green, red), self._blank)
        m.d.sync += [
            Cat(self.o.blue, self.o.green, self.o.red).eq(Mux(raster.active, colour, 0)),
            self.o.hsync.eq(raster.hsync),
            self.o.vsync.eq(raster.vsync),
            self.o.active.eq(raster.active),
        ]
        return m
