"""Networks from tables: names, what reads what, and layers that become a part of another."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..errors import InputError, nearest, shorten
from .given import Asked, Given, Keys
from .join import Add
from .layer import Layer
from .pytorch import IDLE, TYPES
from .tables import LAYERS, layer_of
from .tensor import Tensor


__all__ = ["INPUT", "read_layers"]

#: The name of the tensor that comes in.
INPUT = "input"
#: Layers that change nothing here.
NOTHING = ("Flatten", "Identity", "Dropout", "Dropout2d")
#: What a table of such a type has only where it needs no reading.
FIELDS = {"Add": "rule", "Mul": "requantiser", "Concat": "tables"}


def read_layers(tables: Any, source: Tensor, arithmetic: str,
                output: str | None = None) -> tuple[tuple[Layer, ...], str]:
    """The layers of tables, and the name of the last tensor.

    A table has ``type``, and may have ``name`` and ``inputs`` (or ``input``, one), which is the
    layer above unless given. A ReLU behind a layer that nothing else reads becomes that layer's
    clamp.

    Raises
    ------
    :exc:`~windrow.model.errors.InputError`
        If a key is unknown, missing or impossible; the message names the layer and the key.
    """
    if not isinstance(tables, (list, tuple)) or not tables:
        raise InputError(f"layer must be one table or several, not {shorten(tables)}")
    named = [_named(each, number, tables) for number, each in enumerate(tables)]
    read = Counter(name for keys in named for name in keys["inputs"])
    read.update([output or named[-1]["name"]])
    tensors, made = {INPUT: source}, dict[str, Layer]()
    #: Names that stand for another; those among them whose pixels Flatten has put in a row; and
    #: those of tensors that others read too.
    alias: dict[str, str] = {}
    flat: set[str] = set()
    shared: set[str] = {name for name, count in read.items() if count > 1}
    for keys in named:
        name: Any = keys["name"]
        kind: Any = keys["type"]
        if name in tensors or name in alias:
            raise InputError(f"layer {shorten(name)} is there twice")
        for each in keys["inputs"]:
            if each not in tensors and each not in alias:
                raise InputError(f"layer {shorten(name)}: inputs must be tensors above, not "
                                 f"{shorten(each)}: {nearest(each, [*tensors, *alias])}")
        inputs: tuple[Any, ...] = tuple(alias.get(each, each) for each in keys["inputs"])
        sources = tuple(tensors[each] for each in inputs)
        first = keys["inputs"][0]
        if kind in NOTHING:
            for key in set(keys) - {"name", "inputs", "type"}:
                raise InputError(f"layer {shorten(name)}: unknown key {shorten(key)} of a {kind}")
            alias[name] = inputs[0]
            if kind == "Flatten" or first in flat:
                flat.add(name)
            if first in shared:
                shared.add(name)
            continue
        if kind == "Linear":
            _flattened(name, sources[0], first in flat)
        elif any(each in flat and tensor.shape[1:] != (1, 1)
                 for each, tensor in zip(keys["inputs"], sources, strict=True)):
            raise InputError(f"layer {shorten(name)}: its input is flattened, which only Linear "
                             f"reads, not {kind}")
        given = Given(name, Asked({key: value for key, value in keys.items() if key not in (
            "name", "inputs", "type")}), sources, arithmetic)
        if kind in ("ReLU", "ReLU6") and not given.keys and first not in shared and (
                fused := _fused(made.get(inputs[0]), 6.0 if kind == "ReLU6" else None)):
            made[inputs[0]] = fused
            alias[name] = inputs[0]
            continue
        finished = kind in LAYERS and (kind not in TYPES or FIELDS.get(kind) in keys)
        if finished:
            table_ = {"type": kind, **given.keys}
        else:
            table_ = TYPES[kind](given)
            for key in given.keys:
                raise InputError(f"layer {shorten(name)}: unknown key {shorten(key)} of a {kind}: "
                                 f"{nearest(key, given.keys.names)}")
        layer = layer_of({**table_, "name": name, "inputs": inputs}, sources)
        made[name], tensors[name] = layer, layer.output
    last = named[-1]["name"] if output is None else output
    if last in flat and tensors[alias.get(last, last)].shape[1:] != (1, 1):
        raise InputError(f"layer {shorten(last)}: a flattened output is not supported; leave "
                         "Flatten out")
    return tuple(made.values()), alias.get(last, last)


def _named(value: Any, number: int, tables: Any) -> Keys:
    """A table with its name and inputs filled in."""
    if not isinstance(value, Mapping):
        raise InputError(f"layer {number + 1} must be a table of keys, not {shorten(value)}")
    keys = {key: each.tolist() if isinstance(each, (np.ndarray, np.generic)) and key != "weight"
            else each for key, each in value.items()}
    kind = keys.get("type")
    known = [*TYPES, *NOTHING, *(each for each in LAYERS if each not in TYPES)]
    if kind not in known:
        hint = nearest(str(kind), known)
        if str(kind).startswith("Softmax"):
            hint = "leave it out: the order of its inputs is that of its outputs; or use ArgMax"
        raise InputError(f"layer {number + 1}: type {shorten(kind)} is not supported: {hint}")
    keys["name"] = _name(value, number)
    for key, (kinds, values) in IDLE.items():
        if key in keys and kind in kinds.split():
            if values and keys[key] not in values:
                raise InputError(f"layer {shorten(keys['name'])}: {key} must be "
                                 f"{' or '.join(map(str, values))}, not {shorten(keys[key])}")
            del keys[key]
    if "input" in keys and "inputs" in keys:
        raise InputError(f"layer {shorten(keys['name'])}: input and inputs are one; give one")
    above = _name(tables[number - 1], number - 1) if number else INPUT
    inputs = keys.pop("input", keys.get("inputs", above))
    keys["inputs"] = [inputs] if isinstance(inputs, str) else inputs
    if not isinstance(keys["inputs"], (list, tuple)) or not keys["inputs"] or not all(
            isinstance(each, str) for each in keys["inputs"]):
        raise InputError(f"layer {shorten(keys['name'])}: inputs must be names of tensors above, "
                         f"not {shorten(inputs)}")
    return keys


def _name(keys: Any, number: int) -> str:
    default = f"{str(keys.get('type')).lower()}{number + 1}" if isinstance(keys, Mapping) else ""
    name = keys.get("name", default) if isinstance(keys, Mapping) else default
    if not isinstance(name, str) or not name:
        raise InputError(f"layer {number + 1}: name must be a word, not {shorten(name)}")
    return name


def _flattened(name: str, source: Tensor, flat: bool) -> None:
    if source.shape[1:] != (1, 1) and not flat:
        raise InputError(f"layer {shorten(name)}: Linear reads {source}; put a Flatten before it")


def _fused(layer: Layer | None, high: float | None) -> Layer | None:
    """A layer with the clamp of a ReLU of its own, if it can have one."""
    to = layer.rule if isinstance(layer, Add) else getattr(layer, "requantiser", None)
    if layer is None or to is None or to.scale is None:
        return None
    top = to.high if high is None else min(
        to.high, to.zero_point + int(np.rint(np.float32(high) / np.float32(to.scale))))
    clamped = replace(to, low=max(to.low, to.zero_point), high=max(top, to.zero_point))
    changed: Any = {"rule" if isinstance(layer, Add) else "requantiser": clamped}
    fused: Layer = replace(layer, **changed)
    return fused
