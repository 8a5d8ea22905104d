"""Kernels out of files, and as the command line takes them."""

import csv
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from .. import absent
from ..errors import InputError, shorten
from ..files import read_bytes, read_text
from . import catalogue
from .kernel import LARGEST_KERNEL, Numbers, number_matrix
from .kernel_text import is_rows, parse_rows, parse_table


__all__ = ["KERNEL_FILES", "parse_kernel", "read_kernel"]


def parse_kernel(text: str) -> tuple[Numbers, dict[str, Any]]:
    """Read a kernel as the command line takes it.

    Parameters
    ----------
    text : :class:`str`
        Rows (``"1 2 1; 2 4 2; 1 2 1"``, see :func:`.kernel_text.parse_rows`), the path of a file
        (see :data:`KERNEL_FILES`), or a name of the catalogue (``"gaussian:ksize=9,sigma=2"``).

    Returns
    -------
    kernel : :class:`tuple` of rows
        Integers and reals. A filter quantises the reals.
    keys : :class:`dict`
        The filter keys that come with it unless the user gives them: ``shift`` for a name of the
        catalogue, else none.

    Raises
    ------
    :exc:`InputError`
        If the text is none of these, a file cannot be read, or an entry is no number.
    """
    text = text.strip()
    if _is_path(text):
        return read_kernel(text), {}
    if is_rows(text):
        return parse_rows(text), {}
    named = catalogue.kernel(text)
    return named.kernel, {"shift": named.shift}


def _is_path(text: str) -> bool:
    """Whether a text is meant as a file: a known suffix, or what only the name of a file has."""
    if "\n" in text:
        return False
    if Path(text).suffix.lower() in KERNEL_FILES:
        return True
    if is_rows(text):
        return bool(re.match(r"\.?\./|\d[^\s;,]*\.[A-DF-Za-df-z]\w*$", text))
    # A name's parameters may have a dot too ("gaussian:sigma=1.5").
    name = text.partition(":")[0]
    return bool(re.search(r"[/\\]", text)) or ("." in name and not absent.of_a_library(name))


def read_kernel(path: str | Path) -> Numbers:
    """Read a kernel from one of :data:`KERNEL_FILES`.

    Raises
    ------
    :exc:`InputError`
        If the name ends otherwise, the file cannot be read, or it does not hold one matrix of
        numbers from 1x1 to 31x31.
    """
    path = Path(path)
    source = f"kernel file {str(path)!r}"
    kind = path.suffix.lower()
    if kind not in KERNEL_FILES:
        *others, last = KERNEL_FILES
        hint = "; a filter's own file is given as FILTER" if kind == ".toml" else ""
        raise InputError(f"{source} must end in {', '.join(others)} or {last}{hint}")
    return KERNEL_FILES[kind](path, source)


def _read_table(path: Path, source: str) -> Numbers:
    text = read_text(path, source)
    try:
        return parse_table(text, source, cells_on_a_line=path.suffix.lower() != ".txt")
    except csv.Error as error:
        raise _damaged(path, source, error) from error


def _read_json(path: Path, source: str) -> Numbers:
    text = read_text(path, source)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _damaged(path, source, error) from error
    return number_matrix(value, source=source)


def _read_npy(path: Path, source: str) -> Numbers:
    return _array(path, source, lambda: np.load(path, allow_pickle=False))


def _read_npz(path: Path, source: str) -> Numbers:
    read_bytes(path, source)
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except Exception as error:
        raise _damaged(path, source, error) from error
    names = [shorten(member.filename.removesuffix(".npy")) for member in members]
    if len(members) != 1:
        raise InputError(f"{source} holds {len(members)} arrays ({', '.join(names[:8])}); "
                         "it must hold the kernel alone")
    if members[0].file_size > LARGEST_ARRAY:
        raise InputError(f"{source} holds {members[0].file_size} bytes; a kernel is at most "
                         f"{LARGEST_KERNEL}x{LARGEST_KERNEL}")

    def load() -> Any:
        with np.load(path, allow_pickle=False) as archive:
            return archive[archive.files[0]]

    return _array(path, source, load)


def _read_mat(path: Path, source: str) -> Numbers:
    head = read_bytes(path, source)[:128]
    if head.startswith((b"MATLAB 7.3", b"\x89HDF")):
        raise InputError(f"{source} is of MATLAB's version 7.3; save it with the option '-v7'")
    try:
        from scipy import io  # an extra, and slow to import
    except ImportError:
        raise InputError(f"{source} needs scipy; install it with: pip install scipy") from None
    try:
        held = [(name, size, kind) for name, size, kind in io.whosmat(path)]
    except Exception as error:
        raise _damaged(path, source, error) from error
    if len(held) != 1:
        names = ", ".join(shorten(name) for name, _, _ in held[:8])
        raise InputError(f"{source} holds {len(held)} variables ({names}); "
                         "it must hold the kernel alone")
    name, size, kind = held[0]
    if kind in ("cell", "struct", "object", "char", "function", "opaque", "sparse"):
        raise InputError(f"{source} holds {shorten(name)}, a {kind}; it must be a full matrix of "
                         "numbers")
    if len(size) != 2 or max(size) > LARGEST_KERNEL:
        raise InputError(f"{source} holds {shorten(name)} of {'x'.join(map(str, size))}; it must "
                         f"be a matrix from 1x1 to {LARGEST_KERNEL}x{LARGEST_KERNEL}")
    return _array(path, source, lambda: io.loadmat(path, variable_names=[name])[name])


def _array(path: Path, source: str, load: Callable[[], Any]) -> Numbers:
    """The matrix that ``load`` gives; numpy and scipy raise all sorts over a damaged file."""
    read_bytes(path, source)
    try:
        array = load()
    except Exception as error:
        raise _damaged(path, source, error) from error
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "iuf":
        raise InputError(f"{source} must hold an array of integers or reals")
    if array.ndim != 2:
        raise InputError(f"{source} must hold a matrix, not shape {array.shape}")
    return number_matrix(array, source=source)


def _damaged(path: Path, source: str, error: Exception) -> InputError:
    why = str(error)
    return InputError(f"{source} is no valid {path.suffix.lower()} file: "
                      f"{why[:100] or type(error).__name__}")


#: The greatest size of an array in a file, in bytes; a 31x31 kernel takes 8 kB.
LARGEST_ARRAY = 1 << 16

#: How to read each kind of file, by the end of its name.
KERNEL_FILES: dict[str, Callable[[Path, str], Numbers]] = {
    ".json": _read_json,
    ".csv": _read_table,
    ".tsv": _read_table,
    ".txt": _read_table,
    ".mat": _read_mat,
    ".npy": _read_npy,
    ".npz": _read_npz,
}
