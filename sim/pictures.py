"""Pictures in files, as frames, and back.

Samples are scaled from a file's depth to the filter's, so that white stays white:

- A picture of 8 bits is kept as it is for ``u8``; of 16 bits (greyscale PNG and TIFF) for ``u16``.
- Fewer bits take the upper ones. More bits repeat them from the top (0xAB as ``u12`` is 0xABA).
- Signed samples take the unsigned ones of the same width, shifted down by half the range: mid grey
  is 0.

A result is written so that nothing is lost and a viewer can show it:

- ``u8`` as 8-bit PNG, the samples as they are; ``u1`` to ``u7`` shifted up to fill 8 bits.
- ``u9`` to ``u16`` as 16-bit greyscale PNG, shifted up to fill 16 bits.
- What a PNG cannot hold (signed, over 16 bits, more than 8 bits in colour) is scaled: the
  magnitude, with the greatest one as white. :func:`save` says so in its return value; the exact
  samples are written by naming a ``.npy`` file.
"""

import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..model.errors import InputError
from ..model.sample import Sample


__all__ = ["check_name", "load", "save", "size"]

_DEPTH_MODES = ("I", "I;16", "I;16B", "I;16L", "I;16N")
"""Pillow's modes of pictures with 16 bits in one channel."""


def _open(path: str | Path) -> Any:
    """Return the decoded Pillow picture."""
    from PIL import Image, UnidentifiedImageError

    try:
        picture = Image.open(path)
        picture.load()
    except FileNotFoundError:
        raise InputError(f"picture {str(path)!r} is not there") from None
    except UnidentifiedImageError:
        raise InputError(f"picture {str(path)!r} is no picture that Pillow knows") from None
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        raise InputError(f"picture {str(path)!r} cannot be read: {error}") from None
    return picture


def size(path: str | Path) -> tuple[int, int, int]:
    """Return the width, height and channels (1 or 3) of a picture.

    Raises
    ------
    :exc:`InputError`
        If there is no picture.
    """
    picture = _open(path)
    grey = picture.mode in ("1", "L", "LA", "La", "F", *_DEPTH_MODES)
    if picture.mode in ("P", "PA"):
        palette = np.array(picture.convert("RGB"))
        grey = bool((palette == palette[:, :, :1]).all())
    return picture.width, picture.height, 1 if grey else 3


def load(
    path: str | Path, *, width: int, height: int, channels: int, pixel: Sample
) -> npt.NDArray[np.int64]:
    """Read a picture as a frame.

    Colour becomes grey as Pillow weighs it (ITU-R 601-2), grey becomes colour with three equal
    channels, and transparency is dropped.

    Parameters
    ----------
    path : path
        The file, in any format and mode that Pillow reads.
    width, height : :class:`int`
        The size that it must have, in pixels.
    channels : :class:`int`
        1 for grey or 3 for red, green and blue.
    pixel : :class:`~windrow.model.sample.Sample`
        The samples to make.

    Returns
    -------
    int64 array, (height, width) or (height, width, 3)

    Raises
    ------
    :exc:`InputError`
        If there is no picture, it has another size, or ``channels`` is neither 1 nor 3.
    """
    from PIL import Image

    if channels not in (1, 3):
        raise InputError(f"channels must be 1 or 3 to take a picture, not {channels}")
    picture = _open(path)
    if picture.size != (width, height):
        raise InputError(
            f"picture {str(path)!r} is {picture.width}x{picture.height} and the filter's frame "
            f"{width}x{height}: crop or scale it (convert IN -resize {width}x{height}! OUT), or "
            f"give the filter --size {picture.width}x{picture.height}"
        )
    bits = 8
    if picture.mode in _DEPTH_MODES:
        samples = np.asarray(picture.convert("I"), np.int64).clip(0, 0xFFFF)
        bits = 16
        if channels == 3:
            samples = np.repeat(samples[:, :, None], 3, axis=2)
    else:
        if picture.mode == "F":
            picture = Image.fromarray(np.asarray(picture).clip(0, 255).astype(np.uint8))
        if "transparency" in picture.info:
            picture = picture.convert("RGBA")
        picture = picture.convert("RGB") if picture.mode not in ("1", "L", "LA") else picture
        samples = np.asarray(picture.convert("L" if channels == 1 else "RGB"), np.int64)
    return _rescale(samples, bits, pixel.bits) - (1 << (pixel.bits - 1) if pixel.signed else 0)


