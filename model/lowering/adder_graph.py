"""Constant products without multipliers: integer matrices as shared shifts and adders."""

import heapq
from collections import Counter
from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import TypeAlias

from ..graph import Graph, Schedule
from ..kernels.kernel import Matrix
from ..nodes import Sum, Term
from .factor import csd, digit_count
from .linear import Builder


__all__ = ["adder_graph"]

#: Pairs of digits in all sums above which there is no search among them. So many take 0.6 s.
SHARED_PAIRS = 250_000

#: Digits above which da4ml gets one try instead of two, and above which it gets none: 0.2 s and
#: 1.5 s. A dense 31x31 kernel of 8 bits has 2600.
SEARCHED_DIGITS = 1000
SOLVED_DIGITS = 3000

#: da4ml takes its coefficients as single-precision floats.
LARGEST_COEFFICIENT = 1 << 24

#: Makes the terms of a matrix's rows, or ``None`` where it cannot.
Method: TypeAlias = Callable[[Builder, Matrix], "list[Term | None] | None"]


def adder_graph(matrix: Matrix, builder: Callable[[], Builder]) -> Graph:
    """The cheapest graph without multipliers that is found for a matrix.

    Parameters
    ----------
    matrix : (outputs, inputs) integers
        The factor of each input in each output.
    builder : callable
        Makes a new builder of that many inputs, for each trial.

    Returns
    -------
    :class:`Graph`
        Of all trials the one of the least :attr:`Schedule.cost`, the first of equals: the same for
        the same matrix, and the same releases of da4ml. Where da4ml (the extra ``adders``) is not
        installed it may be a dearer one.
    """
    # The own ones first: where da4ml is no better the graph is the same without it.
    methods: list[Method] = [_grouped, _shared]
    digits = sum(map(digit_count, matrix))
    largest = max((abs(entry) for row in matrix for entry in row), default=0)
    if digits <= SOLVED_DIGITS and largest < LARGEST_COEFFICIENT and _da4ml() is not None:
        methods.append(_solved_shallow)
        if digits <= SEARCHED_DIGITS:
            methods.append(_solved_deep)
    graphs = []
    for method in methods:
        made = builder()
        terms = method(made, matrix)
        if terms is not None:
            graphs.append(made.graph(terms))
            made = builder()
            graphs.append(made.graph(_rebalanced(made, graphs[-1])))
    return min(graphs, key=lambda graph: Schedule(graph).cost)


#: Two digits of a sum but for a common shift and sign: the nodes, the shift and the sign of the
#: second against the first.
_Pattern: TypeAlias = tuple[int, int, int, bool]

#: A node and a shift.
_Digit: TypeAlias = tuple[int, int]

#: A sum that is yet to be made: whether each of its digits is subtracted.
_Digits: TypeAlias = dict[_Digit, bool]


def _shared(builder: Builder, matrix: Matrix) -> list[Term | None]:
    """Shares between all canonical signed digits."""
    return _share(builder, [
        [(Term(each), coefficient) for each, coefficient in enumerate(row)] for row in matrix
    ])


def _grouped(builder: Builder, matrix: Matrix) -> list[Term | None]:
    """Adds up first what has the same odd part in its coefficient, then shares between those.

    A large kernel has many more taps than different odd parts, and takes little more than an adder
    a tap in this way.
    """
    sums = []
    for row in matrix:
        groups: dict[int, list[Term]] = {}
        for each, coefficient in enumerate(row):
            if coefficient:
                shift = (coefficient & -coefficient).bit_length() - 1
                groups.setdefault(abs(coefficient) >> shift, []).append(
                    Term(each, shift, coefficient < 0)
                )
        parts = [(builder.total(terms), odd) for odd, terms in sorted(groups.items())]
        sums.append([(term, odd) for term, odd in parts if term is not None])
    return _share(builder, sums)


