"""Graphs in hardware, against the graphs' own values."""

import random
import re
from contextlib import suppress
from dataclasses import replace
from itertools import chain, product
from operator import mul
from typing import Any

import pytest
from amaranth import ClockDomain, Module
from amaranth.back.verilog import convert
from amaranth.sim import Simulator
from random_expressions import RANGES, by_python, expression, sample

from windrow.hdl.arithmetic.graph_pipeline import GraphPipeline
from windrow.hdl.devices import DEVICES
from windrow.model import InputError
from windrow.model.expression import Expression, graph_of, reads_of
from windrow.model.graph import Graph
from windrow.model.interval import Interval
from windrow.model.lowering.arithmetic import STRATEGIES
from windrow.model.nodes import (
    Absolute,
    Compare,
    Extreme,
    Logic,
    Node,
    Product,
    Quotient,
    Rank,
    Root,
    Select,
    Table,
    Term,
    Within,
)


KERNELS = {
    "one": ((1,),),
    "zero": ((0, 0), (0, 0)),
    "minus": ((-1,),),
    "product": ((0, -7),),
    "negative products": ((-3, -5), (-7, -11)),
    "sobel": ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
    "binomial": ((1, 2, 1), (2, 4, 2), (1, 2, 1)),
    "row": ((-3, 5, -1024, 99, 17),),
    "wide": ((3 << 20,), (-(5 << 30),)),
    "twisted": ((3, 3), (-3, 6)),
}


def run(graph: Graph, inputs: list[list[int]]) -> list[list[int]]:
    """Stream inputs through the pipeline, a set a cycle; return the outputs of each."""
    dut = GraphPipeline(graph, DEVICES["generic"])
    outputs: list[list[int]] = []

    async def testbench(ctx: Any) -> None:
        for cycle in range(len(inputs) + dut.latency):
            for number, value in enumerate(inputs[min(cycle, len(inputs) - 1)]):
                ctx.set(dut.i[number], value)
            if cycle >= dut.latency:
                outputs.append([ctx.get(dut.o[number])
                                for number in range(len(graph.outputs))])
            await ctx.tick()

    top = Module()
    top.domains.sync = ClockDomain()  # wires alone have no clock
    top.submodules.dut = dut
    sim = Simulator(top)
    sim.add_clock(1e-6)
    sim.add_testbench(testbench)
    sim.run()
    return outputs


@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("pixel", [Interval(0, 1), Interval(0, 255), Interval(-1024, 1023)])
def test_column_and_window(name: str, strategy: str, pixel: Interval) -> None:
    rng = random.Random(name)
    kernel = KERNELS[name]
    for arithmetic in STRATEGIES[strategy]((kernel,), pixel) or ():
        # Both ends of the sum's range among them.
        windows = [[[rng.randint(*pixel) for _ in row] for row in kernel] for _ in range(20)]
        windows += [[[pixel.high if (tap > 0) == top else pixel.low for tap in row]
                     for row in kernel] for top in (False, True)]
        columns = [list(column) for window in windows for column in zip(*window, strict=True)]
        features = run(arithmetic.column, columns)
        assert features == [arithmetic.column.compute(column) for column in columns]
        width = len(kernel[0])
        rows = [list(chain(*features[at : at + width])) for at in range(0, len(features), width)]
        sums = [row[0] for row in run(arithmetic.window, rows)]
        wanted = [sum(map(mul, chain(*kernel), chain(*window))) for window in windows]
        assert sums == wanted
        assert Interval(min(wanted[-2:]), max(wanted[-2:])) == arithmetic.intervals[0]


def test_wires_take_no_cycle() -> None:
    assert GraphPipeline(Graph.wires([Interval(0, 255)] * 3), DEVICES["generic"]).latency == 0


NODES: dict[str, Node] = {
    "least": Extreme(Term(0), Term(1), False),
    "greatest": Extreme(Term(0), Term(1, 1, True), True),
    "less": Compare(Term(0), Term(1)),
    "selected": Select(Term(2, 0, True), Term(0), Term(1)),
    "lowest of three": Rank((Term(0), Term(1), Term(2)), 0),
    "highest of three": Rank((Term(0), Term(1), Term(2)), 2),
}


