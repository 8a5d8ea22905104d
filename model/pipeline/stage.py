"""One step of a pipeline, and the named pictures between the steps."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..filter import Filter
from ..format import Format
from ..golden import Integers, overflow
from ..interval import Interval
from ..sample import Sample
from ..subset import Subset
from ..window import Window


__all__ = ["FilterStage", "Picture", "Stage", "SubsetStage", "Tap"]

Picture = npt.NDArray[np.integer[Any]]
"""The samples of a tap, (height, width, channels)."""


@dataclass(frozen=True)
class Stage:
    """What makes one or several taps of taps above it. There is a class for each kind.

    Parameters
    ----------
    name : :class:`str`
        Unique in its pipeline.
    sources : tuple of :class:`str`
        The taps that it reads, in order.
    taps : tuple of :class:`str`
        The taps that it makes: its own name, or one for each kernel of a bank.
    inputs : tuple of :class:`~windrow.model.format.Format`
        What each source carries.
    """

    name: str
    sources: tuple[str, ...]
    taps: tuple[str, ...]
    inputs: tuple[Format, ...]

    @property
    def title(self) -> str:
        """What it computes, in a few words."""
        raise NotImplementedError

    @property
    def outputs(self) -> tuple[Format, ...]:
        """What each tap carries."""
        raise NotImplementedError

    @property
    def windows(self) -> tuple[Window, ...]:
        """What moves over each source: the pixel alone, unless a stage says more."""
        return (Window.point(),) * len(self.sources)

    @property
    def output(self) -> Sample:
        """The sample of each tap."""
        return self.outputs[0].sample

    @property
    def overflow(self) -> str:
        """How results are brought to that."""
        return "saturate"

    @property
    def reached(self) -> tuple[Interval, ...]:
        """A range that holds every sample of each tap; its format's unless more is known."""
        return tuple(each.interval for each in self.outputs)

    def exact(self, pictures: Mapping[str, Picture]) -> Iterator[Integers]:
        """Its rounded results before :attr:`overflow`, some rows at a time, taps as channels."""
        raise NotImplementedError

    def fitted(self, exact: Integers) -> Picture:
        """Those results as samples."""
        return overflow(exact, self.overflow, self.output).astype(self.output.dtype)

    def split(self, made: Picture) -> dict[str, Picture]:
        """All samples as the taps that they are."""
        return dict(zip(self.taps, np.split(made, len(self.taps), axis=2), strict=True))

    def compute(self, pictures: Mapping[str, Picture]) -> dict[str, Picture]:
        """The taps that it makes of its sources."""
        return self.split(np.concatenate(list(map(self.fitted, self.exact(pictures)))))

    def to_dict(self, frame_keys: frozenset[str]) -> dict[str, Any]:
        """Its table in a file, without the keys of the frame."""
        raise NotImplementedError


@dataclass(frozen=True)
class FilterStage(Stage):
    """A filter of one source, whose frame, sample and channels it has."""

    filter: Filter

    @property
    def title(self) -> str:
        return self.filter.applied.title

    @property
    def outputs(self) -> tuple[Format, ...]:
        whole = self.filter.output_format
        return (replace(whole, channels=whole.channels // len(self.taps)),) * len(self.taps)

    @property
    def windows(self) -> tuple[Window, ...]:
        return (self.filter.window,)

    @property
    def reached(self) -> tuple[Interval, ...]:
        if self.filter.registers:
            return super().reached
        return tuple(map(self.filter.requantisation.range, self.filter.ranges))

    @property
    def output(self) -> Sample:
        return self.filter.output

    @property
    def overflow(self) -> str:
        return self.filter.overflow

    def exact(self, pictures: Mapping[str, Picture]) -> Iterator[Integers]:
        for _, rows in self.filter.exact(pictures[self.sources[0]]):
            yield rows

    def to_dict(self, frame_keys: frozenset[str]) -> dict[str, Any]:
        keys = {key: value for key, value in self.filter.to_dict().items()
                if key not in frame_keys}
        if not self.filter.runtime_kernel:
            keys.pop("coefficient_bits", None)
        return {"name": self.name, "from": self.sources[0], **keys}


@dataclass(frozen=True)
class SubsetStage(Stage):
    """A part of the pixels of one source.

    ``verb`` and ``value`` are what a file says: ``shrink = [2, 2]``.
    """

    subset: Subset
    verb: str
    value: tuple[int, ...]

    @property
    def title(self) -> str:
        return f"{self.verb} {', '.join(map(str, self.value))}"

    @property
    def outputs(self) -> tuple[Format, ...]:
        return (replace(self.inputs[0], width=self.subset.width, height=self.subset.height),)

    def exact(self, pictures: Mapping[str, Picture]) -> Iterator[Integers]:
        yield self.subset.compute(pictures[self.sources[0]]).astype(np.int64)

    def to_dict(self, frame_keys: frozenset[str]) -> dict[str, Any]:
        return {"name": self.name, "from": self.sources[0], self.verb: list(self.value)}


@dataclass(frozen=True)
class Tap:
    """A named picture: the input, or what a stage makes.

    Parameters
    ----------
    name : :class:`str`
        Its name.
    format : :class:`~windrow.model.format.Format`
        What it carries.
    stage : :class:`Stage`
        What makes it; ``None`` of the input.
    number : :class:`int`
        Which of the stage's taps it is.
    """

    name: str
    format: Format
    stage: Stage | None = None
    number: int = 0

    @property
    def reached(self) -> Interval:
        """A range that holds every sample."""
        return self.format.interval if self.stage is None else self.stage.reached[self.number]
