"""Stages of expressions: what they read, and how it goes together."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import InputError
from ..expression import Expression, Read
from ..expression.operations import Entries
from ..expression.parsing import PLACE
from ..format import Format
from ..golden import Integers, pad
from ..interval import Interval, hull
from ..keys import LARGEST_CHANNELS
from ..requantisation import Requantisation
from ..sample import Sample
from ..sides import Sides
from ..window import Window
from .parameter import Parameter
from .stage import Picture, Stage


__all__ = ["FormulaStage", "TableStage"]


#: Bits of an entry that a register takes.
LONGEST_ENTRY = 16


@dataclass(frozen=True)
class FormulaStage(Stage):
    """Expressions of taps: one for each tap that it makes, or for each channel of the one.

    Several channels are worked on plane by plane; a tap of one channel goes with any number. There
    is at least one source, whose frame the results have.

    Parameters
    ----------
    expressions : tuple of :class:`~windrow.model.expression.Expression`
        What it computes.
    requantisation : :class:`~windrow.model.requantisation.Requantisation`
        How each value becomes a sample; nothing is shifted or rounded.
    borders : :class:`~windrow.model.sides.Sides` of :class:`str`
        What neighbours outside the frame are.
    border : :class:`int` or :class:`~.parameter.Parameter`
        Sample of a constant border.
    known : tuple of :class:`~windrow.model.interval.Interval`
        A range that holds every sample of each source.
    parameters : tuple of :class:`~.parameter.Parameter`
        Numbers that the expressions read, which can be changed while the hardware runs.
    largest : (:class:`int`, :class:`int`)
        Width and height of the largest frame that the hardware can be asked for.

    Raises
    ------
    :exc:`~windrow.model.errors.InputError`
        If frames or channels do not go together, a neighbour is too far away for the frame, a plane
        is not there, or an expression has no value of 63 bits for some samples.
    """

    expressions: tuple[Expression, ...]
    requantisation: Requantisation
    borders: Sides[str]
    border: int | Parameter
    known: tuple[Interval, ...]
    parameters: tuple[Parameter, ...]
    largest: tuple[int, int]

    def __post_init__(self) -> None:
        self._check_frames()
        self._check_planes()
        for name, read, window in zip(self.sources, self.inputs, self.windows, strict=True):
            _check_window(name, read, window)
            self._check_border(name, read, window)
        for expression in self.expressions:
            expression.ranges(self.ranges)
        if self.outputs[0].channels > LARGEST_CHANNELS:
            raise InputError(f"makes {self.outputs[0].channels} channels; at most "
                             f"{LARGEST_CHANNELS} are allowed")

    def _check_frames(self) -> None:
        first = self.inputs[0]
        for name, each in zip(self.sources, self.inputs, strict=True):
            if (each.width, each.height) != (first.width, first.height):
                raise InputError(
                    f"joins {self.sources[0]!r} of {first.width}x{first.height} and {name!r} of "
                    f"{each.width}x{each.height}; taps that meet must have one frame size")

    def _check_planes(self) -> None:
        counts: dict[int, str] = {}
        for read in self.samples:
            count = self._format(read.tap).channels
            if read.plane is None:
                counts.setdefault(count, read.tap)
            elif read.plane >= count:
                raise InputError(f"reads {str(read)!r}, and {read.tap!r} has "
                                 f"{count} channel{'s' * (count > 1)}: {read.tap}.0"
                                 + (f" to {read.tap}.{count - 1}" if count > 1 else ""))
        several = [(count, name) for count, name in counts.items() if count > 1]
        if len(several) > 1:
            (a, one), (b, other), *_ = several
            raise InputError(f"joins {one!r} of {a} channels and {other!r} of {b}; name single "
                             f"planes, as {one}.0")

    def _check_border(self, name: str, read: Format, window: Window) -> None:
        if not window.shows_border_value:
            return
        where = (f"{name!r}, which is {read.sample}; it must be from {read.sample.minimum} to "
                 f"{read.sample.maximum}")
        if not isinstance(self.border, Parameter):
            if self.border not in read.sample:
                raise InputError(f"border_value {self.border} is no sample of {where}")
        elif not (read.sample.minimum <= self.border.range.low
                  and self.border.range.high <= read.sample.maximum):
            raise InputError(f"border_value {self.border.name!r} can be from "
                             f"{self.border.range.low} to {self.border.range.high}, not all of "
                             f"which are samples of {where}; give the parameter a range")

    def to_dict(self, frame_keys: frozenset[str]) -> dict[str, Any]:
        texts = [each.text for each in self.expressions]
        one = set(self.borders)
        return {
            "name": self.name,
            **({"exprs": dict(zip(self.taps, texts, strict=True))} if self.taps != (self.name,)
               else {"expr": texts[0] if len(texts) == 1 else texts}),
            **({} if self.samples else {"from": self.sources[0]}),
            "border": self.borders.top if len(one) == 1 else self.borders._asdict(),
            "border_value": (self.border.name if isinstance(self.border, Parameter)
                             else self.border),
            "overflow": self.overflow,
            "output": str(self.output),
        }

    @property
    def reads(self) -> tuple[Read, ...]:
        """The samples that the expressions read, each once."""
        return tuple(dict.fromkeys(
            read for expression in self.expressions for read in expression.reads))

    @property
    def samples(self) -> tuple[Read, ...]:
        """Those of :attr:`reads` that are samples of a source."""
        return tuple(read for read in self.reads if read.tap in self.sources)

    @property
    def channels(self) -> int:
        """Planes that each expression is worked on."""
        return max((self._format(read.tap).channels for read in self.samples
                    if read.plane is None), default=1)

    @property
    def title(self) -> str:
        return "; ".join(each.text for each in self.expressions)

    @property
    def outputs(self) -> tuple[Format, ...]:
        channels = self.channels * len(self.expressions) // len(self.taps)
        made = replace(self.inputs[0], sample=self.output, channels=channels)
        return (made,) * len(self.taps)

    @property
    def output(self) -> Sample:
        return self.requantisation.output

    @property
    def overflow(self) -> str:
        return self.requantisation.overflow

    @property
    def windows(self) -> tuple[Window, ...]:
        windows = []
        for name in self.sources:
            rows, columns = ([0, *(place[way] for place in self._offsets(name))]
                             for way in (0, 1))
            pads = Sides(-min(rows), max(rows), -min(columns), max(columns))
            windows.append(Window(pads.top + pads.bottom + 1, pads.left + pads.right + 1, pads,
                                  self.borders, self.border_value))
        return tuple(windows)

    @property
    def border_value(self) -> int:
        """Sample of a constant border."""
        return self.border.value if isinstance(self.border, Parameter) else self.border

    @property
    def ranges(self) -> dict[Read, Interval]:
        """Range of each sample that is read, a constant border's among them."""
        width, height = self.largest
        found = {"x": Interval(0, width - 1), "y": Interval(0, height - 1),
                 **{each.name: each.range for each in self.parameters}}
        border = (self.border.range if isinstance(self.border, Parameter)
                  else Interval(self.border, self.border))
        for name, window, known in zip(self.sources, self.windows, self.known, strict=True):
            found[name] = hull([known, border]) if window.shows_border_value else known
        return {read: found[read.tap] for read in self.reads}

    @property
    def reached(self) -> tuple[Interval, ...]:
        count = len(self.expressions) // len(self.taps)
        made = [self.requantisation.range(each.ranges(self.ranges)[-1])
                for each in self.expressions]
        return tuple(hull(made[at:at + count]) for at in range(0, len(made), count))

    def exact(self, pictures: Mapping[str, Picture]) -> Iterator[Integers]:
        height, width = self.inputs[0].height, self.inputs[0].width
        padded = {name: pad(pictures[name], window.pads, window.borders, window.border_value)
                  for name, window in zip(self.sources, self.windows, strict=True)}
        corner = {name: (window.pads.top, window.pads.left)
                  for name, window in zip(self.sources, self.windows, strict=True)}
        numbers = {each.name: np.array(each.value) for each in self.parameters}

        def sample(read: Read, plane: int) -> npt.NDArray[Any]:
            if read.tap in numbers:
                return numbers[read.tap]
            if read.tap in PLACE:
                return np.indices((height, width))["yx".index(read.tap)]
            top, left = corner[read.tap][0] + read.dy, corner[read.tap][1] + read.dx
            picture = padded[read.tap][top:top + height, left:left + width]
            return picture[:, :, read.plane if read.plane is not None else
                           plane if picture.shape[2] > 1 else 0]

        made = [
            expression.compute({read: sample(read, plane) for read in expression.reads})
            for expression in self.expressions for plane in range(self.channels)]
        yield np.stack([np.broadcast_to(each, (height, width)) for each in made], axis=2)

    def _format(self, name: str) -> Format:
        return self.inputs[self.sources.index(name)]

    def _offsets(self, name: str) -> Collection[tuple[int, int]]:
        return {(read.dy, read.dx) for read in self.reads if read.tap == name}


