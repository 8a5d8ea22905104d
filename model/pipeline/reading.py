"""From tables of keys, as files hold them, to the stages of a pipeline."""

import keyword
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import InputError, nearest, shorten
from ..filter import KEYS, PASSING_KEYS, Filter
from ..format import Format
from .stage import Stage, Tap


__all__ = ["FRAME_KEYS", "INPUT", "STAGE_DEFAULTS", "read_frame", "read_outputs", "read_stages"]

#: The name of what comes in.
INPUT = "input"
#: Keys of a filter that are the whole pipeline's.
FRAME_KEYS = ("width", "height", "pixel", "channels", "pixels_per_clock", "clocks_per_pixel",
              "control", "max_width", "max_height", "input_fifo")
#: Keys of a filter that may stand at the top: every stage has them that says nothing else.
STAGE_DEFAULTS = ("border", "border_value", "padding", "operation", "rounding", "overflow",
                  "coefficients", "coefficient_bits")
#: What a stage does: it has exactly one of these.
VERBS = ("kernel",)
#: Bounds on what a reader or a builder is asked to do.
MOST_STAGES, LONGEST_NAME = 64, 64


def read_frame(keys: Mapping[str, Any]) -> tuple[Filter, dict[str, Any]]:
    """The frame that the top of a pipeline describes, and what its stages have by default.

    The frame is a filter that does nothing, so that each key is checked and meant as a filter's.
    """
    for key, value in keys.items():
        if key in FRAME_KEYS or key in STAGE_DEFAULTS:
            continue
        if key in KEYS or key in PASSING_KEYS or key in VERBS:
            raise InputError(f"key {key!r} is a stage's: write it into a [[stage]], not at the top "
                             "of a pipeline")
        guess = nearest(str(key), [*FRAME_KEYS, *STAGE_DEFAULTS, "stage", "outputs"])
        raise InputError(f"unknown key {shorten(key)} = {shorten(value)}: {guess}")
    for key in ("width", "height"):
        if key not in keys:
            raise InputError(f"key {key!r} is missing; a pipeline must have it")
    frame = {key: value for key, value in keys.items() if key in FRAME_KEYS}
    defaults = {key: value for key, value in keys.items() if key in STAGE_DEFAULTS}
    Filter.from_dict({"kernel": [[1]], **keys})  # the defaults are checked where they stand
    return Filter.from_dict({"kernel": [[1]], **frame}), defaults


def read_stages(
    tables: object, frame: Filter, defaults: Mapping[str, Any]
) -> tuple[tuple[Stage, ...], dict[str, Tap]]:
    """The stages of some tables, and every tap with the input first."""
    if not isinstance(tables, Sequence) or isinstance(tables, (str, bytes)):
        raise InputError(f"stage must be a list of tables, [[stage]], not {shorten(tables)}")
    if not 1 <= len(tables) <= MOST_STAGES:
        raise InputError(f"a pipeline must have from 1 to {MOST_STAGES} stages, not {len(tables)}")
    reader = _Reader(frame, defaults)
    given = {table["name"] for table in tables
             if isinstance(table, Mapping) and isinstance(table.get("name"), str)}
    for number, table in enumerate(tables, 1):
        reader.read(number, table, given)
    return tuple(reader.stages), reader.taps


def read_outputs(names: object, stages: Sequence[Stage], taps: Mapping[str, Tap]) -> tuple[
        tuple[str, ...], Format]:
    """The taps that the output joins, and what the output carries."""
    if names is None:
        names = stages[-1].taps
    if isinstance(names, str):
        names = (names,)
    if not isinstance(names, (list, tuple)) or not names:
        raise InputError(f"outputs must be a list of taps, not {shorten(names)}")
    for name in names:
        if not isinstance(name, str) or name not in taps:
            raise InputError(f"outputs names {shorten(name)}, which is no tap: "
                             f"{nearest(str(name), taps)}")
    formats = [taps[name].format for name in names]
    first = formats[0]
    for name, each in zip(names, formats, strict=True):
        if (each.width, each.height) != (first.width, first.height):
            raise InputError(
                f"outputs joins {names[0]!r} of {first.width}x{first.height} and {name!r} of "
                f"{each.width}x{each.height}; taps side by side must have one frame size")
    try:
        sample = first.sample if all(each.sample == first.sample for each in formats) else (
            type(first.sample).holding(min(each.sample.minimum for each in formats),
                                       max(each.sample.maximum for each in formats)))
    except InputError:
        raise InputError("outputs joins samples "
                         f"{', '.join(sorted({str(each.sample) for each in formats}))}, which no "
                         "sample of 32 bits holds") from None
    channels = sum(each.channels for each in formats)
    return tuple(names), Format(first.width, first.height, sample, channels,
                                first.pixels_per_clock)


