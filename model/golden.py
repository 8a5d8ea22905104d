"""The golden model: what every filter's output is, in plain numpy.

Each function is one step of ``overflow(round((sum + offset * 2**shift) / 2**shift))``. All of it is
exact: a legal filter's sums, with offset and rounding, stay within 63 bits.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from .sample import Sample
from .sides import Sides


__all__ = ["Integers", "correlate", "overflow", "pad", "requantise"]

#: An array of exact integers; every array between the steps is one.
Integers = npt.NDArray[np.int64]

#: Our name of a border and numpy's name of it.
NUMPY_PAD_MODES = {
    "constant": "constant",
    "replicate": "edge",
    "symmetric": "symmetric",
    "reflect101": "reflect",
}


def pad(
    image: npt.NDArray[Any], pads: Sides[int], borders: Sides[str], value: int
) -> npt.NDArray[Any]:
    """Extend an image by its border.

    Rows are extended first, columns after, so a corner is constant where either of its sides is,
    and else the image at the row that one side and the column that the other side names.

    Parameters
    ----------
    image : (H, W) or (H, W, C)
        The frame.
    pads : :class:`Sides` of :class:`int`
        Pixels to add on each side, at most one less than the frame's size.
    borders : :class:`Sides` of :class:`str`
        The border of each side.
    value : :class:`int`
        Sample of a ``constant`` border.

    Returns
    -------
    (top + H + bottom, left + W + right) or the same with C
    """
    for side in Sides._fields:
        before_after = [(0, 0)] * image.ndim
        amount, border = getattr(pads, side), getattr(borders, side)
        axis = 0 if side in ("top", "bottom") else 1
        before_after[axis] = (amount, 0) if side in ("top", "left") else (0, amount)
        if border == "constant":
            image = np.pad(image, before_after, mode="constant", constant_values=value)
        else:
            image = np.pad(image, before_after, mode=NUMPY_PAD_MODES[border])  # type: ignore[call-overload]
    return image


def correlate(padded: Integers, taps: Integers) -> Integers:
    """Slide a kernel over every place of a padded frame where it lies wholly inside.

    ``sum[y, x] = sum over i, j of taps[i, j] * padded[y + i, x + j]``

    Parameters
    ----------
    padded : (Hp, Wp) or (Hp, Wp, C)
        The frame with its border.
    taps : (Kh, Kw)
        The kernel in correlation form.

    Returns
    -------
    (Hp - Kh + 1, Wp - Kw + 1) or the same with C
    """
    kernel_height, kernel_width = taps.shape
    height = padded.shape[0] - kernel_height + 1
    width = padded.shape[1] - kernel_width + 1
    total = np.zeros((height, width, *padded.shape[2:]), dtype=np.int64)
    for i in range(kernel_height):
        for j in range(kernel_width):
            total += taps[i, j] * padded[i : i + height, j : j + width]
    return total


def requantise(total: Integers, *, shift: int, offset: int, rounding: str) -> Integers:
    """Return ``round((total + offset * 2**shift) / 2**shift)``.

    Parameters
    ----------
    total : any shape
        Exact kernel sums.
    shift : :class:`int`
        The sum is divided by ``2**shift``.
    offset : :class:`int`
        Added before rounding, in units of the result.
    rounding : :class:`str`
        ``floor``, ``toward-zero``, or to the nearest with halves going ``half-up`` (to plus
        infinity), ``half-even`` or ``half-away`` (from zero).
    """
    exact = total + (offset << shift)
    if shift == 0:
        return exact
    half = 1 << (shift - 1)
    match rounding:
        case "floor":
            return exact >> shift
        case "toward-zero":
            return np.sign(exact) * (np.abs(exact) >> shift)
        case "half-up":
            return (exact + half) >> shift
        case "half-away":
            return np.sign(exact) * ((np.abs(exact) + half) >> shift)
        case "half-even":
            quotient = exact >> shift
            remainder = exact - (quotient << shift)
            up = (remainder > half) | ((remainder == half) & (quotient % 2 == 1))
            return quotient + up
    raise AssertionError(rounding)


def overflow(value: Integers, kind: str, output: Sample) -> Integers:
    """Bring values into the range of ``output``.

    Parameters
    ----------
    value : any shape
        Rounded results.
    kind : :class:`str`
        ``saturate`` (to the nearer end of the range), ``wrap`` (keep the low bits) or
        ``abs-saturate`` (the absolute value, saturated).
    output : :class:`Sample`
        The range.
    """
    match kind:
        case "saturate":
            return np.clip(value, output.minimum, output.maximum)
        case "abs-saturate":
            return np.clip(np.abs(value), output.minimum, output.maximum)
        case "wrap":
            return (value - output.minimum) % (1 << output.bits) + output.minimum
    raise AssertionError(kind)
