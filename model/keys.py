"""The keys of a filter as one table: :data:`TABLE`, with a row for each.

The constructor, files, messages, the command line's flags and the documents read it. A new key is a
row, and for type checkers a line of :class:`FilterKeys` and one of
:class:`~windrow.model.filter.Filter`.
"""

import re
from collections.abc import Mapping, Sequence
from textwrap import indent, wrap
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict

from . import checks
from .borders import BORDERS
from .checks import CONTROLS, LARGEST_SIZE, PADDINGS, Check
from .nodes import ROUNDINGS
from .sample import Sample
from .sides import Sides


if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = [
    "ABOUT", "INPUT_FIFOS", "KEYS", "LARGEST_CHANNELS", "LARGEST_SHIFT", "OPERATIONS", "OVERFLOWS",
    "PASSING_KEYS", "PIXELS_PER_CLOCK", "TABLE", "VERBS", "FilterKeys", "Key", "describe",
]

OPERATIONS = ("correlate", "convolve")
OVERFLOWS = ("saturate", "wrap", "abs-saturate")
PIXELS_PER_CLOCK = (1, 2, 4, 8)
#: Depths of the asynchronous input FIFO, in beats. Its Gray-coded addresses want powers of two.
INPUT_FIFOS = (0, *(1 << bits for bits in range(3, 13)))
#: The greatest number of planes: a bound on the width of a beat, far above what pictures need.
LARGEST_CHANNELS = 64
#: The greatest shift, and so the most fraction bits.
LARGEST_SHIFT = 31

#: What a key can be about.
ABOUT = {
    "operation": "what is made of a window",
    "frame": "the frame and its border",
    "arithmetic": "arithmetic",
    "build": "registers and clocks",
}


class Key(NamedTuple):
    """A row of the table.

    Attributes
    ----------
    name : :class:`str`
        As in files.
    about : :class:`str`
        A key of :data:`ABOUT`.
    metavar : :class:`str`
        What the flag calls its value; empty where there is no flag.
    reads : :class:`str`
        How the flag reads its text: see :mod:`windrow.filter_flags`.
    help : :class:`str`
        What it is, in a sentence.
    default : value, or a function of the filter
        What it is where nobody gives it. A function has the keys that stand above.
    words : :class:`str`
        The default, where the value does not say it.
    check : callable or ``None``
        See :mod:`~windrow.model.checks`. ``None``: the key only helps to make a filter, which does
        not keep it.
    """

    name: str
    about: str
    metavar: str
    reads: str
    help: str
    default: Any = None
    words: str = ""
    check: Check | None = None

    def default_of(self, filter: Any) -> Any:
        """The default, of a filter as far as it is made."""
        return self.default(filter) if callable(self.default) else self.default

    @property
    def default_words(self) -> str:
        """The default, as text."""
        return self.words or str(self.default)


