"""Presets beside the functions that they are named after: random parameters, pixels that differ.

`python benchmarks/parity.py [COUNT] [NAME ...]`: so many sets of parameters for each preset (200),
on noise and pieces of a photograph, of any size from what the preset takes on.
`python benchmarks/parity.py hardware [COUNT] [NAME ...]`: so many (1) through Verilog in Verilator,
every tap, under stalls (minutes for each ten). scikit-image is needed beside OpenCV and scipy.
"""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import scipy.ndimage
import scipy.signal

from windrow.model import Filter, InputError, Pipeline, presets
from windrow.sim.job import Result, simulate
from windrow.sim.taps import first_wrong_tap, simulated_taps


Image = np.ndarray
PICTURES = Path(__file__).resolve().parents[1] / "pictures"


class Case(NamedTuple):
    """A preset with its parameters, the keys beside it, and the function with the same ones.

    Rows and columns of the picture are a multiple of ``factors``.
    """

    preset: str
    keys: dict[str, Any]
    function: Callable[[Image], Image]
    factors: tuple[int, int] = (1, 1)


Draw = Callable[[np.random.Generator, str], Case]

#: Of several steps, without an origin.
GREY = ("grey_opening", "grey_closing", "white_tophat", "black_tophat", "morphological_gradient",
        "morphological_laplace")
#: Sample types with the numpy types that hold them in full.
PIXELS = {"u8": np.uint8, "u16": np.uint16, "s16": np.int16}
#: Presets of fewer types, or of colour.
ONLY = {
    "cv2.GaussianBlur": ("u8",), "cv2.Sobel": ("u8",), "cv2.filter2D": ("u8",),
    "cv2.morphologyEx": ("u8",), "cv2.threshold": ("u8",), "cv2.adaptiveThreshold": ("u8",),
    "cv2.convertScaleAbs": ("u8",), "cv2.inRange": ("u8",), "cv2.cvtColor": ("u8",),
    "cv2.bitwise_not": ("u8",), "cv2.LUT": ("u8",), "cv2.Canny": ("u8",),
}
ONLY |= {f"cv2.{name}": ("u8",) for name in (
    "spatialGradient", "magnitude", "FastFeatureDetector", "cornerHarris")}
ONLY |= {"cv2.Scharr": ("u8",), "cv2.Laplacian": ("u8",), "cv2.pyrDown": ("u8", "u16"),
         "cv2.pyrUp": ("u8", "u16"), "cv2.resize": ("u8",)}
TWO = ("add", "subtract", "absdiff", "min", "max", "bitwise_and", "bitwise_or", "bitwise_xor",
       "magnitude", "addWeighted", "multiply", "divide", "compare")
ONLY |= {f"cv2.{name}": ("u8",) for name in TWO}
CV2_SHAPES = {"rect": cv2.MORPH_RECT, "cross": cv2.MORPH_CROSS, "ellipse": cv2.MORPH_ELLIPSE}
if hasattr(cv2, "MORPH_DIAMOND"):
    CV2_SHAPES["diamond"] = cv2.MORPH_DIAMOND
CV2_BORDERS = ("BORDER_CONSTANT", "BORDER_REPLICATE", "BORDER_REFLECT", "BORDER_REFLECT_101")
BORDERS: dict[str, str] = dict(
    zip(CV2_BORDERS, ("constant", "replicate", "symmetric", "reflect101"), strict=True))
NDIMAGE_MODES = ("reflect", "mirror", "nearest", "constant", "grid-mirror", "grid-constant")


def integers(rng: np.random.Generator, most: int) -> Image:
    return rng.integers(-most, most, (int(rng.integers(1, 8)), int(rng.integers(1, 8))))


def filter2d(rng: np.random.Generator, pixel: str) -> Case:
    kernel, shift, border = integers(rng, 32), int(rng.integers(7)), str(rng.choice(CV2_BORDERS))
    anchor = int(rng.integers(kernel.shape[1])), int(rng.integers(kernel.shape[0]))
    return Case(
        "cv2.filter2D", {"kernel": kernel, "shift": shift, "border": BORDERS[border],
                         "anchor": anchor[::-1], "output": "s16"},
        lambda image: cv2.filter2D(image, cv2.CV_16S, kernel / 2.0**shift, anchor=anchor,
                                   borderType=getattr(cv2, border)))


