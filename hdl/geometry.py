"""The frame's geometry in hardware units: beats, rows and clock cycles."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

from ..model import Filter, InputError
from ..model.axis import Axis
from ..model.format import Format
from ..model.window import Window


__all__ = ["Geometry", "PathSweep", "Span", "Sweep"]


class Span(NamedTuple):
    """An axis of what is swept: its rows, or the beats of a row.

    ``delay`` is from the first of the input to the first of the output.
    """

    input_beats: int
    output_beats: int
    delay: int

    @property
    def drain(self) -> int:
        """From the last of the input to the last of the output; 0 where that comes sooner."""
        return max(self.output_beats - 1 + self.delay - (self.input_beats - 1), 0)


class Sweep:
    """How frames are swept, one *row time* after the other.

    In each row time one row enters and, a fixed number of row times later, one row leaves. A row
    time has as many pushes as the longest row has beats, so that no cycle is lost when frames come
    back to back, and no other blanking is ever asked of the source.

    Attributes
    ----------
    frame : :class:`~windrow.model.format.Format`
        The input frames.
    rows, columns : :class:`Span` or :class:`~windrow.model.axis.Axis`
        From the input to the output, whatever lies between them.
    shortest_row : :class:`int`
        Least number of pushes in a row time. Rows that are shorter get blank pushes at their end.
    clocks_per_push : :class:`int`
        Clock cycles from a push to the next, at least.
    largest : (:class:`int`, :class:`int`) or ``None``
        Width and height of the largest frame, where the size can be changed while the hardware
        runs.
    fewest_rows : :class:`int`
        Least number of row times in a frame.
    """

    least_beats = 3
    """Least number of beats in a row whose width may change while the core runs."""

    frame: Format
    rows: Any
    columns: Any
    shortest_row: int
    clocks_per_push: int
    largest: tuple[int, int] | None
    fewest_rows = 0

    @property
    def adjustable(self) -> bool:
        """Whether the size can be changed while the hardware runs."""
        return self.largest is not None

    @property
    def row_pushes(self) -> int:
        """Pushes in a row time."""
        return max(self.columns.input_beats, self.columns.output_beats, self.shortest_row)

    @property
    def line_beats(self) -> int:
        """Beats in a line of the widest input: words of a line memory."""
        width = self.frame.width if self.largest is None else self.largest[0]
        return -(-width // self.frame.pixels_per_clock)

    @property
    def most_rows(self) -> int:
        """Rows of the tallest input."""
        return self.frame.height if self.largest is None else self.largest[1]

    @property
    def most_pushes(self) -> int:
        """Pushes in a row time of the widest input."""
        longer = self.columns.output_beats - self.columns.input_beats
        return max(self.line_beats + max(longer, 0), self.shortest_row)

    @property
    def frame_rows(self) -> int:
        """Row times from the start of a frame to the start of the next, back to back."""
        return max(self.rows.input_beats, self.rows.output_beats, self.fewest_rows)

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
        """Pushes after a row time until the row's last output beat has been made.

        Where the width may change: of the width that needs most.
        """
        columns = self.columns
        pushes = self.row_pushes
        if self.adjustable:
            pushes = max(columns.input_beats, columns.output_beats)
        return max(columns.output_beats + columns.delay - pushes, 0)

    @property
    def first_output_push(self) -> int:
        """Pushes before the one that makes a frame's first output beat."""
        return self.rows.delay * self.row_pushes + self.columns.delay

    @property
    def cycles_per_frame(self) -> int:
        """Clock cycles from a frame's first input beat to the next frame's, back to back."""
        return self.frame_rows * self.row_pushes * self.clocks_per_push


@dataclass(frozen=True)
class PathSweep(Sweep):
    """That of several stages in a row; see :class:`Sweep`."""

    frame: Format
    rows: Span
    columns: Span
    shortest_row: int
    clocks_per_push: int = 1
    largest: tuple[int, int] | None = None
    fewest_rows: int = 0


