"""A part of the pushes: those of every n-th row and beat."""

from typing import Any

from amaranth import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import bits_for

from ...model.subset import Subset
from ..beat import PUSH_PLACE
from ..delay import ages, line
from ..geometry import Sweep
from .push import Push, number_beats


__all__ = ["SubsetPush"]


class SubsetPush(wiring.Component):
    """Makes the pushes of a smaller frame out of those of a larger one.

    Beats between those that are kept make no push, and rows between those that are kept make blank
    ones: for the stages behind the row before goes on. Around the smaller frame the steps go on, so
    that blank rows move those stages; where it begins they start anew.

    An output beat is made with the input beat that holds its last pixel, :attr:`late` pushes after
    the row's first. Latency is :attr:`latency` cycles.

    Parameters
    ----------
    source : :class:`~.geometry.Sweep`
        The larger frame.
    subset : :class:`~windrow.model.subset.Subset`
        What is kept of it.
    target : :class:`~.geometry.Sweep`
        The smaller frame.

    Members
    -------
    i, o : :py:`In(Push)`, :py:`Out(Push)`
        Pushes of the larger frame and of the smaller one.
    """

    i: Any
    o: Any

    latency = 4
    """Cycles from a push to what is made with it."""

    def __init__(self, source: Sweep, subset: Subset, target: Sweep) -> None:
        self._subset = subset
        self._lanes = source.frame.pixels_per_clock
        self._last_beat = source.frame.beats_per_line - 1
        self._rows = source.frame.height
        super().__init__({"i": In(Push(source)), "o": Out(Push(target))})

    @staticmethod
    def late(subset: Subset, lanes: int) -> int:
        """Pushes from a row's first beat to the one with which its first output beat is made."""
        return (subset.left + subset.column_step * (lanes - 1)) // lanes

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        subset, lanes = self._subset, self._lanes
        valid = line(m, self.i.valid, 2, name="valid")
        push = line(m, self.i, 2, name="push", reset_less=True)

        # Down the frame: where a row lies is known a cycle after the push that starts it.
        starts = Signal()
        bits = bits_for(self._rows)
        # Before the first frame, and once one has ended, it is beyond the frame and stays there.
        row = Signal(bits, init=(1 << bits) - 1)
        begins = Signal()
        at_top = Signal()
        at_bottom = Signal()
        row_now = Mux(self.i.frame_start, 0, row + ~row.all())
        m.d.comb += starts.eq(self.i.valid & self.i.row_start)
        with m.If(starts):
            m.d.sync += row.eq(row_now)
        m.d.sync += [
            begins.eq(starts),
            at_top.eq(row_now == subset.top),
            at_bottom.eq(row_now == subset.top + subset.row_step * (subset.height - 1)),
        ]
        keeps_row = _every(m, begins, at_top, subset.row_step)
        state = Signal(3)
        with m.If(begins):
            m.d.sync += state.eq(Cat(keeps_row, at_top, at_bottom))

        # Along the row: an output beat's pixels lie in a few beats, the last of which makes it.
        first = subset.left // lanes
        wait = self.late(subset, lanes) - first
        end = first + wait + subset.column_step * (-(-subset.width // lanes) - 1)
        last = min(end, self._last_beat)
        at_first = Signal(2)
        at_last = Signal(2)
        m.d.sync += [
            at_first.eq(Cat(self.i.stored & (self.i.address == first), at_first)),
            at_last.eq(Cat(self.i.stored & (self.i.address == last), at_last)),
        ]
        step = valid[2]
        row_starts, keeps, top, bottom = (
            ages(m, step, flag, wait)[wait] for flag in (at_first[1], *state))
        row_ends = ages(m, step, at_last[1], end - last)[end - last]
        shows = Signal()  # the row is kept
        shown = Mux(row_starts, keeps, shows)
        keeps_beat = _every(m, step, row_starts, subset.column_step)
        with m.If(step):
            m.d.sync += shows.eq(shown)

        beats = [push[2].beat]
        for age in range(1, wait + 1):
            beat = Signal(self.i.beat.shape(), name=f"beat_{age}", reset_less=True)
            with m.If(step):
                m.d.sync += beat.eq(beats[-1])
            beats.append(beat)
        chosen = Signal(self.o.beat.shape(), reset_less=True)
        for lane in range(lanes):
            number, pixel = divmod(subset.left + subset.column_step * lane, lanes)
            m.d.sync += Value.cast(chosen[lane]).eq(beats[first + wait - number][pixel])
        made = Signal()
        place: Any = Signal(data.StructLayout(dict.fromkeys(PUSH_PLACE, 1)), reset_less=True)
        m.d.sync += [
            made.eq(step & keeps_beat),
            place.row_start.eq(row_starts & keeps),
            place.row_end.eq(row_ends & shown),
            place.frame_start.eq(row_starts & keeps & top),
            place.frame_end.eq(row_starts & keeps & bottom),
        ]
        beat = Signal(self.o.beat.shape(), name="beat", reset_less=True)
        with m.If(made):
            m.d.sync += Value.cast(beat).eq(Value.cast(chosen))
        m.d.comb += self.o.beat.eq(beat)
        number_beats(m, self.o, made, place)
        return m


def _every(m: Module, step: Value, restarts: Value, count: int) -> Value:
    """True at every ``count``-th step, and where it starts anew."""
    if count == 1:
        return Const(1)
    left = Signal(range(count), reset_less=True)
    now = restarts | (left == 0)
    with m.If(step):
        m.d.sync += left.eq(Mux(now, count - 1, left - 1))
    return now
