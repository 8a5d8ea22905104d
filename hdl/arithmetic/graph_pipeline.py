"""A graph of exact arithmetic as a pipeline."""

from collections.abc import Callable, Mapping
from functools import reduce
from operator import and_, or_
from typing import Any

from amaranth import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ...model.graph import Graph, Schedule
from ...model.interval import Interval, hull
from ...model.nodes import (
    KINDS,
    RELATIONS,
    Absolute,
    Clamp,
    Compare,
    Constant,
    Extreme,
    Logic,
    Node,
    Parameter,
    Product,
    Quotient,
    Rank,
    Requantise,
    Root,
    Round,
    Select,
    Sum,
    Table,
    Term,
    Within,
    Wrap,
)
from ..beat import interval_shape, sample_shape, values_shape
from ..devices import Device
from .clamp import clamped
from .multiplier import LUTMultiplier
from .quotient import divided
from .rank_search import rank_search
from .requantise import HELD, Held, requantised
from .root import rooted
from .table import looked_up


__all__ = ["GraphPipeline", "held_name"]


class GraphPipeline(wiring.Component):
    """What a :class:`~windrow.model.graph.Graph` makes of its inputs.

    Fully pipelined and free-running: registers inside each node, and delays where paths of unequal
    length meet. Every register is just wide enough for what can occur.

    Latency is :attr:`latency` cycles, 0 where there is nothing to do; throughput is one set of
    inputs a cycle.

    Parameters
    ----------
    graph : :class:`~windrow.model.graph.Graph`
        The graph.
    device : :class:`~.devices.Device`
        Whose multipliers and adders to use.
    settings : :class:`~amaranth.lib.data.StructLayout` or ``None``
        What its parameters are, each by its name; ``None`` where it has none.
    multiplier_count : :class:`int` or ``None``
        How many multipliers to use; other products are made of LUTs. ``None``: for all.

    Attributes
    ----------
    wanted : list of :data:`~.requantise.Held`
        What it wants of the settings, held in a register.
    loaded : list of :data:`~.requantise.Held`
        What multipliers hold in their own registers, the cycle in which they are to load it.

    Members
    -------
    i : :py:`In(values_shape(inputs))`
        Inputs, by number.
    held : :py:`In(StructLayout)`
        Each of :attr:`wanted` as it is for what is in its cycle. Of :attr:`loaded` as it is in the
        settings, and ``load_in_N``, true as a frame's first inputs are in cycle N. Only where there
        are settings.
    o : :py:`Out(values_shape(outputs))`
        What the graph makes of the inputs :attr:`latency` cycles earlier, by number.
    """

    i: Any
    o: Any

    def __init__(
        self, graph: Graph, device: Device, settings: data.StructLayout | None = None,
        multiplier_count: int | None = None,
    ) -> None:
        self._graph = graph
        self._device = device
        self._multiplier_count = multiplier_count
        self._schedule = Schedule(graph)
        self.wanted, self.loaded = self._wanted()
        shapes: dict[str, Any] = {}
        if settings is not None:
            example: Any = Signal(settings)
            shapes = {held_name(cycle, name): Value.cast(of(example)).shape()
                      for cycle, name, of in (*self.wanted, *self.loaded)}
            shapes |= {held_name(cycle, "load"): unsigned(1) for cycle, *_ in self.loaded}
        super().__init__({
            "i": In(values_shape(graph.inputs)),
            **({"held": In(data.StructLayout(shapes))} if shapes else {}),
            "o": Out(values_shape([graph.interval(term) for term in graph.outputs])),
        })

    def _wanted(self) -> tuple[list[Held], list[Held]]:
        """What the nodes want of the settings, each once, and what multipliers load."""
        wanted: dict[str, Held] = {}
        loaded: dict[str, Held] = {}
        for node, start in zip(self._graph.nodes, self._schedule.starts, strict=True):
            if isinstance(node, Requantise):
                each = [(start + cycle, name, of) for cycle, name, of in HELD]
            else:
                each = [(start, _parameter_name(source), _setting(source))
                        for source in map(self._parameter, node.operands) if source is not None]
            for one in each:
                (loaded if self._loads(node) else wanted).setdefault(held_name(*one[:2]), one)
        for source in map(self._parameter, filter(None, self._graph.outputs)):
            if source is not None:
                name, end = _parameter_name(source), self._schedule.latency
                wanted.setdefault(held_name(end, name), (end, name, _setting(source)))
        return list(wanted.values()), [(cycle, f"next_{name}", of)
                                       for cycle, name, of in loaded.values()]

    def _parameter(self, term: Term) -> Parameter | None:
        count = len(self._graph.inputs)
        source = self._graph.nodes[term.node - count] if term.node >= count else None
        return source if isinstance(source, Parameter) else None

    def _loads(self, node: Node) -> bool:
        """Whether it is a product of a value by a parameter, which the multiplier holds."""
        return (isinstance(node, Product) and self._device.multiplier.can_hold
                and [self._parameter(term) is None for term in node.operands] == [True, False])

    @property
    def latency(self) -> int:
        """Cycles from inputs to outputs."""
        return self._schedule.latency

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        graph, schedule = self._graph, self._schedule
        count = len(graph.inputs)

        # Each node's value in the cycle in which it comes, and in those after it.
        values: list[list[Value]] = []

        def at(term: Term, cycle: int, coming: bool = False) -> Value:
            node = graph.nodes[term.node - count] if term.node >= count else None
            if isinstance(node, Parameter):
                name = held_name(cycle, _parameter_name(node))
                value: Value = self.held[f"next_{name}" if coming else name]
            elif isinstance(node, Constant):
                value = values[term.node][0]
            else:
                value = values[term.node][cycle - schedule.stages[term.node]]
            value = value << term.shift if term.shift else value
            return -value if term.negative else value

        def keep(value: Value, index: int) -> None:
            held = [value]
            for _ in range(schedule.lifetimes[index]):
                later = Signal(interval_shape(graph.intervals[index]), name=f"node_{index}",
                               reset_less=True)
                m.d.sync += later.eq(held[-1])
                held.append(later)
            values.append(held)

        for index in range(count):
            keep(self.i[index], index)
        for index, (node, start) in enumerate(
                zip(graph.nodes, schedule.starts, strict=True), count):
            if isinstance(node, Sum):
                # A minus is yosys's own subtractor only where it stands between the two.
                total = at(node.b, start)
                if node.a is not None:
                    total = (at(node.a, start) - at(node.b.negated(), start) if node.b.negative
                             else at(node.a, start) + total)
                keep(_register(m, total, graph.intervals[index], f"sum_{index}"), index)
            elif isinstance(node, Product):
                load = self.held[held_name(start, "load")] if self._loads(node) else None
                keep(self._product(m, node, index, load, *(
                    at(term, start, self._loads(node)) for term in node.operands)), index)
            elif isinstance(node, Requantise):
                held = {name: self.held[held_name(start + cycle, name)]
                        for cycle, name, _ in HELD}
                keep(requantised(m, node, at(node.value, start), graph.interval(node.value),
                                 at(node.passed, start), held, self._device.select_adder,
                                 f"offset_{index}"), index)
            else:
                operands = [at(term, start) for term in node.operands]
                ranges = graph.operand_intervals(node)
                keep(BUILT[type(node)](m, node, operands, ranges, self._device), index)

        for number, term in enumerate(graph.outputs):
            if term is not None:
                m.d.comb += self.o[number].eq(at(term, schedule.latency))
        return m

    def _product(
        self, m: Module, node: Product, index: int, load: Value | None, value: Value,
        *coefficient: Value,
    ) -> Signal:
        graph = self._graph
        number = sum(isinstance(each, Product) for each in graph.nodes[: index - len(graph.inputs)])
        kind = self._device.multiplier
        if self._multiplier_count is not None and number >= self._multiplier_count:
            kind = LUTMultiplier
        factors = graph.operand_intervals(node)
        product = kind(factors[0], factors[1] if coefficient else node.constant,
                       holds=load is not None)
        if load is not None:
            m.d.comb += product.load.eq(load)
        m.submodules[f"product_{index}"] = product
        result = Signal(interval_shape(graph.intervals[index]), name=f"product_of_{index}")
        m.d.comb += [
            product.a.eq(value),
            product.b.eq(coefficient[0] if coefficient else node.constant.low),
            result.eq(product.product),
        ]
        return result


