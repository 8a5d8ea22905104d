import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from windrow.model import InputError, quantise
from windrow.model.kernels.quantised import reduced, worst_error


matrices = hnp.arrays(
    float,
    st.tuples(st.integers(1, 7), st.integers(1, 7)),
    elements=st.floats(-4, 4, allow_subnormal=False),
)


@given(real=matrices, shift=st.integers(0, 31))
def test_sum_and_error(real: np.ndarray, shift: int) -> None:
    made = quantise(real, shift)
    integers = np.array(made.kernel, dtype=object)
    scale = 2 ** (shift - made.shift)
    assert integers.sum() * scale == round(math.fsum((real * 2.0**shift).flat))
    assert made.error == worst_error(made.kernel, made.shift, real)
    # An entry moves by more than half a unit only where the sum, or symmetry and the sum, need it.
    assert made.error * 2.0**shift <= 4.5


@given(real=matrices, shift=st.integers(0, 20))
def test_symmetry(real: np.ndarray, shift: int) -> None:
    """With odd sizes the centre takes up what is missing, so no mirror symmetry is ever lost."""
    odd = real[: (real.shape[0] - 1) // 2 * 2 + 1, : (real.shape[1] - 1) // 2 * 2 + 1]
    odd[odd.shape[0] // 2, odd.shape[1] // 2] = 0.7
    mirrored = odd + odd[::-1]
    for symmetric in (mirrored, mirrored + mirrored[:, ::-1], odd + odd[::-1, ::-1]):
        made = np.array(quantise(symmetric, shift).kernel)
        assert not made[symmetric == 0].any()
        for image in (np.flipud, np.fliplr, lambda array: array[::-1, ::-1]):
            if np.array_equal(image(symmetric), symmetric):
                assert np.array_equal(image(made), made)


def test_without_symmetry_the_error_is_below_a_unit() -> None:
    rng = np.random.default_rng(5)
    for shift in (4, 8, 12):
        for _ in range(100):
            real = rng.normal(size=rng.integers(2, 9, 2))
            assert quantise(real, shift).error < 2.0**-shift


@given(real=matrices, shift=st.integers(0, 20))
def test_antisymmetry(real: np.ndarray, shift: int) -> None:
    """A derivative of a flat picture is zero, and falling edges mirror rising ones."""
    for image in (np.fliplr, np.flipud):
        made = np.array(quantise(real - image(real), shift).kernel)
        assert made.sum() == 0
        assert np.array_equal(made, -image(made))


@pytest.mark.parametrize(
    "real, shift, kernel, wanted_shift",
    [
        ([[0.25, 0.5, 0.25]], 8, ((1, 2, 1),), 2),
        ([[1 / 3, 1 / 3, 1 / 3]], 4, ((5, 6, 5),), 4),
        ([[1 / 3] * 3] * 1, 3, ((3, 2, 3),), 3),
        ([[0.5, -0.5]], 0, ((0, 0),), 0),
        ([[1 / 6] * 6], 4, ((2, 3, 3, 3, 3, 2),), 4),
        ([[0.0]], 12, ((0,),), 12),
    ],
)
def test_by_hand(real: object, shift: int, kernel: object, wanted_shift: int) -> None:
    made = quantise(real, shift)  # type: ignore[arg-type]
    assert (made.kernel, made.shift) == (kernel, wanted_shift)


def test_reduced() -> None:
    assert reduced(((4, 8),), 3) == (((1, 2),), 1)
    assert reduced(((4, 8),), 1) == (((2, 4),), 0)
    assert reduced(((3, 6),), 5) == (((3, 6),), 5)
    assert reduced(((0,),), 5) == (((0,),), 5)


@pytest.mark.parametrize(
    "kernel, shift, message",
    [
        ([1.0], 4, "kernel must be a matrix from 1x1 to 31x31, not of shape (1,)"),
        ([[0.0] * 32], 4, "kernel must be a matrix from 1x1 to 31x31, not of shape (1, 32)"),
        ([[]], 4, "kernel must be a matrix from 1x1 to 31x31, not of shape (1, 0)"),
        ([[1], [2, 3]], 4, "kernel must be a matrix of real numbers with rows of one length"),
        ([["a"]], 4, "kernel must be a matrix of real numbers with rows of one length"),
        ([[math.nan]], 4, "kernel must have finite entries only"),
        ([[math.inf]], 4, "kernel must have finite entries only"),
        ([[1.0]], 32, "shift must be an integer from 0 to 31, not 32"),
        ([[1.0]], True, "shift must be an integer from 0 to 31, not True"),
        ([[2.0**40]], 13, "kernel times 2**13 must stay below 2**53 to be exact"),
    ],
)
def test_refused(kernel: object, shift: int, message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        quantise(kernel, shift)  # type: ignore[arg-type]
