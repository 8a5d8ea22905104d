import pytest
from hypothesis import given
from hypothesis import strategies as st

from windrow.model.graph import Graph, Schedule
from windrow.model.interval import Interval
from windrow.model.lowering.linear import Builder
from windrow.model.nodes import PRODUCT_LATENCY, Product, Sum, Term


PIXEL = Interval(0, 255)
SIGNED = Interval(-8, 7)

Form = dict[int, int]


def there(term: Term | None) -> Term:
    """A term that is not zero."""
    assert term is not None
    return term


@st.composite
def builders(draw: st.DrawFn) -> tuple[Builder, list[Term | None]]:
    """A builder after random steps, and all terms on the way."""
    low = draw(st.lists(st.integers(-20, 0), min_size=1, max_size=4))
    made = Builder([Interval(each, each + draw(st.integers(1, 40))) for each in low])
    terms: list[Term | None] = [None, *(Term(each) for each in range(len(low)))]
    for _ in range(draw(st.integers(0, 12))):
        a, b = draw(st.sampled_from(terms)), draw(st.sampled_from(terms))
        step = draw(st.sampled_from(["add", "subtract", "shift", "multiply", "total"]))
        if step == "add":
            terms.append(made.add(a, b))
        elif step == "subtract":
            terms.append(made.add(a, b and b.negated()))
        elif step == "shift":
            terms.append(a and a.shifted(draw(st.integers(0, 3))))
        elif step == "multiply":
            terms.append(made.multiply(a, draw(st.integers(-9, 9))))
        else:
            terms.append(made.total(draw(st.lists(st.sampled_from(terms), max_size=6))))
    return made, terms


@given(builders(), st.data())
def test_graph_is_the_forms(built: tuple[Builder, list[Term | None]], data: st.DataObject) -> None:
    made, terms = built
    ends = data.draw(st.lists(st.sampled_from(terms), min_size=1, max_size=4))
    forms = [made.form(end) for end in ends]
    graph = made.graph(ends)
    count = len(graph.inputs)
    assert graph.matrix == tuple(tuple(form.get(k, 0) for k in range(count)) for form in forms)
    assert not any(term.negative for term in graph.outputs if term is not None)
    values = [data.draw(st.integers(*each)) for each in graph.inputs]
    outputs = graph.compute(values)
    assert outputs == [sum(f * values[k] for k, f in form.items()) for form in forms]
    for term, form, value in zip(graph.outputs, forms, outputs, strict=True):
        interval = graph.interval(term)
        assert interval.low <= value <= interval.high
        # Each end of the range is taken, by inputs at their ends.
        for end in (0, 1):
            corner = [graph.inputs[k][(form.get(k, 0) < 0) ^ end] for k in range(count)]
            assert sum(f * corner[k] for k, f in form.items()) == interval[end]
    # Nothing is there that no output needs.
    used = {term.node for term in graph.outputs if term is not None}
    for node in graph.nodes:
        used.update([node.node] if isinstance(node, Product) else [t.node for t in node if t])
    assert used >= set(range(count, count + len(graph.nodes)))


@given(builders())
def test_schedule(built: tuple[Builder, list[Term | None]]) -> None:
    made, terms = built
    graph = made.graph(terms)
    schedule = Schedule(graph)
    count = len(graph.inputs)
    bits = 0
    for index, node in enumerate(graph.nodes, count):
        if isinstance(node, Product):
            assert schedule.stages[index] == schedule.stages[node.node] + PRODUCT_LATENCY
            continue
        bits += graph.intervals[index].bits
        for term in node:
            if term is not None:
                # A term is taken in the cycle before its sum is there.
                assert schedule.stages[term.node] <= schedule.stages[index] - 1
                kept = schedule.stages[term.node] + schedule.lifetimes[term.node]
                assert kept >= schedule.stages[index] - 1
    for term in graph.outputs:
        if term is not None:
            assert schedule.stages[term.node] + schedule.lifetimes[term.node] == schedule.latency
    delays = sum(
        each.bits * lifetime
        for each, lifetime in zip(graph.intervals, schedule.lifetimes, strict=True)
    )
    assert schedule.register_bits == bits + delays
    assert schedule.cost == graph.adder_bits + schedule.register_bits / 2


def test_sums_are_shared() -> None:
    made = Builder([PIXEL, PIXEL, PIXEL])
    a, b, c = map(Term, range(3))
    first = there(made.add(a, b))
    assert first == Term(3)
    assert made.add(b, a) == first
    assert made.add(a.shifted(2), b.shifted(2)) == first.shifted(2)
    assert made.add(a.negated(), b.negated()) == first.negated()
    assert made.add(made.add(first, c), c.negated()) == first
    assert made.add(first, b.negated()) == a
    assert made.add(first, first.negated()) is None
    assert made.multiply(a, 1) == a
    assert made.multiply(a, -4) == a.shifted(2).negated()
    assert made.multiply(a, 0) is None
    product = there(made.multiply(a, 6))
    assert made.multiply(a, -3) == product.shifted(-1).negated()


