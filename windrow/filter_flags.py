"""The design on the command line: a file, flags named after the keys, or both."""

import argparse
import re
import shlex
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from windrow.usage import UsageError


if TYPE_CHECKING:
    from windrow import Filter, Pipeline

__all__ = [
    "DESIGN", "add_filter_flags", "add_hardware_flags", "add_strategy_flag", "filter_keys",
    "filter_words", "make_design", "make_filter",
]

DESIGN = "a .toml or .json file, or - for standard input"


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
    try:
        return {verb: toml(value)}
    except ValueError:
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


class Flag(NamedTuple):
    """One key of the filter: how its text becomes the value that a filter file would hold."""

    key: str
    metavar: str
    parse: Callable[[str, str], Any]
    help: str


FLAGS = (
    Flag("kernel", "KERNEL", kernel, "a catalogue name (see `windrow kernels`), rows such as "
         '"1 2 1; 2 4 2; 1 2 1", or a .json, .csv, .txt, .mat or .npy file'),
    Flag("kernel_bits", "BITS", integer, "fraction bits that a real-valued kernel is quantised to "
         "(as many as give its greatest entry 12 significant bits)"),
    Flag("preset", "NAME", plain, "compute as this function does: cv2.GaussianBlur:ksize=5"),
    Flag("width", "PIXELS", integer, "width of the input frame"),
    Flag("height", "PIXELS", integer, "height of the input frame"),
    Flag("pixel", "SAMPLE", plain, "input sample: u1..u16, s2..s16 (u8)"),
    Flag("channels", "COUNT", integer, "planes filtered side by side: 3 for RGB (1)"),
    Flag("operation", "NAME", plain, "correlate or convolve (correlate)"),
    Flag("anchor", "ROW,COLUMN", integers, "kernel cell on the output pixel (the middle)"),
    Flag("padding", "PADDING", name_or_integers,
         "same, valid, full or TOP,BOTTOM,LEFT,RIGHT (same)"),
    Flag("border", "NAME", name_or_sides,
         "constant, replicate, symmetric, reflect101, or top=NAME,bottom=NAME,... (replicate)"),
    Flag("border_value", "SAMPLE", integer, "what a constant border holds (0)"),
    Flag("shift", "BITS", integer,
         "the sum is divided by 2**BITS (what the kernel's name says, or 0)"),
    Flag("offset", "INTEGER", integer, "added to the result before rounding (0)"),
    Flag("rounding", "NAME", plain,
         "floor, half-up, half-even, half-away or toward-zero (half-up)"),
    Flag("overflow", "NAME", plain, "saturate, wrap or abs-saturate (saturate)"),
    Flag("output", "SAMPLE", plain, "output sample, up to 32 bits (as --pixel); the file is --out"),
    Flag("pixels_per_clock", "COUNT", integer, "1, 2, 4 or 8 (1)"),
    Flag("clocks_per_pixel", "COUNT", integer,
         "clock cycles for each pixel, where the clock is faster than the pixels (1)"),
    Flag("control", "NAME", plain, "none, or axi4-lite: a register port to change it while it runs "
         "(none)"),
    Flag("coefficients", "NAME", plain, "constant, or runtime: in registers (constant)"),
    Flag("coefficient_bits", "BITS", integer,
         "of a run-time coefficient, 2 to 32 (8, or what the kernel needs)"),
    Flag("max_width", "PIXELS", integer, "the widest frame that the registers can ask for (width)"),
    Flag("max_height", "PIXELS", integer, "the tallest (height)"),
    Flag("input_fifo", "BEATS", integer,
         "of an asynchronous FIFO, for an input with a clock of its own (0: none)"),
)


GROUPS = {
    "the filter, by key: used often": (
        "kernel", "kernel_bits", "preset", "width", "height", "pixel", "channels", "border",
        "output"),
    "the filter: arithmetic": (
        "operation", "anchor", "padding", "border_value", "shift", "offset", "rounding",
        "overflow"),
    "the filter: registers and clocks": (
        "pixels_per_clock", "clocks_per_pixel", "control", "coefficients", "coefficient_bits",
        "max_width", "max_height", "input_fifo"),
}


def add_filter_flags(parser: argparse.ArgumentParser) -> None:
    """Add one flag for each key of a filter, and ``--size`` for two of them."""
    groups = {key: group for title, keys in GROUPS.items()
              for group in [parser.add_argument_group(title)] for key in keys}
    groups["kernel"].add_argument(
        "--stage", action="append", metavar="VERB=VALUE", default=[],
        help="one more stage of a pipeline, after the file's: median=3, or a TOML table, "
             "'{median = 3, border = \"symmetric\"}'; the other flags are then the frame's")
    groups["kernel"].add_argument("--size", metavar="WxH",
                                  help="width and height of the input frame, as 1920x1080")
    for flag in FLAGS:
        groups.get(flag.key, groups["shift"]).add_argument(
            "--" + flag.key.replace("_", "-"), dest="key_" + flag.key, metavar=flag.metavar,
            help=flag.help,
        )


def add_hardware_flags(parser: argparse.ArgumentParser) -> None:
    """Add ``--target`` and ``--strategy``: how the filter is built, not what it computes."""
    parser.add_argument("--target", default="generic", metavar="FAMILY",
                        help="device family: generic, ecp5, ice40 or gowin (generic)")
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

        keys = read_keys(file)
        if args.key_preset is not None:
            from windrow.model.presets import without_preset_keys

            keys = without_preset_keys(keys, args.key_preset)
    for flag in FLAGS:
        text = getattr(args, "key_" + flag.key)
        if text is not None:
            keys[flag.key] = flag.parse(flag.key, text)
            if flag.key == "kernel" and isinstance(keys["kernel"], str):
                keys.pop("shift", None)  # the file's was for another kernel
            if flag.key == "kernel":
                keys.pop("kernel_bits", None)
    if args.size is not None:
        if args.key_width is not None or args.key_height is not None:
            raise UsageError(f"size {args.size!r} is given beside --width or --height: give one")
        size = re.fullmatch(r"(\d{1,9})[xX](\d{1,9})", args.size)
        if size is None:
            raise UsageError(f"size must be WIDTHxHEIGHT, as 1920x1080, not {args.size!r}")
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
    from windrow.model.keys import KEYS, PASSING_KEYS

    if "stage" in keys:
        make_design(keys)
        raise UsageError("the design is a pipeline, it has stages: this command takes filters only")
    if not set(keys) - {*KEYS, *PASSING_KEYS}:  # a misspelt key is not missing
        if not {"kernel", "preset"} & set(keys):
            raise UsageError("key kernel is missing: give --kernel or --preset (see `windrow "
                             "kernels` and `windrow presets`), or a filter file")
        for key in ("width", "height"):
            if key not in keys:
                raise UsageError(f"key {key} is missing: give --size WxH, as 1920x1080")
    return Filter.from_dict(keys)


def filter_words(args: argparse.Namespace) -> str:
    """The filter as it was given, to be typed again: its file and its flags."""
    words = [] if args.filter is None else ["FILTER" if args.filter == "-" else args.filter]
    for name, text in [("size", args.size),
                       *((flag.key, getattr(args, "key_" + flag.key)) for flag in FLAGS)]:
        if text is not None:
            words += [f"--{name.replace('_', '-')}", text]
    words += [word for text in args.stage for word in ("--stage", text)]
    return shlex.join(words)
