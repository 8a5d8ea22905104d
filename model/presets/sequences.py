"""Presets of functions that are several stages: pyramids, corners, compound morphology."""

from collections.abc import Callable
from fractions import Fraction
from itertools import product

from ..errors import InputError, shorten
from ..kernels.kernel import Matrix
from ..sample import Sample
from .ranks import CROSS, grey_keys, skimage_keys
from .table import Given, Keys, preset


__all__: list[str] = []

_PROBED = "OpenCV 4.14 and 5.0, probed."


# Pyramids


@preset("cv2.pyrDown", "Half the size: a binomial of 5x5, and every other row and column.", _PROBED,
        staged=True)
def _pyr_down(given: Given) -> Keys:
    smooth = given.inner("smooth")
    return {"stages": [{"name": smooth, "from": given.tap, "kernel": "binomial:ksize=5",
                        "border": "reflect101", "rounding": "half-up"}],
            "from": smooth, "shrink": 2}


@preset("cv2.pyrUp", "Twice the size: zeros between the pixels, and a binomial of 5x5; the last "
        "stage.", _PROBED, staged=True)
def _pyr_up(given: Given) -> Keys:
    return {"enlarge": 2, "method": "binomial"}


_LARGEST_FACTOR = 8
#: Pixels of a block whose mean, as a float of OpenCV's, may be on the wrong side of a tie.
_INEXACT = (14, 28, 30, 56)


@preset(
    "cv2.resize",
    "By whole factors: fx and fy are both 1/2, 1/3 ... (INTER_AREA, INTER_NEAREST; 1/2 also "
    "INTER_LINEAR and its _EXACT), or both 2, 3 ... (INTER_NEAREST; 2 also the linear ones), then "
    "it is the last stage.",
    _PROBED + " Means half to even, of 2x2 half up.", staged=True,
)
def _resize(
    given: Given, fx: float, fy: float = 0.0, interpolation: str = "INTER_LINEAR"
) -> Keys:
    assert given.frame is not None
    kind = interpolation.removeprefix("cv2.").removeprefix("INTER_")
    if kind not in ("AREA", "NEAREST", "LINEAR", "LINEAR_EXACT"):
        raise InputError("interpolation must be INTER_AREA, INTER_NEAREST, INTER_LINEAR or "
                         f"INTER_LINEAR_EXACT, not {shorten(interpolation)}")
    factors = [Fraction(each).limit_denominator(_LARGEST_FACTOR) for each in (fy or fx, fx)]
    if not all(abs(factor - each) < 1e-3 * each for factor, each in zip(
            factors, (fy or fx, fx), strict=True)) or not (
            all(each.denominator == 1 and 1 <= each <= _LARGEST_FACTOR for each in factors)
            or all(each.numerator == 1 for each in factors)):
        raise InputError(f"fx and fy must be both 1, 2 ... {_LARGEST_FACTOR}, or both 1, 1/2 ... "
                         f"1/{_LARGEST_FACTOR}, not {fx!r} and {fy or fx!r}")
    larger = max(factors) > 1
    rows, columns = (int(each if larger else 1 / each) for each in factors)
    if kind.startswith("LINEAR") and (rows, columns) != (2, 2):
        raise InputError(f"fx and fy must be 2 or 1/2 with {interpolation}, not {fx!r} and "
                         f"{fy or fx!r}")
    if larger and kind == "AREA":
        raise InputError(f"fx and fy must be at most 1 with {interpolation}, not {fx!r} and "
                         f"{fy or fx!r}")
    if larger:
        return _enlarged(given, kind, rows, columns)
    for length, factor, what in ((given.frame.height, rows, "fy"),
                                 (given.frame.width, columns, "fx")):
        if length % factor:
            raise InputError(f"{what} is 1/{factor}, and {given.tap!r} has {length} pixels that "
                             "way; there must be a multiple")
    if kind == "NEAREST":
        return {"shrink": [rows, columns]}
    given.check_u8()
    if rows * columns in _INEXACT:
        raise InputError(f"blocks of {rows}x{columns} have means that lie half way, which OpenCV's "
                         "floats round either way; there must not be 14, 28, 30 or 56 pixels")
    mean, cells = given.inner("mean"), [
        f"{given.tap}[{row}, {column}]" for row in range(rows) for column in range(columns)]
    total = " + ".join(cells)
    return {"stages": [{"name": mean, "border": "replicate", "expr": (
                f"({total} + 2) >> 2" if (rows, columns) == (2, 2) else
                f"round(({total}) / {rows * columns})" if len(cells) > 1 else total)}],
            "from": mean, "shrink": [rows, columns]}


