"""Presets of functions that are a stage of a pipeline, and no filter."""

import math
from fractions import Fraction

from ..errors import InputError, shorten
from .ranks import opencv_element
from .table import Given, Keys, preset


__all__ = ["integers"]

_PROBED = "OpenCV 4.14 and 5.0, probed."

_OPERATIONS = {"erode": "erode", "0": "erode", "dilate": "dilate", "1": "dilate",
               "open": "open", "2": "open", "close": "close", "3": "close",
               "gradient": "gradient", "4": "gradient", "tophat": "tophat", "5": "tophat",
               "blackhat": "blackhat", "6": "blackhat", "hitmiss": "hitmiss", "7": "hitmiss"}
_THRESHOLDS = {"binary": "binary", "0": "binary", "binary_inv": "binary_inv", "1": "binary_inv",
               "trunc": "trunc", "2": "trunc", "tozero": "tozero", "3": "tozero",
               "tozero_inv": "tozero_inv", "4": "tozero_inv"}
_METHODS = {"mean_c": "mean", "0": "mean", "gaussian_c": "gaussian", "1": "gaussian"}


def _constant(parameter: str, word: str, prefix: str, choices: dict[str, str]) -> str:
    """What one of OpenCV's constants stands for, by its name or its number."""
    name = word.removeprefix("cv2.").removeprefix("cv.").removeprefix(prefix).lower()
    if name not in choices:
        known = [f"{prefix}{each.upper()}" for each in choices if not each.isdigit()]
        raise InputError(f"{parameter} must be one of {', '.join(known)}, not {shorten(word)}")
    return choices[name]


@preset(
    "cv2.morphologyEx",
    "Opening, closing, gradient, top-hat, black-hat or hit-or-miss, of the key kernel or of shape "
    "and ksize; hit-or-miss takes the key kernel alone.",
    _PROBED + " The element is never reflected; outside the frame nothing counts.",
    staged=True,
)
def _morphology_ex(
    given: Given, op: str, kernel: str = "", shape: str = "", ksize: str = "",
    anchor: str = "(-1,-1)", iterations: int = 1, borderType: str = "", borderValue: str = "",
) -> Keys:
    verb = _constant("op", op, "MORPH_", _OPERATIONS)
    if verb == "hitmiss":
        if "kernel" not in given.keys or (kernel, shape, ksize, anchor, iterations) != (
                "", "", "", "(-1,-1)", 1):
            raise InputError("MORPH_HITMISS takes the key kernel, a matrix of 1, -1 and 0, and no "
                             "other parameter")
        return {"hitmiss": given.keys.pop("kernel")}
    return opencv_element(
        given, verb, kernel, shape, ksize, anchor, iterations, borderType, borderValue)


@preset("cv2.threshold", "Against a fixed threshold; a fraction of it does not count.", _PROBED,
        staged=True)
def _threshold(
    given: Given, thresh: float, maxval: float = 255.0,
    type: str = "binary",  # noqa: A002  # OpenCV's name
) -> Keys:
    return {"threshold": thresh, "maxval": maxval,
            "type": _constant("type", type, "THRESH_", _THRESHOLDS)}


@preset(
    "cv2.adaptiveThreshold",
    "Against a mean or a Gaussian mean (3, 5 or 7) of what is around, less C; 8-bit pictures.",
    _PROBED + " The mean is rounded to the nearest, border replicate.", staged=True,
)
def _adaptive_threshold(
    given: Given, blockSize: int, C: float, maxValue: float = 255.0, adaptiveMethod: str = "mean_c",
    thresholdType: str = "binary",
) -> Keys:
    given.check_u8()
    return {"adaptive_threshold": blockSize, "C": C, "maxval": maxValue, "border": "replicate",
            "method": _constant("adaptiveMethod", adaptiveMethod, "ADAPTIVE_THRESH_", _METHODS),
            "type": _constant("thresholdType", thresholdType, "THRESH_", {
                name: kind for name, kind in _THRESHOLDS.items() if kind.startswith("binary")})}


