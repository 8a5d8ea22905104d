"""Exact integer arithmetic as a graph: data, without a thought of registers.

A :class:`Graph` says what is made of its inputs. :class:`Schedule` adds the pipeline: what the
hardware holds is thereby known, bit by bit, before there is any. Each kind of node is a row of
:data:`KINDS`: its operands, the range of its value, the value, and the cycles that it takes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias

from .interval import Interval, hull
from .sample import Sample


__all__ = [
    "KINDS",
    "REGISTER_WEIGHT",
    "ROUNDINGS",
    "Absolute",
    "Clamp",
    "Compare",
    "Constant",
    "Graph",
    "Greatest",
    "Least",
    "Node",
    "Parameter",
    "Product",
    "Rank",
    "Requantise",
    "Round",
    "Schedule",
    "Select",
    "Sum",
    "Term",
    "Wrap",
]

#: Ways to round.
ROUNDINGS = ("floor", "half-up", "half-even", "half-away", "toward-zero")

#: A bit of a register, in bits of an adder.
REGISTER_WEIGHT = 0.5


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


class Least(NamedTuple):
    """The smaller of two values."""

    a: Term
    b: Term

    @property
    def operands(self) -> tuple[Term, ...]:
        return self.a, self.b

    def interval(self, a: Interval, b: Interval) -> Interval:
        return Interval(min(a.low, b.low), min(a.high, b.high))

    def compute(self, a: int, b: int) -> int:
        return min(a, b)

    def cycles(self, *each: Interval) -> int:
        return 1


class Greatest(NamedTuple):
    """The larger of two values."""

    a: Term
    b: Term

    @property
    def operands(self) -> tuple[Term, ...]:
        return self.a, self.b

    def interval(self, a: Interval, b: Interval) -> Interval:
        return Interval(max(a.low, b.low), max(a.high, b.high))

    def compute(self, a: int, b: int) -> int:
        return max(a, b)

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
    Constant | Parameter | Sum | Product | Least | Greatest | Rank | Absolute | Compare | Select
    | Round | Clamp | Wrap | Requantise)

KINDS: tuple[type[Node], ...] = (
    Constant, Parameter, Sum, Product, Least, Greatest, Rank, Absolute, Compare, Select, Round,
    Clamp, Wrap, Requantise)
"""Every kind of node. How each is built is in :data:`windrow.hdl.graph_pipeline.BUILT`."""


@dataclass(frozen=True)
class Graph:
    """Values that are made of integer inputs.

    Parameters
    ----------
    inputs : tuple of :class:`Interval`
        Exact ranges of the inputs. They are the nodes 0 to n - 1.
    nodes : tuple of :data:`Node`
        The nodes from n on, each made of nodes before it.
    intervals : tuple of :class:`Interval`
        Range of each node, inputs included; exact for linear forms.
    outputs : tuple of :class:`Term` or ``None``
        What is wanted; ``None`` is zero.
    """

    inputs: tuple[Interval, ...]
    nodes: tuple[Node, ...]
    intervals: tuple[Interval, ...]
    outputs: tuple[Term | None, ...]

    @classmethod
    def wires(cls, inputs: Sequence[Interval]) -> "Graph":
        """The graph that hands its inputs through."""
        each = tuple(inputs)
        return cls(each, (), each, tuple(map(Term, range(len(each)))))

    def interval(self, term: Term | None) -> Interval:
        """Range of a term."""
        if term is None:
            return Interval(0, 0)
        factor = -1 if term.negative else 1
        return self.intervals[term.node].scale(factor << term.shift)

    def operand_intervals(self, node: Node) -> list[Interval]:
        """Range of each operand of a node."""
        return [self.interval(term) for term in node.operands]

    def then(self, node: Node) -> "Graph":
        """The graph with a node more, which is no output yet."""
        interval = node.interval(*self.operand_intervals(node))
        return replace(self, nodes=(*self.nodes, node), intervals=(*self.intervals, interval))

    def pruned(self) -> "Graph":
        """The graph without the nodes that no output needs."""
        count = len(self.inputs)
        needed: set[int] = set()
        stack = [term.node for term in self.outputs if term is not None]
        while stack:
            index = stack.pop()
            if index >= count and index not in needed:
                needed.add(index)
                stack += [term.node for term in self.nodes[index - count].operands]
        kept = [*range(count), *sorted(needed)]
        place = {old: new for new, old in enumerate(kept)}

        def moved(term: Term) -> Term:
            return term._replace(node=place[term.node])

        return Graph(
            self.inputs, tuple(_moved(self.nodes[index - count], moved) for index in kept[count:]),
            tuple(self.intervals[index] for index in kept),
            tuple(None if term is None else moved(term) for term in self.outputs))

    def map_outputs(self, step: Callable[["Graph", Term | None], tuple["Graph", Term | None]]
                    ) -> "Graph":
        """The graph with each output replaced by what ``step`` makes of it."""
        graph = self
        ends: list[Term | None] = []
        for term in self.outputs:
            graph, made = step(graph, term)
            ends.append(made)
        return replace(graph, outputs=tuple(ends))

    def into(self, other: "Graph") -> "Graph":
        """What another graph makes of the outputs of this one."""
        count, base = len(other.inputs), len(self.intervals) - len(other.inputs)

        def moved(term: Term) -> Term:
            if term.node >= count:
                return term._replace(node=term.node + base)
            end = self.outputs[term.node]
            assert end is not None
            return Term(end.node, end.shift + term.shift, end.negative != term.negative)

        return Graph(
            self.inputs, (*self.nodes, *(_moved(node, moved) for node in other.nodes)),
            (*self.intervals, *other.intervals[count:]),
            tuple(None if term is None else moved(term) for term in other.outputs))

    def compute(
        self, values: Sequence[int], settings: Mapping[tuple[str, int | None], int] | None = None
    ) -> list[int]:
        """Value of each output for these inputs, and these values of parameters."""
        known = list(values)

        def value(term: Term) -> int:
            return (-known[term.node] if term.negative else known[term.node]) << term.shift

        for node in self.nodes:
            if isinstance(node, Parameter):
                assert settings is not None
                known.append(settings[node.name, node.number])
            else:
                known.append(node.compute(*map(value, node.operands)))
        return [0 if term is None else value(term) for term in self.outputs]

    @cached_property
    def matrix(self) -> tuple[tuple[int, ...], ...]:
        """The factor of each input in each output, of a graph of sums and products: a row an
        output."""
        forms: list[dict[int, int]] = [{each: 1} for each in range(len(self.inputs))]

        def add(term: Term | None, times: int, form: dict[int, int]) -> dict[int, int]:
            if term is not None:
                factor = times * (-1 if term.negative else 1) << term.shift
                for each, value in forms[term.node].items():
                    form[each] = form.get(each, 0) + factor * value
            return form

        for node in self.nodes:
            form: dict[int, int] = {}
            times = node.constant.low if isinstance(node, Product) else 1
            for term in node.operands:
                add(term, times, form)
            forms.append(form)
        ends = [add(term, 1, {}) for term in self.outputs]
        return tuple(tuple(end.get(each, 0) for each in range(len(self.inputs))) for end in ends)

    @property
    def adder_count(self) -> int:
        """Number of sums."""
        return sum(isinstance(node, Sum) for node in self.nodes)

    @property
    def multiplier_count(self) -> int:
        """Number of products."""
        return sum(isinstance(node, Product) for node in self.nodes)

    @cached_property
    def adder_bits(self) -> int:
        """Bits of look-up tables. Low bits of a sum to which nothing is added are no part of it."""
        bits = 0
        for index, node in enumerate(self.nodes, len(self.inputs)):
            if isinstance(node, Sum):
                bits += self.intervals[index].bits - _passed_bits(node)
            elif not isinstance(node, Product):
                bits += self.intervals[index].bits * node.cycles(*self.operand_intervals(node))
        return bits


def _moved(node: Node, move: Callable[[Term], Term]) -> Node:
    """A node of other operands."""
    changes: dict[str, Any] = {
        name: move(value) for name, value in node._asdict().items() if isinstance(value, Term)}
    if isinstance(node, Rank):
        changes["values"] = tuple(map(move, node.values))
    if isinstance(node, Product):
        factor = move(Term(node.node))
        assert factor == Term(factor.node), "a multiplier takes a node as it is"
        changes["node"] = factor.node
    return node._replace(**changes)


def _passed_bits(node: Sum) -> int:
    """Low bits of a sum that are those of one term, since the other is shifted above them."""
    if node.a is None:
        return node.b.shift
    a, b = node.a, node.b
    low, high = (a, b) if a.shift <= b.shift else (b, a)
    return high.shift if not low.negative else low.shift


@dataclass(frozen=True)
class Schedule:
    """A graph as a pipeline: a register after each step of a node, and delays where paths meet.

    Parameters
    ----------
    graph : :class:`Graph`
        The graph.
    product_latency : :class:`int`
        Cycles of a multiplier with its registers.
    """

    graph: Graph
    product_latency: int

    @cached_property
    def cycles(self) -> tuple[int, ...]:
        """Cycles of each node, inputs left out."""
        return tuple(
            self.product_latency if isinstance(node, Product)
            else node.cycles(*self.graph.operand_intervals(node))
            for node in self.graph.nodes)

    @cached_property
    def stages(self) -> tuple[int, ...]:
        """For each node the cycle in which its value is there, inputs in cycle 0."""
        stages = [0] * len(self.graph.inputs)
        for node, cycles in zip(self.graph.nodes, self.cycles, strict=True):
            stages.append(max((stages[term.node] for term in node.operands), default=0) + cycles)
        return tuple(stages)

    @cached_property
    def latency(self) -> int:
        """Cycles from the inputs to the outputs, which come together."""
        used = [self.stages[term.node] for term in self.graph.outputs if term is not None]
        return max(used, default=0)

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """For each node, inputs left out, the cycle in which it takes its operands."""
        ends = self.stages[len(self.graph.inputs):]
        return tuple(end - cycles for end, cycles in zip(ends, self.cycles, strict=True))

    @cached_property
    def lifetimes(self) -> tuple[int, ...]:
        """For each node the cycles that its value is kept for, after the one in which it comes."""
        last = list(self.stages)
        constant = {index for index, node in enumerate(self.graph.nodes, len(self.graph.inputs))
                    if isinstance(node, Constant | Parameter)}
        for node, start in zip(self.graph.nodes, self.starts, strict=True):
            for term in node.operands:
                last[term.node] = max(last[term.node], start)
        for end in self.graph.outputs:
            if end is not None:
                last[end.node] = max(last[end.node], self.latency)
        return tuple(0 if index in constant else end - start
                     for index, (start, end) in enumerate(zip(self.stages, last, strict=True)))

    @cached_property
    def register_bits(self) -> int:
        """Flip-flops, those inside of multipliers left out."""
        bits = sum(
            interval.bits * lifetime
            for interval, lifetime in zip(self.graph.intervals, self.lifetimes, strict=True)
        )
        for index, (node, cycles) in enumerate(
                zip(self.graph.nodes, self.cycles, strict=True), len(self.graph.inputs)):
            if not isinstance(node, Product):
                bits += self.graph.intervals[index].bits * cycles
        return bits

    @cached_property
    def cost(self) -> float:
        """What makes one graph better than another of the same values, products aside.

        A bit of an adder takes a look-up table, and the register behind it comes with that. A bit
        of delay takes a flip-flop, of which most families have as many as look-up tables or twice
        as many, and an adder graph leaves more of them idle: half a bit of an adder.
        """
        return self.graph.adder_bits + REGISTER_WEIGHT * self.register_bits
