"""Picture files, decoded by Pillow: every sample whole, and in words what was left out.

The content decides what a file is, whatever its name, and only :data:`FORMATS` are opened: none of
them runs another program. The size is known from the header, before anything is decoded.
"""

import logging
import os
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..model.checks import LARGEST_SIZE
from ..model.errors import InputError


__all__ = ["FORMATS", "Decoded", "EncodedPicture", "reason"]

FORMATS = {
    "PNG": (".png",),
    "JPEG": (".jpg", ".jpeg"),
    "TIFF": (".tif", ".tiff"),
    "WEBP": (".webp",),
    "BMP": (".bmp",),
    "GIF": (".gif",),
    "PPM": (".ppm", ".pgm", ".pbm", ".pnm"),
}
"""Pillow's names of the formats that are read and written, with the suffixes of their files."""

_HALVES = {"B": "BL", "L": "LB", "N": "LB" if sys.byteorder == "little" else "BL"}
"""Order of a file's bytes: the orders that Pillow's raw modes want to keep the upper 8 of 16 bits,
and the lower 8. It has no colour of 16 bits; decoding with both gives the whole."""

_ORIENTATION = 0x0112  # the tag of EXIF

logging.getLogger("PIL").addHandler(logging.NullHandler())  # else Python prints what it logs


class Decoded(NamedTuple):
    """The samples of a picture."""

    samples: npt.NDArray[Any]
    """The file's own numbers, (H, W) or (H, W, 3)."""
    white: int
    """Which number is white, where 0 is black; 0 where the file does not say."""
    notes: list[str]
    """What the samples lack of the file."""


