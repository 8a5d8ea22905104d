"""Lattice ECP5: block RAM and multipliers with their own registers.

yosys 0.70 infers neither. Post-route with nextpnr 0.11, LFE5U-25F speed grade 6: a line delay
reaches 146 MHz inferred and 338 MHz instantiated with the output register; a product 140 MHz
inferred and 475 MHz with its input and output registers. Source of the ports and of the address
alignment: Lattice FPGA-TN-02204, "ECP5 and ECP5-5G Memory Usage Guide".
"""

from collections.abc import Iterator
from typing import Any, ClassVar

from amaranth import *
from amaranth.utils import ceil_log2

from ..arithmetic.less import Less
from ..arithmetic.magnitude import Magnitude
from ..arithmetic.multiplier import LUTMultiplier, Multiplier
from ..arithmetic.select_adder import SelectAdder
from ..constant_memory import ConstantMemory
from ..delay import delayed
from ..stream.output_queue import HoldingMemory, StoredQueue
from ..window.line_memory import LineMemory
from .block_shapes import BlockShape, side_by_side


__all__ = ["DSP", "BlockRAM", "BlockROM", "CarryChain", "CarryLess", "CarryMagnitude",
           "CarryMultiplier", "Queue", "QueueRAM", "block_count"]

#: Shapes of a DP16KD.
_SHAPES = (BlockShape(1024, 18, 4), BlockShape(2048, 9, 3), BlockShape(4096, 4, 2),
           BlockShape(8192, 2, 1), BlockShape(16384, 1, 0))


#: Bits of a block up to which what is only read stands in LUTs.
_ROM_BITS = 2048


def block_count(bits: int, depth: int) -> int:
    """DP16KD of a line memory of ``depth`` words of ``bits`` bits."""
    return side_by_side(_SHAPES, bits, depth)[1]


class BlockRAM(LineMemory):
    """Line memory in DP16KD blocks side by side: port A writes, port B reads."""

    def elaborate(self, platform: Any) -> Module:
        return _blocks(self, self._depth, Value.cast(self.read_data), Const(1), Const(1))


class QueueRAM(HoldingMemory):
    """A queue's memory in DP16KD blocks side by side: port A writes, port B reads and holds."""

    def elaborate(self, platform: Any) -> Module:
        return _blocks(self, self._depth, self.output, self.read_enable, self.output_enable)


class Queue(StoredQueue):
    """In DP16KD."""

    _memory = QueueRAM


def _blocks(
    ports_of: BlockRAM | QueueRAM, depth: int, read_data: Value, read_enable: Value,
    output_enable: Value,
) -> Module:
    """Blocks side by side, whose outputs have their register."""
    m = Module()
    write_data = Value.cast(ports_of.write_data)
    write_address, read_address = ports_of.write_address, ports_of.read_address
    (_, width, low), _ = side_by_side(_SHAPES, len(write_data), depth)
    for number, start in enumerate(range(0, len(write_data), width)):
        written = write_data[start : start + width]
        word = Signal(width, name=f"word_{number}")
        m.d.comb += read_data[start : start + width].eq(word[: len(written)])
        ports: dict[str, Any] = {}
        for bit in range(14):
            at = bit - low
            inside = 0 <= at < len(write_address)
            # At 18 bits a word, the two lowest address bits of the writing port enable its bytes.
            byte_enable = width == 18 and bit < 2
            ports[f"i_ADA{bit}"] = write_address[at] if inside else Const(int(byte_enable))
            ports[f"i_ADB{bit}"] = read_address[at] if inside else Const(0)
        for bit in range(18):
            ports[f"i_DIA{bit}"] = written[bit] if bit < len(written) else Const(0)
            ports[f"i_DIB{bit}"] = Const(0)
            if bit < width:
                ports[f"o_DOB{bit}"] = word[bit]
        for port, enable, output in (("A", Const(1), Const(1)),
                                     ("B", read_enable, output_enable)):
            ports |= {f"i_CS{port}{bit}": Const(0) for bit in range(3)}
            ports |= {f"i_RST{port}": Const(0), f"i_CLK{port}": ClockSignal(),
                      f"i_CE{port}": enable, f"i_OCE{port}": output}
        m.submodules[f"block_{number}"] = Instance(
            "DP16KD",
            p_DATA_WIDTH_A=width, p_DATA_WIDTH_B=width,
            p_REGMODE_A="NOREG", p_REGMODE_B="OUTREG",
            p_CSDECODE_A="0b000", p_CSDECODE_B="0b000",
            p_WRITEMODE_A="NORMAL", p_WRITEMODE_B="NORMAL",
            p_RESETMODE="SYNC", p_ASYNC_RESET_RELEASE="SYNC", p_GSR="DISABLED",
            i_WEA=ports_of.write_enable, i_WEB=Const(0),
            **ports,
        )
    return m


