"""Beats of pixels to words of memory, and back."""

from collections.abc import Callable
from typing import Any

from amaranth import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from ...model.pipeline.whole import EDGE
from ...model.sample import Sample
from ..beat import PixelBeat
from ..stream.output_queue import OutputQueue
from .layout import WordLayout


__all__ = ["EdgeWord", "WordPacker", "WordUnpacker", "class_word"]


def class_word(layout: WordLayout) -> data.StructLayout:
    """A word of memory: which of its pixels can be edges, and which are."""
    return data.StructLayout({"weak": layout.pixels, "edge": layout.pixels})


class EdgeWord(data.StructLayout):
    """What leaves the memory: which pixels are edges, whether it is a frame's first word, and
    whether it is the last of one that misses edges."""

    def __init__(self, layout: WordLayout) -> None:
        super().__init__({"edge": layout.pixels, "first": 1, "incomplete": 1})


class WordPacker(wiring.Component):
    """Collects the beats of a row in words, 0 past the end of the row.

    Throughput is one beat a cycle, while there is room for the words.

    Parameters
    ----------
    layout : :class:`~.layout.WordLayout`
        The words.
    pixel : :class:`~windrow.model.sample.Sample`
        The sample that a class comes in.
    queue : callable
        Makes the :class:`~windrow.hdl.stream.output_queue.OutputQueue` for the words.

    Members
    -------
    i : stream of :class:`~windrow.hdl.beat.PixelBeat`
        Classes: 0 no edge, 1 weak, 2 strong, in whole frames.
    o : stream of :func:`class_word`
        The words.
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(
        self, layout: WordLayout, pixel: Sample, queue: Callable[..., OutputQueue]
    ) -> None:
        self._layout = layout
        self._word = class_word(layout)
        # A word is whole in the cycle after its last beat.
        self._queue = queue(self._word, 1)
        super().__init__({
            "i": In(stream.Signature(PixelBeat(pixel, layout.pixels_per_clock))),
            "o": Out(stream.Signature(self._word)),
        })

    @property
    def latency(self) -> int:
        """Cycles from the last beat of a word to the word."""
        return 1 + self._queue.latency

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        layout = self._layout
        lanes, beats = layout.pixels_per_clock, layout.beats
        m.submodules.queue = queue = self._queue
        wiring.connect(m, queue.o, wiring.flipped(self.o))

        word = Signal(self._word, reset_less=True)
        whole = Signal()
        slot = Signal(beats, init=1)
        beat = self.i.payload
        taken = self.i.valid & queue.room
        ends = beat.last | slot[-1]
        m.d.comb += [
            self.i.ready.eq(queue.room),
            queue.i.eq(word),
            queue.i_valid.eq(whole),
        ]
        m.d.sync += whole.eq(taken & ends)
        with m.If(taken):
            m.d.sync += slot.eq(Mux(ends, 1, slot << 1))
        inside = layout.width % lanes or lanes
        for lane in range(lanes):
            sample = Value.cast(beat.samples[lane])
            strong = sample[1] if len(sample) > 1 else Const(0)
            if lane >= inside:
                shown = ~beat.last
                weak, strong = (sample[0] | strong) & shown, strong & shown
            else:
                weak = sample[0] | strong
            for number in range(beats):
                at = number * lanes + lane
                with m.If(taken & (slot[number] | slot[0])):
                    m.d.sync += [
                        word.weak[at].eq(weak & slot[number]),
                        word.edge[at].eq(strong & slot[number]),
                    ]
        return m


class WordUnpacker(wiring.Component):
    """Gives the pixels of words as beats.

    Throughput is one beat a cycle, while there are words.

    Parameters
    ----------
    layout : :class:`~.layout.WordLayout`
        The words.

    Members
    -------
    i : stream of :class:`EdgeWord`
        The words of whole frames.
    o : stream of :class:`~windrow.hdl.beat.PixelBeat`
        Samples of :data:`~windrow.model.pipeline.whole.EDGE`.
    incomplete : :py:`Out(1)`
        In the first cycle in which ``o`` offers the last word of a frame that misses edges.
    """

    i: stream.Interface
    o: stream.Interface
    incomplete: Signal

    def __init__(self, layout: WordLayout) -> None:
        self._layout = layout
        super().__init__({
            "i": In(stream.Signature(EdgeWord(layout))),
            "o": Out(stream.Signature(PixelBeat(EDGE, layout.pixels_per_clock))),
            "incomplete": Out(1),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        layout = self._layout
        lanes = layout.pixels_per_clock
        word = Signal(layout.pixels, reset_less=True)
        first = Signal()
        # The beats that are left, in unary, and the words that are left in the row.
        left = Signal(layout.beats)
        column = Signal(range(layout.row_words))
        last_word = Signal(init=layout.row_words == 1)

        gives = self.o.ready | ~self.o.valid
        takes = gives & ~left[1] if layout.beats > 1 else gives
        m.d.comb += [
            self.i.ready.eq(takes),
            self.o.valid.eq(left[0]),
            self.o.payload.first.eq(first),
            self.o.payload.last.eq(last_word & ~left[1] if layout.beats > 1 else last_word),
        ]
        for lane in range(lanes):
            m.d.comb += self.o.payload.samples[lane].eq(word[lane].replicate(EDGE.bits))
        with m.If(gives):
            m.d.sync += [left.eq(left >> 1), word.eq(word >> lanes), first.eq(0)]
        m.d.sync += self.incomplete.eq(takes & self.i.valid & self.i.payload.incomplete)
        with m.If(takes & self.i.valid):
            ends = column == layout.row_words - 1
            m.d.sync += [
                word.eq(self.i.payload.edge),
                first.eq(self.i.payload.first),
                last_word.eq(ends),
                column.eq(Mux(ends, 0, column + 1)),
                left.eq(Mux(ends, (1 << layout.last_beats) - 1, (1 << layout.beats) - 1)),
            ]
        return m
