"""The filter as data: one validated, immutable value."""

import functools
import operator
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, ClassVar, Self, TypedDict, Unpack, cast

import numpy as np
import numpy.typing as npt

from . import golden, kernel_keys, rank_keys
from .borders import BORDERS
from .errors import InputError, nearest, shorten
from .files import format_json, format_toml, read_keys
from .format import Format
from .interval import Interval, hull
from .kernel import Matrix, integer_matrix
from .kernel_keys import LARGEST_SHIFT, KernelError
from .nodes import ROUNDINGS
from .operations import Correlate, Footprint, Operation, Rank
from .requantisation import Requantisation
from .sample import Sample
from .sides import Sides
from .window import Window


__all__ = [
    "BORDERS",
    "COEFFICIENTS",
    "CONTROLS",
    "KEYS",
    "LARGEST_SIZE",
    "OPERATIONS",
    "OVERFLOWS",
    "PADDINGS",
    "PIXELS_PER_CLOCK",
    "ROUNDINGS",
    "Filter",
]

OPERATIONS = ("correlate", "convolve")
PADDINGS = ("same", "valid", "full")
OVERFLOWS = ("saturate", "wrap", "abs-saturate")
PIXELS_PER_CLOCK = (1, 2, 4, 8)
CONTROLS = ("none", "axi4-lite")
COEFFICIENTS = ("constant", "runtime")
#: Width of a register, in bits: offsets and coefficients that are in one have no more.
REGISTER_BITS = 32
#: Depths of the asynchronous input FIFO, in beats. Its Gray-coded addresses want powers of two.
INPUT_FIFOS = (0, *(1 << bits for bits in range(3, 13)))
#: The greatest number of clock cycles for a pixel: more than the largest kernel has products.
LARGEST_CLOCKS_PER_PIXEL = 1024

#: The greatest width and height of a frame, in pixels.
LARGEST_SIZE = 16384
#: The greatest number of planes: a bound on the width of a beat, far above what pictures need.
LARGEST_CHANNELS = 64
#: Samples that the model works on at a time: they stay in a processor's cache.
_STRIP_SAMPLES = 1 << 18
#: Width in bits of the exact sum (two's complement, with offset and rounding).
SUM_BITS = 63

_TWO_REFLECTIONS = (
    "means two different things: choose 'symmetric' (cba|abcd|dcb: scipy.ndimage's reflect, "
    "OpenCV's BORDER_REFLECT) or 'reflect101' (dcb|abcd|cba: scipy.ndimage's mirror, numpy's and "
    "PyTorch's reflect, OpenCV's BORDER_REFLECT_101)"
)
_NO_WRAP = (
    "cannot be streamed: it needs a frame's last rows before its first; "
    f"choose from {', '.join(BORDERS)}"
)
#: What libraries call a border, in small letters and without what stands before, and what to write.
BORDER_ADVICE = {
    "reflect": _TWO_REFLECTIONS,
    "mirror": _TWO_REFLECTIONS,
    "wrap": _NO_WRAP,
    "circular": _NO_WRAP,
    "grid-wrap": _NO_WRAP,
    "border_wrap": _NO_WRAP,
    "3": f"is OpenCV's BORDER_WRAP, which {_NO_WRAP}",
    **{
        name: f"is called {border!r} here: write {border}"
        for border, names in {
            "constant": "border_constant 0 zero zeros zero_padding fill grid-constant",
            "replicate": "border_replicate 1 nearest edge clamp replication repeat extend",
            "symmetric": "border_reflect 2 symm grid-mirror",
            "reflect101": "border_reflect_101 border_reflect101 border_default 4 reflect_101 "
                          "reflect-101",
        }.items()
        for name in names.split()
    },
}


#: What a key is where nobody gives it. ``anchor`` is the kernel's middle, ``output`` is ``pixel``,
#: ``coefficient_bits`` what the kernel needs, ``max_width`` and ``max_height`` the frame's size.
DEFAULTS: dict[str, Any] = {
    "pixel": "u8",
    "channels": 1,
    "operation": "correlate",
    "padding": "same",
    "border": "replicate",
    "border_value": 0,
    "shift": 0,
    "offset": 0,
    "rounding": "half-up",
    "overflow": "saturate",
    "pixels_per_clock": 1,
    "clocks_per_pixel": 1,
    "control": "none",
    "coefficients": "constant",
    "input_fifo": 0,
}
REQUIRED = ("kernel", "width", "height")
#: What a filter may have in place of a kernel, as it keeps it.
_OPERATIONS = ("kernel", "kernels", "rank", "footprint")


