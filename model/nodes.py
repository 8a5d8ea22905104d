"""The kinds of node that a graph is made of: exact integer arithmetic, a class a kind.

Each kind says what its operands are, the range of its value, the value, and the cycles that it
takes. Whatever needs all of them reads :data:`KINDS`.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from .interval import Interval, hull
from .sample import Sample


__all__ = [
    "KINDS",
    "ROUNDINGS",
    "Absolute",
    "Clamp",
    "Compare",
    "Constant",
    "Extreme",
    "Node",
    "Parameter",
    "Product",
    "Rank",
    "Requantise",
    "Round",
    "Select",
    "Sum",
    "Term",
    "Wrap",
    "rewired",
]

#: Ways to round.
ROUNDINGS = ("floor", "half-up", "half-even", "half-away", "toward-zero")


class Term(NamedTuple):
    """``value << shift`` of a node, or that with the sign turned."""

    node: int
    shift: int = 0
    negative: bool = False

    def shifted(self, bits: int) -> "Term":
        """``2**bits`` times this."""
        return self._replace(shift=self.shift + bits)

    def negated(self) -> "Term":
        """This with the sign turned."""
        return self._replace(negative=not self.negative)


class Constant(NamedTuple):
    """Always the same value."""

    value: int

    @property
    def operands(self) -> tuple[Term, ...]:
        return ()

    def interval(self) -> Interval:
        return Interval(self.value, self.value)

    def compute(self) -> int:
        return self.value

    def cycles(self) -> int:
        return 0


class Parameter(NamedTuple):
    """What can be changed while the hardware runs: the same value for all of a frame.

    ``name`` is a setting, ``number`` which of it where it is an array.
    """

    name: str
    number: int | None
    range: Interval

    @property
    def operands(self) -> tuple[Term, ...]:
        return ()

    def interval(self) -> Interval:
        return self.range

    def cycles(self) -> int:
        return 0


class Sum(NamedTuple):
    """``a + b``. ``a`` is ``None`` where only the sign of ``b`` is turned; not both negative."""

    a: Term | None
    b: Term

    @property
    def operands(self) -> tuple[Term, ...]:
        return (self.b,) if self.a is None else (self.a, self.b)

    def interval(self, *each: Interval) -> Interval:
        return Interval(sum(one.low for one in each), sum(one.high for one in each))

    def compute(self, *each: int) -> int:
        return sum(each)

    def cycles(self, *each: Interval) -> int:
        return 1


class Product(NamedTuple):
    """``node * coefficient``, by a multiplier, which takes cycles of its own.

    ``coefficient`` is a constant, or another node.
    """

    node: int
    coefficient: int | Term

    @property
    def operands(self) -> tuple[Term, ...]:
        value = Term(self.node)
        return (value,) if isinstance(self.coefficient, int) else (value, self.coefficient)

    def interval(self, value: Interval, *coefficient: Interval) -> Interval:
        return value.times(*coefficient) if coefficient else value.times(self.constant)

    def compute(self, value: int, *coefficient: int) -> int:
        return value * (coefficient[0] if coefficient else self.constant.low)

    def cycles(self, *each: Interval) -> int:
        return 0

    @property
    def constant(self) -> Interval:
        """A constant coefficient, as a range."""
        assert isinstance(self.coefficient, int)
        return Interval(self.coefficient, self.coefficient)


class Extreme(NamedTuple):
    """The smaller or the ``greatest`` of two values."""

    a: Term
    b: Term
    greatest: bool

    @property
    def operands(self) -> tuple[Term, ...]:
        return self.a, self.b

    def interval(self, a: Interval, b: Interval) -> Interval:
        return Interval(self.compute(a.low, b.low), self.compute(a.high, b.high))

    def compute(self, a: int, b: int) -> int:
        return max(a, b) if self.greatest else min(a, b)

    def cycles(self, *each: Interval) -> int:
        return 1


class Rank(NamedTuple):
    """The value that has ``rank`` others before it in ascending order, found bit by bit.

    The values have one range. Each bit, from the highest, is 1 where more than ``n - 1 - rank`` of
    the n values have a 1; a value whose bit is another one keeps that bit from there on.
    """

    values: tuple[Term, ...]
    rank: int

    @property
    def operands(self) -> tuple[Term, ...]:
        return self.values

    def interval(self, *each: Interval) -> Interval:
        return hull(each)

    def compute(self, *each: int) -> int:
        return sorted(each)[self.rank]

    def cycles(self, *each: Interval) -> int:
        return self.interval(*each).bits * self.cycles_per_bit

    @property
    def cycles_per_bit(self) -> int:
        """A cycle for each three levels of full adders that count, and one for the comparison."""
        count, levels = len(self.values), 0
        while count > 2:
            count, levels = count - count // 3, levels + 1
        return -(-levels // 3) + 1


class Absolute(NamedTuple):
    """The magnitude of a value."""

    value: Term

    @property
    def operands(self) -> tuple[Term, ...]:
        return (self.value,)

    def interval(self, value: Interval) -> Interval:
        low = 0 if value.low <= 0 <= value.high else min(abs(value.low), abs(value.high))
        return Interval(low, max(abs(value.low), abs(value.high)))

    def compute(self, value: int) -> int:
        return abs(value)

    def cycles(self, value: Interval) -> int:
        return 1


class Compare(NamedTuple):
    """1 where ``a < b``, else 0."""

    a: Term
    b: Term

    @property
    def operands(self) -> tuple[Term, ...]:
        return self.a, self.b

    def interval(self, a: Interval, b: Interval) -> Interval:
        return Interval(int(a.high < b.low), int(a.low < b.high))

    def compute(self, a: int, b: int) -> int:
        return int(a < b)

    def cycles(self, *each: Interval) -> int:
        return 1


class Select(NamedTuple):
    """``a`` where the condition is not 0, else ``b``."""

    condition: Term
    a: Term
    b: Term

    @property
    def operands(self) -> tuple[Term, ...]:
        return self.condition, self.a, self.b

    def interval(self, condition: Interval, a: Interval, b: Interval) -> Interval:
        return hull([a, b])

    def compute(self, condition: int, a: int, b: int) -> int:
        return a if condition else b

    def cycles(self, *each: Interval) -> int:
        return 1


class Round(NamedTuple):
    """``round((value + offset * 2**shift) / 2**shift)``, a cycle for each addition it needs.

    ``rounding`` is one of :data:`ROUNDINGS`.
    """

    value: Term
    shift: int
    offset: int
    rounding: str

    @property
    def operands(self) -> tuple[Term, ...]:
        return (self.value,)

    @property
    def bias(self) -> int:
        """Added to every value: the offset, and half a unit where the nearest is wanted."""
        half = (1 << self.shift) >> 1 if self.rounding.startswith("half") else 0
        return (self.offset << self.shift) + half

    def negative_bias(self, value: Interval) -> int:
        """Added on top to a value that the offset leaves below zero."""
        if self.shift == 0 or value.low + (self.offset << self.shift) >= 0:
            return 0
        return {"half-away": -1, "toward-zero": (1 << self.shift) - 1}.get(self.rounding, 0)

    @property
    def to_even(self) -> bool:
        """Whether a tie is brought back to the even neighbour."""
        return self.shift > 0 and self.rounding == "half-even"

    def interval(self, value: Interval) -> Interval:
        return Interval(self.compute(value.low), self.compute(value.high))

    def compute(self, value: int) -> int:
        total = value + self.bias
        if value + (self.offset << self.shift) < 0:
            total += self.negative_bias(Interval(value, value))
        quotient = total >> self.shift
        tie = self.to_even and total == quotient << self.shift
        return quotient - (quotient & 1) if tie else quotient

    def cycles(self, value: Interval) -> int:
        return (self.bias != 0) + (self.negative_bias(value) != 0) + self.to_even


class Clamp(NamedTuple):
    """The nearest value within the range of a sample."""

    value: Term
    sample: Sample

    @property
    def operands(self) -> tuple[Term, ...]:
        return (self.value,)

    def interval(self, value: Interval) -> Interval:
        return Interval(self.compute(value.low), self.compute(value.high))

    def compute(self, value: int) -> int:
        return min(max(value, self.sample.minimum), self.sample.maximum)

    def cycles(self, value: Interval) -> int:
        return int(self.interval(value) != value)


class Wrap(NamedTuple):
    """The low bits of a value, as a sample."""

    value: Term
    sample: Sample

    @property
    def operands(self) -> tuple[Term, ...]:
        return (self.value,)

    def interval(self, value: Interval) -> Interval:
        return Interval(self.sample.minimum, self.sample.maximum)

    def compute(self, value: int) -> int:
        low = self.sample.minimum
        return (value - low) % (1 << self.sample.bits) + low

    def cycles(self, value: Interval) -> int:
        return 0


class Requantise(NamedTuple):
    """A value rounded as parameters say, and brought into the range of a sample.

    ``shift``, ``offset`` and ``rounding`` are parameters, ``rounding`` an index into
    :data:`ROUNDINGS`; ``overflow`` is a rule.
    """

    value: Term
    shift: Term
    offset: Term
    rounding: Term
    overflow: str
    output: Sample

    @property
    def operands(self) -> tuple[Term, ...]:
        return self.value, self.shift, self.offset, self.rounding

    def interval(self, *each: Interval) -> Interval:
        return Interval(self.output.minimum, self.output.maximum)

    def compute(self, value: int, shift: int, offset: int, rounding: int) -> int:
        quotient = Round(Term(0), shift, offset, ROUNDINGS[rounding]).compute(value)
        if self.overflow == "wrap":
            return Wrap(Term(0), self.output).compute(quotient)
        magnitude = abs(quotient) if self.overflow == "abs-saturate" else quotient
        return Clamp(Term(0), self.output).compute(magnitude)

    def cycles(self, *each: Interval) -> int:
        return 5


Node: TypeAlias = (
    Constant | Parameter | Sum | Product | Extreme | Rank | Absolute | Compare | Select
    | Round | Clamp | Wrap | Requantise)

KINDS: tuple[type[Node], ...] = (
    Constant, Parameter, Sum, Product, Extreme, Rank, Absolute, Compare, Select, Round,
    Clamp, Wrap, Requantise)
"""Every kind of node. How each is built is in :data:`windrow.hdl.graph_pipeline.BUILT`."""


def rewired(node: Node, move: Callable[[Term], Term]) -> Node:
    """The node with each term among its operands replaced by what ``move`` makes of it."""
    changes: dict[str, Any] = {
        name: move(value) for name, value in node._asdict().items() if isinstance(value, Term)}
    if isinstance(node, Rank):
        changes["values"] = tuple(map(move, node.values))
    if isinstance(node, Product):
        factor = move(Term(node.node))
        assert factor == Term(factor.node), "a multiplier takes a node as it is"
        changes["node"] = factor.node
    return node._replace(**changes)
