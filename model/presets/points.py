"""Presets of functions of two pictures, pixel by pixel, and of tables."""

import math
import re
from collections.abc import Mapping
from fractions import Fraction

from ..errors import InputError, shorten
from .stages import integers
from .table import Given, Keys, look_up, preset


__all__: list[str] = []

_PROBED = "OpenCV 4.14 and 5.0, probed."
_TWO = "src2 is a tap."

#: The most binary places of a factor.
_PLACES = 16


def _tap(src2: str) -> str:
    if re.fullmatch(r"[A-Za-z_]\w*(\.\d+)?", src2, re.ASCII) is None:
        raise InputError(f"src2 must be the name of a tap, or a plane, name.0, not {shorten(src2)}")
    return src2


def _whole(**factors: float) -> tuple[list[int], int]:
    """Factors as integers, and what all of them are divided by."""
    exact = {name: Fraction(value) for name, value in factors.items()}
    scale = math.lcm(*(value.denominator for value in exact.values()))
    if scale > 1 << _PLACES or max(map(abs, exact.values())) > 1 << 16:
        shown = " and ".join(f"{name}={value!r}" for name, value in factors.items())
        raise InputError(f"factors must be within 65536 and have at most {_PLACES} binary places, "
                         f"as 0.375, not {shown}: others OpenCV rounds as its floats do")
    return [int(value * scale) for value in exact.values()], scale


def _simple(name: str, description: str, expr: str) -> None:
    @preset(f"cv2.{name}", f"{description} {_TWO}", _PROBED, staged=True)
    def make(given: Given, src2: str) -> Keys:
        return {"expr": expr.format(a=given.tap, b=_tap(src2))}


for _name, _description, _expr in (
    ("add", "The sum of two pictures, saturated.", "{a} + {b}"),
    ("subtract", "The difference of two pictures, saturated.", "{a} - {b}"),
    ("absdiff", "The magnitude of the difference of two pictures.", "abs({a} - {b})"),
    ("min", "The lesser of two samples.", "min({a}, {b})"),
    ("max", "The greater of two samples.", "max({a}, {b})"),
    ("bitwise_and", "The bits that both samples have.", "{a} & {b}"),
    ("bitwise_or", "The bits that one of two samples has.", "{a} | {b}"),
    ("bitwise_xor", "The bits in which two samples differ.", "{a} ^ {b}"),
):
    _simple(_name, _description, _expr)


@preset("cv2.addWeighted", "A weighted sum of two pictures, and gamma; factors of at most 16 "
        f"binary places. {_TWO}", _PROBED + " Half to even.", staged=True)
def _add_weighted(
    given: Given, alpha: float, src2: str, beta: float, gamma: float = 0.0
) -> Keys:
    (first, second, more), scale = _whole(alpha=alpha, beta=beta, gamma=gamma)
    value = f"{first} * {given.tap} + {second} * {_tap(src2)} + {more}"
    return {"expr": value if scale == 1 else f"round(({value}) / {scale})"}


@preset("cv2.multiply", "The product of two pictures, times scale: one of at most 16 binary "
        f"places, or 1/255. {_TWO}", _PROBED + " Half to even.", staged=True)
def _multiply(given: Given, src2: str, scale: float = 1.0) -> Keys:
    value = f"{given.tap} * {_tap(src2)}"
    if scale == 1 / 255:
        return {"expr": f"round({value} / 255)"}
    (times,), divisor = _whole(scale=scale)
    value = f"{times} * {value}"
    return {"expr": value if divisor == 1 else f"round({value} / {divisor})"}


@preset("cv2.divide", f"The quotient of two pictures; 0 where the second one is. {_TWO}",
        _PROBED + " Half to even.", staged=True)
def _divide(given: Given, src2: str, scale: int = 1) -> Keys:
    return {"expr": f"divide({scale} * {given.tap}, {_tap(src2)})"}


_RELATIONS: Mapping[str, str] = {
    name: sign for number, (word, sign) in enumerate((
        ("EQ", "=="), ("GT", ">"), ("GE", ">="), ("LT", "<"), ("LE", "<="), ("NE", "!=")))
    for name in (f"CMP_{word}", str(number))}


@preset("cv2.compare", f"255 where two samples compare so, else 0. {_TWO}", _PROBED, staged=True)
def _compare(given: Given, src2: str, cmpop: str) -> Keys:
    sign = look_up("cv2.compare", "cmpop", cmpop.removeprefix("cv2."), _RELATIONS)
    return {"expr": f"where({given.tap} {sign} {_tap(src2)}, 255, 0)", "output": "u8"}


@preset("cv2.LUT", "What a table has for each sample: lut=(0,3,5,...), an entry for each value "
        "from the least.", _PROBED, staged=True)
def _lut(given: Given, lut: str) -> Keys:
    return {"lut": integers("lut", lut)}
