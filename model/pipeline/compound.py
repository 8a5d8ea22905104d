"""A stage that stands for several, and what these have of it."""

import math
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from typing import Any

from ..errors import InputError, nearest, shorten
from ..format import Format


__all__ = ["RESULT", "WINDOW", "Compound", "Table"]

Table = dict[str, Any]
"""A stage's keys and their values."""


@dataclass(frozen=True)
class Compound:
    """A stage that stands for several.

    Parameters
    ----------
    name : :class:`str`
        Its name, which the last of the several has.
    source : :class:`str`
        The tap that it reads.
    format : :class:`~windrow.model.format.Format`
        What that carries.
    verb : :class:`str`
        The verb.
    keys : mapping
        The stage's keys, the verb among them.
    taken : set of :class:`str`
        Names that its parts must not have.
    parameters : set of :class:`str`
        Names that may stand for numbers.
    """

    name: str
    source: str
    format: Format
    verb: str
    keys: Mapping[str, Any]
    taken: Set[str]
    parameters: Set[str] = frozenset()

    def inner(self, what: str) -> str:
        """A name for one of its parts."""
        name = f"{self.name}_{what}"
        while name in self.taken:
            name += "_"
        return name

    @property
    def value(self) -> Any:
        """What stands at the verb."""
        return self.keys[self.verb]

    def part(self, what: str, source: str = "", **own: Any) -> Table:
        """A window stage inside, which has this stage's border."""
        shared = {key: self.keys[key] for key in (*WINDOW, "anchor") if key in self.keys}
        return {"name": self.inner(what), "from": source or self.source, **shared, **own}

    def last(self, source: str = "", **own: Any) -> Table:
        """The stage that makes the result; an expression reads what it names."""
        given = {key: self.keys[key] for key in RESULT if key in self.keys}
        reads = {} if "expr" in own else {"from": source or self.source}
        return {"name": self.name, **reads, **own, **given}

    def choice(self, key: str, default: str, choices: tuple[str, ...]) -> str:
        """A key that is one of some words."""
        value = self.keys.get(key, default)
        if value not in choices:
            raise InputError(f"{key} must be one of {', '.join(choices)}, not {shorten(value)}")
        assert isinstance(value, str)
        return value

    def number(self, key: str, default: float | None = None) -> float:
        """A finite number."""
        value = self.keys.get(key, default)
        if type(value) not in (int, float) or not math.isfinite(value):
            raise InputError(f"{key} must be a number, not {shorten(value)}")
        return value

    def whole(
        self, key: str, rounded: Callable[[float], int] = math.floor, default: float | None = None
    ) -> str:
        """A number rounded to an integer, or a parameter's name: as text for an expression."""
        value = self.keys.get(key, default)
        if isinstance(value, str) and value in self.parameters:
            return value
        if isinstance(value, str) and self.parameters:
            raise InputError(f"{key} must be a number or a parameter, not {shorten(value)}: "
                             f"{nearest(value, sorted(self.parameters))}")
        return str(rounded(self.number(key, default)))


#: Keys of a compound stage's windows, and of its result.
WINDOW = ("border", "border_value")
RESULT = ("output", "overflow")