@preset("cv2.Canny", "Edges between two thresholds, followed through the whole frame.", _PROBED,
        staged=True)
def _canny(
    given: Given, threshold1: float, threshold2: float, apertureSize: int = 3,
    L2gradient: str = "0",
) -> Keys:
    given.check_u8()
    if apertureSize not in (3, 5, 7):
        raise InputError(f"apertureSize must be 3, 5 or 7, not {apertureSize}")
    squared = {"0": False, "false": False, "1": True, "true": True}.get(L2gradient.lower())
    if squared is None:
        raise InputError(f"L2gradient must be 0 or 1, not {shorten(L2gradient)}")
    return {"canny": [threshold1, threshold2], "aperture": apertureSize, "L2gradient": squared}


@preset(
    "cv2.convertScaleAbs",
    "The magnitude of alpha times the sample, plus beta, as 8 bits; factors of at most 16 binary "
    "places.",
    _PROBED + " Half to even; other factors OpenCV rounds as its floats do.", staged=True,
)
def _convert_scale_abs(given: Given, alpha: float = 1.0, beta: float = 0.0) -> Keys:
    factor, offset = Fraction(alpha), Fraction(beta)
    scale = math.lcm(factor.denominator, offset.denominator)
    if scale > 1 << 16 or max(abs(factor), abs(offset)) > 1 << 16:
        raise InputError("alpha and beta must be within 65536 and have at most 16 binary places, "
                         f"not {alpha!r} and {beta!r}")
    value = f"{factor * scale} * {given.tap} + {offset * scale}"
    return {"expr": f"abs({value})" if scale == 1 else f"abs(round(({value}) / {scale}))",
            "output": "u8"}


@preset("cv2.inRange", "255 where each channel is from lowerb to upperb, else 0: one number, or "
        "one for each channel, (0,30,60).", _PROBED + " Both bounds belong to it.", staged=True)
def _in_range(given: Given, lowerb: str, upperb: str) -> Keys:
    bounds = [integers(name, word) for name, word in (("lowerb", lowerb), ("upperb", upperb))]
    if len(bounds[0]) != len(bounds[1]):
        raise InputError(f"lowerb has {len(bounds[0])} numbers and upperb {len(bounds[1])}")
    planes = [given.tap] if len(bounds[0]) == 1 else [
        f"{given.tap}.{number}" for number in range(len(bounds[0]))]
    inside = " and ".join(f"{low} <= {plane} <= {high}"
                          for plane, low, high in zip(planes, *bounds, strict=True))
    return {"expr": f"where({inside}, 255, 0)", "output": "u8"}


def integers(parameter: str, word: str) -> list[int]:
    try:
        return [int(each) for each in word.strip("()[] ").split(",")]
    except ValueError:
        raise InputError(f"{parameter} must be an integer, or one for each channel, (0,30,60), not "
                         f"{shorten(word)}") from None


@preset("cv2.magnitude", "The length of the vectors of this picture and the tap y, to the nearest "
        "integer.", _PROBED + " OpenCV's is a float; of gradients of 3x3 its nearest integer.",
        staged=True)
def _magnitude(given: Given, y: str) -> Keys:
    return {"expr": f"round(sqrt({given.tap} * {given.tap} + {y} * {y}))"}


@preset("cv2.cvtColor", "Another colour space, 8 bits; grey of 16 bits too: COLOR_RGB2GRAY, "
        "YCrCb, YUV, XYZ and HSV.", _PROBED, staged=True)
def _cvt_color(given: Given, code: str) -> Keys:
    return {"convert": code}


@preset("cv2.bitwise_not", "The negative: every bit turned over.", _PROBED, staged=True)
def _bitwise_not(given: Given) -> Keys:
    return {"expr": f"{given.pixel.minimum + given.pixel.maximum} - {given.tap}"}