class _Reader:
    """Reads stages one after the other, each with what stands above it."""

    def __init__(self, frame: Filter, defaults: Mapping[str, Any]) -> None:
        self.frame = frame
        self.defaults = defaults
        self.stages: list[Stage] = []
        self.taps = {INPUT: Tap(INPUT, frame.format)}

    def read(self, number: int, table: object, given: set[str]) -> None:
        """Read one table."""
        if not isinstance(table, Mapping):
            raise InputError(f"stage {number} must be a table of keys, not {shorten(table)}")
        named = table.get("name")
        where = f"stage {number}" + (f" {named!r}" if isinstance(named, str) else "")
        try:
            self._read(number, dict(table), given)
        except InputError as error:
            raise InputError(f"{where}: {error}") from error

    def _read(self, number: int, table: dict[str, Any], given: set[str]) -> None:
        name = self._name(number, table.pop("name", None), given)
        _check_keys(table)
        source = self._source(table.pop("from", None))
        self._define(name, (name,), source, table)

    def _name(self, number: int, name: object, given: set[str]) -> str:
        if name is None:
            made = f"stage_{number}"
            while made in given or made in self.taps:
                made += "_"
            return made
        check_name(name)
        assert isinstance(name, str)
        self._check_free(name)
        return name

    def _check_free(self, name: str) -> None:
        if name in self.taps or name in (stage.name for stage in self.stages):
            raise InputError(f"name {name!r} is there already, above; names are unique")

    def _source(self, name: object) -> Tap:
        if name is None:
            above = self.stages[-1].taps if self.stages else (INPUT,)
            if len(above) > 1:
                raise InputError(f"the stage above makes the taps {', '.join(above)}: say which "
                                 f"one to read, from = {above[0]!r}")
            return self.taps[above[0]]
        if not isinstance(name, str) or name not in self.taps:
            raise InputError(f"from names {shorten(name)}, which no stage above defines; "
                             f"{nearest(str(name), self.taps)}")
        return self.taps[name]

    def _define(self, name: str, taps: tuple[str, ...], source: Tap, keys: dict[str, Any]) -> None:
        frame, read = self.frame, source.format
        of_frame = {
            "width": read.width, "height": read.height, "pixel": read.sample,
            "channels": read.channels, "pixels_per_clock": frame.pixels_per_clock,
            "clocks_per_pixel": frame.clocks_per_pixel, "control": frame.control,
            "max_width": frame.max_width - frame.width + read.width,
            "max_height": frame.max_height - frame.height + read.height,
        }
        stage = Stage(name, (source.name,), taps, (read,),
                      Filter.from_dict({**self.defaults, **keys, **of_frame}))
        self.stages.append(stage)
        for number, (tap, made) in enumerate(zip(taps, stage.outputs, strict=True)):
            self.taps[tap] = Tap(tap, made, stage, number)


def check_name(name: object) -> None:
    """Refuse what cannot name a tap."""
    rule = "letters, digits and underscores, not a digit first"
    if not isinstance(name, str) or not re.fullmatch(
            r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", name, re.ASCII) or len(name) > LONGEST_NAME:
        raise InputError(f"name must be {rule}, at most {LONGEST_NAME} of them, not "
                         f"{shorten(name)}")
    if name == INPUT:
        raise InputError(f"name {name!r} is what comes into the pipeline; give another")
    if keyword.iskeyword(name):
        raise InputError(f"name {name!r} is a word of expressions; give another")


def _check_keys(table: Mapping[str, Any]) -> None:
    """Refuse keys that no stage has, and more or less than one verb."""
    known = [*KEYS, *PASSING_KEYS, *VERBS, "name", "from"]
    for key, value in table.items():
        if key in FRAME_KEYS:
            raise InputError(f"key {key!r} is the pipeline's, not a stage's: "
                             + ("a stage reads samples as they come; say output in the stage above"
                                if key == "pixel" else "write it at the top"))
        if key not in known:
            guess = nearest(str(key), [each for each in known if each not in FRAME_KEYS])
            raise InputError(f"unknown key {shorten(key)} = {shorten(value)}: {guess}")
    if "preset" in table:
        return  # with a kernel where the function takes one; the preset says
    verbs = [key for key in table if key in VERBS]
    if len(verbs) > 1:
        raise InputError(f"has the verbs {' and '.join(map(repr, verbs))}; a stage has exactly "
                         "one, so write two stages")
    if not verbs:
        raise InputError(f"has no verb; a stage has exactly one of {', '.join(VERBS)}")
