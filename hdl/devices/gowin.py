"""Gowin LittleBee and Arora: block RAM and multipliers with their own registers.

Source of the ports and of the address alignment: Gowin UG285, "BSRAM & SSRAM User Guide", and
UG287, "DSP User Guide".
"""

from typing import Any, ClassVar

from amaranth import *

from ..arithmetic.multiplier import Multiplier
from ..window.line_memory import LineMemory
from .block_shapes import BlockShape, side_by_side


__all__ = ["DSP", "BlockRAM", "HalfDSP", "block_count"]

#: Shapes of a block RAM. Words of 9 bits and more are those of an SDPX9B, the others those of an
#: SDPB.
_SHAPES = (BlockShape(512, 36, 5), BlockShape(1024, 18, 4), BlockShape(2048, 9, 3),
           BlockShape(4096, 4, 2), BlockShape(8192, 2, 1), BlockShape(16384, 1, 0))


def block_count(bits: int, depth: int) -> int:
    """SDPB and SDPX9B of a line memory of ``depth`` words of ``bits`` bits."""
    return side_by_side(_SHAPES, bits, depth)[1]


class BlockRAM(LineMemory):
    """Line memory in SDPB or SDPX9B side by side, with their output registers (READ_MODE 1)."""

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        write_data, read_data = Value.cast(self.write_data), Value.cast(self.read_data)
        (_, width, low), _ = side_by_side(_SHAPES, len(write_data), self._depth)
        pins = 36 if width >= 9 else 32
        # At 18 and 36 bits a word, the lowest address bits of the writing port enable its bytes.
        enables = Const((1 << width // 9) - 1 if width > 9 else 0, low)
        for number, start in enumerate(range(0, len(write_data), width)):
            written = write_data[start : start + width]
            word = Signal(pins, name=f"word_{number}")
            data = Signal(pins, name=f"data_{number}")
            write_address = Signal(14, name=f"write_address_{number}")
            read_address = Signal(14, name=f"read_address_{number}")
            m.d.comb += [
                read_data[start : start + width].eq(word[: len(written)]),
                data.eq(written),
                write_address.eq(Cat(enables, self.write_address)),
                read_address.eq(Cat(Const(0, low), self.read_address)),
            ]
            m.submodules[f"block_{number}"] = Instance(
                "SDPX9B" if width >= 9 else "SDPB",
                p_READ_MODE=Const(1, 1), p_BIT_WIDTH_0=width, p_BIT_WIDTH_1=width,
                p_BLK_SEL_0=Const(0, 3), p_BLK_SEL_1=Const(0, 3), p_RESET_MODE="SYNC",
                i_BLKSELA=Const(0, 3), i_BLKSELB=Const(0, 3),
                i_CLKA=ClockSignal(), i_CEA=self.write_enable, i_RESETA=Const(0),
                i_ADA=write_address, i_DI=data,
                i_CLKB=ClockSignal(), i_CEB=Const(1), i_OCE=Const(1), i_RESETB=Const(0),
                i_ADB=read_address, o_DO=word,
            )
        return m


class DSP(Multiplier):
    """Product in a MULT18X18 with its input and output registers, and a register behind it."""

    factor_bits: ClassVar[int] = 18
    can_hold: ClassVar[bool] = False  # one enable is for all registers
    _cell: ClassVar[str] = "MULT18X18"

    def _block(self, m: Module, name: str, a: Value, b: Value) -> Value:
        factors: dict[str, Any] = {}
        for side, factor in (("A", a), ("B", b)):
            wide = self._widened(m, f"{name}_{side.lower()}", factor)
            signed = wide.shape().signed
            factors |= {f"i_{side}": wide, f"i_{side}SIGN": Const(int(signed)),
                        f"i_{side}SEL": Const(0), f"i_SI{side}": Const(0, self.factor_bits),
                        f"p_{side}REG": Const(1, 1), f"p_{side}SIGN_REG": Const(0, 1)}
        product = Signal(2 * self.factor_bits, name=name)
        m.submodules[name] = Instance(
            self._cell,
            p_OUT_REG=Const(1, 1), p_PIPE_REG=Const(0, 1), p_SOA_REG=Const(0, 1),
            p_MULT_RESET_MODE="SYNC",
            i_CLK=ClockSignal(), i_CE=Const(1), i_RESET=Const(0), o_DOUT=product, **factors,
        )
        return product.as_signed() if a.shape().signed or b.shape().signed else product


class HalfDSP(DSP):
    """The same in a MULT9X9, which takes half the room."""

    factor_bits: ClassVar[int] = 9
    _cell: ClassVar[str] = "MULT9X9"