def gaussian_blur(rng: np.random.Generator, pixel: str) -> Case:
    ksize, sigma = 2 * int(rng.integers(12)) + 1, float(rng.choice([0, 0.3 + rng.random() * 6]))
    return Case(f"cv2.GaussianBlur:ksize={ksize},sigma={sigma!r}", {},
                lambda image: cv2.GaussianBlur(image, (ksize, ksize), sigma))


def blur(rng: np.random.Generator, pixel: str) -> Case:
    ksize = 2 * int(rng.integers(12 if pixel == "u8" else 5)) + 1
    return Case(f"cv2.blur:ksize={ksize}", {}, lambda image: cv2.blur(image, (ksize, ksize)))


def sobel(rng: np.random.Generator, pixel: str) -> Case:
    ksize = int(rng.choice([1, 3, 5, 7]))
    dx, dy = [(0, 1), (1, 0), (1, 1), (0, 2), (2, 0)][int(rng.integers(5))]
    return Case(f"cv2.Sobel:dx={dx},dy={dy},ksize={ksize}", {"output": "s16"},
                lambda image: cv2.Sobel(image, cv2.CV_16S, dx, dy, ksize=ksize))


def ndimage_sum(function: str) -> Draw:
    def draw(rng: np.random.Generator, pixel: str) -> Case:
        kernel, cval = integers(rng, 100), int(rng.integers(9))
        mode = str(rng.choice(NDIMAGE_MODES))
        return Case(f"scipy.ndimage.{function}:mode={mode},cval={cval}",
                    {"kernel": kernel, "output": "s32"},
                    lambda image: getattr(scipy.ndimage, function)(
                        image.astype(np.int32), kernel, mode=mode, cval=cval))

    return draw


def convolve2d(rng: np.random.Generator, pixel: str) -> Case:
    kernel, mode = integers(rng, 100), str(rng.choice(["full", "same", "valid"]))
    boundary, fill = str(rng.choice(["fill", "symm"])), int(rng.integers(9))
    return Case(f"scipy.signal.convolve2d:mode={mode},boundary={boundary},fillvalue={fill}",
                {"kernel": kernel},
                lambda image: scipy.signal.convolve2d(
                    image.astype(np.int64), kernel, mode, boundary, fill))


def median_blur(rng: np.random.Generator, pixel: str) -> Case:
    ksize = int(rng.choice([3, 5, 7, 9, 11, 13, 15] if pixel == "u8" else [3, 5]))
    return Case(f"cv2.medianBlur:ksize={ksize}", {}, lambda image: cv2.medianBlur(image, ksize))


def cv2_morphology(function: str) -> Draw:
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
        return Case(name, keys, lambda image: getattr(cv2, function)(image, kernel, **options))

    return draw


def ndimage(function: str) -> Draw:
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
        if function not in GREY and rng.random() < 0.5:
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
        return Case(f"scipy.ndimage.{function}:{','.join(words)}", keys,
                lambda image: getattr(scipy.ndimage, function)(image, **options))

    return draw


def skimage(module: str, function: str) -> Draw:
    def draw(rng: np.random.Generator, pixel: str) -> Case:
        run = getattr(importlib.import_module(f"skimage.{module}"), function)
        modes = ["reflect", "mirror", "nearest", "constant"]
        mode = str(rng.choice(modes + ["max", "min", "ignore"] * (module == "morphology")))
        options: dict[str, Any] = {"mode": mode, "cval": int(rng.integers(256))}
        keys: dict[str, Any] = {}
        if rng.random() < 0.8:
            height, width = map(int, rng.integers(1, 7, 2))
            options["footprint"] = keys["footprint"] = footprint(rng, height, width)
        return Case(f"skimage.{module}.{function}:mode={mode},cval={options['cval']}", keys,
                lambda image: run(image, **options))

    return draw


def footprint(rng: np.random.Generator, height: int, width: int) -> Image:
    made = (rng.random((height, width)) < 0.6).astype(np.uint8)
    made[int(rng.integers(height)), int(rng.integers(width))] = 1
    return made


