"""Whole pipelines as people write them, against OpenCV on a photograph."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from windrow.model import InputError, Pipeline
from windrow.model.files import read_keys
from windrow.model.pipeline.colours import CONVERSIONS
from windrow.ready import ready_file


PICTURES = Path(__file__).resolve().parents[3] / "pictures"
GREY = np.asarray(cv2.imread(str(PICTURES / "camera.png"), 0))[150:246, 180:308]
COLOUR = np.asarray(cv2.imread(str(PICTURES / "coffee.jpg")))[100:190, 200:330]
BLUR = {"kernel": "gaussian:ksize=5", "border": "reflect101"}


def made(image: np.ndarray, *stages: dict[str, Any], **keys: Any) -> np.ndarray:
    height, width, *channels = image.shape
    return Pipeline(stages, width=width, height=height, channels=(channels or [1])[0],
                    **keys).compute(image)


def same(got: np.ndarray, wanted: np.ndarray) -> None:
    np.testing.assert_array_equal(got, wanted)


def ellipse(size: int) -> np.ndarray:
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))


def test_unsharp() -> None:
    blurred = cv2.GaussianBlur(GREY, (5, 5), 0)
    same(made(GREY, {"name": "blurred", **BLUR}, {"expr": "round((3 * input - blurred) / 2)"}),
         cv2.addWeighted(GREY, 1.5, blurred, -0.5, 0))


def test_difference_of_gaussians() -> None:
    same(made(GREY, {"name": "fine", **BLUR},
              {"name": "coarse", **BLUR, "from": "input", "kernel": "gaussian:ksize=9"},
              {"expr": "fine - coarse"}),
         cv2.subtract(cv2.GaussianBlur(GREY, (5, 5), 0), cv2.GaussianBlur(GREY, (9, 9), 0)))


def test_laplacian_of_a_blur() -> None:
    laplacian = cv2.Laplacian(cv2.GaussianBlur(GREY, (5, 5), 0), cv2.CV_16S, ksize=3)
    same(made(GREY, BLUR, {"kernel": "laplacian:ksize=3", "overflow": "abs-saturate"},
              border="reflect101"), cv2.convertScaleAbs(laplacian))


def test_grey_sobel_magnitude_threshold() -> None:
    grey = cv2.cvtColor(COLOUR, cv2.COLOR_BGR2GRAY)
    x, y = (cv2.Sobel(grey, cv2.CV_32F, *order) for order in ((1, 0), (0, 1)))
    size = cv2.convertScaleAbs(cv2.magnitude(x, y))
    wanted = cv2.threshold(size, 60, 255, cv2.THRESH_BINARY)[1]
    stages = [{"name": "grey", "convert": "bgr2gray"},
              {"kernels": {"gx": "sobel-x", "gy": "sobel-y"}, "output": "s16"},
              {"name": "size", "expr": "round(sqrt(gx * gx + gy * gy))", "output": "u8"},
              {"threshold": 60}]
    taps = Pipeline(stages, width=130, height=90, channels=3, border="reflect101").compute_taps(
        COLOUR)
    same(taps["grey"], grey)
    same(taps["size"], size)
    same(taps["stage_4"], wanted)


def test_threshold_open_gradient() -> None:
    binary = cv2.threshold(GREY, 99.5, 255, cv2.THRESH_BINARY_INV)[1]
    opened = cv2.morphologyEx(binary, cv2.MORPH_OPEN, ellipse(5))
    same(made(GREY, {"threshold": 99.5, "type": "binary_inv"}, {"open": "ellipse:ksize=5"},
              {"gradient": 3}),
         cv2.morphologyEx(opened, cv2.MORPH_GRADIENT, np.ones((3, 3))))


@pytest.mark.parametrize("method, cv2_method, size", [
    ("mean", cv2.ADAPTIVE_THRESH_MEAN_C, 11), ("gaussian", cv2.ADAPTIVE_THRESH_GAUSSIAN_C, 5)])
@pytest.mark.parametrize("kind, cv2_kind", [
    ("binary", cv2.THRESH_BINARY), ("binary_inv", cv2.THRESH_BINARY_INV)])
@pytest.mark.parametrize("less", [2, -1.5])
def test_median_adaptive_threshold(
    method: str, cv2_method: int, size: int, kind: str, cv2_kind: int, less: float
) -> None:
    same(made(GREY, {"median": 3},
              {"adaptive_threshold": size, "method": method, "C": less, "type": kind}),
         cv2.adaptiveThreshold(cv2.medianBlur(GREY, 3), 255, cv2_method, cv2_kind, size, less))


def test_absdiff_threshold_dilate_twice() -> None:
    moved = cv2.absdiff(GREY, cv2.GaussianBlur(GREY, (5, 5), 0))
    binary = cv2.threshold(moved, 8, 255, cv2.THRESH_BINARY)[1]
    same(made(GREY, {"name": "still", **BLUR}, {"name": "moved", "expr": "abs(input - still)"},
              {"threshold": 8}, {"dilate": 3, "iterations": 2}),
         cv2.dilate(binary, np.ones((3, 3)), iterations=2))


#: Red, green and blue from end to end, and colours at random.
COLOURS = np.concatenate([
    np.stack(np.meshgrid(*[np.arange(0, 256, 15)] * 3), axis=-1).reshape(-1, 3),
    np.random.default_rng(9).integers(0, 256, (4168, 3))]).astype(np.uint8).reshape(100, 100, 3)


@pytest.mark.parametrize("name", CONVERSIONS)
def test_colour_spaces(name: str) -> None:
    image = COLOURS[:, :, 1] if name.startswith("gray") else COLOURS
    source, target = (part.replace("ycrcb", "YCrCb") if part == "ycrcb" else part.upper()
                      for part in name.split("2"))
    code = getattr(cv2, f"COLOR_{source}2{target}")
    same(made(image, {"convert": name}), cv2.cvtColor(image, code))
    if name.endswith("2gray"):
        wide = np.random.default_rng(2).integers(0, 1 << 16, (40, 50, 3), np.uint16)
        same(made(wide, {"preset": f"cv2.cvtColor:code=COLOR_{source}2GRAY"}, pixel="u16"),
             cv2.cvtColor(wide, code))


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in CONVERSIONS if not name.startswith("gray")])
def test_every_colour(name: str) -> None:
    source, target = (part.replace("ycrcb", "YCrCb") if part == "ycrcb" else part.upper()
                      for part in name.split("2"))
    pairs = np.stack(np.meshgrid(np.arange(256), np.arange(256)), axis=-1).astype(np.uint8)
    pipeline = Pipeline([{"convert": name}], width=256, height=256, channels=3)
    for third in range(256):
        image = np.dstack([pairs, np.full((256, 256), third, np.uint8)])
        same(pipeline.compute(image),
             cv2.cvtColor(image, getattr(cv2, f"COLOR_{source}2{target}")))


OPERATIONS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "open": lambda image, element: cv2.morphologyEx(image, cv2.MORPH_OPEN, element, iterations=2),
    "close": lambda image, element: cv2.morphologyEx(
        image, cv2.MORPH_CLOSE, element, iterations=2),
    "gradient": lambda image, element: cv2.morphologyEx(
        image, cv2.MORPH_GRADIENT, element, iterations=2),
    "tophat": lambda image, element: cv2.morphologyEx(
        image, cv2.MORPH_TOPHAT, element, iterations=2),
    "blackhat": lambda image, element: cv2.morphologyEx(
        image, cv2.MORPH_BLACKHAT, element, iterations=2),
    "erode": lambda image, element: cv2.erode(image, element, iterations=2),
    "dilate": lambda image, element: cv2.dilate(image, element, iterations=2),
}


@pytest.mark.parametrize("element, cells", [
    (3, np.ones((3, 3), np.uint8)), ("ellipse:ksize=5", ellipse(5)),
    ([2, 3], np.ones((2, 3), np.uint8)), ([[0, 1, 1], [1, 0, 0]], np.array(
        [[0, 1, 1], [1, 0, 0]], np.uint8))], ids=["square", "ellipse", "even", "cells"])
@pytest.mark.parametrize("verb", OPERATIONS)
def test_morphology(verb: str, element: object, cells: np.ndarray) -> None:
    same(made(GREY, {verb: element, "iterations": 2}), OPERATIONS[verb](GREY, cells))


@pytest.mark.parametrize("matrix", [
    [[0, 1, 0], [-1, 1, 1], [-1, -1, 0]], [[1, 1], [0, 1]], [[-1, -1, 0]]])
def test_hit_or_miss(matrix: list[list[int]]) -> None:
    binary = cv2.threshold(GREY, 90, 255, cv2.THRESH_BINARY)[1]
    for image in (binary, GREY):
        same(made(image, {"hitmiss": matrix}),
             cv2.morphologyEx(image, cv2.MORPH_HITMISS, np.array(matrix)))


@pytest.mark.parametrize("kind", ["binary", "binary_inv", "trunc", "tozero", "tozero_inv"])
def test_thresholds(kind: str) -> None:
    same(made(GREY, {"threshold": 70, "type": kind, "maxval": 200}),
         cv2.threshold(GREY, 70, 200, getattr(cv2, f"THRESH_{kind.upper()}"))[1])


@pytest.mark.parametrize("preset, keys, compute", [
    ("cv2.morphologyEx:op=MORPH_OPEN,shape=ellipse,ksize=5", {},
     lambda image: cv2.morphologyEx(image, cv2.MORPH_OPEN, ellipse(5))),
    ("cv2.morphologyEx:op=close,ksize=(5,2),iterations=2,borderType=BORDER_REFLECT_101", {},
     lambda image: cv2.morphologyEx(image, cv2.MORPH_CLOSE, np.ones((2, 5)), iterations=2,
                                    borderType=cv2.BORDER_REFLECT_101)),
    ("cv2.morphologyEx:op=4,anchor=(0,2),iterations=2",
     {"kernel": [[1, 0, 1], [0, 1, 1], [1, 0, 0]]},
     lambda image: cv2.morphologyEx(image, 4, np.array([[1, 0, 1], [0, 1, 1], [1, 0, 0]], np.uint8),
                                    anchor=(0, 2), iterations=2)),
    ("cv2.morphologyEx:op=MORPH_HITMISS", {"kernel": [[1, -1], [0, 1]]},
     lambda image: cv2.morphologyEx(image, cv2.MORPH_HITMISS, np.array([[1, -1], [0, 1]]))),
    ("cv2.threshold:thresh=99.5,maxval=7,type=THRESH_TOZERO_INV", {},
     lambda image: cv2.threshold(image, 99.5, 7, cv2.THRESH_TOZERO_INV)[1]),
    ("cv2.adaptiveThreshold:blockSize=7,C=-2.5,adaptiveMethod=ADAPTIVE_THRESH_GAUSSIAN_C", {},
     lambda image: cv2.adaptiveThreshold(image, 255, 1, 0, 7, -2.5)),
    ("cv2.convertScaleAbs:alpha=-1.375,beta=20.5", {},
     lambda image: cv2.convertScaleAbs(image, alpha=-1.375, beta=20.5)),
    ("cv2.inRange:lowerb=60,upperb=120", {}, lambda image: cv2.inRange(image, 60, 120)),
    ("cv2.bitwise_not", {}, cv2.bitwise_not),
    ("cv2.medianBlur:ksize=5", {}, lambda image: cv2.medianBlur(image, 5)),
    ("cv2.Sobel:ddepth=cv2.CV_16S,dx=1,dy=0,delta=-7,borderType=BORDER_REPLICATE", {},
     lambda image: cv2.Sobel(image, cv2.CV_16S, 1, 0, delta=-7, borderType=cv2.BORDER_REPLICATE)),
    ("cv2.filter2D:ddepth=-1,anchor=(3,0),delta=9,borderType=0", {"kernel": [[1, 2, 0, -2]]},
     lambda image: cv2.filter2D(image, -1, np.array([[1.0, 2, 0, -2]]), anchor=(3, 0), delta=9,
                                borderType=cv2.BORDER_CONSTANT)),
    ("cv2.blur:ksize=5,anchor=(4,1),borderType=BORDER_REFLECT", {},
     lambda image: cv2.blur(image, (5, 5), anchor=(4, 1), borderType=cv2.BORDER_REFLECT)),
    ("cv2.erode:shape=cross,ksize=3,iterations=3", {},
     lambda image: cv2.erode(image, cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3)),
                             iterations=3)),
    ("cv2.morphologyEx:op=MORPH_DILATE,shape=ellipse,ksize=5,iterations=2", {},
     lambda image: cv2.dilate(image, ellipse(5), iterations=2)),
])
def test_a_preset_as_a_stage_sets_all_itself(
    preset: str, keys: dict[str, Any], compute: Callable[[np.ndarray], np.ndarray]
) -> None:
    same(made(GREY, {"preset": preset, **keys}, border="symmetric", rounding="floor"),
         compute(GREY))


def test_in_range_of_colours() -> None:
    same(made(COLOUR, {"preset": "cv2.inRange:lowerb=(20,30,40),upperb=(90,120,255)"}),
         cv2.inRange(COLOUR, (20, 30, 40), (90, 120, 255)))


#: Every pair of two samples: the row and the column.
FIRST, SECOND = np.indices((256, 256)).astype(np.uint8)


@pytest.mark.parametrize("preset, compute", [
    *((f"cv2.{name}", getattr(cv2, name)) for name in (
        "add", "subtract", "absdiff", "min", "max", "bitwise_and", "bitwise_or", "bitwise_xor",
        "multiply", "divide")),
    ("cv2.multiply:scale=0.00392156862745098", lambda a, b: cv2.multiply(a, b, scale=1 / 255)),
    ("cv2.multiply:scale=0.0078125", lambda a, b: cv2.multiply(a, b, scale=1 / 128)),
    ("cv2.divide:scale=255", lambda a, b: cv2.divide(a, b, scale=255)),
    ("cv2.divide:scale=16", lambda a, b: cv2.divide(a, b, scale=16)),
    ("cv2.addWeighted:alpha=1.5,beta=-0.5", lambda a, b: cv2.addWeighted(a, 1.5, b, -0.5, 0)),
    ("cv2.addWeighted:alpha=0.25,beta=0.75,gamma=10",
     lambda a, b: cv2.addWeighted(a, 0.25, b, 0.75, 10)),
    *((f"cv2.compare:cmpop=CMP_{name}",
       lambda a, b, name=name: cv2.compare(a, b, getattr(cv2, f"CMP_{name}")))
      for name in ("EQ", "GT", "GE", "LT", "LE", "NE")),
])
def test_of_two_pictures(
    preset: str, compute: Callable[[np.ndarray, np.ndarray], np.ndarray]
) -> None:
    name, _, rest = preset.partition(":")
    stages = [{"name": "other", "expr": "x", "from": "input"},
              {"preset": f"{name}:src2=other,{rest}".rstrip(","), "from": "input"}]
    same(made(FIRST, *stages), compute(FIRST, SECOND))


def test_a_table_as_a_preset() -> None:
    table = np.random.default_rng(6).integers(0, 256, 256, np.uint8)
    same(made(COLOUR, {"preset": f"cv2.LUT:lut=({','.join(map(str, table))})"}),
         cv2.LUT(COLOUR, table))


def followed(classes: np.ndarray) -> np.ndarray:
    """The edges of Canny's classes: 255 on every component of 1 and 2 that has a 2."""
    _, labels = cv2.connectedComponents((classes > 0).astype(np.uint8), connectivity=8)
    strong = np.unique(labels[classes == 2])
    return np.where(np.isin(labels, strong[strong > 0]), 255, 0).astype(np.uint8)


