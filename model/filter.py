"""The filter as data: one validated, immutable value."""

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self, Unpack, cast

import numpy as np
import numpy.typing as npt

from . import golden, keys, reading
from .checks import REGISTER_BITS, SUM_BITS
from .errors import InputError, shorten
from .files import format_json, format_toml, read_keys
from .format import Format
from .interval import Interval, hull
from .kernels.kernel import Matrix
from .kernels.kernel_keys import KernelError
from .keys import FilterKeys
from .operations import KINDS, Correlate, Footprint, Operation, kind_of
from .requantisation import Requantisation
from .sample import Sample
from .sides import Sides
from .window import Window


__all__ = ["Filter"]

#: Samples that the model works on at a time: they stay in a processor's cache.
_STRIP_SAMPLES = 1 << 18


@dataclass(frozen=True, init=False)
class Filter:
    """What is made of each window of a frame, from the input sample to the output sample.

    ``out = overflow(round((sum + offset * 2**shift) / 2**shift))``, where the sum is exact:

    ``sum[y, x] = sum over i, j of taps[i, j] * P[y + i - pads.top, x + j - pads.left]``

    and ``P`` is the frame, extended by its border. In place of the sum there may be those of
    several kernels, side by side as channels, or the sample at one place of the window's in
    ascending order.

    The constructor takes the keys below, by name, and checks all of them; ``kernel`` (or what else
    is made of a window), ``width`` and ``height`` are required, and may be given in this order
    without their names. The value never changes; :meth:`replace` makes another.

    Parameters
    ----------
{keys}

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
    operation: str
    width: int
    height: int
    pixel: Sample
    channels: int
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

    def __init__(self, *frame: Any, **given: Unpack[FilterKeys]) -> None:
        settled, error = reading.read(frame, given)
        object.__setattr__(self, "_kernel_error", error)
        for key in keys.TABLE:
            if key.check is not None:
                value = settled[key.name] if key.name in settled else key.default_of(self)
                object.__setattr__(self, key.name, key.check(key.name, value, self))
        self._check_registers()
        self._check_sum()

    @property
    def _operation(self) -> tuple[str, ...]:
        """The keys that say what becomes of each window."""
        return kind_of(self).keys

    @property
    def kernel_error(self) -> KernelError | None:
        """How far the kernel is from the real-valued one that was given; ``None`` of integers.

        It is no key: filters of equal integers are equal, and no file holds it.
        """
        error = self._kernel_error
        return None if error is None or error.named else error

    @property
    def wanted(self) -> "npt.NDArray[np.float64] | None":
        """The real-valued weights that the one kernel stands for, (Kh, Kw), written as it is.

        ``None`` where it was given as integers. It is no key either.
        """
        error = self._kernel_error
        return None if error is None or not error.wanted else np.array(error.wanted)

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
            reading.check_known(key, keys[key])
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
        return {key: {name: _plain(kernel) for name, kernel in self.kernels}
                if key == "kernels" else _plain(getattr(self, key)) for key in self._own}

    @property
    def _own(self) -> list[str]:
        """The keys that mean something to the filter."""
        others = {key for kind in KINDS for key in kind.keys} - {*self._operation}
        return [key for key in keys.KEYS if key not in others]

    def to_toml(self) -> str:
        """Return :meth:`to_dict` as the text of a TOML file."""
        return format_toml(self.to_dict())

    def to_json(self) -> str:
        """Return :meth:`to_dict` as the text of a JSON file."""
        return format_json(self.to_dict())

    def replace(self, **changes: Any) -> Self:
        """Return the filter with some keys changed, all checked anew.

        The other keys stay as they are: a default that was taken from another key (``output`` from
        ``pixel``) is not taken again. What is new of a window brings what belongs to it: a name of
        the catalogue its ``shift``, a ``preset`` all that it says, and an ``anchor`` in the middle
        stays there.

        Raises
        ------
        :exc:`InputError`
            If a key is unknown or the new filter is not legal.
        """
        if "kernel" not in changes and "kernels" not in changes and "kernel_bits" in changes:
            raise InputError("kernel_bits needs the real-valued kernel beside it: the filter holds "
                             "the integers only")
        kept = reading.beside({key: getattr(self, key) for key in self._own}, changes)
        if not self.runtime_kernel:
            kept.pop("coefficient_bits", None)
        if self.anchor == (self.kernel_height // 2, self.kernel_width // 2):
            kept.pop("anchor", None)
        for size in ("width", "height"):
            if getattr(self, size) == getattr(self, f"max_{size}"):
                kept.pop(f"max_{size}", None)
        made = type(self)(**cast(FilterKeys, kept | changes))
        if {*self._operation, "shift"} <= {*kept}:
            object.__setattr__(made, "_kernel_error", self._kernel_error)
        return made

    @functools.cached_property
    def applied(self) -> Operation:
        """What becomes of each window."""
        return kind_of(self).make(self)

    @property
    def matrices(self) -> tuple[Matrix, ...]:
        """All kernels, as they were given; none of a rank filter."""
        return (self.kernel,) if self.kernel else tuple(kernel for _, kernel in self.kernels)

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


def _plain(value: Any) -> Any:
    """A value in JSON's types."""
    match value:
        case Sample():
            return str(value)
        case Sides():
            return value._asdict()
        case tuple():
            return [_plain(item) for item in value]
        case bool():
            return int(value)
    return value


Filter.__doc__ = (Filter.__doc__ or "").replace("{keys}", keys.describe())