def _enlarged(given: Given, kind: str, rows: int, columns: int) -> Keys:
    """A larger frame. What OpenCV does linearly is in two steps, each of fixed point."""
    if kind == "NEAREST":
        return {"enlarge": [rows, columns]}
    given.check_u8()
    if kind == "LINEAR_EXACT":
        return {"enlarge": 2, "method": "linear"}

    def along(row: int, column: int) -> str:
        """A row's value: three quarters of here and one of the neighbour."""
        return (f"((512 * {given.tap}[{row}, {column}] + 1536 * {given.tap}[{row}, 0]) >> 4)")

    taps = [[given.inner(f"{down}{beside}") for beside in "01"] for down in "01"]
    texts = {
        taps[down][beside]: f"((512 * {along((-1, 1)[down], (-1, 1)[beside])} >> 16) + "
                            f"(1536 * {along(0, (-1, 1)[beside])} >> 16) + 2) >> 2"
        for down, beside in product((0, 1), (0, 1))}
    return {"stages": [{"name": given.inner("phases"), "border": "replicate", "exprs": texts}],
            "shuffle": taps}


# Corners

#: Bresenham's circle of radius 3, rows and columns, in order.
_RING = ((-3, 0), (-3, 1), (-2, 2), (-1, 3), (0, 3), (1, 3), (2, 2), (3, 1), (3, 0), (3, -1),
         (2, -2), (1, -3), (0, -3), (-1, -3), (-2, -2), (-3, -1))


@preset(
    "cv2.FastFeatureDetector",
    "FAST 9-16: the score of each corner, its response plus 1, or without nonmaxSuppression 255; 0 "
    "elsewhere; u8, one channel.",
    _PROBED + " The greatest of 16 arcs' least of 9 differences; no corner within 3 pixels of the "
    "edge.", staged=True,
)
def _fast(
    given: Given, threshold: int = 10, nonmaxSuppression: int = 1,
    type: str = "TYPE_9_16",  # noqa: A002  # OpenCV's name
) -> Keys:
    given.check_u8()
    if type.rpartition(".")[2].removeprefix("FAST_FEATURE_DETECTOR_") not in ("TYPE_9_16", "2"):
        raise InputError(f"type must be TYPE_9_16, not {shorten(type)}")
    if not 0 <= threshold <= 255:
        raise InputError(f"threshold must be from 0 to 255, not {threshold}")
    if not given.fixed:
        raise InputError("it needs to know where the frame ends, and its size can change while the "
                         "hardware runs: control must be none")
    frame, tap = given.plane, given.tap
    ring = [f"{tap}[{dy}, {dx}]" for dy, dx in _RING]

    def arcs(least: str, greatest: str) -> str:
        """The greatest of the arcs' least samples, or the least of their greatest."""
        def of(first: int, count: int) -> str:
            if count == 1:
                return ring[first % 16]
            half = count // 2 if count % 2 == 0 else count - 1
            return f"{least}({of(first, half)}, {of(first + half, count - half)})"

        each = [of(first, 9) for first in range(16)]
        while len(each) > 1:
            each = [f"{greatest}({one}, {other})"
                    for one, other in zip(each[::2], each[1::2], strict=True)]
        return each[0]

    inside = (f"x >= 3 and x < {frame.width - 3} and y >= 3 and y < {frame.height - 3}")
    score = f"max({arcs('min', 'max')} - {tap}, {tap} - {arcs('max', 'min')})"
    found = score if nonmaxSuppression else "255"
    keys: Keys = {"border": "replicate", "output": "u8",
                  "expr": f"where({inside} and {score} > {threshold}, {found}, 0)"}
    if not nonmaxSuppression:
        return keys
    name = given.inner("score")
    around = ", ".join(f"{name}[{dy}, {dx}]" for dy, dx in product((-1, 0, 1), repeat=2)
                       if dy or dx)
    return {"stages": [{**keys, "name": name}], "border": "constant", "border_value": 0,
            "expr": f"where({name} > max({around}), {name}, 0)"}