class EncodedPicture:
    """A picture whose header is read.

    Parameters
    ----------
    path : path
        The file.

    Raises
    ------
    :exc:`InputError`
        If there is no such picture, or it is larger than any frame.
    """

    width: int
    height: int
    channels: int
    """1 or 3."""

    def __init__(self, path: Path) -> None:
        from PIL import Image

        self._path = path
        with _guard(path):
            self._picture: Any = Image.open(path, formats=list(FORMATS))
        self.width, self.height = self._picture.size
        if self._orientation() > 4:
            self.width, self.height = self.height, self.width
        if max(self.width, self.height) > LARGEST_SIZE:
            raise InputError(f"picture {str(path)!r} is {self.width}x{self.height}; the largest "
                             f"frame is {LARGEST_SIZE}x{LARGEST_SIZE}")
        self.channels = 1 if self._is_grey() else 3

    def _is_grey(self) -> bool:
        mode = self._picture.mode
        if mode in ("P", "PA"):  # a byte a pixel: decoded here, and kept
            with _guard(self._path):
                colours = self._picture.convert("RGB").getcolors(256)
            return all(len(set(colour)) == 1 for _, colour in colours)
        return mode in ("1", "L", "LA", "La", "F") or mode[0] == "I" or self._raw_mode == "LA;16B"

    @property
    def _raw_mode(self) -> str:
        """Pillow's name of how the samples lie in the file; empty once they are decoded."""
        if not self._picture.tile:
            return ""
        arguments = self._picture.tile[0].args
        return str(arguments[0] if isinstance(arguments, tuple) else arguments)

    def _orientation(self) -> int:
        """How the picture is turned, by EXIF; 1 is upright. Pillow turns TIFFs by itself."""
        from PIL import Image

        data = self._picture.info.get("exif")
        if data is None or self._picture.format == "TIFF":
            return 1
        exif = Image.Exif()
        try:
            exif.load(data)
            found: Any = exif.get(_ORIENTATION)
        except Exception:  # damaged EXIF: whatever its parser stumbles over
            return 1
        return int(found) if found in range(1, 9) else 1

    def decode(self) -> Decoded:
        """Decode the picture, and close it.

        Raises
        ------
        :exc:`InputError`
            If it is damaged, or holds samples that are not read.
        """
        with self._picture, _guard(self._path):
            several = getattr(self._picture, "is_animated", False)
            decoded = self._decode()
        if several:
            decoded.notes.append("it is the first of several pictures in the file")
        orientation = self._orientation()
        samples = _upright(decoded.samples, orientation)
        if samples.shape[:2] != (self.height, self.width):
            raise InputError(f"picture {str(self._path)!r} is turned by EXIF data that follow its "
                             "samples: save it anew")
        return decoded._replace(samples=samples)

    def _decode(self) -> Decoded:
        picture, mode, raw = self._picture, self._picture.mode, self._raw_mode
        if picture.format == "PPM" and mode in ("L", "I", "RGB"):
            return self._decode_ppm()
        inverted = picture.format == "TIFF" and self._check_tiff()
        clear = "transparency" in picture.info
        samples: npt.NDArray[Any]
        white = 255
        notes = []
        if ";16" in raw and mode in ("RGB", "RGBA"):
            samples, white = self._decode_deep(raw), 0xFFFF
        elif mode == "1":
            samples, white = np.asarray(picture).astype(np.uint8), 1
        elif raw.startswith(("L;2", "L;4")):  # Pillow widens them to 8 bits
            white = 3 if raw.startswith("L;2") else 15
            samples = np.asarray(picture) // np.uint8(255 // white)
        elif mode in ("P", "PA"):
            samples = np.asarray(picture.convert("RGBA" if clear or mode == "PA" else "RGB"))
            if self.channels == 1:
                samples = samples[:, :, 2:]
        elif mode in ("RGBa", "La"):
            samples = np.asarray(picture.convert("RGBA" if mode == "RGBa" else "LA"))
        elif mode.startswith("I;16"):
            samples, white = np.asarray(picture).astype(np.uint16, copy=False), 0xFFFF
            if picture.format == "TIFF":
                white = (1 << self._tag("BitsPerSample")) - 1
        elif mode in ("I", "F"):
            samples, white = np.asarray(picture), 0
            if mode == "I" and self._tag("SampleFormat") == 1:
                samples = samples.view(np.uint32)
        elif mode == "L" and self._tag("SampleFormat") == 2:
            samples, white = np.asarray(picture).view(np.int8), 0
        elif mode in ("L", "LA", "RGB", "RGBA"):
            samples = np.asarray(picture)
        else:
            samples = np.asarray(picture.convert("RGB"))
            notes.append(f"{mode} is taken as red, green and blue")
        if inverted:
            samples = white - samples
        if samples.ndim == 3 and samples.shape[2] in (1, 2, 4):
            if samples.shape[2] != 1:
                clear = bool((samples[:, :, -1] < white).any())
                samples = samples[:, :, :-1]
            samples = samples[:, :, 0] if samples.shape[2] == 1 else samples
        if clear:
            notes.append("transparency is dropped")
        return Decoded(samples, white, notes)

    def _decode_deep(self, raw: str) -> npt.NDArray[Any]:
        """Colour, or grey with alpha, of 16 bits: (H, W, C)."""
        from PIL import Image

        def decode(raw: str) -> npt.NDArray[np.uint8]:
            with Image.open(self._path, formats=list(FORMATS)) as picture:
                picture.tile = [
                    tile._replace(args=(raw, *tile.args[1:]) if isinstance(tile.args, tuple)
                                  else raw) for tile in picture.tile]
                return np.asarray(picture)

        if raw == "LA;16B":  # two samples of two bytes as one of four
            return decode("RGBA").view(">u2").astype(np.uint16)
        upper, lower = (decode(raw[:-1] + order) for order in _HALVES[raw[-1]])
        return upper.astype(np.uint16) << 8 | lower

    def _decode_ppm(self) -> Decoded:
        """Numbers of a PPM or PGM; Pillow scales them, and cuts colour to 8 bits."""
        arguments = self._picture.tile[0].args
        plain = self._picture.tile[0].codec_name == "ppm_plain"
        white = {"L": 255, "RGB": 255, "I;16B": 0xFFFF}[arguments] if isinstance(
            arguments, str) else int(arguments[1])
        count = self.width * self.height * self.channels
        with open(self._path, "rb") as file:
            file.seek(self._picture.tile[0].offset)
            if plain:
                words = re.sub(rb"#[^\r\n]*", b"", file.read()).split()[:count]
                numbers = np.array([int(word) for word in words], np.int64)
            else:
                numbers = np.fromfile(file, ">u2" if white > 255 else "u1", count)
        if len(numbers) < count:
            raise ValueError(f"it ends after {len(numbers)} of {count} samples")
        if numbers.min() < 0 or numbers.max() > white:
            raise ValueError(f"it holds {numbers.max()}, and says that {white} is the greatest")
        shape = (self.height, self.width) + ((3,) if self.channels == 3 else ())
        return Decoded(numbers.astype(np.uint16 if white > 255 else np.uint8).reshape(shape),
                       white, [])

    def _tag(self, name: str) -> int:
        """A number of a TIFF; of several, one for each channel, the greatest."""
        from PIL.TiffTags import TAGS_V2

        if self._picture.format != "TIFF":
            return 0
        code = next(code for code, tag in TAGS_V2.items() if tag.name == name)
        value = self._picture.tag_v2.get(code, 1)
        return int(max(value) if isinstance(value, tuple) else value)

    def _check_tiff(self) -> bool:
        """Refuse samples that Pillow reads wrongly; say whether it leaves them inverted."""
        bits, kind = self._tag("BitsPerSample"), self._tag("SampleFormat")
        light_is_0 = self._tag("PhotometricInterpretation") == 0
        mode, raw = self._picture.mode, self._raw_mode
        unsigned = kind == 1 and (
            bits <= 8
            or mode.startswith("I;16")
            or (bits == 16 and raw[:-1] in ("RGB;16", "RGBA;16", "RGBX;16")
                and self._tag("PlanarConfiguration") == 1))
        numbers = not light_is_0 and (mode in ("I", "F") or (mode, kind) == ("L", 2))
        if not (unsigned or numbers):
            raise ValueError(
                f"a TIFF of {bits} bits in this arrangement (sample format {kind}, mode {mode}) "
                "is not read; save it as PNG, or as .npy")
        return light_is_0 and mode.startswith("I;16")


