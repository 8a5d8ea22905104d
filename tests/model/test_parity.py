"""Presets against the functions that they are named after, with no tolerance.

cv2 and scipy are run; torch too where it is installed. What MATLAB, Vitis Vision and Intel document
is written out here independently of the model.
"""

import platform
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import scipy.ndimage
import scipy.signal
from exact import assert_same
from hypothesis import given
from hypothesis import strategies as st
from strategies import filters, images

from windrow.model import Filter


PICTURES = Path(__file__).parents[2] / "pictures"
SHARPEN = [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]


def noise(seed: int, shape: tuple[int, ...], dtype: type = np.uint8) -> np.ndarray:
    info = np.iinfo(dtype)
    rng = np.random.default_rng(seed)
    return rng.integers(info.min, info.max, shape, dtype=dtype, endpoint=True)


def picture(name: str) -> np.ndarray:
    image = cv2.imread(str(PICTURES / name), cv2.IMREAD_UNCHANGED)
    assert image is not None, name
    return image


PLANES = [
    pytest.param(picture("camera.png"), id="camera"),
    pytest.param(picture("coffee.jpg"), id="coffee"),
    pytest.param(noise(1, (37, 41)), id="noise"),
    pytest.param(noise(2, (31, 33, 3)), id="noise-rgb"),
]


def preset(name: str, image: np.ndarray, **keys: Any) -> np.ndarray:
    channels = image.shape[2] if image.ndim == 3 else 1
    height, width = image.shape[:2]
    spec = Filter(preset=name, width=width, height=height, channels=channels, **keys)
    return spec.compute(image)


# OpenCV


@pytest.mark.parametrize("image", PLANES)
@pytest.mark.parametrize("ksize", [1, 3, 5, 7, 9, 15, 31])
def test_gaussian_blur(image: np.ndarray, ksize: int) -> None:
    for sigma in (0, 0.6, ksize / 6 + 0.01):
        got = preset(f"cv2.GaussianBlur:ksize={ksize},sigma={sigma}", image)
        assert_same(got, cv2.GaussianBlur(image, (ksize, ksize), sigma), (ksize, sigma))


@given(half=st.integers(1, 15), sigma=st.floats(0.01, 20), seed=st.integers(0, 99))
def test_gaussian_blur_of_any_sigma(half: int, sigma: float, seed: int) -> None:
    ksize, image = 2 * half + 1, noise(seed, (33, 35))
    got = preset(f"cv2.GaussianBlur:ksize={ksize},sigma={sigma!r}", image)
    assert_same(got, cv2.GaussianBlur(image, (ksize, ksize), sigma), (ksize, sigma))


@pytest.mark.parametrize("ksize", range(1, 32, 2))
def test_blur(ksize: int) -> None:
    for image in (noise(ksize, (40, 44, 3)), np.full((33, 33), 255, np.uint8)):
        assert_same(preset(f"cv2.blur:ksize={ksize}", image), cv2.blur(image, (ksize, ksize)))
    if ksize <= 9:
        for dtype, pixel in ((np.uint16, "u16"), (np.int16, "s16")):
            image = noise(ksize, (90, 80), dtype)
            got = preset(f"cv2.blur:ksize={ksize}", image, pixel=pixel)
            assert_same(got, cv2.blur(image, (ksize, ksize)), pixel)
    if ksize == 31:  # no shift up to 31 is proved exact for means over 31x31 samples of 12 bits
        return
    twelve = noise(ksize, (90, 80), np.uint16) >> 4
    got = preset(f"cv2.blur:ksize={ksize}", twelve, pixel="u12")
    assert_same(got, cv2.blur(twelve, (ksize, ksize)), "u12")


@pytest.mark.parametrize("image", PLANES)
@pytest.mark.parametrize("ksize", [1, 3, 5, 7])
def test_sobel(image: np.ndarray, ksize: int) -> None:
    for dx, dy in ((1, 0), (0, 1), (1, 1), (2, 0), (0, 2)):
        name = f"cv2.Sobel:dx={dx},dy={dy},ksize={ksize}"
        assert_same(preset(name, image), cv2.Sobel(image, -1, dx, dy, ksize=ksize), name)
        wide = cv2.Sobel(image, cv2.CV_16S, dx, dy, ksize=ksize)
        assert_same(preset(name, image, output="s16"), wide, name)


@pytest.mark.parametrize("image", PLANES)
def test_filter2d(image: np.ndarray) -> None:
    kernel = np.array(SHARPEN)
    assert_same(preset("cv2.filter2D", image, kernel=SHARPEN), cv2.filter2D(image, -1, kernel))


def test_named_kernels() -> None:
    image = noise(3, (20, 21))
    for ksize in (1, 3):
        got = preset("cv2.filter2D", image, kernel=f"laplacian:ksize={ksize}", output="s16")
        assert_same(got, cv2.Laplacian(image, cv2.CV_16S, ksize=ksize), ksize)
    got = preset("cv2.filter2D", image, kernel="scharr-x", output="s16")
    assert_same(got, cv2.Scharr(image, cv2.CV_16S, 1, 0))
    got = preset("scipy.ndimage.correlate", image, kernel="prewitt-y", output="s16")
    assert_same(got, scipy.ndimage.prewitt(image.astype(np.int16), axis=0))


