import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from windrow.model import Sample
from windrow.model.graph import Graph, Schedule
from windrow.model.interval import Interval
from windrow.model.kernels import catalogue
from windrow.model.kernels.kernel import Matrix
from windrow.model.lowering.arithmetic import STRATEGIES, Arithmetic, cost
from windrow.model.nodes import PRODUCT_LATENCY


U8 = Sample.parse("u8")

#: Every entry of the catalogue, and the larger ones that the benchmarks build.
NAMED = [
    *catalogue.names(), "binomial:ksize=5", "gaussian:ksize=15,sigma=2.5", "box:ksize=7",
    "sobel-y:ksize=5",
]  # fmt: skip


@st.composite
def kernels(draw: st.DrawFn) -> Matrix:
    """Kernels with zero rows, rows and columns that are alike, symmetry, and huge entries."""
    height, width = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    entries = draw(st.sampled_from([
        st.integers(-8, 8),
        st.integers(-128, 127),
        st.integers(-9, 0),
        st.sampled_from([0, 1, -1, 2, -4]),
        st.integers(-(2**60), 2**60),
    ]))
    rows = [[draw(entries) for _ in range(width)] for _ in range(height)]
    match draw(st.sampled_from(["any", "zero", "vertical", "anti", "outer", "sparse", "turned"])):
        case "zero":
            rows = [[0] * width for _ in range(height)]
        case "vertical":
            rows = [rows[min(y, height - 1 - y)] for y in range(height)]
        case "anti":
            rows = [[a - b for a, b in zip(row, row[::-1], strict=True)] for row in rows]
        case "outer":
            rows = [[row[0] % 17 * entry for entry in rows[0]] for row in rows]
        case "sparse":
            rows = [row if draw(st.booleans()) else [0] * width for row in rows]
        case "turned":
            rows = [[rows[min(x, y) % height][max(x, y) % width] for x in range(width)]
                    for y in range(height)]
    return tuple(map(tuple, rows))


def assert_exact(arithmetic: Arithmetic, kernel: Matrix, pixel: Interval) -> None:
    height, width = len(kernel), len(kernel[0])
    assert arithmetic.kernel_height == height
    assert arithmetic.kernel_width == width
    assert arithmetic.kernels == (kernel,)
    # The pixels for which the sum is least, and greatest.
    for end in (0, 1):
        corner = [[pixel[(tap < 0) ^ end] for tap in row] for row in kernel]
        wanted = sum(
            tap * value
            for taps, values in zip(kernel, corner, strict=True)
            for tap, value in zip(taps, values, strict=True)
        )
        assert arithmetic.intervals[0][end] == wanted
        assert arithmetic.compute(corner) == [wanted]
    for end, feature in enumerate(arithmetic.features):
        form = arithmetic.column.matrix[end]
        ends = [sorted((factor * pixel.low, factor * pixel.high)) for factor in form]
        assert feature == (sum(e[0] for e in ends), sum(e[1] for e in ends))


def all_of(kernel: Matrix, pixel: Sample | Interval = U8) -> dict[str, list[Arithmetic]]:
    return {name: make((kernel,), pixel) or [] for name, make in STRATEGIES.items()}


def best(name: str, kernel: Matrix) -> Arithmetic:
    return best_of(STRATEGIES[name]((kernel,), U8))


def best_of(candidates: list[Arithmetic] | None) -> Arithmetic:
    assert candidates is not None
    return min(candidates, key=cost)


@pytest.mark.parametrize("text", NAMED)
def test_catalogue(text: str) -> None:
    kernel = catalogue.kernel(text).kernel
    for candidates in all_of(kernel).values():
        for arithmetic in candidates:
            assert_exact(arithmetic, kernel, Interval(0, 255))


@settings(max_examples=40, deadline=None)
@given(kernels(), st.sampled_from(["u8", "s8", "u1", "s16"]), st.randoms(use_true_random=False))
def test_every_strategy_is_exact(kernel: Matrix, text: str, rng: random.Random) -> None:
    pixel = Sample.parse(text)
    interval = Interval(pixel.minimum, pixel.maximum)
    pixels = [[rng.randint(*interval) for _ in row] for row in kernel]
    wanted = sum(
        tap * value
        for taps, values in zip(kernel, pixels, strict=True)
        for tap, value in zip(taps, values, strict=True)
    )
    found = all_of(kernel, pixel)
    assert found["adder-graph"]
    products = sum(abs(tap) & (abs(tap) - 1) != 0 for row in kernel for tap in row)
    for name, candidates in found.items():
        assert len(set(candidates)) == len(candidates)
        for arithmetic in candidates:
            assert_exact(arithmetic, kernel, interval)
            assert arithmetic.compute(pixels) == [wanted]
            if name in ("adder-graph", "separable"):
                assert arithmetic.multiplier_count == 0
            else:
                assert arithmetic.multiplier_count > 0
            if name == "symmetric":
                assert arithmetic.multiplier_count < products
            for graph in (arithmetic.column, arithmetic.window):
                for node, range_ in enumerate(graph.intervals):
                    assert range_.low <= range_.high, node
    assert found["multipliers"] == [] or found["multipliers"][0].multiplier_count == products
    assert all_of(kernel, pixel) == found
    assert all_of(kernel, interval) == found