@pytest.mark.parametrize("colour", [False, True], ids=["grey", "colour"])
@pytest.mark.parametrize("aperture, thresholds", [
    (3, [60, 150.5]), (3, [40, 20]), (5, [900, 400]), (7, [3000, 8001])])
@pytest.mark.parametrize("squared", [False, True], ids=["L1", "L2"])
def test_the_classes_of_canny(
    colour: bool, aperture: int, thresholds: list[float], squared: bool
) -> None:
    for image in (COLOUR if colour else GREY, np.random.default_rng(8).integers(
            0, 256, (40, 50, 3) if colour else (40, 50), np.uint8)):
        classes = made(image, {"canny": thresholds, "edges": "classes", "aperture": aperture,
                               "L2gradient": squared})
        low, high = thresholds
        same(followed(classes), cv2.Canny(image, low, high, apertureSize=aperture,
                                          L2gradient=squared))


@pytest.mark.parametrize("stages, outputs, message", [
    ([{"canny": [1, 2]}, {"median": 3}], None, "reads 'stage_1', which comes when a whole"),
    ([{"name": "edges", "canny": [1, 2]}], ["edges", "input"], "outputs joins 'edges'"),
    ([{"canny": [1, 2], "output": "u1"}], None, "output 'u1' means nothing to canny where edges"),
    ([{"hysteresis": "frame"}], None, "'input' has 1 of 0 to 255"),
    ([{"canny": [1, 2], "edges": "classes"}, {"hysteresis": 0}], None,
     "hysteresis must be 'frame', which holds the whole frame, or the lines to look ahead, from 1"),
    ([{"canny": [1, 2], "edges": "classes", "lines": 4}], None, "lines 4 means nothing to canny"),
])
def test_what_needs_whole_frames_stands_last_and_alone(
    stages: list[dict[str, object]], outputs: list[str] | None, message: str
) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        Pipeline(stages, outputs=outputs, width=16, height=16)


