import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from windrow.model import Sample
from windrow.model.interval import Interval
from windrow.model.kernels import catalogue
from windrow.model.kernels.kernel import Matrix
from windrow.model.lowering.folding import Folding, foldings


U8 = Sample.parse("u8")


def odd(tap: int) -> int:
    return abs(tap) // max(tap & -tap, 1)


def assert_exact(folding: Folding, kernel: Matrix, pixel: Sample, rng: random.Random) -> None:
    def wanted(pixels: list[list[int]]) -> int:
        return sum(tap * value for taps, values in zip(kernel, pixels, strict=True)
                   for tap, value in zip(taps, values, strict=True))

    # The pixels for which the sum is least, and greatest; then any.
    ends = (pixel.minimum, pixel.maximum)
    for end in (0, 1):
        corner = [[ends[(tap < 0) ^ end] for tap in row] for row in kernel]
        assert folding.compute(corner) == wanted(corner) == folding.interval[end]
    pixels = [[rng.randint(*ends) for _ in row] for row in kernel]
    assert folding.compute(pixels) == wanted(pixels)


@st.composite
def kernels(draw: st.DrawFn) -> Matrix:
    height, width = draw(st.integers(1, 7)), draw(st.integers(1, 7))
    entries = draw(st.sampled_from([
        st.integers(-8, 8), st.integers(-128, 127), st.integers(-9, 0),
        st.sampled_from([0, 3, -3, 6, 1, -1]), st.integers(-(2**40), 2**40),
    ]))
    rows = [[draw(entries) for _ in range(width)] for _ in range(height)]
    if draw(st.booleans()):
        rows = [rows[min(y, height - 1 - y)] for y in range(height)]
    if draw(st.booleans()):
        rows = [[entry - other for entry, other in zip(row, row[::-1], strict=True)]
                for row in rows]
    return tuple(map(tuple, rows))


@settings(max_examples=60, deadline=None)
@given(kernels(), st.integers(2, 40), st.sampled_from(["u8", "s8", "u1", "s16"]),
       st.randoms(use_true_random=False))
def test_every_folding(kernel: Matrix, clocks: int, text: str, rng: random.Random) -> None:
    pixel = Sample.parse(text)
    found = foldings(kernel, pixel, clocks)
    multiplied = [odd(tap) for row in kernel for tap in row if odd(tap) > 1]
    if not multiplied:
        assert found is None
        return
    assert found is not None
    # The kernel as it is needs a product for each odd part.
    assert len(found[0].multipliers) == -(-len(set(multiplied)) // clocks)
    for folding in found:
        assert_exact(folding, kernel, pixel, rng)
        assert len(folding.phases) <= clocks
        assert all(len(phase) == len(folding.multipliers) for phase in folding.phases[:-1])
        for number, products in enumerate(folding.multipliers):
            factor, coefficient = folding.factor(number), folding.coefficient(number)
            assert factor.low <= 0 <= factor.high
            for product in products:
                assert factor.low <= product.factor.interval.low
                assert factor.high >= product.factor.interval.high
                assert coefficient.low <= product.coefficient <= coefficient.high
            assert products[-1].factor.latency == max(each.factor.latency for each in products)
        one, two = (folding.cost(len(kernel[0]), blocks) for blocks in (1, 2))
        assert two - one == pytest.approx(64)


@pytest.mark.parametrize("kernel, clocks, multipliers, phases, adders", [
    (((3, 5, 7), (9, 11, 13), (15, 17, 19)), 9, 1, 9, 0),
    (((3, 5, 7), (9, 11, 13), (15, 17, 19)), 8, 2, 5, 0),
    (((3, 5, 7), (9, 11, 13), (15, 17, 19)), 2, 5, 2, 0),
    # What is one product in pairs saves a multiplier; single taps have the phases left over.
    (((3, 5, 3), (5, 7, 5), (3, 5, 3)), 3, 1, 3, 6),
    (((3, 5, 3), (5, 7, 5), (3, 5, 3)), 4, 1, 4, 5),
    (((3, 5, 3), (5, 7, 5), (3, 5, 3)), 9, 1, 9, 0),
    (((3, 6, -12),), 2, 1, 2, 1),
    # Taps that need no multiplier take the phases that are left over.
    (((1, 2, 1), (2, 3, 2), (1, 2, 1)), 9, 1, 9, 0),
    (((1, 2, 1), (2, 3, 2), (1, 2, 1)), 8, 1, 8, 0),
    (((1, 2, 1), (2, 3, 2), (1, 2, 1)), 4, 1, 4, 4),
    (((3,),), 2, 1, 1, 0),
])
def test_count(
    kernel: Matrix, clocks: int, multipliers: int, phases: int, adders: int
) -> None:
    folding = (foldings(kernel, U8, clocks) or [])[0]
    assert (len(folding.multipliers), len(folding.phases)) == (multipliers, phases)
    assert sum(form.graph.adder_count for form in folding.forms) == adders


def test_column_sums_come_first_where_they_save() -> None:
    kernel = catalogue.kernel("gaussian:ksize=15,sigma=2.5").kernel
    found = foldings(kernel, U8, 9) or []
    best = min(found, key=lambda each: each.cost(15, len(each.multipliers)))
    assert len(best.features) == 1
    assert len(best.multipliers) == 1
    assert best.interval == Interval(0, 255 * sum(map(sum, kernel)))


@pytest.mark.parametrize("kernel, clocks", [
    (((3, 5),), 1), (((1, 2), (-4, 0)), 9), (((0, 0), (0, 0)), 9),
])
def test_does_not_apply(kernel: Matrix, clocks: int) -> None:
    assert foldings(kernel, U8, clocks) is None


def test_large_kernel() -> None:
    rng = random.Random(5)
    kernel = tuple(tuple(rng.randint(-128, 127) for _ in range(31)) for _ in range(31))
    folding = (foldings(kernel, U8, 1024) or [])[0]
    assert len(folding.multipliers) == 1
    assert_exact(folding, kernel, U8, rng)
