"""The tables of :mod:`windrow.model.axis` as multiplexers."""

from collections.abc import Callable
from functools import reduce
from operator import or_

from amaranth import *

from ...model.axis import Flag, Select, Source


__all__ = ["multiplex"]


def multiplex(
    select: Select, value: Callable[[Source], Value], holds: Callable[[list[Flag]], Value],
    border: Callable[[str], Value] | None = None,
) -> Value:
    """What ``select`` chooses. Cases that lead to the same source share an input.

    ``value`` gives a source's value, ``holds`` whether any of some flags is true.

    Where the border is chosen while the core runs, ``border`` is the value of constant border on a
    side, and 0 while the border is another there. More than two cases are then not asked one after
    the other, since only one can hold, and that of constant border is not asked for.
    """
    flags: dict[Source, list[Flag]] = {}
    for case in select.cases:
        flags.setdefault(case.source, []).append(case.flag)
    chosen = value(select.default)
    sides = {case.flag.side for case in select.cases}
    if border is not None and len(flags) > 2 and len(sides) == 1 and None in flags:
        any_holds = holds([flag for any_of in flags.values() for flag in any_of])
        parts = [value(source) & holds(any_of).replicate(len(chosen))
                 for source, any_of in flags.items() if source is not None]
        if len(parts) % 2:  # two fit into a LUT, and the border to the one that is left over
            return Mux(any_holds, reduce(or_, parts, border(*sides)), chosen)
        return reduce(or_, parts, Mux(any_holds, border(*sides), chosen))
    for source, any_of in flags.items():
        chosen = Mux(holds(any_of), value(source), chosen)
    return chosen
