"""Taps of different shrink or crop stages that meet: these become one stage, where they can."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

from ..model.errors import InputError
from ..model.pipeline import INPUT, Pipeline, ShuffleStage, SubsetStage, SurroundStage
from ..model.sample import Sample


__all__ = ["meeting"]


def meeting(pipeline: Pipeline) -> Pipeline:
    """A pipeline that makes the same taps, in which more of those that meet have common pushes.

    What two shrink or crop stages keep has no common push, unless both keep the same of taps that
    have one. Then these taps are put side by side before, one stage keeps its part of them, and
    behind it they part again. The waits are where the lines are planned.
    """
    while (pair := _pair(pipeline)) is not None:
        try:
            pipeline = _joined(pipeline, *pair)
        except InputError:  # too many channels, stages or bits
            break
    return pipeline


def _pair(pipeline: Pipeline) -> tuple[SubsetStage, SubsetStage] | None:
    """Two stages that keep the same of taps with common pushes, and whose own taps meet."""
    roots, met = _roots(pipeline)
    makers = {name: tap.stage for name, tap in pipeline.taps.items()}
    for pair in met:
        while True:
            first, second = (makers.get(each) for each in pair)
            if not isinstance(first, SubsetStage) or not isinstance(second, SubsetStage):
                break
            before = roots[first.sources[0]], roots[second.sources[0]]
            if before[0] == before[1]:
                if first.subset == second.subset:
                    return first, second
                break
            pair = before
    return None


def _roots(pipeline: Pipeline) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """The tap out of whose pushes each is made that the output needs, and those of them that meet.
    """
    wanted = set(pipeline.outputs)
    for stage in reversed(pipeline.stages):
        if wanted.intersection(stage.taps):
            wanted.update(stage.sources)
    roots = {INPUT: INPUT}
    met: list[tuple[str, str]] = []

    def joined(names: Sequence[str]) -> list[str]:
        found = list(dict.fromkeys(roots[name] for name in names))
        met.extend(combinations(found, 2))
        return found

    for stage in pipeline.stages:
        if wanted.intersection(stage.taps):
            found = joined(stage.sources)
            new = isinstance(stage, SubsetStage | ShuffleStage | SurroundStage) or len(found) > 1
            roots.update(dict.fromkeys(stage.taps, stage.taps[0] if new else found[0]))
    joined(pipeline.outputs)
    return roots, met


def _joined(pipeline: Pipeline, *subsets: SubsetStage) -> Pipeline:
    """The pipeline with some stages that keep the same as one."""
    keys = pipeline.to_dict()
    tables: dict[str, dict[str, Any]] = {table["name"]: table for table in keys["stage"]}
    reads = {stage.name: stage.sources for stage in pipeline.stages}
    makes = {tap: stage.name for stage in pipeline.stages for tap in stage.taps}

    def free(name: str) -> str:
        while name in tables or name in pipeline.taps:
            name += "_"
        return name

    formats = [stage.inputs[0] for stage in subsets]
    sample = Sample.holding(min(each.sample.minimum for each in formats),
                            max(each.sample.maximum for each in formats))
    side_by_side = free("_".join(stage.name for stage in subsets))
    kept = free(f"{side_by_side}_kept")
    planes = [f"{stage.sources[0]}.{plane}" for stage, each in zip(subsets, formats, strict=True)
              for plane in range(each.channels)]
    first = subsets[0]
    tables[side_by_side] = {"name": side_by_side, "expr": planes, "output": str(sample)}
    tables[kept] = {"name": kept, "from": side_by_side, first.verb: list(first.value)}
    reads[side_by_side] = tuple(stage.sources[0] for stage in subsets)
    reads[kept] = (side_by_side,)
    makes |= {side_by_side: side_by_side, kept: kept}
    plane = 0
    for stage, each in zip(subsets, formats, strict=True):
        texts = [f"{kept}.{plane + number}" for number in range(each.channels)]
        tables[stage.name] = {"name": stage.name, "expr": texts, "output": str(each.sample),
                              "overflow": "wrap"}
        reads[stage.name] = (kept,)
        plane += each.channels

    ordered: list[dict[str, Any]] = []
    placed: set[str] = set()

    def place(name: str) -> None:
        if name not in placed:
            placed.add(name)
            for source in reads[name]:
                if source != INPUT:
                    place(makes[source])
            ordered.append(tables[name])

    for name in tables:
        place(name)
    return pipeline.replace(stages=ordered, outputs=pipeline.outputs)