@pytest.mark.parametrize("name", NODES)
@pytest.mark.parametrize("pixel", [Interval(0, 6), Interval(-4, 3), Interval(0, 255)], ids=str)
def test_node(name: str, pixel: Interval) -> None:
    """Its value, that many cycles after its operands, whatever comes before and after."""
    graph = Graph.wires([pixel] * 3).then(NODES[name])
    # An input comes along, late by as much.
    graph = replace(graph, outputs=(Term(3), Term(0)))
    rng = random.Random(name)
    ends = [[low if bit else high for bit, (low, high) in zip(bits, [pixel] * 3, strict=True)]
            for bits in product((0, 1), repeat=3)]
    inputs = [*ends, *([rng.randint(*pixel) for _ in range(3)] for _ in range(60))]
    inputs += [[each] * 3 for each in pixel]
    assert run(graph, inputs) == [graph.compute(each) for each in inputs]


@pytest.mark.parametrize(("count", "pixel"), [
    (1, Interval(0, 3)), (2, Interval(0, 3)), (4, Interval(-2, 1)), (9, Interval(0, 15)),
    (17, Interval(0, 3)), (17, Interval(0, 255)), (25, Interval(-4, 3)),
    (12, Interval(0, 1))], ids=str)
def test_search_of_any_rank(count: int, pixel: Interval) -> None:
    rng = random.Random(count)
    graph = Graph.wires([pixel] * count)
    ranks = sorted({0, count // 3, count // 2, count - 1})
    for rank in ranks:
        graph = graph.then(Rank(tuple(map(Term, range(count))), rank))
    graph = replace(graph, outputs=tuple(Term(count + at) for at in range(len(ranks))))
    inputs = [[rng.randint(*pixel) for _ in range(count)] for _ in range(25)]
    inputs += [[rng.choice(pixel) for _ in range(count)] for _ in range(25)]
    assert run(graph, inputs) == [[sorted(each)[rank] for rank in ranks] for each in inputs]


BYTE, SIGNED, POSITIVE = Interval(0, 255), Interval(-130, 99), Interval(1, 27)
ARITHMETIC: dict[str, tuple[Node, tuple[Interval, ...]]] = {
    **{f"{relation} {b}": (Compare(Term(0), Term(1), relation), (Interval(-3, 2), b))
       for relation in ("<", "<=", "==", "!=") for b in (Interval(-1, 6), Interval(0, 0))},
    **{f"{relation} with a constant before it": (
        Compare(Term(0), Term(1), relation), (Interval(24, 24), BYTE))
       for relation in ("<", "<=", "==", "!=")},
    "above a constant": (Compare(Term(0), Term(1)), (Interval(23, 23), BYTE)),
    "below a constant": (Compare(Term(0), Term(1)), (SIGNED, Interval(24, 24))),
    "at most a constant": (Extreme(Term(0), Term(1), False), (BYTE, Interval(192, 192))),
    "at least a constant": (Extreme(Term(0), Term(1), True), (SIGNED, Interval(-7, -7))),
    "square": (Product(0, Term(0)), (SIGNED,)),
    "and": (Logic((Term(0), Term(1)), 0b1000), (SIGNED, BYTE)),
    "exclusive or": (Logic((Term(0), Term(1, 1)), 0b0110), (SIGNED, Interval(-9, 300))),
    "neither": (Logic((Term(0), Term(1)), 0b0001), (BYTE, Interval(0, 17))),
    "majority": (Logic((Term(0), Term(1), Term(2)), 0b11101000), (SIGNED, BYTE, SIGNED)),
    "masked": (Logic((Term(0), Term(1)), 0b1000), (SIGNED, Interval(0b1010, 0b1010))),
    "of four": (Logic(tuple(map(Term, range(4))), 0xCA35), (Interval(0, 1),) * 4),
    **{f"magnitude of {range_}": (Absolute(Term(0)), (range_,)) for range_ in (SIGNED, BYTE)},
    "within": (Within(Term(0), Interval(-5, 6)), (Interval(-5, 6),)),
    **{f"root of {range_}, {'nearest' if nearest else 'floor'}": (
        Root(Term(0), nearest), (range_,))
       for range_ in (Interval(0, 0), Interval(0, 1), Interval(1, 3), Interval(0, 65025),
                      Interval(100, 70000), Interval(0, (1 << 40) - 3))
       for nearest in (False, True)},
    **{f"{a} by {b}, {'nearest' if nearest else 'floor'}": (
        Quotient(Term(0), Term(1), nearest), (a, b))
       for a, b in ((BYTE, POSITIVE), (SIGNED, POSITIVE), (SIGNED, Interval(9, 9)),
                    (Interval(0, 0), POSITIVE), (Interval(-3, 4), Interval(200, 255)),
                    (Interval(-(1 << 30), 1 << 33), Interval(1, 1 << 20)))
       for nearest in (False, True)},
    "small table": (Table(Term(0), -4, tuple(range(90, 60, -3))), (Interval(-3, 4),)),
    "table": (Table(Term(0), 0, tuple((each * each) % 257 - 99 for each in range(256))), (BYTE,)),
    "large table": (Table(Term(0), -300, tuple(each * 7 % 513 for each in range(600))),
                    (Interval(-300, 299),)),
}


@pytest.mark.parametrize("name", ARITHMETIC)
def test_arithmetic(name: str) -> None:
    node, ranges = ARITHMETIC[name]
    graph = Graph.wires(ranges).then(node)
    count = len(ranges)
    graph = replace(graph, outputs=(Term(count), Term(0)))
    rng = random.Random(name)
    inputs = [list(ends) for ends in product(*ranges)]
    inputs += [[rng.randint(*range_) for range_ in ranges] for _ in range(60)]
    # About each square, where the root changes, each power of two, and what the others' ends are.
    for at in range(count):
        near = [x * x + d for x in range(0, 260, 13) for d in (-1, 0, x, x + 1)]
        near += [sign * (1 << bit) + d for bit in range(40) for d in (-1, 0) for sign in (1, -1)]
        near += [end + d for range_ in ranges for end in range_ for d in (-1, 0, 1)]
        for value in near:
            if ranges[at].low <= value <= ranges[at].high:
                inputs.append([rng.randint(*range_) for range_ in ranges])
                inputs[-1][at] = value
    wanted = [graph.compute(each) for each in inputs]
    assert run(graph, inputs) == wanted
    low, high = graph.intervals[count]
    assert all(low <= value <= high for value, _ in wanted)


@pytest.mark.parametrize("nearest", [False, True])
def test_every_quotient_and_root(nearest: bool) -> None:
    """Of small numbers: ties of every divisor, also where less than nothing remains of them."""
    ranges = Interval(-70, 70), Interval(1, 14)
    inputs = [list(each) for each in product(*(range(low, high + 1) for low, high in ranges))]
    graph = Graph.wires(ranges).then(Quotient(Term(0), Term(1), nearest))
    graph = replace(graph, outputs=(Term(2),))
    assert run(graph, inputs) == [graph.compute(each) for each in inputs]
    inputs = [[each] for each in range(1024)]
    graph = Graph.wires([Interval(0, 1023)]).then(Root(Term(0), nearest))
    graph = replace(graph, outputs=(Term(1),))
    assert run(graph, inputs) == [graph.compute(each) for each in inputs]


@pytest.mark.parametrize("seed", range(4))
def test_expressions(seed: int) -> None:
    """Several of them as one graph, each of whose parts they share."""
    rng = random.Random(seed)
    made: list[Expression] = []
    while len(made) < 12:
        # A text that may divide by 0 or needs too many bits is none.
        with suppress(InputError):
            one = Expression.parse(expression(rng, 2))
            one.graph({read: RANGES[read.tap] for read in one.reads})
            made.append(one)
    graph = graph_of(made, {read: RANGES[read.tap] for one in made for read in one.reads})
    names = [read.tap for read in reads_of(made)]
    inputs = [[sample(rng, name) for name in names] for _ in range(40)]
    wanted = [[by_python(one.text, dict(zip(names, row, strict=True))) for one in made]
              for row in inputs]
    assert run(graph, inputs) == wanted


@pytest.mark.parametrize("text", ["a > 9", "b >= -3", "a <= 200", "min(a, 77)", "max(b, 5)"])
def test_a_constant_stands_to_the_right_of_a_comparison(text: str) -> None:
    """yosys 0.70 makes a wrong netlist of one to the left, with synth_ecp5 -cmp2softlogic."""
    one = Expression.parse(text)
    graph = one.graph({read: RANGES[read.tap] for read in one.reads})
    verilog = convert(GraphPipeline(graph, DEVICES["ecp5"]), emit_src=False)
    constant = r"(?:\$signed\()?-?\d+'s?h[0-9a-f]+\)?"
    assert re.search(rf" [<>]=? {constant};", verilog)
    assert not re.search(rf"= {constant} [<>]", verilog)
