"""Layers as tables of plain JSON types, and back: every field, under PyTorch's name if it has one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from ..errors import InputError, nearest, shorten
from ..sample import Sample
from .argmax import ArgMax
from .average import AverageRequantiser
from .convolution import Convolution
from .join import Add, Concat, Mul
from .layer import Layer
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
#: Fields that PyTorch calls otherwise.
NAMES = {"weights": "weight", "pads": "padding", "kernel": "kernel_size"}
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
    made: dict[str, Any] = {"sources": tuple(sources)}
    for key, value in table.items():
        if key not in names and key not in ("type", "in_channels", "out_channels") and not (
                kind is Convolution and key == "kernel_size"):
            raise InputError(f"layer {shorten(table['name'])}: unknown key {shorten(key)}: "
                             f"{nearest(key, names)}")
        if key in names:
            read = READERS.get(names[key], _tuples)
            try:
                made[names[key]] = read(value)
            except (TypeError, ValueError, AttributeError, OverflowError) as error:
                reason = f": {error}" if isinstance(error, InputError) else ""
                raise InputError(f"layer {shorten(table['name'])}: {key} cannot be "
                                 f"{shorten(value)}{reason}") from error
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


def _tuples(value: Any) -> Any:
    return tuple(_tuples(each) for each in value) if isinstance(value, (list, tuple)) else value


def _kind(value: Any) -> Any:
    """A requantiser or a rule, from its table or as it is."""
    if isinstance(value, (Requantiser, PairRule)):
        return value
    keys = dict(value)
    kind = keys.pop("kind", None)
    if kind not in KINDS:
        raise InputError(f"kind must be one of {', '.join(KINDS)}, not {shorten(kind)}")
    return KINDS[kind](**{key: Sample.parse(each, key=key) if key.endswith("sample") else
                          _tuples(each) for key, each in keys.items()})


#: How fields are read that are no numbers, words or tuples of them.
READERS: dict[str, Callable[[Any], Any]] = {
    "sample": Sample.parse, "weights": np.array, "requantiser": _kind, "rule": _kind,
    "requantisers": lambda value: {int(count): _kind(each) for count, each in value.items()},
    "tables": lambda value: tuple(tuple(each) or None for each in value)}