@preset(
    "cv2.cornerHarris",
    "Harris and Stephens' measure against a threshold: 255 where it is greater, else 0; one "
    "channel.",
    _PROBED + " Exact integers; OpenCV's floats are off by a millionth of the greatest measure.",
    staged=True,
)
def _corner_harris(
    given: Given, blockSize: int, ksize: int, threshold: float, k: float = 0.04
) -> Keys:
    frame = given.plane
    if frame.sample.signed:
        raise InputError(f"pixel must have no sign, not {given.pixel}")
    if not 1 <= blockSize <= 15:
        raise InputError(f"blockSize must be from 1 to 15, not {blockSize}")
    if ksize not in (3, 5):
        raise InputError(f"ksize must be 3 or 5, not {ksize}")
    if k != 0.04:
        raise InputError(f"k must be 0.04, not {k!r}")
    gx, gy, xx, xy, yy, a, b, c = map(given.inner, ("gx", "gy", "xx", "xy", "yy", "a", "b", "c"))
    most = frame.sample.maximum * {3: 4, 5: 48}[ksize]
    block = range(-(blockSize // 2), blockSize - blockSize // 2)
    sums = {name: " + ".join(f"{each}[{dy}, {dx}]" for dy, dx in product(block, repeat=2))
            for name, each in ((a, xx), (b, xy), (c, yy))}

    def sample(largest: int) -> str:
        return str(Sample.holding(-largest, largest))

    # OpenCV scales each gradient by 1 / (2**(ksize - 1) * blockSize), and 8 bits by 1 / 255.
    whole = 255 if frame.sample.bits <= 8 else 1
    limit = Fraction(threshold) * (2 ** (ksize - 1) * blockSize * whole) ** 4 * 25
    return {
        "stages": [
            {"name": given.inner("gradient"), "from": given.tap, "border": "reflect101",
             "kernels": {gx: f"sobel-x:ksize={ksize}", gy: f"sobel-y:ksize={ksize}"},
             "output": sample(most)},
            {"name": given.inner("products"), "output": sample(most**2),
             "exprs": {xx: f"{gx} * {gx}", xy: f"{gx} * {gy}", yy: f"{gy} * {gy}"}},
            {"name": given.inner("sums"), "output": sample(most**2 * blockSize**2),
             "border": "reflect101", "exprs": sums}],
        "expr": f"where(25 * ({a} * {c} - {b} * {b}) - ({a} + {c}) * ({a} + {c}) > "
                f"{limit.numerator // limit.denominator}, 255, 0)",
        "output": "u8"}


# Compound morphology

_Make = Callable[[Given, bool, str], Keys]
"""Keys of the lesser or the greater samples of a footprint; the word is which step it is."""

_COMPOUND = {
    "opening": ("Erosion, then dilation", False, ""),
    "closing": ("Dilation, then erosion", True, ""),
    "white_tophat": ("The picture less its opening", False, "{tap} - {made}"),
    "black_tophat": ("The picture's closing less it", True, "{made} - {tap}"),
}


def _twice(given: Given, make: Callable[[bool, bool], Keys], first: bool, text: str) -> Keys:
    """One step and the other on what it makes; then perhaps an expression of both."""
    inner = given.inner("first")
    stages: list[Keys] = [{"name": inner, "from": given.tap, **make(first, False)}]
    last = {"from": inner, **make(not first, True)}
    if not text:
        return {"stages": stages, **last}
    stages.append({**last, "name": given.inner("second")})
    return {"stages": stages, "overflow": "wrap",
            "expr": text.format(tap=given.tap, made=stages[-1]["name"])}


def _scipy_morphology(name: str, description: str, first: bool, text: str) -> None:
    @preset(f"scipy.ndimage.{name}", f"{description}, of size or footprint; flat ones only.",
            "scipy 1.17, probed: steps of grey_erosion and grey_dilation, modulo the range.",
            staged=True)
    def make(given: Given, size: str = "", footprint: str = "", mode: str = "reflect",
             cval: int = 0) -> Keys:
        return _twice(given, grey_keys(given, f"scipy.ndimage.{name}", size, footprint, mode, cval),
                      first, text)


def _skimage_morphology(name: str, description: str, first: bool, text: str) -> None:
    @preset(f"skimage.morphology.{name}", f"{description}, of a footprint, a cross of 3 unless "
            "given.", "scikit-image 0.26, probed: the second step with the footprint reflected.",
            staged=True)
    def make(given: Given, footprint: str = "", mode: str = "reflect", cval: int = 0) -> Keys:
        cells: Matrix = given.footprint(("footprint",), footprint=footprint) or CROSS

        def step(greatest: bool, second: bool) -> Keys:
            # Even sizes have a row and a column of zeros before them.
            shown = _odd(cells)
            return skimage_keys(given, f"skimage.morphology.{name}", -1 if greatest else 0,
                                tuple(row[::-1] for row in shown[::-1]) if second else shown,
                                mode, cval)

        return _twice(given, step, first, text)


def _odd(cells: Matrix) -> Matrix:
    """The footprint with zeros before it where a side is even."""
    rows = [[0] * (len(cells[0]) % 2 == 0) + [*row] for row in cells]
    return tuple(map(tuple, [[0] * len(rows[0])] * (len(rows) % 2 == 0) + rows))


for _name, (_description, _first, _text) in _COMPOUND.items():
    _scipy = _name if "tophat" in _name else f"grey_{_name}"
    _scipy_morphology(_scipy, _description, _first, _text)
    _skimage_morphology(_name, _description, _first, _text)


def _both(name: str, description: str, text: str) -> None:
    @preset(f"scipy.ndimage.{name}", f"{description}, of size or footprint; flat ones only.",
            "scipy 1.17, probed: of grey_erosion and grey_dilation, modulo the range.", staged=True)
    def make(given: Given, size: str = "", footprint: str = "", mode: str = "reflect",
             cval: int = 0) -> Keys:
        keys = grey_keys(given, f"scipy.ndimage.{name}", size, footprint, mode, cval)
        most, least = given.inner("greatest"), given.inner("least")
        return {"stages": [{"name": most, "from": given.tap, **keys(True, False)},
                           {"name": least, "from": given.tap, **keys(False, False)}],
                "overflow": "wrap", "expr": text.format(tap=given.tap, most=most, least=least)}


_both("morphological_gradient", "Dilation less erosion", "{most} - {least}")
_both("morphological_laplace", "Dilation and erosion less twice the picture",
      "{most} + {least} - 2 * {tap}")
