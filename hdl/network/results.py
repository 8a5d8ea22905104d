"""From the sums of a pass to beats of samples, a few at a time."""

from collections.abc import Sequence
from typing import Any

from amaranth import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from ...model.interval import Interval
from ...model.network.linear_form import Form
from ...model.sample import Sample
from ..beat import interval_shape, sample_shape
from ..delay import delayed
from ..devices import Device
from .form_unit import FormUnit
from .repack import beat_counts
from .rom import loop, table


__all__ = ["Results"]


class Results(wiring.Component):
    """Requantises the sums of passes and queues the samples.

    There are as few requantisers as keep up: results of a pass wait for each other while the next
    pass is at work.

    Parameters
    ----------
    forms : sequence of sequences of :class:`~windrow.model.network.linear_form.Form`
        For each pass of a pixel, or for each number, what makes samples of its sums. ``None``:
        they are the samples.
    counts : sequence of :class:`int`
        Sums of each pass of a pixel.
    lanes : :class:`int`
        Sums of a pass, at most.
    interval : :class:`int`
        Cycles from one pass to the next, at least.
    sums : :class:`~windrow.model.interval.Interval`
        Range of the sums.
    sample : :class:`~windrow.model.sample.Sample`
        The output's.
    device : :class:`~..devices.Device`
        Whose queue to use.
    begun : :class:`int`
        Cycles from where ``room`` lets a pass begin to ``early``.
    numbered : :class:`bool`
        Whether passes say the number of their forms.

    Attributes
    ----------
    given : tuple of :class:`int`
        Samples of each beat of a pixel.

    Members
    -------
    room : :py:`Out(1)`
        A pass may begin.
    early : :py:`In(1)`
        The sums of a pass are there in the next cycle.
    number : :py:`In`
        With ``early``: the number of their forms, where they are ``numbered``.
    i : :py:`In` array of sums
        The sums, for that cycle.
    o : stream of arrays of samples
        Samples.
    """

    room: Signal
    early: Signal
    number: Signal
    i: Any
    o: stream.Interface

    def __init__(
        self, forms: Sequence[Sequence[Form]] | None, counts: Sequence[int], lanes: int,
        interval: int, sums: Interval, sample: Sample, device: Device, *, begun: int,
        numbered: bool = False,
    ) -> None:
        self._lanes = lanes
        # As few at once as are as fast as the passes.
        self._units = units = -(-lanes // interval)
        most = -(-lanes // units)
        self._beats = [-(-count // units) for count in counts]
        self._spacing = spacing = interval // most
        self.sums = sums
        self.given = tuple(count for each in counts for count in beat_counts(each, units))
        self._unit = None
        after = 1 + (most > 1) + (most - 1) * spacing
        if forms is not None:
            rows: list[list[Form | None]] = [
                [*each[at:at + units], *[None] * units][:units]
                for each in forms for at in range(0, units if numbered else len(each), units)]
            self._unit = FormUnit(
                rows, sums, sample, spacing, device, numbered=numbered)
            after += self._unit.latency
        payload = data.ArrayLayout(sample_shape(sample), units)
        on_their_way = most * ((begun + after) // interval + 2)
        self._queue = device.short_queue(payload, on_their_way, 2 * most)
        super().__init__({
            "room": Out(1),
            "early": In(1),
            "number": In(range(max(len(forms or []), 2))),
            "i": In(data.ArrayLayout(interval_shape(sums), lanes)),
            "o": Out(stream.Signature(payload)),
        })

    def latency(self, beat: int) -> int:
        """Cycles from a pass's sums to a beat of them at ``o``, while nothing waits there."""
        in_turn = 0 if self._lanes == self._units else 2 + beat * self._spacing
        unit = 0 if self._unit is None else self._unit.latency
        return in_turn + unit + self._queue.latency

    @property
    def last_latency(self) -> int:
        """The same of the last beat of a pixel."""
        return self.latency(self._beats[-1] - 1)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.queue = queue = self._queue
        m.d.comb += self.room.eq(queue.room)
        wiring.connect(m, queue.o, wiring.flipped(self.o))
        sums, valid, number = self._in_turn(m)
        if self._unit is None:
            for lane, sample in enumerate(queue.i):
                m.d.comb += Value.cast(sample).eq(sums[lane])
            m.d.comb += queue.i_valid.eq(valid)
            return m
        m.submodules.unit = unit = self._unit
        m.d.comb += [unit.i[lane].eq(each) for lane, each in enumerate(sums)]
        m.d.comb += [
            unit.number.eq(number),
            unit.i_valid.eq(valid),
            Value.cast(queue.i).eq(Value.cast(unit.o)),
            queue.i_valid.eq(unit.o_valid),
        ]
        return m

    def _in_turn(self, m: Module) -> tuple[list[Value], Value, Value]:
        """A beat's sums, whether they are there, and their number."""
        shape, units = interval_shape(self.sums), self._units
        given: list[Value] = [self.i[lane] for lane in range(self._lanes)]
        comes = Signal()
        m.d.sync += comes.eq(self.early)
        coming = delayed(m, self.number, 1, name="number", reset_less=True)
        if self._lanes == units:
            return given, comes, coming
        # A row of registers that moves on by a beat.
        kept = [Signal(shape, name=f"kept_{lane}", reset_less=True)
                for lane in range(self._lanes)]
        number = Signal.like(self.number, name="kept_number", reset_less=True)
        beats = table(m, self._beats, range(max(self._beats) + 1),
                      loop(m, len(self._beats), comes, "pass")[0], "beats", registered=False)
        left = Signal(range(max(self._beats) + 1))
        due = Signal()
        wait = Signal(range(max(self._spacing, 2)))
        m.d.comb += due.eq((left != 0) & (wait == 0))
        with m.If(comes):
            m.d.sync += [left.eq(beats), wait.eq(0)]
            m.d.sync += [Cat(*kept).eq(Cat(*given)), number.eq(coming)]
        with m.Elif(due):
            m.d.sync += [left.eq(left - 1), wait.eq(self._spacing - 1)]
            m.d.sync += [Cat(*kept[:-units]).eq(Cat(*kept[units:]))]
        with m.Elif(left != 0):
            m.d.sync += wait.eq(wait - 1)
        out = [Signal(shape, name=f"beat_{lane}", reset_less=True) for lane in range(units)]
        valid = Signal()
        m.d.sync += [valid.eq(due), Cat(*out).eq(Cat(*kept[:units]))]
        return list(out), valid, delayed(m, number, 1, name="number", reset_less=True)