def test_canny_behind_a_blur() -> None:
    blurred = cv2.GaussianBlur(GREY, (5, 5), 1.4)
    classes = made(GREY, {"preset": "cv2.GaussianBlur:ksize=5,sigma=1.4"},
                   {"canny": [30, 90], "edges": "classes"}, border="symmetric")
    same(followed(classes), cv2.Canny(blurred, 30, 90))


@pytest.mark.parametrize("pattern, name", [
    ("rggb", "BayerBG"), ("grbg", "BayerGB"), ("gbrg", "BayerGR"), ("bggr", "BayerRG")])
@pytest.mark.parametrize("method, suffix", [("bilinear", ""), ("edge-aware", "_EA")])
@pytest.mark.parametrize("pixel", ["u8", "u16"])
def test_demosaicing(pattern: str, name: str, method: str, suffix: str, pixel: str) -> None:
    code = getattr(cv2, f"COLOR_{name}2RGB{suffix}")
    for height, width in ((30, 41), (4, 5), (7, 4)):
        image = np.random.default_rng(width).integers(0, 256, (height, width)).astype(np.uint8)
        if pixel == "u16":
            image = image.astype(np.uint16) * 257 ^ 0x3c
        same(made(image, {"demosaic": pattern, "method": method}, pixel=pixel),
             cv2.demosaicing(image, code))