def morphology_ex(rng: np.random.Generator, pixel: str) -> Case:
    op = str(rng.choice(["OPEN", "CLOSE", "GRADIENT", "TOPHAT", "BLACKHAT"]))
    shape, size = str(rng.choice([*CV2_SHAPES])), tuple(map(int, rng.integers(1, 7, 2)))
    kernel, count = cv2.getStructuringElement(CV2_SHAPES[shape], size), int(rng.integers(1, 3))
    return Case(
        f"cv2.morphologyEx:op=MORPH_{op},shape={shape},ksize=({size[0]},{size[1]}),"
        f"iterations={count}", {},
        lambda image: cv2.morphologyEx(image, getattr(cv2, f"MORPH_{op}"), kernel,
                                       iterations=count))


def threshold(rng: np.random.Generator, pixel: str) -> Case:
    kind = str(rng.choice(["BINARY", "BINARY_INV", "TRUNC", "TOZERO", "TOZERO_INV"]))
    thresh, most = float(np.round(rng.random() * 255, 2)), int(rng.integers(1, 256))
    return Case(f"cv2.threshold:thresh={thresh},maxval={most},type=THRESH_{kind}", {},
                lambda image: cv2.threshold(
                    image, thresh, most, getattr(cv2, f"THRESH_{kind}"))[1])


def adaptive_threshold(rng: np.random.Generator, pixel: str) -> Case:
    method, kind = str(rng.choice(["MEAN_C", "GAUSSIAN_C"])), str(rng.choice(["", "_INV"]))
    size = int(rng.choice([3, 5, 7] if method == "GAUSSIAN_C" else [3, 5, 7, 9, 11, 13, 15]))
    most, c = int(rng.integers(1, 256)), float(np.round(rng.random() * 20 - 5, 1))
    return Case(
        f"cv2.adaptiveThreshold:blockSize={size},C={c},maxValue={most},"
        f"adaptiveMethod=ADAPTIVE_THRESH_{method},thresholdType=THRESH_BINARY{kind}", {},
        lambda image: cv2.adaptiveThreshold(
            image, most, getattr(cv2, f"ADAPTIVE_THRESH_{method}"),
            getattr(cv2, f"THRESH_BINARY{kind}"), size, c))


def canny(rng: np.random.Generator, pixel: str) -> Case:
    aperture, squared = int(rng.choice([3, 5, 7])), bool(rng.integers(2))
    most = {3: 700, 5: 6000, 7: 80000}[aperture]
    low, high = (float(each) for each in rng.uniform(-most / 10, most, 2).round(2))
    return Case(f"cv2.Canny:threshold1={low},threshold2={high},apertureSize={aperture},"
                f"L2gradient={int(squared)}", {"channels": 3} if rng.random() < 0.5 else {},
                lambda image: cv2.Canny(
                    image, low, high, apertureSize=aperture, L2gradient=squared))


def convert_scale_abs(rng: np.random.Generator, pixel: str) -> Case:
    alpha, beta = int(rng.integers(-64, 65)) / 16, int(rng.integers(-600, 601)) / 4
    return Case(f"cv2.convertScaleAbs:alpha={alpha},beta={beta}", {},
                lambda image: cv2.convertScaleAbs(image, alpha=alpha, beta=beta))


def in_range(rng: np.random.Generator, pixel: str) -> Case:
    low, high = map(int, sorted(rng.integers(0, 256, 2)))
    return Case(f"cv2.inRange:lowerb={low},upperb={high}", {},
                lambda image: cv2.inRange(image, low, high))


def bitwise_not(rng: np.random.Generator, pixel: str) -> Case:
    return Case("cv2.bitwise_not", {}, cv2.bitwise_not)


def lut(rng: np.random.Generator, pixel: str) -> Case:
    table = rng.integers(0, 256, 256, np.uint8)
    return Case(f"cv2.LUT:lut=({','.join(map(str, table))})", {},
                lambda image: cv2.LUT(image, table))


