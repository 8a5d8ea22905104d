"""Original and filtered picture side by side."""

from typing import Any

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from .beat_queue import BeatQueue
from .source import RGB_BEAT


__all__ = ["SplitScreen"]


class SplitScreen(wiring.Component):
    """Shows a stream as it is on the left, and what a filter made of it on the right.

    The filter goes between ``to_filter`` and ``from_filter``, and keeps the size of frames. The
    original waits for it in a queue. Frames and lines of the output are those of the filter, so
    that they are well-formed if the filter's are: where the two do not fit together, the filtered
    picture alone is shown until both start a frame.

    A filter may be a frame late: its first frame is then shown beside the second original, and so
    on (``behind``). An original that stands in a full queue while the filter gives nothing has no
    frame beside it, and is dropped.

    It adds a cycle; throughput is a beat a cycle.

    Parameters
    ----------
    width : :class:`int`
        Of a frame, in pixels.
    depth : :class:`int`
        Beats that the original can wait: more than the filter takes in before it gives the first
        one out, which for windrow's are its latency in cycles at most. With less, nothing moves.
        If it is a frame late: more than it takes in of the next frame before it gives that out.
    line : :class:`int`
        Colour of the line between the two, 0xRRGGBB.
    behind : :class:`bool`
        Whether the filter gives a frame out while it takes in the next one.

    Raises
    ------
    :exc:`InputError`
        If the queue is too small to hold anything.

    Members
    -------
    i : stream of :py:`PixelBeat(u8, 3)`
        The source.
    to_filter : stream of :py:`PixelBeat(u8, 3)`
        The same.
    from_filter : stream of :py:`PixelBeat(u8, 3)`
        What the filter makes of it.
    o : stream of :py:`PixelBeat(u8, 3)`
        Both.
    split : :py:`In(range(width + 1))`
        Column of the line; with 0 all is filtered, with ``width`` nothing is, and there is no line.
        Taken at a frame's start.
    """

    i: stream.Interface
    to_filter: stream.Interface
    from_filter: stream.Interface
    o: stream.Interface
    split: Signal

    def __init__(
        self, width: int, depth: int, *, line: int = 0xFFFFFF, behind: bool = False
    ) -> None:
        self._behind, self._depth = behind, depth
        self._width = width
        self._queue = BeatQueue(RGB_BEAT, depth)
        self._line = line
        pixels = stream.Signature(RGB_BEAT)
        super().__init__({
            "i": In(pixels),
            "to_filter": Out(pixels),
            "from_filter": In(pixels),
            "o": Out(pixels),
            "split": In(range(width + 1)),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.queue = queue = self._queue

        # Each side takes a beat when it can; the beat goes when both have.
        filter_has, queue_has = Signal(), Signal()
        filter_done = filter_has | self.to_filter.ready
        queue_done = queue_has | queue.i.ready
        m.d.comb += [
            self.to_filter.payload.eq(self.i.payload),
            self.to_filter.valid.eq(self.i.valid & ~filter_has),
            queue.i.payload.eq(self.i.payload),
            queue.i.valid.eq(self.i.valid & ~queue_has),
            self.i.ready.eq(filter_done & queue_done),
        ]
        with m.If(self.i.valid):
            m.d.sync += [
                filter_has.eq(filter_done & ~queue_done),
                queue_has.eq(queue_done & ~filter_done),
            ]

        filtered = self.from_filter.payload
        original = queue.o.payload
        both = self.from_filter.valid & queue.o.valid
        late = filtered.first & ~original.first  # the rest of a frame that the filter has finished
        early = original.first & ~filtered.first
        free = self.o.ready | ~self.o.valid
        goes = both & ~late & free
        # A frame of its own is dropped from its first beat on.
        lone, lonely = Signal(), Signal()
        if self._behind:
            # A beat a cycle goes where one a cycle comes: there is still room.
            full = Signal()
            m.d.sync += full.eq(queue.level >= self._depth - 2)
            m.d.comb += lone.eq(queue.o.valid & full & ~self.from_filter.valid
                                & (original.first | lonely))
            with m.If(lone | goes):
                m.d.sync += lonely.eq(lone)
        m.d.comb += [
            self.from_filter.ready.eq(goes),
            queue.o.ready.eq((both & Mux(late, 1, ~early & free)) | lone),
        ]

        column = Signal(range(self._width + 1))
        held = Signal.like(self.split)
        at = Mux(filtered.first, 0, column)
        split = Mux(filtered.first, self.split, held)
        red, green, blue = (self._line >> shift & 0xFF for shift in (16, 8, 0))
        samples = Value.cast(self.o.payload.samples)
        with m.If(free):
            m.d.sync += self.o.valid.eq(goes)
        with m.If(goes):
            m.d.sync += [
                self.o.payload.first.eq(filtered.first),
                self.o.payload.last.eq(filtered.last),
                samples.eq(Value.cast(filtered.samples)),
                held.eq(split),
                column.eq(Mux(filtered.last, 0, at + 1)),
            ]
            with m.If((at == split) & (split != 0)):
                m.d.sync += samples.eq(Cat(Const(part, 8) for part in (red, green, blue)))
            with m.Elif((at < split) & ~early):
                m.d.sync += samples.eq(Value.cast(original.samples))
        return m
