"""What a network says, kept until a frame starts."""

from typing import Any

from amaranth import *
from amaranth.lib import memory, stream, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import bits_for

from ...hdl.beat import PixelBeat
from ...model import Sample
from .layout import Layout


__all__ = ["Scores"]


class Scores(wiring.Component):
    """Takes results, and shows the last whole one from a frame's start on.

    The class is the first of the highest scores, as numpy's and onnxruntime's ArgMax say; of a
    network that ends in ArgMax it is the result.

    Parameters
    ----------
    layout : :class:`~.layout.Layout`
        How many classes there are.
    sample : :class:`~windrow.model.Sample`
        Of the result.
    lanes : :class:`int`
        Samples of a beat.

    Members
    -------
    i : stream of :py:`PixelBeat(sample, lanes)`
        Results.
    starts : :py:`In(1)`
        A frame starts: what is shown may change from the next cycle on.
    known : :py:`Out(1)`
        There is a result.
    tens, ones : :py:`Out(4)`
        The class.
    read_enable : :py:`In(1)`, read_class : :py:`In`
        Whose score is wanted.
    score : :py:`Out(8)`
        That of the class that was wanted a step ago: 0 for the lowest of samples, 255 for the
        highest.
    """

    i: stream.Interface
    starts: Signal
    known: Signal
    tens: Signal
    ones: Signal
    read_enable: Signal
    read_class: Signal
    score: Signal

    def __init__(self, layout: Layout, sample: Sample, lanes: int) -> None:
        self._layout = layout
        self._lanes = lanes
        self._bits = sample.bits
        self._flips = 0x80 if sample.signed else 0
        super().__init__({
            "i": In(stream.Signature(PixelBeat(sample, lanes))),
            "starts": In(1),
            "known": Out(1),
            "tens": Out(4),
            "ones": Out(4),
            "read_enable": In(1),
            "read_class": In(bits_for(layout.classes - 1)),
            "score": Out(8),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        layout = self._layout
        classes = layout.classes
        digits = len(self.read_class)
        count = classes if layout.bars else 1

        # A beat is taken apart: a sample a cycle.
        word = Signal(self._bits * self._lanes)
        left = Signal(range(self._lanes + 1))
        number = Signal(range(max(count, 2)))
        m.d.comb += self.i.ready.eq(left == 0)
        with m.If(self.i.valid & self.i.ready):
            m.d.sync += [word.eq(Value.cast(self.i.payload.samples)), left.eq(self._lanes)]
        found, whole, second = Signal(digits), Signal(), Signal()
        with m.If(left != 0):
            m.d.sync += [word.eq(word >> self._bits), left.eq(left - 1), number.eq(number + 1)]
            with m.If(number == count - 1):
                # What is left of the beat fills it up.
                m.d.sync += [number.eq(0), left.eq(0), whole.eq(1)]

        if layout.bars:
            sample = word[:8] ^ self._flips
            best = Signal(8)
            with m.If((left != 0) & ((number == 0) | (sample > best))):
                m.d.sync += [best.eq(sample), found.eq(number)]
            with m.If((left != 0) & (number == 0) & (count > 1)):
                m.d.sync += whole.eq(0)
            scores: memory.Memory = memory.Memory(
                shape=unsigned(8), depth=2 << digits, init=[])
            m.submodules.scores = scores
            writes, reads = scores.write_port(), scores.read_port()
            m.d.comb += [
                writes.addr.eq(Cat(number, ~second)),
                writes.data.eq(sample),
                writes.en.eq(left != 0),
                reads.addr.eq(Cat(self.read_class, second)),
                reads.en.eq(self.read_enable),
                self.score.eq(reads.data),
            ]
        else:
            with m.If(left != 0):
                m.d.sync += found.eq(word)
        tens = Signal(4)
        m.d.comb += tens.eq(sum((found >= ten for ten in range(10, classes, 10)), Const(0)))
        with m.If(self.starts & whole):
            m.d.sync += [
                self.known.eq(1), second.eq(~second), whole.eq(0),
                self.tens.eq(tens), self.ones.eq(found - 10 * tens),
            ]
        return m
