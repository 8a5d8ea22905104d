"""The kernels and parameters that are chosen from while a demo runs, and what a choice writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

import numpy as np

from ..hdl.control import RegisterMap
from ..hdl.control.register_map import COEFFICIENT, COMMIT
from ..hdl.network.planned import PlannedNetwork
from ..model import Filter, InputError, Pipeline
from ..model.kernels import catalogue
from ..model.kernels.kernel import Matrix, integer_matrix
from ..model.kernels.quantised import quantise
from ..model.nodes import ROUNDINGS
from ..model.pipeline import FilterStage


__all__ = ["Choice", "KernelChoice", "SettingsChoice", "check_kernel", "default_choices",
           "default_kernels", "register_writes"]

_NAMES = ("identity", "binomial", "box", "sharpen", "emboss", "sobel-x", "sobel-y", "laplacian")

_NEAR_BOX = quantise(np.full((3, 3), 1 / 9), 9)
"""A mean with coefficients of 7 bits: 57, and 56 in the centre, so that they add up to 512."""


@dataclass(frozen=True)
class KernelChoice:
    """A kernel and how its sum becomes the output: the keys of a filter with these names."""

    name: str
    kernel: Matrix
    shift: int
    offset: int


@dataclass(frozen=True)
class SettingsChoice:
    """A pipeline with other values in its registers."""

    name: str
    pipeline: Pipeline


Choice = KernelChoice | SettingsChoice

_STEPS = tuple(map(Fraction, ("3/2", "2", "1/2", "2/3")))
"""A parameter's values, as parts of its own: a press at a time goes up, then from below back."""

_QUARTERS = tuple(Fraction(number, 4) for number in range(1, 5))
"""Those of one that is 0, as parts of its range's upper end."""


def default_choices(design: Filter | Pipeline | PlannedNetwork) -> list[Choice]:
    """What the kernel button goes through: :func:`default_kernels`, or a pipeline's settings.

    The pipeline as it is comes first, then for each of its parameters some values about its own, in
    its range, and for each stage whose kernel is in registers the kernels that those can hold.
    """
    if not isinstance(design, Pipeline):
        return [*default_kernels(design)]
    stages = [stage for stage in design.stages
              if isinstance(stage, FilterStage) and stage.filter.runtime_kernel]
    if not design.registers or not (design.parameters or stages):
        return []
    choices: list[Choice] = [SettingsChoice("design", design)]
    for parameter in design.parameters:
        own, (low, high) = parameter.value, parameter.range
        values = dict.fromkeys(
            min(max(floor((own or high) * step + Fraction(1, 2)), low), high)
            for step in (_STEPS if own else _QUARTERS))
        choices += [SettingsChoice(f"{parameter.name}={value}",
                                   design.replace(parameters={parameter.name: value}))
                    for value in values if value != own]
    for stage in stages:
        for choice in default_kernels(stage.filter)[1:]:
            tables = [{**table, "kernel": choice.kernel, "shift": choice.shift,
                       "offset": choice.offset} if table["name"] == stage.name else table
                      for table in design.to_dict()["stage"]]
            choices.append(SettingsChoice(f"{stage.name}={choice.name}", design.replace(
                stages=tables, outputs=design.outputs)))
    return choices


def default_kernels(filter: Filter | Pipeline | PlannedNetwork) -> list[KernelChoice]:
    """The filter's own kernel, and those of the catalogue that its registers can hold.

    A smaller one lies around the anchor. Where the sum of a kernel's coefficients is 0 and the
    output has no negative numbers, the middle of its range stands for 0, unless the filter takes
    absolute values. Where the filter's coefficients are constant there are none.

    ``box``, the exact mean of samples of 8 bits, has coefficients of 13 bits. Where they do not
    fit, ``near-box`` takes its place: it leaves a flat picture as it is, and its result for samples
    of 8 bits is the mean or one of its neighbours. It needs coefficients of 7 bits.
    """
    if not isinstance(filter, Filter) or not filter.runtime_kernel:
        return []
    choices = [KernelChoice("filter", filter.kernel, filter.shift, filter.offset)]
    for name in _NAMES:
        named = catalogue.kernel(name)
        choice = _choice(filter, name, named.kernel, named.shift)
        if choice is None and name == "box":
            choice = _choice(filter, "near-box", _NEAR_BOX.kernel, _NEAR_BOX.shift)
        if choice is not None:
            choices.append(choice)
    return choices


