"""What enters a running sum and what leaves it, at one beat after the other."""

from typing import Any

from amaranth import *
from amaranth.hdl import ValueLike
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ...model.axis import Flag
from ...model.interval import Interval, hull
from ..beat import interval_shape
from ..delay import delayed
from ..window.edges import Edges
from .running_axis import RunningAxis


__all__ = ["Exchange", "Place", "place"]


class Place(data.StructLayout):
    """Where a beat stands in its line.

    Members
    -------
    first, last : 1 bit
        It is the line's first, its last.
    shown, starts, ends : 1 bit
        It makes an output; the first of its line; the last.
    enters, leaves : 1 bit
        What enters, what leaves then belongs to the border.
    adds : 1 bit
        It is part of the line's first sum. Clear while none comes in, where ``first`` is.
    doubled : 1 bit
        It counts twice in the line's first sum.
    mirrored_* : 1 bit
        The border is that many beats old. Means nothing without ``enters`` or ``leaves``.
    """

    def __init__(self, running: RunningAxis) -> None:
        names = ("first", "last", "shown", "starts", "ends", "enters", "leaves", "adds",
                 "doubled")
        super().__init__({
            **dict.fromkeys(names, 1),
            **{f"mirrored_{age}": 1 for age in running.mirrored},
        })


def place(m: Module, step: ValueLike, first: Value, last: Value, running: RunningAxis) -> Any:
    """The :class:`Place` of the beat that is there while ``step`` is true."""
    axis = running.axis
    passed, ended = Flag("last", running.newest + 1), Flag("last", axis.drain + 1)
    starts, settled = Flag("first", axis.delay), Flag("first", axis.delay + axis.before)
    doubled = running.doubled
    edges = Edges(m, step, first, last, axis, [
        passed, ended, starts, settled, Flag("first", axis.delay + 1), Flag("first", doubled.stop),
        *(flag for flags in running.mirrored.values() for flag in flags),
    ])
    here: Any = Signal(Place(running))
    m.d.comb += [
        here.first.eq(first),
        here.last.eq(last),
        here.shown.eq(edges.shown),
        here.starts.eq(edges.starts),
        here.ends.eq(edges.ends),
        here.enters.eq(
            edges.between(passed, ended, "enters") if running.entering.cases else 0),
        here.leaves.eq(
            edges.between(starts, settled, "leaves") if running.leaving.cases else 0),
        here.adds.eq(edges.between(Flag("first", 0), Flag("first", axis.delay + 1), "adds")),
        here.doubled.eq(
            edges.between(Flag("first", doubled.start), Flag("first", doubled.stop), "doubled")
            if doubled else 0),
    ]
    for age, flags in running.mirrored.items():
        m.d.comb += here[f"mirrored_{age}"].eq(edges.any(flags, f"mirrored_{age}"))
    return here


