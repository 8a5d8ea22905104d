"""From tables of keys, as files hold them, to the stages of a pipeline."""

import keyword
import re
from collections.abc import Mapping, Sequence
from typing import Any

from .. import checks, presets
from ..errors import InputError, nearest, shorten
from ..expression import Expression, Read
from ..expression.parsing import FUNCTIONS, PLACE
from ..filter import Filter
from ..format import Format
from ..keys import KEYS, LARGEST_CHANNELS, OVERFLOWS, PASSING_KEYS
from ..keys import VERBS as FILTER_VERBS
from ..reading import repeats, wraps
from ..requantisation import Requantisation
from ..sample import Sample
from ..sides import Sides
from .compound import Compound, Table
from .enlarge import shuffle_stage
from .formula import FormulaStage, TableStage
from .parameter import Parameter
from .part import SUBSETS, subset_stage
from .stage import FilterStage, Stage, Tap
from .surround import surround_stage
from .verbs import VERBS
from .whole import HysteresisStage, hysteresis_stage


__all__ = ["FRAME_KEYS", "INPUT", "STAGE_DEFAULTS", "read_frame", "read_outputs", "read_stages"]

#: The name of what comes in.
INPUT = "input"
#: Keys of a filter that are the whole pipeline's.
FRAME_KEYS = ("width", "height", "pixel", "channels", "pixels_per_clock", "clocks_per_pixel",
              "control", "max_width", "max_height", "input_fifo")
#: Keys of a filter that may stand at the top, and the verbs whose stages then have them where they
#: say nothing else. A preset says all itself.
STAGE_DEFAULTS: Mapping[str, tuple[str, ...]] = {
    **{key: tuple(name for name, verb in VERBS.items() if name != "preset" and key in verb.shared)
       for key in ("border", "border_value", "overflow")},
    "padding": FILTER_VERBS,
    **dict.fromkeys(("operation", "rounding"), ("kernel", "kernels")),
    **dict.fromkeys(("coefficients", "coefficient_bits"), ("kernel",)),
}
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
        guess = nearest(str(key), [*FRAME_KEYS, *STAGE_DEFAULTS, "parameters", "stage",
                                   "outputs"])
        raise InputError(f"unknown key {shorten(key)} = {shorten(value)}: {guess}")
    for key in ("width", "height"):
        if key not in keys:
            raise InputError(f"key {key!r} is missing; a pipeline must have it")
    frame = {key: value for key, value in keys.items() if key in FRAME_KEYS}
    defaults = {key: value for key, value in keys.items() if key in STAGE_DEFAULTS}
    checked = {**keys, **({"border": "replicate"} if keys.get("border") == "wrap" else {})}
    Filter.from_dict({"kernel": [[1]], **checked})  # the defaults are checked where they stand
    return Filter.from_dict({"kernel": [[1]], **frame}), defaults


def read_stages(
    tables: object, frame: Filter, defaults: Mapping[str, Any],
    parameters: Sequence[Parameter] = (),
) -> tuple[tuple[Stage, ...], dict[str, Tap]]:
    """The stages of some tables, and every tap with the input first."""
    if not isinstance(tables, Sequence) or isinstance(tables, (str, bytes)):
        raise InputError(f"stage must be a list of tables, [[stage]], not {shorten(tables)}")
    if not 1 <= len(tables) <= MOST_STAGES:
        raise InputError(f"a pipeline must have from 1 to {MOST_STAGES} stages, not {len(tables)}")
    given = {table["name"] for table in tables
             if isinstance(table, Mapping) and isinstance(table.get("name"), str)}
    reader = _Reader(frame, defaults, given, parameters)
    for number, table in enumerate(tables, 1):
        reader.read(number, table)
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
    for name in names:
        if isinstance(taps[name].stage, HysteresisStage) and len(names) > 1:
            raise InputError(f"outputs joins {name!r}, which comes when a whole frame has been "
                             "seen, with other taps; it can only stand alone")
    formats = [taps[name].format for name in names]
    first: Format = formats[0]
    for name, each in zip(names, formats, strict=True):
        if (each.width, each.height) != (first.width, first.height):
            raise InputError(
                f"outputs joins {next(iter(names))!r} of {first.width}x{first.height} and "
                f"{name!r} of {each.width}x{each.height}; taps side by side must have one frame "
                "size")
    try:
        sample = first.sample if all(each.sample == first.sample for each in formats) else (
            type(first.sample).holding(min(each.sample.minimum for each in formats),
                                       max(each.sample.maximum for each in formats)))
    except InputError:
        raise InputError("outputs joins samples "
                         f"{', '.join(sorted({str(each.sample) for each in formats}))}, which no "
                         "sample of 32 bits holds") from None
    channels = sum(each.channels for each in formats)
    if channels > LARGEST_CHANNELS:
        raise InputError(f"outputs joins {channels} channels; at most {LARGEST_CHANNELS} are "
                         "allowed in a beat")
    return tuple(names), Format(first.width, first.height, sample, channels,
                                first.pixels_per_clock)


