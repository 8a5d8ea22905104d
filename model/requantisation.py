"""From an exact value to an output sample, as nodes of a graph."""

from dataclasses import dataclass

from .graph import Graph
from .interval import Interval
from .nodes import Absolute, Clamp, Constant, Node, Round, Term, Wrap
from .sample import Sample


__all__ = ["Requantisation"]


@dataclass(frozen=True)
class Requantisation:
    """``overflow(round((value + offset * 2**shift) / 2**shift))``.

    Parameters
    ----------
    shift, offset, rounding, overflow, output
        As the keys of :class:`~.filter.Filter`.
    """

    shift: int
    offset: int
    rounding: str
    overflow: str
    output: Sample

    def after(self, graph: Graph) -> Graph:
        """The graph with each output brought to a sample. Nothing is added that does nothing."""
        return graph.map_outputs(self._requantised)

    def range(self, value: Interval) -> Interval:
        """Range of the sample, of that of the value."""
        graph = self.after(Graph.wires([value]))
        return graph.interval(graph.outputs[0])

    def _requantised(self, graph: Graph, term: Term | None) -> tuple[Graph, Term]:
        if term is None:
            graph, term = graph.then(Constant(0)), Term(len(graph.intervals))
        clip = Wrap if self.overflow == "wrap" else Clamp

        def then(node: Node) -> None:
            nonlocal graph, term
            interval = node.interval(*graph.operand_intervals(node))
            if interval.low == interval.high:
                node = Constant(interval.low)
            graph, term = graph.then(node), Term(len(graph.intervals))

        if self.shift or self.offset:
            then(Round(term, self.shift, self.offset, self.rounding))
        if self.overflow == "abs-saturate" and graph.interval(term).low < 0:
            then(Absolute(term))
        low, high = graph.interval(term)
        if not (low in self.output and high in self.output):
            then(clip(term, self.output))
        return graph, term
