"""Lattice iCE40: multipliers with their own registers.

Block RAM is inferred: an SB_RAM40_4K has no output register, so that the one in the fabric is all
there is. Multipliers (UP5K) are instantiated: ``synth_ice40 -dsp`` of yosys 0.57 to 0.70 turns an
inferred product with registers that have neither reset nor enable into the constant 0. Source:
Lattice FPGA-TN-02007, "DSP Function Usage Guide for iCE40 Devices".
"""

from typing import Any

from amaranth import *

from ..multiplier import Multiplier


__all__ = ["DSP", "block_count"]

_FACTOR_BITS = 16


def block_count(bits: int, depth: int) -> int:
    """SB_RAM40_4K of a line memory of ``depth`` words of ``bits`` bits, as yosys maps it."""
    shapes = ((256, 16), (512, 8), (1024, 4), (2048, 2))
    return min(-(-depth // words) * -(-bits // width) for words, width in shapes)


class DSP(Multiplier):
    """Product in an SB_MAC16 with its input and output registers, and a register behind it."""

    factor_bits = _FACTOR_BITS

    def _block(self, m: Module, name: str, a: Value, b: Value) -> Value:
        factors: dict[str, Any] = {}
        for side, factor in (("A", a), ("B", b)):
            signed = factor.shape().signed
            wide = Signal(Shape(_FACTOR_BITS, signed=signed), name=f"{name}_{side.lower()}")
            m.d.comb += wide.eq(factor)
            factors |= {f"i_{side}": wide, f"p_{side}_SIGNED": Const(int(signed), 1),
                        f"p_{side}_REG": Const(1, 1)}
        unused = {f"i_{pin}": Const(0) for pin in (
            "AHOLD", "BHOLD", "CHOLD", "DHOLD", "IRSTTOP", "IRSTBOT", "ORSTTOP", "ORSTBOT",
            "OLOADTOP", "OLOADBOT", "ADDSUBTOP", "ADDSUBBOT", "OHOLDTOP", "OHOLDBOT", "CI",
            "ACCUMCI", "SIGNEXTIN")}
        product = Signal(32, name=name)
        m.submodules[name] = Instance(
            "SB_MAC16",
            p_PIPELINE_16x16_MULT_REG2=Const(1, 1),
            p_TOPOUTPUT_SELECT=Const(3, 2), p_BOTOUTPUT_SELECT=Const(3, 2),
            i_CLK=ClockSignal(), i_CE=Const(1), i_C=Const(0, 16), i_D=Const(0, 16),
            o_O=product, **factors, **unused,
        )
        return product.as_signed() if a.shape().signed or b.shape().signed else product
