"""From beats of some samples to beats of others."""

from collections.abc import Sequence
from functools import reduce
from itertools import accumulate
from operator import or_
from typing import Any

from amaranth import *
from amaranth.hdl import ShapeLike
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from .rom import loop, table


__all__ = ["Repack", "beat_counts", "filled"]


def beat_counts(channels: int, lanes: int) -> tuple[int, ...]:
    """Samples of each beat of a pixel."""
    return tuple(min(lanes, channels - at) for at in range(0, channels, lanes))


def filled(m: Module, beats: Any, counts: Sequence[int]) -> Value:
    """The payload of a stream with zeros in the lanes that a beat does not fill."""
    lanes = len(beats.payload)
    place, _ = loop(m, len(counts), beats.valid & beats.ready, "filled")
    count = table(m, counts, range(lanes + 1), place, "count", registered=False)
    return Cat(Mux(count > lane, Value.cast(sample), 0) if lane >= min(counts) else sample
               for lane, sample in enumerate(beats.payload))


class Repack(wiring.Component):
    """Cuts the samples of each pixel into other beats.

    A beat holds its samples in the lowest lanes; the others are zero at ``o``, and may be anything
    at ``i``. Throughput is a beat a cycle at the side that has more beats. ``o`` does not depend on
    ``i`` in the same cycle, nor ``i.ready`` on ``o.ready``.

    Parameters
    ----------
    sample : :ref:`shape-like <lang-shapelike>`
        A sample.
    taken, given : sequence of :class:`int`
        Samples of each beat of a pixel, at ``i`` and at ``o``.
    taken_lanes, given_lanes : :class:`int`
        Lanes of a beat.

    Members
    -------
    i, o : streams of arrays of samples
        Input and output.
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(
        self, sample: ShapeLike, taken: Sequence[int], given: Sequence[int],
        taken_lanes: int, given_lanes: int,
    ) -> None:
        assert sum(taken) == sum(given)
        self._sample = sample
        self._taken, self._given = tuple(taken), tuple(given)
        super().__init__({
            "i": In(stream.Signature(data.ArrayLayout(sample, taken_lanes))),
            "o": Out(stream.Signature(data.ArrayLayout(sample, given_lanes))),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        width = Shape.cast(self._sample).width
        most_taken, most_given = max(self._taken), max(self._given)
        # As many as wait for their beat, one beat that goes, and one that comes.
        size = most_taken + most_given
        cuts = [set(accumulate(counts)) for counts in (self._taken, self._given)]
        if not (cuts[0] <= cuts[1] or cuts[1] <= cuts[0]):
            # A beat waits in part while another one comes and goes.
            size += min(most_taken, most_given) - 1
        if len(set(self._taken[:-1])) > 1:
            # Of channels side by side: their beats come and go in different turns.
            size += most_taken
        kept = Signal(data.ArrayLayout(unsigned(width), size), reset_less=True)
        level = Signal(range(size + 1))

        takes = Signal()
        gives = Signal()
        shape = range(size + 1)
        place, _ = loop(m, len(self._taken), takes, "taken")
        taken = table(m, self._taken, shape, place, "takes", registered=False)
        place, _ = loop(m, len(self._given), gives, "given")
        given = table(m, self._given, shape, place, "gives", registered=False)
        m.d.comb += [
            self.i.ready.eq(level <= size - most_taken),
            self.o.valid.eq(level >= given),
            takes.eq(self.i.valid & self.i.ready),
            gives.eq(self.o.valid & self.o.ready),
        ]
        for number, sample in enumerate(self.o.payload):
            if number < most_given:
                m.d.comb += Value.cast(sample).eq(Mux(given > number, kept[number], 0))

        # What goes moves the rest down, then what comes lies above it.
        rest = Signal(shape)
        m.d.comb += rest.eq(level - Mux(gives, given, 0))
        m.d.sync += level.eq(rest + Mux(takes, taken, 0))
        new = [Value.cast(sample) for sample in self.i.payload]
        # Where an input beat may begin; no more than this is waiting when one is taken.
        starts = range(size - most_taken + 1)
        for number in range(size):
            stays: Value = kept[number]
            for count in set(self._given):
                moved = kept[number + count] if number + count < size else Const(0, width)
                stays = Mux(gives & (given == count), moved, stays)
            found: list[Value] = [
                new[number - start] & (rest == start).replicate(width)
                for start in starts if 0 <= number - start < most_taken]
            while len(found) > 1:
                # In pairs: Amaranth does not write expressions that are some hundred deep.
                found = [reduce(or_, found[at : at + 2]) for at in range(0, len(found), 2)]
            value = found[0]
            least = min(start for start in starts if 0 <= number - start < most_taken)
            # What lies above the level may be anything, so a later beat may lie there as well.
            m.d.sync += kept[number].eq(Mux(
                takes & (rest <= number) if least <= number else Const(0), value, stays))
        return m
