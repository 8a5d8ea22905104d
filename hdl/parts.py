"""The parts of a pipeline, each in lock-step for itself, and what goes from one to the next.

All stages advance on the same push as long as what they read is made of the same pushes. A stage
that enlarges makes more beats than there are pushes, so does one that puts a frame's other side
around it; and two stages that keep different pixels of a frame have no push in common. There the
pipeline is cut. What stands behind a cut has pushes of its own: those of a stream of all the taps
from before that it reads, side by side.

.. code-block:: text

    input -> part 0: shrink, blur -> blocks -> shuffle -> up    -+
                |                                                +-> part 1: input - up -> o
                +--------------> queue ----------------> input  -+
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from ..model.format import Format
from ..model.pipeline import (
    INPUT,
    Pipeline,
    ShuffleStage,
    Stage,
    SubsetStage,
    SurroundStage,
)
from ..model.sample import Sample


__all__ = ["Link", "Part", "parts_of"]


class Link(NamedTuple):
    """What a part, or the output, takes of an earlier part.

    Attributes
    ----------
    source, end : :class:`int`
        The part, and which of its ends.
    taps : tuple of :class:`str`
        What comes out of it, side by side.
    larger : a stage or ``None``
        What makes a larger frame of the end's taps on the way; that is the one tap then.
    """

    source: int
    end: int
    taps: tuple[str, ...]
    larger: ShuffleStage | SurroundStage | None


@dataclass(frozen=True)
class Part:
    """Stages in lock-step.

    Attributes
    ----------
    stages : tuple of :class:`~windrow.model.pipeline.Stage`
        The stages, in order.
    ends : tuple of tuple of :class:`str`
        Taps that leave it side by side.
    links : tuple of :class:`Link`
        Where its input comes from: beat by beat one of each. None of the first part.
    """

    stages: tuple[Stage, ...]
    ends: tuple[tuple[str, ...], ...]
    links: tuple[Link, ...]

    @property
    def roots(self) -> tuple[str, ...]:
        """The taps that come in."""
        return tuple(tap for link in self.links for tap in link.taps) or (INPUT,)

    def format(self, pipeline: Pipeline) -> Format:
        """What a beat of its input carries: several taps are bits side by side."""
        return side_by_side([pipeline.taps[name].format for name in self.roots])


def side_by_side(formats: Sequence[Format]) -> Format:
    """The bits of pixels of some formats as one pixel; a single format as it is."""
    first, *others = formats
    return first if not others else replace(
        first, sample=Sample(signed=False, bits=1), channels=sum(
            each.pixel_bits for each in formats))


def parts_of(pipeline: Pipeline) -> tuple[tuple[Part, ...], Link]:
    """The parts that the output needs, each behind those that it reads, and what comes out."""
    return _Cut(pipeline).parts()


class _Cut:
    """Finds the parts, stage by stage."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._taps = pipeline.taps
        self._roots: list[list[str]] = [[INPUT]]
        self._stages: list[list[Stage]] = [[]]
        # Of each tap its part, and the tap there out of whose pushes it is made.
        self._place = {INPUT: (0, INPUT)}
        self._blocks: dict[str, tuple[int, str]] = {}
        wanted = set(pipeline.outputs)
        needed: list[Stage] = []
        for stage in reversed(pipeline.stages):
            if wanted.intersection(stage.taps):
                needed.insert(0, stage)
                wanted.update(stage.sources)
        for stage in needed:
            self._put(stage)
        self._outputs = pipeline.outputs
        self._end = None if len(self._outputs) == 1 else self._home(self._outputs)

    def _put(self, stage: Stage) -> None:
        home = self._home(stage.sources)
        if isinstance(stage, ShuffleStage | SurroundStage):
            (name,) = stage.taps
            self._blocks[name] = home
            home = self._begin([name]), name
        else:
            self._stages[home[0]].append(stage)
            if isinstance(stage, SubsetStage):
                home = home[0], stage.taps[0]
        self._place.update(dict.fromkeys(stage.taps, home))

    def _begin(self, roots: list[str]) -> int:
        self._roots.append(roots)
        self._stages.append([])
        return len(self._roots) - 1

    def _home(self, names: Sequence[str]) -> tuple[int, str]:
        """Where some taps meet: the part, and one out of whose pushes all are made there."""
        found = {self._place[name] for name in names}
        if len(found) == 1:
            return found.pop()
        part = max(part for part, _ in found)
        base = self._roots[part][0]
        if part == 0 or not self._same_size(base, names[0]) or any(
                place[0] == part and place[1] != base for place in found):
            part = self._begin([])
        for name in names:
            if self._place[name][0] != part and name not in self._roots[part]:
                self._roots[part].append(name)
        return part, self._roots[part][0]

    def _same_size(self, *names: str) -> bool:
        return len({(self._taps[name].format.width, self._taps[name].format.height)
                    for name in names}) == 1

    def parts(self) -> tuple[tuple[Part, ...], Link]:
        """As :func:`parts_of`."""
        ends: list[list[tuple[str, ...]]] = [[] for _ in self._roots]

        def link(names: Sequence[str]) -> Link:
            stage = self._taps[names[0]].stage
            larger = stage if isinstance(stage, ShuffleStage | SurroundStage) else None
            part, _ = self._place[names[0]] if larger is None else self._blocks[names[0]]
            ends[part].append(tuple(names) if larger is None else larger.sources)
            return Link(part, len(ends[part]) - 1, tuple(names), larger)

        if self._end is None:
            output = link(self._outputs)
        else:
            part = self._end[0]
            ends[part].append(self._outputs)
            output = Link(part, 0, self._outputs, None)
        into: list[list[Link]] = [[] for _ in self._roots]
        for part in range(len(self._roots) - 1, 0, -1):
            if not ends[part]:
                continue  # of a larger frame that only others lead on
            groups: dict[object, list[str]] = {}
            for name in self._roots[part]:
                alone = name in self._blocks
                groups.setdefault(name if alone else self._place[name], []).append(name)
            into[part] = [link(names) for names in groups.values()]
        kept = [part for part, each in enumerate(ends) if each]
        number = {part: index for index, part in enumerate(kept)}

        def renumbered(each: Link) -> Link:
            return each._replace(source=number[each.source])

        return tuple(
            Part(tuple(self._stages[part]), tuple(ends[part]), tuple(map(renumbered, into[part])))
            for part in kept), renumbered(output)