class _Reader:
    """Reads stages one after the other, each with what stands above it.

    Parameters
    ----------
    frame : :class:`~windrow.model.filter.Filter`
        The keys of the frame.
    defaults : mapping
        Keys that stages have where they say nothing else.
    given : set of :class:`str`
        The names that somebody chose.
    parameters : sequence of :class:`~.parameter.Parameter`
        Numbers that expressions may use.
    """

    def __init__(self, frame: Filter, defaults: Mapping[str, Any], given: set[str],
                 parameters: Sequence[Parameter]) -> None:
        self.frame = frame
        self.defaults = defaults
        self.parameters = {each.name: each for each in parameters}
        self.given = given | set(self.parameters)
        for name in self.parameters:
            check_name(name)
        self.stages: list[Stage] = []
        self.taps = {INPUT: Tap(INPUT, frame.format)}
        self.above: tuple[str, ...] = (INPUT,)

    def read(self, number: int, table: object) -> None:
        """Read one table."""
        if not isinstance(table, Mapping):
            raise InputError(f"stage {number} must be a table of keys, not {shorten(table)}")
        named = table.get("name")
        where = f"stage {number}" + (f" {named!r}" if isinstance(named, str) else "")
        try:
            keys = dict(table)
            verb = _verb(keys)
            if verb not in FILTER_VERBS and hasattr(keys[verb], "tolist"):  # an array of numpy's
                keys[verb] = keys[verb].tolist()
            name = self._name(number, keys.pop("name", None))
            self._read(name, verb, keys)
        except InputError as error:
            raise InputError(f"{where}: {error}") from error
        self.above = self.stages[-1].taps

    def _read(self, name: str, verb: str, keys: Table, *, preset: bool = False) -> None:
        """A stage, or those that a compound one stands for. A preset's has no defaults."""
        if not preset:
            keys = {**self._defaults(verb), **keys}
        if verb in ("expr", "exprs"):
            self._express(name, verb, keys)
            return
        if verb == "shuffle":
            self._add(shuffle_stage(name, keys["shuffle"], self.taps))
            return
        source = self._source(keys.pop("from", None))
        compound = Compound(name, source.name, source.format, verb, keys,
                            self.given | set(self.taps), frozenset(self.parameters))
        if verb == "preset" and (presets.is_staged(str(keys["preset"])) or repeats(
                {**keys, "pixel": source.format.sample})):
            text = keys.pop("preset")
            made = presets.expand(
                text, {**keys, "pixel": source.format.sample}, tap=source.name,
                frame=source.format, fixed=not self.frame.registers, inner=compound.inner)
            del made["pixel"]
            for part in made.pop("stages", ()):
                self._read(part.pop("name"), _verb(part), part, preset=True)
            verb = _verb(made)
            reads = {} if verb in ("expr", "shuffle") else {"from": source.name}
            self._read(name, verb, {**reads, **made}, preset=True)
            return
        find_parts = VERBS[verb].parts
        parts = find_parts and find_parts(compound)
        if parts and keys.get("entries") == "runtime":
            if not self.frame.registers:
                raise InputError("entries 'runtime' need registers; control must be 'axi4-lite', "
                                 f"not {self.frame.control!r}")
            self._express(name, "expr", parts[0], TableStage)
            return
        for part in parts or ():
            self._read(part.pop("name"), _verb(part), part, preset=preset)
        if verb == "hysteresis":
            self._add(hysteresis_stage(name, source, keys[verb]))
        elif verb == "surround":
            self._add(surround_stage(name, source, keys[verb]))
        elif verb in SUBSETS:
            self._add(subset_stage(name, verb, source, keys))
        elif not parts:
            self._define(name, verb, source, keys)

    def _name(self, number: int, name: object) -> str:
        if name is None:
            made = f"stage_{number}"
            while made in self.given or made in self.taps:
                made += "_"
            return made
        check_name(name)
        assert isinstance(name, str)
        self._check_free(name)
        return name

    def _check_free(self, name: str) -> None:
        if name in self.taps or name in (stage.name for stage in self.stages):
            raise InputError(f"name {name!r} is there already, above; names are unique")
        if name in self.parameters:
            raise InputError(f"name {name!r} is a parameter's; names are unique")

    def _source(self, name: object) -> Tap:
        if name is None:
            first, *others = self.above
            if others:
                raise InputError(f"the stage above makes the taps {', '.join(self.above)}: say "
                                 f"which one to read, from = {first!r}")
            return self.taps[first]
        if not isinstance(name, str) or name not in self.taps:
            raise InputError(f"from names {shorten(name)}, which no stage above defines; "
                             f"{nearest(str(name), self.taps)}")
        return self.taps[name]

    def _define(self, name: str, verb: str, source: Tap, keys: Table) -> None:
        """A stage that is a filter."""
        frame, read = self.frame, source.format
        of_frame = {
            "width": read.width, "height": read.height, "pixel": str(read.sample),
            "channels": read.channels, "pixels_per_clock": frame.pixels_per_clock,
            "clocks_per_pixel": frame.clocks_per_pixel,
        }
        if wraps({**keys, **of_frame}):  # the other side comes around the frame, out of a memory
            keys = {**keys, "border": "replicate"}
            pads = Filter.from_dict({**keys, **of_frame}).window.pads
            if any(pads):
                around = Compound(name, source.name, read, verb, keys,
                                  self.given | set(self.taps), frozenset()).inner("wrapped")
                self._add(surround_stage(around, source, list(pads)))
                self._define(name, verb, self.taps[around], {**keys, "padding": [0, 0, 0, 0]})
                return
        width, height = self._largest(read)
        controlled = {"control": frame.control, "max_width": width, "max_height": height}
        filter = Filter.from_dict({**keys, **of_frame, **(
            controlled if frame.registers and verb == "kernel" else {})})
        if not filter.runtime_kernel:  # only a stage whose kernel is in registers has any
            filter = filter.replace(control="none", max_width=read.width, max_height=read.height)
        taps: tuple[str, ...] = (name,)
        if filter.kernels:
            taps = filter.applied.outputs
            self._check_taps(taps)
        self._add(FilterStage(name, (source.name,), taps, (read,), filter))

    def _express(self, name: str, verb: str, keys: Table,
                 kind: type[FormulaStage] = FormulaStage) -> None:
        """A stage that is one expression, or several: each a tap, or each a channel of one."""
        texts = keys[verb]
        taps: tuple[str, ...] = (name,)
        if verb == "exprs":
            if not isinstance(texts, Mapping) or not texts:
                raise InputError("exprs must be a table of names with their expressions, not "
                                 f"{shorten(texts)}")
            taps = tuple(texts)
            self._check_taps(taps)
            labelled = [(f"exprs.{tap}", text) for tap, text in texts.items()]
        elif isinstance(texts, (list, tuple)):
            labelled = [(f"expr {number}", text) for number, text in enumerate(texts)]
        else:
            labelled = [("expr", texts)]
        if not 1 <= len(labelled) <= LARGEST_CHANNELS:
            raise InputError(f"{verb} must have from 1 to {LARGEST_CHANNELS} expressions, not "
                             f"{len(labelled)}")
        frame, parameters = self.frame, self.parameters
        numbers = {name: None if frame.registers else each.value
                   for name, each in parameters.items()}
        expressions = tuple(Expression.parse(text, self.taps, key=label, numbers=numbers)
                            for label, text in labelled)
        named = tuple(dict.fromkeys(
            step.value.tap for each in expressions for step in each.operations
            if isinstance(step.value, Read)))
        sources = tuple(tap for tap in named if tap in self.taps)
        if sources and "from" in keys:
            raise InputError(f"from {shorten(keys['from'])} is of no use: an expression reads the "
                             "taps that it names")
        sources = sources or (self._source(keys.get("from")).name,)
        inputs = tuple(self.taps[each].format for each in sources)
        border = keys.get("border", "replicate")
        if border == "wrap":
            far = next((step.value for each in expressions for step in each.operations
                        if isinstance(step.value, Read) and (step.value.dy or step.value.dx)), None)
            if far is not None:
                raise InputError(
                    f"border 'wrap' is of kernel and rank stages, and {str(far)!r} is a neighbour "
                    "in an expression: take it from a stage of a kernel, such as [[0, 0, 1]]")
            border = "replicate"
        border = checks.border("border", border, None)
        self._add(kind(
            name, sources, taps, inputs, expressions, Requantisation(
                0, 0, "floor",
                checks.choice(OVERFLOWS)("overflow", keys.get("overflow", "saturate"), None),
                Sample.parse(keys.get("output", str(inputs[0].sample)), key="output")),
            Sides(*[border] * 4) if isinstance(border, str) else border,
            self._border_value(keys.get("border_value", 0)),
            tuple(self.taps[each].reached for each in sources),
            tuple(parameters[each] for each in named if each in parameters),
            self._largest(inputs[0])))

    def _border_value(self, value: object) -> int | Parameter:
        """The sample of a constant border: a number, or a parameter's name."""
        if not isinstance(value, str):
            return checks.integer()("border_value", value, None)
        if value not in self.parameters:
            known = f"; {nearest(value, self.parameters)}" if self.parameters else ""
            raise InputError(f"border_value must be an integer or the name of a parameter, not "
                             f"{shorten(value)}{known}")
        return self.parameters[value]

    def _largest(self, read: Format) -> tuple[int, int]:
        """Width and height of the largest frame that may come where this one does."""
        frame = self.frame
        if not frame.registers:
            return read.width, read.height
        return (read.width + frame.max_width - frame.width,
                read.height + frame.max_height - frame.height)

    def _check_taps(self, taps: Sequence[object]) -> None:
        """Refuse names that cannot be given to taps."""
        for tap in taps:
            check_name(tap)
            self._check_free(str(tap))

    def _defaults(self, verb: str) -> Table:
        """What a stage of a verb has where it says nothing else."""
        return {key: value for key, value in self.defaults.items() if verb in STAGE_DEFAULTS[key]}

    def _add(self, stage: Stage) -> None:
        for each in stage.sources:
            if isinstance(self.taps[each].stage, HysteresisStage):
                raise InputError(f"reads {each!r}, which comes when a whole frame has been seen; "
                                 "no stage can stand behind it")
        if len(self.stages) == MOST_STAGES:
            raise InputError(f"a pipeline must have at most {MOST_STAGES} stages, with those that "
                             "compound ones stand for")
        self.stages.append(stage)
        for number, (tap, made) in enumerate(zip(stage.taps, stage.outputs, strict=True)):
            self.taps[tap] = Tap(tap, made, stage, number)


