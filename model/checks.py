"""What a key's value must be: each check returns the value as a filter keeps it, or refuses it.

A check has the key's name for its messages, the value as it was given, and the filter as far as it
is made: all keys that stand above in the table.
"""

import operator
from collections.abc import Callable, Mapping
from typing import Any

from .borders import BORDERS
from .errors import InputError, nearest, shorten
from .sample import Sample
from .sides import Sides


__all__ = [
    "Check", "anchor", "border", "border_value", "choice", "clocks_per_pixel", "coefficient_bits",
    "coefficients", "frame_size", "integer", "kept", "largest", "least_coefficient_bits", "one_of",
    "padding", "sample",
]

#: From the key's name, its value and the filter so far to the value that is kept.
Check = Callable[[str, Any, Any], Any]

#: The greatest width and height of a frame, in pixels.
LARGEST_SIZE = 16384
#: Width of a register, in bits: offsets and coefficients that are in one have no more.
REGISTER_BITS = 32
#: Width in bits of the exact sum (two's complement, with offset and rounding).
SUM_BITS = 63

_TWO_REFLECTIONS = (
    "means two different things: choose 'symmetric' (cba|abcd|dcb: scipy.ndimage's reflect, "
    "OpenCV's BORDER_REFLECT) or 'reflect101' (dcb|abcd|cba: scipy.ndimage's mirror, numpy's and "
    "PyTorch's reflect, OpenCV's BORDER_REFLECT_101)"
)
_NO_WRAP = (
    "cannot be streamed: it needs a frame's last rows before its first; "
    f"choose from {', '.join(BORDERS)}; on all sides a stage of a pipeline can have it, out of a "
    "memory of two frames"
)
#: What libraries call a border, in small letters and without what stands before, and what to write.
BORDER_ADVICE = {
    "reflect": _TWO_REFLECTIONS,
    "mirror": _TWO_REFLECTIONS,
    "wrap": _NO_WRAP,
    **{
        name: f"is called {border!r} here: write {border}"
        for border, names in {
            "constant": "border_constant 0 zero zeros zero_padding fill grid-constant",
            "replicate": "border_replicate 1 nearest edge clamp replication repeat extend",
            "symmetric": "border_reflect 2 symm grid-mirror",
            "reflect101": "border_reflect_101 border_reflect101 border_default 4 reflect_101 "
                          "reflect-101",
            "wrap": "circular grid-wrap border_wrap 3",
        }.items()
        for name in names.split()
    },
}


def kept(key: str, value: Any, filter: Any) -> Any:
    """As it is: of keys that are settled before a filter is made."""
    return value


def integer(low: int | None = None, high: int | None = None) -> Check:
    """An integer from ``low`` to ``high``."""
    return lambda key, value, filter: _integer(key, value, low, high)


def choice(choices: tuple[str, ...]) -> Check:
    """One of some names."""
    return lambda key, value, filter: _choice(key, value, choices)


def one_of(numbers: tuple[int, ...], rule: str) -> Check:
    """One of some integers."""
    def check(key: str, value: Any, filter: Any) -> int:
        number = _integer(key, value)
        if number not in numbers:
            raise InputError(f"{key} must be {rule}, not {shorten(number)}")
        return number

    return check


def sample(limit: int) -> Check:
    """A sample of at most so many bits."""
    return lambda key, value, filter: Sample.parse(value, key=key, limit=limit)


def frame_size(key: str, value: Any, filter: Any) -> int:
    """Width or height: at least the window's."""
    number = _integer(key, value, 1, LARGEST_SIZE)
    least, name = ((filter.kernel_width, "columns") if key == "width" else
                   (filter.kernel_height, "rows"))
    if number < least:
        window = "kernel" if filter.kernel else "window"
        raise InputError(f"{key} {number} is less than the {window}'s {least} {name}; "
                         f"the frame must be at least as large as the {window}")
    return number


def anchor(key: str, value: Any, filter: Any) -> tuple[int, int]:
    """Row and column of a cell of the window."""
    cell = _items(value, 2)
    if cell is None:
        raise InputError(f"anchor must be [row, column], not {shorten(value)}")
    row, column = _integer("anchor row", cell[0]), _integer("anchor column", cell[1])
    if (row, column) == (-1, -1):
        raise InputError("anchor [-1, -1] is OpenCV's word for the centre, where the anchor is "
                         "without the key: leave it out")
    rows, columns = filter.kernel_height, filter.kernel_width
    if not (0 <= row < rows and 0 <= column < columns):
        raise InputError(
            f"anchor {shorten([row, column])} lies outside the {rows}x{columns} "
            f"{'kernel' if filter.kernel else 'window'}; the row must be from 0 to {rows - 1} and "
            f"the column from 0 to {columns - 1}")
    return row, column


#: Paddings that have a name.
PADDINGS = ("same", "valid", "full")


def padding(key: str, value: Any, filter: Any) -> str | tuple[int, int, int, int]:
    """A name, or an amount for each side."""
    if isinstance(value, str) and value in PADDINGS:
        return value
    amounts = _items(value, 4)
    if amounts is None:
        raise InputError(
            f"padding must be one of {', '.join(PADDINGS)} or [top, bottom, left, right], "
            f"not {shorten(value)}")
    rows, columns = filter.kernel_height - 1, filter.kernel_width - 1
    top, bottom, left, right = (
        _integer(f"padding {side}", amount, 0, limit) for side, amount, limit in zip(
            Sides._fields, amounts, (rows, rows, columns, columns), strict=True))
    return top, bottom, left, right


