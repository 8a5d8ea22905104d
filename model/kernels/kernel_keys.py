"""The key ``kernel`` as people give it, and what a filter holds of it: integers and a shift."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..errors import InputError, shorten
from ..keys import LARGEST_SHIFT
from . import catalogue
from .kernel import Matrix, Numbers, is_whole, number_matrix
from .kernel_text import is_rows, parse_rows
from .quantised import RealMatrix, quantise, real_rows


__all__ = ["KernelError", "settle"]

#: Significant bits of the greatest entry of a real-valued kernel where nobody says how finely.
DEFAULT_BITS = 12


@dataclass(frozen=True)
class KernelError:
    """How far a quantised kernel is from the real-valued one, in units of the weights.

    Members
    -------
    bits : :class:`int`
        Fraction bits of the given kernel's entries.
    tap : :class:`float`
        The worst ``|kernel / 2**shift - real|`` over all entries.
    total : :class:`float`
        The sum of these over all entries: no output is further from the exact one, before rounding,
        than this times the greatest sample.
    wanted : :class:`tuple` of rows
        The real-valued weights; empty of a bank.
    named : :class:`bool`
        Whether they are those of a name: the catalogue tells its error.
    """

    bits: int
    tap: float
    total: float
    wanted: RealMatrix = ()
    named: bool = False


def settle(keys: Mapping[str, Any]) -> tuple[dict[str, Any], KernelError | None]:
    """Return the keys with integer kernels, their shift among them, and without ``kernel_bits``.

    A name of the catalogue brings its ``shift`` unless that is given. A real-valued kernel is
    quantised; a ``shift`` that is given divides it as it would divide an integer one, so both add
    up.

    Returns
    -------
    keys : :class:`dict`
        Without a kernel where none is given.
    error : :class:`KernelError`
        ``None`` where the kernel was of integers, or a name that stands for integers.

    Raises
    ------
    :exc:`InputError`
        If there is no such name, the kernel is no matrix of numbers, or ``kernel_bits`` is out of
        range or leaves nothing of the kernel.
    """
    settled = dict(keys)
    bits = settled.pop("kernel_bits", None)
    if bits is not None and (type(bits) is not int or not 0 <= bits <= LARGEST_SHIFT):
        raise InputError(
            f"kernel_bits must be an integer from 0 to {LARGEST_SHIFT}, not {shorten(bits)}")
    if "kernels" in settled:
        return _settle_bank(settled, bits)
    kernel = settled.get("kernel")
    if kernel is None:
        if bits is not None:
            raise InputError(f"kernel_bits {bits} has no kernel to quantise; give the key kernel")
        return settled, None
    if isinstance(kernel, str) and not is_rows(kernel):
        named = catalogue.kernel(kernel)
        if bits is not None and "bits=" in named.name:
            name = named.name.partition(":")[0]
            raise InputError(f"kernel_bits {bits} is for kernels of numbers; for the name {name!r} "
                             f"write {name}:bits={bits}")
        settled = {"shift": named.shift} | settled | {"kernel": named.kernel}
        return settled, _named_error(named, settled["shift"]) if named.wanted else None
    numbers = parse_rows(kernel) if isinstance(kernel, str) else number_matrix(kernel)
    if is_whole(numbers):
        return settled | {"kernel": numbers}, None
    shift = settled.get("shift", 0)
    if type(shift) is not int or not 0 <= shift <= LARGEST_SHIFT:
        return settled | {"kernel": ((0,),)}, None  # the filter refuses the shift
    matrix, made_shift, error = _quantised(numbers, shift, bits)
    return settled | {"kernel": matrix, "shift": made_shift}, error


def _named_error(named: catalogue.NamedKernel, shift: object) -> KernelError | None:
    """How far a named kernel is from what it stands for; ``None`` with a shift of the user's."""
    if shift != named.shift:
        return None
    errors = np.abs(np.array(named.kernel) / 2.0**named.shift - np.array(named.wanted))
    return KernelError(named.shift, named.error, float(errors.sum()), named.wanted, named=True)


