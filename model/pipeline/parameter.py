"""Numbers that expressions use by name: registers, where a pipeline has a register port."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import InputError, nearest, shorten
from ..interval import Interval
from ..sample import Sample


__all__ = ["Parameter", "read_parameters"]

_KEYS = ("value", "range")
#: What a register of 32 bits holds, with and without a sign.
_WORDS = (Interval(0, (1 << 32) - 1), Interval(-(1 << 31), (1 << 31) - 1))


@dataclass(frozen=True)
class Parameter:
    """A number with a name.

    Parameters
    ----------
    name : :class:`str`
        What expressions call it.
    value : :class:`int`
        What it is; with a register port, after a reset.
    range : :class:`~windrow.model.interval.Interval`
        What it can be set to.
    """

    name: str
    value: int
    range: Interval

    def to_dict(self) -> dict[str, Any]:
        """Its table in a file."""
        return {"value": self.value, "range": list(self.range)}


def read_parameters(table: object, pixel: Sample) -> tuple[Parameter, ...]:
    """The parameters of a table of names with their values, or with ``value`` and ``range``.

    Without a range they are samples of the input, ``pixel``.

    Raises
    ------
    :exc:`~windrow.model.errors.InputError`
        If a value is no integer of its range, or a range none that a register of 32 bits holds.
    """
    if not isinstance(table, Mapping):
        raise InputError("parameters must be a table of names with their values, such as "
                         f"{{ low = 60 }}, not {shorten(table)}")
    return tuple(_read(name, value, pixel) for name, value in table.items())


def _read(name: str, value: object, pixel: Sample) -> Parameter:
    key = f"parameters.{name}"
    given: Mapping[str, Any] = value if isinstance(value, Mapping) else {"value": value}
    for each in given:
        if each not in _KEYS:
            raise InputError(f"{key} has an unknown key {shorten(each)}: {nearest(each, _KEYS)}")
    number, ends = given.get("value"), given.get("range", [pixel.minimum, pixel.maximum])
    if type(number) is not int:
        raise InputError(f"{key} must be an integer, or {{ value = 60, range = [0, 255] }}, not "
                         f"{shorten(value)}")
    if not isinstance(ends, (list, tuple)) or len(ends) != 2 or not all(
            type(end) is int for end in ends) or ends[0] > ends[1]:
        raise InputError(f"{key}.range must be [least, greatest], not {shorten(ends)}")
    reach = Interval(*ends)
    if not any(word.low <= reach.low and reach.high <= word.high for word in _WORDS):
        raise InputError(f"{key}.range {list(reach)} must lie within 32 bits, signed or not")
    if not reach.low <= number <= reach.high:
        whose = "its range is" if "range" in given else f"a sample of the input, {pixel}, is"
        raise InputError(f"{key} {number} is out of range: {whose} from {reach.low} to "
                         f"{reach.high}; write {{ value = {number}, range = [least, greatest] }}")
    return Parameter(name, number, reach)