def _parameter_name(parameter: Parameter) -> str:
    number = parameter.number
    return parameter.name if number is None else f"{parameter.name}_{number}"


def _setting(parameter: Parameter) -> Callable[[Any], Value]:
    def of(settings: Any) -> Value:
        setting = settings[parameter.name]
        return setting if parameter.number is None else setting[parameter.number]

    return of


def held_name(cycle: int, name: str) -> str:
    """Member of :attr:`GraphPipeline.held`."""
    return f"{name}_in_{cycle}"


def _register(m: Module, value: Value, interval: Interval, name: str) -> Signal:
    later = Signal(interval_shape(interval), name=name, reset_less=True)
    m.d.sync += later.eq(value)
    return later


Build = Callable[[Module, Any, list[Value], list[Interval], Device], Value]
"""The value of a node, its cycles after the operands."""


def _one_step(compute: Callable[..., Value], name: str) -> Build:
    """A node of one register."""
    def built(
        m: Module, node: Any, operands: list[Value], ranges: list[Interval], device: Device
    ) -> Value:
        return _register(m, compute(*operands), node.interval(*ranges), name)

    return built


def _parameter(
    m: Module, node: Parameter, operands: list[Value], ranges: list[Interval], device: Device
) -> Value:
    return Const(0)  # each node that it goes to has it out of a register of its own


