import re
from typing import Any

import cv2
import numpy as np
import pytest
import scipy.ndimage
from exact import assert_same

from windrow.model import Filter, InputError
from windrow.model.kernels import catalogue


#: Kernels that keep a flat picture as it is, and kernels that make zero of it.
AVERAGES = {
    "identity", "gaussian", "binomial", "motion-blur", "sharpen", "unsharp", "emboss", "deblur",
    "deblur-motion",
}  # fmt: skip


def weights(text: str) -> np.ndarray:
    named = catalogue.kernel(text)
    return np.array(named.kernel) / 2.0**named.shift


@pytest.mark.parametrize("name", catalogue.names())
def test_entry(name: str) -> None:
    named = catalogue.kernel(name)
    assert named.source
    assert named.description
    assert named.name.partition(":")[0] == name
    assert catalogue.kernel(named.name) == named
    assert 0 <= named.error < 2e-3
    total = sum(map(sum, named.kernel))
    if name == "box":
        assert total * 2 == pytest.approx(2 ** (named.shift + 1), rel=1e-4)
    elif name in AVERAGES:
        assert total == 2**named.shift
    else:
        assert total == 0
    flat = np.full((40, 40), 201, np.uint8)
    spec = Filter(kernel=name, width=40, height=40)
    assert set(spec.compute(flat).flat) == {201 if name in AVERAGES | {"box"} else 0}


def test_every_name_in_the_issue_is_there() -> None:
    assert set(catalogue.names()) >= AVERAGES | {
        f"{name}-{axis}"
        for name in ("sobel", "prewitt", "scharr", "roberts", "gaussian-derivative")
        for axis in "xy"
    } | {"box", "laplacian", "laplacian-of-gaussian", "high-pass"}


@pytest.mark.parametrize(
    "text, kernel",
    [
        ("identity:ksize=3", [[0, 0, 0], [0, 1, 0], [0, 0, 0]]),
        ("binomial:ksize=2", [[1, 1], [1, 1]]),
        ("binomial", [[1, 2, 1], [2, 4, 2], [1, 2, 1]]),
        ("gaussian:ksize=3", [[1, 2, 1], [2, 4, 2], [1, 2, 1]]),
        ("sobel-x", [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]),
        ("sobel-y", [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]),
        ("scharr-y", [[-3, -10, -3], [0, 0, 0], [3, 10, 3]]),
        ("prewitt-x", [[-1, 0, 1]] * 3),
        ("laplacian:ksize=3", [[2, 0, 2], [0, -8, 0], [2, 0, 2]]),
        ("roberts-y", [[0, 1], [-1, 0]]),
        (
            "unsharp",
            [
                [-1, -4, -6, -4, -1],
                [-4, -16, -24, -16, -4],
                [-6, -24, 476, -24, -6],
                [-4, -16, -24, -16, -4],
                [-1, -4, -6, -4, -1],
            ],
        ),
    ],
)
def test_by_hand(text: str, kernel: list[list[int]]) -> None:
    assert [list(row) for row in catalogue.kernel(text).kernel] == kernel


@pytest.mark.parametrize(
    "order, ksize", [(order, k) for k in (1, 3, 5, 7) for order in range(max(k, 3))]
)
def test_derivative_rows_are_opencvs(order: int, ksize: int) -> None:
    wanted = cv2.getDerivKernels(order, 1, ksize, normalize=False)[0].ravel()
    assert catalogue.derivative_row(order, ksize) == wanted.astype(int).tolist()


@pytest.mark.parametrize("ksize", [3, 5, 7])
@pytest.mark.parametrize("axis", ["x", "y"])
def test_sobel(ksize: int, axis: str) -> None:
    kx, ky = cv2.getDerivKernels(int(axis == "x"), int(axis == "y"), ksize)
    assert np.array_equal(weights(f"sobel-{axis}:ksize={ksize}"), np.outer(ky, kx))


