"""A graph of adders and multipliers as a pipeline."""

from typing import Any

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ..model.interval import Interval
from ..model.linear import Graph, Product, Schedule, Sum, Term
from .layout import feature_shape, interval_shape
from .multiplier import Multiplier


__all__ = ["LinearForms"]


class LinearForms(wiring.Component):
    """Exact sums of products of a few inputs, as a :class:`~windrow.model.linear.Graph` says.

    Fully pipelined and free-running: a register after each adder, the multiplier's own, and delays
    where paths of unequal length meet. Every register is just wide enough for what can occur.

    Latency is :attr:`latency` cycles, 0 where there is nothing to add; throughput is one set of
    inputs a cycle.

    Parameters
    ----------
    graph : :class:`~windrow.model.linear.Graph`
        The forms.
    multiplier : class
        The device's :class:`~.multiplier.Multiplier`.

    Members
    -------
    i : :py:`In(feature_shape(inputs))`
        Inputs.
    o : :py:`Out(feature_shape(outputs))`
        The forms of the inputs :attr:`latency` cycles earlier.
    """

    i: Any
    o: Any

    def __init__(self, graph: Graph, multiplier: type[Multiplier] = Multiplier) -> None:
        self._graph = graph
        self._multiplier = multiplier
        self._schedule = Schedule(graph, multiplier.latency)
        super().__init__({
            "i": In(feature_shape(graph.inputs)),
            "o": Out(feature_shape([graph.interval(term) for term in graph.outputs])),
        })

    @property
    def latency(self) -> int:
        """Cycles from inputs to outputs."""
        return self._schedule.latency

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        graph, schedule = self._graph, self._schedule

        # Each node's value in the cycle in which it comes, and in those after it.
        values: list[list[Value]] = []

        def at(term: Term, cycle: int) -> Value:
            value = values[term.node][cycle - schedule.stages[term.node]] << term.shift
            return -value if term.negative else value

        def keep(value: Value, index: int) -> None:
            line = [value]
            for _ in range(schedule.lifetimes[index]):
                later = Signal(interval_shape(graph.intervals[index]), name=f"node_{index}",
                               reset_less=True)
                m.d.sync += later.eq(line[-1])
                line.append(later)
            values.append(line)

        for index in range(len(graph.inputs)):
            keep(self.i[f"feature_{index}"], index)
        for index, node in enumerate(graph.nodes, len(graph.inputs)):
            shape = interval_shape(graph.intervals[index])
            if isinstance(node, Sum):
                now = schedule.stages[index] - 1
                total = at(node.b, now)
                if node.a is not None:
                    # A minus is yosys's own subtractor only where it stands between the two.
                    total = (at(node.a, now) - at(node.b.negated(), now) if node.b.negative
                             else at(node.a, now) + total)
                result = Signal(shape, name=f"sum_{index}", reset_less=True)
                m.d.sync += result.eq(total)
            else:
                result = self._product(m, node, index, values[node.node][0], shape)
            keep(result, index)

        for number, term in enumerate(graph.outputs):
            if term is not None:
                m.d.comb += self.o[f"feature_{number}"].eq(at(term, schedule.latency))
        return m

    def _product(self, m: Module, node: Product, index: int, factor: Value, shape: Shape) -> Signal:
        coefficient = Interval(node.coefficient, node.coefficient)
        product = self._multiplier(self._graph.intervals[node.node], coefficient)
        m.submodules[f"product_{index}"] = product
        result = Signal(shape, name=f"product_of_{index}")
        m.d.comb += [
            product.a.eq(factor),
            product.b.eq(node.coefficient),
            result.eq(product.product),
        ]
        return result
