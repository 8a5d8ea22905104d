"""What a stage can do, as one table: each verb, the keys beside it and the stages it stands for.

A verb of a filter or an expression is a stage as it is. A compound one is written as several of
those, which are named after it: ``edges_erode``. The rules are OpenCV's, probed on 4.14 and 5.0.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..checks import COEFFICIENTS
from ..errors import InputError, shorten
from ..operations.footprint import parse_footprint
from . import bayer, canny
from .colours import conversion
from .compound import RESULT, WINDOW, Compound, Table
from .enlarge import KEYS as ENLARGE_KEYS
from .enlarge import enlarge


__all__ = ["VERBS", "Verb"]

#: Bits of a sample that a table has an entry for each of.
LARGEST_TABLE = 10
#: The most stages that one with ``iterations`` becomes.
MOST_ITERATIONS = 16


@dataclass(frozen=True)
class Verb:
    """A row of the table.

    Parameters
    ----------
    name : :class:`str`
        The key.
    summary : :class:`str`
        What it makes of its source.
    keys : tuple of :class:`str`
        Its own, of a compound one; ``None`` of one that has a filter's.
    shared : tuple of :class:`str`
        Those of every such stage that mean something to it too.
    parts : callable
        Returns the stages that a compound one stands for; ``None``, or none of them, where it is a
        stage itself.
    missing : :class:`str`
        Why it cannot be had, where it cannot.
    """

    name: str
    summary: str
    keys: tuple[str, ...] | None = None
    parts: Callable[[Compound], list[Table]] | None = None
    shared: tuple[str, ...] = (*WINDOW, *RESULT)
    missing: str = ""


def _repeated(compound: Compound) -> list[Table]:
    """As many stages as ``iterations`` says, where one larger window does not do the same."""
    count = compound.keys.get("iterations", 1)
    footprint = parse_footprint(compound.value, source=compound.verb)
    if type(count) is not int or count <= 1 or (
            all(map(all, footprint))
            and compound.keys.get("border", "constant") in ("constant", "replicate")):
        return []
    keys = {key: value for key, value in compound.keys.items() if key != "iterations"}
    inner = {key: value for key, value in keys.items() if key not in RESULT}
    tables, source = [], compound.source
    if count > MOST_ITERATIONS:
        raise InputError(f"iterations must be at most {MOST_ITERATIONS} of what no larger window "
                         f"does in one step, not {shorten(count)}")
    for number in range(1, count):
        tables.append({**inner, "name": compound.inner(f"{compound.verb}_{number}"),
                       "from": source})
        source = tables[-1]["name"]
    return [*tables, {**keys, "name": compound.name, "from": source}]


def _element(compound: Compound) -> Table:
    """How often its structuring element is to be moved; that is refused here, under its own name.
    """
    parse_footprint(compound.value, source=compound.verb)
    return {key: compound.keys[key] for key in ("iterations",) if key in compound.keys}


def _twice(compound: Compound, first: str, second: str) -> list[Table]:
    """One rank filter after the other, each as often as ``iterations`` says."""
    element = _element(compound)
    inner = compound.part(first, **{first: compound.value}, **element)
    outer = compound.part(second, inner["name"], **{second: compound.value}, **element)
    return [inner, {**outer, **compound.last(inner["name"])}]


def _opened(compound: Compound) -> list[Table]:
    return _twice(compound, "erode", "dilate")


def _closed(compound: Compound) -> list[Table]:
    return _twice(compound, "dilate", "erode")


def _inner(compound: Compound, parts: list[Table], name: str) -> tuple[list[Table], str]:
    """The parts of another compound stage as inner ones of this, the last of them with a name."""
    whole = compound.inner(name)
    kept = {key: value for key, value in parts[-1].items() if key not in RESULT}
    return [*parts[:-1], {**kept, "name": whole}], whole


def _gradient(compound: Compound) -> list[Table]:
    element = _element(compound)
    pair = [compound.part(verb, **{verb: compound.value}, **element)
            for verb in ("dilate", "erode")]
    most, least = (part["name"] for part in pair)
    return [*pair, compound.last(expr=f"{most} - {least}")]


def _top_hat(compound: Compound) -> list[Table]:
    parts, opened = _inner(compound, _opened(compound), "open")
    return [*parts, compound.last(expr=f"{compound.source} - {opened}")]


def _black_hat(compound: Compound) -> list[Table]:
    parts, closed = _inner(compound, _closed(compound), "close")
    return [*parts, compound.last(expr=f"{closed} - {compound.source}")]


def _hit_or_miss(compound: Compound) -> list[Table]:
    """Where all cells of 1 are set and all of -1 are not: ``cv2.MORPH_HITMISS``."""
    matrix = compound.value
    if not isinstance(matrix, list) or not matrix or not all(
            isinstance(row, list) and row and all(cell in (-1, 0, 1) for cell in row)
            for row in matrix) or not any(map(any, matrix)):
        raise InputError("hitmiss must be a matrix of 1 (set), -1 (not set) and 0 (either), not "
                         f"all 0, such as [[0, 1, 0], [-1, 1, 1], [-1, -1, 0]], not "
                         f"{shorten(matrix)}")
    sample = compound.format.sample
    parts, found = [], []
    for wanted, what in ((1, "hit"), (-1, "miss")):
        cells = [[int(cell == wanted) for cell in row] for row in matrix]
        if not any(map(any, cells)):
            continue
        source = compound.source
        if what == "miss":
            source = compound.inner("inverse")
            parts.append({"name": source, "output": str(sample),
                          "expr": f"{sample.maximum + sample.minimum} - {compound.source}"})
        parts.append(compound.part(what, source, erode=cells))
        found.append(parts[-1]["name"])
    return [*parts, compound.last(expr=" & ".join(found))]


THRESHOLDS = {
    "binary": "where({x} > {t}, {most}, 0)",
    "binary_inv": "where({x} > {t}, 0, {most})",
    "trunc": "min({x}, {t})",
    "tozero": "where({x} > {t}, {x}, 0)",
    "tozero_inv": "where({x} > {t}, 0, {x})",
}
"""How a threshold is applied, under OpenCV's names."""


