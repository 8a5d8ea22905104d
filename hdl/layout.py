"""Shapes of what flows through the core: samples, beats, columns."""

from amaranth.hdl import Shape
from amaranth.lib import data

from ..model import Filter
from ..model import Sample as SampleType


__all__ = ["PixelBeat", "Push", "beat_shape", "sample_shape"]


def sample_shape(sample: SampleType) -> Shape:
    """Shape of one sample, such as ``unsigned(8)`` for ``u8``."""
    return Shape(sample.bits, signed=sample.signed)


def beat_shape(filter: Filter) -> data.ArrayLayout:
    """One input beat: the raw bits of ``pixels_per_clock`` pixels, all channels of each."""
    return data.ArrayLayout(filter.pixel.bits * filter.channels, filter.pixels_per_clock)


class PixelBeat(data.StructLayout):
    """Payload of a video stream: the samples of one beat, and its place in the frame.

    Members
    -------
    samples : array of ``count`` samples
        Sample ``p * channels + c`` is channel ``c`` of the beat's pixel ``p``. Past the end of a
        line whose width is no multiple of the pixels a clock, samples mean nothing.
    first : 1 bit
        First beat of a frame (SOF).
    last : 1 bit
        Last beat of a line (EOL).
    """

    def __init__(self, sample: SampleType, count: int) -> None:
        super().__init__({
            "samples": data.ArrayLayout(sample_shape(sample), count),
            "first": 1,
            "last": 1,
        })


class Push(data.StructLayout):
    """One step of the window along a row: an input beat, or a blank one that moves it on.

    Members
    -------
    valid : 1 bit
        This clock cycle carries a push. Everything else means nothing without it.
    beat : array of ``pixels_per_clock`` pixels
        The input beat; anything at all in rows and columns outside of the frame.
    address : unsigned
        Index of the beat in its row.
    stored : 1 bit
        The line memory keeps a beat at this address. Clear past the end of the row.
    row_start, row_end : 1 bit
        First and last beat in the width of a row.
    frame_start, frame_end : 1 bit
        This row is the frame's first, last. Both clear in rows that the core adds itself.
    """

    def __init__(self, filter: Filter, address_bits: int) -> None:
        super().__init__({
            "valid": 1,
            "beat": beat_shape(filter),
            "address": address_bits,
            "stored": 1,
            "row_start": 1,
            "row_end": 1,
            "frame_start": 1,
            "frame_end": 1,
        })