CV2_BORDERS = {
    "constant": cv2.BORDER_CONSTANT,
    "replicate": cv2.BORDER_REPLICATE,
    "symmetric": cv2.BORDER_REFLECT,
    "reflect101": cv2.BORDER_REFLECT_101,
}


@given(data=st.data())
def test_filter2d_of_any_filter(data: st.DataObject) -> None:
    """Every kernel size, anchor, border and shift; even kernels too.

    OpenCV sums in single precision, so the sums stay below 2**24.
    """
    border = data.draw(st.sampled_from(sorted(CV2_BORDERS)))
    output, depth = data.draw(st.sampled_from([("u8", cv2.CV_8U), ("s16", cv2.CV_16S)]))
    drawn = data.draw(
        filters(
            max_kernel=9, pixel="u8", operation="correlate", padding="same", border=border,
            rounding="half-even", overflow="saturate", offset=0, border_value=0, output=output,
        )
    )  # fmt: skip
    kernel = [[tap % 64 - 32 for tap in row] for row in drawn.kernel]
    spec = drawn.replace(kernel=kernel, shift=drawn.shift % 12)
    image = data.draw(images(spec))
    wanted = cv2.filter2D(
        image, depth, np.array(kernel) / 2.0**spec.shift,
        anchor=spec.anchor[::-1], borderType=CV2_BORDERS[border],
    )  # fmt: skip
    assert_same(spec.compute(image), wanted, spec)