def _threshold(compound: Compound) -> list[Table]:
    kind = compound.choice("type", "binary", tuple(THRESHOLDS))
    text = THRESHOLDS[kind].format(x=compound.source, t=compound.whole("threshold"),
                                   most=_most(compound))
    return [compound.last(expr=text)]


def _most(compound: Compound) -> str:
    """The value of what is above a threshold: the greatest sample unless given."""
    return compound.whole("maxval", _integer, compound.format.sample.maximum)


def _integer(value: float) -> int:
    if value != int(value):
        raise InputError(f"maxval must be an integer, not {value!r}")
    return int(value)


def _adaptive_threshold(compound: Compound) -> list[Table]:
    """``cv2.adaptiveThreshold``: against a mean of what is around, less C."""
    size = compound.value
    method = compound.choice("method", "mean", ("mean", "gaussian"))
    most = {"mean": 31, "gaussian": 7}[method]
    if type(size) is not int or size % 2 == 0 or not 3 <= size <= most:
        raise InputError(f"adaptive_threshold must be an odd size from 3 to {most} for method "
                         f"{method}, not {shorten(size)}")
    name = compound.choice("type", "binary", ("binary", "binary_inv"))
    sample = compound.format.sample
    kernel = {"kernel": f"box:ksize={size},bits={sample.bits - sample.signed}"}
    if method == "gaussian":
        kernel = {"kernel": f"gaussian:ksize={size}", "rounding": "half-even"}
    around = compound.part("mean", **kernel)
    relation, rounded = (">", math.ceil) if name == "binary" else ("<=", math.floor)
    expr = (f"where({compound.source} - {around['name']} {relation} "
            f"-({compound.whole('C', rounded, 0)}), {_most(compound)}, 0)")
    return [around, compound.last(expr=expr)]