def border(key: str, value: Any, filter: Any) -> str | Sides[str]:
    """A name, or one for each side; four equal ones are that name."""
    if isinstance(value, Sides):
        value = value._asdict()
    if isinstance(value, (str, int)):
        return _border_name("border", value)
    if not isinstance(value, Mapping):
        raise InputError(
            f"border must be one of {', '.join(BORDERS)} or a table of them with "
            f"{', '.join(Sides._fields)}, not {shorten(value)}")
    for side in value:
        if side not in Sides._fields:
            side = str(side)[:60]
            raise InputError(f"unknown key border.{side}: {nearest(side, Sides._fields)}")
    sides = Sides(
        *(_border_name(f"border.{side}", value.get(side, "replicate")) for side in Sides._fields))
    return sides.top if len(set(sides)) == 1 else sides


def border_value(key: str, value: Any, filter: Any) -> int:
    """A sample of the input."""
    number = _integer(key, value)
    if number not in filter.pixel:
        raise InputError(
            f"border_value {shorten(number)} is no sample of pixel {filter.pixel}; "
            f"it must be from {filter.pixel.minimum} to {filter.pixel.maximum}")
    return number


def clocks_per_pixel(key: str, value: Any, filter: Any) -> int:
    """A number of cycles: more than the largest kernel has products is of no use."""
    number = _integer(key, value, 1, 1024)
    if number > 1 and filter.pixels_per_clock > 1:
        raise InputError(
            f"clocks_per_pixel {number} and pixels_per_clock {filter.pixels_per_clock} contradict "
            "each other; one of them must be 1")
    return number


#: What a register port may be.
CONTROLS = ("none", "axi4-lite")
#: Where the kernel is.
COEFFICIENTS = ("constant", "runtime")


def coefficients(key: str, value: Any, filter: Any) -> str:
    """``runtime`` needs registers."""
    name = _choice(key, value, COEFFICIENTS)
    if name in COEFFICIENTS[1:] and not filter.registers:
        raise InputError(f"coefficients {name!r} need registers; control must be one of "
                         f"{', '.join(CONTROLS[1:])}, not {CONTROLS[0]!r}")
    return name


def least_coefficient_bits(filter: Any) -> int:
    """Bits that hold every coefficient of the filter, in two's complement: at least 2."""
    return max([2, *((tap if tap >= 0 else ~tap).bit_length() + 1 for tap in _taps(filter))])


def coefficient_bits(key: str, value: Any, filter: Any) -> int:
    """Enough for the kernel, and no more than a register has."""
    needed = least_coefficient_bits(filter)
    # Without registers a kernel may have wider ones, and nothing depends on this key.
    most = REGISTER_BITS if filter.registers else SUM_BITS + 1
    if needed > most:
        rule = (f"with control {filter.control!r} at most {most} fit a register"
                if filter.registers else f"at most {most} are allowed")
        greatest = max(_taps(filter), key=abs)
        raise InputError(f"kernel has the entry {shorten(greatest)} and needs coefficients of "
                         f"{needed} bits; {rule}")
    bits = _integer(key, value, 2, most)
    if bits < needed:
        raise InputError(f"coefficient_bits {bits} cannot hold the kernel, which needs {needed}")
    return bits


def largest(key: str, value: Any, filter: Any) -> int:
    """The greatest width or height that registers can ask for."""
    size = key.removeprefix("max_")
    own = getattr(filter, size)
    number = _integer(key, value, 1, LARGEST_SIZE)
    if number < own:
        raise InputError(f"{key} {number} is less than the {size} {own}; it must be at least that")
    if number > own and not filter.registers:
        raise InputError(f"{key} {number} is more than the {size} {own}, which nothing can "
                         f"change: control must be one of {', '.join(CONTROLS[1:])}, not "
                         f"{CONTROLS[0]!r}")
    return number


def _taps(filter: Any) -> list[int]:
    return [tap for kernel in filter.matrices for row in kernel for tap in row]


def _integer(key: str, value: object, low: int | None = None, high: int | None = None) -> int:
    rule = "an integer" + ("" if low is None else f" from {low} to {high}")
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        number = None
    if number is None or isinstance(value, bool) or (
            low is not None and high is not None and not low <= number <= high):
        raise InputError(f"{key} must be {rule}, not {shorten(value)}")
    return number


def _choice(key: str, value: object, choices: tuple[str, ...]) -> str:
    if not isinstance(value, str) or value not in choices:
        raise InputError(f"{key} must be one of {', '.join(choices)}, not {shorten(value)}")
    return value


def _items(value: Any, count: int) -> list[object] | None:
    """The items of an array-like of ``count`` items, or ``None`` where it is none."""
    if hasattr(value, "tolist") and not isinstance(value, type):  # numpy's
        value = value.tolist()
    return list(value) if isinstance(value, (list, tuple)) and len(value) == count else None


def _border_name(key: str, value: object) -> str:
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        name = str(value)[:40].lower().rpartition(".")[2] if isinstance(value, str) else str(
            min(max(value, -1), 99))
        if name in BORDER_ADVICE:
            raise InputError(f"{key} {shorten(value)} {BORDER_ADVICE[name]}")
    return _choice(key, value, BORDERS)
