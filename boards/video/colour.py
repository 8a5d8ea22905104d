"""Colours to luma and back, in streams of pixels.

Each conversion is a component with a numpy model beside it that gives the same integers.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from ...hdl.beat import PixelBeat
from ...hdl.delay import delayed
from ...model import Sample
from .stepped import stepped


__all__ = ["GreyToRGB", "RGBToLuma", "YCbCrToRGB"]

Samples = npt.NDArray[np.integer[Any]]


class _Conversion(wiring.Component):
    """A pixel in, a pixel out, :attr:`latency` steps later; stopped as a whole while the output is.

    Throughput is a pixel a cycle. While the output is taken, what is inside comes out by itself.
    """

    counts: ClassVar[tuple[int, int]]
    """Samples of a pixel at ``i`` and at ``o``."""

    latency: ClassVar[int]

    i: stream.Interface
    o: stream.Interface

    def __init__(self) -> None:
        u8 = Sample.parse("u8")
        before, after = self.counts
        super().__init__({
            "i": In(stream.Signature(PixelBeat(u8, before))),
            "o": Out(stream.Signature(PixelBeat(u8, after))),
        })

    def _convert(self, m: Module, samples: Any) -> Sequence[Value]:
        """The samples of the output, :attr:`latency` cycles behind ``samples``."""
        raise NotImplementedError

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        pipeline = Module()
        stepped(m, pipeline, self.i, self.o, self.latency)
        m.d.comb += [sample.eq(value) for sample, value in zip(
            self.o.payload.samples, self._convert(pipeline, self.i.payload.samples), strict=True)]
        return m


def _product(value: Value, factor: int) -> Value:
    """A product with a constant, as shifts and adds: yosys 0.70 puts a ``*`` into a multiplier."""
    total: Value = Const(0, 1)
    digit = 0
    while factor:
        if factor & 1:  # the signed digit that leaves the most zeros
            sign = 2 - (factor & 3)
            total = total + (value << digit) if sign > 0 else total - (value << digit)
            factor -= sign
        factor >>= 1
        digit += 1
    return total


def _clamped(value: Value) -> Value:
    """A signed value of 10 bits in 0 to 255."""
    return Mux(value < 0, 0, Mux(value > 255, 255, value))[:8]


class RGBToLuma(_Conversion):
    """Luma of red, green and blue: ``(77 R + 150 G + 29 B + 128) >> 8``.

    The weights are ITU-R BT.601's 0.299, 0.587 and 0.114 in 256ths; they sum to 256, so that grey
    stays what it is.
    """

    counts = (3, 1)
    latency = 2
    WEIGHTS = (77, 150, 29)

    def _convert(self, m: Module, samples: Any) -> Sequence[Value]:
        products = []
        for at, weight in enumerate(self.WEIGHTS):
            product = Signal(16, name=f"product_{at}")
            m.d.sync += product.eq(_product(samples[at], weight))
            products.append(product)
        luma = Signal(8)
        m.d.sync += luma.eq((products[0] + products[1] + products[2] + 128) >> 8)
        return [luma]

    @classmethod
    def compute(cls, pixels: Samples) -> npt.NDArray[np.uint8]:
        """The model: (..., 3) samples of 0 to 255 to (...) luma."""
        total = pixels.astype(np.int64) @ np.array(cls.WEIGHTS)
        return (total + 128 >> 8).astype(np.uint8)


class GreyToRGB(wiring.Component):
    """Three times the same sample. Combinational.

    Members
    -------
    i : stream of :py:`PixelBeat(u8, 1)`
        Grey.
    o : stream of :py:`PixelBeat(u8, 3)`
        Red, green, blue.
    """

    latency = 0

    i: stream.Interface
    o: stream.Interface

    def __init__(self) -> None:
        u8 = Sample.parse("u8")
        super().__init__({
            "i": In(stream.Signature(PixelBeat(u8, 1))),
            "o": Out(stream.Signature(PixelBeat(u8, 3))),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.d.comb += [
            self.i.ready.eq(self.o.ready),
            self.o.valid.eq(self.i.valid),
            self.o.payload.first.eq(self.i.payload.first),
            self.o.payload.last.eq(self.i.payload.last),
            *(sample.eq(self.i.payload.samples[0]) for sample in self.o.payload.samples),
        ]
        return m

    @staticmethod
    def compute(grey: Samples) -> npt.NDArray[np.uint8]:
        """The model: (...) samples of 0 to 255 to (..., 3)."""
        return np.stack([grey] * 3, axis=-1).astype(np.uint8)


class YCbCrToRGB(_Conversion):
    """Red, green and blue of Y, Cb and Cr, all of them 0 to 255 (full range, as in JPEG).

    ITU-R BT.601's factors in 256ths: R = Y + 1.402 Cr', G = Y - 0.344 Cb' - 0.714 Cr',
    B = Y + 1.772 Cb', where Cb' and Cr' are 128 less; rounded half up, and clamped. Source of the
    factors: ITU-T T.871, "JFIF", section 7.
    """

    counts = (3, 3)
    latency = 3
    RED, GREEN, BLUE = 359, (88, 183), 454

    def _convert(self, m: Module, samples: Any) -> Sequence[Value]:
        luma = delayed(m, samples[0], 2, name="luma", reset_less=True)
        cb, cr = Signal(signed(8)), Signal(signed(8))
        m.d.sync += [cb.eq(samples[1] - 128), cr.eq(samples[2] - 128)]
        shifts = {
            "red": _product(cr, self.RED),
            "green": -(_product(cb, self.GREEN[0]) + _product(cr, self.GREEN[1])),
            "blue": _product(cb, self.BLUE),
        }
        colours = []
        for name, shift in shifts.items():
            rounded = Signal(signed(9), name=f"{name}_shift")
            colour = Signal(8, name=name)
            m.d.sync += [
                rounded.eq((shift + 128) >> 8),
                colour.eq(_clamped(luma + rounded)),
            ]
            colours.append(colour)
        return colours

    @classmethod
    def compute(cls, pixels: Samples) -> npt.NDArray[np.uint8]:
        """The model: (..., 3) samples Y, Cb, Cr of 0 to 255 to red, green, blue."""
        y, cb, cr = np.moveaxis(pixels.astype(np.int64), -1, 0)
        cb, cr = cb - 128, cr - 128
        shifts = (cls.RED * cr, -(cls.GREEN[0] * cb + cls.GREEN[1] * cr), cls.BLUE * cb)
        colours = [y + (shift + 128 >> 8) for shift in shifts]
        return np.stack(colours, axis=-1).clip(0, 255).astype(np.uint8)
