"""The streaming convolution core: pixels in, filtered pixels out."""

from typing import Any

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from ..model import Filter
from .delay import delayed
from .geometry import Geometry
from .layout import PixelBeat
from .line_buffer import LineBuffer
from .line_memory import LineMemory
from .multiply_accumulate import MultiplyAccumulate
from .output_queue import OutputQueue
from .requantise import Requantise
from .row_border import RowBorder
from .sequencer import Sequencer
from .window import Window


__all__ = ["Core"]


class Core(wiring.Component):
    """Filters a video stream.

    ``i`` to sequencer to line buffer to row border to window to multiply-accumulate to requantise
    to output queue to ``o``. The pipeline between the sequencer and the queue never stops; the
    sequencer moves it on only while the queue has room for all that is in flight.

    The output is bit-exact to :meth:`Filter.compute <windrow.model.Filter.compute>`. Throughput is
    one beat a cycle, frames back to back, as long as the output is taken: see
    :attr:`cycles_per_frame`. A frame's last output comes without further input; once a next frame
    has begun, it is that frame's beats that push it out.

    Parameters
    ----------
    filter : :class:`~windrow.model.Filter`
        The filter.

    Members
    -------
    i : stream of :class:`~.layout.PixelBeat`
        Input frames. Between frames, beats that are not ``first`` are dropped.
    o : stream of :class:`~.layout.PixelBeat`
        Output frames.
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(self, filter: Filter) -> None:
        self._filter = filter
        self._geometry = geometry = Geometry(
            filter, max(LineMemory.turnaround, Sequencer.shortest_row))
        samples = filter.pixels_per_clock * filter.channels

        self._sequencer = Sequencer(geometry)
        self._line_buffer = LineBuffer(geometry)
        self._row_border = RowBorder(geometry, self._line_buffer.latency)
        self._window = Window(geometry)
        taps = filter.taps.tolist()
        self._sums = [MultiplyAccumulate(taps, filter.pixel) for _ in range(samples)]
        self._outputs = [Requantise(filter, each.interval) for each in self._sums]
        output = PixelBeat(filter.output, samples)
        self._queue = OutputQueue(output, self._pipeline_latency)
        super().__init__({
            "i": In(stream.Signature(PixelBeat(filter.pixel, samples))),
            "o": Out(stream.Signature(output)),
        })

    @property
    def filter(self) -> Filter:
        """The filter."""
        return self._filter

    @property
    def _arithmetic_latency(self) -> int:
        return self._sums[0].latency + self._outputs[0].latency

    @property
    def _pipeline_latency(self) -> int:
        """Cycles from an input beat to the output queue."""
        return (self._sequencer.latency + self._row_border.latency + self._window.latency
                + self._arithmetic_latency)

    @property
    def latency(self) -> int:
        """Clock cycles from the edge that takes a frame's first input beat to the one that gives
        its first output beat, input always valid and output always ready."""
        return (self._geometry.first_output_push + self._pipeline_latency
                + self._queue.latency)

    @property
    def cycles_per_frame(self) -> int:
        """Clock cycles a frame, back to back, input always valid and output always ready."""
        return self._geometry.cycles_per_frame

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        filter = self._filter
        m.submodules.sequencer = sequencer = self._sequencer
        m.submodules.line_buffer = line_buffer = self._line_buffer
        m.submodules.row_border = row_border = self._row_border
        m.submodules.window = window = self._window
        m.submodules.queue = queue = self._queue

        wiring.connect(m, wiring.flipped(self.i), sequencer.i)
        m.d.comb += [
            sequencer.room.eq(queue.room),
            line_buffer.i.eq(sequencer.o),
            row_border.push.eq(sequencer.o),
            row_border.column.eq(line_buffer.o),
            row_border.column_push.eq(line_buffer.o_push),
            window.i.eq(row_border.o),
        ]

        # A window's place in the frame, beside its arithmetic.
        place = delayed(m, Cat(window.o.valid, window.o.first, window.o.last),
                        self._arithmetic_latency, name="place")
        bits = filter.pixel.bits
        last_pixels = filter.output_width % filter.pixels_per_clock or filter.pixels_per_clock
        for number, (total, output) in enumerate(zip(self._sums, self._outputs, strict=True)):
            pixel, channel = divmod(number, filter.channels)
            m.submodules[f"sum_{number}"] = total
            m.submodules[f"output_{number}"] = output
            for i in range(filter.kernel_height):
                for j in range(filter.kernel_width):
                    samples = window.o.columns[pixel + j][i]
                    m.d.comb += Value.cast(total.taps[i][j]).eq(samples.word_select(channel, bits))
            m.d.comb += [
                output.sum.eq(total.sum),
                # Zero past the end of a line, as in the padding of a sample to whole bytes.
                queue.i.samples[number].eq(
                    Mux(place[2], 0, output.sample) if pixel >= last_pixels else output.sample),
            ]

        m.d.comb += [
            queue.i_valid.eq(place[0]),
            queue.i.first.eq(place[1]),
            queue.i.last.eq(place[2]),
        ]

        wiring.connect(m, queue.o, wiring.flipped(self.o))
        return m
