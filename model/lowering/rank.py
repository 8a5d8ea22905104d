"""Rank filters as graphs: the value at one place of a window's samples in ascending order.

Two ways, of which the cheaper is taken. A *network* of least and greatest values sorts each column
once, as it leaves the line memory, and then only as much of the window as the wanted value needs. A
*search* finds the value bit by bit, the highest first, by counting.
"""

from collections.abc import Sequence
from dataclasses import replace

from ..graph import Graph
from ..interval import Interval
from ..nodes import Extreme, Rank, Term
from .arithmetic import Arithmetic


__all__ = ["Footprint", "by_network", "by_search", "exchanges"]

Footprint = tuple[tuple[bool, ...], ...]
"""Which cells of a window count, row by row; at least one."""


def by_network(footprint: Footprint, rank: int, pixel: Interval) -> Arithmetic:
    """Sorted columns, then a selection among them.

    Where all of a rectangle counts, the columns are sorted first, once for each column; then each
    row of what that leaves, as far as it is needed. The sample in row i, column j has then
    ``(i + 1) * (j + 1) - 1`` others below it and ``(Kh - i) * (Kw - j) - 1`` above it, so that few
    can be the wanted one; these are sorted in turn.
    """
    height, width = len(footprint), len(footprint[0])
    count = sum(map(sum, footprint))
    # The network takes least to do at its low end.
    falling = rank > (count - 1) // 2
    if falling:
        rank = count - 1 - rank
    if rank == 0:
        return _extreme(footprint, pixel, falling)
    if count < height * width:
        terms = [Term(x * height + y) for x in range(width) for y in range(height)
                 if footprint[y][x]]
        graph, ordered = _sorted(Graph.wires([pixel] * (height * width)), terms, falling)
        return Arithmetic(Graph.wires([pixel] * height), _only(graph, [ordered[rank]]))

    column, ordered = _sorted(
        Graph.wires([pixel] * height), list(map(Term, range(height))), falling)
    column = _only(column, ordered)
    graph = Graph.wires([pixel] * (height * width))
    candidates: list[Term] = []
    below = 0
    for i in range(height):
        # Those that neither have too many below them nor too many above them.
        low = [j for j in range(width) if (i + 1) * (j + 1) - 1 <= rank]
        wanted = [j for j in low
                  if (height - i) * (width - j) - 1 <= height * width - 1 - rank]
        below += len(low) - len(wanted)
        if wanted:
            graph, row = _sorted(graph, [Term(x * height + i) for x in range(width)], falling)
            candidates += [row[j] for j in wanted]
    graph, ordered = _sorted(graph, candidates, falling)
    return _fed(column, _only(graph, [ordered[rank - below]]))


def by_search(footprint: Footprint, rank: int, pixel: Interval) -> Arithmetic:
    """The samples as they are, and a search among them."""
    height, width = len(footprint), len(footprint[0])
    window = Graph.wires([pixel] * (height * width))
    terms = tuple(Term(x * height + y) for x in range(width) for y in range(height)
                  if footprint[y][x])
    window = window.then(Rank(terms, rank))
    window = replace(window, outputs=(Term(height * width),))
    return Arithmetic(Graph.wires([pixel] * height), window)


def exchanges(count: int) -> list[tuple[int, int]]:
    """Pairs to put in order, one after the other, so that any numbers are sorted.

    Batcher's odd-even merge sort. Source: D. E. Knuth, The Art of Computer Programming, volume 3,
    algorithm 5.2.2M.
    """
    pairs = []
    top = 1
    while top < count:
        top *= 2
    p = top // 2
    while p > 0:
        q, r, d = top // 2, 0, p
        while d > 0:
            pairs += [(i, i + d) for i in range(count - d) if i & p == r]
            d, q, r = q - p, q // 2, p
        p //= 2
    return pairs


def _extreme(footprint: Footprint, pixel: Interval, greatest: bool) -> Arithmetic:
    """The extreme of each kind of column that the footprint has, and then of those.

    A column that has all of another one's cells begins with what that one makes.
    """
    height = len(footprint)
    columns = [frozenset(y for y, cell in enumerate(cells) if cell)
               for cells in zip(*footprint, strict=True)]
    column = Graph.wires([pixel] * height)
    made: dict[frozenset[int], Term] = {}
    for cells in sorted({*columns} - {frozenset()}, key=lambda cells: (len(cells), min(cells))):
        within = max((each for each in made if each < cells), key=len, default=frozenset())
        column, made[cells] = _least(
            column, [*map(Term, sorted(cells - within)), *([made[within]] if within else [])],
            greatest)
    kinds = list(made)
    column = _only(column, [made[cells] for cells in kinds])
    window, term = _least(
        Graph.wires([pixel] * (len(kinds) * len(columns))),
        [Term(x * len(kinds) + kinds.index(cells)) for x, cells in enumerate(columns) if cells],
        greatest)
    return Arithmetic(column, _only(window, [term]))


def _least(graph: Graph, terms: Sequence[Term], greatest: bool) -> tuple[Graph, Term]:
    """The graph with the extreme of some terms, in as few steps as there can be."""
    waiting = list(terms)
    while len(waiting) > 1:
        waiting.append(Term(len(graph.intervals)))
        graph = graph.then(Extreme(waiting.pop(0), waiting.pop(0), greatest))
    return graph, waiting[0]


def _sorted(
    graph: Graph, terms: Sequence[Term], falling: bool
) -> tuple[Graph, list[Term]]:
    """The graph with more nodes, and these terms in ascending or descending order."""
    order = list(terms)
    for a, b in exchanges(len(order)):
        made = Term(len(graph.intervals)), Term(len(graph.intervals) + 1)
        graph = graph.then(Extreme(order[a], order[b], falling)).then(
            Extreme(order[a], order[b], not falling))
        order[a], order[b] = made
    return graph, order


def _only(graph: Graph, outputs: Sequence[Term]) -> Graph:
    """The graph of some outputs, without the nodes that none of them needs."""
    return replace(graph, outputs=tuple(outputs)).pruned()


def _fed(column: Graph, window: Graph) -> Arithmetic:
    """A window graph of sorted columns, without the features that it has no use for."""
    height = len(column.outputs)
    width = len(window.inputs) // height
    used = {term.node for node in window.nodes for term in node.operands} | {
        term.node for term in window.outputs if term is not None}
    kept = [number for number in range(height)
            if any(x * height + number in used for x in range(width))]
    features = [column.interval(column.outputs[number]) for number in kept] * width
    place = {x * height + number: x * len(kept) + at
             for x in range(width) for at, number in enumerate(kept)}
    inputs = Graph(
        tuple(features), (), tuple(features),
        tuple(Term(place[number]) if number in place else Term(0)
              for number in range(height * width)))
    column = _only(column, [column.outputs[number] for number in kept])  # type: ignore[misc]
    return Arithmetic(column, inputs.into(window))
