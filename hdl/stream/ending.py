"""From the last beats of a pipeline to the payload of its output queue."""

from collections.abc import Sequence
from typing import Any

from amaranth import *

from ...model.format import Format as FrameFormat
from ..beat import as_bits, part


__all__ = ["end_in"]


def end_in(
    m: Module, beat: Any, queue: Any, frame: FrameFormat, bits: Sequence[int] = ()
) -> None:
    """Connect output beats to a queue of :class:`~windrow.hdl.beat.PixelBeat`.

    The samples of a pixel are the first value of all channels, then the next one's. Past the end of
    a line they are zero, as in the padding of a sample to whole bytes.

    Where the samples of a pixel differ, ``bits`` has the bits of each, and the frame's samples are
    bits.
    """
    m.d.comb += [
        queue.i_valid.eq(beat.valid),
        queue.i.first.eq(beat.place.first),
        queue.i.last.eq(beat.place.last),
    ]
    if bits:
        channels = beat.shape().channels
        m.d.comb += Value.cast(queue.i.samples).eq(Cat(
            as_bits(part(beat, "columns", pixel, number % channels, number // channels), count)
            for pixel in range(frame.pixels_per_clock) for number, count in enumerate(bits)))
        return
    for number, sample in enumerate(queue.i.samples):
        pixel, plane = divmod(number, frame.channels)
        value, channel = divmod(plane, beat.shape().channels)
        shown = part(beat, "columns", pixel, channel, value)
        m.d.comb += sample.eq(Mux(queue.i.last, 0, shown) if pixel >= frame.last_pixels else shown)
