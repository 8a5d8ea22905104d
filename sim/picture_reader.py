"""Pictures and ``.npy`` arrays in files, as frames of a filter."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..model.checks import LARGEST_SIZE
from ..model.errors import InputError
from ..model.keys import LARGEST_CHANNELS
from ..model.sample import Sample
from .picture_decoder import FORMATS, EncodedPicture, reason


__all__ = ["SAMPLES", "Array", "Picture", "find", "load", "open_picture", "read_frames"]

SAMPLES = ("scaled", "low")
"""What the numbers in a picture are: scaled, so that white stays white, or the samples themselves,
in the low bits of the file's."""

_MAGIC = b"\x93NUMPY"
_LUMA = (19595, 38470, 7471)
"""Weights of red, green and blue in grey, of 65536 in all: ITU-R BT.601, as Pillow rounds them."""

Frames = tuple[list[npt.NDArray[Any]], list[str]]
"""Frames, and in words what they lack of the file."""


class Picture:
    """A picture file: one frame."""

    count = 1

    def __init__(self, path: Path) -> None:
        self.path = path
        self._encoded = EncodedPicture(path)
        self.width, self.height = self._encoded.width, self._encoded.height
        self.channels = self._encoded.channels

    def frames(self, *, width: int, height: int, channels: int, pixel: Sample,
               samples: str = "scaled") -> Frames:
        """Decode the picture as a frame.

        Parameters
        ----------
        width, height : :class:`int`
            The size that it must have, in pixels.
        channels : :class:`int`
            1 for grey or 3 for red, green and blue. Grey becomes colour with three equal channels,
            colour grey by the weights of ITU-R BT.601.
        pixel : :class:`~windrow.model.sample.Sample`
            The samples to make.
        samples : :class:`str`
            One of :data:`SAMPLES`.

        Raises
        ------
        :exc:`InputError`
            If it has another size, is damaged, its samples do not fit, or ``channels`` is neither
            1 nor 3.
        """
        _check_size(self, width, height)
        if channels not in (1, 3):
            raise InputError(f"channels must be 1 or 3 to take picture {str(self.path)!r}, not "
                             f"{channels}; a .npy file has any number")
        frame, white, notes = self._encoded.decode()
        if not white or samples == "low":
            frame, white = self._numbers(frame, pixel, samples, notes)
        if channels == 1 and frame.ndim == 3:
            frame = _grey(frame)
            notes.append("colour is taken as grey")
        if white:
            frame = _rescale(frame, white, pixel)
            if white.bit_length() > pixel.bits:
                notes.append(f"{white.bit_length()} bits are taken as {pixel.bits}: the upper ones")
        if channels == 3 and frame.ndim == 2:
            frame = np.repeat(frame[:, :, None], 3, axis=2)
        return [np.ascontiguousarray(frame)], notes

    def _numbers(
        self, numbers: npt.NDArray[Any], pixel: Sample, samples: str, notes: list[str]
    ) -> tuple[npt.NDArray[Any], int]:
        """Samples, and which is white (0: they are final), of numbers that nothing scales."""
        source = f"picture {str(self.path)!r} holds {numbers.dtype}"
        low, high = numbers.min(), numbers.max()
        if numbers.dtype.kind != "f":
            if samples != "low":
                raise InputError(f"{source}, from {low} to {high}, and does not say which number "
                                 "is white: give --samples low to take them as they are")
            _check_fits(self.path, numbers, pixel, ("row", "column", "channel"))
            return numbers.astype(pixel.dtype), 0
        if samples == "low":
            raise InputError(f"{source}; with --samples low they must be integers")
        if not (low >= 0 and high <= 1):  # nor NaN
            found = "with NaN" if np.isnan(low) else f"from {low:g} to {high:g}"
            raise InputError(f"{source} {found}; they must be from 0 (black) to 1 (white)")
        notes.append("floats from 0 to 1 are taken as black to white")
        white = (1 << pixel.bits) - 1
        return np.floor(numbers * np.float64(white) + 0.5).astype(np.uint16), white


