"""Expressions: numpy's values and the graph's, against Python's own."""

import random

import numpy as np
import pytest
from random_expressions import RANGES, by_python, expression, sample

from windrow.model import InputError
from windrow.model.expression import Expression, Read
from windrow.model.graph import Schedule
from windrow.model.interval import Interval
from windrow.model.nodes import Compare, Product, Quotient


def check(text: str, rng: random.Random, count: int = 25) -> bool:
    """Whether there is such an expression; and that all three make the same of it."""
    refused = ""
    try:
        made = Expression.parse(text, RANGES)
        graph = made.graph({read: RANGES[read.tap] for read in made.reads})
    except InputError as error:
        refused = str(error)
    if refused:
        assert any(rule in refused for rule in (
            "divisor may be 0", "bits; the rule", "bits, and a value",
            "root that is not whole")), refused
        return False
    names = [read.tap for read in made.reads]
    rows = [[sample(rng, name) for name in names] for _ in range(count)]
    arrays = {read: np.array([row[at] for row in rows]) for at, read in enumerate(made.reads)}
    computed = np.broadcast_to(made.compute(arrays), count)
    low, high = graph.interval(graph.outputs[0])
    for row, value in zip(rows, computed, strict=True):
        wanted = by_python(text, dict(zip(names, row, strict=True)))
        where = f"{text} of {dict(zip(names, row, strict=True))}"
        assert int(value) == wanted, f"numpy: {where}"
        assert graph.compute(row) == [wanted], f"graph: {where}"
        assert low <= wanted <= high, f"range: {where}"
    return True


@pytest.mark.parametrize("text", [
    "min(255, round(sqrt(d*d + b*b)))", "abs(d) + abs(b) > 100", "where(a > 60, 255, c)",
    "(a + c + f) // 9", "(a - b) % 7", "d // -5", "d % -5", "d // f", "d % f", "-d // f",
    "round(d / 16)", "round(d / 10)", "round(d / f)", "divide(a * c, b)", "sqrt(a * a - 1 + 1)",
    "a & ~c | 5", "a ^ b", "~a & ~c", "b << c", "d >> c", "a & 60", "b & -8", "a << 3 >> 2",
    "3 < a <= d < 1000", "not (a > 3 and not c == 1)", "a == d", "b != c", "2 * a == 7",
    "2 * a > 7", "-3 * b <= 7", "a - c > 0", "a - c >= 1", "a + 1 > c", "a >= c + 2",
    "clip(b, c, 9)", "clip(a, 9, 3)", "max(b, 0)", "min(b, a, c, 20)", "e * b", "e * e",
    "(a - b) * (b - a)", "(a - c) * (a - c)", "(a > 200) & (b < 3)", "(a > 200) - (a < 50)",
    "9798 * a + 19235 * b + 3735 * c + 16384 >> 15", "a * b * c * d * a * a", "7", "-a", "a",
    "lut(c, 5, 3, -7, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 500) + lut(e, -1, 1)",
    "divide(100000, a)", "divide(a + 7, 3 * a - 20)", "1000 // (a + 3)", "lut(a > c, 5, 6)",
])
def test_as_python_has_it(text: str) -> None:
    assert check(text, random.Random(text), 60)


def test_random_expressions() -> None:
    rng = random.Random(14)
    assert sum(check(expression(rng, 2), rng, 12) for _ in range(250)) > 150


@pytest.mark.slow
@pytest.mark.parametrize("depth", [2, 3, 4])
def test_many_random_expressions(depth: int) -> None:
    rng = random.Random(depth)
    assert sum(check(expression(rng, depth), rng) for _ in range(3000)) > 1000


def test_reads() -> None:
    made = Expression.parse("g[-1, +2] * p.1 + p.0[0, 1] - x + g[0, 0] - g + y", ["g", "p"])
    assert made.reads == (
        Read("g", -1, 2), Read("g"), Read("p", 0, 0, 1), Read("p", 0, 1, 0), Read("x"), Read("y"))
    assert made.taps == ("g", "p", "x", "y")
    assert [str(read) for read in made.reads[:4]] == ["g[-1, 2]", "g", "p.1", "p.0[0, 1]"]
    graph = made.graph({read: Interval(0, 9) for read in made.reads})
    assert graph.compute([2, 3, 5, 7, 1, 4]) == [2 * 5 + 7 - 1 + 3 - 3 + 4]


def test_truth_values_are_0_and_1() -> None:
    for text, wanted in (("a and b", 1), ("a or b", 1), ("not a", 0), ("a and 0", 0)):
        made = Expression.parse(text)
        samples = {read: np.array([7]) for read in made.reads}
        assert np.broadcast_to(made.compute(samples), 1).tolist() == [wanted]


