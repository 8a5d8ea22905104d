"""What every source of frames has: a scan, a pipeline behind it, and a stream."""

from typing import Any

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import Out

from ...hdl.beat import PixelBeat
from ...hdl.delay import delayed
from ...model import Sample
from .scan import Scan


__all__ = ["RGB_BEAT", "FrameSource"]

RGB_BEAT = PixelBeat(Sample.parse("u8"), 3)
"""A pixel of red, green and blue."""


class FrameSource(wiring.Component):
    """Makes frames for ever, as fast as they are taken: at most a pixel each clock cycle.

    What a sibling adds are :meth:`_colour` and a model of it in numpy.

    Parameters
    ----------
    width, height : :class:`int`
        Of a frame, in pixels; at least 2 each.

    Members
    -------
    o : stream of :py:`PixelBeat(u8, 3)`
        Frames.
    """

    latency = 2
    """Steps from a place to its colour."""

    o: stream.Interface

    def __init__(self, width: int, height: int, **members: Any) -> None:
        self.width = width
        self.height = height
        self._scan = Scan(width, height)
        super().__init__({"o": Out(stream.Signature(RGB_BEAT)), **members})

    def _colour(self, m: Module, place: Any) -> Value:
        """Red, green and blue of a place, :attr:`latency` cycles later, red in the lowest bits.

        All that is in ``m`` is stopped while the stream is.
        """
        raise NotImplementedError

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        pipeline = Module()
        pipeline.submodules.scan = scan = self._scan
        flags = Cat(Const(1), scan.o.first, scan.o.last)
        valid, first, last = delayed(pipeline, flags, self.latency, name="flags")
        m.d.comb += [
            self.o.valid.eq(valid),
            self.o.payload.first.eq(first),
            self.o.payload.last.eq(last),
            Value.cast(self.o.payload.samples).eq(self._colour(pipeline, scan.o)),
        ]
        m.submodules.pipeline = EnableInserter(self.o.ready | ~valid)(pipeline)
        return m
