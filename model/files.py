"""Filters as TOML and JSON text."""

import codecs
import json
import re
import sys
import tomllib
from pathlib import Path
from typing import IO, Any

from .errors import InputError, shorten


__all__ = ["format_json", "format_toml", "read_bytes", "read_keys", "read_text"]

#: The greatest size of a file of keys or of a kernel, in bytes. A filter with the largest kernel
#: takes half of it, and the standard library's reader of TOML takes quadratic time.
LARGEST_FILE = 1 << 16
#: The same of a file with layers, whose weights take four each: arrays are read in linear time.
LARGEST_NETWORK = 1 << 22


def read_keys(path: str | Path) -> dict[str, Any]:
    """Read the keys of a filter from a ``.toml`` or ``.json`` file, unchecked.

    ``-`` is standard input: JSON if it begins with a brace, else TOML. A file that has layers may
    have :data:`LARGEST_NETWORK` bytes.

    Raises
    ------
    :exc:`InputError`
        If the file cannot be read, its name ends otherwise, or it is not well-formed.
    """
    if str(path) == "-":
        if sys.stdin is None:
            raise InputError("standard input cannot be read: it is closed")
        source = "standard input"
        content = _bounded(sys.stdin.buffer, source, LARGEST_NETWORK)
        return _keys(_decode(content, source), source, "")
    path = Path(path)
    source = f"filter file {str(path)!r}"
    kind = path.suffix.lower()
    if kind not in (".toml", ".json"):
        raise InputError(f"{source} must end in .toml or .json; networks in .onnx or .tflite")
    return _keys(_decode(read_bytes(path, source, LARGEST_NETWORK), source), source, kind)


def read_bytes(path: Path, source: str, network: int = 0) -> bytes:
    """The content of a file, at most :data:`LARGEST_FILE`, or ``network`` where it has layers.

    Errors call it ``source``.
    """
    try:
        with path.open("rb") as file:
            return _bounded(file, source, network)
    except (OSError, ValueError) as error:  # ValueError: no file can have such a name
        if isinstance(error, InputError):
            raise
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{source} cannot be read: {reason}") from error


def read_text(path: Path, source: str) -> str:
    """The text of a file: UTF-8, with the mark that spreadsheets set or not, or UTF-16 with it."""
    return _decode(read_bytes(path, source), source)


def _bounded(file: IO[bytes], source: str, network: int = 0) -> bytes:
    content, limit = file.read(LARGEST_FILE + 1), LARGEST_FILE
    if len(content) > limit and network and re.search(rb'\[\[layer\]\]|"layer" *:', content):
        content, limit = content + file.read(network - len(content) + 1), network
    if len(content) > limit:
        raise InputError(f"{source} is too large; at most {limit} bytes are read")
    return content


def _decode(content: bytes, source: str) -> str:
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = content.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{source} is no UTF-8 text: {error.reason}") from error
    if "\0" in text:
        raise InputError(f"{source} is no UTF-8 text: it has zero bytes")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _keys(text: str, source: str, kind: str) -> dict[str, Any]:
    if not kind:
        kind = ".json" if text.lstrip().startswith("{") else ".toml"
    try:
        keys = tomllib.loads(text) if kind == ".toml" else json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{source} is no valid {kind} file: {error}") from error
    if not isinstance(keys, dict):
        raise InputError(f"{source} must hold a table of keys")
    return keys


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object whose keys come once each, as TOML demands of its own."""
    keys = dict(pairs)
    if len(keys) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {shorten(twice)} is there twice")
    return keys


def format_toml(keys: dict[str, Any]) -> str:
    """Write keys as TOML: one a line, a matrix one row a line, a table inline.

    A list of tables comes last, each under a ``[[key]]`` of its own. The standard library reads
    TOML only; a design needs no more of the format than this.
    """
    text = ""
    for key, value in keys.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            text += "".join(f"\n[[{key}]]\n{format_toml(table)}" for table in value)
        else:
            text += f"{key} = {_toml_value(value)}\n"
    return text


def _toml_value(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case float():
            return repr(value)
        case str():
            return json.dumps(value)  # a JSON string is a TOML basic string
        case dict():
            return "{ " + ", ".join(f"{k} = {_toml_value(v)}" for k, v in value.items()) + " }"
        case [[*_], *_]:
            return "[\n" + "".join(f"    {_toml_value(row)},\n" for row in value) + "]"
        case list():
            return "[" + ", ".join(map(_toml_value, value)) + "]"
    raise TypeError(f"no TOML for {value!r}")


def format_json(keys: dict[str, Any]) -> str:
    """Write keys as JSON: one a line, each value on its line."""
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in keys.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"
