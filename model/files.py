"""Filters as TOML and JSON text."""

import json
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .errors import InputError


__all__ = ["format_json", "format_toml", "read_keys"]


def read_keys(path: str | Path) -> dict[str, Any]:
    """Read the keys of a filter from a ``.toml`` or ``.json`` file, unchecked.

    ``-`` is standard input: JSON if it begins with a brace, else TOML.

    Raises
    ------
    :exc:`InputError`
        If the file cannot be read, its name ends otherwise, or it is not well-formed.
    """
    if str(path) == "-":
        return _keys(_decode(_standard_input, "standard input"), "standard input", "")
    path = Path(path)
    source = f"filter file {str(path)!r}"
    kind = path.suffix.lower()
    if kind not in (".toml", ".json"):
        raise InputError(f"{source} must end in .toml or .json")
    return _keys(_decode(path.read_bytes, source), source, kind)


def _standard_input() -> bytes:
    if sys.stdin is None:
        raise OSError(None, "it is closed")
    return sys.stdin.buffer.read()


def _decode(read: Callable[[], bytes], source: str) -> str:
    try:
        text = read().decode("utf-8-sig")  # with the mark that spreadsheets set, or not
    except OSError as error:
        raise InputError(f"{source} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{source} is no UTF-8 text: {error.reason}") from error
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
        raise ValueError(f"the key {twice!r} is there twice")
    return keys


def format_toml(keys: dict[str, Any]) -> str:
    """Write keys as TOML: one a line, a matrix one row a line, a table inline.

    The standard library reads TOML only; a filter needs no more of the format than this.
    """
    return "".join(f"{key} = {_toml_value(value)}\n" for key, value in keys.items())


def _toml_value(value: Any) -> str:
    match value:
        case int():
            return str(value)
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