def two(function: str) -> Draw:
    """Of a picture and its median, the tap ``other``."""
    def draw(rng: np.random.Generator, pixel: str) -> Case:
        options: dict[str, Any] = {}
        if function == "addWeighted":
            options = {"alpha": int(rng.integers(-32, 33)) / 16,
                       "beta": int(rng.integers(-9, 9)) / 4,
                       "gamma": int(rng.integers(-99, 100)) / 2}
        elif function == "multiply":
            options = {"scale": [1.0, 1 / 255, 1 / 128, 0.75][int(rng.integers(4))]}
        elif function == "divide":
            options = {"scale": int(rng.integers(1, 200))}
        elif function == "compare":
            options = {"cmpop": f"CMP_{rng.choice(['EQ', 'GT', 'GE', 'LT', 'LE', 'NE'])}"}
        words = "".join(f",{key}={value}" for key, value in options.items())

        def run(image: Image) -> Image:
            other = cv2.medianBlur(image, 3)
            if function == "magnitude":
                return np.clip(np.rint(cv2.magnitude(
                    image.astype(np.float32), other.astype(np.float32))), 0, 255)
            if function == "addWeighted":
                return cv2.addWeighted(
                    image, options["alpha"], other, options["beta"], options["gamma"])
            if function == "compare":
                return cv2.compare(image, other, getattr(cv2, options["cmpop"]))
            return getattr(cv2, function)(image, other, **options)

        name = "y" if function == "magnitude" else "src2"
        return Case(f"cv2.{function}:{name}=other{words}", {}, run)

    return draw


def cvt_color(rng: np.random.Generator, pixel: str) -> Case:
    code = "COLOR_" + str(rng.choice([
        "RGB2GRAY", "BGR2GRAY", "RGB2YCrCb", "BGR2YCrCb", "RGB2YUV", "BGR2YUV", "YCrCb2RGB",
        "YUV2RGB", "RGB2HSV", "BGR2HSV", "RGB2XYZ"]))
    return Case(f"cv2.cvtColor:code={code}", {"channels": 3},
                lambda image: cv2.cvtColor(image, getattr(cv2, code)))


def scharr(rng: np.random.Generator, pixel: str) -> Case:
    dx = int(rng.integers(2))
    return Case(f"cv2.Scharr:dx={dx},dy={1 - dx}", {"output": "s16"},
                lambda image: cv2.Scharr(image, cv2.CV_16S, dx, 1 - dx))


def laplacian(rng: np.random.Generator, pixel: str) -> Case:
    ksize = int(rng.choice([1, 3, 5, 7]))
    output, depth = (("s16", cv2.CV_16S), ("u8", -1))[int(rng.integers(2))]
    return Case(f"cv2.Laplacian:ksize={ksize}", {"output": output},
                lambda image: cv2.Laplacian(image, depth, ksize=ksize))


def spatial_gradient(rng: np.random.Generator, pixel: str) -> Case:
    border = ("BORDER_REFLECT_101", "BORDER_REPLICATE")[int(rng.integers(2))]
    return Case("cv2.spatialGradient", {"border": BORDERS[border]}, lambda image: np.dstack(
        cv2.spatialGradient(image, borderType=getattr(cv2, border))))


def pyramid(function: str) -> Draw:
    return lambda rng, pixel: Case(f"cv2.{function}", {"channels": 3} if rng.random() < 0.3 else {},
                                   getattr(cv2, function))


def resize(rng: np.random.Generator, pixel: str) -> Case:
    kind = str(rng.choice(["AREA", "NEAREST", "LINEAR", "LINEAR_EXACT"]))
    rows, columns = map(int, rng.integers(1, 9, 2)) if kind in ("AREA", "NEAREST") else (2, 2)
    larger = kind != "AREA" and bool(rng.integers(2))
    if kind == "AREA" and rows * columns in (14, 28, 30, 56):
        rows = columns
    fy, fx = (rows, columns) if larger else (1 / rows, 1 / columns)
    return Case(f"cv2.resize:fx={fx},fy={fy},interpolation=INTER_{kind}", {}, lambda image:
                cv2.resize(image, None, fx=fx, fy=fy, interpolation=getattr(cv2, f"INTER_{kind}")),
                (1, 1) if larger else (rows, columns))