@dataclass(frozen=True)
class TableStage(FormulaStage):
    """A table of one tap, whose entries can be changed while the hardware runs."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for entry in self.entries:
            if entry not in self.output:
                raise InputError(f"lut has the entry {entry}, and entries that are written are "
                                 f"samples of output {self.output}, from {self.output.minimum} to "
                                 f"{self.output.maximum}")
        if self.output.bits > LONGEST_ENTRY:
            raise InputError(f"entries 'runtime' are samples of at most {LONGEST_ENTRY} bits, and "
                             f"output is {self.output}")

    @property
    def entries(self) -> tuple[int, ...]:
        """From that of the least sample on."""
        return next(tuple(step.value) for step in self.expressions[0].operations
                    if isinstance(step.value, Entries))

    @property
    def title(self) -> str:
        return f"lut of {self.sources[0]}, {len(self.entries)} entries at run time"

    @property
    def reached(self) -> tuple[Interval, ...]:
        return tuple(each.interval for each in self.outputs)

    def to_dict(self, frame_keys: frozenset[str]) -> dict[str, Any]:
        return {"name": self.name, "lut": list(self.entries), "from": self.sources[0],
                "entries": "runtime", "overflow": self.overflow, "output": str(self.output)}


def _check_window(name: str, read: Format, window: Window) -> None:
    for size, most, what in ((window.height, read.height, "rows"),
                             (window.width, read.width, "columns")):
        if size > most:
            raise InputError(f"reads {size} {what} of {name!r} at once, whose frame has {most}; "
                             "the frame must be at least as large as the window")
