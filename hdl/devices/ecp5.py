"""Lattice ECP5: block RAM and multipliers with their own registers.

yosys 0.70 infers neither. Post-route with nextpnr 0.11, LFE5U-25F speed grade 6: a line delay
reaches 146 MHz inferred and 338 MHz instantiated with the output register; a product 140 MHz
inferred and 475 MHz with its input and output registers. Source of the ports and of the address
alignment: Lattice FPGA-TN-02204, "ECP5 and ECP5-5G Memory Usage Guide".
"""

from typing import Any, ClassVar

from amaranth import *

from ..line_memory import LineMemory
from ..multiplier import Multiplier


__all__ = ["DSP", "BlockRAM", "block_count"]

#: Shapes of a DP16KD: words, bits of a word, and address bits below the word's.
_SHAPES = ((1024, 18, 4), (2048, 9, 3), (4096, 4, 2), (8192, 2, 1), (16384, 1, 0))


def _shape(depth: int) -> tuple[int, int, int]:
    return next(shape for shape in _SHAPES if shape[0] >= depth)


def block_count(bits: int, depth: int) -> int:
    """DP16KD of a line memory of ``depth`` words of ``bits`` bits."""
    return -(-bits // _shape(depth)[1])


class BlockRAM(LineMemory):
    """Line memory in DP16KD blocks side by side: port A writes, port B reads."""

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        _, width, low = _shape(self._depth)
        write_data, read_data = Value.cast(self.write_data), Value.cast(self.read_data)
        for number, start in enumerate(range(0, len(write_data), width)):
            written = write_data[start : start + width]
            word = Signal(width, name=f"word_{number}")
            m.d.comb += read_data[start : start + width].eq(word[: len(written)])
            ports: dict[str, Any] = {}
            for bit in range(14):
                at = bit - low
                inside = 0 <= at < len(self.write_address)
                # At 18 bits a word, the two lowest address bits of the writing port enable its
                # bytes.
                byte_enable = width == 18 and bit < 2
                ports[f"i_ADA{bit}"] = (
                    self.write_address[at] if inside else Const(int(byte_enable)))
                ports[f"i_ADB{bit}"] = self.read_address[at] if inside else Const(0)
            for bit in range(18):
                ports[f"i_DIA{bit}"] = written[bit] if bit < len(written) else Const(0)
                ports[f"i_DIB{bit}"] = Const(0)
                if bit < width:
                    ports[f"o_DOB{bit}"] = word[bit]
            for port in "AB":
                ports |= {f"i_CS{port}{bit}": Const(0) for bit in range(3)}
                ports |= {f"i_RST{port}": Const(0), f"i_CLK{port}": ClockSignal(),
                          f"i_CE{port}": Const(1), f"i_OCE{port}": Const(1)}
            m.submodules[f"block_{number}"] = Instance(
                "DP16KD",
                p_DATA_WIDTH_A=width, p_DATA_WIDTH_B=width,
                p_REGMODE_A="NOREG", p_REGMODE_B="OUTREG",
                p_CSDECODE_A="0b000", p_CSDECODE_B="0b000",
                p_WRITEMODE_A="NORMAL", p_WRITEMODE_B="NORMAL",
                p_RESETMODE="SYNC", p_ASYNC_RESET_RELEASE="SYNC", p_GSR="DISABLED",
                i_WEA=self.write_enable, i_WEB=Const(0),
                **ports,
            )
        return m


class DSP(Multiplier):
    """Product in a MULT18X18D with its input and output registers, and a register behind it.

    The block's pipeline register changes nothing in nextpnr's timing. Factors have up to 18 bits.
    """

    factor_bits: ClassVar[int] = 18

    def _block(self, m: Module, name: str, a: Value, b: Value) -> Value:
        product = Signal(36, name=name)
        ports: dict[str, Any] = {}
        for side, factor in (("A", a), ("B", b)):
            signed = factor.shape().signed
            wide = Signal(Shape(self.factor_bits, signed=signed), name=f"{name}_{side.lower()}")
            m.d.comb += wide.eq(factor)
            ports |= {f"i_{side}{bit}": wide[bit] for bit in range(self.factor_bits)}
            ports |= {f"i_SIGNED{side}": Const(int(signed)), f"i_SOURCE{side}": Const(0)}
        ports |= {f"i_C{bit}": Const(0) for bit in range(self.factor_bits)}
        ports |= {f"o_P{bit}": product[bit] for bit in range(36)}
        for number in range(4):
            clock = ClockSignal() if number == 0 else Const(0)
            ports |= {f"i_CLK{number}": clock, f"i_CE{number}": Const(1),
                      f"i_RST{number}": Const(0)}
        m.submodules[name] = Instance(
            "MULT18X18D",
            p_REG_INPUTA_CLK="CLK0", p_REG_INPUTB_CLK="CLK0", p_REG_OUTPUT_CLK="CLK0",
            p_REG_PIPELINE_CLK="NONE", p_GSR="DISABLED",
            **ports,
        )
        return product.as_signed() if a.shape().signed or b.shape().signed else product