def _rescale(samples: npt.NDArray[np.int64], bits: int, wanted: int) -> npt.NDArray[np.int64]:
    """Change unsigned samples from ``bits`` to ``wanted`` bits; black and white stay so."""
    if wanted <= bits:
        return samples >> (bits - wanted)
    wide, length = samples, bits
    while length < wanted:
        wide, length = (wide << bits) | samples, length + bits
    return wide >> (length - wanted)


def check_name(path: str | Path, channels: int) -> None:
    """Check that a frame of ``channels`` can be saved under a name, before there is one.

    Raises
    ------
    :exc:`InputError`
        If the name is a folder's, its suffix is no format that can be written, or a picture has no
        such number of channels.
    """
    target = Path(path)
    if target.is_dir():
        raise InputError(f"{str(path)!r} is a folder; name a file in it")
    if target.suffix.lower() == ".npy":
        return
    if channels not in (1, 3):
        raise InputError(
            f"{str(path)!r}: a picture has 1 or 3 channels, not {channels}; "
            "name a .npy file to keep the samples"
        )
    from PIL import Image

    form = Image.registered_extensions().get(target.suffix.lower())
    if form is None or form not in Image.SAVE:
        raise InputError(f"{str(path)!r} must end in .png, .npy or another format's suffix")


def save(path: str | Path, frame: npt.NDArray[np.integer[Any]], sample: Sample) -> str:
    """Write a frame as a picture, or with the suffix ``.npy`` as it is.

    The file takes its place when it is complete.

    Parameters
    ----------
    path : path
        The file. Its suffix says which format: ``.png``, ``.npy`` or another that Pillow writes.
    frame : integer array, (H, W) or (H, W, C)
        The frame. More or fewer channels than 1 or 3 need ``.npy``.
    sample : :class:`~windrow.model.sample.Sample`
        What its samples are.

    Returns
    -------
    :class:`str`
        Empty, or in what way the picture differs from the samples.

    Raises
    ------
    :exc:`InputError`
        If the folder cannot be written, the suffix is no format, or the frame is no picture.
    """
    target = Path(path)
    check_name(target, frame.shape[2] if frame.ndim == 3 else 1)
    if target.suffix.lower() == ".npy":
        _write(target, lambda file: np.save(file, frame))
        return ""
    from PIL import Image

    deepest = 16 if frame.ndim == 2 and target.suffix.lower() == ".png" else 8
    values = np.asarray(frame, np.int64)
    note = ""
    if sample.signed or sample.bits > deepest:
        depth = 8
        peak = int(np.abs(values).max(initial=0))
        values = np.abs(values) * 255 // max(peak, 1)
        note = f"the picture shows magnitudes with {peak} as white; a .npy file keeps the samples"
    else:
        depth = 8 if sample.bits <= 8 else 16
        values = values << (depth - sample.bits)
        if sample.bits < depth:
            note = f"the picture shows the samples times {1 << (depth - sample.bits)}"
    picture = Image.fromarray(values.astype(np.uint8 if depth == 8 else np.uint16))
    form = Image.registered_extensions()[target.suffix.lower()]
    _write(target, lambda file: picture.save(file, format=form))
    return note


def _write(path: Path, write: Any) -> None:
    """Fill a temporary file beside ``path``, and rename it."""
    draft = ""
    try:
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".windrow-")
        with os.fdopen(handle, "wb") as file:
            write(file)
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(draft, 0o666 & ~umask)
        os.replace(draft, path)
    except (OSError, ValueError, KeyError) as error:
        if draft and os.path.exists(draft):
            os.unlink(draft)
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise InputError(f"{str(path)!r} cannot be written: {reason}") from None
