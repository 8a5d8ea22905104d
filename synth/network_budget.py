"""How many products of 8 by 8 bits a device makes at once."""

from typing import NamedTuple

from .planner import device_of
from .targets import TARGETS


__all__ = ["Budget", "budget"]

PRODUCTS = {"ecp5": 1, "ice40": 2, "gowin": 2, "gatemate": 1}
"""Products of 8 by 8 bits of one of a family's multipliers, as :mod:`windrow.hdl.network` uses
them."""

IN_LUTS = 16
"""Products that a network takes where nothing is said and the device has no multiplier."""


class Budget(NamedTuple):
    """What a network takes where nothing is said.

    Attributes
    ----------
    multipliers : :class:`int`
        Products a clock: those of the device, or of the smallest device of a family that has any.
    blocks : :class:`int` or ``None``
        How many multipliers the device has; ``None`` of a family.
    block_products : :class:`int`
        Products of 8 by 8 bits that each of them makes.
    """

    multipliers: int
    blocks: int | None
    block_products: int


def budget(target: str) -> Budget:
    """The products of a device, or of a family.

    Raises
    ------
    :exc:`~windrow.model.InputError`
        If there is no such target.
    """
    device, part = device_of(target)
    if part is not None:
        count, each = part.capacity["dsps"], PRODUCTS[part.family]
        return Budget(count * each or IN_LUTS, count, each)
    family = "ecp5" if device.name == "generic" else device.name
    least = min((each.capacity["dsps"] for each in TARGETS.values()
                 if each.family == family and each.capacity["dsps"]), default=0)
    return Budget(least * PRODUCTS[family] or IN_LUTS, None, PRODUCTS[family])
