"""Canny's edges: the class of each pixel, and the hysteresis that follows.

The rules are OpenCV's, probed on 4.14 and 5.0: gradients with the edge repeated, magnitudes of 0
outside the frame, directions split at 22.5 degrees in 15 binary places.
"""

import math
from typing import Any

from ..errors import InputError, shorten
from ..sample import Sample
from .compound import Compound, Table


__all__ = ["KEYS", "canny"]

KEYS = ("edges", "lines", "aperture", "L2gradient")

#: tan(22.5 degrees) * 2**15.
_TANGENT = 13573


def canny(compound: Compound) -> list[Table]:
    """Gradients, their size and direction, and the class of each pixel.

    0: no peak across its edge, or not above the lower threshold; 1: weak; 2: above the higher one.
    Edges that are followed are 255: all weak pixels that hang together with a strong one.
    """
    followed = compound.choice("edges", "followed", ("followed", "classes")) == "followed"
    if not followed and "lines" in compound.keys:
        raise InputError(f"lines {shorten(compound.keys['lines'])} means nothing to canny with "
                         "edges classes: none is followed")
    for key in ("output", "overflow"):
        if followed and key in compound.keys:
            raise InputError(f"{key} {shorten(compound.keys[key])} means nothing to canny where "
                             "edges are followed: it gives u8, 255 on an edge")
    aperture = compound.keys.get("aperture", 3)
    if aperture not in (3, 5, 7) or type(aperture) is not int:
        raise InputError(f"aperture must be 3, 5 or 7, not {shorten(aperture)}")
    squared = compound.keys.get("L2gradient", False)
    if squared not in (False, True):
        raise InputError(f"L2gradient must be true or false, not {shorten(squared)}")
    low, high = _thresholds(compound, aperture == 7, squared)

    sample, planes = compound.format.sample, range(compound.format.channels)
    if sample.signed or sample.bits > 8:
        raise InputError(f"canny takes u1..u8, and {compound.source!r} is {sample}")
    largest = sample.maximum * {3: 4, 5: 48, 7: 40}[aperture]

    def length(gx: str, gy: str) -> str:
        return f"{gx} * {gx} + {gy} * {gy}" if squared else f"abs({gx}) + abs({gy})"

    longest = 2 * largest ** (1 + squared)
    gx, gy, peak = map(compound.inner, ("gx", "gy", "peak"))
    gradients = (gx, gy) if len(planes) == 1 else tuple(
        compound.inner(f"{name}_each") for name in ("gx", "gy"))
    signed = str(Sample.holding(-largest, largest))
    tables: list[Table] = [{
        "name": compound.inner("gradient"), "from": compound.source, "border": "replicate",
        "kernels": {name: f"sobel-{way}:ksize={aperture}"
                    for name, way in zip(gradients, "xy", strict=True)},
        "output": signed,
        **({"shift": 4, "rounding": "half-even"} if aperture == 7 else {})}]
    if len(planes) > 1:  # of the first of those with the greatest magnitude
        each = compound.inner("size_each")
        tables.append({"name": each, "expr": length(*gradients),
                       "output": str(Sample.holding(0, longest))})
        for name, every in zip((gx, gy), gradients, strict=True):
            text = f"{every}.{planes[-1]}"
            for plane in reversed(planes[:-1]):
                rest = [f"{each}.{plane} >= {each}.{later}" for later in planes[plane + 1:]]
                text = f"where({' and '.join(rest)}, {every}.{plane}, {text})"
            tables.append({"name": name, "expr": text, "output": signed})
    # Size and direction go together: they are kept in the same lines.
    limit = f"((abs({gx}) * {_TANGENT}) >> 15)"
    tables.append({"name": peak, "output": str(Sample.holding(0, 4 * longest + 3)), "expr": (
        f"(({length(gx, gy)}) << 2) | where({gx} != 0 and abs({gy}) <= {limit}, 0, "
        f"where(abs({gy}) - 2 * abs({gx}) > {limit}, 1, where(({gx} ^ {gy}) >= 0, 2, 3)))")})

    def across(*places: str) -> str:
        """The neighbour in this pixel's direction, of one in each of the four."""
        level, upright, falling, rising = (f"({peak}[{place}] >> 2)" for place in places)
        return (f"where({peak} & 2, where({peak} & 1, {rising}, {falling}), "
                f"where({peak} & 1, {upright}, {level}))")

    # Above the one before, and above the one behind, or equal where that lies on no diagonal.
    size = f"({peak} >> 2)"
    before, behind = across("0, -1", "-1, 0", "-1, -1", "-1, 1"), across(
        "0, 1", "1, 0", "1, 1", "1, -1")
    is_peak = f"{size} > {before} and ((2 * {size}) | (({peak} & 2) == 0)) > 2 * {behind}"
    classes: Table = {"border": "constant", "border_value": 0, "output": "u2", "expr": (
        f"where({size} > {low} and {is_peak}, 1 + ({size} > {high}), 0)")}
    if not followed:
        return [*tables, compound.last(**classes)]
    name = compound.inner("classes")
    return [*tables, {"name": name, **classes},
            {"name": compound.name, "from": name,
             "hysteresis": compound.keys.get("lines", "frame")}]


def _thresholds(compound: Compound, scaled: bool, squared: bool) -> tuple[str, str]:
    """The lower and the higher one as text, of numbers or of parameters.

    Where gradients are ``scaled``, OpenCV divides them and the thresholds by 16.
    """
    value: Any = compound.value
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        value = [None]
    if any(isinstance(each, str) and each in compound.parameters for each in value):
        for each in value:
            if type(each) is not int and each not in compound.parameters:
                raise InputError("canny must be parameters, or integers beside them, not "
                                 f"{shorten(each)}")
        divisor = 16 if scaled else 1
        made = []
        for each in (f"min({value[0]}, {value[1]})", f"max({value[0]}, {value[1]})"):
            limit = f"min({each}, {32767 * divisor})"
            made.append(f"(where({each} > 0, {limit} * {limit}, 0) // {divisor * divisor})"
                        if squared else f"({each} // {divisor})")
        return made[0], made[1]
    if not all(type(each) in (int, float) and math.isfinite(each) for each in value):
        raise InputError("canny must be two thresholds, such as [60, 120], or parameters, not "
                         f"{shorten(compound.value)}")
    ends = [each / 16 if scaled else each for each in (min(value), max(value))]
    if squared:
        ends = [min(each, 32767) ** 2 if each > 0 else each for each in ends]
    return str(math.floor(ends[0])), str(math.floor(ends[1]))
