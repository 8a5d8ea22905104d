"""Every tap of a pipeline out of its hardware, to be compared with the model stage by stage."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..model.errors import InputError
from ..model.keys import LARGEST_CHANNELS
from ..model.pipeline import INPUT, Pipeline
from .job import Mismatch, Result, first_mismatch


__all__ = ["Frames", "first_wrong_tap", "simulated_taps"]

Frames = list[npt.NDArray[Any]]


def simulated_taps(
    pipeline: Pipeline, run: Callable[[Any], Result]
) -> dict[str, Frames]:
    """What the hardware makes of some frames at each tap, in order, without the input.

    A core shows its outputs only. So taps of one frame size come out side by side of a core that is
    made of the same stages, and others of another one.

    Parameters
    ----------
    pipeline : :class:`~windrow.model.pipeline.Pipeline`
        The pipeline.
    run : callable
        Simulates a pipeline with the frames.

    Returns
    -------
    mapping of :class:`str` to arrays of (height, width) or (height, width, channels)
    """
    found: dict[str, Frames] = {}
    for names in _groups(pipeline):
        channel = 0
        outputs = run(pipeline.replace(outputs=names)).outputs
        for name in names:
            count = pipeline.taps[name].format.channels
            planes = [np.atleast_3d(output)[:, :, channel:channel + count] for output in outputs]
            found[name] = [each[:, :, 0] if count == 1 else each for each in planes]
            channel += count
    return {name: found[name] for name in pipeline.taps if name in found}


def _groups(pipeline: Pipeline) -> list[list[str]]:
    """The taps, put together as they come out of one core without further parts."""
    from ..hdl.lockstep import lock_steps

    def parts(names: list[str]) -> int:
        return len(lock_steps(pipeline.replace(outputs=names), 1)[0])

    groups: list[list[str]] = []
    for name in pipeline.taps:
        if name == INPUT:
            continue
        for group in groups:
            try:
                joined = [*group, name]
                if pipeline.replace(outputs=joined).output_format.channels <= LARGEST_CHANNELS and (
                        parts(joined) <= max(parts(group), parts([name]))):
                    group.append(name)
                    break
            except InputError:
                continue
        else:
            groups.append([name])
    return groups


def first_wrong_tap(
    pipeline: Pipeline, frames: Sequence[npt.NDArray[Any]], taps: dict[str, Frames]
) -> tuple[str, Mismatch] | None:
    """The first tap that differs from the model, in the order of the stages, and where."""
    golden: dict[int, dict[str, npt.NDArray[Any]]] = {}
    for frame in frames:
        if id(frame) not in golden:
            golden[id(frame)] = pipeline.compute_taps(frame)
    for name, outputs in taps.items():
        mismatch = first_mismatch(outputs, [golden[id(frame)][name] for frame in frames])
        if mismatch is not None:
            return name, mismatch
    return None
