"""Layers as tables of plain JSON types, and back: every field, under PyTorch's name if it has one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import numpy as np

from ..errors import InputError, nearest, shorten
from ..sample import Sample
from .argmax import ArgMax
from .average import AverageRequantiser
from .convolution import Convolution
from .join import Add, Concat, Mul
from .layer import NAMES, Layer
from .movement import Crop, DepthToSpace, Pad, Resize, SpaceToDepth
from .pair_rule import ExactAdd, OnnxAdd, PairRule, TfliteAdd, XnnpackAdd
from .pooling import Pool
from .requantiser import (
    DivideRequantiser,
    FixedRequantiser,
    FloatRequantiser,
    OffsetRequantiser,
    Requantiser,
)
from .table import Table
from .tensor import Tensor


__all__ = ["LAYERS", "layer_of", "plain", "table_of"]

#: What a table's ``type`` is called, and its layer.
LAYERS: dict[str, type[Layer]] = {
    "Conv2d": Convolution, "Pool2d": Pool, "Table": Table, "Add": Add, "Mul": Mul,
    "Concat": Concat, "Resize": Resize, "DepthToSpace": DepthToSpace,
    "SpaceToDepth": SpaceToDepth, "Pad": Pad, "Crop": Crop, "ArgMax": ArgMax}
#: Values within a layer, each with its ``kind``.
KINDS: dict[str, Any] = {
    "float32": FloatRequantiser, "fixed-point": FixedRequantiser, "division": DivideRequantiser,
    "average": AverageRequantiser, "offset": OffsetRequantiser, "exact": ExactAdd,
    "onnxruntime": OnnxAdd, "tflite-reference": TfliteAdd, "tflite-xnnpack": XnnpackAdd}


def table_of(layer: Layer) -> dict[str, Any]:
    """The table of a layer: its type, name, inputs and all other fields."""
    kind = next(name for name, each in LAYERS.items() if isinstance(layer, each))
    table: dict[str, Any] = {"type": kind, "name": layer.name, "inputs": list(layer.inputs)}
    if isinstance(layer, Convolution):
        table |= {"in_channels": layer.input.channels, "out_channels": layer.output.channels,
                  "kernel_size": list(layer.kernel)}
    return table | {NAMES.get(key, key): plain(value)
                    for key, value in _values(layer) if key not in table and key != "sources"}


def layer_of(table: Mapping[str, Any], sources: Sequence[Tensor]) -> Layer:
    """The layer of a table that :func:`table_of` wrote, and of the tensors that it reads."""
    kind = LAYERS[table["type"]]
    names = {NAMES.get(each.name, each.name): each.name for each in fields(kind)}
    types = get_type_hints(kind)
    made: dict[str, Any] = {"sources": tuple(sources)}
    for key, value in table.items():
        if key not in names and key not in ("type", "in_channels", "out_channels") and not (
                kind is Convolution and key == "kernel_size"):
            raise InputError(f"layer {shorten(table['name'])}: unknown key {shorten(key)}: "
                             f"{nearest(key, names)}")
        if key in names:
            try:
                made[names[key]] = _read(types[names[key]], value)
            except InputError as error:
                joint = " " if str(error).startswith("must") else ": "
                raise InputError(f"layer {shorten(table['name'])}: {key}{joint}{error}") from error
    try:
        return kind(**made)
    except TypeError as error:
        missing = [key for key, field in names.items() if field not in made]
        raise InputError(f"layer {shorten(table['name'])}: a key is missing of {missing}"
                         ) from error


def _values(value: Any) -> list[tuple[str, Any]]:
    """The fields of a value that say something: ``None`` is a field's absence."""
    pairs = [(each.name, getattr(value, each.name)) for each in fields(value)]
    return [(key, each) for key, each in pairs if each is not None]


def plain(value: Any) -> Any:
    """A field in plain JSON types."""
    if isinstance(value, (Requantiser, PairRule)):
        kind = next(name for name, each in KINDS.items() if type(value) is each)
        return {"kind": kind} | {key: plain(each) for key, each in _values(value)}
    if isinstance(value, Sample):
        return str(value)
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, tuple):
        # `None` among tables, for which TOML has no word.
        return [[] if each is None else plain(each) for each in value]
    return value


def _read(wanted: Any, value: Any) -> Any:
    """A value of a file as the type of a field."""
    origin, inner = get_origin(wanted), get_args(wanted)
    if isinstance(value, (np.ndarray, np.generic)) and origin is not np.ndarray:
        value = value.tolist()
    if origin in (Union, UnionType):
        if value is None or (value == [] and get_origin(inner[0]) is tuple):
            return None
        return _read(inner[0], value)
    if origin is tuple:
        if isinstance(value, (list, tuple)):
            if inner[-1] is ...:
                return tuple(_read(inner[0], each) for each in value)
            if len(value) == len(inner):
                return tuple(map(_read, inner, value))
        count = "" if inner[-1] is ... else f" of {len(inner)}"
        raise InputError(f"must be a list{count}, not {shorten(value)}")
    if origin is Mapping:
        if not isinstance(value, Mapping) or not all(str(key).isdecimal() for key in value):
            raise InputError(f"must be a table whose keys are counts, not {shorten(value)}")
        return {int(key): _read(inner[1], each) for key, each in value.items()}
    if origin is np.ndarray:
        return _array(value)
    if wanted is Sample:
        return Sample.parse(value)
    if wanted in (Requantiser, PairRule):
        return _kind(wanted, value)
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value) if abs(value) < 1e30 else np.inf
    if type(value) is not wanted or (wanted is float and not np.isfinite(value)):
        raise InputError(f"must be {WORDS[wanted]}, not {shorten(value)}")
    return value


#: What messages call the types of fields.
WORDS = {int: "an integer", float: "a number", bool: "true or false", str: "a word"}


def _array(value: Any) -> Any:
    try:
        made = np.array(value)
    except (ValueError, OverflowError):
        made = np.array(None)
    if made.dtype.kind not in "iu":
        raise InputError(f"must be integers, not {shorten(value)}")
    return made


def _kind(wanted: Any, value: Any) -> Any:
    """A requantiser or a rule, from its table or as it is."""
    if isinstance(value, wanted):
        return value
    kinds = {name: each for name, each in KINDS.items() if issubclass(each, wanted)}
    keys = dict(value) if isinstance(value, Mapping) else {}
    kind = keys.pop("kind", None)
    if not isinstance(kind, str) or kind not in kinds:
        raise InputError(f"kind must be one of {', '.join(kinds)}, not {shorten(kind)}")
    types = get_type_hints(kinds[kind])
    for key in keys:
        if key not in types:
            raise InputError(f"unknown key {shorten(key)}: {nearest(key, types)}")
    made = {}
    for key, each in keys.items():
        try:
            made[key] = _read(types[key], each)
        except InputError as error:
            raise InputError(f"{key} {error}") from error
    try:
        return kinds[kind](**made)
    except TypeError as error:
        missing = [key for key in types if key not in made]
        raise InputError(f"a key is missing of {missing}") from error
