"""The pipeline as data: one validated, immutable value."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from ..errors import InputError, nearest, shorten
from ..files import format_json, format_toml, read_keys
from ..filter import Filter
from ..format import Format
from ..sample import Sample
from .parameter import Parameter, read_parameters
from .reading import (
    FRAME_KEYS,
    INPUT,
    STAGE_DEFAULTS,
    read_frame,
    read_outputs,
    read_stages,
)
from .stage import Picture, Stage, Tap
from .whole import HysteresisStage
from .writing import Expr, tables


__all__ = ["Pipeline"]


@dataclass(frozen=True, init=False)
class Pipeline:
    """Stages in a row: each reads taps above it and makes taps of its own.

    Every stage has its own border, on its own frame. The constructor takes the keys of the frame,
    by name as :class:`~windrow.model.filter.Filter` does, and those that are a default of every
    stage (``border``, ``border_value``, ``padding``, ``operation``, ``rounding``, ``overflow``,
    ``coefficients``). The value never changes; :meth:`replace` makes another.

    Parameters
    ----------
    stages : iterable of mappings
        One table for each stage, as a file's ``[[stage]]``: ``name``, ``from``, exactly one verb
        such as ``kernel``, and other keys of a filter. Or values as :mod:`.writing` has them: one,
        or several that come out side by side; ``output`` and ``overflow`` are then those of
        expressions among them, and the keys of the frame are the input's.
    outputs : iterable of :class:`str`
        Taps that a beat of the output holds side by side, as channels: the narrowest sample that
        holds all of theirs. All taps of the last stage unless given.
    parameters : mapping
        Numbers that expressions and thresholds use by name, each with its value, or with ``value``
        and ``range``. With ``control`` they are registers.
    width, height, pixel, channels, pixels_per_clock, clocks_per_pixel, control, max_width, \
