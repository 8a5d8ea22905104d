"""The design on the command line: a file, flags named after the keys, or both."""

import argparse
import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from windrow.model.keys import ABOUT, KEYS, PASSING_KEYS, TABLE, VERBS
from windrow.ready import ready_file
from windrow.usage import UsageError


if TYPE_CHECKING:
    from windrow import Filter, Pipeline

__all__ = [
    "DESIGN", "add_filter_flags", "add_hardware_flags", "add_strategy_flag", "filter_keys",
    "filter_words", "make_design", "make_filter",
]

DESIGN = "a .toml, .json, .onnx or .tflite file, or - for standard input"


def plain(key: str, text: str) -> str:
    return text


def integer(key: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise UsageError(f"{key} must be an integer, not {text!r}") from None


def integers(key: str, text: str) -> list[int]:
    return [integer(key, word) for word in text.replace(",", " ").split()]


def name_or_integers(key: str, text: str) -> str | list[int]:
    return integers(key, text) if re.match(r"\s*[-+\d]", text) else text


def name_or_sides(key: str, text: str) -> str | dict[str, str]:
    """``replicate``, or ``top=constant,bottom=replicate``."""
    if "=" not in text:
        return text
    sides: dict[str, str] = {}
    for part in text.split(","):
        side, separator, value = (word.strip() for word in part.partition("="))
        if not separator or side in sides:
            raise UsageError(
                f"{key} must be a name or top=NAME,bottom=NAME,left=NAME,right=NAME, not {text!r}"
            )
        sides[side] = value
    return sides


def kernel(key: str, text: str) -> Any:
    """A matrix of rows or a file; a catalogue name stays one, and so brings its ``shift``."""
    from windrow.model import parse_kernel  # late: numpy comes with it

    matrix, comes_with_name = parse_kernel(text)
    return text.strip() if comes_with_name else matrix


def stage(text: str) -> dict[str, Any]:
    """``median=3``, or a TOML inline table, ``{median = 3, border = "symmetric"}``."""
    if text.lstrip().startswith("{"):
        try:
            table = toml(text)
        except ValueError as error:
            raise UsageError(f"stage {text!r} is no TOML table: {error}") from None
        if not isinstance(table, dict):
            raise UsageError(f"stage {text!r} is no TOML table in one pair of braces")
        return table
    verb, separator, value = (word.strip() for word in text.partition("="))
    if not separator or not re.fullmatch(r"[a-z_]+", verb):
        raise UsageError("stage must be VERB=VALUE, as median=3, or a TOML table, as "
                         f"{{median = 3, border = \"symmetric\"}}, not {text!r}")
    if verb == "kernel":
        return {verb: kernel(verb, value)}
    if verb == "expr":
        return {verb: value}
    # A list may come without its brackets; names and rows with commas are text.
    for written in (value, *([f"[{value}]"] if "," in value and verb not in VERBS else [])):
        try:
            return {verb: toml(written)}
        except ValueError:
            pass
    return {verb: value}


def toml(text: str) -> Any:
    """The value that the text is in TOML.

    Raises
    ------
    :exc:`ValueError`
        If it is none.
    """
    import tomllib

    read = tomllib.loads(f"value = {text}")
    if len(read) > 1:
        raise ValueError("more than one line")
    return read["value"]


def kernels(key: str, texts: list[str]) -> dict[str, Any]:
    """``gx=sobel-x``, once for each kernel, or several with commas where that is unambiguous."""
    bank: dict[str, Any] = {}
    for text in texts:
        # A kernel's parameters have commas of their own.
        for part in [text] if ":" in text else re.split(r",\s*(?=[^\W\d]\w*\s*=)", text):
            name, separator, value = (word.strip() for word in part.partition("="))
            if not (name and separator and value):
                raise UsageError(f"kernels must be NAME=KERNEL, as gx=sobel-x, not {part!r}")
            if name in bank:
                raise UsageError(f"kernels has the name {name!r} twice")
            bank[name] = kernel(key, value)
    return bank


#: How a flag's text becomes the value that a file would hold.
READS: dict[str, Callable[[str, Any], Any]] = {
    "plain": plain, "integer": integer, "integers": integers, "name_or_integers": name_or_integers,
    "name_or_sides": name_or_sides, "kernel": kernel, "kernels": kernels,
}

FLAGS = tuple(key for key in TABLE if key.metavar)


def add_filter_flags(parser: argparse.ArgumentParser) -> None:
    """Add one flag for each key of a filter, and ``--size`` for two of them."""
    groups = {about: parser.add_argument_group(f"the filter: {title}")
              for about, title in ABOUT.items()}
    groups["operation"].add_argument(
        "--stage", action="append", metavar="VERB=VALUE", default=[],
        help="one more stage of a pipeline, after the file's: median=3, or a TOML table, "
             "'{median = 3, border = \"symmetric\"}'; the other flags are then the frame's")
    groups["frame"].add_argument("--size", metavar="WxH",
                                 help="width and height of the input frame, as 1920x1080")
    for key in FLAGS:
        silent = key.words.startswith(("none", "needed"))
        groups[key.about].add_argument(
            "--" + key.name.replace("_", "-"), dest="key_" + key.name, metavar=key.metavar,
            action="append" if key.name == "kernels" else "store",
            help=key.help if silent else f"{key.help} ({key.default_words})",
        )


def add_hardware_flags(parser: argparse.ArgumentParser) -> None:
    """Add ``--target`` and ``--strategy``: how the filter is built, not what it computes."""
    parser.add_argument("--target", default="generic", metavar="FAMILY",
                        help="device family: generic, ecp5, ice40, gowin or gatemate (generic)")
    add_strategy_flag(parser)


def add_strategy_flag(parser: argparse.ArgumentParser) -> None:
    """Add ``--strategy``."""
    parser.add_argument("--strategy", default="auto", metavar="NAME",
                        help="how the sums are made: auto, or one that `windrow plan` lists (auto)")


def filter_keys(args: argparse.Namespace, file: str | None) -> dict[str, Any]:
    """The keys that a filter file and the flags give, flags first; not yet checked as a filter.

    Raises
    ------
    :exc:`UsageError`
        If a flag cannot be read.
    :exc:`windrow.model.errors.InputError`
        If a file cannot be read.
    """
    keys: dict[str, Any] = {}
    if file is not None:
        from windrow.model.files import read_keys

        ready = ready_file(file) if file != "-" and not Path(file).exists() else None
        if ready is not None and not args.quiet:
            print(f"windrow: {file} is the ready design of that name: see `windrow designs "
                  f"{ready.stem}`", file=sys.stderr)
        keys = read_keys(file if ready is None else ready)
    given = {key.name: READS[key.reads](key.name, text) for key in FLAGS
             if (text := getattr(args, "key_" + key.name)) is not None}
    if keys:
        from windrow.model.reading import beside

        keys = beside(keys, given)
    keys |= given
    if args.size is not None:
        if args.key_width is not None or args.key_height is not None:
            raise UsageError(f"size {args.size!r} is given beside --width or --height: give one")
        size = re.fullmatch(r"(\d{1,9})[xX](\d{1,9})", args.size)
        if size is None:
            window = ("" if {"rank", "percentile"}.isdisjoint(given) else
                      "; the window's size is --footprint")
            raise UsageError(
                f"size must be WIDTHxHEIGHT, as 1920x1080, not {args.size!r}{window}")
        keys["width"], keys["height"] = map(int, size.groups())
    if args.stage:
        above = keys.get("stage", [])
        if not isinstance(above, list):
            raise UsageError("stage is no list of tables in the file: write [[stage]]")
        keys["stage"] = [*above, *map(stage, args.stage)]
    return keys


def make_design(keys: dict[str, Any]) -> "Filter | Pipeline":
    """The filter or the pipeline of :func:`filter_keys`.

    Raises
    ------
    :exc:`UsageError`
        If what every design needs is missing.
    :exc:`windrow.model.errors.InputError`
        If it is no design.
    """
    name = keys.get("preset")
    if (isinstance(name, str) or keys.get("border") == "wrap") and "stage" not in keys:
        from windrow.model.pipeline.reading import FRAME_KEYS  # late, as all else
        from windrow.model.presets import is_staged
        from windrow.model.reading import repeats, wraps

        if is_staged(str(name)) or wraps(keys) or repeats(keys):  # what a stage alone can be
            own = {key: value for key, value in keys.items() if key not in FRAME_KEYS}
            keys = {key: keys[key] for key in keys if key in FRAME_KEYS} | {"stage": [own]}
    if "stage" not in keys:
        return make_filter(keys)
    from windrow import Pipeline  # late: numpy comes with it

    for key in ("width", "height"):
        if key not in keys:
            raise UsageError(f"key {key} is missing: give --size WxH, as 1920x1080")
    return Pipeline.from_dict(keys)


def make_filter(keys: dict[str, Any]) -> "Filter":
    """The filter of :func:`filter_keys`, where a pipeline is none.

    Raises
    ------
    :exc:`UsageError`
        If what every filter needs is missing.
    :exc:`windrow.model.errors.InputError`
        If it is no filter.
    """
    # Late: numpy comes with them.
    from windrow import Filter

    if "stage" in keys:
        make_design(keys)
        raise UsageError("the design is a pipeline, it has stages: this command takes filters only")
    if not set(keys) - {*KEYS, *PASSING_KEYS}:  # a misspelt key is not missing
        if not {*VERBS, "preset"} & set(keys):
            raise UsageError("key kernel is missing: give --kernel or --preset (see `windrow "
                             "kernels` and `windrow presets`), another verb such as --median, or a "
                             "filter file")
        for key in ("width", "height"):
            if key not in keys:
                raise UsageError(f"key {key} is missing: give --size WxH, as 1920x1080")
    return Filter.from_dict(keys)


def filter_words(args: argparse.Namespace) -> str:
    """The filter as it was given, to be typed again: its file and its flags."""
    words = [] if args.filter is None else ["FILTER" if args.filter == "-" else args.filter]
    given = [("size", args.size), *((key.name, getattr(args, "key_" + key.name)) for key in FLAGS)]
    for name, texts in given:
        for text in texts if isinstance(texts, list) else [texts] if texts is not None else []:
            words += [f"--{name.replace('_', '-')}", text]
    words += [word for text in args.stage for word in ("--stage", text)]
    return shlex.join(words)