def fast(rng: np.random.Generator, pixel: str) -> Case:
    threshold, suppresses = int(rng.integers(0, 120)), bool(rng.integers(2))

    def scores(image: Image) -> Image:
        found = np.zeros_like(image)
        for each in cv2.FastFeatureDetector.create(threshold, suppresses).detect(image):
            x, y = map(int, each.pt)
            found[y, x] = each.response + 1 if suppresses else 255
        return found

    return Case(f"cv2.FastFeatureDetector:threshold={threshold},"
                f"nonmaxSuppression={int(suppresses)}", {}, scores)


def harris(rng: np.random.Generator, pixel: str) -> Case:
    block, ksize = int(rng.integers(1, 6)), 3
    threshold = float(10 ** rng.uniform(-6, -2))
    return Case(f"cv2.cornerHarris:blockSize={block},ksize={ksize},threshold={threshold!r}", {},
                lambda image: np.where(cv2.cornerHarris(image, block, ksize, 0.04) > threshold,
                                       255, 0))


DRAWS: dict[str, Draw] = {
    "cv2.filter2D": filter2d,
    "cv2.GaussianBlur": gaussian_blur,
    "cv2.blur": blur,
    "cv2.Sobel": sobel,
    "scipy.ndimage.correlate": ndimage_sum("correlate"),
    "scipy.ndimage.convolve": ndimage_sum("convolve"),
    "scipy.signal.convolve2d": convolve2d,
    "cv2.medianBlur": median_blur,
    "cv2.erode": cv2_morphology("erode"),
    "cv2.dilate": cv2_morphology("dilate"),
    **{f"scipy.ndimage.{name}": ndimage(name) for name in (
        "median_filter", "rank_filter", "percentile_filter", "minimum_filter", "maximum_filter",
        "grey_erosion", "grey_dilation", *GREY)},
    **{f"skimage.morphology.{name}": skimage("morphology", name) for name in (
        "erosion", "dilation", "opening", "closing", "white_tophat", "black_tophat")},
    "skimage.filters.median": skimage("filters", "median"),
    "cv2.morphologyEx": morphology_ex,
    "cv2.threshold": threshold,
    "cv2.adaptiveThreshold": adaptive_threshold,
    "cv2.Canny": canny,
    "cv2.convertScaleAbs": convert_scale_abs,
    "cv2.inRange": in_range,
    "cv2.bitwise_not": bitwise_not,
    "cv2.cvtColor": cvt_color,
    "cv2.LUT": lut,
    "cv2.Scharr": scharr,
    "cv2.Laplacian": laplacian,
    "cv2.spatialGradient": spatial_gradient,
    "cv2.pyrDown": pyramid("pyrDown"),
    "cv2.pyrUp": pyramid("pyrUp"),
    "cv2.resize": resize,
    "cv2.FastFeatureDetector": fast,
    "cv2.cornerHarris": harris,
    **{f"cv2.{name}": two(name) for name in TWO},
}


ELSEWHERE = {"matlab.conv2", "matlab.imfilter", "torch.conv2d", "xf.filter2D", "intel.fir2d"}
"""Presets whose functions are not installed with the tests: tests/model/test_parity.py."""


class Found(NamedTuple):
    """What came of one case."""

    case: Case
    samples: int
    wrong: int


