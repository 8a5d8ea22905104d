"""Real-valued kernels as integers and a shift."""

import functools
import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ..errors import InputError
from .kernel import LARGEST_KERNEL, Matrix


__all__ = ["Quantised", "RealMatrix", "quantise", "real_rows", "reduced", "worst_error"]

#: A kernel as weights: rows of reals, all of one length.
RealMatrix = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Quantised:
    """An integer kernel that stands for a real one.

    Members
    -------
    kernel : :class:`tuple` of rows
        Integers.
    shift : :class:`int`
        The weights are ``kernel / 2**shift``.
    error : :class:`float`
        The worst ``|kernel / 2**shift - real|`` over all entries.
    wanted : :class:`tuple` of rows
        The real ones; empty where there are none.
    """

    kernel: Matrix
    shift: int
    error: float
    wanted: RealMatrix = field(default=(), compare=False, repr=False)


def quantise(kernel: npt.ArrayLike, shift: int = 12) -> Quantised:
    """Turn a real-valued kernel into integers and a shift, and keep its sum.

    The integers add up to ``round(sum(kernel) * 2**shift)``, so that a blur neither darkens nor
    brightens and a derivative of a flat picture is zero. Every entry is rounded to the nearest;
    what is then missing from the sum goes to the entries that it harms least. Entries that
    mirroring or transposing the kernel maps onto each other are kept equal (or opposite, where the
    kernel is antisymmetric) as long as the sum allows it, and a zero stays zero: such kernels make
    smaller hardware.
    Common factors of two are taken out at the end, which changes no result.

    Parameters
    ----------
    kernel : (Kh, Kw) array-like of :class:`float`
        From 1x1 to 31x31, all finite.
    shift : :class:`int`
        Fraction bits, 0 to 31. The result's may be less, by the factors of two.

    Returns
    -------
    :class:`Quantised`
        The integers, their shift and the worst error, which is below ``2**-shift`` but where
        keeping the symmetry costs the centre a few units.

    Raises
    ------
    :exc:`InputError`
        If the kernel is no finite real matrix of a legal size or the shift is out of range.
    """
    real = _real_matrix(kernel)
    if isinstance(shift, bool) or not isinstance(shift, int) or not 0 <= shift <= 31:
        raise InputError(f"shift must be an integer from 0 to 31, not {shift!r}")
    if np.abs(real).max() >= 2.0 ** (53 - shift):
        raise InputError(f"kernel times 2**{shift} must stay below 2**53 to be exact")
    scaled = real * 2.0**shift
    integers = np.rint(scaled).astype(np.int64)
    missing = round(math.fsum(scaled.flat)) - int(integers.sum())
    groups = _mirror_groups(real)
    while missing:
        step = 1 if missing > 0 else -1
        # A group may overshoot as long as less is missing after it; the rest comes back elsewhere.
        fitting = [group for group in groups if abs(missing - step * len(group)) < abs(missing)]
        if not fitting:  # say an even kernel whose entries all come in pairs: give up the symmetry
            groups = [[cell] for group in groups for cell in group]
            continue
        best = min(fitting, key=lambda group: _cost(scaled, integers, group, step))
        for cell in best:
            integers[cell] += step
        missing -= step * len(best)
    matrix = tuple(tuple(int(entry) for entry in row) for row in integers)
    matrix, shift = reduced(matrix, shift)
    return Quantised(matrix, shift, worst_error(matrix, shift, real), real_rows(real))


def reduced(kernel: Matrix, shift: int) -> tuple[Matrix, int]:
    """Take common factors of two out of a kernel and its shift; no output changes by it."""
    factor = math.gcd(*(entry for row in kernel for entry in row))
    while shift > 0 and factor % 2 == 0 and factor:
        kernel = tuple(tuple(entry // 2 for entry in row) for row in kernel)
        shift, factor = shift - 1, factor // 2
    return kernel, shift


def real_rows(real: npt.NDArray[np.float64]) -> RealMatrix:
    """The rows of an array of weights."""
    return tuple(tuple(map(float, row)) for row in real)


def worst_error(kernel: Matrix, shift: int, real: npt.ArrayLike) -> float:
    """Return the greatest ``|kernel / 2**shift - real|``."""
    return float(np.abs(np.array(kernel, dtype=float) / 2.0**shift - np.asarray(real)).max())


def _real_matrix(kernel: npt.ArrayLike) -> npt.NDArray[np.float64]:
    try:
        real = np.array(kernel, dtype=float)
    except (TypeError, ValueError):
        raise InputError(
            "kernel must be a matrix of real numbers with rows of one length"
        ) from None
    if real.ndim != 2 or not all(1 <= size <= LARGEST_KERNEL for size in real.shape):
        raise InputError(
            f"kernel must be a matrix from 1x1 to {LARGEST_KERNEL}x{LARGEST_KERNEL}, "
            f"not of shape {real.shape}"
        )
    if not np.isfinite(real).all():
        raise InputError("kernel must have finite entries only")
    return real


def _mirror_groups(real: npt.NDArray[np.float64]) -> list[list[tuple[int, int]]]:
    """Group the cells that must change together for the kernel to keep its even symmetries.

    Zeros are in no group.
    """
    tolerance = 1e-12 * float(np.abs(real).max())
    height, width = real.shape
    index = np.arange(real.size).reshape(real.shape)
    images = [np.flipud, np.fliplr, lambda array: array[::-1, ::-1]]
    if height == width:
        images += [np.transpose, lambda array: array[::-1, ::-1].T]
    mirrors = [
        image(index).ravel() for image in images if np.allclose(image(real), real, 0, tolerance)
    ]
    leader = index.ravel()
    while True:  # until no mirror leads to a cell of a lower number
        lower = functools.reduce(
            lambda cells, mirror: np.minimum(cells, cells[mirror]), mirrors, leader
        )
        if np.array_equal(lower, leader):
            break
        leader = lower
    groups: dict[int, list[tuple[int, int]]] = {}
    for cell, first in enumerate(leader):
        if abs(real.flat[cell]) > tolerance:
            groups.setdefault(int(first), []).append((cell // width, cell % width))
    return list(groups.values())


def _cost(
    scaled: npt.NDArray[np.float64],
    integers: npt.NDArray[np.int64],
    group: list[tuple[int, int]],
    step: int,
) -> tuple[float, int]:
    """How far a step takes a group's entries from the real ones; large groups win ties."""
    cell = group[0]
    # Rounded, so that entries that differ by a float's last bits tie on every machine.
    return round(abs(float(integers[cell]) + step - float(scaled[cell])), 6), -len(group)
