"""Whole frames, whatever the beats of a stream: the rules of :mod:`windrow.model.framing`."""

from typing import Any

from amaranth import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from ...model.format import Format as FrameFormat
from ..beat import PixelBeat, sample_shape
from .repack import beat_counts, filled
from .rom import loop


__all__ = ["PlaceFlags", "WholeFrames"]


class WholeFrames(wiring.Component):
    """Cuts a stream into frames: what is missing is zero, what is too much is dropped.

    A frame waits for its own beats and for nothing else. Combinational; throughput is a beat a
    cycle. A frame that is cut off by the next one costs a cycle.

    Parameters
    ----------
    frame : :class:`~windrow.model.format.Format`
        A frame.

    Members
    -------
    i : stream of :class:`~.beat.PixelBeat`
        Input. ``ready`` does not depend on ``valid``; it depends on ``first``. In the cycle behind
        a reset it is 0.
    reset_follows : :py:`In(1)`
        The next cycle ends in a reset; no beat is taken in it.
    o : stream of arrays of samples
        All beats of all frames that have begun.
    """

    i: stream.Interface
    o: stream.Interface
    reset_follows: Signal

    def __init__(self, frame: FrameFormat) -> None:
        self._frame = frame
        beat = PixelBeat(frame.sample, frame.samples_per_beat)
        super().__init__({
            "i": In(stream.Signature(beat)),
            "reset_follows": In(1),
            "o": Out(stream.Signature(data.ArrayLayout(
                sample_shape(frame.sample), frame.samples_per_beat))),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        moves = self.o.valid & self.o.ready
        _, line_end = loop(m, self._frame.beats_per_line, moves, "column")
        _, last_row = loop(m, self._frame.height, moves & line_end, "row")
        between = Signal(init=1)
        fills_line = Signal()
        fills_frame = Signal()
        drops = Signal()
        fills = fills_line | fills_frame
        awake = Signal()
        opens = awake & ~fills
        first, last = self.i.payload.first, self.i.payload.last
        # A frame's next beat, and one that belongs to none.
        takes = opens & Mux(first, between, ~between & ~drops)
        m.d.comb += [
            self.o.valid.eq(fills | (self.i.valid & takes)),
            Value.cast(self.o.payload).eq(
                Mux(fills, 0, Value.cast(self.i.payload.samples))),
            self.i.ready.eq(opens & Mux(takes, self.o.ready, ~first)),
        ]
        m.d.sync += awake.eq(~self.reset_follows)
        with m.If(self.i.valid & opens):
            with m.If(first & ~between):
                m.d.sync += [fills_frame.eq(1), drops.eq(0)]
            with m.Elif(~takes & last):
                m.d.sync += drops.eq(0)
        with m.If(moves):
            m.d.sync += between.eq(line_end & last_row)
            with m.If(fills):
                m.d.sync += [
                    fills_line.eq(fills_line & ~line_end),
                    fills_frame.eq(fills_frame & ~(line_end & last_row)),
                ]
            with m.Else():
                m.d.sync += [fills_line.eq(last & ~line_end), drops.eq(~last & line_end)]
        return m


class PlaceFlags(wiring.Component):
    """Says of beats which is the first of a frame and which the last of a line. Combinational.

    Parameters
    ----------
    frame : :class:`~windrow.model.format.Format`
        A frame, a pixel a clock at most.

    Members
    -------
    i : stream of arrays of samples
        All beats of all frames. Lanes that a pixel's last beat does not fill are zero at ``o``.
    o : stream of :class:`~.beat.PixelBeat`
        The same with their place.
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(self, frame: FrameFormat) -> None:
        self._frame = frame
        beat = PixelBeat(frame.sample, frame.samples_per_beat)
        super().__init__({
            "i": In(stream.Signature(data.ArrayLayout(
                sample_shape(frame.sample), frame.samples_per_beat))),
            "o": Out(stream.Signature(beat)),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        moves = self.o.valid & self.o.ready
        _, line_end = loop(m, self._frame.beats_per_line, moves, "column")
        _, last_row = loop(m, self._frame.height, moves & line_end, "row")
        first = Signal(init=1)
        with m.If(moves):
            m.d.sync += first.eq(line_end & last_row)
        m.d.comb += [
            Value.cast(self.o.payload.samples).eq(filled(m, self.i, beat_counts(
                self._frame.channels, self._frame.samples_per_beat))),
            self.o.payload.first.eq(first),
            self.o.payload.last.eq(line_end),
            self.o.valid.eq(self.i.valid),
            self.i.ready.eq(self.o.ready),
        ]
        return m
