"""The last step of Canny's edges: weak pixels stay where strong ones hold them."""

from typing import Any

import numpy as np
import numpy.typing as npt


__all__ = ["STRONG", "WEAK", "hysteresis", "line_hysteresis", "line_step"]

WEAK, STRONG = 1, 2
"""Classes of a pixel beside 0, which is never an edge."""


def hysteresis(classes: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Where a frame's edges are: all components of weak and strong pixels that hold a strong one.

    Pixels that touch at a side or at a corner belong together.

    Parameters
    ----------
    classes : (H, W) array of 0, :data:`WEAK` and :data:`STRONG`
        What the thresholds made of each pixel.

    Returns
    -------
    (H, W)
    """
    height, width = classes.shape
    # Rows end in a pixel that is none, so that runs of the whole frame can be told in one line.
    line = np.pad(classes, ((0, 0), (0, 1))).ravel()
    changes = np.flatnonzero(np.diff(line > 0, prepend=False))
    starts, ends = changes[::2], changes[1::2]
    roots = _joined(starts, ends, width + 1)
    strong = np.add.reduceat(line == STRONG, starts) > 0 if len(starts) else np.zeros(0, bool)
    held = np.isin(roots, roots[strong])
    edges = np.zeros(len(line) + 1, dtype=np.int8)
    edges[starts[held]] += 1
    edges[ends[held]] -= 1
    return np.cumsum(edges[:-1]).astype(np.bool_).reshape(height, width + 1)[:, :width]


def line_step(lines: int) -> int:
    """Rows that leave together, where ``lines`` more are known below them."""
    return max(lines // 2, 1)


def line_hysteresis(
    classes: npt.NDArray[Any], lines: int
) -> tuple[npt.NDArray[np.bool_], bool]:
    """What is known of a frame's edges when no more than some lines of it are held.

    Rows leave a few at a time, :func:`line_step`, when so many and ``lines`` more have come. All
    edges that are found are edges of the frame; some may be missing where a strong pixel comes
    later, and then it is said that the map is not complete: exactly where an edge touches a weak
    pixel that is none.

    Parameters
    ----------
    classes : (H, W) array of 0, :data:`WEAK` and :data:`STRONG`
        What the thresholds made of each pixel.
    lines : :class:`int`
        Rows that are known below each row when it leaves, at least.

    Returns
    -------
    edges : (H, W)
    complete : :class:`bool`
        Whether they are those of :func:`hysteresis`.
    """
    height, step = len(classes), line_step(lines)
    edges = classes == STRONG
    first, end = 0, min(lines + step, height)
    while True:
        known = np.where(edges[first:end], STRONG, classes[first:end])
        edges[first:end] = hysteresis(known)
        if end == height:
            break
        first, end = first + step, min(end + step, height)
    around = np.pad(edges, 1)
    touched = np.zeros_like(edges)
    for dy in range(3):
        for dx in range(3):
            touched |= around[dy:dy + height, dx:dx + edges.shape[1]]
    return edges, not (touched & (classes > 0) & ~edges).any()


def _joined(
    starts: npt.NDArray[np.intp], ends: npt.NDArray[np.intp], stride: int
) -> npt.NDArray[np.intp]:
    """For each run of pixels a number that all runs of its component share.

    Every run that touches one with a smaller number takes that, until none does.
    """
    first = np.searchsorted(ends, starts + stride)
    count = np.searchsorted(starts, ends + stride, side="right") - first
    above = np.repeat(np.arange(len(starts)), count)
    below = np.arange(len(above)) + np.repeat(first - np.cumsum(count) + count, count)
    roots = np.arange(len(starts))
    while True:
        pair = np.sort([roots[above], roots[below]], axis=0)
        if np.array_equal(pair[0], pair[1]):
            return roots
        np.minimum.at(roots, pair[1], pair[0])
        while not np.array_equal(roots, roots[roots]):
            roots = roots[roots]
