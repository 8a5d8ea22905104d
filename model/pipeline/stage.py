"""One step of a pipeline, and the named pictures between the steps."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..filter import Filter
from ..format import Format
from ..golden import Integers, overflow
from ..sample import Sample
from ..window import Window


__all__ = ["Picture", "Stage", "Tap"]

Picture = npt.NDArray[np.integer[Any]]
"""The samples of a tap, (height, width, channels)."""


@dataclass(frozen=True)
class Stage:
    """What makes one or several taps of taps above it.

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
    filter : :class:`~windrow.model.filter.Filter`
        What it computes, of its one source, whose frame, sample and channels the filter has.
    """

    name: str
    sources: tuple[str, ...]
    taps: tuple[str, ...]
    inputs: tuple[Format, ...]
    filter: Filter | None = None
    subset: Subset | None = None

    @property
    def outputs(self) -> tuple[Format, ...]:
        """What each tap carries."""
        whole = self.filter.output_format
        return (replace(whole, channels=whole.channels // len(self.taps)),) * len(self.taps)

    @property
    def windows(self) -> tuple[Window, ...]:
        """What moves over each source."""
        return (self.filter.window,)

    @property
    def output(self) -> Sample:
        """The sample of each tap."""
        return self.filter.output

    @property
    def overflow(self) -> str:
        """How results are brought to that."""
        return self.filter.overflow

    def exact(self, pictures: Mapping[str, Picture]) -> Iterator[Integers]:
        """Its rounded results before :attr:`overflow`, as :meth:`Filter.exact`, without a number.
        """
        for _, rows in self.filter.exact(pictures[self.sources[0]]):
            yield rows

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
        keys = {key: value for key, value in self.filter.to_dict().items()
                if key not in frame_keys}
        if not self.filter.runtime_kernel:
            keys.pop("coefficient_bits", None)
        return {"name": self.name, "from": self.sources[0], **keys}


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
