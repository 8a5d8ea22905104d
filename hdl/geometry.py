"""The frame's geometry in hardware units: beats, rows and clock cycles."""

from dataclasses import dataclass
from functools import cached_property

from ..model import Filter
from .axis import AnyAxis, Axis


__all__ = ["Geometry"]


@dataclass(frozen=True)
class Geometry:
    """How a filter's frame is swept, one *row time* after the other.

    In each row time one row enters and, a fixed number of row times later, one row leaves. A row
    time has as many pushes as the longer of the two rows has beats, so that no cycle is lost when
    frames come back to back, and no other blanking is ever asked of the source.

    Parameters
    ----------
    filter : :class:`~windrow.model.Filter`
        The filter.
    shortest_row : :class:`int`
        Least number of pushes in a row time. Rows that are shorter get blank pushes at their end.
    """

    filter: Filter
    shortest_row: int

    @cached_property
    def rows(self) -> Axis:
        """The vertical axis."""
        f = self.filter
        along = (f.height, f.kernel_height, f.pads.top, f.pads.bottom,
                 f.borders.top, f.borders.bottom)
        return Axis(*along) if f.control == "none" else AnyAxis(*along)

    @cached_property
    def columns(self) -> Axis:
        """The horizontal axis."""
        f = self.filter
        along = (f.width, f.kernel_width, f.pads.left, f.pads.right,
                 f.borders.left, f.borders.right, f.pixels_per_clock)
        return Axis(*along) if f.control == "none" else AnyAxis(*along, least_age=1)

    @property
    def row_pushes(self) -> int:
        """Pushes in a row time."""
        return max(self.columns.input_beats, self.columns.output_beats, self.shortest_row)

    @property
    def frame_rows(self) -> int:
        """Row times from the start of a frame to the start of the next, back to back."""
        return max(self.rows.input_beats, self.rows.output_beats)

    @property
    def added_rows(self) -> int:
        """Row times after a frame's last input row until its last output row has been made."""
        return self.rows.drain

    @property
    def yielding_rows(self) -> int:
        """How many of the :attr:`added_rows`, the last of them, a next frame's rows can stand for.

        The others come where the output is taller than the input.
        """
        return self.added_rows - (self.frame_rows - self.rows.input_beats)

    @property
    def drain_pushes(self) -> int:
        """Pushes after a row time until the row's last output beat has been made."""
        columns = self.columns
        return max(columns.output_beats + columns.delay - self.row_pushes, 0)

    @property
    def first_output_push(self) -> int:
        """Pushes before the one that makes a frame's first output beat."""
        return self.rows.delay * self.row_pushes + self.columns.delay

    @property
    def cycles_per_frame(self) -> int:
        """Clock cycles from a frame's first input beat to the next frame's, back to back."""
        return self.frame_rows * self.row_pushes * self.filter.clocks_per_pixel

    @property
    def pixel_bits(self) -> int:
        """Bits of an input pixel, all channels."""
        return self.filter.pixel.bits * self.filter.channels

    @property
    def border_pixel(self) -> int:
        """The bits of a pixel of constant border, all channels."""
        f = self.filter
        value = f.border_value % (1 << f.pixel.bits)
        return sum(value << (channel * f.pixel.bits) for channel in range(f.channels))
