"""How far a beat is from the edges of its line, in flags that travel with the beats."""

from collections.abc import Callable, Iterable

from amaranth import *
from amaranth.hdl import ValueLike

from ...model.axis import Axis, Flag
from ..delay import ages
from ..geometry import Span


__all__ = ["Edges"]


class Edges:
    """The flags of an axis, for the beat of this step.

    A step is a clock edge at which ``step`` is true; everything here belongs to the beat that is
    there in the cycle before it, and means nothing while ``step`` is false.

    Parameters
    ----------
    m : :class:`~amaranth.hdl.Module`
        Where the registers go.
    step : :class:`~amaranth.hdl.Value`
        A beat is there.
    first, last : :class:`~amaranth.hdl.Value`
        It is its line's first, its last.
    axis : :class:`~windrow.model.axis.Axis` or :class:`~.geometry.Span`
        The axis.
    flags : iterable of :class:`~windrow.model.axis.Flag`
        Those that will be asked for.

    Attributes
    ----------
    shown : :class:`~amaranth.hdl.Value`
        The beat makes an output.
    starts, ends : :class:`~amaranth.hdl.Value`
        ... the first of its line, the last.
    """

    def __init__(
        self, m: Module, step: ValueLike, first: Value, last: Value, axis: Axis | Span,
        flags: Iterable[Flag],
    ) -> None:
        self._m = m
        self._step = step
        oldest = {"first": axis.delay, "last": axis.drain}
        for flag in flags:
            oldest[flag.edge] = max(oldest[flag.edge], flag.age)
        self._ages = {
            "first": ages(m, step, first, oldest["first"]),
            "last": ages(m, step, last, oldest["last"]),
        }
        self.starts = self._ages["first"][axis.delay]
        self.ends = self._ages["last"][axis.drain]
        # Outputs start with a line's first beat and end with its last, each at its age.
        within = Signal(name="within")
        self.shown = within | self.starts
        with m.If(step):
            m.d.sync += within.eq(self.shown & ~self.ends)

    def holds(self, flag: Flag) -> Value:
        """Whether the edge is that many beats old."""
        return self._ages[flag.edge][flag.age]

    def any(self, flags: Iterable[Flag], name: str) -> Value:
        """Whether one of the flags holds. Out of a register, unless one is of age 0."""
        each = list(flags)
        if any(flag.age == 0 for flag in each):
            return Cat(map(self.holds, each)).any()
        return self._registered(map(self.holds, map(_sooner, each)), name)

    def any_allowed(
        self, flags: Iterable[Flag], allows: Callable[[Flag], Value], name: str
    ) -> Value:
        """Whether one of the flags holds that are allowed as well. Out of a register.

        ``allows`` is about the next step. No flag may be of age 0.
        """
        each = (self.holds(_sooner(flag)) & allows(flag) for flag in flags)
        return self._registered(each, name)

    def _registered(self, soon: Iterable[Value], name: str) -> Value:
        found = Signal(name=name)
        with self._m.If(self._step):
            self._m.d.sync += found.eq(Cat(soon).any())
        return found

    def between(self, begin: Flag, end: Flag, name: str) -> Value:
        """True from the beat at which ``begin`` holds until before the one at which ``end`` does.

        Out of a register, unless one is of age 0.
        """
        inside = Signal(name=name)
        if begin.age == 0 or end.age == 0:
            now = self.holds(begin) | (inside & ~self.holds(end))
            with self._m.If(self._step):
                self._m.d.sync += inside.eq(now)
            return now
        with self._m.If(self._step):
            self._m.d.sync += inside.eq(
                self.holds(_sooner(begin)) | (inside & ~self.holds(_sooner(end))))
        return inside


def _sooner(flag: Flag) -> Flag:
    return flag._replace(age=flag.age - 1)