class FilterKeys(TypedDict, total=False):
    """The keys of a filter and what the constructor takes for them."""

    kernel: npt.ArrayLike
    kernels: Mapping[str, npt.ArrayLike]
    kernel_bits: int
    median: int | Sequence[int] | str
    rank: int
    percentile: float
    size: int | Sequence[int]
    footprint: npt.ArrayLike
    erode: npt.ArrayLike
    dilate: npt.ArrayLike
    iterations: int
    width: int
    height: int
    pixel: str | Sample
    channels: int
    operation: str
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
    preset: str


@dataclass(frozen=True, init=False)
class Filter:
    """A 2D convolution of a frame, from the input sample to the output sample.

    ``out = overflow(round((sum + offset * 2**shift) / 2**shift))``, where the sum is exact:

    ``sum[y, x] = sum over i, j of taps[i, j] * P[y + i - pads.top, x + j - pads.left]``

    and ``P`` is the frame, extended by its border.

    The constructor takes the keys below, by name, and checks all of them; ``kernel``, ``width`` and
    ``height`` are required, and may be given in this order without their names. The value never
    changes; :meth:`replace` makes another.

    Parameters
    ----------
    kernel : (Kh, Kw) array-like of numbers, or :class:`str`
        Matrix from 1x1 to 31x31, rows as text (``"1 2 1; 2 4 2; 1 2 1"``), or a name of the
        catalogue such as ``"gaussian:ksize=9,sigma=2"``, which sets ``shift`` too unless that is
        given. Reals are quantised: the filter holds integers and a shift, which a ``shift`` that is
        given adds to, and :attr:`kernel_error` says how far they are from the reals.
    kernel_bits : :class:`int`
        Fraction bits to which a real-valued kernel is quantised, 0 to 31. As many as leave 12
        significant bits to its greatest entry, at least 12, unless given. It is not kept.
    width, height : :class:`int`
        The input frame in pixels: at least the kernel's size, at most 16384.
    pixel : :class:`str`, :class:`Sample` or numpy's type
        Input sample: ``u1``..``u16`` or ``s2``..``s16``; ``uint8`` is ``u8``.
    channels : :class:`int`
        Planes that are filtered side by side, 1 to 64.
    operation : :class:`str`
        ``correlate``, or ``convolve``, which flips the kernel in both axes.
    anchor : (:class:`int`, :class:`int`)
        Row and column of the cell of ``taps`` that lies on the output pixel of ``same`` padding.
        (Kh // 2, Kw // 2) unless given.
    padding : :class:`str` or four :class:`int`
        ``same``, ``valid``, ``full``, or (top, bottom, left, right), each less than the kernel's
        size in its direction.
    border : :class:`str`, or table of :class:`str`
        What fills the padding: ``constant``, ``replicate``, ``symmetric`` or ``reflect101``, or one
        for each of ``top``, ``bottom``, ``left`` and ``right`` (a side left out is ``replicate``).
        Four equal sides are stored as the one name.
    border_value : :class:`int`
        Input sample for ``constant``.
    shift : :class:`int`
        The sum is divided by ``2**shift``, 0 to 31. Unless given it is what the catalogue says of
        the kernel, or 0.
    offset : :class:`int`
        Added before rounding, in output units. At most 32 bits where there is a register port.
    rounding : :class:`str`
        ``floor``, ``half-up``, ``half-even``, ``half-away`` or ``toward-zero``.
    overflow : :class:`str`
        ``saturate``, ``wrap`` or ``abs-saturate`` (absolute value, saturated).
    output : :class:`str` or :class:`Sample`
        Output sample: as ``pixel``, up to 32 bits. The same as ``pixel`` unless given.
    pixels_per_clock : :class:`int`
        1, 2, 4 or 8.
    clocks_per_pixel : :class:`int`
        Clock cycles for each pixel, 1 to 1024, where the clock is that many times as fast as the
        pixels: a multiplier can then make as many products. 1 where ``pixels_per_clock`` is more.
    control : :class:`str`
        ``none``, or ``axi4-lite``: a register port, through which the filter is changed while it
        runs. The other keys say what it does after a reset.
    coefficients : :class:`str`
        ``constant``, or ``runtime``: the kernel is in registers and each product takes a
        multiplier. That needs a register port.
    coefficient_bits : :class:`int`
        Width of a run-time coefficient, in two's complement: 2 to 32. 8, or what the kernel needs,
        unless given.
    max_width, max_height : :class:`int`
        The largest frame that the registers can ask for, in pixels. ``width`` and ``height``
        unless given; more needs a register port.
    input_fifo : :class:`int`
        Beats of an asynchronous FIFO in front of the core, a power of two from 8 to 4096, so that
        the input has a clock of its own. 0: there is none, and the input has the core's clock.
    preset : :class:`str`
        Name of a library function, such as ``cv2.blur:ksize=3``, that gives every key that is not
        given itself: see :mod:`windrow.model.presets`. It is not kept.

    Raises
    ------
    :exc:`InputError`
        If a key is unknown, a required one is missing or a value is impossible; the message names
        the key, the value and what is allowed.
    """

    kernel: Matrix
    kernels: tuple[tuple[str, Matrix], ...]
    rank: int
    footprint: Footprint
    width: int
    height: int
    pixel: Sample
    channels: int
    operation: str
    anchor: tuple[int, int]
    padding: str | tuple[int, int, int, int]
    border: str | Sides[str]
    border_value: int
    shift: int
    offset: int
    rounding: str
    overflow: str
    output: Sample
    pixels_per_clock: int
    clocks_per_pixel: int
    control: str
    coefficients: str
    coefficient_bits: int
    max_width: int
    max_height: int
    input_fifo: int

    _kernel_error: ClassVar[KernelError | None]  # each filter has one of its own, beside the keys

    def __init__(self, *frame: Any, **keys: Unpack[FilterKeys]) -> None:
        given, error = _complete(_by_name(frame, keys))
        pixel = _sample("pixel", given["pixel"], 16)

        def keep(key: str, value: object) -> None:
            object.__setattr__(self, key, value)

        keep("_kernel_error", error)
        keep("kernel", integer_matrix(given["kernel"]) if "kernel" in given else ())
        keep("kernels", given.get("kernels", ()))
        keep("rank", given.get("rank", 0))
        keep("footprint", given.get("footprint", ()))
        keep("operation", _choice("operation", given["operation"], OPERATIONS))
        size = self.applied.height, self.applied.width
        window = "kernel" if self.kernel else "window"
        keep("width", _frame_size("width", given["width"], size[1], window))
        keep("height", _frame_size("height", given["height"], size[0], window))
        keep("pixel", pixel)
        keep("channels", _integer("channels", given["channels"], 1, LARGEST_CHANNELS))
        keep("anchor", _anchor(given.get("anchor", (size[0] // 2, size[1] // 2)), size))
        keep("padding", _padding(given["padding"], size))
        keep("border", _border(given["border"]))
        keep("border_value", _border_value(given["border_value"], pixel))
        keep("shift", _integer("shift", given["shift"], 0, LARGEST_SHIFT))
        keep("offset", _integer("offset", given["offset"]))
        keep("rounding", _choice("rounding", given["rounding"], ROUNDINGS))
        keep("overflow", _choice("overflow", given["overflow"], OVERFLOWS))
        keep("output", _sample("output", given.get("output", pixel), 32))
        keep("pixels_per_clock", _pixels_per_clock(given["pixels_per_clock"]))
        keep("clocks_per_pixel", _clocks_per_pixel(given["clocks_per_pixel"],
                                                   self.pixels_per_clock))
        keep("control", _choice("control", given["control"], CONTROLS))
        keep("coefficients", _coefficients(given["coefficients"], self.registers))
        kernels = self.applied.kernels if isinstance(self.applied, Correlate) else (((0,),),)
        keep("coefficient_bits", _coefficient_bits(given.get("coefficient_bits"), kernels,
                                                   self.registers))
        keep("max_width", _largest("width", given.get("max_width"), self.width, self.registers))
        keep("max_height", _largest("height", given.get("max_height"), self.height, self.registers))
        keep("input_fifo", _input_fifo(given["input_fifo"]))
        self._check_registers()
        self._check_sum()

    @property
    def _operation(self) -> tuple[str, ...]:
        """The keys that say what becomes of each window."""
        return ("kernel",) if self.kernel else ("kernels",) if self.kernels else _OPERATIONS[2:]

    @property
    def kernel_error(self) -> KernelError | None:
        """How far the kernel is from the real-valued one that was given; ``None`` of integers.

        It is no key: filters of equal integers are equal, and no file holds it.
        """
        return self._kernel_error

    def _check_registers(self) -> None:
        """Refuse a filter whose own settings its registers cannot hold."""
        if self.registers and not self.kernel:
            raise InputError(f"control {self.control!r} has no registers for "
                             f"{self._operation[0]}: leave it out")
        most = (1 << REGISTER_BITS - 1) - 1
        if self.registers and not -most - 1 <= self.offset <= most:
            raise InputError(
                f"offset {shorten(self.offset)} does not fit a register; with control "
                f"{self.control!r} it must be from {-most - 1} to {most}"
            )

    def _check_sum(self) -> None:
        """Refuse a filter whose sum, with offset and rounding, needs more than 63 bits."""
        low, high = self.sum_range
        offset = self.offset << self.shift
        half = (1 << self.shift) >> 1
        low, high = min(low, low + offset - half), max(high, high + offset + half)
        bits = max((-low - 1).bit_length(), high.bit_length()) + 1
        if bits > SUM_BITS:
            raise InputError(
                f"{self._operation[0]} with pixel {self.pixel}, offset {shorten(self.offset)} and "
                f"shift {self.shift} needs a sum of {bits} bits; at most {SUM_BITS} are allowed"
            )

    @classmethod
    def from_dict(cls, keys: Mapping[str, Any]) -> Self:
        """Make a filter of keys and values as a TOML or JSON file holds them."""
        if not isinstance(keys, Mapping):
            raise InputError(f"a filter must be a table of keys, not {shorten(keys)}")
        for key in keys:
            _check_known(key, keys[key])
        return cls(**cast(FilterKeys, dict(keys)))

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """Read a filter from a ``.toml`` or ``.json`` file.

        Raises
        ------
        :exc:`InputError`
            If the file cannot be read, is not well-formed or holds no legal filter.
        """
        return cls.from_dict(read_keys(path))

    def to_dict(self) -> dict[str, Any]:
        """Return every key with its value in plain JSON types, no default left out."""
        border = self.border
        operation: dict[str, Any] = {}
        if self.kernel:
            operation["kernel"] = [list(row) for row in self.kernel]
        elif self.kernels:
            operation["kernels"] = {name: [list(row) for row in kernel]
                                    for name, kernel in self.kernels}
        else:
            operation["rank"] = self.rank
            operation["footprint"] = [list(map(int, row)) for row in self.footprint]
        return operation | {
            "width": self.width,
            "height": self.height,
            "pixel": str(self.pixel),
            "channels": self.channels,
            "operation": self.operation,
            "anchor": list(self.anchor),
            "padding": self.padding if isinstance(self.padding, str) else list(self.padding),
            "border": border if isinstance(border, str) else border._asdict(),
            "border_value": self.border_value,
            "shift": self.shift,
            "offset": self.offset,
            "rounding": self.rounding,
            "overflow": self.overflow,
            "output": str(self.output),
            "pixels_per_clock": self.pixels_per_clock,
            "clocks_per_pixel": self.clocks_per_pixel,
            "control": self.control,
            "coefficients": self.coefficients,
            "coefficient_bits": self.coefficient_bits,
            "max_width": self.max_width,
            "max_height": self.max_height,
            "input_fifo": self.input_fifo,
        }

    def to_toml(self) -> str:
        """Return :meth:`to_dict` as the text of a TOML file."""
        return format_toml(self.to_dict())

    def to_json(self) -> str:
        """Return :meth:`to_dict` as the text of a JSON file."""
        return format_json(self.to_dict())

    def replace(self, **keys: Any) -> Self:
        """Return the filter with some keys changed, all checked anew.

        The other keys stay as they are: a default that was taken from another key (``anchor`` from
        ``kernel``, ``output`` from ``pixel``) is not taken again. The exception is a new ``kernel``
        of the catalogue, which brings its ``shift``.

        Raises
        ------
        :exc:`InputError`
            If a key is unknown or the new filter is not legal.
        """
        kept = {key: getattr(self, key) for key in KEYS
                if key not in _OPERATIONS or key in self._operation}
        if not {*keys}.isdisjoint(rank_keys.VERBS):
            kept = {key: value for key, value in kept.items() if key not in _OPERATIONS
                    or (key == "footprint" and self.footprint and "size" not in keys
                        and not {*keys}.isdisjoint(rank_keys.COMPANIONS[key]))}
        if "kernel" not in keys and "kernel_bits" in keys:
            raise InputError("kernel_bits needs the real-valued kernel beside it: the filter holds "
                             "the integers only")
        if isinstance(keys.get("kernel"), str) or "kernels" in keys:
            del kept["shift"]
        if not self.runtime_kernel:
            del kept["coefficient_bits"]
        for key, limit in (("width", "max_width"), ("height", "max_height")):
            if kept[limit] == kept[key]:
                del kept[limit]
        made = type(self)(**cast(FilterKeys, kept | keys))
        if ((made.kernel, made.kernels, made.shift) == (self.kernel, self.kernels, self.shift)
                and {*keys}.isdisjoint(rank_keys.VERBS)):
            object.__setattr__(made, "_kernel_error", self._kernel_error)
        return made

    @functools.cached_property
    def applied(self) -> Operation:
        """What becomes of each window."""
        if self.footprint:
            return Rank(self.footprint, self.rank)
        kernels = dict(self.kernels) or {"": self.kernel}
        if self.operation == "convolve":
            kernels = {name: tuple(row[::-1] for row in kernel[::-1])
                       for name, kernel in kernels.items()}
        return Correlate(tuple(kernels.values()), tuple(kernels))

    @property
    def kernel_height(self) -> int:
        """Kh, the rows of the window."""
        return self.applied.height

    @property
    def kernel_width(self) -> int:
        """Kw, the columns of the window."""
        return self.applied.width

    @functools.cached_property
    def taps(self) -> golden.Integers:
        """The one kernel in correlation form, (Kh, Kw), read-only: flipped to convolve."""
        assert self.kernel
        assert isinstance(self.applied, Correlate)
        taps = np.array(self.applied.kernels[0], dtype=np.int64)
        taps.flags.writeable = False
        return taps

    @property
    def pads(self) -> Sides[int]:
        """Rows and columns that the border adds on each side, the anchor taken into account."""
        last_row, last_column = self.kernel_height - 1, self.kernel_width - 1
        match self.padding:
            case "same":
                row, column = self.anchor
                return Sides(row, last_row - row, column, last_column - column)
            case "valid":
                return Sides(0, 0, 0, 0)
            case "full":
                return Sides(last_row, last_row, last_column, last_column)
            case (int(top), int(bottom), int(left), int(right)):
                return Sides(top, bottom, left, right)
        raise AssertionError(self.padding)

    @property
    def borders(self) -> Sides[str]:
        """The border of each side."""
        if isinstance(self.border, str):
            return Sides(self.border, self.border, self.border, self.border)
        return self.border

    @property
    def registers(self) -> bool:
        """Whether there is a register port."""
        return self.control != "none"

    @property
    def runtime_kernel(self) -> bool:
        """Whether the kernel is in registers."""
        return self.coefficients == "runtime"

    @property
    def format(self) -> Format:
        """What the input carries."""
        return Format(self.width, self.height, self.pixel, self.channels, self.pixels_per_clock)

    @property
    def output_format(self) -> Format:
        """What the output carries."""
        return Format(self.output_width, self.output_height, self.output,
                      len(self.applied.outputs) * self.channels, self.pixels_per_clock)

    @property
    def window(self) -> Window:
        """What moves over the frame."""
        return Window(self.kernel_height, self.kernel_width, self.pads, self.borders,
                      self.border_value)

    @property
    def requantisation(self) -> Requantisation:
        """From the sum to the output."""
        return Requantisation(self.shift, self.offset, self.rounding, self.overflow, self.output)

    @property
    def output_height(self) -> int:
        """Rows of the output frame, H + top + bottom - Kh + 1."""
        return self.height + self.pads.top + self.pads.bottom - self.kernel_height + 1

    @property
    def output_width(self) -> int:
        """Columns of the output frame, W + left + right - Kw + 1."""
        return self.width + self.pads.left + self.pads.right - self.kernel_width + 1

    @functools.cached_property
    def ranges(self) -> tuple[Interval, ...]:
        """Exact range of each output over all frames, before the offset; both ends are reached.

        Over all kernels too, where the coefficients are in registers.
        """
        pixel = self.format.interval
        if not self.runtime_kernel:
            return self.applied.ranges(pixel)
        most = 1 << self.coefficient_bits - 1
        return (Interval(-most, most - 1).times(pixel).scale(
            self.kernel_height * self.kernel_width),)

    @property
    def sum_range(self) -> Interval:
        """The least range that holds all of :attr:`ranges`."""
        return hull(self.ranges)

    def compute(self, image: npt.ArrayLike) -> "npt.NDArray[Any]":
        """Filter one frame: the golden model.

        Parameters
        ----------
        image : (height, width) or (height, width, channels) array of integers
            The frame. One channel may be written either way; more need the third axis. A numpy
            array with one more axis in front is a batch of frames, and so is the result.

        Returns
        -------
        (output_height, output_width), with a third axis where ``image`` has one
            The exact output, in the narrowest numpy integer type that holds ``output``.

        Raises
        ------
        :exc:`InputError`
            If the image is no array of integers, has another size than the filter's frame, or has a
            value that is no sample of ``pixel``.
        """
        if isinstance(image, np.ndarray) and len(image.shape) > 2 and len(image) and (
                image.shape not in self._frame_shapes and image.shape[1:] in self._frame_shapes):
            return np.stack([self.compute(each) for each in image])
        frame = self._frame(image)
        planes = frame.shape[2:]
        if len(self.applied.outputs) > 1:
            planes = (self.output_format.channels,)
        result = np.empty((self.output_height, self.output_width, *planes), self.output.dtype)
        for row, exact in self.exact(frame):
            result[row:row + len(exact)] = golden.overflow(exact, self.overflow, self.output)
        return result

    def exact(self, image: npt.ArrayLike) -> Iterator[tuple[int, golden.Integers]]:
        """The rounded results of one frame, before :attr:`overflow` makes them fit the output.

        A few rows at a time, with the number of the first of them, so that a large frame takes no
        more memory than its samples do. As :meth:`compute` otherwise.
        """
        padded = golden.pad(self._frame(image), self.pads, self.borders, self.border_value)
        step = max(1, _STRIP_SAMPLES // padded[0].size)
        for row in range(0, self.output_height, step):
            rows = padded[row:row + step + self.kernel_height - 1].astype(np.int64)
            each = self.applied.compute(rows)
            outputs = each[0] if len(each) == 1 else np.concatenate(
                each if each.ndim == 4 else each[..., None], axis=-1)
            yield row, golden.requantise(
                outputs, shift=self.shift, offset=self.offset, rounding=self.rounding)

    @property
    def _frame_shapes(self) -> list[tuple[int, ...]]:
        """The shapes that a frame may have."""
        planes = (self.height, self.width, self.channels)
        return [planes[:2], planes] if self.channels == 1 else [planes]

    def _frame(self, image: npt.ArrayLike) -> npt.NDArray[np.integer[Any]]:
        try:
            array = np.asarray(image)
        except ValueError:
            raise InputError("image must be an array of integers, not ragged rows") from None
        if array.dtype.kind not in "iu":
            raise InputError(f"image must be an array of integers, not of {array.dtype}")
        if array.shape not in self._frame_shapes:
            raise InputError(
                f"image has the shape {array.shape}; the filter's frame is "
                f"{' or '.join(map(str, self._frame_shapes))}"
            )
        low, high = int(array.min()), int(array.max())
        for value in (low, high):
            if value not in self.pixel:
                raise InputError(
                    f"image has the value {value}; pixel {self.pixel} is from "
                    f"{self.pixel.minimum} to {self.pixel.maximum}"
                )
        return array.astype(self.pixel.dtype)


#: Every key of a filter, in the order of the documentation.
KEYS = tuple(field.name for field in fields(Filter))


#: Keys that only help to make a filter, which does not keep them.
PASSING_KEYS = (
    "preset", "kernel_bits", "median", "percentile", "erode", "dilate", "size", "iterations")


def _by_name(frame: tuple[Any, ...], keys: FilterKeys) -> dict[str, Any]:
    """The keys, with those that were given by their place."""
    if len(frame) > len(REQUIRED):
        raise InputError(f"a filter takes {', '.join(REQUIRED)} without their names, not "
                         f"{len(frame)} values; all other keys are name=value")
    named = dict(zip(REQUIRED, frame, strict=False))
    for key in named:
        if key in keys:
            raise InputError(f"key {key!r} is given twice, with its name and without")
    return {**named, **keys}


def _complete(given: dict[str, Any]) -> tuple[dict[str, Any], KernelError | None]:
    """The keys with the preset's and the kernel's own behind them, and the defaults behind those.

    ``anchor``, ``output``, ``coefficient_bits``, ``max_width`` and ``max_height`` stay out where
    nobody gave them: their defaults are other keys'.
    """
    for key, value in given.items():
        _check_known(key, value)
    given, error = kernel_keys.settle(given)
    if "preset" in given:
        from . import presets  # only here, and it uses the catalogue

        name = given.pop("preset")
        if not isinstance(name, str):
            raise InputError(f"preset must be a name, not {shorten(name)}")
        given = presets.expand(name, given)
    given = rank_keys.settle(given)
    operated = {*_OPERATIONS} & {*given}
    for key in REQUIRED:
        if key not in given and not (key == "kernel" and operated):
            raise InputError(f"key {key!r} is missing; a filter must have it")
    return DEFAULTS | given, error


def _check_known(key: str, value: object) -> None:
    if key not in KEYS and key not in PASSING_KEYS:
        guess = nearest(str(key), [*KEYS, *PASSING_KEYS])
        raise InputError(f"unknown key {shorten(key)} = {shorten(value)}: {guess}")


def _integer(key: str, value: object, low: int | None = None, high: int | None = None) -> int:
    if low is None:
        rule = "an integer"
    elif high is None:
        rule = f"an integer of at least {low}"
    else:
        rule = f"an integer from {low} to {high}"
    if isinstance(value, (bool, np.bool_)):
        raise InputError(f"{key} must be {rule}, not {value!r}")
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise InputError(f"{key} must be {rule}, not {shorten(value)}") from None
    if (low is not None and number < low) or (high is not None and number > high):
        raise InputError(f"{key} must be {rule}, not {shorten(number)}")
    return number


def _frame_size(key: str, value: object, kernel_size: int, window: str) -> int:
    number = _integer(key, value, 1, LARGEST_SIZE)
    if number < kernel_size:
        name = "columns" if key == "width" else "rows"
        raise InputError(
            f"{key} {number} is less than the {window}'s {kernel_size} {name}; "
            f"the frame must be at least as large as the {window}"
        )
    return number


def _choice(key: str, value: object, choices: tuple[str, ...]) -> str:
    if not isinstance(value, str) or value not in choices:
        raise InputError(f"{key} must be one of {', '.join(choices)}, not {shorten(value)}")
    return value


def _sample(key: str, value: object, limit: int) -> Sample:
    return Sample.parse(value, key=key, limit=limit)


def _integers(value: object, count: int) -> list[object] | None:
    """Return the items of an array-like of ``count`` items, or ``None`` where it is none."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, (list, tuple)) and len(value) == count:
        return list(value)
    return None


def _anchor(value: object, size: tuple[int, int]) -> tuple[int, int]:
    cell = _integers(value, 2)
    if cell is None:
        raise InputError(f"anchor must be [row, column], not {shorten(value)}")
    row, column = _integer("anchor row", cell[0]), _integer("anchor column", cell[1])
    if (row, column) == (-1, -1):
        raise InputError("anchor [-1, -1] is OpenCV's word for the centre, where the anchor is "
                         "without the key: leave it out")
    if not (0 <= row < size[0] and 0 <= column < size[1]):
        raise InputError(
            f"anchor {shorten([row, column])} lies outside the {size[0]}x{size[1]} kernel; the row "
            f"must be from 0 to {size[0] - 1} and the column from 0 to {size[1] - 1}"
        )
    return row, column


def _padding(value: object, size: tuple[int, int]) -> str | tuple[int, int, int, int]:
    if isinstance(value, str) and value in PADDINGS:
        return value
    amounts = _integers(value, 4)
    if amounts is None:
        raise InputError(
            f"padding must be one of {', '.join(PADDINGS)} or [top, bottom, left, right], "
            f"not {shorten(value)}"
        )
    limits = Sides(size[0] - 1, size[0] - 1, size[1] - 1, size[1] - 1)
    top, bottom, left, right = (
        _integer(f"padding {side}", amount, 0, limit)
        for side, amount, limit in zip(Sides._fields, amounts, limits, strict=True)
    )
    return top, bottom, left, right


def _border(value: object) -> str | Sides[str]:
    if isinstance(value, str):
        return _border_name("border", value)
    if isinstance(value, Sides):
        value = value._asdict()
    if isinstance(value, int):
        return _border_name("border", value)
    if not isinstance(value, Mapping):
        raise InputError(
            f"border must be one of {', '.join(BORDERS)} or a table of them with "
            f"{', '.join(Sides._fields)}, not {shorten(value)}"
        )
    for side in value:
        if side not in Sides._fields:
            side = str(side)[:60]
            raise InputError(f"unknown key border.{side}: {nearest(side, Sides._fields)}")
    sides = Sides(
        *(_border_name(f"border.{side}", value.get(side, "replicate")) for side in Sides._fields)
    )
    return sides.top if len(set(sides)) == 1 else sides


def _border_name(key: str, value: object) -> str:
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        name = str(value)[:40].lower().rpartition(".")[2] if isinstance(value, str) else str(
            min(max(value, -1), 99))
        if name in BORDER_ADVICE:
            raise InputError(f"{key} {shorten(value)} {BORDER_ADVICE[name]}")
    return _choice(key, value, BORDERS)


def _border_value(value: object, pixel: Sample) -> int:
    number = _integer("border_value", value)
    if number not in pixel:
        raise InputError(
            f"border_value {shorten(number)} is no sample of pixel {pixel}; "
            f"it must be from {pixel.minimum} to {pixel.maximum}"
        )
    return number


def _pixels_per_clock(value: object) -> int:
    number = _integer("pixels_per_clock", value)
    if number not in PIXELS_PER_CLOCK:
        raise InputError(f"pixels_per_clock must be one of 1, 2, 4, 8, not {shorten(number)}")
    return number


def _clocks_per_pixel(value: object, pixels_per_clock: int) -> int:
    number = _integer("clocks_per_pixel", value, 1, LARGEST_CLOCKS_PER_PIXEL)
    if number > 1 and pixels_per_clock > 1:
        raise InputError(
            f"clocks_per_pixel {number} and pixels_per_clock {pixels_per_clock} contradict each "
            "other; one of them must be 1"
        )
    return number


def _coefficients(value: object, registers: bool) -> str:
    name = _choice("coefficients", value, COEFFICIENTS)
    if name == "runtime" and not registers:
        raise InputError("coefficients 'runtime' need registers; control must be one of "
                         f"{', '.join(CONTROLS[1:])}, not 'none'")
    return name


def _coefficient_bits(value: object, kernels: tuple[Matrix, ...], registers: bool) -> int:
    taps = [tap for kernel in kernels for row in kernel for tap in row]
    needed = max(max(tap.bit_length() if tap >= 0 else (-tap - 1).bit_length() for tap in taps) + 1,
                 2)
    # Without registers a kernel may have wider ones, and nothing depends on this key.
    most = REGISTER_BITS if registers else SUM_BITS + 1
    if needed > most:
        rule = (f"with control {CONTROLS[1]!r} at most {most} fit a register" if registers
                else f"at most {most} are allowed")
        greatest = max(taps, key=abs)
        raise InputError(f"kernel has the entry {shorten(greatest)} and needs coefficients of "
                         f"{needed} bits; {rule}")
    bits = _integer("coefficient_bits", max(needed, 8) if value is None else value, 2, most)
    if bits < needed:
        raise InputError(f"coefficient_bits {bits} cannot hold the kernel, which needs {needed}")
    return bits


def _largest(key: str, value: object, size: int, registers: bool) -> int:
    if value is None:
        return size
    number = _integer(f"max_{key}", value, 1, LARGEST_SIZE)
    if number < size:
        raise InputError(f"max_{key} {number} is less than the {key} {size}; it must be at least "
                         "that")
    if number > size and not registers:
        raise InputError(f"max_{key} {number} is more than the {key} {size}, which nothing can "
                         f"change: control must be one of {', '.join(CONTROLS[1:])}, not 'none'")
    return number


def _input_fifo(value: object) -> int:
    number = _integer("input_fifo", value)
    if number not in INPUT_FIFOS:
        raise InputError("input_fifo must be 0 or a power of two from 8 to 4096, not "
                         f"{shorten(number)}")
    return number
