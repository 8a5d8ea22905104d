"""A bench's register file: commits settings to a core, and knows what each frame has to be."""

import random
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from windrow.hdl import Core
from windrow.hdl.core import frame_geometry
from windrow.hdl.devices import device
from windrow.hdl.settings import PipelineSettings, controlled_stages
from windrow.model import Filter, InputError
from windrow.model.borders import BORDERS
from windrow.model.nodes import ROUNDINGS
from windrow.model.pipeline import Pipeline
from windrow.model.sides import Sides


__all__ = ["Commit", "Registers", "commit", "controlled", "random_commit",
           "random_pipeline_commit"]


class Commit(NamedTuple):
    """What a register file holds, and the filter that it stands for."""

    settings: dict[str, Any]
    filter: Filter | Pipeline


def controlled(filter: Filter, **keys: Any) -> Filter:
    """The filter with a register port, its frame as large as it has to be for that."""
    filter = filter.replace(control="axi4-lite", **keys)
    while True:
        try:
            frame_geometry(filter, device("generic"))
        except InputError as error:
            width = str(error).startswith("width")
            filter = filter.replace(width=filter.width + filter.pixels_per_clock * width,
                                    height=filter.height + (not width))
        else:
            return filter


def commit(filter: Filter | Pipeline, *, bypass: bool = False) -> Commit:
    """The settings that make a core filter as ``filter`` does, but for its size."""
    if isinstance(filter, Pipeline):
        return Commit(PipelineSettings(filter).reset_value(), filter)
    settings = {
        "shift": filter.shift,
        "offset": filter.offset,
        "rounding": ROUNDINGS.index(filter.rounding),
        **{side: BORDERS.index(getattr(filter.borders, side)) for side in Sides._fields},
        "border_value": filter.border_value,
        "bypass": bypass,
    }
    if filter.runtime_kernel:
        settings["coefficients"] = [tap for row in filter.kernel for tap in row]
    if bypass:
        # The kernel whose only coefficient lies on the pixel: in correlation form.
        delta = [[int([y, x] == list(filter.anchor)) for x in range(filter.kernel_width)]
                 for y in range(filter.kernel_height)]
        if filter.operation == "convolve":
            delta = [row[::-1] for row in delta[::-1]]
        filter = filter.replace(kernel=delta, shift=0, offset=0, overflow="saturate")
    return Commit(settings, filter)


def random_commit(rng: random.Random, filter: Filter) -> Commit:
    """Settings of any kind for a core of ``filter``."""
    keys: dict[str, Any] = {
        "border": {side: rng.choice(BORDERS) for side in Sides._fields},
        "border_value": rng.randint(filter.pixel.minimum, filter.pixel.maximum),
        "shift": rng.choice([0, 1, rng.randint(0, 31), rng.randint(0, 12)]),
        "rounding": rng.choice(ROUNDINGS),
    }
    if filter.runtime_kernel:
        most = 1 << filter.coefficient_bits - 1
        kind = rng.choice(["any", "any", "least", "greatest", "small"])
        low, high = {"any": (-most, most - 1), "least": (-most, -most),
                     "greatest": (most - 1, most - 1), "small": (-1, 1)}[kind]
        keys["kernel"] = [[rng.randint(low, high) for _ in row] for row in filter.kernel]
    offsets = [rng.choice([0, rng.randint(-300, 300), -1 << 31, (1 << 31) - 1]), 0]
    for offset in offsets:
        try:
            return commit(filter.replace(**keys, offset=offset), bypass=rng.random() < 0.15)
        except InputError:
            assert offset != 0
    raise AssertionError


def random_pipeline_commit(rng: random.Random, pipeline: Pipeline) -> Commit:
    """Settings of any kind for the core of a pipeline."""
    tables = {table["name"]: table for table in pipeline.to_dict()["stage"]}
    settings: dict[str, Any] = {}
    for stage in controlled_stages(pipeline):
        settings[stage.name], other = random_commit(rng, stage.filter)
        keys = other.to_dict()
        tables[stage.name].update({key: keys[key] for key in tables[stage.name] if key in keys})
    values = {each.name: rng.choice([*each.range, rng.randint(*each.range)])
              for each in pipeline.parameters}
    return Commit(settings | values, pipeline.replace(
        stages=[*tables.values()], outputs=pipeline.outputs, parameters=values))


class Registers:
    """Commits settings, each some cycles after the one before, and records what frames take.

    Parameters
    ----------
    filter : :class:`~windrow.model.Filter`
        The core's, in force before any commit.
    commits : sequence of (:class:`int`, :class:`Commit`)
        Cycles to wait, and what to commit then. Begun again after the last one.

    Attributes
    ----------
    frames : list of :class:`~windrow.model.Filter`
        For each frame that started the filter in force.
    """

    def __init__(self, filter: Filter, commits: Sequence[tuple[int, Commit]] = ()) -> None:
        self._commits = commits
        self._in_force = filter
        self.frames: list[Filter] = []
        self.taken = 0

    def drives(self, core: Core) -> Callable[[Any], Any]:
        """The testbench of a core."""
        filter = self._in_force

        async def testbench(ctx: Any) -> None:
            committed = commit(filter)
            ctx.set(core.enable, 1)
            ctx.set(core.settings, committed.settings)
            ctx.set(core.extent, {"width": filter.width, "height": filter.height})
            number = 0
            wait = self._commits[0][0] if self._commits else -1
            # As the register file does: a commit is there a cycle before its settings.
            arriving: Commit | None = None
            pending = False
            age = 0
            while True:
                _, _, events = await ctx.tick().sample(core.events)
                age += 1
                if events.taken:
                    assert pending, "there was nothing to take"
                    self._in_force = committed.filter
                    self.taken += 1
                    pending = arriving is not None
                if events.frame:
                    # A commit that was there before a frame's first beat is taken by that frame.
                    assert not pending or age < 5, "a frame left a commit"
                    self.frames.append(self._in_force)
                if arriving is not None:
                    committed = arriving
                    arriving = None
                    ctx.set(core.settings, committed.settings)
                if wait == 0:
                    arriving = self._commits[number][1]
                    number = (number + 1) % len(self._commits)
                    wait = self._commits[number][0]
                    pending = True
                    age = 0
                elif wait > 0:
                    wait -= 1
                ctx.set(core.pending, pending)

        return testbench
