"""Presets that order samples against the functions that they are named after, with no tolerance.

``pytest -m slow`` runs 200 random sets of parameters for each.
"""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
import scipy.ndimage
from exact import assert_same

from windrow.model import Filter
from windrow.model.operations.footprint import SHAPES


Image = np.ndarray
Case = tuple[str, dict[str, Any], Callable[[Image], Image]]

#: Sample types with the numpy types that hold them in full.
PIXELS = {"u8": np.uint8, "u16": np.uint16, "s16": np.int16}
CV2_SHAPES = {"rect": cv2.MORPH_RECT, "cross": cv2.MORPH_CROSS, "ellipse": cv2.MORPH_ELLIPSE}
if hasattr(cv2, "MORPH_DIAMOND"):
    CV2_SHAPES["diamond"] = cv2.MORPH_DIAMOND
CV2_BORDERS = ("BORDER_CONSTANT", "BORDER_REPLICATE", "BORDER_REFLECT", "BORDER_REFLECT_101")
NDIMAGE_MODES = ("reflect", "mirror", "nearest", "constant", "grid-mirror", "grid-constant")


def median_blur(rng: np.random.Generator, pixel: str) -> Case:
    ksize = int(rng.choice([3, 5, 7, 9, 11, 13, 15] if pixel == "u8" else [3, 5]))
    return f"cv2.medianBlur:ksize={ksize}", {}, lambda image: cv2.medianBlur(image, ksize)


def cv2_morphology(function: str) -> Callable[[np.random.Generator, str], Case]:
    def draw(rng: np.random.Generator, pixel: str) -> Case:
        height, width = map(int, rng.integers(1, 8, 2))
        shape = str(rng.choice([*CV2_SHAPES]))
        keys: dict[str, Any] = {}
        if rng.random() < 0.4:
            kernel = footprint(rng, height, width)
            keys["kernel"], words = kernel, []
        else:
            kernel = cv2.getStructuringElement(CV2_SHAPES[shape], (width, height))
            words = [f"shape={shape}", f"ksize=({width},{height})"]
        options: dict[str, Any] = {}
        if rng.random() < 0.5:
            anchor = int(rng.integers(width)), int(rng.integers(height))
            options["anchor"] = anchor
            words.append(f"anchor=({anchor[0]},{anchor[1]})")
        if kernel.all() and rng.random() < 0.5:
            options["iterations"] = int(rng.integers(1, 4))
            words.append(f"iterations={options['iterations']}")
        if rng.random() < 0.5:
            border = str(rng.choice(CV2_BORDERS))
            options["borderType"] = getattr(cv2, border)
            words.append(f"borderType={border}")
            if border == "BORDER_CONSTANT":
                options["borderValue"] = int(rng.integers(256))
                words.append(f"borderValue={options['borderValue']}")
        name = f"cv2.{function}" + ":" * bool(words) + ",".join(words)
        return name, keys, lambda image: getattr(cv2, function)(image, kernel, **options)

    return draw