def picture(rng: np.random.Generator, pixel: str, height: int, width: int, colour: bool) -> Image:
    """A piece of a photograph, noise, or noise of few values."""
    info = np.iinfo(PIXELS[pixel])
    kind = rng.choice(["photograph", "noise", "noise", "flat"])
    shape = (height, width, 3) if colour else (height, width)
    if kind != "photograph":
        low, high = (3, 6) if kind == "flat" else (int(info.min), int(info.max))
        return rng.integers(low, high, shape, PIXELS[pixel], endpoint=True)
    whole = np.asarray(
        cv2.imread(str(PICTURES / "coffee.jpg"), cv2.IMREAD_COLOR if colour else 0))
    top, left = (int(rng.integers(side - size)) for side, size in zip(
        whole.shape, (height, width), strict=False))
    piece = whole[top:top + height, left:left + width].astype(np.int64)
    return (piece * (int(info.max) - int(info.min)) // 255 + int(info.min)).astype(PIXELS[pixel])


def design(case: Case, pixel: str, height: int, width: int) -> Filter | Pipeline:
    """The preset on a frame."""
    frame = {"width": width, "height": height, "pixel": pixel}
    if presets.is_staged(case.preset):
        top = {key: value for key, value in case.keys.items() if key == "channels"}
        own = {key: value for key, value in case.keys.items() if key not in top}
        other = [{"name": "other", "median": 3}] if "=other" in case.preset else []
        return Pipeline([*other, {"preset": case.preset, "from": "input", **own}], **frame, **top)
    return Filter(preset=case.preset, **frame, **case.keys)


def drawn(name: str, seed: int) -> tuple[Case, Filter | Pipeline, Image]:
    """A random set of parameters, and a picture of a random size and sample; small ones too, where
    the preset takes them."""
    rng = np.random.default_rng([seed, *name.encode()])
    pixel = str(rng.choice(ONLY.get(name, [*PIXELS])))
    case = DRAWS[name](rng, pixel)
    for least, most in ((1, 12), (24, 40)) if rng.random() < 0.4 else ((24, 40),):
        height, width = (max(int(side) // factor, 1) * factor for side, factor in zip(
            rng.integers(least, most, 2), case.factors, strict=True))
        try:
            made = design(case, pixel, height, width)
            break
        except InputError:
            if most == 40:
                raise
    return case, made, picture(rng, pixel, height, width, "channels" in case.keys)


def compare(name: str, seed: int) -> Found:
    """What the model makes of a picture beside what the function does."""
    case, made, image = drawn(name, seed)
    got, wanted = made.compute(image), case.function(image)
    if got.shape != wanted.shape:
        raise ValueError(f"{case.preset} has the shape {got.shape}, not {wanted.shape}")
    return Found(case, got.size, int((got.astype(np.int64) != wanted.astype(np.int64)).sum()))


def in_hardware(name: str, seed: int) -> Found:
    """What Verilator makes of a picture: at the output beside what the function does, at every tap
    beside the model."""
    case, made, image = drawn(name, seed)

    def run(each: Filter | Pipeline) -> Result:
        return simulate(each, [image], engine="verilator", stall=0.3, seed=seed)

    try:
        output = run(made).outputs[0]
    except InputError:  # what hardware alone refuses, such as borders of a tiny frame
        return in_hardware(name, seed + 1_000_003)
    wrong = int((output.astype(np.int64) != case.function(image).astype(np.int64)).sum())
    samples = output.size
    if isinstance(made, Pipeline):
        taps = simulated_taps(made, run)
        samples += sum(each.size for tap in taps.values() for each in tap)
        wrong += first_wrong_tap(made, [image], taps) is not None
    return Found(case, samples, wrong)


def main(count: int, names: list[str], compare: Callable[[str, int], Found]) -> int:
    """Print a line for each preset; 1 where a pixel differs."""
    unequal = 0
    print("preset".ljust(36), "cases".rjust(6), "samples".rjust(10), "wrong".rjust(6))
    for name in names or DRAWS:
        found = [compare(name, seed) for seed in range(count)]
        wrong = sum(each.wrong for each in found)
        print(name.ljust(36), str(count).rjust(6),
              str(sum(each.samples for each in found)).rjust(10), str(wrong).rjust(6), flush=True)
        for each in [each for each in found if each.wrong][:3]:
            print("   ", each.wrong, "of", each.samples, "by", each.case.preset, each.case.keys)
        unequal += wrong > 0
    others = [name for name in presets.names() if name not in DRAWS]
    print("compared elsewhere, or with nothing that runs here:", ", ".join(others))
    forgotten = set(others).symmetric_difference(ELSEWHERE)
    if forgotten:
        print("without a function here:", ", ".join(sorted(forgotten)))
    return int(unequal > 0 or bool(forgotten))


if __name__ == "__main__":
    words = sys.argv[1:]
    check, number = compare, 200
    if words[:1] == ["hardware"]:
        check, number = in_hardware, 1
        del words[0]
    if words and words[0].isdigit():
        number = int(words.pop(0))
    sys.exit(main(number, words, check))