@pytest.mark.parametrize("ksize", range(1, 32))
def test_box_is_the_nearest_mean_of_every_sum(ksize: int) -> None:
    """The proof in the docstring, tried on each sum that 8-bit samples can have."""
    named = catalogue.kernel(f"box:ksize={ksize}")
    count, entry = ksize * ksize, named.kernel[0][0]
    sums = np.arange(count * 255 + 1, dtype=np.int64)
    half = (1 << named.shift) >> 1
    assert_same((sums * entry + half) >> named.shift, (2 * sums + count) // (2 * count), named)


@pytest.mark.parametrize("bits", range(9, 17))
@pytest.mark.parametrize("ksize", [2, 3, 5, 7, 9])
def test_box_of_wide_samples(ksize: int, bits: int) -> None:
    named = catalogue.kernel(f"box:ksize={ksize},bits={bits}")
    count, entry = ksize * ksize, named.kernel[0][0]
    low = 0 if ksize % 2 == 0 else -count << bits  # odd sizes: signed samples of one more bit too
    sums = np.arange(low, count << bits, dtype=np.int64)
    half = (1 << named.shift) >> 1
    got = (sums * entry + half) >> named.shift
    assert np.array_equal(got, (2 * sums + count) // (2 * count))


@pytest.mark.parametrize("bits", range(1, 16))
@pytest.mark.parametrize(
    "ksize, sigma", [(1, 0), (3, 0), (7, 0), (9, 0), (5, 1.1), (31, 5), (15, 0.01)]
)
def test_gaussian_keeps_the_sum(ksize: int, sigma: float, bits: int) -> None:
    factor = catalogue.gaussian_factor(ksize, sigma, bits)
    assert sum(factor) == 2**bits
    assert factor == factor[::-1]


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("sigma", [0.7, 1.0, 1.8])
@pytest.mark.parametrize("axis", ["x", "y"])
def test_gaussian_derivative_is_scipys(order: int, sigma: float, axis: str) -> None:
    """Its response to an impulse, with 24 fraction bits and the radius of scipy's default."""
    named = catalogue.kernel(f"gaussian-derivative-{axis}:order={order},sigma={sigma},bits=24")
    height, width = len(named.kernel), len(named.kernel[0])
    impulse = np.zeros((height, width))
    impulse[height // 2, width // 2] = 1
    orders: Any = (0, order) if axis == "x" else (order, 0)
    response = scipy.ndimage.gaussian_filter(impulse, sigma, orders, mode="constant")
    made = np.array(named.kernel) / 2.0**named.shift
    assert np.abs(made[::-1, ::-1] - response).max() < 2e-7
    assert named.error < 2e-7


def test_derivatives_rise_to_the_right_and_downwards() -> None:
    ramp = np.arange(12) + 100
    names = ("sobel", "prewitt", "scharr", "gaussian-derivative")
    for name in names:
        for axis, image in (("x", np.tile(ramp, (12, 1))), ("y", np.tile(ramp, (12, 1)).T)):
            spec = Filter(kernel=f"{name}-{axis}", width=12, height=12, output="s16")
            assert spec.compute(image)[6, 6] > 0, (name, axis)


def test_laplacian_of_gaussian_is_scipys_shape() -> None:
    x = np.zeros((25, 25))
    x[12, 12] = 1
    wanted = scipy.ndimage.gaussian_laplace(x, 2.0, mode="constant", truncate=6.0)
    made = weights("laplacian-of-gaussian:ksize=25,sigma=2,bits=24")
    assert np.abs(made - wanted).max() < 2e-4


def test_motion_blur() -> None:
    assert np.array(catalogue.kernel("motion-blur:length=4,bits=8").kernel).shape == (1, 5)
    assert np.allclose(weights("motion-blur:length=5,bits=24"), 1 / 5, atol=1e-6)
    assert np.allclose(weights("motion-blur:length=5,angle=90,bits=24"), 1 / 5, atol=1e-6)
    rising = np.array(catalogue.kernel("motion-blur:length=9,angle=45").kernel)
    assert rising[0, -1] > 0  # counter-clockwise: to the upper right
    assert rising[0, 0] == 0
    assert np.array_equal(rising, rising[::-1, ::-1])


@pytest.mark.parametrize(
    "blur, inverse",
    [
        ("gaussian:ksize=9,sigma=1,bits=15", "deblur:ksize=11,sigma=1,noise=0.001"),
        ("motion-blur:length=3,bits=16", "deblur-motion:ksize=31,length=3,noise=0.001"),
    ],
)
def test_deblur_undoes_the_blur(blur: str, inverse: str) -> None:
    rng = np.random.default_rng(7)
    sharp = scipy.ndimage.gaussian_filter(rng.normal(size=(80, 80)), 1.0)
    blurred = scipy.ndimage.correlate(sharp, weights(blur), mode="wrap")
    restored = scipy.ndimage.correlate(blurred, weights(inverse), mode="wrap")
    assert np.abs(restored - sharp).std() < 0.3 * np.abs(blurred - sharp).std()


def test_regularised_inverse_of_an_asymmetric_blur() -> None:
    blur = np.array([[0.0, 0.7, 0.3]])
    inverse = catalogue.regularised_inverse(blur, 15, 1e-4)
    rng = np.random.default_rng(8)
    sharp = rng.normal(size=(30, 30))
    blurred = scipy.ndimage.correlate(sharp, blur, mode="wrap")
    restored = scipy.ndimage.correlate(blurred, inverse, mode="wrap")
    assert np.abs(restored - sharp).max() < 0.05


@pytest.mark.parametrize(
    "text, message",
    [
        ("sobel", "kernel 'sobel' is not here: use the kernel sobel-x or sobel-y"),
        ("qqqq", "kernel 'qqqq' is not in the catalogue: choose from identity, box, gaussian"),
        ("", "kernel '' is not in the catalogue: choose from"),
        ("gaussian:size=3", "kernel 'gaussian' has no parameter 'size': did you mean 'ksize'?"),
        ("sharpen:amount=2", "kernel 'sharpen' has no parameter 'amount': it takes none"),
        ("gaussian:3", "kernel 'gaussian' has the parameter '3'; after the colon come name=value"),
        ("gaussian:", "kernel 'gaussian' has the parameter ''; after the colon come name=value"),
        ("box:ksize=3,ksize=5", "kernel 'box' has the parameter 'ksize' twice"),
        ("box:ksize=3.5", "kernel 'box': ksize must be an integer, not '3.5'"),
        ("gaussian:sigma=nan", "kernel 'gaussian': sigma must be a finite number, not 'nan'"),
        ("gaussian:sigma=-1", "kernel 'gaussian': sigma must be 0 (chosen from ksize) or greater"),
        ("gaussian:ksize=4", "kernel 'gaussian': ksize must be odd and from 1 to 31, not 4"),
        ("gaussian:ksize=33", "kernel 'gaussian': ksize must be odd and from 1 to 31, not 33"),
        ("gaussian:bits=16", "kernel 'gaussian': bits must be from 1 to 15, not 16"),
        ("identity:ksize=0", "kernel 'identity': ksize must be odd and from 1 to 31, not 0"),
        ("box:ksize=32", "kernel 'box': ksize must be from 1 to 31, not 32"),
        ("box:bits=17", "kernel 'box': bits must be from 1 to 16, not 17"),
        ("box:ksize=31,bits=16", "kernel 'box': a mean over 31x31 samples of 16 bits is not exact"),
        ("binomial:ksize=17", "kernel 'binomial': ksize must be from 1 to 16"),
        ("motion-blur:length=32", "kernel 'motion-blur': length must be from 1 to 31, not 32"),
        ("motion-blur:bits=32", "kernel 'motion-blur': bits must be from 0 to 31, not 32"),
        ("unsharp:amount=-1", "kernel 'unsharp': amount must be from 0 to 1000, not -1"),
        ("unsharp:ksize=2", "kernel 'unsharp': ksize must be odd"),
        ("high-pass:ksize=2", "kernel 'high-pass': ksize must be odd"),
        ("deblur:noise=0", "kernel 'deblur': noise must be from 1e-6 to 1000, not 0"),
        ("deblur:sigma=0", "kernel 'deblur': sigma must be greater than 0 and at most 15, not 0"),
        ("deblur-motion:length=0", "kernel 'deblur-motion': length must be from 1 to 31, not 0"),
        ("sobel-x:ksize=9", "kernel 'sobel-x': ksize must be 3, 5 or 7, not 9"),
        ("laplacian:ksize=2", "kernel 'laplacian': ksize must be 1 or 3, not 2"),
        ("laplacian-of-gaussian:ksize=1", "ksize must be odd and from 3 to 31, not 1"),
        ("laplacian-of-gaussian:sigma=0", "sigma must be from 0.3 to 100, not 0"),
        ("gaussian-derivative-x:order=3", "order must be 1 or 2, not 3"),
        ("gaussian-derivative-y:sigma=0", "sigma must be from 0.1 to 100, not 0"),
        ("gaussian-derivative-y:sigma=9", "ksize must be odd and from 1 to 31, not 73"),
    ],
)
def test_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        catalogue.kernel(text)


def test_refused_blur() -> None:
    with pytest.raises(InputError, match="blur must be a matrix of odd sizes up to 31"):
        catalogue.regularised_inverse(np.ones((2, 2)), 3, 0.1)