max_height, input_fifo
        The frame that comes in, and how it does.

    Raises
    ------
    :exc:`~windrow.model.errors.InputError`
        If a key is unknown, a required one is missing or a value is impossible; the message names
        the stage, the key, the value and what is allowed.
    """

    frame: Filter
    """The keys of the frame: a filter that does nothing."""
    stages: tuple[Stage, ...]
    parameters: tuple[Parameter, ...]
    outputs: tuple[str, ...]
    output_format: Format = field(compare=False)
    """What the output carries."""
    taps: Mapping[str, Tap] = field(compare=False, repr=False)
    """Every tap by its name, in order, with the input first."""

    def __init__(self, stages: Expr | Iterable[Expr] | Iterable[Mapping[str, Any]] = (),
                 outputs: Iterable[str] | None = None,
                 parameters: Mapping[str, Any] = MappingProxyType({}), **keys: Any) -> None:
        given: Any = [stages] if isinstance(stages, Expr) else stages
        if isinstance(given, Iterable) and not isinstance(given, (str, bytes, Mapping)):
            given = list(given)
        if isinstance(given, list) and any(isinstance(each, Expr) for each in given):
            if outputs is not None:
                raise InputError("outputs are the values that the pipeline is made of")
            keys = tables(given, **keys)
            given, outputs = keys.pop("stage"), keys.pop("outputs")
            parameters = keys.pop("parameters", parameters)
        frame, defaults = read_frame(keys)
        numbers = read_parameters(parameters, frame.pixel)
        made, taps = read_stages(given, frame, defaults, numbers)
        names, output_format = read_outputs(outputs, made, taps)

        def keep(key: str, value: object) -> None:
            object.__setattr__(self, key, value)

        keep("frame", frame)
        keep("stages", made)
        keep("parameters", numbers)
        keep("outputs", names)
        keep("output_format", output_format)
        keep("taps", MappingProxyType(taps))

    @property
    def whole(self) -> HysteresisStage | None:
        """The stage behind all others, where it needs whole frames."""
        stage = self.taps[self.outputs[0]].stage
        return stage if isinstance(stage, HysteresisStage) else None

    @property
    def streamed(self) -> Self:
        """The pipeline without that stage: up to the tap that it reads."""
        return self if self.whole is None else self.replace(outputs=self.whole.sources)

    @property
    def format(self) -> Format:
        """What the input carries."""
        return self.frame.format

    @property
    def width(self) -> int:
        """Columns of the input frame."""
        return self.frame.width

    @property
    def height(self) -> int:
        """Rows of the input frame."""
        return self.frame.height

    @property
    def pixel(self) -> Sample:
        """The input sample."""
        return self.frame.pixel

    @property
    def channels(self) -> int:
        """Samples in an input pixel."""
        return self.frame.channels

    @property
    def pixels_per_clock(self) -> int:
        """Pixels in a beat."""
        return self.frame.pixels_per_clock

    @property
    def clocks_per_pixel(self) -> int:
        """Clock cycles for each pixel."""
        return self.frame.clocks_per_pixel

    @property
    def control(self) -> str:
        """``none`` or ``axi4-lite``, as of a filter."""
        return self.frame.control

    @property
    def registers(self) -> bool:
        """Whether there is a register port."""
        return self.frame.registers

    @property
    def input_fifo(self) -> int:
        """Beats of the asynchronous input FIFO, 0 where there is none."""
        return self.frame.input_fifo

    @property
    def output(self) -> Sample:
        """The output sample."""
        return self.output_format.sample

    @property
    def output_width(self) -> int:
        """Columns of the output frame."""
        return self.output_format.width

    @property
    def output_height(self) -> int:
        """Rows of the output frame."""
        return self.output_format.height

    def compute(self, image: npt.ArrayLike) -> npt.NDArray[Any]:
        """The output of one frame: the golden model, stage by stage.

        Parameters
        ----------
        image : (height, width) or (height, width, channels) array of integers
            The frame. One channel may be written either way; more need the third axis. A numpy
            array with one more axis in front is a batch of frames, and so is the result.

        Returns
        -------
        (output_height, output_width) or (output_height, output_width, channels)
            In the narrowest numpy type that holds :attr:`output`. One channel has a third axis
            where ``image`` has one of one channel.
        """
        planes = (self.height, self.width, self.channels)
        shapes = (planes, planes[:2]) if self.channels == 1 else (planes,)
        if isinstance(image, np.ndarray) and len(image) and (
                image.shape not in shapes and image.shape[1:] in shapes):
            return np.stack([self.compute(each) for each in image])
        return self._shaped(self.joined(self._taps(image)), image)

    def joined(self, taps: Mapping[str, Picture]) -> Picture:
        """The output of taps that are (height, width, channels)."""
        made = np.concatenate([taps[name] for name in self.outputs], axis=2)
        return made.astype(self.output.dtype)

    def compute_taps(self, image: npt.ArrayLike) -> dict[str, npt.NDArray[Any]]:
        """Every tap of one frame by its name, the input first; shapes as of :meth:`compute`."""
        return {name: self._shaped(tap, image) for name, tap in self._taps(image).items()}

    def _taps(self, image: npt.ArrayLike) -> dict[str, Picture]:
        """All taps, each (height, width, channels)."""
        taps = self.given(image)
        for stage in self.stages:
            taps |= stage.compute(taps)
        return taps

    def given(self, image: npt.ArrayLike) -> dict[str, Picture]:
        """The input alone as a tap, checked: (height, width, channels)."""
        frame = self.frame.compute(image)
        return {INPUT: frame.reshape(self.height, self.width, self.channels)}

    def _shaped(self, picture: Picture, image: npt.ArrayLike) -> npt.NDArray[Any]:
        flat = picture.shape[2] == 1 and not (self.channels == 1 and np.ndim(image) == 3)
        return picture[:, :, 0] if flat else picture

    @classmethod
    def from_dict(cls, keys: Mapping[str, Any]) -> Self:
        """Make a pipeline of keys and values as a TOML or JSON file holds them."""
        if not isinstance(keys, Mapping):
            raise InputError(f"a pipeline must be a table of keys, not {shorten(keys)}")
        if "stage" not in keys:
            raise InputError("key 'stage' is missing; a pipeline has a [[stage]] or several")
        rest = {key: value for key, value in keys.items() if key not in ("stage", "outputs")}
        if "stages" in rest:
            raise InputError("unknown key 'stages': did you mean 'stage'?")
        return cls(stages=keys["stage"], outputs=keys.get("outputs"), **rest)

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """Read a pipeline from a ``.toml`` or ``.json`` file.

        Raises
        ------
        :exc:`~windrow.model.errors.InputError`
            If the file cannot be read, is not well-formed or holds no legal pipeline.
        """
        return cls.from_dict(read_keys(path))

    def to_dict(self) -> dict[str, Any]:
        """Return every key in plain JSON types, no default left out, compound stages as parts."""
        frame = self.frame.to_dict()
        return {
            **{key: frame[key] for key in FRAME_KEYS},
            **({"parameters": {each.name: each.to_dict() for each in self.parameters}}
               if self.parameters else {}),
            "outputs": list(self.outputs),
            "stage": [stage.to_dict(frozenset(FRAME_KEYS)) for stage in self.stages],
        }

    def to_toml(self) -> str:
        """Return :meth:`to_dict` as the text of a TOML file."""
        return format_toml(self.to_dict())

    def to_json(self) -> str:
        """Return :meth:`to_dict` as the text of a JSON file."""
        return format_json(self.to_dict())

    def replace(self, **keys: Any) -> Self:
        """Return the pipeline with some keys changed, all checked anew.

        The frame's keys, ``parameters`` (those named), ``stages`` and ``outputs`` can be; what a
        stage has by default was settled when this value was made.

        Raises
        ------
        :exc:`~windrow.model.errors.InputError`
            If a key is unknown or the new pipeline is not legal.
        """
        kept = self.to_dict()
        for key in keys:
            if key in STAGE_DEFAULTS:
                raise InputError(f"key {key!r} is each stage's in a pipeline that is made; replace "
                                 "stages")
            known = (*FRAME_KEYS, "parameters", "stages", "outputs")
            if key not in known:
                raise InputError(f"unknown key {shorten(key)} = {shorten(keys[key])}: "
                                 f"{nearest(key, known)}")
        for key, limit in (("width", "max_width"), ("height", "max_height")):
            if kept[limit] == kept[key]:
                del kept[limit]
        stages = kept.pop("stage")
        if isinstance(keys.get("parameters"), Mapping):
            keys["parameters"] = self._changed(keys["parameters"])
        if "stages" in keys and "outputs" not in keys:
            del kept["outputs"]
        return type(self)(**{"stages": stages, **kept, **keys})

    def _changed(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """All parameters, some of them with other values; a number alone keeps the range."""
        made: dict[str, Any] = {each.name: each.to_dict() for each in self.parameters}
        for name, value in values.items():
            made[name] = ({**made[name], "value": value}
                          if name in made and not isinstance(value, Mapping) else value)
        return made