class Exchange(wiring.Component):
    """Picks what enters and what leaves, border included, out of a sample and those before it.

    At one beat only one of the two can belong to the border, so there is one choice among border
    samples. A replicated sample is *held*: its place in the memory does not move, and there is
    nothing to choose. Reflected ones are looked up, and cost more the wider the border is.

    Latency is :attr:`latency` cycles, throughput is one beat a cycle. There are no enables.

    Parameters
    ----------
    running : :class:`~.running_axis.RunningAxis`
        The axis.
    sample : :class:`~windrow.model.interval.Interval`
        Range of a sample.
    border : :class:`int`
        A sample of constant border.
    weights : iterable of :class:`int`
        How often a sample of the line's first sum may count where it is taken from ``entering``.

    Members
    -------
    place : :py:`In(Place)`
        Where the beat stands.
    samples : :py:`In(ArrayLayout(sample, depth + 1))`
        The beat's sample and those before it; element ``d`` is ``d`` beats old.
    first_product : :py:`In(interval_shape(...))`
        :attr:`~.running_axis.RunningAxis.first_weight` times the beat's sample.
    held : :py:`In(sample)`
        What :attr:`held_next` was at the beat before.
    held_next : :py:`Out(sample)`
        In the same cycle, what is held from this beat on.
    weighted : :py:`Out(interval_shape(...))`
        What the beat's sample adds to the first sum of its line.
    entering : :py:`Out(interval_shape(...))`
        What enters at the beat's output: where this is its line's first or not yet made,
        ``weighted``.
    leaving : :py:`Out(sample)`
        What leaves after the beat's output. Where lines do not overlap, zero if nothing does.
    """

    latency = 2
    """Cycles from a beat to what enters and leaves."""

    place: Any
    samples: Any
    first_product: Signal
    held: Signal
    held_next: Signal
    weighted: Signal
    entering: Signal
    leaving: Signal

    def __init__(
        self, running: RunningAxis, sample: Interval, border: int, weights: tuple[int, ...]
    ) -> None:
        self._running = running
        self._border = border
        self._sample = shape = interval_shape(sample)
        scaled = [sample.scale(weight) for weight in running.weights]
        self._entering = hull([sample, *(sample.scale(weight) for weight in weights)])
        # What does not leave is zero.
        self._leaving = hull([sample, Interval(0, 0)])
        super().__init__({
            "place": In(Place(running)),
            "samples": In(data.ArrayLayout(shape, running.depth + 1)),
            "first_product": In(interval_shape(sample.scale(running.first_weight))),
            "held": In(shape),
            "held_next": Out(shape),
            "weighted": Out(interval_shape(hull(scaled))),
            "entering": Out(interval_shape(self._entering)),
            "leaving": Out(interval_shape(self._leaving)),
        })

    @property
    def change(self) -> Interval:
        """Range of what enters less what leaves."""
        return self._entering + self._leaving.scale(-1)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        running = self._running
        axis = running.axis
        here = self.place
        sample = self.samples[0]

        held: Value = self.held
        if running.holds_last:
            held = Mux(here.last, sample, held)
        if running.holds_first:
            held = Mux(here.starts, self.samples[axis.delay], held)
        m.d.comb += self.held_next.eq(held)

        # First what may come, ...
        weighted: Value = sample
        if running.doubled:
            weighted = Mux(here.doubled, sample << 1, weighted)
        if running.first_weight > 1:
            weighted = Mux(here.first, self.first_product, weighted)
        weighted_sample = Signal(self.weighted.shape(), reset_less=True)
        m.d.sync += weighted_sample.eq(weighted)
        border = Signal(self._sample, reset_less=True)
        m.d.sync += border.eq(self._border_sample())
        newest, oldest = (
            delayed(m, self.samples[age], 1, name=name, reset_less=True)
            for age, name in ((running.newest, "newest"), (running.oldest, "oldest")))

        # ... then what comes.
        then = delayed(m, here, 1, name="then", reset_less=True)
        entering: Value = weighted_sample
        if running.newest > 0:
            entering = Mux(then.shown & ~then.starts, newest, entering)
        if running.entering.cases:
            entering = Mux(then.enters, border, entering)
        leaving: Value = oldest
        if running.leaving.cases:
            leaving = Mux(then.leaves, border, leaving)
        for name, chosen in (("entering", entering), ("weighted", weighted_sample)):
            out = getattr(self, name)
            register = Signal(out.shape(), name=f"{name}_out", reset_less=True)
            m.d.sync += register.eq(chosen)
            m.d.comb += out.eq(register)
        out = Signal(self.leaving.shape(), name="leaving_out", reset_less=True)
        m.d.sync += out.eq(leaving)
        if not running.overlaps:
            with m.If(~then.shown | then.ends):
                m.d.sync += out.eq(0)
        m.d.comb += self.leaving.eq(out)
        return m

    def _border_sample(self) -> Value:
        """What enters or leaves where ``place`` says that it belongs to the border."""
        running, here = self._running, self.place
        sides = {"enters": (running.entering, running.holds_last),
                 "leaves": (running.leaving, running.holds_first)}
        whens: dict[str, list[Value]] = {}
        for side, (select, holds) in sides.items():
            if holds:
                whens.setdefault("held", []).append(here[side])
            elif any(case.source is None for case in select.cases):
                whens.setdefault("constant", []).append(here[side])
        fixed = {"held": self.held_next, "constant": Const(self._border, self._sample)}
        choices = [(Cat(when).any(), fixed[kind]) for kind, when in whens.items()]
        choices += [(here[f"mirrored_{age}"], self.samples[age]) for age in running.mirrored]
        if len(choices) == 1:
            return choices[0][1]
        chosen: Value = Const(0)
        for when, value in choices:
            chosen = chosen | (value.as_unsigned() & when.replicate(len(value)))
        return chosen
