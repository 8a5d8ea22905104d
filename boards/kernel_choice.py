"""The kernels that are chosen from while a demo runs, and what their choice writes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..hdl.control import RegisterMap
from ..hdl.control.register_map import COEFFICIENT, COMMIT
from ..model import Filter, catalogue
from ..model.filter import ROUNDINGS
from ..model.kernel import Matrix


__all__ = ["KernelChoice", "default_kernels", "register_writes"]

_NAMES = ("identity", "binomial", "box", "sharpen", "emboss", "sobel-x", "sobel-y", "laplacian")


@dataclass(frozen=True)
class KernelChoice:
    """A kernel and how its sum becomes the output: the keys of a filter with these names."""

    name: str
    kernel: Matrix
    shift: int
    offset: int


def default_kernels(filter: Filter) -> list[KernelChoice]:
    """The filter's own kernel, and those of the catalogue that its registers can hold.

    A smaller one lies around the anchor. Where the sum of a kernel's coefficients is 0 and the
    output has no negative numbers, the middle of its range stands for 0, unless the filter takes
    absolute values. Where the filter's coefficients are constant there are none.
    """
    if filter.coefficients != "runtime":
        return []
    choices = [KernelChoice("filter", filter.kernel, filter.shift, filter.offset)]
    half = 1 << filter.coefficient_bits - 1
    for name in _NAMES:
        named = catalogue.kernel(name)
        cells = np.array(named.kernel)
        top = filter.anchor[0] - cells.shape[0] // 2
        left = filter.anchor[1] - cells.shape[1] // 2
        taps = np.zeros((filter.kernel_height, filter.kernel_width), int)
        if min(top, left) < 0 or taps[top:, left:][: cells.shape[0], : cells.shape[1]].shape \
                != cells.shape or cells.min() < -half or cells.max() >= half:
            continue
        taps[top : top + cells.shape[0], left : left + cells.shape[1]] = cells
        if filter.operation == "convolve":
            taps = taps[::-1, ::-1]
        centred = cells.sum() == 0 and not filter.output.signed and filter.overflow == "saturate"
        offset = 1 << filter.output.bits - 1 if centred else 0
        kernel = tuple(tuple(int(tap) for tap in row) for row in taps)
        choices.append(KernelChoice(name, kernel, named.shift, offset))
    return choices


def register_writes(filter: Filter, kernels: Sequence[KernelChoice]) -> list[list[tuple[int, int]]]:
    """For each choice the addresses and words that make it, the commit last.

    Where the filter's coefficients are constant there are two choices: filtered and bypassed.
    """
    registers = RegisterMap(filter)
    commit = (registers[COMMIT].offset, 1)
    if filter.coefficients != "runtime":
        control = registers["CONTROL"].offset
        return [[(control, word), commit] for word in (0b01, 0b11)]
    _, rounding = registers["SCALE"].fields
    return [[
        *zip(registers[COEFFICIENT].offsets, (tap for row in choice.kernel for tap in row),
             strict=True),
        (registers["SCALE"].offset,
         choice.shift | rounding.encode(ROUNDINGS.index(filter.rounding))),
        (registers["OFFSET"].offset, choice.offset),
        commit,
    ] for choice in kernels]