def test_arrays_of_any_type_are_computed_without_loss() -> None:
    made = Expression.parse("a * a - 3 * b")
    samples = {Read("a"): np.full((2, 3), 255, np.uint8), Read("b"): np.full((2, 3), 200, np.uint8)}
    assert made.compute(samples).tolist() == [[255 * 255 - 600] * 3] * 2
    assert made.compute(samples).dtype == np.int64


def test_samples_that_do_not_fit_are_refused() -> None:
    made = Expression.parse("a * a * a")
    with pytest.raises(InputError, match=r"expr 'a \* a \* a' needs 88 bits"):
        made.compute({Read("a"): np.array([1, 1 << 29])})
    with pytest.raises(InputError, match="divisor may be 0"):
        Expression.parse("1 // a").compute({Read("a"): np.array([0, 3])})


@pytest.mark.parametrize(("text", "latency", "adders", "nodes"), [
    ("a", 0, 0, 0),
    ("2 * a - a", 0, 0, 0),
    ("a * 8 >> 3", 0, 0, 0),
    ("d < 0", 0, 0, 2),  # the sign is a wire
    ("a >= 128", 0, 0, 1),
    ("a & 15", 0, 0, 1),
    ("a % 16", 0, 0, 1),
    ("a > 100", 1, 0, 2),
    ("a - c > 0", 1, 0, 1),
    ("not a <= 100", 1, 0, 2),
    ("where(a <= c, a, c)", 2, 0, 2),
    ("where(not a <= c, a, c)", 2, 0, 2),
    ("a > 3 and not (c < 2 or b == 1) and a != c", 2, 0, 8),  # four bits are one LUT
    ("max(min(a + b, 255), 0)", 2, 1, 2),  # one clamp
    ("(a + b) * (a + b)", 4, 1, 2),
    ("(a + 2*b - d) + abs(a + 2*b - d)", 4, 3, 4),  # a sum is there once
    ("a // 16", 0, 0, 1),
    ("min(255, round(sqrt(d*d + b*b)))", 15, 1, 9),
])
def test_what_it_takes(text: str, latency: int, adders: int, nodes: int) -> None:
    made = Expression.parse(text)
    graph = made.graph({read: RANGES[read.tap] for read in made.reads})
    assert (Schedule(graph).latency, graph.adder_count, len(graph.nodes)) == (
        latency, adders, nodes)


def test_linear_parts_share_their_sums() -> None:
    """Both gradients of Sobel: 8 adders together, 10 alone."""
    gx = "p[-1,1] + 2*p[0,1] + p[1,1] - p[-1,-1] - 2*p[0,-1] - p[1,-1]"
    gy = "p[1,-1] + 2*p[1,0] + p[1,1] - p[-1,-1] - 2*p[-1,0] - p[-1,1]"
    made = Expression.parse(f"abs({gx}) * abs({gy})")
    graph = made.graph({read: Interval(0, 255) for read in made.reads})
    assert graph.adder_count <= 9
    assert graph.multiplier_count == 1


def test_products_are_multipliers_and_quotients_dividers() -> None:
    graph = Expression.parse("a * b + a // f").graph(
        {Read(name): RANGES[name] for name in ("a", "b", "f")})
    kinds = [type(node) for node in graph.nodes]
    assert (kinds.count(Product), kinds.count(Quotient), kinds.count(Compare)) == (1, 1, 0)


def test_large_ones_take_no_time() -> None:
    terms = " + ".join(f"p[{dy}, {dx}]" for dy in range(-15, 16) for dx in range(-15, 16))
    made = Expression.parse(terms)
    assert len(made.reads) == 961
    graph = made.graph({read: Interval(0, 255) for read in made.reads})
    assert graph.adder_count == 960
    assert graph.interval(graph.outputs[0]) == (0, 961 * 255)
    nested = Expression.parse("max(" + ", ".join(["a", "b"] * 900) + ")")
    assert len(nested.operations) == 3


def test_many_differences_take_no_search() -> None:
    around = [(dy, dx) for dy in range(-4, 5) for dx in range(-4, 5) if (dy, dx) != (0, 0)]
    made = Expression.parse(" + ".join(f"abs(p[{dy}, {dx}] - p)" for dy, dx in around))
    graph = made.graph({read: Interval(0, 255) for read in made.reads})
    assert graph.adder_count == 80 + 79
    assert graph.compute([7] * 40 + [100] + [9] * 40) == [40 * 93 + 40 * 91]
