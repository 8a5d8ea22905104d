"""The rules for streams, as hardware that watches a sequencer: :mod:`windrow.model.framing`."""

from collections.abc import Callable
from typing import Any

from amaranth import *

from windrow.hdl.geometry import Geometry


__all__ = ["Framer", "PushWatcher"]


class Framer:
    """What becomes of each beat that is taken, step by step as :class:`~.framing.Framer` says.

    Attributes
    ----------
    puts : Value
        The beat that is taken is the frame's at (``row``, ``beat``).
    drops : Value
        The beat that is taken is none of a frame's.
    next_row, next_beat : Value
        The place of the next beat of a frame that is not complete.
    unfinished : Value
        A frame has started and lacks beats.
    short_line, long_line, stray, frame : Value
        What happens in this cycle.
    """

    def __init__(self, m: Module, geometry: Geometry, taken: Value, first: Value, last: Value):
        rows, beats = geometry.rows.input_beats, geometry.columns.input_beats
        self.unfinished = Signal(name="framer_unfinished")
        self.next_row = Signal(range(rows + 1), name="framer_row")
        self.next_beat = Signal(range(beats + 1), name="framer_beat")
        drops = Signal(name="framer_drops")
        strayed = Signal(name="framer_strayed")

        self.frame = taken & first
        self.puts = taken & (first | (self.unfinished & ~drops))
        self.drops = taken & ~self.puts
        self.row = Mux(first, 0, self.next_row)
        self.beat = Mux(first, 0, self.next_beat)
        complete = self.beat == beats - 1
        self.short_line = self.puts & last & ~complete
        self.long_line = self.puts & complete & ~last
        strays = taken & ~first & ~drops & ~self.unfinished
        self.stray = strays & ~strayed

        with m.If(taken):
            m.d.sync += [strayed.eq((strayed | strays) & ~first), drops.eq(drops & ~last & ~first)]
        with m.If(self.puts):
            m.d.sync += [self.unfinished.eq(1), self.next_row.eq(self.row),
                         self.next_beat.eq(self.beat + 1), drops.eq(complete & ~last)]
            with m.If(last | complete):
                m.d.sync += [self.next_row.eq(self.row + 1), self.next_beat.eq(0),
                             self.unfinished.eq(self.row != rows - 1)]


class PushWatcher:
    """Counts where a sequencer's pushes stand, and tells the rules that make them whole frames.

    ``rule(truth, when=...)`` takes each, such as :meth:`.Bench.always`, which claims it.

    Attributes
    ----------
    inside : Value
        The push in this cycle is one of a frame's, within its width, at (``row``, ``beat``).
    """

    def __init__(self, m: Module, rule: Callable[..., None], geometry: Any, push: Any) -> None:
        rows, beats = geometry.rows.input_beats, geometry.columns.input_beats
        pushes = geometry.row_pushes
        forced = geometry.added_rows - geometry.yielding_rows
        # Pushes of the row that have been made, rows of the frame, rows that were added after it.
        made = Signal(range(pushes + 1), init=pushes, name="pushes_made")
        row = Signal(range(rows + 1), init=rows, name="rows_made")
        added = Signal(range(geometry.added_rows + 1), init=geometry.added_rows, name="rows_added")

        begins = made == pushes
        drains = begins & ~push.row_start
        self.beat = Mux(begins, 0, made)
        whole = row == rows
        starts = begins & push.frame_start & push.row_start
        self.row = Mux(starts, 0, row)
        in_frame = starts | ~whole
        self.inside = push.valid & ~drains & in_frame & (self.beat < beats)

        with m.If(push.valid):
            m.d.sync += made.eq(Mux(drains, pushes, self.beat + 1))
            with m.If(~drains & (self.beat == pushes - 1)):
                m.d.sync += row.eq(Mux(in_frame, self.row + 1, row))
                m.d.sync += added.eq(Mux(in_frame, 0, added + 1))
            with m.If(starts):
                m.d.sync += row.eq(0)

        within = ~drains & (self.beat < beats)
        first_row = in_frame & (self.row == 0)
        last_row = in_frame & (self.row == rows - 1)
        valid = push.valid
        rule(push.row_start == (~drains & (self.beat == 0)), when=valid)
        rule(push.row_end == (~drains & (self.beat == beats - 1)), when=valid)
        rule(push.stored == within, when=valid)
        rule(push.address == self.beat, when=valid & within)
        rule(push.frame_start == first_row, when=valid & push.row_start)
        rule(push.frame_end == last_row, when=valid & push.row_start)
        # A row of a frame follows the one before it; a frame starts where the last one has its rows
        # and those that its output needs; no more rows are added than these.
        starts_row = begins & push.row_start
        rule(whole & (added == geometry.added_rows), when=valid & drains)
        rule(whole & (added >= forced), when=valid & starts)
        rule(added < geometry.added_rows, when=valid & starts_row & ~in_frame)