TABLE = (
    Key("kernel", "operation", "KERNEL", "kernel",
        "a name such as gaussian:ksize=5 (see `windrow kernels`), rows such as "
        '"1 2 1; 2 4 2; 1 2 1", or a matrix from 1x1 to 31x31 of integers or reals; as a flag also '
        "a .json, .csv, .txt, .mat or .npy file",
        (), "needed, or another verb", checks.kept),
    Key("kernels", "operation", "NAME=KERNEL", "kernels",
        "a bank, names with their kernels: one window, and the outputs side by side as channels; "
        "as a flag, given once for each kernel",
        (), "none", checks.kept),
    Key("kernel_bits", "operation", "BITS", "integer",
        f"fraction bits that a real-valued kernel is quantised to, 0 to {LARGEST_SHIFT}",
        words="as many as give its greatest entry 12 significant bits, at least 12"),
    Key("median", "operation", "SIZE", "plain",
        "the middle sample of a window: 3, or 5,3 for rows and columns, or a footprint",
        words="none"),
    Key("rank", "operation", "INDEX", "integer",
        "the sample at this place of a footprint's in ascending order: 0 is the least, -1 the "
        "greatest",
        0, "none", checks.kept),
    Key("percentile", "operation", "NUMBER", "plain",
        "the sample of a footprint with so many of a hundred below it, as scipy counts",
        words="none"),
    Key("erode", "operation", "SHAPE", "plain",
        "the least sample of a structuring element: 3, or 5,3, ellipse:ksize=5, cross, rect, "
        "diamond, or rows of 0 and 1; outside the frame nothing counts unless a border is given",
        words="none"),
    Key("dilate", "operation", "SHAPE", "plain",
        "the greatest sample of a structuring element, as for erode", words="none"),
    Key("iterations", "operation", "COUNT", "integer",
        "how often a rectangle erodes or dilates", words="1"),
    Key("size", "operation", "", "",
        "for rank and percentile: a footprint that is a square, 3, or a rectangle, [rows, columns]",
        words="none"),
    Key("footprint", "operation", "SHAPE", "plain",
        "for rank and percentile: the cells of the window that count, a size or a shape as for "
        "erode",
        (), "none", checks.kept),
    Key("preset", "operation", "NAME", "plain",
        "compute as a library's function does: cv2.GaussianBlur:ksize=5 (see `windrow presets`)",
        words="none"),
    Key("operation", "operation", "NAME", "plain",
        "correlate, or convolve, which flips the kernel in both axes",
        "correlate", check=checks.choice(OPERATIONS)),
    Key("width", "frame", "PIXELS", "integer",
        f"width of the input frame in pixels, at least the window's, at most {LARGEST_SIZE}",
        words="needed", check=checks.frame_size),
    Key("height", "frame", "PIXELS", "integer", "height of the input frame, likewise",
        words="needed", check=checks.frame_size),
    Key("pixel", "frame", "SAMPLE", "plain",
        "input sample, unsigned or in two's complement: u1..u16 or s2..s16",
        "u8", check=checks.sample(16)),
    Key("channels", "frame", "COUNT", "integer",
        f"planes filtered side by side: 3 for RGB, at most {LARGEST_CHANNELS}",
        1, check=checks.integer(1, LARGEST_CHANNELS)),
    Key("anchor", "frame", "ROW,COLUMN", "integers",
        "cell of the window on the output pixel; to convolve, counted in the flipped kernel",
        lambda filter: (filter.kernel_height // 2, filter.kernel_width // 2), "the middle",
        checks.anchor),
    Key("padding", "frame", "PADDING", "name_or_integers",
        f"{', '.join(PADDINGS)}, or rows and columns added on each side: top, bottom, left, right",
        "same", check=checks.padding),
    Key("border", "frame", "NAME", "name_or_sides",
        f"{', '.join(BORDERS)}, or a name for each side: top, bottom, left, right",
        "replicate", check=checks.border),
    Key("border_value", "frame", "SAMPLE", "integer", "sample of a constant border",
        0, check=checks.border_value),
    Key("shift", "arithmetic", "BITS", "integer",
        f"the sum is divided by 2**shift, 0 to {LARGEST_SHIFT}",
        0, "what the kernel's name says, or 0", checks.integer(0, LARGEST_SHIFT)),
    Key("offset", "arithmetic", "INTEGER", "integer",
        "added to the result before rounding, in output units", 0, check=checks.integer()),
    Key("rounding", "arithmetic", "NAME", "plain", ", ".join(ROUNDINGS),
        "half-up", check=checks.choice(ROUNDINGS)),
    Key("overflow", "arithmetic", "NAME", "plain",
        "saturate, wrap, or abs-saturate, the absolute value saturated",
        "saturate", check=checks.choice(OVERFLOWS)),
    Key("output", "arithmetic", "SAMPLE", "plain",
        "output sample, as pixel, up to 32 bits; the file is --out",
        lambda filter: filter.pixel, "as pixel", checks.sample(32)),
    Key("pixels_per_clock", "build", "COUNT", "integer",
        "pixels in a beat: 1, 2, 4 or 8; the width need be no multiple of it",
        1, check=checks.one_of(PIXELS_PER_CLOCK, "one of 1, 2, 4, 8")),
    Key("clocks_per_pixel", "build", "COUNT", "integer",
        "clock cycles for each pixel, 1 to 1024, where the clock is that much faster",
        1, check=checks.clocks_per_pixel),
    Key("control", "build", "NAME", "plain",
        "none, or axi4-lite: a register port to change the filter while it runs",
        "none", check=checks.choice(CONTROLS)),
    Key("coefficients", "build", "NAME", "plain",
        "constant, or runtime, in registers, which needs control",
        "constant", check=checks.coefficients),
    Key("coefficient_bits", "build", "BITS", "integer",
        "width of a run-time coefficient, in two's complement, 2 to 32",
        lambda filter: max(checks.least_coefficient_bits(filter), 8),
        "8, or what the kernel needs", checks.coefficient_bits),
    Key("max_width", "build", "PIXELS", "integer",
        "the widest frame that the registers can ask for",
        lambda filter: filter.width, "width", checks.largest),
    Key("max_height", "build", "PIXELS", "integer", "the tallest frame, likewise",
        lambda filter: filter.height, "height", checks.largest),
    Key("input_fifo", "build", "BEATS", "integer",
        "depth of an asynchronous FIFO, in beats, so that the input has a clock of its own: a "
        "power of two from 8 to 4096, or 0 for none",
        0, check=checks.one_of(INPUT_FIFOS, "0 or a power of two from 8 to 4096")),
)

#: The keys that a filter keeps, in the order of the table.
KEYS = tuple(key.name for key in TABLE if key.check)
#: Those that only help to make one.
PASSING_KEYS = tuple(key.name for key in TABLE if not key.check)
#: What is made of a window: a filter has exactly one of these.
VERBS = ("kernel", "kernels", "median", "rank", "percentile", "erode", "dilate")


class FilterKeys(TypedDict, total=False):
    """The keys of a filter and what the constructor takes for them."""

    kernel: "npt.ArrayLike"
    kernels: "Mapping[str, npt.ArrayLike]"
    kernel_bits: int
    median: "npt.ArrayLike"
    rank: int
    percentile: float
    erode: "npt.ArrayLike"
    dilate: "npt.ArrayLike"
    iterations: int
    size: int | Sequence[int]
    footprint: "npt.ArrayLike"
    preset: str
    operation: str
    width: int
    height: int
    pixel: str | Sample
    channels: int
    anchor: Sequence[int]
    padding: str | Sequence[int]
    border: str | Sides[str] | Mapping[str, str]
    border_value: int
    shift: int
    offset: int
    rounding: str
    overflow: str
    output: str | Sample
    pixels_per_clock: int
    clocks_per_pixel: int
    control: str
    coefficients: str
    coefficient_bits: int
    max_width: int
    max_height: int
    input_fifo: int


def describe() -> str:
    """The table as the parameters of a docstring."""
    lines = []
    for key in TABLE:
        kind = FilterKeys.__annotations__[key.name]
        kind = kind.__name__ if isinstance(kind, type) else getattr(kind, "__forward_arg__", kind)
        kind = re.sub(r"\w+\.", "", str(kind))
        text = f"{key.help[0].upper()}{key.help[1:]}. Default: {key.default_words}."
        lines += [f"    {key.name} : {kind}", *(indent(line, 8 * " ") for line in wrap(text, 92))]
    return "\n".join(lines)
