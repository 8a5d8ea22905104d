"""Linear forms as graphs of sums and products, common parts shared."""

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from ..graph import Graph
from ..interval import Interval
from ..nodes import PRODUCT_LATENCY, Product, Sum, Term


__all__ = ["Builder"]


class Builder:
    """Makes a :class:`Graph`, node by node; what was made before is used again.

    Two nodes that are the same form of the inputs, up to a power of two and the sign, are one. The
    range of each node is exact, whatever it was made of.

    Parameters
    ----------
    inputs : sequence of :class:`Interval`
        Ranges of the inputs. They are independent of one another, unless there are ``origins``.
    origins : sequence of mappings from :class:`int` to :class:`int`
        Where the inputs of the graph are themselves forms of independent variables, those forms;
        ``inputs`` are then the ranges of the variables. Two features of one column of pixels have
        a sum of fewer bits than any two numbers of their widths.
    stages : sequence of :class:`int`
        The cycle in which each input is there; unless given, all come together.
    """

    def __init__(
        self,
        inputs: Sequence[Interval],
        origins: Sequence[Mapping[int, int]] | None = None,
        stages: Sequence[int] | None = None,
    ) -> None:
        self._variables = tuple(inputs)
        self._origins = origins
        count = len(self._variables if origins is None else origins)
        self._forms: list[dict[int, int]] = [{each: 1} for each in range(count)]
        self._intervals = [self._interval(form) for form in self._forms]
        self._inputs = tuple(self._intervals)
        self._nodes: list[Sum | Product] = []
        self._stages = [0] * count if stages is None else list(stages)
        self._known: dict[tuple[tuple[int, int], ...], Term] = {
            ((each, 1),): Term(each) for each in range(count)
        }
        self._turned: dict[int, Term] = {}

    @property
    def input_count(self) -> int:
        """Number of inputs."""
        return len(self._inputs)

    def form(self, term: Term | None) -> dict[int, int]:
        """The factor of each input in a term."""
        return _scaled(self._forms, term)

    def interval(self, term: Term | None) -> Interval:
        """Exact range of a term."""
        if term is None:
            return Interval(0, 0)
        factor = -1 if term.negative else 1
        return self._intervals[term.node].scale(factor << term.shift)

    def find(self, form: Mapping[int, int]) -> Term | None:
        """The term of a form that is there already, or ``None``."""
        key, shift, negative = _normal(form)
        known = self._known.get(key)
        if known is None or known.shift + shift < 0:
            return None
        return Term(known.node, known.shift + shift, known.negative != negative)

    def stage(self, term: Term) -> int:
        """The cycle in which a term is there."""
        return self._stages[term.node]

    def add(self, a: Term | None, b: Term | None) -> Term | None:
        """``a + b``."""
        if a is None or b is None:
            return b if a is None else a
        if a.negative and b.negative:
            return _turned(self.add(a.negated(), b.negated()))
        form = self.form(a)
        for each, value in self.form(b).items():
            form[each] = form.get(each, 0) + value
            if form[each] == 0:
                del form[each]
        if not form:
            return None
        found = self.find(form)
        if found is not None:
            return found
        common = min(a.shift, b.shift)
        if a.negative:
            a, b = b, a
        a, b = a.shifted(-common), b.shifted(-common)
        stage = max(self.stage(a), self.stage(b)) + 1
        node = self._new(Sum(a, b), {k: v >> common for k, v in form.items()}, stage)
        return Term(node, common)

    def multiply(self, term: Term | None, coefficient: int) -> Term | None:
        """``term * coefficient``, by a multiplier unless the coefficient is a power of two or 0."""
        if term is None or coefficient == 0:
            return None
        shift = (coefficient & -coefficient).bit_length() - 1
        odd = coefficient >> shift
        term = term.shifted(shift)
        if odd in (1, -1):
            return term if odd == 1 else term.negated()
        form = {each: value * odd for each, value in self.form(term).items()}
        found = self.find(form)
        if found is not None:
            return found
        # The sign belongs to the product where it is a product's, to the term where it is a term's.
        plain = {each: value * odd for each, value in self._forms[term.node].items()}
        stage = self._stages[term.node] + PRODUCT_LATENCY
        node = self._new(Product(term.node, odd), plain, stage)
        return Term(node, term.shift, term.negative)

    def total(self, terms: Iterable[Term | None]) -> Term | None:
        """Sum of any number of terms: always the two that are there first, the narrower before."""
        # One queue for each sign: two of a sign leave none to be turned in the middle of the tree.
        waiting: tuple[list[_Waiting], list[_Waiting]] = ([], [])
        count = 0

        def push(term: Term | None) -> None:
            nonlocal count
            if term is not None:
                count += 1
                entry = (self.stage(term), self._width(term), count, term)
                heapq.heappush(waiting[term.negative], entry)

        for term in terms:
            push(term)
        while len(waiting[0]) + len(waiting[1]) > 1:
            first = heapq.heappop(min(queue for queue in waiting if queue))
            same, other = waiting[first[3].negative], waiting[not first[3].negative]
            # Among terms of the same cycle, one of the same sign is taken.
            queue = same if same and (not other or same[0][0] <= other[0][0]) else other
            push(self.add(first[3], heapq.heappop(queue)[3]))
        last = waiting[0] or waiting[1]
        return last[0][3] if last else None

    def graph(self, outputs: Iterable[Term | None]) -> Graph:
        """The graph of these outputs; nodes that none of them needs are left out.

        A sign that is left over goes back to where a difference or a product takes it for nothing.
        Where there is none (all factors are negative) it costs an adder.
        """
        ends = list(outputs)
        uses = self._uses(ends)
        ends = [self._positive(term, uses) for term in ends]
        count = len(self._inputs)
        kept = [index for index in self._uses(ends) if index >= count]
        order = [*range(count), *sorted(kept)]
        place = {old: new for new, old in enumerate(order)}

        def moved(term: Term | None) -> Term | None:
            return None if term is None else term._replace(node=place[term.node])

        nodes: list[Sum | Product] = []
        for index in sorted(kept):
            node = self._nodes[index - count]
            if isinstance(node, Sum):
                last = moved(node.b)
                assert last is not None
                nodes.append(Sum(moved(node.a), last))
            else:
                nodes.append(Product(place[node.node], node.coefficient))
        intervals = tuple(self._intervals[index] for index in order)
        return Graph(self._inputs, tuple(nodes), intervals, tuple(map(moved, ends)))

    def _uses(self, ends: Iterable[Term | None]) -> Counter[int]:
        """How often each node that the ends need is used."""
        uses = Counter(term.node for term in ends if term is not None)
        stack = list(uses)
        while stack:
            index = stack.pop()
            for source in self._sources(index):
                if source not in uses:
                    stack.append(source)
                uses[source] += 1
        return uses

    def _sources(self, index: int) -> list[int]:
        if index < len(self._inputs):
            return []
        return [term.node for term in self._nodes[index - len(self._inputs)].operands]

    def _positive(self, term: Term | None, uses: Mapping[int, int]) -> Term | None:
        if term is None or not term.negative:
            return term
        return self._turn(term.node, uses, {}).shifted(term.shift)

    def _turn(self, index: int, uses: Mapping[int, int], costs: dict[int, int]) -> Term:
        """Minus a node, as a term without a sign."""
        found = self._turned.get(index)
        if found is not None:
            return found
        node = self._nodes[index - len(self._inputs)] if index >= len(self._inputs) else None
        stage = self._stages[index]
        new: Sum | Product
        if isinstance(node, Product) and uses[index] == 1:
            new = Product(node.node, -node.constant.low)
        elif isinstance(node, Sum) and node.a is not None and node.b.negative:
            new = Sum(node.b.negated(), node.a.negated())
        elif (
            isinstance(node, Sum)
            and node.a is not None
            and self._turn_cost(index, uses, costs) < self._intervals[index].bits
        ):
            a, b = node.a, node.b
            if self._turn_cost(b.node, uses, costs) < self._turn_cost(a.node, uses, costs):
                a, b = b, a
            a = self._turn(a.node, uses, costs).shifted(a.shift)
            stage = max(self.stage(a), self.stage(b)) + 1
            new = Sum(a, b.negated())
        else:
            new = Sum(None, Term(index, 0, True))
            stage += 1
        form = {each: -value for each, value in self._forms[index].items()}
        term = self._turned[index] = Term(self._new(new, form, stage))
        return term

    def _turn_cost(self, index: int, uses: Mapping[int, int], costs: dict[int, int]) -> int:
        """Bits of adders that :meth:`_turn` adds."""
        if index not in costs:
            cost = self._intervals[index].bits
            if index >= len(self._inputs) and uses[index] == 1:
                node = self._nodes[index - len(self._inputs)]
                if isinstance(node, Product) or (node.a is not None and node.b.negative):
                    cost = 0
                elif node.a is not None:
                    each = [self._turn_cost(term.node, uses, costs) for term in (node.a, node.b)]
                    cost = min(cost, *each)
            costs[index] = cost
        return costs[index]

    def _width(self, term: Term) -> int:
        return self._intervals[term.node].bits + term.shift

    def _new(self, node: Sum | Product, form: dict[int, int], stage: int) -> int:
        index = len(self._forms)
        self._nodes.append(node)
        self._forms.append(form)
        self._intervals.append(self._interval(form))
        self._stages.append(stage)
        key, shift, negative = _normal(form)
        # What is known is the form without its power of two and its sign. A node may have either.
        known = self._known.get(key)
        if known is None or known.shift < -shift:
            self._known[key] = Term(index, -shift, negative)
        return index

    def _interval(self, form: Mapping[int, int]) -> Interval:
        if self._origins is not None:
            variables: dict[int, int] = {}
            for each, factor in form.items():
                for variable, value in self._origins[each].items():
                    variables[variable] = variables.get(variable, 0) + factor * value
            form = variables
        low = high = 0
        for each, factor in form.items():
            part = self._variables[each].scale(factor)
            low, high = low + part.low, high + part.high
        return Interval(low, high)


#: A term in the queue of a sum: its cycle, its width, and a number that tells equals apart.
_Waiting: TypeAlias = tuple[int, int, int, Term]


def _normal(form: Mapping[int, int]) -> tuple[tuple[tuple[int, int], ...], int, bool]:
    """A form without its power of two and its sign, these two, as a key of a table."""
    items = sorted(form.items())
    shift = min((value & -value).bit_length() - 1 for _, value in items)
    negative = items[0][1] < 0
    sign = -1 if negative else 1
    return tuple((each, sign * (value >> shift)) for each, value in items), shift, negative


def _turned(term: Term | None) -> Term | None:
    return None if term is None else term.negated()


def _scaled(forms: Sequence[Mapping[int, int]], term: Term | None) -> dict[int, int]:
    """Form of a term, of those of the nodes."""
    if term is None:
        return {}
    factor = (-1 if term.negative else 1) << term.shift
    return {each: value * factor for each, value in forms[term.node].items()}
