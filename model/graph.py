"""Exact integer arithmetic as a graph: data, without a thought of registers.

A :class:`Graph` says what is made of its inputs, of :mod:`.nodes`. :class:`Schedule` adds the
pipeline: what the hardware holds is thereby known, bit by bit, before there is any.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from .interval import Interval
from .nodes import Constant, Extreme, Node, Parameter, Product, Rank, Sum, Term, rewired


__all__ = ["REGISTER_WEIGHT", "Graph", "Schedule"]

#: A bit of a register, in bits of an adder.
REGISTER_WEIGHT = 0.5


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
            self.inputs, tuple(rewired(self.nodes[index - count], moved) for index in kept[count:]),
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
            self.inputs, (*self.nodes, *(rewired(node, moved) for node in other.nodes)),
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
            elif isinstance(node, Extreme):
                bits += 2 * self.intervals[index].bits  # a comparison and a choice
            elif isinstance(node, Rank):
                # For each bit of each value a full adder, and for each but the first its state, of
                # which the second has half.
                bits += (4 * self.intervals[index].bits - 3) * len(node.values)
            elif not isinstance(node, Product):
                bits += self.intervals[index].bits * node.cycles(*self.operand_intervals(node))
        return bits


def _passed_bits(node: Sum) -> int:
    """Low bits of a sum that are those of one term, since the other is shifted above them."""
    if node.a is None:
        return node.b.shift
    a, b = node.a, node.b
    low, high = (a, b) if a.shift <= b.shift else (b, a)
    return high.shift if not low.negative else low.shift


@dataclass(frozen=True)
class Schedule:
    """A graph as a pipeline: a register after each step of a node, and delays where paths meet."""

    graph: Graph

    @cached_property
    def cycles(self) -> tuple[int, ...]:
        """Cycles of each node, inputs left out."""
        return tuple(node.cycles(*self.graph.operand_intervals(node)) for node in self.graph.nodes)

    @cached_property
    def stages(self) -> tuple[int, ...]:
        """The cycle in which the value of each node is there; inputs come in cycle 0."""
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
        """The cycle in which each node, inputs left out, takes its operands."""
        ends = self.stages[len(self.graph.inputs):]
        return tuple(end - cycles for end, cycles in zip(ends, self.cycles, strict=True))

    @cached_property
    def lifetimes(self) -> tuple[int, ...]:
        """For how many cycles after its own the value of each node is kept."""
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
            if isinstance(node, Rank):
                bits += cycles * len(node.values)  # most of its flip-flops have LUTs beside them
            elif not isinstance(node, Product):
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