def reason(error: Exception) -> str:
    """The gist of an error, in a few words."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text if len(text) <= 160 else f"{text[:160]} ..."


@contextmanager
def _guard(path: Path) -> Iterator[None]:
    """Turn whatever Pillow raises into one error; its warnings say nothing to a user."""
    from PIL import Image, UnidentifiedImageError

    limit = Image.MAX_IMAGE_PIXELS
    Image.MAX_IMAGE_PIXELS = None  # ours is by width and height
    try:
        with warnings.catch_warnings(), _silence():
            warnings.simplefilter("ignore")
            yield
    except InputError:
        raise
    except FileNotFoundError:
        raise InputError(f"picture {str(path)!r} is not there") from None
    except UnidentifiedImageError:
        raise InputError(f"picture {str(path)!r} is none that is read: {', '.join(FORMATS)} or "
                         ".npy, grey or colour of up to 16 bits") from None
    except Exception as error:  # a decoder of damaged data raises anything
        raise InputError(f"picture {str(path)!r} cannot be read: {reason(error)}") from None
    finally:
        Image.MAX_IMAGE_PIXELS = limit


@contextmanager
def _silence() -> Iterator[None]:
    """Keep what libtiff writes to standard error off it; Pillow raises an error besides."""
    try:
        kept = os.dup(2)
    except OSError:  # standard error is closed
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _upright(samples: npt.NDArray[Any], orientation: int) -> npt.NDArray[Any]:
    """Turn a picture by its EXIF orientation, 1 to 8."""
    if orientation > 4:
        samples = samples.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        samples = samples[::-1]
    if orientation in (2, 3, 6, 7):
        samples = samples[:, ::-1]
    return samples
