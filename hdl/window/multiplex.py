"""The tables of :mod:`windrow.model.axis` as multiplexers."""

from collections.abc import Callable

from amaranth import *

from ...model.axis import Flag, Select, Source


__all__ = ["multiplex"]


def multiplex(
    select: Select, value: Callable[[Source], Value], holds: Callable[[list[Flag]], Value]
) -> Value:
    """What ``select`` chooses. Cases that lead to the same source share an input.

    ``value`` gives a source's value, ``holds`` whether any of some flags is true.
    """
    flags: dict[Source, list[Flag]] = {}
    for case in select.cases:
        flags.setdefault(case.source, []).append(case.flag)
    chosen = value(select.default)
    for source, any_of in flags.items():
        chosen = Mux(holds(any_of), value(source), chosen)
    return chosen
