"""Cologne Chip GateMate: block RAM with its own output register.

Source of the ports and of the address alignment: Cologne Chip UG1001, "GateMate Primitives
Library", CC_BRAM_20K. Its multiplier, CC_MULT, is an array of the cells that make LUTs: products
are adders here.
"""

from typing import Any

from amaranth import *

from ..window.line_memory import LineMemory
from .block_shapes import BlockShape, side_by_side


__all__ = ["BlockRAM", "block_count"]

#: Shapes of a CC_BRAM_20K with two ports that each read and write. The lowest address bit has no
#: use, nor has the one above the five that choose a word among 32.
_SHAPES = (BlockShape(1024, 20, 5), BlockShape(2048, 10, 4), BlockShape(4096, 5, 3),
           BlockShape(8192, 2, 2), BlockShape(16384, 1, 1))
_PINS = 20


def block_count(bits: int, depth: int) -> int:
    """CC_BRAM_20K of a line memory of ``depth`` words of ``bits`` bits."""
    return side_by_side(_SHAPES, bits, depth)[1]


class BlockRAM(LineMemory):
    """Line memory in CC_BRAM_20K side by side: A writes, B reads into its output register.

    What port B would write is left open: a constant there takes a LUT a bit (nextpnr 0.11).
    """

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        write_data, read_data = Value.cast(self.write_data), Value.cast(self.read_data)
        (_, width, low), _ = side_by_side(_SHAPES, len(write_data), self._depth)
        for number, start in enumerate(range(0, len(write_data), width)):
            written = write_data[start : start + width]
            word, data = Signal(_PINS, name=f"word_{number}"), Signal(_PINS, name=f"data_{number}")
            m.d.comb += [
                read_data[start : start + width].eq(word[: len(written)]), data.eq(written)]
            settings: dict[str, Any] = {}
            for port in "AB":
                settings |= {f"p_{port}_{name}_INV": Const(0, 1) for name in ("CLK", "EN", "WE")}
                settings |= {f"p_{port}_WR_MODE": "NO_CHANGE",
                             f"i_{port}_CLK": ClockSignal(), f"i_{port}_EN": Const(1)}
            m.submodules[f"block_{number}"] = Instance(
                "CC_BRAM_20K", p_RAM_MODE="TDP", p_ECC_EN=Const(0, 1),
                p_A_RD_WIDTH=0, p_A_WR_WIDTH=width, p_A_DO_REG=Const(0, 1),
                p_B_RD_WIDTH=width, p_B_WR_WIDTH=0, p_B_DO_REG=Const(1, 1),
                i_A_WE=self.write_enable, i_A_ADDR=_address(self.write_address, low), i_A_DI=data,
                i_A_BM=Const((1 << width) - 1, _PINS),
                i_B_WE=Const(0), i_B_ADDR=_address(self.read_address, low),
                o_B_DO=word, **settings)
        return m


def _address(address: Value, low: int) -> Value:
    """The 16 pins of an address, of which a word's bits leave the lowest free."""
    inside = 6 - low
    return Cat(Const(0, low), address[:inside], Const(0, 1 + max(inside - len(address), 0)),
               address[inside:], Const(0, 9 - max(len(address) - inside, 0)))