def check_name(name: object) -> None:
    """Refuse what cannot name a tap."""
    if not isinstance(name, str) or not re.fullmatch(
            r"[A-Za-z_]\w*", name, re.ASCII) or len(name) > LONGEST_NAME:
        raise InputError(f"name must be letters, digits and underscores, not a digit first, at "
                         f"most {LONGEST_NAME}, not {shorten(name)}")
    if name == INPUT:
        raise InputError(f"name {name!r} is what comes into the pipeline; give another")
    if keyword.iskeyword(name) or name in (*PLACE, *FUNCTIONS):
        raise InputError(f"name {name!r} is a word of expressions; give another")


def _verb(table: Mapping[str, Any]) -> str:
    """The one verb of a stage, whose keys are all such as a stage may have."""
    known = [key for key in (*KEYS, *PASSING_KEYS) if key not in FRAME_KEYS]
    companions = {key for verb in VERBS.values() for key in verb.keys or ()}
    for key, value in table.items():
        if key in FRAME_KEYS:
            raise InputError(f"key {key!r} is the pipeline's, not a stage's: "
                             + ("a stage reads samples as they come; say output in the stage above"
                                if key == "pixel" else "write it at the top"))
        if key not in (*known, *VERBS, *companions, "name", "from"):
            guess = nearest(str(key), dict.fromkeys([*VERBS, *known, *companions, "name", "from"]))
            raise InputError(f"unknown key {shorten(key)} = {shorten(value)}: {guess}")
    verbs = [key for key in table if key in VERBS]
    if "preset" in verbs:  # beside the kernel that some functions take; the preset says
        verbs = [verb for verb in verbs if verb != "kernel"]
    if len(verbs) > 1:
        raise InputError(f"has the verbs {' and '.join(map(repr, verbs))}; a stage has exactly "
                         "one, so write two stages")
    if not verbs:
        there = [name for name, verb in VERBS.items() if not verb.missing]
        raise InputError(f"has no verb; a stage has exactly one of {', '.join(there)}")
    verb = VERBS[verbs[0]]
    if verb.missing:
        raise InputError(f"{verb.name} {verb.missing}")
    if verb.keys is not None:
        allowed = (*verb.keys, *verb.shared)
        for key, value in table.items():
            if key not in (*allowed, verb.name, "name", "from"):
                raise InputError(
                    f"{key} {shorten(value)} means nothing to {verb.name}, beside which there may "
                    f"be {', '.join((*allowed, 'name', 'from'))}")
    return verb.name