class BlockROM(ConstantMemory):
    """Constants in DP16KD blocks side by side, or in LUTs where little would be in each of them.

    More words than a block has are in several, one of which is chosen. Where half of a block's are
    enough both ports read, each of them its half.
    """

    def elaborate(self, platform: Any) -> Module:
        depth, bits = len(self._words), len(self.data)
        if depth > _SHAPES[-1].words:
            return self._banks(_SHAPES[-1].words)
        (words, width, low), count = side_by_side(_SHAPES, bits, depth)
        each = 1 + (2 * depth <= words)
        if depth * bits <= _ROM_BITS * -(-count // each):
            return self._inferred(rom_style="logic")
        m = Module()
        starts = list(range(0, bits, width))
        for number in range(0, len(starts), each):
            contents = [0] * words
            ports: dict[str, Any] = {}
            for half, port in enumerate("BA"):
                used = starts[number + half:number + half + 1] if half < each else []
                base = words // 2 if half else 0
                word = Signal(width, name=f"word_{number}_{half}")
                address = Signal(14, name=f"address_{number}_{half}")
                if used:
                    m.d.comb += address.eq(Cat(Const(0, low), self.address | base))
                for start in used:
                    data = self.data[start:start + width]
                    m.d.comb += data.eq(word)
                    for place, value in enumerate(self._words):
                        contents[base + place] = value >> start & (1 << len(data)) - 1
                ports |= {f"i_AD{port}{bit}": address[bit] for bit in range(14)}
                ports |= {f"i_DI{port}{bit}": Const(0) for bit in range(18)}
                ports |= {f"o_DO{port}{bit}": word[bit] for bit in range(width) if used}
                ports |= {f"i_CS{port}{bit}": Const(0) for bit in range(3)}
                ports |= {
                    f"i_RST{port}": Const(0), f"i_CLK{port}": ClockSignal(),
                    f"i_WE{port}": Const(0), f"i_CE{port}": Const(1), f"i_OCE{port}": Const(1),
                    f"p_DATA_WIDTH_{port}": width, f"p_REGMODE_{port}": "OUTREG",
                    f"p_CSDECODE_{port}": "0b000", f"p_WRITEMODE_{port}": "NORMAL"}
            ports |= {f"p_INITVAL_{place:02X}": Const(value, 320)
                      for place, value in enumerate(_contents(contents, width))}
            m.submodules[f"block_{number}"] = Instance(
                "DP16KD", p_RESETMODE="SYNC", p_ASYNC_RESET_RELEASE="SYNC", p_GSR="DISABLED",
                **ports)
        return m

    def _banks(self, words: int) -> Module:
        """Several memories of so many words; the high bits of the address choose one.

        yosys would take the initial values of an inferred memory one at a time, and 4 GB for a few
        hundred thousand.
        """
        m = Module()
        banks = []
        for number, start in enumerate(range(0, len(self._words), words)):
            bank = BlockROM(self._words[start:start + words], len(self.data))
            m.submodules[f"bank_{number}"] = bank
            m.d.comb += bank.address.eq(self.address)
            banks.append(bank.data)
        which = delayed(m, self.address >> ceil_log2(words), self.latency, name="which",
                        reset_less=True)
        m.d.comb += self.data.eq(Array(banks)[which])
        return m


def _contents(words: list[int], width: int) -> Iterator[int]:
    """The initial values of a block: 16 times 18 bits each, 20 apart.

    Words of less than 9 bits leave every ninth free.
    """
    byte = 8 if width < 9 else 9
    row = 2 * byte // width
    rows = [sum(word << number * width // byte * 9 + number * width % byte
                for number, word in enumerate(words[at:at + row]))
            for at in range(0, len(words), row)]
    for at in range(0, len(rows), 16):
        yield sum(value << 20 * place for place, value in enumerate(rows[at:at + 16]))


class CarryChain(SelectAdder):
    """Adder in CCU2C: the multiplexer fits into the LUTs in front of its carries.

    yosys 0.70 leaves two of their four inputs unused, and puts it into LUTs of their own. The carry
    takes A where the LUT gives 0, which is where both summands are the same; below 4 in a LUT's
    table C and D are 0, and it has to give A as well. Source: yosys's ``lattice/ccu2c_sim.vh``.
    """

    TABLE = sum(
        ((at & 1) ^ (at >> (1 if at & 8 else 2) & 1)) << at for at in range(16)
    )
    """For inputs A, B, C, D: ``A ^ (B if D else C)``."""

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        inputs = [Signal.like(self.o, name=name) for name in "abc"]
        for signal, value in zip(inputs, (self.c, self.a, self.b), strict=True):
            m.d.comb += signal.eq(value)
        carry: Value = Const(0)
        for low in range(0, len(self.o), 2):
            ports: dict[str, Any] = {"i_CIN": carry}
            carry = Signal(name=f"carry_{low}")
            ports["o_COUT"] = carry
            for half, bit in enumerate(range(low, low + 2)):
                inside = bit < len(self.o)
                ports |= {f"i_{pin}{half}": signal[bit] if inside else Const(0)
                          for pin, signal in zip("ABC", inputs, strict=True)}
                ports |= {f"i_D{half}": self.select if inside else Const(0),
                          f"p_INIT{half}": Const(self.TABLE, 16), f"p_INJECT1_{half}": "NO"}
                if inside:
                    ports[f"o_S{half}"] = self.o[bit]
            m.submodules[f"bits_{low}"] = Instance("CCU2C", **ports)
        return m


class CarryMultiplier(LUTMultiplier):
    """Product whose rows are :class:`CarryChain`: a bit of a factor takes no LUT of its own."""

    adder = CarryChain


class CarryLess(Less):
    """Comparison in CCU2C: the first half makes its carry without one before it, and the carry
    comes out as a sum behind the last bit. nextpnr 0.11 would take a CCU2C more for each.
    """

    FIRST, BIT, LAST = 0x0004, 0x900C, 0xAAAA
    """For inputs A, B, C, D, with C and D 1: the carry becomes ``B & ~A``; it becomes B where A and
    B differ; with A 0 the sum is the carry. The table 0 would do, but yosys 0.70 takes the sum of
    such a half for 0."""

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        a, b = Value.cast(self.a), Value.cast(self.b)
        bits = list(zip(a, b, strict=True))
        if self.a.shape().signed:  # the one whose sign is 1 is less
            bits[-1] = bits[-1][1], bits[-1][0]
        one, zero, carry = Const(1), Const(0), Value.cast(Const(0))
        halves = [(*bits[0], self.FIRST), *((*bit, self.BIT) for bit in bits[1:]),
                  (zero, zero, self.LAST), (zero, zero, self.LAST)]
        for low in range(0, len(bits) + 1, 2):
            ports: dict[str, Any] = {"i_CIN": carry}
            if low + 1 < len(bits):
                ports["o_COUT"] = carry = Signal(name=f"carry_{low}")
            for half, (left, right, table) in enumerate(halves[low : low + 2]):
                ports |= {f"i_A{half}": left, f"i_B{half}": right, f"i_C{half}": one,
                          f"i_D{half}": one, f"p_INIT{half}": Const(table, 16),
                          f"p_INJECT1_{half}": "NO"}
                if low + half == len(bits):
                    ports[f"o_S{half}"] = self.o
            m.submodules[f"bits_{low}"] = Instance("CCU2C", **ports)
        return m


class CarryMagnitude(Magnitude):
    """Magnitude in CCU2C: the sign inverts the bits in the LUTs in front of the carries, and is the
    first carry."""

    SIGN, BIT = 0x0004, 0x0006
    """For inputs A, B, C, D, with C 0. B and D are the sign: the carry becomes it. B is the
    sign and D 0: the sum is ``A ^ B`` and the carry, which goes on where ``A ^ B``."""

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        sign, zero = self.i[-1], Const(0)
        bits = [(zero, sign, sign, self.SIGN), *((bit, sign, zero, self.BIT) for bit in self.i),
                (zero, zero, zero, 0)]
        carry: Value = zero
        for low in range(0, len(self.i) + 1, 2):
            ports: dict[str, Any] = {"i_CIN": carry}
            carry = Signal(name=f"carry_{low}")
            ports["o_COUT"] = carry
            for half, (a, b, d, table) in enumerate(bits[low : low + 2]):
                ports |= {f"i_A{half}": a, f"i_B{half}": b, f"i_C{half}": zero,
                          f"i_D{half}": d, f"p_INIT{half}": Const(table, 16),
                          f"p_INJECT1_{half}": "NO"}
                if 0 < low + half <= len(self.i):
                    ports[f"o_S{half}"] = self.o[low + half - 1]
            m.submodules[f"bits_{low}"] = Instance("CCU2C", **ports)
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
            wide = self._widened(m, f"{name}_{side.lower()}", factor)
            signed = wide.shape().signed
            ports |= {f"i_{side}{bit}": wide[bit] for bit in range(self.factor_bits)}
            ports |= {f"i_SIGNED{side}": Const(int(signed)), f"i_SOURCE{side}": Const(0)}
        ports |= {f"i_C{bit}": Const(0) for bit in range(self.factor_bits)}
        ports |= {f"o_P{bit}": product[bit] for bit in range(36)}
        for number in range(4):
            clock = ClockSignal() if number == 0 else Const(0)
            ports |= {f"i_CLK{number}": clock, f"i_CE{number}": Const(1),
                      f"i_RST{number}": Const(0)}
        if self._load is not None:
            ports |= {"i_CE1": self._load, "p_REG_INPUTB_CE": "CE1"}
        m.submodules[name] = Instance(
            "MULT18X18D",
            p_REG_INPUTA_CLK="CLK0", p_REG_INPUTB_CLK="CLK0", p_REG_OUTPUT_CLK="CLK0",
            p_REG_PIPELINE_CLK="NONE", p_GSR="DISABLED",
            **ports,
        )
        return product.as_signed() if a.shape().signed or b.shape().signed else product
