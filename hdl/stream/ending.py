"""From the last beats of a pipeline to the payload of its output queue."""

from typing import Any

from amaranth import *

from ...model.format import Format as FrameFormat
from ..beat import part


__all__ = ["end_in"]


def end_in(m: Module, beat: Any, queue: Any, frame: FrameFormat) -> None:
    """Connect output beats to a queue of :class:`~windrow.hdl.beat.PixelBeat`.

    The samples of a pixel are the first value of all channels, then the next one's. Past the end of
    a line they are zero, as in the padding of a sample to whole bytes.
    """
    m.d.comb += [
        queue.i_valid.eq(beat.valid),
        queue.i.first.eq(beat.place.first),
        queue.i.last.eq(beat.place.last),
    ]
    for number, sample in enumerate(queue.i.samples):
        pixel, plane = divmod(number, frame.channels)
        value, channel = divmod(plane, beat.shape().channels)
        shown = part(beat, "columns", pixel, channel, value)
        m.d.comb += sample.eq(Mux(queue.i.last, 0, shown) if pixel >= frame.last_pixels else shown)
