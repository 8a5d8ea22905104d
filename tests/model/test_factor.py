import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from windrow.model.kernels import catalogue
from windrow.model.kernels.kernel import Matrix
from windrow.model.lowering.factor import csd, digit_count, factorisations, folded_rows, rank


ENTRIES = st.integers(-9, 9) | st.sampled_from([0, 0, 1, -1, 2**60, -(2**60) + 1])


def matrices(height: int, width: int, entries: st.SearchStrategy[int]) -> st.SearchStrategy[Matrix]:
    row = st.tuples(*[entries] * width)
    return st.tuples(*[row] * height)


@st.composite
def products(draw: st.DrawFn) -> Matrix:
    """A kernel that is a product of smaller matrices."""
    height, width, inner = (draw(st.integers(1, 8)) for _ in range(3))
    entries = st.integers(-9, 9) | st.sampled_from([0, 2**28 + 1])
    tall, wide = draw(matrices(height, inner, entries)), draw(matrices(inner, width, entries))
    return multiplied(tall, wide)


def multiplied(tall: Matrix, wide: Matrix) -> Matrix:
    return tuple(
        tuple(
            sum(a * b for a, b in zip(row, column, strict=True))
            for column in zip(*wide, strict=True)
        )
        for row in tall
    )


def is_folding(tall: Matrix) -> bool:
    return all(
        sum(entry != 0 for entry in row) <= 1 and all(abs(e) & (abs(e) - 1) == 0 for e in row)
        for row in tall
    )


@given(st.integers(-(2**70), 2**70))
def test_csd(value: int) -> None:
    digits = csd(value)
    assert sum(-(1 << shift) if negative else 1 << shift for shift, negative in digits) == value
    shifts = [shift for shift, _ in digits]
    assert all(b - a >= 2 for a, b in zip(shifts, shifts[1:]))  # noqa: B905, RUF007
    assert digit_count([value, -value]) == 2 * len(digits)


@given(products() | matrices(4, 5, ENTRIES))
def test_rank(kernel: Matrix) -> None:
    # Modulo a large prime the rank is the same, unless the prime divides a minor.
    prime = (1 << 521) - 1
    rows = [list(row) for row in kernel]
    found = 0
    for x in range(len(rows[0])):
        at = next((y for y in range(found, len(rows)) if rows[y][x] % prime), None)
        if at is None:
            continue
        rows[found], rows[at] = rows[at], rows[found]
        inverse = pow(rows[found][x], -1, prime)
        for y in range(found + 1, len(rows)):
            factor = rows[y][x] * inverse
            rows[y] = [
                (a - factor * b) % prime for a, b in zip(rows[y], rows[found], strict=True)
            ]
        found += 1
    assert rank(kernel) == found


@given(products() | matrices(5, 4, ENTRIES) | matrices(1, 6, ENTRIES) | matrices(6, 1, ENTRIES))
def test_factorisations(kernel: Matrix) -> None:
    height, width = len(kernel), len(kernel[0])
    pairs = factorisations(kernel)
    assert len(set(pairs)) == len(pairs)
    least = rank(kernel)
    sizes = [len(wide) for _, wide in pairs]
    assert sizes == sorted(sizes)
    if 0 < least < min(height, width) and least <= 6:
        assert sizes[0] == least
    for tall, wide in pairs:
        assert multiplied(tall, wide) == kernel
        size = len(wide)
        folding = size < height and is_folding(tall)
        assert size < min(height, width) or size == width == 1 or folding
        for column in zip(*tall, strict=True):
            # Not a power of two that could come later, nor a sign.
            assert any(entry & 1 for entry in column)
            assert max(column) > 0
    if not any(map(any, kernel)):
        assert pairs == []


@given(matrices(2, 3, ENTRIES), st.lists(st.integers(-4, 4), min_size=1, max_size=4))
def test_folded_rows(rows: Matrix, copies: list[int]) -> None:
    kernel = rows + tuple(
        tuple(entry << each if each >= 0 else -entry << -each for entry in rows[0])
        for each in copies
    )
    pair = folded_rows(kernel)
    if not any(rows[0]):
        assert pair is None or len(pair[1]) < 2
        return
    assert pair is not None
    tall, wide = pair
    assert multiplied(tall, wide) == kernel
    assert is_folding(tall)
    assert len(wide) <= 2


def test_asymmetric_kernels_are_not_folded() -> None:
    assert folded_rows(((1, 2), (0, 0), (2, 1))) is None
    assert folded_rows(((0, 0), (0, 0))) is None
    assert factorisations(((3, 1, 4), (1, 5, 9), (2, 6, 5))) == []
    assert factorisations(((5, 5, 5),)) == []
    assert factorisations(((5,),)) == []


@pytest.mark.parametrize(
    "text, tall, wide",
    [
        ("sobel-x", [1, 2, 1], [-1, 0, 1]),
        ("sobel-y", [-1, 0, 1], [1, 2, 1]),
        ("prewitt-x", [1, 1, 1], [-1, 0, 1]),
        ("binomial", [1, 2, 1], [1, 2, 1]),
        ("binomial:ksize=5", [1, 4, 6, 4, 1], [1, 4, 6, 4, 1]),
        ("scharr-x", [3, 10, 3], [-1, 0, 1]),
    ],
)
def test_rank_1(text: str, tall: list[int], wide: list[int]) -> None:
    kernel = catalogue.kernel(text).kernel
    assert (tuple((t,) for t in tall), (tuple(wide),)) in factorisations(kernel)


def test_common_divisor_on_either_side() -> None:
    kernel = multiplied(((3,), (6,), (3,)), ((4, -4, 8),))
    assert set(factorisations(kernel)) == {
        (((3,), (6,), (3,)), ((4, -4, 8),)),
        (((1,), (2,), (1,)), ((12, -12, 24),)),
    }


@pytest.mark.parametrize("kernel, digits", [
    # A binomial and a tap: (1 4 6 4 1) twice, the tap and a one.
    (catalogue.kernel("unsharp").kernel, 14),
    # The sum of two outer products.
    (multiplied(((1, 0), (2, 1), (1, 0), (0, -1)), ((1, 2, 1, 0), (0, 1, 3, 1))), 12),
])  # fmt: skip
def test_rank_2_is_light(kernel: Matrix, digits: int) -> None:
    found = [
        sum(map(digit_count, tall)) + sum(map(digit_count, wide))
        for tall, wide in factorisations(kernel)
        if len(wide) == 2
    ]
    assert min(found) == digits


def test_large_kernels_are_quick() -> None:
    rng = np.random.default_rng(5)
    large = rng.integers(-(2**59), 2**59, (31, 31)).tolist()
    assert rank(tuple(map(tuple, large))) == 31
    tall = tuple(map(tuple, rng.integers(-9, 10, (31, 5)).tolist()))
    wide = tuple(map(tuple, rng.integers(-9, 10, (5, 31)).tolist()))
    kernel = multiplied(tall, wide)
    pairs = factorisations(kernel)
    assert len(pairs[0][1]) == 5
    assert all(multiplied(*pair) == kernel for pair in pairs)