def _settle_bank(
    keys: dict[str, Any], bits: int | None
) -> tuple[dict[str, Any], KernelError | None]:
    """The keys with integer kernels of one size and one shift.

    Each output is what the kernel alone gives: a kernel that brings a smaller shift than another is
    scaled by a power of two. A smaller kernel lies with its middle on that of the window.
    """
    given = keys["kernels"]
    try:
        named = dict(given)
    except (TypeError, ValueError):
        named = {}
    if not named:
        raise InputError("kernels must be a table of names with their kernels, such as "
                         f"{{gx = 'sobel-x', gy = 'sobel-y'}}, not {shorten(given)}")
    each: list[tuple[Matrix, int]] = []
    errors = []
    for name, kernel in named.items():
        if not isinstance(name, str) or not re.fullmatch(r"[^\W\d]\w{0,39}", name, re.ASCII):
            raise InputError(f"kernels has the name {shorten(name)}; a name is of letters, digits "
                             "and underscores, not a digit first, at most 40")
        if kernel is None:
            raise InputError(f"kernels.{name} must be a kernel, not None")
        alone = {key: keys[key] for key in ("shift",) if key in keys} | {"kernel": kernel}
        try:
            made, error = settle(alone if bits is None else alone | {"kernel_bits": bits})
        except InputError as refused:
            raise InputError(f"kernels.{name}: {refused}") from None
        shift = made.get("shift", 0)
        each.append((made["kernel"], shift if type(shift) is int else 0))
        errors += [replace(error, wanted=())] if error and not error.named else []
    shift = max(shift for _, shift in each)
    height = max(len(kernel) for kernel, _ in each)
    width = max(len(kernel[0]) for kernel, _ in each)
    flipped = str(keys.get("operation")) == "convolve"
    kernels = [_widened(kernel, height, width, 1 << shift - own, flipped=flipped)
               for kernel, own in each]
    settled = keys | {"kernels": tuple(zip(named, kernels, strict=True))}
    if any(own for _, own in each):
        settled["shift"] = shift
    return settled, max(errors, key=lambda error: error.total, default=None)


def _widened(
    kernel: Matrix, height: int, width: int, factor: int, *, flipped: bool
) -> Matrix:
    """``factor`` times a kernel, with zeros around it; to convolve, the flipped one is centred."""

    def before(size: int, most: int) -> int:
        ahead = most // 2 - size // 2
        return most - size - ahead if flipped else ahead

    top, left = before(len(kernel), height), before(len(kernel[0]), width)
    rows = [[0] * width for _ in range(height)]
    for y, row in enumerate(kernel):
        for x, tap in enumerate(row):
            rows[top + y][left + x] = tap * factor
    return tuple(map(tuple, rows))


def _quantised(numbers: Numbers, shift: int, bits: int | None) -> tuple[Matrix, int, KernelError]:
    try:
        real = np.array([[float(entry) for entry in row] for row in numbers])
    except OverflowError:
        raise InputError("kernel has reals and an integer that is too large for one") from None
    greatest = float(np.abs(real).max())
    if bits is None:
        bits = DEFAULT_BITS + max(-math.frexp(greatest)[1], 0)
        # Integers stay below 2**53, and a shift at 31.
        bits = max(min(bits, LARGEST_SHIFT - shift, 53 - math.frexp(greatest)[1]), 0)
    elif bits + shift > LARGEST_SHIFT:
        raise InputError(f"kernel_bits {bits} and shift {shift} are more than {LARGEST_SHIFT} bits "
                         "together; the sum is divided by 2 to the power of both")
    made = quantise(real / 2.0**shift, bits + shift)
    if not any(map(any, made.kernel)):
        raise InputError(f"kernel_bits {bits} leave only zeros of the kernel, whose greatest entry "
                         f"is {greatest:g}; give more bits, or a kernel in larger units")
    wanted = real / 2.0**shift
    errors = np.abs(np.array(made.kernel, dtype=float) / 2.0**made.shift - wanted)
    return made.kernel, made.shift, KernelError(
        bits, made.error, float(errors.sum()), real_rows(wanted))
