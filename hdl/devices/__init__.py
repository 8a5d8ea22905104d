"""What each device family offers, as one table: :data:`DEVICES`.

A family differs from another in which component stands for a line memory, for a multiplier, for a
small queue and for an adder that chooses. Everything else of a core is the same.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from ...model.errors import InputError, nearest
from ...model.lowering.arithmetic import PRODUCT_WEIGHT
from ..arithmetic.less import Less
from ..arithmetic.magnitude import Magnitude
from ..arithmetic.multiplier import LUTMultiplier, Multiplier
from ..arithmetic.select_adder import SelectAdder
from ..constant_memory import ConstantMemory
from ..stream.output_queue import BlockQueue, OutputQueue, StoredQueue, lut_queue
from ..window.line_memory import LineMemory
from . import ecp5, gatemate, gowin, ice40


__all__ = ["DEVICES", "PARTS", "Device", "device", "unknown_target"]

MANY_BLOCKS = 16
"""Beside more block RAMs of lines than so many, one for the queue is little."""

_OTHER_VENDORS = (
    r"amd|xilinx|xc|zynq|artix|kintex|virtex|spartan|ultrascale|versal|vivado|pynq|7.?series"
    r"|intel|altera|cyclone|arria|stratix|agilex|max.?10|quartus|5c|10m|microchip|polarfire|mpf"
    r"|efinix|trion|titanium|nexus|crosslink|certus|lifcl|machxo|asic|sky130")
"""What names of devices begin with that have no components of their own here."""


@dataclass(frozen=True)
class Device:
    """A device family.

    Attributes
    ----------
    name : :class:`str`
        What ``--target`` calls it.
    description : :class:`str`
        Which parts it stands for.
    line_memory : class
        The :class:`~.line_memory.LineMemory` that it has.
    memory : class
        One that may be read in any order.
    bank_depth : :class:`int` or ``None``
        Words of it, a power of two, beyond which there had better be several of it; ``None`` where
        that is up to the tools.
    constant_memory : class
        The :class:`~..constant_memory.ConstantMemory` that it has.
    multiplier : class
        The :class:`~.multiplier.Multiplier` that it has.
    narrow_multiplier : class or ``None``
        One that takes less room where factors have no more than its ``factor_bits``.
    pair_multiplier : class or ``None``
        Two products in one of them, where factors have no more than its ``factor_bits``: see
        :class:`.ice40.DSPPair`.
    lut_multiplier : class
        A :class:`~.multiplier.Multiplier` without any of them.
    multiplier_count : :class:`int` or ``None``
        How many of them run-time coefficients may take; further products are made of LUTs.
        ``None``: all that are wanted.
    block_count : callable or ``None``
        Block RAMs of a line memory of (bits a word, words); ``None`` where that is up to the tools.
    queue : callable
        Makes the :class:`~.output_queue.OutputQueue` for it: in LUTs where they can be memory.
    short_queue : callable
        The same where there are many of them.
    stored_queue : class or ``None``
        The same in block RAM, where lines take many; ``None``: always ``queue``.
    select_adder : class
        The :class:`~.select_adder.SelectAdder` that it has.
    magnitude : class
        The :class:`~.magnitude.Magnitude` that it has.
    less : class
        The :class:`~.less.Less` that it has.
    block_ram_bits : :class:`int` or ``None``
        Bits of block RAM in its largest device; ``None`` where that is not known.
    spare_registers : :class:`bool`
        Whether a register takes no LUT, so that a network has some more where ways are long.
    product_weight : :class:`float`
        Bits of adders that ``auto`` takes to be as dear as a multiplier.
    """

    name: str
    description: str
    line_memory: type[LineMemory] = LineMemory
    multiplier: type[Multiplier] = Multiplier
    block_count: Callable[[int, int], int] | None = None
    queue: Callable[..., OutputQueue] = BlockQueue
    select_adder: type[SelectAdder] = SelectAdder
    magnitude: type[Magnitude] = Magnitude
    memory: type[LineMemory] = LineMemory
    bank_depth: int | None = None
    product_weight: float = PRODUCT_WEIGHT
    multiplier_count: int | None = None
    short_queue: Callable[..., OutputQueue] = BlockQueue
    narrow_multiplier: type[Multiplier] | None = None
    pair_multiplier: type[ice40.DSPPair] | None = None
    constant_memory: type[ConstantMemory] = ConstantMemory
    lut_multiplier: type[Multiplier] = LUTMultiplier
    less: type[Less] = Less
    block_ram_bits: int | None = None
    spare_registers: bool = True
    stored_queue: type[StoredQueue] | None = None

    def queue_beside_lines(self, bits: int, depth: int) -> Callable[..., OutputQueue]:
        """The one to make beside lines of ``depth`` words of ``bits`` bits: :attr:`stored_queue`
        where they take more than :data:`MANY_BLOCKS`."""
        if self.stored_queue is None or self.block_count is None:
            return self.queue
        many = self.block_count(bits, depth) > MANY_BLOCKS
        return self.stored_queue if many else self.queue


DEVICES = {
    each.name: each for each in (
        Device("generic", "any FPGA: memories and multipliers are left to its tools' inference"),
        Device("ecp5", "Lattice ECP5 and ECP5-5G", ecp5.BlockRAM, ecp5.DSP, ecp5.block_count,
               lut_queue, ecp5.CarryChain, ecp5.CarryMagnitude, ecp5.BlockRAM, 2048,
               short_queue=lut_queue, constant_memory=ecp5.BlockROM,
               lut_multiplier=ecp5.CarryMultiplier, less=ecp5.CarryLess,
               block_ram_bits=208 * 18432, stored_queue=ecp5.Queue),
        # An UP5K has eight multipliers: only where they save a great deal.
        Device("ice40", "Lattice iCE40 LP, HX and UP", ice40.RAM, ice40.DSP, ice40.block_count,
               ice40.Queue, memory=ice40.BlockRAM, constant_memory=ice40.ROM, bank_depth=2048,
               product_weight=1000, multiplier_count=8, pair_multiplier=ice40.DSPPair,
               short_queue=ice40.short_queue, block_ram_bits=32 * 4096, spare_registers=False),
        Device("gowin", "Gowin GW1N and GW2A", gowin.BlockRAM, gowin.DSP, gowin.block_count,
               lut_queue, memory=gowin.BlockRAM, bank_depth=2048,
               narrow_multiplier=gowin.HalfDSP, short_queue=lut_queue, block_ram_bits=46 * 18432),
        # Its CC_MULT is made of the cells that are LUTs elsewhere: no multiplier is a block.
        Device("gatemate", "Cologne Chip GateMate", gatemate.BlockRAM, LUTMultiplier,
               gatemate.block_count, memory=gatemate.BlockRAM, bank_depth=2048,
               product_weight=104, multiplier_count=0, block_ram_bits=64 * 20480),
    )
}
"""Every device family by its name."""

PARTS = {
    "hx8k": replace(DEVICES["ice40"], multiplier_count=0),
}
"""Parts that lack what their family has."""


def device(name: str) -> Device:
    """The family of that name, or of a part of :data:`PARTS`.

    Raises
    ------
    :exc:`~windrow.model.InputError`
        If there is none.
    """
    if name in PARTS:
        return PARTS[name]
    if name not in DEVICES:
        raise unknown_target(name, DEVICES)
    return DEVICES[name]


def unknown_target(name: str, choices: Collection[str]) -> InputError:
    """The error of a target that is none of ``choices``, families or devices."""
    if not re.match(_OTHER_VENDORS, name, re.IGNORECASE):
        rule = nearest(name, choices, see="windrow targets")
    elif "generic" in choices:
        rule = "for AMD, Intel and other vendors use generic"
    else:
        rule = ("devices of AMD, Intel and other vendors need their own tools, which take the "
                "Verilog of `windrow generate`; `windrow synth` counts the size for xc7, "
                f"cyclone-v, polarfire and efinix; {nearest('', choices)}")
    return InputError(f"target {name!r} is not known: {rule}")