def ndimage(function: str) -> Callable[[np.random.Generator, str], Case]:
    def draw(rng: np.random.Generator, pixel: str) -> Case:
        height, width = map(int, rng.integers(1, 7, 2))
        keys: dict[str, Any] = {}
        options: dict[str, Any] = {
            "mode": str(rng.choice(NDIMAGE_MODES)), "cval": int(rng.integers(256))}
        words = [f"mode={options['mode']}", f"cval={options['cval']}"]
        cells = height * width
        if rng.random() < 0.5:
            options["footprint"] = keys["footprint"] = footprint(rng, height, width)
            cells = int(options["footprint"].sum())
        else:
            options["size"] = (height, width)
            words.append(f"size=({height},{width})")
        if rng.random() < 0.5:
            origin = tuple(int(rng.integers(-((size - 1) // 2), (size - 1) // 2 + 1))
                           for size in (height, width))
            options["origin"] = origin
            words.append(f"origin=({origin[0]},{origin[1]})")
        if function == "rank_filter":
            options["rank"] = int(rng.integers(-cells, cells))
            words.append(f"rank={options['rank']}")
        if function == "percentile_filter":
            options["percentile"] = int(rng.integers(-100, 101)) if rng.random() < 0.5 else float(
                np.round(rng.random() * 100, 3))
            words.append(f"percentile={options['percentile']}")
        return (f"scipy.ndimage.{function}:{','.join(words)}", keys,
                lambda image: getattr(scipy.ndimage, function)(image, **options))

    return draw


def skimage(module: str, function: str) -> Callable[[np.random.Generator, str], Case]:
    def draw(rng: np.random.Generator, pixel: str) -> Case:
        run = getattr(pytest.importorskip(f"skimage.{module}"), function)
        modes = ["reflect", "mirror", "nearest", "constant"]
        mode = str(rng.choice(modes + ["max", "min", "ignore"] * (module == "morphology")))
        options: dict[str, Any] = {"mode": mode, "cval": int(rng.integers(256))}
        keys: dict[str, Any] = {}
        if rng.random() < 0.8:
            height, width = map(int, rng.integers(1, 7, 2))
            options["footprint"] = keys["footprint"] = footprint(rng, height, width)
        return (f"skimage.{module}.{function}:mode={mode},cval={options['cval']}", keys,
                lambda image: run(image, **options))

    return draw


def footprint(rng: np.random.Generator, height: int, width: int) -> Image:
    made = (rng.random((height, width)) < 0.6).astype(np.uint8)
    made[int(rng.integers(height)), int(rng.integers(width))] = 1
    return made


DRAWS = {
    "cv2.medianBlur": median_blur,
    "cv2.erode": cv2_morphology("erode"),
    "cv2.dilate": cv2_morphology("dilate"),
    **{f"scipy.ndimage.{name}": ndimage(name) for name in (
        "median_filter", "rank_filter", "percentile_filter", "minimum_filter", "maximum_filter",
        "grey_erosion", "grey_dilation")},
    "skimage.morphology.erosion": skimage("morphology", "erosion"),
    "skimage.morphology.dilation": skimage("morphology", "dilation"),
    "skimage.filters.median": skimage("filters", "median"),
}


def compare(name: str, seeds: range) -> None:
    """Random parameters, sizes, samples and planes: not one pixel differs."""
    for seed in seeds:
        rng = np.random.default_rng([seed, *name.encode()])
        pixel = str(rng.choice([*PIXELS]))
        text, keys, function = DRAWS[name](rng, pixel)
        height, width = map(int, rng.integers(24, 40, 2))
        info = np.iinfo(PIXELS[pixel])
        low, high = (int(info.min), int(info.max)) if rng.random() < 0.7 else (3, 6)
        image = rng.integers(low, high, (height, width), PIXELS[pixel], endpoint=True)
        made = Filter(preset=text, width=width, height=height, pixel=pixel, **keys)
        assert_same(made.compute(image), function(image), (text, keys, seed))


@pytest.mark.parametrize("name", DRAWS)
def test_parity(name: str) -> None:
    compare(name, range(30))


@pytest.mark.slow
@pytest.mark.parametrize("name", DRAWS)
def test_parity_of_many(name: str) -> None:
    compare(name, range(30, 230))


@pytest.mark.parametrize("shape", CV2_SHAPES)
def test_shapes(shape: str) -> None:
    for rows in range(1, 32):
        for columns in range(1, 32):
            wanted = cv2.getStructuringElement(CV2_SHAPES[shape], (columns, rows))
            assert np.array_equal(np.array(SHAPES[shape](rows, columns)), wanted), (rows, columns)


def test_planes_and_large_windows() -> None:
    image = np.random.default_rng(1).integers(0, 256, (40, 45, 3), np.uint8)
    frame = {"width": 45, "height": 40, "channels": 3}
    assert_same(Filter(median=5, **frame).compute(image), cv2.medianBlur(image, 5))
    large = np.ones((31, 31), np.uint8)
    assert_same(Filter(dilate=31, **frame).compute(image), cv2.dilate(image, large))
    assert_same(Filter(erode=[31, 2], **frame).compute(image), cv2.erode(image, large[:, :2]))