@pytest.mark.parametrize(
    "strategy, text, adders, multipliers, features",
    [
        ("adder-graph", "sobel-x", 5, 0, 3),
        ("adder-graph", "binomial", 8, 0, 3),
        ("adder-graph", "laplacian", 4, 0, 3),
        # The middle row of zeros is not kept.
        ("adder-graph", "sobel-y", 5, 0, 2),
        ("separable", "sobel-x", 3, 0, 1),
        ("separable", "sobel-y", 3, 0, 1),
        ("separable", "binomial", 4, 0, 1),
        ("separable", "binomial:ksize=5", 10, 0, 1),
        ("separable", "laplacian", 4, 0, 2),
        ("multipliers", "scharr-x", 5, 3, 3),
        ("symmetric", "scharr-x", 4, 2, 2),
        ("separable-multipliers", "scharr-x", 3, 2, 1),
        ("multipliers", "sharpen", 4, 1, 3),
        ("symmetric", "binomial:ksize=5", 12, 2, 2),
        ("separable-multipliers", "binomial:ksize=5", 8, 2, 1),
        # Eight sizes of tap a side.
        ("separable-multipliers", "gaussian:ksize=15,sigma=2.5", 28, 10, 1),
    ],
)
def test_count(strategy: str, text: str, adders: int, multipliers: int, features: int) -> None:
    found = best(strategy, catalogue.kernel(text).kernel)
    assert (found.adder_count, found.multiplier_count) == (adders, multipliers)
    assert found.feature_count == features


@pytest.mark.parametrize(
    "strategy, kernel",
    [
        ("multipliers", ((1, 2, 1), (0, -4, 0))),
        ("multipliers", ((0, 0), (0, 0))),
        ("symmetric", ((3, 5), (7, 9))),
        ("symmetric", ((1, 2, 1), (1, 2, 1))),
        ("separable", ((3, 5), (7, 9))),
        ("separable", ((3, 5, 7),)),
        ("separable", ((0, 0), (0, 0))),
        ("separable-multipliers", ((1, 2, 1), (2, 4, 2))),
        ("separable-multipliers", ((3, 5), (7, 9))),
    ],
)
def test_does_not_apply(strategy: str, kernel: Matrix) -> None:
    assert STRATEGIES[strategy]((kernel,), U8) is None


@pytest.mark.parametrize(
    "kernel, products",
    [
        # Horizontal, vertical, both, diagonal, point symmetry, and their opposites.
        (((3, 0, 3), (5, 0, 5), (7, 0, 7)), 3),
        (((3, 5, 7), (0, 0, 0), (3, 5, 7)), 3),
        (((3, 5, 3), (5, 7, 5), (3, 5, 3)), 3),
        (((3, 5, 7), (5, 9, 11), (7, 11, 13)), 6),
        (((3, 5, 7), (9, 0, 9), (7, 5, 3)), 4),
        (((3, 5, -3), (7, 0, -7), (9, 11, -9)), 5),
        (((3, 5, 7), (0, 0, 0), (-3, -5, -7)), 3),
        (((3, 5, 7), (9, 0, -9), (-7, -5, -3)), 4),
        # Powers of two apart.
        (((3, 6, 12), (-24, 48, 96)), 1),
    ],
)
def test_symmetry_is_found(kernel: Matrix, products: int) -> None:
    found = STRATEGIES["symmetric"]((kernel,), U8)
    assert found is not None
    assert min(each.multiplier_count for each in found) == products


BANKS = {
    "sobel": ["sobel-x", "sobel-y"],
    "scharr": ["scharr-x", "scharr-y"],
    "sobel 5x5": ["sobel-x:ksize=5", "sobel-y:ksize=5"],
    "four": ["sobel-x", "sobel-y", "laplacian", "binomial"],
    "twice": ["laplacian", "laplacian"],
}


@pytest.mark.parametrize(("name", "alone", "together", "columns_first"), [
    ("sobel", 10, 8, 6), ("scharr", 14, 12, 10), ("sobel 5x5", 40, 30, 16), ("four", 22, 17, 12),
    ("twice", 8, 4, 4)])
