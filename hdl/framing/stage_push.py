"""From what a stage has made to the pushes of the stages behind it."""

from typing import Any

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ..beat import Beat, as_bits
from ..geometry import Geometry
from .push import Push, number_beats


__all__ = ["StagePush"]


class StagePush(wiring.Component):
    """Answers each push with one push for every tap of a stage.

    What the stage makes is late by its own rows and beats; the pushes behind it are that late too,
    blank ones included. Each is one cycle after its beat.

    Parameters
    ----------
    beat : :class:`~.beat.Beat`
        What the stage makes, with :data:`~.beat.PUSH_PLACE`.
    geometry : :class:`~.geometry.Geometry`
        That of a stage behind it.
    first, count : :class:`int`
        Which of the beat's values are this tap's, in each channel.

    Members
    -------
    i : :py:`In(Beat)`
        What the stage makes.
    o : :py:`Out(Push)`
        Pushes. The samples of a pixel are the first value of all channels, then the next one's.
    """

    i: Any
    o: Any

    latency = 1
    """Cycles from a beat to its push."""

    def __init__(self, beat: Beat, geometry: Geometry, first: int, count: int) -> None:
        self._sample = geometry.frame.sample
        self._values = range(first, first + count)
        super().__init__({"i": In(beat), "o": Out(Push(geometry))})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        pixels = [
            Cat(as_bits(self.i.columns[lane][channel][number], self._sample.bits)
                for number in self._values for channel in range(self.i.shape().channels))
            for lane in range(self.i.shape().count)
        ]
        beat = Signal(self.o.beat.shape(), reset_less=True)
        m.d.sync += Value.cast(beat).eq(Cat(pixels))
        m.d.comb += self.o.beat.eq(beat)
        number_beats(m, self.o, self.i.valid, self.i.place)
        return m
