"""Which designs go onto a board."""

from collections.abc import Iterable
from typing import NamedTuple

from ..model import Filter, InputError, Pipeline, Sample


__all__ = ["Rule", "check_filter"]

_U8 = Sample.parse("u8")


class Rule(NamedTuple):
    """What a key of the filter must be."""

    key: str
    holds: bool
    rule: str


def check_filter(filter: Filter | Pipeline, place: str, rules: Iterable[Rule]) -> None:
    """Refuse a filter or a pipeline that does not suit the place between a source and an output.

    Samples of eight bits go in and out, a pixel a clock at most; ``rules`` say what else there is.

    Raises
    ------
    :exc:`InputError`
        With the key, its value, the place and the rule.
    """
    if isinstance(filter, Filter) and len(filter.applied.outputs) > 1:
        raise InputError(f"kernels {', '.join(filter.applied.outputs)} do not suit {place}: one "
                         "picture goes out, so give one kernel")
    for key, holds, rule in (
        *rules,
        *([Rule("outputs", filter.output_format.channels in (1, 3),
                "1 channel for grey or 3 for colour")] if isinstance(filter, Pipeline) else []),
        Rule("pixel", filter.pixel == _U8, "u8"),
        Rule("output", filter.output == _U8, "u8"),
        Rule("pixels_per_clock", filter.pixels_per_clock == 1, "1"),
        Rule("input_fifo", not filter.input_fifo, "0"),
    ):
        if not holds:
            raise InputError(
                f"{key} {getattr(filter, key)} does not suit {place}: it must be {rule}")
