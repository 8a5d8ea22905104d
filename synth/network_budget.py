"""How many products of 8 by 8 bits a device makes at once."""

from typing import NamedTuple

from .planner import device_of
from .targets import TARGETS


__all__ = ["Budget", "budget"]

PRODUCTS = {"ecp5": 1, "ice40": 2, "gowin": 1}
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
    dsp_products : :class:`int` or ``None``
        How many of them its multipliers make; ``None`` where that is up to the tools.
    """

    multipliers: int
    dsp_products: int | None


def budget(target: str) -> Budget:
    """The products of a device, or of a family.

    Raises
    ------
    :exc:`~windrow.model.InputError`
        If there is no such target.
    """
    device, part = device_of(target)
    if part is not None:
        made = part.capacity["dsps"] * PRODUCTS[part.family]
        return Budget(made or IN_LUTS, made)
    family = "ecp5" if device.name == "generic" else device.name
    least = min(each.capacity["dsps"] for each in TARGETS.values()
                if each.family == family and each.capacity["dsps"])
    return Budget(least * PRODUCTS[family], None)