def test_a_bank_shares_adders(name: str, alone: int, together: int, columns_first: int) -> None:
    bank = [catalogue.kernel(text).kernel for text in BANKS[name]]
    found = {strategy: make(bank, U8) or [] for strategy, make in STRATEGIES.items()}
    for arithmetic in (each for candidates in found.values() for each in candidates):
        assert arithmetic.kernels == tuple(bank)
    assert sum(best("adder-graph", kernel).adder_count for kernel in bank) >= alone
    assert best_of(found["adder-graph"]).adder_count <= together
    assert best_of(found["separable"]).adder_count <= columns_first


@pytest.mark.parametrize("seed", range(6))
def test_a_bank_is_exact(seed: int) -> None:
    """Kernels that have rows, products or nothing in common; one of zeros."""
    rng = np.random.default_rng(seed)
    height, width = rng.integers(1, 5, 2)
    first = rng.integers(-9, 10, (height, width))
    bank = [tuple(map(tuple, each.tolist())) for each in (
        first, 2 * first[::-1], rng.integers(-2, 3, (height, width)), 0 * first)]
    pixels = rng.integers(-16, 16, (height, width))
    for make in STRATEGIES.values():
        for arithmetic in make(bank, Interval(-16, 15)) or ():
            assert arithmetic.kernels == tuple(bank)
            assert arithmetic.compute(pixels.tolist()) == [
                int((np.array(kernel) * pixels).sum()) for kernel in bank]
            assert arithmetic.intervals == tuple(
                sum((Interval(-16, 15).scale(tap) for row in kernel for tap in row),
                    Interval(0, 0)) for kernel in bank)


def test_box_by_factors() -> None:
    # Two sums of 31, a column's and a row's.
    found = best("separable", ((1,) * 31,) * 31)
    assert found.adder_count == 60
    assert found.features == (Interval(0, 31 * 255),)
    assert found.intervals[0] == Interval(0, 961 * 255)


def test_one_product_for_equal_taps_of_a_row() -> None:
    kernel = ((3, 5, 3, 0, -6), (7, 7, 7, 7, 7))
    found = STRATEGIES["multipliers"]((kernel,), U8)
    assert found is not None
    assert [each.multiplier_count for each in found] == [9, 3]
    assert found[1].window.multiplier_count == 0
    assert found[1].features == (Interval(0, 765), Interval(0, 1275), Interval(0, 1785))


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_negative_kernel_takes_no_negation(strategy: str) -> None:
    """A sign that is left over is turned where a product or a difference is."""
    kernel = ((-3, -6, -3), (-5, -10, -5), (-3, -6, -3))
    positive = tuple(tuple(-tap for tap in row) for row in kernel)
    found, wanted = best(strategy, kernel), best(strategy, positive)
    assert found.multiplier_count == wanted.multiplier_count
    assert found.adder_count <= wanted.adder_count + (found.multiplier_count == 0)


def test_product_latency() -> None:
    kernel = ((3, 1), (1, 5))
    (found,) = STRATEGIES["multipliers"]((kernel,), U8) or []
    # The two taps of one are added meanwhile.
    assert Schedule(found.window).latency == PRODUCT_LATENCY + 2


def test_cost() -> None:
    wires = Graph.wires([Interval(0, 255)] * 3)
    (found,) = STRATEGIES["adder-graph"]([((1, 0), (0, 1), (2, 0))], U8) or []
    assert found.column == wires
    window = Schedule(found.window).cost
    assert cost(found) == window + 2 * 24 * 1.5
    assert cost(found, lanes=4) == 4 * window + 5 * 24 * 1.5
    assert cost(found, lanes=4, channels=3) == 3 * cost(found, lanes=4)
    (found, *_) = STRATEGIES["multipliers"]([((3, 0), (5, 0))], U8) or []
    assert cost(found, product_weight=100) - cost(found, product_weight=0) == 200


def test_large_kernels_are_quick() -> None:
    """A few seconds at most; the strategies' own limits keep them so."""
    rng = np.random.default_rng(3)
    quarter = rng.integers(-128, 128, (16, 16))
    full = np.pad(quarter, ((0, 15), (0, 15)), mode="reflect")
    kernel = tuple(map(tuple, full.tolist()))
    assert len(kernel) == len(kernel[0]) == 31
    for name, candidates in all_of(kernel).items():
        assert candidates, name
        for arithmetic in candidates:
            assert arithmetic.kernels == (kernel,)
    # Symmetric in both directions: half the rows are kept.
    assert best("symmetric", kernel).feature_count == 16
    # 60 bits a coefficient, all different: nothing is searched for.
    large = tuple(map(tuple, rng.integers(-(2**59), 2**59, (31, 31)).tolist()))
    (found,) = STRATEGIES["adder-graph"]((large,), U8) or []
    assert found.kernels == (large,)