def _choice(filter: Filter, name: str, kernel: Matrix, shift: int) -> KernelChoice | None:
    """A kernel in correlation form around the anchor; ``None`` if the filter cannot hold it."""
    cells = np.array(kernel)
    rows, columns = cells.shape
    top, left = filter.anchor[0] - rows // 2, filter.anchor[1] - columns // 2
    if (min(top, left) < 0 or top + rows > filter.kernel_height
            or left + columns > filter.kernel_width):
        return None
    taps = np.zeros((filter.kernel_height, filter.kernel_width), int)
    taps[top : top + rows, left : left + columns] = cells
    if filter.operation == "convolve":
        taps = taps[::-1, ::-1]
    centred = cells.sum() == 0 and not filter.output.signed and filter.overflow == "saturate"
    offset = 1 << filter.output.bits - 1 if centred else 0
    choice = KernelChoice(name, integer_matrix(taps), shift, offset)
    try:
        check_kernel(filter, choice)
    except InputError:
        return None
    return choice


def check_kernel(filter: Filter, choice: KernelChoice) -> None:
    """Refuse a choice that cannot be written to the registers of a filter.

    Raises
    ------
    :exc:`InputError`
        If it has another size than the filter's kernel, or makes a filter that is not legal: with a
        coefficient, a shift or an offset that its register does not hold.
    """
    what = f"kernel {choice.name!r}"
    kernel = integer_matrix(choice.kernel, source=what)
    size = len(kernel), len(kernel[0])
    if size != (filter.kernel_height, filter.kernel_width):
        raise InputError(f"{what} is {size[0]}x{size[1]}; it must be "
                         f"{filter.kernel_height}x{filter.kernel_width}, as the filter's")
    try:
        filter.replace(kernel=kernel, shift=choice.shift, offset=choice.offset)
    except InputError as error:
        raise InputError(f"{what}: {error}") from None


def _settings_writes(choices: Sequence[SettingsChoice]) -> list[list[tuple[int, int]]]:
    """As :func:`register_writes`: the words in which the choices differ."""
    words = []
    for choice in choices:
        registers = RegisterMap(choice.pipeline)
        words.append({offset: word - (word >> 31 << 32)
                      for register in registers.registers if register.buffered
                      for offset, word in zip(register.offsets, register.resets, strict=True)})
    changing = [offset for offset in words[0] if len({each[offset] for each in words}) > 1]
    commit = (registers[COMMIT].offset, 1)
    return [[*((offset, each[offset]) for offset in changing), commit] for each in words]


def register_writes(
    filter: Filter | Pipeline, kernels: Sequence[Choice]
) -> list[list[tuple[int, int]]]:
    """For each choice the addresses and words that make it, the commit last.

    Where the filter's coefficients are constant there are two choices: filtered and bypassed.

    Raises
    ------
    :exc:`InputError`
        If a choice cannot be written; see :func:`check_kernel`.
    """
    if isinstance(filter, Pipeline):
        return _settings_writes([each for each in kernels if isinstance(each, SettingsChoice)])
    own = [each for each in kernels if isinstance(each, KernelChoice)]
    registers = RegisterMap(filter)
    commit = (registers[COMMIT].offset, 1)
    if not filter.runtime_kernel:
        control = registers["CONTROL"].offset
        return [[(control, word), commit] for word in (0b01, 0b11)]
    for choice in own:
        check_kernel(filter, choice)
    _, rounding = registers["SCALE"].fields
    return [[
        *zip(registers[COEFFICIENT].offsets, (tap for row in choice.kernel for tap in row),
             strict=True),
        (registers["SCALE"].offset,
         choice.shift | rounding.encode(ROUNDINGS.index(filter.rounding))),
        (registers["OFFSET"].offset, choice.offset),
        commit,
    ] for choice in own]
