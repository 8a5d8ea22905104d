"""Frames of a filter's output, as pictures and ``.npy`` arrays in files."""

import os
import struct
import tempfile
import warnings
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from ..model.errors import InputError
from ..model.sample import Sample
from .picture_decoder import FORMATS, reason


__all__ = ["check_name", "png", "save", "write_text"]

_LOSSY = ("JPEG", "GIF")
_OPTIONS: dict[str, dict[str, Any]] = {"WEBP": {"lossless": True, "exact": True},
                                       "JPEG": {"quality": 95, "subsampling": 0}}


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
    if _format(target) is None:
        raise InputError(f"{str(path)!r} must end in .png, .tif, .bmp, .ppm, .webp or .npy, which "
                         "keep the samples, or in .jpg or .gif, which do not")
    if channels not in (1, 3):
        raise InputError(
            f"{str(path)!r}: a picture has 1 or 3 channels, not {channels}; "
            "name a .npy file to keep the samples"
        )


def _format(path: Path) -> str | None:
    suffix = path.suffix.lower()
    return next((kind for kind, suffixes in FORMATS.items() if suffix in suffixes), None)


def save(path: str | Path, frame: npt.NDArray[np.integer[Any]], sample: Sample) -> str:
    """Write a frame as a picture, or with the suffix ``.npy`` in the sample's numpy type.

    The file takes its place when it is complete.

    Parameters
    ----------
    path : path
        The file. Its suffix says which format: ``.npy`` or one of
        :data:`~windrow.sim.picture_decoder.FORMATS`.
    frame : integer array, (H, W) or (H, W, C)
        The frame. More or fewer channels than 1 or 3 need ``.npy``, as do several frames
        (N, H, W[, C]).
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
        _write(target, lambda file: np.save(file, frame.astype(sample.dtype)))
        return ""
    kind = _format(target)
    assert kind is not None
    colour = frame.ndim == 3 and frame.shape[2] == 3
    if frame.ndim == 3 and not colour:
        frame = frame[:, :, 0]
    deepest = 16 if kind == "PNG" or (kind in ("TIFF", "PPM") and not colour) else 8
    shown, note = _shown(frame, sample, deepest)
    data, lost = _encoded(target, shown, kind)
    _write(target, lambda file: file.write(data))
    return "; ".join(filter(None, (note, lost)))


def png(frame: npt.NDArray[np.integer[Any]], sample: Sample) -> tuple[bytes, str]:
    """A frame of 1 or 3 channels as a PNG of 8 bits, which every browser shows, and its note.

    Parameters
    ----------
    frame : integer array, (H, W) or (H, W, 1 or 3)
        The frame.
    sample : :class:`~windrow.model.sample.Sample`
        What its samples are.

    Returns
    -------
    (:class:`bytes`, :class:`str`)
        The file, and in what way it differs from the samples: empty where it does not.
    """
    if frame.ndim == 3 and frame.shape[2] == 1:
        frame = frame[:, :, 0]
    shown, note = _shown(frame, sample, 8 if frame.ndim == 3 or sample.bits <= 8 else 16)
    if shown.dtype != np.uint8:
        shown, note = (shown >> 8).astype(np.uint8), f"the picture shows the upper 8 of {sample}"
    return _encoded(Path("picture.png"), shown, "PNG")[0], note


def _shown(
    frame: npt.NDArray[np.integer[Any]], sample: Sample, deepest: int
) -> tuple[npt.NDArray[Any], str]:
    """Samples as numbers of 8 or 16 bits in which white is white, and what was done."""
    if sample.signed or sample.bits > deepest:
        values = np.abs(np.asarray(frame, np.int64))
        peak = int(values.max(initial=0))
        return (values * 255 // max(peak, 1)).astype(np.uint8), (
            f"the picture shows magnitudes with {peak} as white; a .npy file keeps the samples")
    depth = 8 if sample.bits <= 8 else 16
    values = np.asarray(frame, np.uint32)
    wide, length = values, sample.bits
    while length < depth:
        wide, length = (wide << sample.bits) | values, length + sample.bits
    note = "" if sample.bits == depth else (
        f"the picture shows 0 to {sample.maximum} as black to white; a .npy file keeps the samples")
    return (wide >> (length - depth)).astype(np.uint8 if depth == 8 else np.uint16), note


def _encoded(path: Path, shown: npt.NDArray[Any], kind: str) -> tuple[bytes, str]:
    """The file's bytes, and how far they are from what was to be shown."""
    from PIL import Image

    if shown.ndim == 3 and shown.dtype == np.uint16:
        return _deep_png(shown), ""
    file = BytesIO()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            Image.fromarray(shown).save(file, format=kind, **_OPTIONS.get(kind, {}))
            if kind not in _LOSSY:
                return file.getvalue(), ""
            with Image.open(file) as picture:
                back = np.asarray(picture.convert("L" if shown.ndim == 2 else "RGB"), np.int64)
    except Exception as error:  # each encoder has limits of its own
        raise InputError(f"{str(path)!r} cannot be written: {reason(error)}") from None
    most = int(np.abs(back - shown).max(initial=0))
    return file.getvalue(), (
        f"{kind} is lossy: samples differ by up to {most}; .png keeps them" if most else "")


def _deep_png(colour: npt.NDArray[np.uint16]) -> bytes:
    """A PNG of 16 bits in colour, which Pillow does not write (PNG, third edition, section 5)."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(
            ">I", zlib.crc32(kind + data))

    height, width, _ = colour.shape
    lines = colour.astype(">u2").reshape(height, -1).view(np.uint8)
    unfiltered = np.insert(lines, 0, 0, axis=1).tobytes()
    return b"".join((
        b"\x89PNG\r\n\x1a\n",
        chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)),
        chunk(b"IDAT", zlib.compress(unfiltered)),
        chunk(b"IEND", b"")))


def write_text(path: Path, text: str) -> None:
    """Write a text, as :func:`save` writes a picture.

    Raises
    ------
    :exc:`InputError`
        If it cannot be written.
    """
    _write(path, lambda file: file.write(text.encode()))


def _write(path: Path, write: Callable[[IO[bytes]], Any]) -> None:
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
    except OSError as error:
        raise InputError(f"{str(path)!r} cannot be written: {reason(error)}") from None
    finally:
        if draft and os.path.exists(draft):
            os.unlink(draft)