def _table(compound: Compound) -> list[Table]:
    """An entry for each sample, from the least on."""
    sample, entries = compound.format.sample, compound.value
    if sample.bits > LARGEST_TABLE:
        raise InputError(f"lut takes samples of at most {LARGEST_TABLE} bits, and "
                         f"{compound.source!r} is {sample}")
    if not isinstance(entries, (list, tuple)) or len(entries) != 1 << sample.bits or any(
            type(each) is not int for each in entries):
        raise InputError(f"lut must be a list of {1 << sample.bits} integers, one for each sample "
                         f"of {compound.source!r}, which is {sample}, not {shorten(entries)}")
    index = f"{compound.source} - {sample.minimum}" if sample.signed else compound.source
    compound.choice("entries", COEFFICIENTS[0], COEFFICIENTS)
    return [compound.last(expr=f"lut({index}, {', '.join(map(str, entries))})")]


def _convert(compound: Compound) -> list[Table]:
    texts = conversion(compound.value, compound.source, compound.format)
    return [compound.last(expr=texts if len(texts) > 1 else texts[0])]


_SHAPED = ("iterations", "anchor")

VERBS: Mapping[str, Verb] = {verb.name: verb for verb in (
    Verb("kernel", "the sum of a window's samples times a kernel's entries"),
    Verb("kernels", "a bank: several kernels on one window, each a tap"),
    Verb("median", "the middle one of a window's samples"),
    Verb("rank", "the sample with so many below it; of a size or a footprint"),
    Verb("percentile", "the sample with such a share below it"),
    Verb("erode", "the least sample of a structuring element", None, _repeated),
    Verb("dilate", "the greatest sample of a structuring element", None, _repeated),
    Verb("expr", "what an expression of taps gives", ()),
    Verb("exprs", "several expressions, each a tap", ()),
    Verb("preset", "what a library's function does"),
    Verb("open", "erode, then dilate", _SHAPED, _opened),
    Verb("close", "dilate, then erode", _SHAPED, _closed),
    Verb("gradient", "dilate less erode", _SHAPED, _gradient),
    Verb("tophat", "the source less what open makes of it", _SHAPED, _top_hat),
    Verb("blackhat", "what close makes of the source, less it", _SHAPED, _black_hat),
    Verb("hitmiss", "where all cells of 1 are set and all of -1 are not", (), _hit_or_miss),
    Verb("threshold", "above a threshold or not", ("type", "maxval"), _threshold, RESULT),
    Verb("adaptive_threshold", "above a mean of what is around or not",
         ("method", "C", "type", "maxval"), _adaptive_threshold),
    Verb("lut", "an entry of a table for each sample, from the least sample on", ("entries",),
         _table, RESULT),
    Verb("canny", "Canny's edges, of two thresholds: 255 on an edge; or the classes of pixels",
         canny.KEYS, canny.canny, RESULT),
    Verb("hysteresis", "the edges of classes 0, 1 and 2: frame, which holds a whole frame, or the "
         "lines to look ahead", (),
         shared=()),
    Verb("demosaic", "colours of a sensor's mosaic, rggb, grbg, gbrg or bggr", bayer.KEYS,
         bayer.demosaic, RESULT),
    Verb("convert", "another colour space: rgb2gray, bgr2ycrcb, yuv2rgb, rgb2xyz, bgr2hsv ...", (),
         _convert, RESULT),
    Verb("shrink", "every n-th row and column", (), shared=()),
    Verb("crop", "a rectangle: top, left, height, width", (), shared=()),
    Verb("surround", "rows and columns of its other side around a frame: top, bottom, left, right",
         (), shared=()),
    Verb("enlarge", "each pixel as a block: nearest, linear or binomial", ENLARGE_KEYS, enlarge,
         shared=WINDOW),
    Verb("shuffle", "taps laid out as blocks of pixels: [[\"a\", \"b\"], [\"c\", \"d\"]]", (),
         shared=()),
)}
"""Every verb by its name."""
