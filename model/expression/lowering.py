"""From operations to a graph: linear parts as shared adders, a node for everything else."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..graph import Graph, Schedule
from ..interval import Interval
from ..lowering.adder_graph import adder_graph
from ..lowering.factor import csd
from ..lowering.linear import Builder
from ..nodes import Clamp, Constant, Extreme, Node, Product, Term
from ..sample import Sample
from .circuit import SAMPLE_BITS, Bound, Circuit, node_of
from .form import Form
from .operations import Operation, Read


__all__ = ["lowered"]

#: Entries of the largest matrix of several sums in which common parts are looked for: 0.5 s.
MOST_SEARCHED = 2500


def lowered(
    expressions: Sequence[tuple[Sequence[Operation], Sequence[Interval]]],
    reads: Sequence[Read],
    inputs: Mapping[Read, Interval],
) -> Graph:
    """The graph that makes some expressions, one output each.

    Parameters
    ----------
    expressions : sequence of (operations, ranges)
        Each expression's operations, and a range of each of them.
    reads : sequence of :class:`Read`
        The graph's inputs, in order.
    inputs : mapping from :class:`Read` to :class:`~windrow.model.interval.Interval`
        Range of each.
    """
    circuit = Circuit([inputs[read] for read in reads])
    place = {read: number for number, read in enumerate(reads)}
    outputs = [circuit.made_of(operations, ranges, place) for operations, ranges in expressions]
    return _Emission(circuit, outputs).graph()


class _Emission:
    """Makes a graph of a circuit: forms of one level together, then the steps that need them."""

    def __init__(self, circuit: Circuit, outputs: Sequence[Form]) -> None:
        self._circuit = circuit
        self._outputs = outputs
        count = circuit.input_count
        self._graph = Graph.wires(circuit.ranges[:count])
        self._terms = {number: Term(number) for number in range(count)}
        self._made: dict[Form, Term] = {}

    def graph(self) -> Graph:
        """The graph, without what no output needs."""
        steps, count = self._circuit.steps, self._circuit.input_count
        needed: set[int] = set()
        waiting = [value for form in self._outputs for value, _ in form.terms]
        while waiting:
            value = waiting.pop()
            if value >= count and value not in needed:
                needed.add(value)
                waiting += [each for form in steps[value - count].operands
                            for each, _ in form.terms]
        levels = dict.fromkeys(range(count), 0)

        def level(form: Form) -> int:
            return max((levels[value] for value, _ in form.terms), default=0)

        for value in sorted(needed):
            levels[value] = 1 + max(map(level, steps[value - count].operands))
        forms = {form: level(form) for value in sorted(needed)
                 for form in steps[value - count].operands}
        forms |= {form: level(form) for form in self._outputs}
        for number in range(max(levels.values(), default=0) + 1):
            for value in sorted(needed):
                if levels[value] == number:
                    self._step(value)
            self._forms([form for form, at in forms.items() if at == number])
        return replace(self._graph, outputs=tuple(self._made[form] for form in self._outputs)
                       ).pruned()

    def _then(self, node: Node) -> Term:
        self._graph = self._graph.then(node)
        return Term(len(self._graph.intervals) - 1)

    def _step(self, value: int) -> None:
        step = self._circuit.steps[value - self._circuit.input_count]
        terms = [self._made[form] for form in step.operands]
        if step.kind is Bound:
            self._terms[value] = self._bound(terms[0], *step.extra)
        elif step.kind is Product:  # of nodes as they are: their shifts come behind it
            a, b = terms
            made = self._then(Product(a.node, Term(b.node)))
            self._terms[value] = made.shifted(a.shift + b.shift)
        else:
            self._terms[value] = self._then(node_of(step, terms))

    def _bound(self, term: Term, range_: Interval) -> Term:
        """A value brought into a range: without a carry chain where its ends are a sample's."""
        low, high = self._graph.interval(term)
        clip = _sample(Interval(low, high), range_)
        if clip is not None:
            return self._then(Clamp(term, clip))
        for end, greatest in ((range_.low, True), (range_.high, False)):
            beyond = low < end if greatest else high > end
            if beyond:
                term = self._then(Extreme(term, self._then(Constant(end)), greatest))
        return term

    def _forms(self, forms: Sequence[Form]) -> None:
        """Makes all forms whose values are there, their common parts once."""
        wanted: dict[Form, None] = {}
        for form in forms:
            if form.fixed is not None:
                self._made[form] = self._then(Constant(form.fixed))
                continue
            simple, shift = _unshifted(form)
            if simple.value is None:
                wanted[simple] = None
            else:
                self._made[form] = self._terms[simple.value].shifted(shift)
        # A single adder is what it is, and first: the others may have it in them.
        adders = [form for form in wanted if _digits(form) == 2]
        for some in (adders, [form for form in wanted if form not in set(adders)]):
            if some:
                self._made |= dict(zip(some, self._sums(some), strict=True))
        for form in forms:
            if form not in self._made:
                simple, shift = _unshifted(form)
                self._made[form] = self._made[simple].shifted(shift)

    def _sums(self, forms: Sequence[Form]) -> list[Term]:
        # Sums of an earlier level are taken as they are, the longest first.
        earlier = sorted((form for form in self._made if len(form.terms) > 1),
                         key=lambda form: -len(form.terms))
        columns: dict[Form | int, Term] = {}
        rows: list[dict[Form | int, int]] = []
        for form in forms:
            row: dict[Form | int, int] = {}
            for part in earlier:
                times = _times(part, form)
                if times:
                    row[part] = times
                    form = form.plus(part, -times)
            row |= dict(form.terms)
            if form.constant:
                row[Form((), form.constant)] = 1
            rows.append(row)
            for column in row:
                if column not in columns:
                    columns[column] = (
                        self._terms[column] if isinstance(column, int) else
                        self._made[column] if column.terms else
                        self._then(Constant(column.constant)))
        intervals = [self._graph.interval(term) for term in columns.values()]
        stages = Schedule(self._graph).stages
        matrix = tuple(tuple(row.get(column, 0) for column in columns) for row in rows)

        def builder() -> Builder:
            return Builder(intervals, stages=[stages[term.node] for term in columns.values()])

        if len(rows) == 1 or len(rows) * len(columns) <= MOST_SEARCHED:
            sums = adder_graph(matrix, builder)
        else:
            plain = builder()
            sums = plain.graph([plain.total(
                Term(number, shift, negative != (factor < 0))
                for number, factor in enumerate(row) for shift, negative in csd(abs(factor)))
                for row in matrix])
        self._graph = replace(self._graph, outputs=tuple(columns.values())).into(sums)
        made = [term for term in self._graph.outputs if term is not None]
        assert len(made) == len(forms)
        return made


def _times(part: Form, form: Form) -> int:
    """How many times a form has another one in it, all of its terms; 0 if not at all."""
    factors = dict(form.terms)
    value, factor = part.terms[0]
    times, rest = divmod(factors.get(value, 0), factor)
    found = rest == 0 and all(
        factors.get(value, 0) == times * factor for value, factor in part.terms)
    return times if found else 0


def _digits(form: Form) -> int:
    """Powers of two that are added up."""
    return sum(len(csd(abs(factor))) for _, factor in form.terms) + (form.constant != 0)


def _unshifted(form: Form) -> tuple[Form, int]:
    """A form without its power of two, and that."""
    common, _ = form.content()
    shift = (common & -common).bit_length() - 1
    return form.floor(1 << shift), shift


def _sample(value: Interval, range_: Interval) -> Sample | None:
    """The sample to which clamping is the same as to a range, if there is one."""
    for bits in range(1, SAMPLE_BITS + 1):
        for signed in (False, True):
            if signed and bits < 2:
                continue
            sample = Sample(signed, bits)
            low = sample.minimum == range_.low or (
                sample.minimum <= value.low >= range_.low)
            high = sample.maximum == range_.high or (
                sample.maximum >= value.high <= range_.high)
            if low and high:
                return sample
    return None
