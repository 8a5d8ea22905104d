"""Shapes of what flows through the core: pixels, pushes, columns, windows, sums."""

from collections.abc import Sequence
from typing import TypeAlias

from amaranth.hdl import Shape
from amaranth.lib import data
from amaranth.utils import bits_for

from ..model import Sample as SampleType
from ..model.interval import Interval
from .geometry import Geometry


__all__ = [
    "ColumnBeat",
    "Features",
    "PixelBeat",
    "PixelColumnBeat",
    "Push",
    "SumBeat",
    "WindowBeat",
    "beat_shape",
    "column_shape",
    "feature_shape",
    "interval_shape",
    "sample_shape",
]

Features: TypeAlias = Sequence[Interval]
"""Exact range of each feature of a column."""

_COLUMN_FLAGS = {"valid": 1, "row_start": 1, "row_end": 1, "frame_start": 1}


def sample_shape(sample: SampleType) -> Shape:
    """Shape of one sample, such as ``unsigned(8)`` for ``u8``."""
    return Shape(sample.bits, signed=sample.signed)


def interval_shape(interval: Interval) -> Shape:
    """Shape of a value in an exact range."""
    return Shape(interval.bits, signed=interval.signed)


def beat_shape(geometry: Geometry) -> data.ArrayLayout:
    """One input beat: the raw bits of ``pixels_per_clock`` pixels, all channels of each."""
    return data.ArrayLayout(geometry.pixel_bits, geometry.columns.lanes)


def feature_shape(features: Features) -> data.StructLayout:
    """The features of a column in one channel: ``feature_0``, ``feature_1``, ..."""
    return data.StructLayout({
        f"feature_{number}": interval_shape(feature) for number, feature in enumerate(features)
    })


def column_shape(geometry: Geometry, features: Features) -> data.ArrayLayout:
    """The features of a column in each channel."""
    return data.ArrayLayout(feature_shape(features), geometry.filter.channels)


class PixelBeat(data.StructLayout):
    """Payload of a video stream: the samples of one beat, and its place in the frame.

    Members
    -------
    samples : array of ``count`` samples
        Sample ``p * channels + c`` is channel ``c`` of the beat's pixel ``p``. Past the end of a
        line whose width is no multiple of the pixels a clock, samples mean nothing; the core's
        own are zero there.
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

    def __init__(self, geometry: Geometry) -> None:
        super().__init__({
            "valid": 1,
            "beat": beat_shape(geometry),
            "address": bits_for(geometry.line_beats - 1),
            "stored": 1,
            "row_start": 1,
            "row_end": 1,
            "frame_start": 1,
            "frame_end": 1,
        })


class PixelColumnBeat(data.StructLayout):
    """One push of the window, as tall as the kernel.

    Members
    -------
    valid : 1 bit
        This clock cycle carries a push.
    columns : array of ``pixels_per_clock`` columns, each an array of Kh pixels, all channels
        The kernel's rows from top to bottom, border included.
    row_start, row_end : 1 bit
        First and last beat in the width of a row that makes an output row.
    frame_start : 1 bit
        That output row is the frame's first. Only with ``row_start``.
    """

    def __init__(self, geometry: Geometry) -> None:
        column = data.ArrayLayout(geometry.pixel_bits, geometry.rows.kernel)
        super().__init__({
            **_COLUMN_FLAGS,
            "columns": data.ArrayLayout(column, geometry.columns.lanes),
        })


class ColumnBeat(data.StructLayout):
    """One push of the window: what the arithmetic has made of each column.

    *Features* are what the horizontal pass needs of a column: its samples, or fewer sums of them.

    Members
    -------
    valid, row_start, row_end, frame_start : 1 bit
        As in :class:`PixelColumnBeat`.
    columns : array of ``pixels_per_clock`` of :func:`column_shape`
        Features of each column.
    """

    def __init__(self, geometry: Geometry, features: Features) -> None:
        super().__init__({
            **_COLUMN_FLAGS,
            "columns": data.ArrayLayout(column_shape(geometry, features), geometry.columns.lanes),
        })


class WindowBeat(data.StructLayout):
    """A window, for the pixels of one output beat.

    Members
    -------
    valid : 1 bit
        This clock cycle carries a window. It is there for one cycle, whatever happens behind it.
    columns : array of ``pixels_per_clock + Kw - 1`` of :func:`column_shape`
        From left to right. Pixel ``p`` of the beat sees columns ``p`` to ``p + Kw - 1``.
    first, last : 1 bit
        First output beat of a frame, last output beat of a row.
    turns : 1 bit
        The next cycle carries a frame's first window. Only where the filter has a register port.
    """

    def __init__(self, geometry: Geometry, features: Features) -> None:
        super().__init__({
            "valid": 1,
            "columns": data.ArrayLayout(column_shape(geometry, features), geometry.columns.taps),
            "first": 1,
            "last": 1,
            **({} if geometry.filter.control == "none" else {"turns": 1}),
        })


class SumBeat(data.StructLayout):
    """The exact sums of one output beat.

    Members
    -------
    valid : 1 bit
        This clock cycle carries a beat.
    sums : array of ``pixels_per_clock * channels`` sums
        Sum ``p * channels + c`` is that of channel ``c`` of the beat's pixel ``p``.
    first, last : 1 bit
        First output beat of a frame, last output beat of a row.
    turns : 1 bit
        The next cycle carries a frame's first beat. Only where the filter has a register port.
    anchored : array of ``pixels_per_clock * channels`` input samples
        The samples under the anchor. Only where the filter has a register port.
    """

    def __init__(self, geometry: Geometry, interval: Interval) -> None:
        filter = geometry.filter
        count = geometry.columns.lanes * filter.channels
        super().__init__({
            "valid": 1,
            "sums": data.ArrayLayout(interval_shape(interval), count),
            "first": 1,
            "last": 1,
            **({} if filter.control == "none" else {
                "turns": 1,
                "anchored": data.ArrayLayout(sample_shape(filter.pixel), count),
            }),
        })