def _share(builder: Builder, parts: list[list[tuple[Term, int]]]) -> list[Term | None]:
    """Adds up terms with their coefficients, the pair of digits that occurs most always first.

    References
    ----------
    R. I. Hartley, "Subexpression Sharing in Filters Using Canonic Signed Digit Multipliers", IEEE
    Transactions on Circuits and Systems II, 1996. R. Pasko et al., "A New Algorithm for Elimination
    of Common Subexpressions", IEEE Transactions on CAD, 1999.
    """
    sums: list[_Digits] = []
    for each in parts:
        factors: Counter[int] = Counter()
        for part, coefficient in each:
            factors[part.node] += (-coefficient if part.negative else coefficient) << part.shift
        sums.append({
            (node, shift): negative != (factor < 0)
            for node, factor in factors.items()
            for shift, negative in csd(abs(factor))
        })
    if sum(len(digits) * (len(digits) - 1) // 2 for digits in sums) <= SHARED_PAIRS:
        _take_pairs_out(builder, sums)
    return [
        builder.total(Term(each, shift, negative) for (each, shift), negative in digits.items())
        for digits in sums
    ]


def _take_pairs_out(builder: Builder, sums: list[_Digits]) -> None:
    """Replaces each pair of digits that occurs more than once by a digit of their sum."""
    counts: Counter[_Pattern] = Counter()
    queue: list[tuple[int, int, int, _Pattern]] = []

    def push(pattern: _Pattern, occurrences: int) -> None:
        # Ties go to the pattern that is there first, then to the one that overlaps most.
        stage = max(builder.stage(Term(pattern[0])), builder.stage(Term(pattern[1])))
        heapq.heappush(queue, (-occurrences, stage, pattern[2], pattern))

    def count(digits: _Digits, digit: _Digit, sign: bool, change: int) -> None:
        """Counts the pairs of a digit with all others of a sum: the innermost loop."""
        node, shift = digit
        for (other, other_shift), other_sign in digits.items():
            if (shift, node) < (other_shift, other):
                pattern = (node, other, other_shift - shift, sign != other_sign)
            else:
                pattern = (other, node, shift - other_shift, sign != other_sign)
            now = counts[pattern] = counts[pattern] + change
            if change > 0 and now > 1:
                push(pattern, now)

    def remove(digits: _Digits, digit: _Digit) -> bool:
        sign = digits.pop(digit)
        count(digits, digit, sign, -1)
        return sign

    def insert(digits: _Digits, digit: _Digit, sign: bool) -> None:
        while digit in digits:
            if remove(digits, digit) != sign:
                return
            digit = (digit[0], digit[1] + 1)
        count(digits, digit, sign, 1)
        digits[digit] = sign

    for digits in sums:
        before = list(digits.items())
        digits.clear()
        for digit, sign in before:
            insert(digits, digit, sign)
    while queue:
        occurrences, _, _, pattern = heapq.heappop(queue)
        if -occurrences != counts[pattern]:
            if 1 < counts[pattern] < -occurrences:
                push(pattern, counts[pattern])
            continue
        places = [_places(digits, pattern) for digits in sums]
        if sum(map(len, places)) < 2:
            continue  # what was counted overlaps, as in 1 + 4 + 16
        first, second, shift, opposite = pattern
        term = builder.add(Term(first), Term(second, shift, opposite))
        for digits, found in zip(sums, places, strict=True):
            for a, b in found:
                sign = remove(digits, a)
                remove(digits, b)
                if term is not None:
                    insert(digits, (term.node, term.shift + a[1]), sign != term.negative)


def _places(digits: _Digits, pattern: _Pattern) -> list[tuple[_Digit, _Digit]]:
    """Where a pattern occurs in a sum, no digit twice."""
    first, second, shift, opposite = pattern
    used: set[_Digit] = set()
    places = []
    for a in sorted(digit for digit in digits if digit[0] == first):
        b = (second, a[1] + shift)
        if b in digits and not {a, b} & used and (digits[a] != digits[b]) == opposite:
            used.update((a, b))
            places.append((a, b))
    return places


@cache
def _da4ml() -> ModuleType | None:
    """The solver, where it is installed."""
    try:
        from da4ml import cmvm
    except ImportError:
        return None
    return cmvm


def _solved(builder: Builder, matrix: Matrix, depth: int) -> list[Term | None] | None:
    """What da4ml finds.

    Parameters
    ----------
    depth : :class:`int`
        Adders that a path may have beyond the fewest possible; -1: any number.
    """
    import numpy as np

    solver = _da4ml()
    assert solver is not None
    terms: list[Term | None] = [None] * len(matrix)
    if not any(map(any, matrix)):
        return terms
    ranges = [builder.interval(Term(each)) for each in range(builder.input_count)]
    pipeline = solver.solve(
        # It reads the array as it lies in memory, whatever its strides.
        np.ascontiguousarray(np.array(matrix, np.float32).T),
        hard_dc=depth,
        qintervals=[(float(each.low), float(each.high), 1.0) for each in ranges],
        # A single output cannot be had by way of fewer ones.
        search_all_decompose_dc=len(matrix) > 1,
    )
    # A term and the power of two that it is multiplied by, which may be below one on the way.
    values: list[tuple[Term | None, int]] = [(Term(n), 0) for n in range(builder.input_count)]
    for stage in pipeline.solutions:
        known: list[tuple[Term | None, int]] = []
        for op in stage.ops:
            if op.opcode == -1:
                term, power = values[op.id0]
                known.append((term, power + stage.inp_shifts[op.id0]))
                continue
            if op.opcode not in (0, 1):
                return None
            (a, a_power), (b, b_power) = known[op.id0], known[op.id1]
            b_power += op.data
            power = min(a_power, b_power)
            if b is not None:
                b = b.shifted(b_power - power)
                b = b.negated() if op.opcode == 1 else b
            known.append((builder.add(a and a.shifted(a_power - power), b), power))
        values = []
        for index, shift, negative in zip(
            stage.out_idxs, stage.out_shifts, stage.out_negs, strict=True
        ):
            term, power = known[index] if index >= 0 else (None, 0)
            values.append((term.negated() if term and negative else term, power + shift))
    terms.clear()
    for (term, power), row in zip(values, matrix, strict=True):
        if term is not None:
            term = term.shifted(power)
        if (term is not None and term.shift < 0) or builder.form(term) != {
            each: coefficient for each, coefficient in enumerate(row) if coefficient
        }:
            return None
        terms.append(term)
    return terms


def _solved_shallow(builder: Builder, matrix: Matrix) -> list[Term | None] | None:
    return _solved(builder, matrix, 0)


def _solved_deep(builder: Builder, matrix: Matrix) -> list[Term | None] | None:
    return _solved(builder, matrix, -1)


def _rebalanced(builder: Builder, graph: Graph) -> list[Term | None]:
    """The sums of a graph, what only one sum needs added in the order of :meth:`Builder.total`.

    As many adders, in fewer stages.
    """
    uses: Counter[int] = Counter()
    for node in graph.nodes:
        assert isinstance(node, Sum)
        uses.update(term.node for term in node if term is not None)
    uses.update(2 * [term.node for term in graph.outputs if term is not None])
    parts: list[list[Term]] = [[Term(each)] for each in range(len(graph.inputs))]

    def spread(term: Term | None) -> list[Term]:
        if term is None:
            return []
        each = [part.shifted(term.shift) for part in parts[term.node]]
        return [part.negated() for part in each] if term.negative else each

    for index, node in enumerate(graph.nodes, len(graph.inputs)):
        assert isinstance(node, Sum)
        terms = spread(node.a) + spread(node.b)
        if uses[index] > 1:
            total = builder.total(terms)
            terms = [] if total is None else [total]
        parts.append(terms)
    return [builder.total(spread(term)) for term in graph.outputs]