def _constant(
    m: Module, node: Constant, operands: list[Value], ranges: list[Interval], device: Device
) -> Value:
    return Const(node.value, interval_shape(node.interval()))


def _absolute(
    m: Module, node: Absolute, operands: list[Value], ranges: list[Interval], device: Device
) -> Value:
    interval = node.interval(*ranges)
    if not ranges[0].signed:
        return _register(m, operands[0], interval, "magnitude")
    m.submodules += (magnitude := device.magnitude(ranges[0].bits))
    m.d.comb += magnitude.i.eq(operands[0])
    return _register(m, magnitude.o, interval, "magnitude")


def _extreme(
    m: Module, node: Extreme, operands: list[Value], ranges: list[Interval], device: Device
) -> Value:
    a, b = operands
    less = _shorter(operands, ranges, "<")
    chosen = Mux(less, b, a) if node.greatest else Mux(less, a, b)
    return _register(m, chosen, node.interval(*ranges), "greatest" if node.greatest else "least")


def _compare(
    m: Module, node: Compare, operands: list[Value], ranges: list[Interval], device: Device
) -> Value:
    interval = node.interval(*ranges)
    if node.relation in ("<", "<=") and all(each.low < each.high for each in ranges):
        # yosys takes a difference's zero for `<=`: what is not greater needs its carry alone.
        m.submodules += (less := device.less(interval_shape(hull(ranges))))
        swapped = node.relation == "<="
        m.d.comb += [each.eq(value) for each, value in zip(
            (less.b, less.a) if swapped else (less.a, less.b), operands, strict=True)]
        found = _register(m, less.o, interval, "compared")
        return ~found if swapped else found
    return _register(m, _shorter(operands, ranges, node.relation), interval, "compared")


def _shorter(operands: list[Value], ranges: list[Interval], relation: str) -> Value:
    """A comparison. With a constant it needs no bits below the lowest 1 of that, or lowest 0.

    A constant stands to the right: of one to the left, as in ``9 < a``, yosys 0.70 makes a wrong
    netlist with ``synth_ecp5 -cmp2softlogic``.
    """
    a, b = operands
    bits = 0
    if ranges[1].low == ranges[1].high and relation == "<":  # a < b
        bits = _zeros(ranges[1].low)
    elif ranges[0].low == ranges[0].high and relation == "<":  # b >= a + 1
        bits = _zeros(ranges[0].low + 1)
    if bits:
        a, b = (value[bits:].as_signed() if value.shape().signed else value[bits:]
                for value in (a, b))
    if ranges[0].low == ranges[0].high and relation in ("<", "<="):
        return b > a if relation == "<" else b >= a
    return RELATIONS[relation](a, b)