class Array:
    """A ``.npy`` file: samples as they are, of one frame or of several.

    Its shape is (H, W), (H, W, C), (N, H, W) or (N, H, W, C). Of three axes the sizes that are
    given decide; where both readings fit, a last axis of at most 4 holds channels, one of more than
    64 columns, and any other is refused.
    """

    def __init__(self, path: Path, width: Any, height: Any, channels: Any) -> None:
        self.path = path
        source = f"picture {str(path)!r}"
        try:
            # The header only; the samples are read as they are used.
            array: npt.NDArray[Any] = np.lib.format.open_memmap(path, mode="r")
        except Exception as error:  # numpy evaluates the header, which raises anything
            raise InputError(f"{source} cannot be read: {reason(error)}") from None
        if array.dtype.kind not in "bui":
            raise InputError(f"{source} holds {array.dtype}; samples must be integers")
        shape = array.shape
        self._note = ""
        if len(shape) == 2:
            array = array[None]
        elif len(shape) == 3:
            given = (height, width)
            frame = shape[2] <= LARGEST_CHANNELS and _agree(shape, (*given, channels))
            batch = channels in (None, 1) and _agree(shape[1:], given)
            if frame and batch and shape[2] > 4:
                raise InputError(
                    f"{source} has the shape {shape}, which may be one frame of {shape[2]} "
                    f"channels or {shape[0]} frames: give --channels {shape[2]} or --channels 1")
            if frame or not batch:
                array = array[None]
            if frame and batch:
                self._note = f"the shape {shape} is taken as one frame of (H, W, C)"
        elif len(shape) != 4:
            raise InputError(f"{source} has the shape {shape}; it must be (H, W), (H, W, C), "
                             "(N, H, W) or (N, H, W, C)")
        self._array = array
        self.count, self.height, self.width = array.shape[:3]
        self.channels = array.shape[3] if array.ndim == 4 else 1
        if 0 in shape or max(self.width, self.height) > LARGEST_SIZE:
            raise InputError(f"{source} has the shape {shape}; a frame is from 1x1 to "
                             f"{LARGEST_SIZE}x{LARGEST_SIZE}")

    def frames(self, *, width: int, height: int, channels: int, pixel: Sample,
               samples: str = "low") -> Frames:
        """Read the frames; ``samples`` makes no difference.

        Raises
        ------
        :exc:`InputError`
            If the size or ``channels`` differs, or a value is no sample of ``pixel``.
        """
        del samples
        _check_size(self, width, height)
        if self.channels != channels:
            raise InputError(f"picture {str(self.path)!r} has {self.channels} channels and the "
                             f"filter {channels}")
        _check_fits(self.path, self._array, pixel, ("frame", "row", "column", "channel"))
        array = self._array.astype(pixel.dtype)
        if array.ndim == 4 and channels == 1:
            array = array[..., 0]
        return list(array), [self._note] if self._note else []


def find(names: Iterable[str | Path]) -> tuple[list[Path], int]:
    """List the pictures that are named, and those in folders that are.

    A folder gives its files with a picture's suffix, in the order of their names, numbers in them
    by value (``2.png`` before ``10.png``).

    Returns
    -------
    (list of paths, files in folders that are passed over)

    Raises
    ------
    :exc:`InputError`
        If a folder cannot be read or holds no picture.
    """
    suffixes = {".npy", *(suffix for known in FORMATS.values() for suffix in known)}
    found: list[Path] = []
    passed_over = 0
    for path in map(Path, names):
        try:
            if not path.is_dir():
                found.append(path)
                continue
            files = [each for each in path.iterdir() if each.is_file()]
        except OSError as error:
            raise InputError(f"{str(path)[:200]!r} cannot be read: {reason(error)}") from None
        files = [each for each in files if not each.name.startswith(".")]
        pictures = [each for each in files if each.suffix.lower() in suffixes]
        if not pictures:
            raise InputError(f"folder {str(path)!r} holds no picture: {', '.join(FORMATS)} or .npy")
        passed_over += len(files) - len(pictures)
        found += sorted(pictures, key=_by_number)
    return found, passed_over


def open_picture(
    path: str | Path, *, width: Any = None, height: Any = None, channels: Any = None
) -> Picture | Array:
    """Read a file's header: its size, before anything is decoded.

    Parameters
    ----------
    path : path
        A picture, or a ``.npy`` file; its content says which.
    width, height, channels : :class:`int` or ``None``
        What is known of the filter's frame. A ``.npy`` file of three axes is read by it.

    Raises
    ------
    :exc:`InputError`
        If it is neither, or larger than any frame.
    """
    path = Path(path)
    if path.exists() and not path.is_file():  # a pipe would be waited for
        raise InputError(f"picture {str(path)!r} cannot be read: it is no file")
    try:
        with open(path, "rb") as file:
            magic = file.read(len(_MAGIC))
    except FileNotFoundError:
        raise InputError(f"picture {str(path)!r} is not there") from None
    except (OSError, ValueError) as error:
        raise InputError(f"picture {str(path)!r} cannot be read: {reason(error)}") from None
    return Array(path, width, height, channels) if magic == _MAGIC else Picture(path)