def test_mosaic_grey_blur_half_size() -> None:
    grey = cv2.cvtColor(cv2.demosaicing(GREY, cv2.COLOR_BayerBG2RGB), cv2.COLOR_RGB2GRAY)
    wanted = cv2.pyrDown(cv2.GaussianBlur(grey, (5, 5), 0))
    same(made(GREY, {"demosaic": "rggb"}, {"convert": "rgb2gray"}, BLUR,
              {"kernel": "binomial:ksize=5"}, {"shrink": 2}, border="reflect101"), wanted)


def test_canny_behind_a_median() -> None:
    classes = made(GREY, {"median": 5}, {"canny": [50, 130], "edges": "classes",
                                         "L2gradient": True})
    same(followed(classes), cv2.Canny(cv2.medianBlur(GREY, 5), 50, 130, L2gradient=True))


def test_a_table() -> None:
    entries = np.random.default_rng(6).integers(0, 256, 256)
    same(made(COLOUR, {"lut": entries.tolist()}), cv2.LUT(COLOUR, entries.astype(np.uint8)))
    signed = [[-4, -1, 0, 3]]
    same(made(np.array(signed), {"lut": list(range(8)), "output": "u3"}, pixel="s3"),
         np.array([[0, 3, 4, 7]]))


def test_the_ready_corners_are_harris_and_stephens() -> None:
    path = ready_file("corners")
    assert path is not None
    measure = Pipeline.from_dict({**read_keys(path), "width": 128, "height": 96}).compute_taps(
        GREY)["measure"]
    # OpenCV's are floats, in units of its own.
    unit = (1 / (255 * 4 * 3)) ** 4 / 25 * 2**24
    wanted = np.maximum(cv2.cornerHarris(GREY, 3, 3, 0.04) / unit, 0)
    assert np.abs(measure - wanted).max() <= 1 + 1e-5 * wanted.max()