@dataclass(frozen=True)
class Geometry(Sweep):
    """How a stage's frame is swept.

    Parameters
    ----------
    window : :class:`~windrow.model.window.Window`
        What moves over the frames.
    inner : :class:`bool`
        Whether other stages stand behind this one. Then each push is answered by a push, whatever
        it shows: it moves those stages on.
    least_delay : (:class:`int`, :class:`int`)
        Least number of row times, and of pushes, from an input to the output that it lies on, where
        the output waits for another stage too.
    any_border : :class:`bool`
        Whether the borders can be changed while the hardware runs.

    The others are those of :class:`Sweep`.

    Raises
    ------
    :exc:`~windrow.model.InputError`
        If size or borders can be changed and the frame is smaller than what may be asked for.
    """

    frame: Format
    window: Window
    shortest_row: int
    clocks_per_push: int = 1
    largest: tuple[int, int] | None = None
    inner: bool = False
    least_delay: tuple[int, int] = (0, 0)
    any_border: bool = False

    @classmethod
    def of(cls, filter: Filter, shortest_row: int) -> "Geometry":
        """The geometry of a filter's frame."""
        largest = (filter.max_width, filter.max_height) if filter.registers else None
        return cls(filter.format, filter.window, shortest_row, filter.clocks_per_pixel, largest,
                   any_border=filter.registers)

    def __post_init__(self) -> None:
        if self.fixed:
            return
        for key, least in (("width", self.least_width), ("height", self.least_height)):
            if getattr(self.frame, key) < least:
                raise InputError(f"{key} {getattr(self.frame, key)} is less than {least}, the "
                                 f"least {key} of this filter with a register port")

    @property
    def fixed(self) -> bool:
        """Whether neither size nor borders change while the hardware runs."""
        return not (self.adjustable or self.any_border)

    @cached_property
    def _axes(self) -> tuple[Axis, Axis]:
        return self.window.axes(self.frame, adjustable=self.any_border,
                                least_delay=self.least_delay)

    @property
    def rows(self) -> Axis:
        """The vertical axis."""
        return self._axes[0]

    @property
    def columns(self) -> Axis:
        """The horizontal axis."""
        return self._axes[1]

    @cached_property
    def least_width(self) -> int:
        """Least width that may be asked for while the core runs.

        From there on the tables of the columns do not depend on the width, as long as its remainder
        modulo the pixels a clock is that of the filter's own.
        """
        lanes = self.frame.pixels_per_clock
        return _least_size(self.columns, (self.least_beats - 1) * lanes + 1, Axis.updates)

    @cached_property
    def least_height(self) -> int:
        """Least height that may be asked for while the core runs."""
        return _least_size(self.rows, 2, Axis.selects)

    @property
    def waits(self) -> tuple[int, int]:
        """Rows and beats by which the output waits longer than the window needs."""
        down, along = (max(least - axis.delay, 0) for least, axis in zip(
            self.least_delay, self.window.axes(self.frame), strict=True))
        return down, along

    @property
    def border_pixel(self) -> int:
        """The bits of a pixel of constant border, all channels."""
        bits = self.frame.sample.bits
        value = self.window.border_value % (1 << bits)
        return sum(value << (channel * bits) for channel in range(self.frame.channels))


def _least_size(axis: Axis, least: int, table: Callable[[Axis], object]) -> int:
    """The least size from which on an axis' table and delay do not depend on the size.

    Only sizes that are the same as the axis' own modulo its lanes, and at least ``least`` and the
    kernel's.
    """
    least = max(least, axis.kernel)
    least += (axis.size - least) % axis.lanes
    # Here the borders of both ends are too far from each other to meet.
    large = least + 4 * (axis.kernel + 2 * axis.lanes) // axis.lanes * axis.lanes
    sizes = [replace(axis, size=size) for size in range(large, least - 1, -axis.lanes)]
    wanted = sizes[0].delay, table(sizes[0])
    for size in sizes:
        if (size.delay, table(size)) != wanted:
            break
        least = size.size
    return least