def load(
    path: str | Path, *, width: int, height: int, channels: int, pixel: Sample
) -> npt.NDArray[Any]:
    """Read one frame, as :meth:`Picture.frames` and without what it says of losses."""
    frames, _ = open_picture(path, width=width, height=height, channels=channels).frames(
        width=width, height=height, channels=channels, pixel=pixel)
    return frames[0]


def read_frames(
    paths: Iterable[Path], first: Picture | Array, *, most: int, width: int, height: int,
    channels: int, pixel: Sample, samples: str = "scaled"
) -> tuple[list[npt.NDArray[Any]], list[str], list[str]]:
    """Read the frames of several files, one after another.

    Parameters
    ----------
    paths : paths
        The files.
    first : picture
        The first of them, as it was opened.
    most : :class:`int`
        The greatest number of frames.
    width, height, channels, pixel, samples
        As for :meth:`Picture.frames`.

    Returns
    -------
    (list of frames, list of their names without suffix, list of what they lack)

    Raises
    ------
    :exc:`InputError`
        If one of them does not fit; the message names it.
    """
    frames: list[npt.NDArray[Any]] = []
    names: list[str] = []
    lacking: dict[str, list[str]] = {}
    for number, path in enumerate(paths):
        picture = first if number == 0 else open_picture(
            path, width=width, height=height, channels=channels)
        if len(frames) + picture.count > most:
            raise InputError(f"picture {str(path)!r} makes more than {most} frames")
        more, notes = picture.frames(width=width, height=height, channels=channels, pixel=pixel,
                                     samples=samples)
        frames += more
        digits = len(str(len(more) - 1))
        names += [path.stem] if len(more) == 1 else [
            f"{path.stem}_{index:0{digits}}" for index in range(len(more))]
        for note in notes:
            lacking.setdefault(note, []).append(path.name)
    return frames, names, [
        f"{files[0] if len(files) == 1 else f'{len(files)} pictures'}: {note}"
        for note, files in lacking.items()]


def _by_number(path: Path) -> tuple[Any, ...]:
    words = re.split(r"([0-9]+)", path.name)
    return (*(int(word) if index % 2 else word for index, word in enumerate(words)), path.name)


def _agree(sizes: tuple[int, ...], given: tuple[Any, ...]) -> bool:
    return all(wanted in (None, size) for size, wanted in zip(sizes, given, strict=True))


def _check_size(picture: Picture | Array, width: int, height: int) -> None:
    own = f"{picture.width}x{picture.height}"
    if own != f"{width}x{height}":
        raise InputError(
            f"picture {str(picture.path)!r} is {own} and the filter's frame {width}x{height}: crop "
            f"or scale it (convert IN -resize {width}x{height}! OUT), or give the filter --size "
            f"{own}")


def _check_fits(
    path: Path, samples: npt.NDArray[Any], pixel: Sample, axes: tuple[str, ...]
) -> None:
    low, high = int(samples.min()), int(samples.max())
    if low in pixel and high in pixel:
        return
    value = low if low not in pixel else high
    place = np.argwhere(samples == value)[0]
    where = ", ".join(f"{axis} {index}" for axis, index in zip(axes, place, strict=False))
    raise InputError(f"picture {str(path)!r} holds {value} ({where}); pixel {pixel} is from "
                     f"{pixel.minimum} to {pixel.maximum}")


def _grey(colour: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Weigh red, green and blue, rounded to nearest."""
    total = np.full(colour.shape[:2], 1 << 15, np.uint32)
    for channel, weight in enumerate(_LUMA):
        total += colour[:, :, channel].astype(np.uint32) * np.uint32(weight)
    return (total >> 16).astype(colour.dtype)


def _rescale(
    samples: npt.NDArray[Any], white: int, pixel: Sample
) -> npt.NDArray[np.integer[Any]]:
    """Change the width of unsigned samples; black and white stay so. Signed ones start at black."""
    bits = white.bit_length()
    if white + 1 != 1 << bits:  # a PPM with a white of its own
        samples = ((samples.astype(np.uint32) * 0xFFFF + white // 2) // white).astype(np.uint16)
        bits = 16
    if pixel.bits < bits:
        samples = samples >> samples.dtype.type(bits - pixel.bits)
    elif pixel.bits > bits:
        wide, length = samples.astype(np.uint32), bits
        while length < pixel.bits:
            wide, length = (wide << np.uint32(bits)) | samples, length + bits
        samples = wide >> np.uint32(length - pixel.bits)
    if pixel.signed:
        samples = samples.astype(np.int32) - (1 << (pixel.bits - 1))
    return samples.astype(pixel.dtype, copy=False)
