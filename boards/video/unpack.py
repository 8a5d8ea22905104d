"""A camera's two bytes a pixel as samples of eight bits."""

from typing import Any, ClassVar

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from ...hdl.beat import PixelBeat
from ...model import Sample
from .dvp import DVPWord


__all__ = ["UNPACKERS", "GreyUnpacker", "RGB565Unpacker", "Unpacker", "YUV422Unpacker"]


class Unpacker(wiring.Component):
    """Makes pixels of a camera's words.

    Members
    -------
    i : stream of :py:`DVPWord`
        Of the camera.
    o : stream of :py:`PixelBeat(u8, samples)`
        As many pixels.
    """

    samples: ClassVar[int]
    """Samples of a pixel."""

    i: stream.Interface
    o: stream.Interface

    def __init__(self) -> None:
        super().__init__({
            "i": In(stream.Signature(DVPWord())),
            "o": Out(stream.Signature(PixelBeat(Sample.parse("u8"), self.samples))),
        })

    def elaborate(self, platform: Any) -> Module:
        raise NotImplementedError


class _Wordwise(Unpacker):
    """Each word is a pixel by itself. Combinational."""

    def _unpack(self, word: Any) -> list[Value]:
        raise NotImplementedError

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        word = self.i.payload
        m.d.comb += [
            self.i.ready.eq(self.o.ready),
            self.o.valid.eq(self.i.valid),
            self.o.payload.first.eq(word.first),
            self.o.payload.last.eq(word.last),
            *(sample.eq(value) for sample, value in zip(
                self.o.payload.samples, self._unpack(word), strict=True)),
        ]
        return m


class RGB565Unpacker(_Wordwise):
    """Red, green and blue of RGB565, high byte first: ``RRRRRGGG GGGBBBBB``.

    Their upper bits are repeated below, so that white is 255.
    """

    samples = 3

    def _unpack(self, word: Any) -> list[Value]:
        bits = Cat(word.second_byte, word.first_byte)
        red, green, blue = bits[11:], bits[5:11], bits[:5]
        return [Cat(red[2:], red), Cat(green[4:], green), Cat(blue[2:], blue)]


class GreyUnpacker(_Wordwise):
    """Luma of YUV422: the first byte of each pixel."""

    samples = 1

    def _unpack(self, word: Any) -> list[Value]:
        return [word.first_byte]


class YUV422Unpacker(Unpacker):
    """Y, Cb and Cr of YUV422: ``Y Cb, Y Cr``. Both pixels of a pair have the same Cb and Cr.

    Throughput is a pixel a cycle. A pair's first pixel waits for the second. A single one at a
    line's end, without a Cr of its own, takes that of the pair before.
    """

    samples = 3

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        word = self.i.payload
        even: Any = Signal(DVPWord())  # a pair's first word
        odd: Any = Signal(DVPWord())  # the last second word
        pixel = self.o.payload
        luma, blue, red = pixel.samples
        m.d.comb += [blue.eq(even.second_byte), red.eq(odd.second_byte)]

        def take_even() -> None:
            """Take a pair's first word, if there is one."""
            m.d.comb += self.i.ready.eq(1)
            with m.If(self.i.valid):
                m.d.sync += even.eq(word)
                with m.If(word.last):
                    m.next = "single"
                with m.Else():
                    m.next = "first"

        with m.FSM():
            with m.State("none"):
                take_even()
            with m.State("first"):
                m.d.comb += [
                    self.o.valid.eq(self.i.valid),
                    self.i.ready.eq(self.o.ready),
                    luma.eq(even.first_byte),
                    red.eq(word.second_byte),
                    pixel.first.eq(even.first),
                ]
                with m.If(self.i.valid & self.o.ready):
                    m.d.sync += odd.eq(word)
                    m.next = "second"
            with m.State("second"):
                m.d.comb += [
                    self.o.valid.eq(1),
                    luma.eq(odd.first_byte),
                    pixel.last.eq(odd.last),
                ]
                with m.If(self.o.ready):
                    m.next = "none"
                    take_even()
            with m.State("single"):
                m.d.comb += [
                    self.o.valid.eq(1),
                    luma.eq(even.first_byte),
                    pixel.first.eq(even.first),
                    pixel.last.eq(1),
                ]
                with m.If(self.o.ready):
                    m.next = "none"
        return m


UNPACKERS: dict[str, type[Unpacker]] = {
    "rgb565": RGB565Unpacker,
    "grey": GreyUnpacker,
    "yuv422": YUV422Unpacker,
}
"""By the name of what comes out; ``grey`` and ``yuv422`` are of the same camera's format."""
