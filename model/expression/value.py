"""An expression as a value: what it reads, what it is, and the graph that makes it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from ..graph import Graph
from ..interval import Interval
from .lowering import lowered
from .operations import Array, Operation, Read, rule_of
from .parsing import parse, ranges


__all__ = ["Expression", "graph_of", "reads_of"]


@dataclass(frozen=True)
class Expression:
    """Integer Python on pixels: see docs/expressions.md.

    Values are Python's on unlimited integers: ``//`` and ``%`` round down, ``>>`` keeps the sign,
    ``& | ^ ~`` are of two's complement, comparisons are 0 or 1. ``and``, ``or`` and ``not`` are of
    truth values and give 0 or 1 as well. ``sqrt(v)`` is the floor of the root, ``round(sqrt(v))``
    the nearest integer; ``round(a / b)`` is the nearest, ties to even, and ``divide(a, b)`` that,
    and 0 where ``b`` is 0. ``lut(v, 3, 1, 4)`` is the first number behind ``v`` where that is 0.

    Made by :meth:`parse`.

    Parameters
    ----------
    text : :class:`str`
        As it was given.
    operations : tuple of :class:`Operation`
        Steps, each of earlier ones; none is there twice. The last one is the value.
    pieces : tuple of :class:`str`
        The text of each, for messages.
    key : :class:`str`
        What messages call it.
    """

    text: str
    operations: tuple[Operation, ...] = field(repr=False)
    pieces: tuple[str, ...] = field(repr=False, compare=False)
    key: str = field(default="expr", repr=False, compare=False)

    @classmethod
    def parse(
        cls, text: object, names: Collection[str] | None = None, *, key: str = "expr",
        numbers: Mapping[str, int | None] = MappingProxyType({}),
    ) -> "Expression":
        """Read an expression.

        Parameters
        ----------
        text : :class:`str`
            The expression, of at most 40,000 characters.
        names : collection of :class:`str`, optional
            The taps that there are. Unless given, any name is one.
        key : :class:`str`
            What messages call it.
        numbers : mapping, optional
            Names that are one number for all pixels; ``None`` for one that is not known yet, which
            is read like a sample.

        Raises
        ------
        :exc:`~windrow.model.InputError`
            If it is none. The message names the piece that is wrong.
        """
        operations, pieces = parse(text, names, key, numbers)
        return cls(str(text), operations, pieces, key)

    @cached_property
    def reads(self) -> tuple[Read, ...]:
        """The samples that it reads, by tap, row, column and plane: the order of a graph's inputs.
        """
        return reads_of([self])

    @property
    def taps(self) -> tuple[str, ...]:
        """The names that it reads, each once."""
        return tuple(dict.fromkeys(read.tap for read in self.reads))

    def ranges(self, inputs: Mapping[Read, Interval]) -> tuple[Interval, ...]:
        """A range of each operation, of those of :attr:`reads`.

        Raises
        ------
        :exc:`~windrow.model.InputError`
            If one needs more than 63 bits, or has no value for some of its operands: a divisor
            that may be 0, a root or a shift that may be of a negative number.
        """
        return tuple(ranges(self.operations, self.pieces, inputs, self.key))

    def compute(self, samples: Mapping[Read, npt.ArrayLike]) -> Array:
        """The value for each pixel, as ``int64``: the golden model.

        Parameters
        ----------
        samples : mapping from :class:`Read` to integer arrays
            What each of :attr:`reads` is, all of one shape.

        Raises
        ------
        :exc:`~windrow.model.InputError`
            As :meth:`ranges`, for the values that the samples have.
        """
        arrays = {read: np.asarray(samples[read]).astype(np.int64) for read in self.reads}
        self.ranges({read: Interval(int(array.min()), int(array.max())) if array.size
                     else Interval(0, 0) for read, array in arrays.items()})
        last = {each: number for number, operation in enumerate(self.operations)
                for each in operation.operands}
        values: dict[int, Array] = {}
        for number, operation in enumerate(self.operations):
            if isinstance(operation.value, Read):
                values[number] = arrays[operation.value]
            elif isinstance(operation.value, int):
                values[number] = np.array(operation.value, np.int64)
            else:
                result = rule_of(operation).compute(*map(values.get, operation.operands))
                values[number] = np.asarray(result).astype(np.int64)
                for each in set(operation.operands):
                    if last[each] == number:
                        del values[each]
        return values[len(self.operations) - 1]

    def graph(self, inputs: Mapping[Read, Interval]) -> Graph:
        """The graph of one output that makes the value; its inputs are :attr:`reads`, in order.

        Parameters
        ----------
        inputs : mapping from :class:`Read` to :class:`~windrow.model.interval.Interval`
            Range of each.

        Raises
        ------
        :exc:`~windrow.model.InputError`
            As :meth:`ranges`.
        """
        return graph_of([self], inputs)


def reads_of(expressions: Iterable[Expression]) -> tuple[Read, ...]:
    """The samples that some expressions read, each once, by tap, row, column and plane."""
    found = {operation.value for each in expressions for operation in each.operations
             if isinstance(operation.value, Read)}
    return tuple(sorted(found, key=lambda read: (
        *read[:3], -1 if read.plane is None else read.plane)))


def graph_of(expressions: Sequence[Expression], inputs: Mapping[Read, Interval]) -> Graph:
    """One graph of some expressions, an output each; its inputs are :func:`reads_of` them.

    What several have in common is made once. See :meth:`Expression.graph`.
    """
    return lowered([(each.operations, each.ranges(inputs)) for each in expressions],
                   reads_of(expressions), inputs)
