"""Shapes of what flows through the core: pixels, and beats of values with their place."""

from collections.abc import Sequence
from typing import Any

from amaranth.hdl import Cat, Const, Shape, ShapeLike, Value
from amaranth.lib import data

from ..model import Sample as SampleType
from ..model.interval import Interval


__all__ = [
    "FRAME_PLACE",
    "PUSH_PLACE",
    "ROW_PLACE",
    "Beat",
    "PixelBeat",
    "as_bits",
    "interval_shape",
    "part",
    "sample_shape",
    "shape_interval",
    "values_shape",
]

ROW_PLACE = ("row_start", "row_end", "frame_start")
"""Flags of a push behind the lines: the first and the last beat in the width of a row that makes an
output row; with ``row_start``, that output row is the frame's first."""

FRAME_PLACE = ("first", "last")
"""Flags of an output beat: the first of a frame, the last of a row."""

PUSH_PLACE = ("row_start", "row_end", "frame_start", "frame_end")
"""Flags of a push inside a path of stages: the first and the last beat in the width of a row, in
every row; with ``row_start``, whether the row is the frame's first, last."""


def sample_shape(sample: SampleType) -> Shape:
    """Shape of one sample, such as ``unsigned(8)`` for ``u8``."""
    return Shape(sample.bits, signed=sample.signed)


def interval_shape(interval: Interval) -> Shape:
    """Shape of a value in an exact range."""
    return Shape(interval.bits, signed=interval.signed)


def shape_interval(shape: ShapeLike) -> Interval:
    """All that a value of a shape of at most 32 bits can be."""
    cast = Shape.cast(shape)
    sample = SampleType(cast.signed, cast.width)
    return Interval(sample.minimum, sample.maximum)


def values_shape(intervals: Sequence[Interval]) -> data.FlexibleLayout:
    """Values by number, each just wide enough for its range."""
    fields: dict[str | int, data.Field] = {}
    offset = 0
    for number, interval in enumerate(intervals):
        fields[number] = data.Field(interval_shape(interval), offset)
        offset += interval.bits
    return data.FlexibleLayout(offset, fields)


def part(whole: Any, *path: str | int) -> Any:
    """A member of a member of a wide signal, such as ``whole.columns[2][0]``, as one slice.

    As Amaranth makes Verilog, it copies all bits that a slice is taken of, for each slice of a
    slice: of a wide beat this takes longer than all else together.
    """
    shape, start = whole.shape(), 0
    for key in path:
        field = shape[key]
        shape, start = field.shape, start + field.offset
    value = Value.cast(whole)[start : start + field.width]
    if isinstance(shape, data.Layout):
        return shape(value)
    return value.as_signed() if Shape.cast(shape).signed else value


def as_bits(value: Value, bits: int) -> Value:
    """A value as the bits of a sample."""
    value = Value.cast(value)
    if len(value) >= bits:
        return value[:bits]
    more = value[-1] if value.shape().signed else Const(0, 1)
    return Cat(value, more.replicate(bits - len(value)))


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


class Beat(data.StructLayout):
    """Values of a few columns side by side, and their place in the frame.

    Parameters
    ----------
    place : sequence of :class:`str`
        The place's flags: :data:`ROW_PLACE` or :data:`FRAME_PLACE`.
    values : sequence of :class:`~windrow.model.interval.Interval`
        Range of each value of a column in one channel. What the arithmetic has made of a column of
        samples are its *features*.
    channels : :class:`int`
        Planes.
    count : :class:`int`
        Columns. A window of Kw columns for ``lanes`` pixels has ``lanes + Kw - 1``.
    switches : :class:`bool`
        Whether there is a ``frame_switch``: where the filter has a register port.

    Members
    -------
    valid : 1 bit
        This clock cycle carries a beat. It is there for one cycle, whatever happens behind it.
    frame_switch : 1 bit
        The next cycle carries a frame's first beat.
    place : struct of 1 bit each
        The flags. They mean nothing without ``valid``.
    columns : array of ``count`` arrays of ``channels`` of :func:`values_shape`
        Value ``n`` of a channel of a column is ``columns[column][channel][n]``.
    """

    def __init__(
        self, place: Sequence[str], values: Sequence[Interval], channels: int, count: int,
        switches: bool = False,
    ) -> None:
        self.values = tuple(values)
        self.channels = channels
        self.count = count
        self.switches = switches
        self.flags = tuple(place)
        column = data.ArrayLayout(values_shape(values), channels)
        super().__init__({
            "valid": 1,
            **({"frame_switch": 1} if switches else {}),
            "place": data.StructLayout(dict.fromkeys(place, 1)),
            "columns": data.ArrayLayout(column, count),
        })

    def of(self, values: Sequence[Interval], count: int) -> "Beat":
        """The same place with other values."""
        return Beat(self.flags, values, self.channels, count, self.switches)
