"""What lies in a box of a frame, made small."""

from typing import Any

import numpy as np
import numpy.typing as npt
from amaranth import *
from amaranth.lib import memory, stream, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import bits_for

from ...hdl.beat import PixelBeat
from ...model import Sample
from .layout import Layout


__all__ = ["BoxSampler"]


class BoxSampler(wiring.Component):
    """Means of squares of a box, a frame at a time, for one that takes its time.

    Every beat is taken at once. A frame is captured if the one before has gone out; others pass.
    A sample is the mean of its square, rounded half up; of a signed one, less 128.

    Parameters
    ----------
    layout : :class:`~.layout.Layout`
        Where the box is.
    channels : :class:`int`
        Of a pixel.
    sample : :class:`~windrow.model.Sample`
        Of the output, 8 bits.
    lanes : :class:`int`
        Samples in a beat of it: a pixel takes as many beats as it needs.
    inverted : :class:`bool`
        Whether black becomes white: for a network that was taught with white on black, dark ink
        on paper.

    Members
    -------
    i : stream of :py:`PixelBeat(u8, channels)`
        Whole frames. Always ready.
    o : stream of :py:`PixelBeat(sample, lanes)`
        The box, of ``layout.columns`` by ``layout.rows`` pixels.
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(
        self, layout: Layout, channels: int, sample: Sample, lanes: int, *,
        inverted: bool = False,
    ) -> None:
        self._layout = layout
        self._channels = channels
        self._lanes = lanes
        # Of two's complement the top bit is the other way round.
        self._flips = (0xFF if inverted else 0) ^ (0x80 if sample.signed else 0)
        self._signed = sample.signed
        super().__init__({
            "i": In(stream.Signature(PixelBeat(Sample.parse("u8"), channels))),
            "o": Out(stream.Signature(PixelBeat(sample, lanes))),
        })

    def compute(self, frame: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
        """The model: (height, width, channels) of 0 to 255 to (channels, rows, columns)."""
        layout = self._layout
        left, top, width, height = layout.box
        size = 1 << layout.factor_bits
        box = frame[top : top + height, left : left + width].astype(np.int64)
        squares = box.reshape(layout.rows, size, layout.columns, size, self._channels)
        means = (squares.sum(axis=(1, 3)) + size * size // 2) // (size * size) ^ self._flips
        if self._signed:
            means = (means ^ 0x80) - 0x80
        return means.transpose(2, 0, 1)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        layout, channels = self._layout, self._channels
        left, top, width, height = layout.box
        bits = layout.factor_bits
        m.d.comb += self.i.ready.eq(1)

        # The place of each beat, from the box's corner: outside, it is far to the right or below.
        x, y = Signal(range(layout.width)), Signal(range(layout.height))
        beat = self.i.payload
        here_x, here_y = Signal.like(x), Signal.like(y)
        m.d.comb += [here_x.eq(Mux(beat.first, 0, x)), here_y.eq(Mux(beat.first, 0, y))]
        inside, starts = Signal(), Signal()
        across, down = Signal(bits_for(width - 1)), Signal(bits_for(height - 1))
        samples = Signal(8 * channels, reset_less=True)
        m.d.sync += [
            inside.eq(self.i.valid & (here_x >= left) & (here_x < left + width)
                      & (here_y >= top) & (here_y < top + height)),
            starts.eq(self.i.valid & beat.first),
            across.eq(here_x - left),
            down.eq(here_y - top),
            samples.eq(Value.cast(beat.samples)),
        ]
        with m.If(self.i.valid):
            m.d.sync += [x.eq(Mux(beat.last, 0, here_x + 1)), y.eq(here_y + beat.last)]

        # A row of each square, then the square, in a memory of a word a column.
        sum_bits = 8 + 2 * bits
        sums: memory.Memory = memory.Memory(
            shape=unsigned(sum_bits * channels), depth=max(layout.columns, 2), init=[])
        m.submodules.sums = sums
        above, writes = sums.read_port(), sums.write_port()
        column = across[bits:]
        m.d.comb += above.addr.eq(column)
        row_done, square_done, first_row = Signal(), Signal(), Signal()
        m.d.sync += [
            row_done.eq(inside & across[:bits].all()),
            square_done.eq(down[:bits].all()),
            first_row.eq(down[:bits] == 0),
            writes.addr.eq(column),
        ]
        totals = []
        for channel in range(channels):
            row = Signal(8 + bits, name=f"row_{channel}", reset_less=True)
            sample = samples[8 * channel : 8 * channel + 8]
            with m.If(inside):
                m.d.sync += row.eq(Mux(across[:bits] == 0, 0, row) + sample)
            so_far = above.data[sum_bits * channel : sum_bits * (channel + 1)]
            total = Signal(sum_bits, name=f"total_{channel}")
            m.d.comb += total.eq(Mux(first_row, 0, so_far) + row)
            totals.append(total)
        m.d.comb += [writes.en.eq(row_done), writes.data.eq(Cat(totals))]

        # The frame, in a memory: filled, then emptied.
        count = layout.columns * layout.rows
        frame: memory.Memory = memory.Memory(
            shape=unsigned(8 * channels), depth=max(count, 2), init=[])
        m.submodules.frame = frame
        stores, reads = frame.write_port(), frame.read_port()
        filling, full = Signal(), Signal()
        place = Signal(range(max(count, 2)))
        means = [((total + (1 << 2 * bits - 1)) >> 2 * bits)[:8] ^ self._flips for total in totals]
        m.d.comb += [
            stores.addr.eq(place),
            stores.data.eq(Cat(means)),
            stores.en.eq(filling & row_done & square_done),
        ]
        beats = -(-channels // self._lanes)
        pixel = Signal(range(max(count, 2)))
        beat_at = Signal(range(max(beats, 2)))
        column_at = Signal(range(max(layout.columns, 2)))
        reading = Signal()
        ends_pixel, ends_line = beat_at == beats - 1, column_at == layout.columns - 1
        parts = [Cat(reads.data.word_select(number, 8 * self._lanes)) for number in range(beats)]
        m.d.comb += [
            reads.addr.eq(pixel),
            reads.en.eq(reading),
            Value.cast(self.o.payload.samples).eq(Array(parts)[beat_at]),
            self.o.payload.first.eq((pixel == 0) & (beat_at == 0)),
            self.o.payload.last.eq(ends_line & ends_pixel),
        ]
        with m.If(starts & ~full):
            m.d.sync += [filling.eq(1), place.eq(0)]
        with m.Elif(stores.en):
            m.d.sync += place.eq(place + 1)
            with m.If(place == count - 1):
                m.d.sync += [filling.eq(0), full.eq(1), reading.eq(1)]
        with m.If(reading):
            m.d.sync += [reading.eq(0), self.o.valid.eq(1)]
        with m.If(self.o.valid & self.o.ready):
            m.d.sync += beat_at.eq(beat_at + 1)
            with m.If(ends_pixel):
                m.d.sync += [
                    self.o.valid.eq(0),
                    beat_at.eq(0),
                    column_at.eq(Mux(ends_line, 0, column_at + 1)),
                    pixel.eq(pixel + 1),
                    reading.eq(1),
                ]
                with m.If(pixel == count - 1):
                    m.d.sync += [pixel.eq(0), column_at.eq(0), reading.eq(0), full.eq(0)]
        return m
