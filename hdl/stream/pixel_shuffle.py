"""From values of a pixel to a block of pixels: frames that come out larger than they went in."""

from typing import Any

from amaranth import *
from amaranth.lib import fifo, stream, wiring
from amaranth.lib.wiring import In, Out

from ...model.format import Format as FrameFormat
from ..beat import PixelBeat


__all__ = ["PixelShuffle"]


class PixelShuffle(wiring.Component):
    """Lays the values of each pixel out as a block of pixels, row by row.

    The first row of the blocks goes out as the beats come in, each beat as several; what is left of
    them waits in a memory of one line and goes out as the other rows, while the input waits. So the
    output never does: a frame takes as many cycles as it has output beats.

    Known as pixel shuffle (PyTorch) and depth to space (ONNX, mode CRD without its order of
    channels): the values are the block's, row by row, each with all channels.

    Parameters
    ----------
    source, target : :class:`~windrow.model.format.Format`
        What comes in and what goes out.

    Members
    -------
    i, o : streams of :class:`~.beat.PixelBeat`
        Frames in and out. Nothing is lost under any pattern of stalls; once valid, the output is
        held until it is taken.
    """

    i: stream.Interface
    o: stream.Interface

    latency = 1
    """Cycles from a beat to its first output beat."""

    def __init__(self, source: FrameFormat, target: FrameFormat) -> None:
        self._source = source
        self._target = target
        self._rows = target.height // source.height
        self._columns = target.width // source.width
        super().__init__({
            "i": In(stream.Signature(PixelBeat(source.sample, source.samples_per_beat))),
            "o": Out(stream.Signature(PixelBeat(target.sample, target.samples_per_beat))),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        source, target = self._source, self._target
        lanes, bits, channels = source.pixels_per_clock, source.sample.bits, target.channels
        pixel = channels * bits
        row_bits = lanes * self._columns * pixel  # of a beat, in one row of its blocks

        # The beat's rows one after the other, each with its pixels from left to right.
        samples = Value.cast(self.i.payload.samples)
        rows = [
            Cat(samples.word_select((lane * self._rows + row) * self._columns + column, pixel)
                for lane in range(lanes) for column in range(self._columns))
            for row in range(self._rows)
        ]
        rest = (self._rows - 1) * row_bits
        # What waits of a line: rows that are left, whether the beat is the line's last.
        m.submodules.line = line = fifo.SyncFIFOBuffered(
            width=rest + 1, depth=source.beats_per_line + 1)

        # The word whose beats go out, one after the other.
        word = Signal(rest + row_bits, reset_less=True)
        first = Signal()
        last = Signal()
        full = Signal()
        step = Signal(range(self._columns))
        ends_word = Signal()
        beats = [self._columns] * 2
        if source.last_pixels < lanes:
            beats[1] = -(-source.last_pixels * self._columns // lanes)
        moves = Signal()
        takes = Signal()
        m.d.comb += [
            ends_word.eq(step == Mux(last, beats[1] - 1, beats[0] - 1)),
            moves.eq(self.o.ready | ~full),
            takes.eq(moves & (~full | ends_word)),
        ]
        # It comes from the input, or from the line that waits, of which so many rows are left.
        line_left = Signal(range(self._rows))
        waits = line_left != 0
        offered = Mux(waits, line.r_rdy, self.i.valid)
        m.d.comb += [
            self.i.ready.eq(takes & ~waits),
            line.r_en.eq(takes & waits),
        ]
        fed_last = Mux(waits, line.r_data[0], self.i.payload.last)
        fed = Mux(waits, line.r_data[1:], Cat(rows))
        with m.If(takes):
            m.d.sync += [full.eq(offered), step.eq(0)]
            with m.If(offered):
                m.d.sync += [
                    word.eq(fed),
                    last.eq(fed_last),
                    first.eq(~waits & self.i.payload.first),
                ]
                with m.If(fed_last):
                    m.d.sync += line_left.eq(Mux(waits, line_left - 1, self._rows - 1))
        with m.Elif(moves):
            m.d.sync += [step.eq(step + 1), first.eq(0)]
        # What is left of a word waits from when it is taken.
        again = Mux(waits, line_left > 1, self._rows > 1)
        m.d.comb += [
            line.w_en.eq(takes & offered & again),
            line.w_data.eq(Cat(fed_last, fed[row_bits:])),
        ]

        shown = word.word_select(step, lanes * pixel)
        ends_line = last & ends_word
        m.d.comb += [
            self.o.valid.eq(full),
            self.o.payload.first.eq(first),
            self.o.payload.last.eq(ends_line),
        ]
        for number, sample in enumerate(self.o.payload.samples):
            value = Value.cast(shown)[number * bits : (number + 1) * bits]
            past = number // channels >= target.last_pixels
            m.d.comb += Value.cast(sample).eq(Mux(ends_line, 0, value) if past else value)
        return m
