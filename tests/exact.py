"""Comparing pictures with no tolerance."""

from typing import Any

import numpy as np
import numpy.typing as npt


__all__ = ["assert_same"]


def assert_same(got: npt.NDArray[Any], wanted: npt.NDArray[Any], what: object = "") -> None:
    """Assert that two integer arrays are equal, and show the first pixel where they are not.

    Their types may differ; a trailing axis of one channel counts as none.
    """
    if got.ndim == 3 and got.shape[2] == 1:
        got = got[:, :, 0]
    if wanted.ndim == 3 and wanted.shape[2] == 1:
        wanted = wanted[:, :, 0]
    assert got.shape == wanted.shape, f"shape {got.shape}, wanted {wanted.shape} {what}"
    differing = np.argwhere(got.astype(object) != wanted.astype(object))
    if len(differing):
        first = tuple(int(index) for index in differing[0])
        names = ("row", "column", "channel")
        place = ", ".join(f"{n} {i}" for n, i in zip(names, first, strict=False))
        raise AssertionError(
            f"{place}: got {got[first]}, wanted {wanted[first]} "
            f"({len(differing)} of {got.size} differ) {what}"
        )
