"""The last few lines of a frame of any size, which leave a few at a time."""

from typing import Any

from amaranth import *

from ...model.hysteresis import line_step
from ..delay import delayed
from .keeping import Keeping
from .layout import WordLayout


__all__ = ["LastLines"]


class LastLines(Keeping):
    """Some lines, of which the oldest leave when all of them are linked.

    Addresses count on through all frames, modulo a power of two; so that a word and its neighbours
    lie at fixed distances in a ring. From ``low`` to ``limit`` words are linked. When nothing is
    left to do, the oldest rows leave, as many newer ones come under ``limit``, and the last row
    before them is scanned again. One row is kept after it has left: where an edge would spread into
    that, the frame's map is not complete, and its last word says so. Only one frame at a time is
    linked to its end and has not left.

    Parameters
    ----------
    layout : :class:`~.layout.WordLayout`
        The words of a frame.
    lines : :class:`int`
        Rows that are known below each row when it leaves, at least.
    """

    def __init__(self, layout: WordLayout, lines: int) -> None:
        step = line_step(lines)
        row = layout.row_words
        # A step more comes in while the rest is linked, and a row has left.
        depth = max(((lines + 2 * step + 1) * row + 8 - 1).bit_length(), 2)
        super().__init__(layout, 1 << depth, depth + 2)
        self._first = min(lines + step, layout.height)
        self._step = step
        self._limit = Signal(self.address, name="limit", init=self._first * row)
        self._base = Signal(self.address, name="base")
        self._low = Signal(self.address, name="low")
        # A frame is linked and has not left, and whether it misses edges.
        self._leaves, self._misses = Signal(name="leaves"), Signal(name="misses")

    @property
    def first_words(self) -> int:
        return self._first * self.layout.row_words

    def links(self, address: Value) -> Value:
        return ~_before(address, self._low) & _before(address, self.loaded) & _before(
            address, self._limit)

    def gone(self, address: Value) -> Value:
        return _before(address, self._base)

    def marks(self, m: Module, begins_unload: Value, step: Any) -> tuple[Value, Value]:
        words = self.layout.words
        left = Signal(range(words), name="unloaded")
        ends = left == words - 1
        with m.If(begins_unload):
            m.d.sync += left.eq(Mux(ends, 0, left + 1))
            with m.If(ends):
                m.d.sync += self._leaves.eq(0)
        first = delayed(m, left == 0, 4, name="first", reset_less=True)
        return first, delayed(m, ends & self._misses, 4, name="misses", reset_less=True)

    def follow(
        self, m: Module, begins: Value, came: Any, last: Any, *, valid: Value, unsettled: Value,
        busy: Value, overflows: Value, missed: Value
    ) -> None:
        row, rows, step = self.layout.row_words, self.layout.height, self._step
        _, begins_unload, _, begins_scan = begins
        limit, base = self._limit, self._base
        end = Signal(self.address, name="unload_end")
        frame_end = Signal(self.address, name="frame_end",
                           init=rows * row % (1 << len(self.loaded)))
        rest = Signal(range(rows + 1), name="rest", init=rows - self._first)
        open_ = Signal(name="open")
        ahead = Signal(self.address, name="ahead")
        scanned, room = Signal(name="scanned"), Signal(name="room")
        # What is said of a frame is kept until it has left: the next one waits for that.
        waits = Signal(name="waits")
        held = Signal(self.address, name="held")
        m.d.comb += held.eq(self.load_address - self.unload_address)
        m.d.sync += [
            # A cycle late; loads and scans are two cycles apart at least.
            ahead.eq(self.loaded - self.scan_address),
            scanned.eq((self.scan_address == limit) & ~begins_scan),
            waits.eq(self._leaves & (rest == 0)),
            room.eq(held < self.depth - row - 4),
            self._full.eq(~_before(self.loaded, limit)),
            self.scan_ready.eq(
                ~self.scan_ready & ~unsettled
                & (self.scan_address != limit) & _before(self.scan_address, self.loaded)
                & (self._full | ((ahead > row + 1) & ~ahead[-1]))),
        ]
        self._settles(m, valid, room, begins, came, scanned & (self.scan_address == limit),
                      unsettled | busy | self.scan_ready | waits, overflows)
        with m.If(last.load):
            m.d.sync += self.loaded.eq(self.loaded + 1)
        with m.If(begins_unload):
            m.d.sync += [
                self.unload_address.eq(self.unload_address + 1),
                self.unloading.eq((self.unload_address + 1)[: len(end)] != end),
            ]
        with m.If(missed):
            m.d.sync += open_.eq(1)
        with m.If(self._done):
            m.d.sync += [self._idle.eq(0), self._again.eq(0), self._full.eq(0), scanned.eq(0)]
            with m.If(self._again):
                m.d.sync += self.scan_address.eq(base)
            with m.Elif(rest == 0):
                m.d.sync += [
                    self.unloading.eq(1), end.eq(frame_end), base.eq(frame_end),
                    self._low.eq(frame_end), limit.eq(frame_end + self._first * row),
                    frame_end.eq(frame_end + rows * row), rest.eq(rows - self._first),
                    self._leaves.eq(1), self._misses.eq(open_), open_.eq(0),
                ]
            with m.Else():
                next_base = base + step * row
                m.d.sync += [
                    self.unloading.eq(1), end.eq(next_base), base.eq(next_base),
                    self._low.eq(next_base - row),
                    # What was scanned in the last row has not met the rows below.
                    self.scan_address.eq(limit - row),
                    limit.eq(Mux(rest > step, limit + step * row, frame_end)),
                    rest.eq(Mux(rest > step, rest - step, 0)),
                ]


def _before(address: Value, other: Value) -> Value:
    """Whether a place lies before another; both are less than half the addresses apart."""
    return (address - other)[len(other) - 1]
