"""The channel that is greatest."""

from typing import Any

from amaranth import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from ...model.network.argmax import ArgMax
from ..beat import sample_shape
from .repack import beat_counts
from .rom import loop


__all__ = ["ArgMaxEngine"]


class ArgMaxEngine(wiring.Component):
    """Keeps the best sample of a pixel and its channel while the pixel's beats come.

    Throughput is a beat a cycle.

    Parameters
    ----------
    layer : :class:`~windrow.model.network.argmax.ArgMax`
    lanes : :class:`int`
        Samples of a beat at ``i``; they are compared one after the other in a cycle.

    Attributes
    ----------
    taken, given : tuple of :class:`int`
        Samples of each beat of a pixel.

    Members
    -------
    i, o : streams of arrays of samples
        Input, and the numbers of channels.
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(self, layer: ArgMax, lanes: int) -> None:
        self._layer = layer
        self.taken = beat_counts(layer.input.channels, lanes)
        self.given = (1,)
        super().__init__({
            "i": In(stream.Signature(data.ArrayLayout(sample_shape(layer.input.sample), lanes))),
            "o": Out(stream.Signature(data.ArrayLayout(sample_shape(layer.output.sample), 1))),
        })

    @property
    def inputs(self) -> list[Any]:
        """The streams of the inputs."""
        return [self.i]

    latency = 1
    """Cycles from the last beat of a pixel to its number."""

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        layer, lanes = self._layer, len(self.i.payload)
        takes = Signal()
        beat, last = loop(m, len(self.taken), takes, "beat")
        best = Signal(sample_shape(layer.input.sample), reset_less=True)
        channel = Signal(sample_shape(layer.output.sample), reset_less=True)
        sample: Value = best
        number: Value = channel
        for lane in range(lanes):
            given = self.i.payload[lane]
            one, two = (sample, given) if layer.least else (given, sample)
            wins = one >= two if layer.last else one > two
            if lane == 0:
                wins = (beat == 0) | wins
            elif lane >= self.taken[-1]:
                wins = ~last & wins
            sample = Mux(wins, given, sample)
            number = Mux(wins, beat * lanes + lane, number)
        m.d.comb += [
            self.i.ready.eq(~self.o.valid | self.o.ready),
            takes.eq(self.i.valid & self.i.ready),
            Value.cast(self.o.payload).eq(channel),
        ]
        with m.If(self.o.ready):
            m.d.sync += self.o.valid.eq(0)
        with m.If(takes):
            m.d.sync += [best.eq(sample), channel.eq(number), self.o.valid.eq(last)]
        return m
