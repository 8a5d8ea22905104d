"""Which files the results of several pictures go to."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from windrow.usage import UsageError


if TYPE_CHECKING:
    import numpy.typing as npt

    from windrow import Filter, Pipeline
    from windrow.model.sample import Sample

__all__ = ["result_files", "save_results", "save_taps"]


def result_files(out: str, names: Sequence[str], sources: Sequence[Path],
                 channels: int) -> list[Path]:
    """Say where to write: one file for each name, or one ``.npy`` for all.

    Parameters
    ----------
    out : :class:`str`
        A file; or a folder: one that is there, or a name that ends in a slash or has no suffix.
    names : sequence of :class:`str`
        What the frames are called.
    sources : sequence of paths
        Files that are not to be overwritten by those in a folder.
    channels : :class:`int`
        Channels of the results.

    Raises
    ------
    :exc:`UsageError`
        If results would overwrite each other or a source, or do not fit one file.
    :exc:`windrow.model.errors.InputError`
        If a result cannot be written under the name.
    """
    from windrow.sim.pictures import check_name

    if out in ("", "-"):
        raise UsageError(f"out {out!r} is no file: name a picture, a .npy file or a folder")
    path = Path(out)
    if not (path.is_dir() or out.endswith(os.sep) or not path.suffix):
        check_name(path, channels)
        if len(names) > 1 and path.suffix.lower() != ".npy":
            raise UsageError(f"out {out!r} is one picture, and there are {len(names)}: name a "
                             "folder, or a .npy file for all of them")
        return [path]
    files = [path / f"{name}{'.png' if channels in (1, 3) else '.npy'}" for name in names]
    taken = {source.resolve() for source in sources}
    for index, file in enumerate(files):
        if file.resolve() in taken or file in files[:index]:
            raise UsageError(f"out {out!r}: {str(file)!r} would be written over "
                             f"{'another result' if file in files[:index] else 'a source'}: "
                             "name another folder, or a .npy file for all results")
    return files


def save_results(
    files: Sequence[Path], outputs: Sequence[npt.NDArray], sample: Sample
) -> list[tuple[Path, str]]:
    """Write the results, and say of each file in what way it differs from the samples.

    If one cannot be written, those before it are removed again.
    """
    import numpy as np

    from windrow.sim.pictures import save

    if len(files) == 1 and len(outputs) > 1:
        save(files[0], np.stack(outputs), sample)
        return [(files[0], f"{len(outputs)} frames")]
    written: list[tuple[Path, str]] = []
    try:
        for file, output in zip(files, outputs, strict=True):
            written.append((file, save(file, output, sample)))
    except BaseException:
        for file, _ in written:
            file.unlink()
        raise
    return written


def save_taps(
    folder: Path, design: Filter | Pipeline, frame: npt.NDArray
) -> list[tuple[Path, str]]:
    """Write what the model makes of a frame at each tap, as :func:`save_results` does."""
    import numpy as np

    from windrow.model import Pipeline

    if isinstance(design, Pipeline):
        taps = [(name, picture, design.taps[name].format.sample)
                for name, picture in design.compute_taps(frame).items()
                if design.taps[name].stage is not None]
    else:
        outputs = design.applied.outputs
        planes = np.atleast_3d(design.compute(frame))
        taps = [(name, picture, design.output) for name, picture in zip(
            outputs, np.split(planes, len(outputs), axis=2), strict=True)]
    written = []
    for name, picture, sample in taps:
        suffix = ".png" if picture.ndim == 2 or picture.shape[2] in (1, 3) else ".npy"
        written += save_results([folder / f"{name}{suffix}"], [picture], sample)
    return written