def test_even_sum_is_used_again() -> None:
    made = Builder([PIXEL, PIXEL])
    a, b = Term(0), Term(1)
    # (3a + b) + (a + b) = 4a + 2b is even though neither is.
    even = there(made.add(made.add(made.multiply(a, 3), b), made.add(a, b)))
    assert made.form(even) == {0: 4, 1: 2}
    assert made.find({0: 4, 1: 2}) == even
    assert made.find({0: -8, 1: -4}) == even.shifted(1).negated()
    # Half of it is not there before it is made, and takes its place then.
    assert made.find({0: 2, 1: 1}) is None
    half = there(made.add(a.shifted(1), b))
    assert made.find({0: 4, 1: 2}) == half.shifted(1)


@pytest.mark.parametrize(
    "form, adders, multipliers, latency",
    [
        ([1, 1], 1, 0, 1),
        ([1, -1], 1, 0, 1),
        ([-1, 1], 1, 0, 1),
        ([-1, -1, -1, 1], 3, 0, 2),
        ([-1], 1, 0, 1),
        ([-1, -1], 2, 0, 2),
        ([-3], 0, 1, 3),
        ([-3, -5], 1, 2, 4),
        ([-1, -5], 1, 1, 4),
    ],
)
def test_sign_left_over(form: list[int], adders: int, multipliers: int, latency: int) -> None:
    made = Builder([PIXEL] * len(form))
    # The products are made positive, so that their sum is what is negative.
    terms = [made.multiply(Term(k), abs(factor)) for k, factor in enumerate(form)]
    signed = [there(t).negated() if f < 0 else t for t, f in zip(terms, form, strict=True)]
    graph = made.graph([made.total(signed)])
    assert graph.matrix == (tuple(form),)
    assert (graph.adder_count, graph.multiplier_count) == (adders, multipliers)
    assert Schedule(graph).latency == latency


def test_sum_that_is_needed_with_both_signs() -> None:
    made = Builder([PIXEL, PIXEL, PIXEL])
    difference = there(made.add(Term(0), Term(1, 0, True)))
    graph = made.graph([difference, difference.negated(), difference.negated()])
    assert graph.matrix == ((1, -1, 0), (-1, 1, 0), (-1, 1, 0))
    # A second difference, beside the first, and that only once.
    assert graph.adder_count == 2
    assert Schedule(graph).latency == 1
    made = Builder([PIXEL])
    product = there(made.multiply(Term(0), 3))
    graph = made.graph([product, product.negated()])
    assert (graph.adder_count, graph.multiplier_count) == (1, 1)


def test_range_of_features_of_one_column() -> None:
    # x + y and x - y: their sum is 2x, and no more.
    made = Builder([PIXEL, PIXEL], origins=[{0: 1, 1: 1}, {0: 1, 1: -1}])
    graph = made.graph([made.add(Term(0), Term(1))])
    assert graph.inputs == (Interval(0, 510), Interval(-255, 255))
    assert graph.interval(graph.outputs[0]) == Interval(0, 510)
    free = Builder(graph.inputs)
    assert free.graph([free.add(Term(0), Term(1))]).intervals[2] == Interval(-255, 765)


def test_total_adds_first_what_is_there_first() -> None:
    made = Builder([PIXEL] * 5)
    terms = [made.multiply(Term(0), 3), *(Term(k) for k in range(1, 5))]
    graph = made.graph([made.total(terms)])
    # Four inputs take two stages beside the product.
    assert Schedule(graph).latency == 4
    assert made.total([]) is None
    assert made.total([None, Term(1)]) == Term(1)


def test_total_of_many() -> None:
    made = Builder([PIXEL] * 1000)
    graph = made.graph([made.total(Term(k, 0, k % 3 == 0) for k in range(1000))])
    assert graph.adder_count == 999
    assert Schedule(graph).latency == 10
    assert graph.interval(graph.outputs[0]) == Interval(-334 * 255, 666 * 255)


@pytest.mark.parametrize(
    "node, bits",
    [
        (Sum(Term(0), Term(1)), 9),
        (Sum(Term(0, 1), Term(1)), 9),
        (Sum(Term(0), Term(1, 3)), 9),
        (Sum(Term(0, 3), Term(1, 0, True)), 12),
        (Sum(Term(0), Term(1, 3, True)), 9),
        (Sum(None, Term(0, 0, True)), 9),
    ],
)
def test_adder_bits(node: Sum, bits: int) -> None:
    made = Builder([PIXEL, PIXEL])
    graph = made.graph([made.total(node)])
    assert graph.adder_bits == bits


def test_wires() -> None:
    graph = Graph.wires([PIXEL, SIGNED])
    assert graph.matrix == ((1, 0), (0, 1))
    assert graph.compute([3, -8]) == [3, -8]
    assert graph.adder_bits == Schedule(graph).register_bits == Schedule(graph).latency == 0