@given(size=st.tuples(st.integers(1, 9), st.integers(1, 9)), seed=st.integers(0, 99))
def test_filter2d_preset(size: tuple[int, int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    kernel, shift = rng.integers(-40, 41, size), int(rng.integers(0, 8))
    offset = int(rng.integers(-50, 50))
    image = noise(seed, (size[0] + seed % 3, size[1] + seed % 5))
    got = preset("cv2.filter2D", image, kernel=kernel, shift=shift, offset=offset)
    assert_same(got, cv2.filter2D(image, -1, kernel / 2.0**shift, delta=offset), (kernel, shift))


# scipy


@pytest.mark.parametrize("mode", ["reflect", "grid-mirror", "mirror", "nearest", "constant"])
@pytest.mark.parametrize("operation", ["correlate", "convolve"])
@given(size=st.tuples(st.integers(1, 9), st.integers(1, 9)), seed=st.integers(0, 99))
def test_ndimage(operation: str, mode: str, size: tuple[int, int], seed: int) -> None:
    function = getattr(scipy.ndimage, operation)
    name = f"scipy.ndimage.{operation}:mode={mode},cval=9"
    rng = np.random.default_rng(seed)
    kernel, shift = rng.integers(-40, 41, size), int(rng.integers(0, 8))
    image = noise(seed, (size[0] + seed % 3, size[1] + seed % 5))
    exact = function(image.astype(np.int32), kernel, mode=mode, cval=9)
    assert_same(preset(name, image, kernel=kernel, output="s32"), exact, kernel)
    scaled = function(image.astype(np.int32), kernel / 2.0**shift, mode=mode, cval=9)
    assert_same(preset(name, image, kernel=kernel, shift=shift, output="s32"), scaled, kernel)
    # Into uint8 it wraps. What C makes of a negative sum there depends on the processor.
    if platform.machine() not in ("x86_64", "AMD64"):
        kernel = abs(kernel)
    assert_same(preset(name, image, kernel=kernel), function(image, kernel, mode=mode, cval=9))


@pytest.mark.parametrize("boundary", ["fill", "symm"])
@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@given(size=st.tuples(st.integers(1, 9), st.integers(1, 9)), seed=st.integers(0, 99))
def test_convolve2d(mode: str, boundary: str, size: tuple[int, int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    kernel = rng.integers(-40, 41, size)
    image = noise(seed, (size[0] + seed % 3, size[1] + seed % 5))
    name = f"scipy.signal.convolve2d:mode={mode},boundary={boundary},fillvalue=77"
    wanted = scipy.signal.convolve2d(image.astype(int), kernel, mode, boundary, 77)
    assert_same(preset(name, image, kernel=kernel), wanted, kernel)


def test_photograph_through_scipy() -> None:
    image, kernel = picture("camera.png"), noise(4, (4, 6), np.int8)
    for name in ("correlate", "convolve"):
        wanted = getattr(scipy.ndimage, name)(image.astype(np.int32), kernel)
        assert_same(preset(f"scipy.ndimage.{name}", image, kernel=kernel, output="s32"), wanted)
    wanted = scipy.signal.convolve2d(image.astype(int), kernel.astype(int))
    assert_same(preset("scipy.signal.convolve2d", image, kernel=kernel), wanted)


# PyTorch, MATLAB, Vitis Vision, Intel

SIZES = [(1, 1), (3, 3), (2, 2), (4, 6), (5, 2), (1, 7), (7, 1)]


@pytest.mark.parametrize("size", SIZES)
def test_conv2d_formula(size: tuple[int, int]) -> None:
    """`valid` correlation of the picture with zeros around, as torch.nn.functional.conv2d says."""
    image, kernel = noise(5, (12, 13)), noise(6, size, np.int8).astype(int)
    pads = {"valid": ((0, 0), (0, 0)), "same": tuple(((k - 1) // 2, k // 2) for k in size)}
    if min(size) > 2:
        pads["2"] = ((2, 2), (2, 2))
    for padding, amounts in pads.items():
        padded = np.pad(image.astype(int), amounts)
        wanted = scipy.signal.correlate2d(padded, kernel, "valid")
        assert_same(
            preset(f"torch.conv2d:padding={padding}", image, kernel=kernel), wanted, padding
        )


@pytest.mark.parametrize("size", SIZES)
def test_conv2d(size: tuple[int, int]) -> None:
    torch = pytest.importorskip("torch")
    image, kernel = noise(5, (12, 13)), noise(6, size, np.int8).astype(int)
    for padding in ("valid", "same", *(["2"] if min(size) > 2 else [])):
        wanted = torch.nn.functional.conv2d(
            torch.tensor(image.astype(float))[None, None],
            torch.tensor(kernel.astype(float))[None, None],
            padding=int(padding) if padding.isdigit() else padding,
        )
        got = preset(f"torch.conv2d:padding={padding}", image, kernel=kernel)
        assert_same(got, wanted[0, 0].numpy().astype(int), padding)


@pytest.mark.parametrize("size", SIZES)
def test_conv2(size: tuple[int, int]) -> None:
    """`same` is the central part of `full`, from ceil((k+1)/2) when counted from 1."""
    image, kernel = noise(7, (12, 13)).astype(int), noise(8, size, np.int8).astype(int)
    full = np.zeros((12 + size[0] - 1, 13 + size[1] - 1), int)
    for i, j in np.ndindex(size):
        full[i : i + 12, j : j + 13] += kernel[i, j] * image
    first = [-(-(k + 1) // 2) - 1 for k in size]
    parts = {
        "full": full,
        "same": full[first[0] : first[0] + 12, first[1] : first[1] + 13],
        "valid": full[size[0] - 1 : 12, size[1] - 1 : 13],
    }
    for shape, wanted in parts.items():
        assert_same(preset(f"matlab.conv2:shape={shape}", image, kernel=kernel), wanted, shape)
    assert_same(preset("matlab.conv2", image, kernel=kernel), full)


def windows(image: np.ndarray, size: tuple[int, int], **pad: Any) -> np.ndarray:
    """Each pixel's window of a size, with (k-1)//2 pixels before the pixel."""
    amounts = [((k - 1) // 2, k // 2) for k in size]
    padded = np.pad(image.astype(int), amounts, **pad)
    return np.lib.stride_tricks.sliding_window_view(padded, size)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("boundary", ["0", "9", "symmetric", "replicate"])
def test_imfilter(size: tuple[int, int], boundary: str) -> None:
    image, kernel, shift = noise(9, (12, 13), np.int16), noise(10, size, np.int8).astype(int), 5
    pad: dict[str, Any] = (
        {"mode": "constant", "constant_values": int(boundary)}
        if boundary.isdigit()
        else {"mode": "edge" if boundary == "replicate" else boundary}
    )
    value = (windows(image, size, **pad) * kernel).sum(axis=(2, 3)) / 2**shift
    rounded = np.copysign(np.floor(np.abs(value) + 0.5), value)  # MATLAB's round
    wanted = np.clip(rounded, -32768, 32767).astype(int)
    got = preset(
        f"matlab.imfilter:boundary={boundary}", image, kernel=kernel, shift=shift, pixel="s16"
    )
    assert_same(got, wanted)


@pytest.mark.parametrize("size", [size for size in SIZES if all(k % 2 for k in size)])
def test_xf_filter2d(size: tuple[int, int]) -> None:
    image, kernel = noise(11, (12, 13)), noise(12, size, np.int8).astype(int)
    total = (windows(image, size) * kernel).sum(axis=(2, 3))
    wanted = np.clip(total // 2**7, 0, 255)
    assert_same(preset("xf.filter2D", image, kernel=kernel, shift=7), wanted)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("rounding", ["truncate", "half-up", "half-even"])
@pytest.mark.parametrize("absolute", [0, 1])
def test_fir2d(size: tuple[int, int], rounding: str, absolute: int) -> None:
    image, kernel = noise(13, (12, 13)), noise(14, size, np.int8).astype(int)
    value = (windows(image, size, mode="edge") * kernel).sum(axis=(2, 3)) / 2**6
    rounded = {
        "truncate": np.floor(value),
        "half-up": np.floor(value + 0.5),
        "half-even": np.rint(value),
    }[rounding]
    wanted = np.clip(abs(rounded) if absolute else rounded, 0, 255).astype(int)
    name = f"intel.fir2d:rounding={rounding},absolute={absolute}"
    assert_same(preset(name, image, kernel=kernel, shift=6), wanted)
