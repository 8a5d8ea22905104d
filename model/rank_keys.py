"""The keys of rank filters as people give them, and what a filter holds of them: ``rank``, counted
from the least sample, and ``footprint``."""

import operator
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from .errors import InputError, shorten
from .kernels.kernel import number
from .keys import VERBS
from .operations.footprint import Footprint, parse_footprint, rectangle
from .sample import Sample


__all__ = ["settle"]

#: Keys that stand beside some of them.
COMPANIONS = {"size": ("rank", "percentile"), "footprint": ("rank", "percentile"),
              "iterations": ("erode", "dilate")}

#: The largest window of a rank other than the least and the greatest.
LARGEST_RANKED = 15
#: Keys of sums, and the one value that leaves samples as they are.
_OF_SUMS = {"operation": "correlate", "shift": 0, "offset": 0, "rounding": "half-up",
            "coefficients": "constant", "coefficient_bits": 8}


def settle(keys: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys with ``rank`` and ``footprint`` in place of all others of a rank filter.

    Where samples outside the frame are to be ignored, as by ``erode`` and ``dilate``, a constant
    border of the greatest or the least sample does that.

    Raises
    ------
    :exc:`InputError`
        If the keys say more than one thing to do with a window, or something impossible.
    """
    settled = dict(keys)
    verbs = [verb for verb in VERBS if verb in settled]
    if len(verbs) > 1:
        raise InputError(f"keys {verbs[0]!r} and {verbs[1]!r} are both given; a filter has one of "
                         f"{', '.join(VERBS)}")
    verb = verbs[0] if verbs else ""
    for key, wanted in COMPANIONS.items():
        if key in settled and verb not in wanted:
            raise InputError(f"{key} {shorten(settled[key])} belongs beside {' or '.join(wanted)}"
                             + (f", not beside {verb}" if verb else "")
                             + ("; a frame has width and height" if key == "size" else ""))
    if verb in ("", "kernel", "kernels"):
        return settled
    value = settled.pop(verb)
    if verb in ("erode", "dilate"):
        footprint = parse_footprint(value, source=verb)
        settled |= _ignoring(settled, verb)
        footprint = _repeated(footprint, settled, verb)
    elif verb == "median":
        footprint = parse_footprint(value, source=verb)
    else:
        footprint = _footprint(settled, verb)
    cells = sum(map(sum, footprint))
    rank = {"median": lambda: cells // 2, "erode": lambda: 0, "dilate": lambda: cells - 1,
            "rank": lambda: _rank(value, cells),
            "percentile": lambda: _percentile(value, cells)}[verb]()
    height, width = len(footprint), len(footprint[0])
    if max(height, width) > LARGEST_RANKED and 0 < rank < cells - 1:
        raise InputError(
            f"{verb} {shorten(value)} has a window of {height}x{width}; at most {LARGEST_RANKED}x"
            f"{LARGEST_RANKED} are sorted, and more only for the least and the greatest sample")
    for key, only in _OF_SUMS.items():
        given = settled.get(key, only)
        if isinstance(given, (int, str)) and given != only:
            raise InputError(f"{key} {shorten(given)} means nothing to {verb}, which takes samples "
                             "as they are: leave it out")
    return settled | {"rank": rank, "footprint": footprint}


def _footprint(settled: dict[str, Any], verb: str) -> Footprint:
    given = {key: settled.pop(key) for key in ("size", "footprint") if key in settled}
    if len(given) != 1:
        raise InputError(f"{verb} needs size or footprint beside it" if not given else
                         f"size and footprint are both given beside {verb}; give one")
    (key, value), = given.items()
    return parse_footprint(value, source=key)


def _rank(value: object, cells: int) -> int:
    rule = f"an integer from {-cells} to {cells - 1}, as its footprint has {cells} cells"
    try:
        rank = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise InputError(f"rank must be {rule}, not {shorten(value)}") from None
    if isinstance(value, bool) or not -cells <= rank < cells:
        raise InputError(f"rank must be {rule}, not {shorten(value)}")
    return rank % cells


def _percentile(value: object, cells: int) -> int:
    """As ``scipy.ndimage.percentile_filter``: rounded down, and below 0 counted from 100."""
    real = number(value) if isinstance(value, str) else value
    share = float(real) if isinstance(real, (int, float, Fraction)) else 101.0
    share += 100.0 * (share < 0)
    if isinstance(value, bool) or not 0 <= share <= 100:
        raise InputError(f"percentile must be a number from -100 to 100, not {shorten(value)}")
    return cells - 1 if share == 100 else int(float(cells) * share / 100.0)


def _ignoring(settled: Mapping[str, Any], verb: str) -> dict[str, Any]:
    """The border of ``erode`` and ``dilate`` where nobody gave one."""
    if "border" in settled:
        return {}
    pixel = Sample.parse(settled.get("pixel", "u8"), key="pixel", limit=16)
    value = pixel.maximum if verb == "erode" else pixel.minimum
    return {"border": "constant", "border_value": settled.get("border_value", value)}


def _repeated(footprint: Footprint, settled: dict[str, Any], verb: str) -> Footprint:
    """The footprint that does in one step what ``iterations`` do.

    A rectangle moved over a rectangle is a larger one. At a border that repeats the frame's edge or
    holds one value the steps see what the one does; elsewhere, and for other footprints, not.
    """
    count = settled.pop("iterations", 1)
    if type(count) is not int or count < 1:
        raise InputError(f"iterations must be an integer of at least 1, not {shorten(count)}")
    if count == 1:
        return footprint
    rows, columns = ((len(each) - 1) * count + 1 for each in (footprint, footprint[0]))
    if footprint != rectangle(len(footprint), len(footprint[0])):
        raise InputError(f"iterations {count} need a rectangle for {verb}; of other shapes they "
                         "are a pipeline of as many stages")
    if settled.get("border") not in ("constant", "replicate"):
        raise InputError(f"iterations {count} need the border constant or replicate, not "
                         f"{shorten(settled['border'])}: each step would have a border of its own")
    anchor = settled.get("anchor", (len(footprint) // 2, len(footprint[0]) // 2))
    if isinstance(anchor, (list, tuple)) and all(type(cell) is int for cell in anchor):
        settled["anchor"] = [cell * count for cell in anchor]
    return parse_footprint([rows, columns], source=f"{verb} of {count} iterations")
