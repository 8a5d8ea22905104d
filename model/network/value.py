"""The network as data: one validated, immutable value."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from ..errors import InputError, nearest, shorten
from ..files import format_json, format_toml, read_keys
from ..format import Format
from ..sample import Sample
from .layer import Array, Layer
from .pytorch import ARITHMETICS
from .reading import INPUT, read_layers
from .tables import table_of
from .tensor import Tensor


__all__ = ["ARITHMETICS", "INPUT", "Network"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Network:
    """Layers in a row, each reading the input or layers above it.

    Parameters
    ----------
    name : :class:`str`
    input : :class:`~.tensor.Tensor`
        What comes in.
    layers : tuple of :class:`~.layer.Layer`
        In an order in which each reads only what stands above.
    arithmetic : :class:`str`
        One of :data:`ARITHMETICS`: whose rounding the layers were made with. It says so alone.
    output : :class:`str`
        The tensor that goes out; the last layer's unless given.
    labels : tuple of :class:`str`
        What the channels of the output are called, or none.
    notes : tuple of :class:`str`
        What a reader of a file has to say: what its input means, what was left out.

    Raises
    ------
    :exc:`~windrow.model.errors.InputError`
        If a name is there twice or read before it is made, a tensor is read as another than was
        made, or the labels are not one a channel.
    """

    name: str
    input: Tensor
    layers: tuple[Layer, ...]
    arithmetic: str
    output: str = ""
    labels: tuple[str, ...] = field(default=())
    notes: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        def keep(key: str, value: object) -> None:
            object.__setattr__(self, key, value)

        keep("layers", tuple(self.layers))
        keep("labels", tuple(self.labels))
        keep("notes", tuple(self.notes))
        if not self.layers:
            raise InputError("a network must have a layer")
        _check_arithmetic(self.arithmetic)
        known = {INPUT: self.input}
        for layer in self.layers:
            if layer.name in known:
                raise InputError(f"layer {shorten(layer.name)} is there twice")
            for name, source in zip(layer.inputs, layer.sources, strict=True):
                if name not in known:
                    layer.refuse("inputs", name, f"a tensor above: {nearest(name, known)}")
                if known[name] != source:
                    layer.refuse("inputs", f"{name} as {source}", f"{known[name]}")
            known[layer.name] = layer.output
        if not self.output:
            keep("output", self.layers[-1].name)
        if self.output not in known or self.output == INPUT:
            raise InputError(f"output {shorten(self.output)} is no layer: "
                             f"{nearest(self.output, list(known)[1:])}")
        if self.labels and len(self.labels) != known[self.output].channels:
            raise InputError(f"labels must be {known[self.output].channels}, one a channel of the "
                             f"output, not {len(self.labels)}")

    @classmethod
    def read(cls, path: str | Path, arithmetic: str | None = None,
             pixel: str | Sample | None = None) -> Self:
        """Read an ``.onnx`` or ``.tflite`` file.

        Parameters
        ----------
        arithmetic : :class:`str` or ``None``
            One of :data:`ARITHMETICS`; ``onnxruntime`` unless given for ``.onnx``,
            ``tflite-xnnpack`` for ``.tflite``.
        pixel : :class:`str`, :class:`~windrow.model.sample.Sample` or ``None``
            Of an ``.onnx`` file whose input is float, where no QuantizeLinear alone reads it: the
            integers that its values are, such as ``u8`` for a camera's pixels.

        Raises
        ------
        :exc:`~windrow.model.errors.InputError`
            If the file cannot be read or has what is not supported, which is named.
        """
        kind = Path(path).suffix.lower()
        if kind not in (".onnx", ".tflite"):
            raise InputError(f"network file {str(path)!r} must end in .onnx or .tflite")
        # Late: each needs a package of its own.
        reader = import_module(f".importers.{kind[1:]}", __package__)
        made = reader.read(path, arithmetic, pixel)
        return cls(**{key: getattr(made, key) for key in cls.__dataclass_fields__})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Network) and self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash((self.name, self.input, tuple(self._by_name)))

    @cached_property
    def _by_name(self) -> dict[str, Layer]:
        return {layer.name: layer for layer in self.layers}

    def layer(self, name: str) -> Layer:
        """A layer by its name."""
        return self._by_name[name]

    def tensor(self, name: str) -> Tensor:
        """A tensor by its name."""
        return self.input if name == INPUT else self._by_name[name].output

    def readers(self, name: str) -> tuple[Layer, ...]:
        """The layers that read a tensor, in order; one that reads it twice is there twice."""
        return tuple(layer for layer in self.layers for each in layer.inputs if each == name)

    @property
    def macs(self) -> int:
        """Products a frame."""
        return sum(layer.macs for layer in self.layers)

    @property
    def format(self) -> Format:
        """What the input carries, a pixel a beat."""
        return _format(self.input)

    @property
    def output_format(self) -> Format:
        """What the output carries, a pixel a beat."""
        return _format(self.tensor(self.output))

    def compute(self, frames: npt.ArrayLike) -> Array:
        """The output of frames: the golden model.

        Parameters
        ----------
        frames : (frames, channels, height, width) array of integers
            Or one frame without the first axis. Samples of the input.

        Returns
        -------
        (frames, channels, height, width) or (channels, height, width)
        """
        return self.taps(frames)[self.output]

    def taps(self, frames: npt.ArrayLike) -> dict[str, Array]:
        """Every tensor by its name, the input first; shapes as of :meth:`compute`."""
        given = np.asarray(frames)
        single = given.shape == self.input.shape
        if given.shape[-3:] != self.input.shape or given.ndim not in (3, 4):
            shape = ", ".join(map(str, self.input.shape))
            raise InputError(f"frames must be of shape (N, {shape}), not {given.shape}")
        low, high = self.input.interval
        if given.dtype.kind not in "iub":
            raise InputError(f"frames must be integers, not {given.dtype}")
        if given.size and not (low <= given.min() and given.max() <= high):
            raise InputError(f"frames must be of samples {self.input.sample}, from {low} to "
                             f"{high}, not from {given.min()} to {given.max()}")
        made = {INPUT: given.astype(np.int64)[None] if single else given.astype(np.int64)}
        for layer in self.layers:
            made[layer.name] = layer.compute(*(made[name] for name in layer.inputs))
        return {name: tap[0] for name, tap in made.items()} if single else made

    def replace(self, **keys: Any) -> Self:
        """The network with some fields changed, all checked anew."""
        for key in keys:
            if key not in self.__dataclass_fields__:
                raise InputError(f"unknown key {shorten(key)}: "
                                 f"{nearest(key, self.__dataclass_fields__)}")
        kept = {key: getattr(self, key) for key in self.__dataclass_fields__}
        return type(self)(**{**kept, **keys})

    @classmethod
    def from_dict(cls, keys: Mapping[str, Any]) -> Self:
        """Make a network of keys and values as a TOML or JSON file holds them.

        ``channels``, ``height``, ``width``, ``pixel``, ``scale`` and ``zero_point`` are the
        input's; ``layer`` is a list of tables, as :func:`~.reading.read_layers` reads them.
        """
        given = dict(keys)
        for key in ("channels", "height", "width", "layer"):
            if key not in given:
                raise InputError(f"key {key!r} is missing; a network has channels, height, width "
                                 "and a [[layer]] or several")
        for key in given:
            if key not in (*_INPUT_KEYS, *_KEYS, "layer"):
                raise InputError(f"unknown key {shorten(key)} = {shorten(given[key])}: "
                                 f"{nearest(key, [*_INPUT_KEYS, *_KEYS, 'layer'])}")
        arithmetic = _check_arithmetic(given.get("arithmetic", "onnxruntime"))
        channels, height, width = (_size(key, given[key]) for key in _INPUT_KEYS[:3])
        scale = given.get("scale")
        if scale is not None and not (
                isinstance(scale, (int, float)) and 1e-37 < scale < 1e37):
            raise InputError(f"scale must be a number above 0, not {shorten(scale)}")
        pixel = Sample.parse(given.get("pixel", "u8"), key="pixel", limit=8)
        source = Tensor(channels, height, width, pixel,
                        None if scale is None else float(np.float32(scale)),
                        _size("zero_point", given.get("zero_point", 0), least=-128))
        for key in ("name", "output"):
            if not isinstance(given.get(key, ""), str):
                raise InputError(f"{key} must be a word, not {shorten(given[key])}")
        for key in ("labels", "notes"):
            if not isinstance(given.get(key, []), (list, tuple)) or not all(
                    isinstance(each, str) for each in given.get(key, [])):
                raise InputError(f"{key} must be a list of words, not {shorten(given[key])}")
        layers, output = read_layers(given["layer"], source, arithmetic, given.get("output"))
        return cls(name=given.get("name", "network"), input=source, layers=layers,
                   arithmetic=arithmetic, output=output, labels=tuple(given.get("labels", ())),
                   notes=tuple(given.get("notes", ())))

    @classmethod
    def from_layers(cls, layers: Iterable[Mapping[str, Any]], **keys: Any) -> Self:
        """Make a network of layers as :mod:`windrow.layers` writes them.

        ``keys`` are :meth:`from_dict`'s: ``channels``, ``height``, ``width`` and others.
        """
        return cls.from_dict({**keys, "layer": list(layers)})

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """Read a network from a ``.toml`` or ``.json`` file of tables."""
        return cls.from_dict(read_keys(path))

    def to_dict(self) -> dict[str, Any]:
        """Return every key in plain JSON types, layers as :mod:`.tables` has them."""
        source = self.input
        meaning = {} if source.scale is None else {"scale": source.scale}
        return {
            "name": self.name, "arithmetic": self.arithmetic, "channels": source.channels,
            "height": source.height, "width": source.width, "pixel": str(source.sample),
            **meaning, "zero_point": source.zero_point, "output": self.output,
            "labels": list(self.labels),
            **({"notes": list(self.notes)} if self.notes else {}),
            "layer": [table_of(layer) for layer in self.layers]}

    def to_toml(self) -> str:
        """Return :meth:`to_dict` as the text of a TOML file."""
        return format_toml(self.to_dict())

    def to_json(self) -> str:
        """Return :meth:`to_dict` as the text of a JSON file."""
        return format_json(self.to_dict())


#: Keys of a file beside its layers: the input's, and the network's.
_INPUT_KEYS = ("channels", "height", "width", "pixel", "scale", "zero_point")
_KEYS = ("name", "arithmetic", "output", "labels", "notes")


def _check_arithmetic(value: object) -> str:
    if not isinstance(value, str) or value not in ARITHMETICS:
        raise InputError(f"arithmetic must be one of {', '.join(ARITHMETICS)}, "
                         f"not {shorten(value)}")
    return value


def _size(key: str, value: object, least: int = 1) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise InputError(f"{key} must be an integer of at least {least}, not {shorten(value)}")
    return value


def _format(tensor: Tensor) -> Format:
    return Format(tensor.width, tensor.height, tensor.sample, tensor.channels)