def _zeros(value: int) -> int:
    """Zeros at the end of a number."""
    return (value & -value).bit_length() - 1 if value else 0


def _rank(
    m: Module, node: Rank, operands: list[Value], ranges: list[Interval], device: Device
) -> Value:
    interval = node.interval(*ranges)
    return rank_search(m, node, operands, interval.bits, interval.signed)


def _round(
    m: Module, node: Round, operands: list[Value], ranges: list[Interval], device: Device
) -> Value:
    value, interval = operands[0], ranges[0]
    more = node.negative_bias(interval)
    negative: Value | None = None
    if more != 0:
        negative = value < -(node.offset << node.shift)
    if node.bias != 0:
        interval += Interval(node.bias, node.bias)
        value = _register(m, value + node.bias, interval, "biased")
        if negative is not None:
            negative = _register(m, negative, Interval(0, 1), "negative")
    if negative is not None:
        interval = Interval(interval.low + min(more, 0), interval.high + max(more, 0))
        value = _register(m, value + Mux(negative, more, 0), interval, "rounded")
    fraction, quotient = value[: node.shift], value >> node.shift
    if not node.to_even:
        return quotient
    # Half a unit has been added: no fraction is left exactly where there was a tie.
    tie = (fraction == 0) & quotient[0]
    return _register(m, Mux(tie, quotient - 1, quotient), node.interval(*ranges), "even")


def _clamp(
    m: Module, node: Clamp, operands: list[Value], ranges: list[Interval], device: Device
) -> Value:
    if node.cycles(*ranges) == 0:
        return operands[0]
    return _register(m, clamped(operands[0], ranges[0], node.sample), node.interval(*ranges),
                     "clamped")


def _wrap(
    m: Module, node: Wrap, operands: list[Value], ranges: list[Interval], device: Device
) -> Value:
    low = Signal(sample_shape(node.sample), name="wrapped")
    m.d.comb += low.eq(operands[0])
    return low


def _logic(
    m: Module, node: Logic, operands: list[Value], ranges: list[Interval], device: Device
) -> Value:
    interval = node.interval(*ranges)
    shape = Shape(interval.bits, signed=True)
    words = [Signal(shape, name=f"word_{number}") for number in range(len(operands))]
    m.d.comb += [word.eq(value) for word, value in zip(words, operands, strict=True)]
    minterms = [
        reduce(and_, (word if number >> at & 1 else ~word for at, word in enumerate(words)))
        for number in range(1 << len(words)) if node.table >> number & 1]
    return _register(m, reduce(or_, minterms, Const(0)), interval, "logic")


def _within(
    m: Module, node: Within, operands: list[Value], ranges: list[Interval], device: Device
) -> Value:
    value = Signal(interval_shape(node.range), name="within")
    m.d.comb += value.eq(operands[0])
    return value


def _root(
    m: Module, node: Root, operands: list[Value], ranges: list[Interval], device: Device
) -> Value:
    return rooted(m, node, operands[0], ranges[0], device.select_adder)


def _quotient(
    m: Module, node: Quotient, operands: list[Value], ranges: list[Interval], device: Device
) -> Value:
    return divided(m, node, operands[0], operands[1], ranges, device.select_adder)


def _table(
    m: Module, node: Table, operands: list[Value], ranges: list[Interval], device: Device
) -> Value:
    return looked_up(m, node, operands[0], ranges[0])


BUILT: Mapping[type, Build] = {
    Constant: _constant,
    Parameter: _parameter,
    Extreme: _extreme,
    Absolute: _absolute,
    Compare: _compare,
    Select: _one_step(Mux, "selected"),
    Rank: _rank,
    Round: _round,
    Clamp: _clamp,
    Logic: _logic,
    Wrap: _wrap,
    Within: _within,
    Root: _root,
    Quotient: _quotient,
    Table: _table,
}
"""How each kind of node is built, but for those that a device has own parts for."""

assert {*BUILT, Sum, Product, Requantise} == set(KINDS)
