"""The kinds of node that a graph is made of: exact integer arithmetic, a class a kind.

Each kind says what its operands are, the range of its value, the value, and the cycles that it
takes. Whatever needs all of them reads :data:`KINDS`.
"""

from collections.abc import Callable
from itertools import product
from math import isqrt
from operator import eq, le, lt, ne
from typing import Any, NamedTuple, TypeAlias

from .interval import Interval, hull
from .lowering.threshold import threshold
from .sample import Sample


__all__ = [
    "KINDS",
    "PRODUCT_LATENCY",
    "RELATIONS",
    "ROUNDINGS",
    "Absolute",
    "Clamp",
    "Compare",
    "Constant",
    "Extreme",
    "Logic",
    "Node",
    "Parameter",
    "Product",
    "Quotient",
    "Rank",
    "Requantise",
    "Root",
    "Round",
    "Select",
    "Sum",
    "Table",
    "Term",
    "Within",
    "Wrap",
    "rewired",
]

#: What :class:`Compare` asks, by its sign.
RELATIONS: dict[str, Callable[[Any, Any], Any]] = {"<": lt, "<=": le, "==": eq, "!=": ne}

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


PRODUCT_LATENCY = 3
"""Cycles of a multiplier with its registers, with every device."""


class Product(NamedTuple):
    """``node * coefficient``, by a multiplier.

    ``coefficient`` is a constant, or another node.
    """

    node: int
    coefficient: int | Term

    @property
    def operands(self) -> tuple[Term, ...]:
        value = Term(self.node)
        return (value,) if isinstance(self.coefficient, int) else (value, self.coefficient)

    def interval(self, value: Interval, *coefficient: Interval) -> Interval:
        if self.coefficient == Term(self.node):  # a square
            least = min(abs(value.low), abs(value.high))
            return Interval(0 if value.low <= 0 <= value.high else least**2,
                            max(value.low**2, value.high**2))
        return value.times(*coefficient) if coefficient else value.times(self.constant)

    def compute(self, value: int, *coefficient: int) -> int:
        return value * (coefficient[0] if coefficient else self.constant.low)

    def cycles(self, *each: Interval) -> int:
        return PRODUCT_LATENCY

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
        bits = self.interval(*each).bits
        return bits * self.cycles_per_bit + (self.large and bits > 2)

    @property
    def large(self) -> bool:
        """Whether there are so many values that a bit has a long way to them: fewer levels of full
        adders in a cycle, and the second bit has a cycle more."""
        return len(self.values) > 16

    @property
    def cycles_per_bit(self) -> int:
        """The first level of full adders has a cycle, and so have each two of the others, or four.
        """
        levels = threshold(len(self.values), len(self.values) - self.rank).levels
        return 1 - (-max(levels - 1, 0) // (2 if self.large else 4))


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
    """1 where a ``relation`` holds (``a < b``, ``<=``, ``==`` or ``!=``), else 0."""

    a: Term
    b: Term
    relation: str = "<"

    @property
    def operands(self) -> tuple[Term, ...]:
        return self.a, self.b

    def interval(self, a: Interval, b: Interval) -> Interval:
        # How it is where the difference is least, greatest, and 0.
        ends = {self.compute(a.low, b.high), self.compute(a.high, b.low)}
        if self.relation in ("==", "!=") and a.low <= b.high and b.low <= a.high:
            ends |= {self.compute(0, 0)}
        return Interval(min(ends), max(ends))

    def compute(self, a: int, b: int) -> int:
        return int(RELATIONS[self.relation](a, b))

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


class Logic(NamedTuple):
    """Each bit a function of the same bit of up to four values, in two's complement of any width.

    Bit ``n`` of ``table`` is the result where bit ``j`` of ``n`` is the bit of value ``j``: a LUT.
    """

    values: tuple[Term, ...]
    table: int

    @property
    def operands(self) -> tuple[Term, ...]:
        return self.values

    def interval(self, *each: Interval) -> Interval:
        width = max(max(one.low.bit_length(), one.high.bit_length()) for one in each)
        # Above its width a value has its sign in every bit; a constant's bits are known.
        least, most = [], []
        for bit in range(width + 1):
            seen = [sorted({one.low >> bit & 1, one.high >> bit & 1}) if (
                        one.low >> bit == one.high >> bit or bit == width) else [0, 1]
                    for one in each]
            results = [self.table >> sum(value << j for j, value in enumerate(chosen)) & 1
                       for chosen in product(*seen)]
            least.append(min(results) << bit)
            most.append(max(results) << bit)
        low, high = sum(least[:-1]), sum(most[:-1])
        return Interval(low - most[-1], high - least[-1])

    def compute(self, *each: int) -> int:
        result = 0
        for number in range(1 << len(each)):
            if self.table >> number & 1:
                both = -1
                for j, value in enumerate(each):
                    both &= value if number >> j & 1 else ~value
                result |= both
        return result

    def cycles(self, *each: Interval) -> int:
        return 1


class Within(NamedTuple):
    """A value that is known to lie in a range narrower than its operand's."""

    value: Term
    range: Interval

    @property
    def operands(self) -> tuple[Term, ...]:
        return (self.value,)

    def interval(self, value: Interval) -> Interval:
        return self.range

    def compute(self, value: int) -> int:
        assert self.range.low <= value <= self.range.high, (self, value)
        return value

    def cycles(self, value: Interval) -> int:
        return 0


class Root(NamedTuple):
    """The square root of a value that is not negative: its floor, or the ``nearest`` integer.

    The root of an integer never lies half way between two. A digit takes a cycle, the first two
    one together; the nearest root takes one digit and one cycle more.
    """

    value: Term
    nearest: bool

    @property
    def operands(self) -> tuple[Term, ...]:
        return (self.value,)

    def interval(self, value: Interval) -> Interval:
        return Interval(self.compute(value.low), self.compute(value.high))

    def compute(self, value: int) -> int:
        root = isqrt(value)
        return root + (self.nearest and value - root * root > root)

    @staticmethod
    def digits(value: Interval) -> int:
        """Binary digits of the floor of the root."""
        return max(isqrt(value.high).bit_length(), 1)

    def cycles(self, value: Interval) -> int:
        return max(self.digits(value) + self.nearest - 1, 1) + self.nearest


class Quotient(NamedTuple):
    """``a // b``, or the integer nearest to ``a / b``, ties to the even one; ``b`` is positive.

    A digit takes a cycle; the nearest takes three more. Where ``b`` is not positive the hardware's
    result means nothing; here it is 0.
    """

    a: Term
    b: Term
    nearest: bool

    @property
    def operands(self) -> tuple[Term, ...]:
        return self.a, self.b

    def interval(self, a: Interval, b: Interval) -> Interval:
        ends = [self.compute(x, y) for x in a for y in (max(b.low, 1), max(b.high, 1))]
        return Interval(min(ends), max(ends))

    def compute(self, a: int, b: int) -> int:
        if b <= 0:
            return 0
        quotient, rest = divmod(a, b)
        return quotient + (self.nearest and 2 * rest + (quotient & 1) > b)

    def digits(self, a: Interval, b: Interval) -> int:
        """Binary digits of the floor of ``a / b``, or of ``(a + b // 2) / b``, its sign aside."""
        ends = [(x + (y // 2 if self.nearest else 0)) // y
                for x in a for y in (max(b.low, 1), max(b.high, 1))]
        return max((~end if end < 0 else end).bit_length() for end in ends)

    def cycles(self, a: Interval, b: Interval) -> int:
        return self.digits(a, b) + 3 * self.nearest


class Table(NamedTuple):
    """``values[value - first]``."""

    value: Term
    first: int
    values: tuple[int, ...]

    @property
    def operands(self) -> tuple[Term, ...]:
        return (self.value,)

    def interval(self, value: Interval) -> Interval:
        reached = self.values[value.low - self.first : value.high - self.first + 1]
        return Interval(min(reached), max(reached))

    def compute(self, value: int) -> int:
        return self.values[value - self.first]

    def cycles(self, value: Interval) -> int:
        return 2


class Requantise(NamedTuple):
    """A value rounded as parameters say, and brought into the range of a sample.

    ``shift``, ``offset``, ``rounding`` and ``bypass`` are parameters, ``rounding`` an index into
    :data:`ROUNDINGS`. With ``bypass`` it is ``passed`` instead, which is in the range.
    ``overflow`` is a rule.
    """

    value: Term
    shift: Term
    offset: Term
    rounding: Term
    bypass: Term
    passed: Term
    overflow: str
    output: Sample

    @property
    def operands(self) -> tuple[Term, ...]:
        return self.value, self.shift, self.offset, self.rounding, self.bypass, self.passed

    def interval(self, *each: Interval) -> Interval:
        return Interval(self.output.minimum, self.output.maximum)

    def compute(
        self, value: int, shift: int, offset: int, rounding: int, bypass: int, passed: int
    ) -> int:
        if bypass:
            return passed
        quotient = Round(Term(0), shift, offset, ROUNDINGS[rounding]).compute(value)
        if self.overflow == "wrap":
            return Wrap(Term(0), self.output).compute(quotient)
        magnitude = abs(quotient) if self.overflow == "abs-saturate" else quotient
        return Clamp(Term(0), self.output).compute(magnitude)

    def cycles(self, *each: Interval) -> int:
        return 6


Node: TypeAlias = (
    Constant | Parameter | Sum | Product | Extreme | Rank | Absolute | Compare | Select | Logic
    | Round | Clamp | Wrap | Within | Root | Quotient | Table | Requantise)

KINDS: tuple[type[Node], ...] = (
    Constant, Parameter, Sum, Product, Extreme, Rank, Absolute, Compare, Select, Logic, Round,
    Clamp, Wrap, Within, Root, Quotient, Table, Requantise)
"""Every kind of node. How each is built: :data:`windrow.hdl.arithmetic.graph_pipeline.BUILT`."""


def rewired(node: Node, move: Callable[[Term], Term]) -> Node:
    """The node with each term among its operands replaced by what ``move`` makes of it."""
    changes: dict[str, Any] = {
        name: move(value) for name, value in node._asdict().items() if isinstance(value, Term)}
    if isinstance(node, Rank | Logic):
        changes["values"] = tuple(map(move, node.values))
    if isinstance(node, Product):
        factor = move(Term(node.node))
        assert factor == Term(factor.node), "a multiplier takes a node as it is"
        changes["node"] = factor.node
    return node._replace(**changes)
