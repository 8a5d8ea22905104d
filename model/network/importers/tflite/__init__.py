"""Networks of TensorFlow Lite: int8 ``.tflite`` files.

Sources of the arithmetic: TensorFlow Lite's kernels (``kernels/internal/reference``) and XNNPACK.
"""

import struct
from pathlib import Path

from ....errors import InputError, shorten
from ....sample import Sample
from ...value import Network
from ..layout import Traced
from ..packages import read_file
from . import joins, linear, pointwise, pools, shapes
from .reader import Reader


__all__ = ["read", "trace"]

#: The files that enter operators in the table of :mod:`reader`.
PARTS = (joins, linear, pointwise, pools, shapes)


def read(path: str | Path, arithmetic: str | None = None,
         pixel: str | Sample | None = None) -> Network:
    """Read an int8 ``.tflite`` file.

    A softmax at the end is left out: the output is the scores before it, whose order is the same.

    Parameters
    ----------
    arithmetic : :class:`str` or ``None``
        ``tflite-xnnpack``, LiteRT's default, or ``tflite-reference``.
    pixel : ``None``
        The file says it.

    Raises
    ------
    :exc:`~windrow.model.errors.InputError`
        If the file is malformed or has what is not supported, which is named.
    """
    arithmetic = arithmetic or "tflite-xnnpack"
    if arithmetic not in ("tflite-xnnpack", "tflite-reference"):
        raise InputError("arithmetic must be tflite-xnnpack or tflite-reference where a .tflite "
                         f"file is read, not {shorten(arithmetic)}")
    if pixel is not None:
        raise InputError(f"pixel {str(pixel)!r} means nothing for a .tflite file, which says what "
                         "its input is")
    return trace(path, arithmetic).network


def trace(path: str | Path, arithmetic: str) -> Traced:
    """A network, and where its tensors are in the file."""
    content = read_file(path)
    source = f"network file {str(path)!r}"
    if content[4:8] != b"TFL3":
        raise InputError(f"{source} is no TensorFlow Lite file: bytes 4 to 7 must be TFL3")
    try:
        return Reader(content, arithmetic).traced(Path(path).stem)
    except InputError:
        raise
    except (struct.error, IndexError, TypeError, AttributeError, OverflowError, KeyError,
            ValueError, MemoryError, RecursionError) as error:
        raise InputError(f"{source} is cut short or malformed: {error or type(error)}") from error
