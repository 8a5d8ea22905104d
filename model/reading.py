"""From the keys that people give to those that a filter keeps: names, presets and verbs settled."""

from collections.abc import Mapping
from typing import Any

from . import presets, rank_keys
from .errors import InputError, nearest, shorten
from .kernels import kernel_keys
from .kernels.kernel import integer_matrix
from .kernels.kernel_keys import KernelError
from .keys import KEYS, PASSING_KEYS, VERBS


__all__ = ["beside", "check_known", "read", "repeats", "wraps"]

#: Keys that must be there, in the order in which they may be given without their names.
REQUIRED = ("kernel", "width", "height")


def read(
    frame: tuple[Any, ...], keys: Mapping[str, Any]
) -> tuple[dict[str, Any], KernelError | None]:
    """The keys with the preset's and the kernel's own among them, and how exact the kernel is.

    Those that nobody gave stay out, and the kernel where another operation is in its place.

    Parameters
    ----------
    frame : tuple
        Values that were given by their place.
    keys : mapping
        The others, by name.
    """
    given = _by_name(frame, keys)
    for key, value in given.items():
        check_known(key, value)
    # A filter's own fields, as `dataclasses.replace` gives them: those of no operation are empty.
    empty = {key for key in ("kernel", "kernels", "footprint")
             if isinstance(given.get(key), tuple) and not given[key]}
    if "footprint" in empty:
        empty.add("rank")
    given = {key: value for key, value in given.items() if key not in empty}
    given, error = kernel_keys.settle(given)
    if "preset" in given:
        name = given.pop("preset")
        if not isinstance(name, str):
            raise InputError(f"preset must be a name, not {shorten(name)}")
        given = presets.expand(name, given)
    given = rank_keys.settle(given)
    for key in REQUIRED:
        if key not in given and (key != "kernel" or {"kernels", "rank"}.isdisjoint(given)):
            raise InputError(f"key {key!r} is missing; a filter must have it")
    if "kernel" in given:
        given["kernel"] = integer_matrix(given["kernel"])
    return given, error


def beside(kept: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """What is left of some keys where others come on top of them, without these.

    A preset or another verb takes the place of what was made of a window, and of the shift, which
    belonged to it; a kernel of numbers leaves the shift.
    """
    if isinstance(given.get("preset"), str):
        kept = presets.without_preset_keys(kept, given["preset"])
    dropped = {*given}
    if verbs := {*VERBS} & dropped:
        dropped |= {*VERBS, "kernel_bits", "iterations"}
        if verbs.isdisjoint({"rank", "percentile"}):
            dropped |= {"size", "footprint"}
        if isinstance(given.get("kernel", ""), str):
            dropped.add("shift")
    if not dropped.isdisjoint({"size", "footprint"}):
        dropped |= {"size", "footprint"}
    return {key: value for key, value in kept.items() if key not in dropped}


def wraps(keys: Mapping[str, Any]) -> bool:
    """Whether the border of a filter's keys, or of their preset, is ``wrap``.

    Only a stage of a pipeline can have it: it takes a memory of two frames.
    """
    return bool(_expanded(keys).get("border") == "wrap")


def repeats(keys: Mapping[str, Any]) -> bool:
    """Whether a preset erodes or dilates in steps that no larger window does in one."""
    return isinstance(keys.get("preset"), str) and "iterations" in _expanded(keys)


def _expanded(keys: Mapping[str, Any]) -> Mapping[str, Any]:
    """A filter's keys, with those of their preset."""
    text = keys.get("preset")
    if not isinstance(text, str):
        return keys
    own, _ = kernel_keys.settle({key: keys[key] for key in keys if key != "preset"})
    return presets.expand(text, own)


def check_known(key: object, value: object) -> None:
    """Refuse a key that no filter has."""
    if key == "stage":
        raise InputError("key 'stage' is a pipeline's, and this is to be a filter: in Python write "
                         "Pipeline.from_file or Pipeline.from_dict")
    if key not in KEYS and key not in PASSING_KEYS:
        more = ["stage"] if str(key).startswith("stage") else []
        guess = nearest(str(key), [*KEYS, *PASSING_KEYS, *more])
        raise InputError(f"unknown key {shorten(key)} = {shorten(value)}: {guess}")


def _by_name(frame: tuple[Any, ...], keys: Mapping[str, Any]) -> dict[str, Any]:
    """The keys, with those that were given by their place."""
    if len(frame) > len(REQUIRED):
        raise InputError(f"a filter takes {', '.join(REQUIRED)} without their names, not "
                         f"{len(frame)} values; all other keys are name=value")
    named = dict(zip(REQUIRED, frame, strict=False))
    for key in named:
        if key in keys:
            raise InputError(f"key {key!r} is given twice, with its name and without")
    return {**named, **keys}
