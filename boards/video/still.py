"""A still picture from memory."""

from typing import Any

import numpy as np
import numpy.typing as npt
from amaranth import *
from amaranth.lib import memory
from amaranth.utils import bits_for

from ...hdl.delay import delayed
from ...model import InputError
from .colour import RGBToLuma
from .source import FrameSource


__all__ = ["BLOCK_BITS", "FORMATS", "StillPicture", "shrink"]

FORMATS = {"grey4": (4,), "rgb332": (3, 3, 2), "rgb444": (4, 4, 4), "rgb565": (5, 6, 5),
           "rgb888": (8, 8, 8)}
"""Bits of red, green and blue that are kept; or of the luma alone, for more pixels in grey."""

BLOCK_BITS = {"ecp5": 1 << 14, "gowin": 1 << 14, "ice40": 1 << 12}
"""Bits of a block RAM by device family, without those for parity. Source: Lattice FPGA-TN-02204,
"ECP5 and ECP5-5G Memory Usage Guide"; Gowin UG285, "Gowin BSRAM & SSRAM User Guide"; Lattice
FPGA-TN-02002, "Memory Usage Guide for iCE40 Devices"."""


def shrink(image: npt.NDArray[np.integer], width: int, height: int) -> npt.NDArray[np.uint8]:
    """Make a picture smaller, each pixel the mean of those that it stands for.

    Parameters
    ----------
    image : (H, W, 3) integer array
        0 to 255; at least as large as the result.
    width, height : :class:`int`
        Wanted size.

    Returns
    -------
    (height, width, 3) uint8 array

    Raises
    ------
    :exc:`InputError`
        If the picture is smaller than that.
    """
    if image.shape[0] < height or image.shape[1] < width:
        raise InputError(f"a picture of {image.shape[1]}x{image.shape[0]} cannot be shrunk to "
                         f"{width}x{height}")
    rows = np.arange(height) * image.shape[0] // height
    columns = np.arange(width) * image.shape[1] // width
    sums = np.add.reduceat(np.add.reduceat(image.astype(np.int64), rows), columns, axis=1)
    counts = (np.diff(rows, append=image.shape[0])[:, None]
              * np.diff(columns, append=image.shape[1]))[:, :, None]
    return ((sums + counts // 2) // counts).astype(np.uint8)


class StillPicture(FrameSource):
    """A source of one picture, from an initialised memory, each pixel of it ``scale`` times each
    way.

    Parameters
    ----------
    width, height : :class:`int`
        Of the frame, in pixels; at least 2 each. What sticks out at the right and below is not
        shown.
    image : (h, w, 3) uint8 array
        The picture; with each pixel repeated it must cover the frame.
    scale : :class:`int`
        How often a pixel is repeated across and down.
    pixel_format : :class:`str`
        Which bits are kept, one of :data:`FORMATS`. The others repeat them from the top, so that
        white stays white. The memory has ``w * h`` words of as many bits, rows and columns that are
        not shown left out.
    block : :class:`int`
        Bits of a block RAM of the device, one of :data:`BLOCK_BITS`.

    Raises
    ------
    :exc:`InputError`
        If the picture does not cover the frame, or there is no such format.

    Members
    -------
    o : stream of :py:`PixelBeat(u8, 3)`
        Frames.
    """

    latency = 3

    def __init__(
        self, width: int, height: int, image: npt.NDArray[np.uint8], *, scale: int = 1,
        pixel_format: str = "rgb565", block: int = BLOCK_BITS["ecp5"],
    ) -> None:
        if pixel_format not in FORMATS:
            raise InputError(
                f"pixel_format must be one of {', '.join(FORMATS)}, not {pixel_format!r}")
        if scale < 1 or image.shape[1] * scale < width or image.shape[0] * scale < height:
            raise InputError(
                f"a picture of {image.shape[1]}x{image.shape[0]} times scale {scale} does not "
                f"cover a frame of {width}x{height}")
        self._bits = FORMATS[pixel_format]
        self._scale = scale
        self._block = block
        self._image = image[: -(-height // scale), : -(-width // scale)]
        if len(self._bits) == 1:
            self._image = RGBToLuma.compute(self._image)[:, :, None]
        super().__init__(width, height)

    def _colour(self, m: Module, place: Any) -> Value:
        rows, columns = self._image.shape[:2]
        line = Signal(range(rows * columns))
        address = Signal.like(line)
        across, down = Signal(range(self._scale)), Signal(range(self._scale))
        m.d.sync += across.eq(across + 1)
        with m.If(across == self._scale - 1):
            m.d.sync += [across.eq(0), address.eq(address + 1)]
        with m.If(place.last):
            below = Mux(down == self._scale - 1, line + columns, line)
            m.d.sync += [
                across.eq(0),
                down.eq(Mux(down == self._scale - 1, 0, down + 1)),
                line.eq(below),
                address.eq(below),
            ]
        with m.If(place.end):
            m.d.sync += [down.eq(0), line.eq(0), address.eq(0)]
        word = self._word(m, address)
        samples, at = [], 0
        for bits in self._bits:
            samples.append(_widened(word[at : at + bits]))
            at += bits
        return Cat(samples * (3 // len(samples)))

    def _word(self, m: Module, address: Signal) -> Value:
        """The word at an address, :attr:`latency` cycles later.

        The words lie in banks, and the bits of a bank in as many memories as it takes for each of
        them to be one block RAM. There is a register behind each: a block RAM's output is slow, and
        what chooses between banks must not come on top.
        """
        words = self._words()
        inner = min(len(address), (self._block - 1).bit_length())
        bank = delayed(m, address[inner:], 2, name="bank") if len(address) > inner else Const(0)
        found = []
        for start in range(0, len(words), self._block):
            held = words[start : start + self._block]
            part = Signal(sum(self._bits), name=f"words_{start}")
            used = bits_for(len(held) - 1)
            step = self._block >> used
            for low in range(0, len(part), step):
                bits = part[low : low + step]
                mask = (1 << len(bits)) - 1
                block: memory.Memory = memory.Memory(
                    shape=unsigned(len(bits)), depth=1 << used,
                    init=[word >> low & mask for word in held])
                m.submodules[f"block_{start}_{low}"] = block
                read = block.read_port()
                m.d.comb += read.addr.eq(address[:used])
                m.d.sync += bits.eq(read.data)
            found.append(part)
        word = Signal(sum(self._bits))
        m.d.sync += word.eq(Array(found)[bank])
        return word

    def _words(self) -> list[int]:
        words = np.zeros(self._image.shape[:2], np.int64)
        at = 0
        for channel, bits in enumerate(self._bits):
            words |= (self._image[:, :, channel].astype(np.int64) >> 8 - bits) << at
            at += bits
        return words.ravel().tolist()

    @property
    def memory_bits(self) -> int:
        """Bits of the memory."""
        return self._image.shape[0] * self._image.shape[1] * sum(self._bits)

    def frame(self) -> npt.NDArray[np.uint8]:
        """Every frame: (height, width, 3)."""
        whole = self._image.repeat(self._scale, axis=0).repeat(self._scale, axis=1)
        shown = whole[: self.height, : self.width].astype(np.int64)
        for channel, bits in enumerate(self._bits):
            kept = shown[:, :, channel] >> 8 - bits
            wide = kept * ((1 << 3 * bits) + (1 << 2 * bits) + (1 << bits) + 1)
            shown[:, :, channel] = wide >> 4 * bits - 8
        return shown.repeat(3 // len(self._bits), axis=2).astype(np.uint8)


def _widened(sample: Value) -> Value:
    """A sample as eight bits: its own, repeated from the top."""
    return Cat([sample] * -(-8 // len(sample)))[-8:]
