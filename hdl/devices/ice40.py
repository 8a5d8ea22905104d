"""Lattice iCE40: line memories in its two kinds of RAM, multipliers with their own registers.

A line memory goes to EBR (SB_RAM40_4K), of which an UP5K has 30 and an HX8K 32. An EBR has no
output register, and one in the fabric would cost a logic cell a bit without need: post-route with
nextpnr 0.11 what bounds a core is elsewhere. So the word is there one cycle after its address.
Where an UP5K's EBR are too few, part of each word goes to its four SPRAM (SB_SPRAM256KA).

Multipliers (UP5K) are instantiated: ``synth_ice40 -dsp`` of yosys 0.57 to 0.70 turns an inferred
product with registers that have neither reset nor enable into the constant 0. Sources: Lattice
FPGA-TN-02002, "Memory Usage Guide for iCE40 Devices"; FPGA-TN-02022, "iCE40 SPRAM Usage Guide";
FPGA-TN-02007, "DSP Function Usage Guide for iCE40 Devices".
"""

from functools import cache
from typing import Any, ClassVar

from amaranth import *
from amaranth.hdl import ShapeLike
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import exact_log2

from ...model.interval import Interval
from ..arithmetic.multiplier import Multiplier
from ..beat import interval_shape
from ..constant_memory import ConstantMemory
from ..stream.output_queue import LUT_WORDS, BlockQueue, DistributedQueue, OutputQueue
from ..window.line_memory import LineMemory


__all__ = ["DSP", "RAM", "ROM", "BlockRAM", "DSPPair", "Queue", "SinglePortRAM", "block_count",
           "short_queue", "spram_count"]

#: Shapes of an SB_RAM40_4K: words, bits of a word.
_SHAPES = ((256, 16), (512, 8), (1024, 4), (2048, 2))

#: SB_RAM40_4K that lines may take on an UP5K: it has 30, two are left to the output queue.
_BLOCKS = 28

#: Bits of a line memory's word that an SB_SPRAM256KA holds, and how many of these an UP5K has.
_SPRAM_BITS = 8
_SPRAMS = 4

#: Bits of a queue that are cheaper in flip-flops than in one of an UP5K's 30 block RAMs.
_REGISTER_BITS = 128


class ROM(ConstantMemory):
    """Constants in block RAM, or a few in LUTs: behind a register of the address, which has fewer
    bits than the word."""

    def elaborate(self, platform: Any) -> Module:
        if len(self._words) > LUT_WORDS:
            return super().elaborate(platform)
        m = Module()
        address = Signal.like(self.address, reset_less=True)
        word = Signal(len(self.data), reset_less=True)
        m.d.sync += [address.eq(self.address), word.eq(Array(self._words)[address])]
        m.d.comb += self.data.eq(word)
        return m


@cache
def _fewest(bits: int, depth: int) -> tuple[int, tuple[tuple[int, int], ...]]:
    """Fewest SB_RAM40_4K for words of ``bits``, and the shape of the blocks of each slice."""
    if bits <= 0:
        return 0, ()
    found = []
    # Of those that take as few, the deepest blocks: the fewest multiplexers.
    for words, width in reversed(_SHAPES):
        blocks, shapes = _fewest(bits - width, depth)
        found.append((blocks - (-depth // words), ((words, width), *shapes)))
    return min(found, key=lambda each: each[0])


def _slices(bits: int, depth: int) -> tuple[int, tuple[tuple[int, int], ...]]:
    """SB_RAM40_4K for words of ``bits``, and the shape of the blocks of each slice of the word.

    Blocks are as deep as the memory where they can be, so that there is nothing behind them to
    choose between them. Only where that takes too many the words are packed as tightly as can be.
    """
    words, width = next((shape for shape in _SHAPES if shape[0] >= depth), _SHAPES[-1])
    count = -(-max(bits, 0) // width)
    blocks = count * -(-depth // words)
    return (blocks, ((words, width),) * count) if blocks <= _BLOCKS else _fewest(bits, depth)


def spram_count(bits: int, depth: int) -> int:
    """SB_SPRAM256KA of a line memory of ``depth`` words of ``bits`` bits."""
    needed = [count for count in range(_SPRAMS + 1)
              if _slices(bits - count * _SPRAM_BITS, depth)[0] <= _BLOCKS]
    # What fits no UP5K is left to what else there may be: EBR.
    return needed[0] if needed else 0


def block_count(bits: int, depth: int) -> int:
    """SB_RAM40_4K of a line memory, or of a queue, of ``depth`` words of ``bits`` bits."""
    return _slices(bits - spram_count(bits, depth) * _SPRAM_BITS, depth)[0]


class RAM(LineMemory):
    """Line memory in EBR, and in SPRAM what they cannot hold.

    SPRAM come in where more than 28 EBR were needed. An HX8K, which has four EBR more and no SPRAM,
    is given a memory that it cannot have in that case.
    """

    read_latency = 1
    turnaround = read_latency + 4

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        read_data, write_data = Value.cast(self.read_data), Value.cast(self.write_data)
        bits = len(read_data)
        cut = min(spram_count(bits, self._depth) * _SPRAM_BITS, bits)
        for kind, start, end in ((SinglePortRAM, 0, cut), (BlockRAM, cut, bits)):
            if start < end:
                part = kind(end - start, self._depth, shorter=self._shorter)
                m.submodules[f"bits_{start}"] = part
                m.d.comb += [
                    part.read_enable.eq(self.read_enable),
                    part.read_address.eq(self.read_address),
                    part.read_last.eq(self.read_last),
                    part.write_enable.eq(self.write_enable),
                    part.write_address.eq(self.write_address),
                    part.write_last.eq(self.write_last),
                    part.write_data.eq(write_data[start:end]),
                    read_data[start:end].eq(part.read_data),
                ]
        return m


class BlockRAM(LineMemory):
    """Line memory in SB_RAM40_4K, side by side and, where there are more words, behind each other.

    Of an inferred memory yosys 0.70 makes the fewest blocks it can, with multiplexers behind them:
    for two lines of 640 bytes 3 in place of 4, and 32 LUTs. Without the attribute ``no_rw_check``
    it adds what gives the old word where one is read while it is written, in 100 logic cells.
    """

    read_latency = 1
    turnaround = read_latency + 1

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        read_data, write_data = Value.cast(self.read_data), Value.cast(self.write_data)
        start = 0
        for words, width in _slices(len(read_data), self._depth)[1]:
            part = slice(start, start + width)
            low = exact_log2(words)
            bank = Signal(range(max(-(-self._depth // words), 2)), name=f"bank_{start}",
                          reset_less=True)
            m.d.sync += bank.eq(self.read_address[low:])
            found: list[Value] = []
            for number in range(-(-self._depth // words)):
                word = Signal(width, name=f"word_{start}_{number}")
                m.submodules[f"block_{start}_{number}"] = self._block(
                    width, self.read_address[:low], word, self.write_address[:low],
                    self.write_enable & (self.write_address[low:] == number), write_data[part])
                found.append(word)
            m.d.comb += read_data[part].eq(Array(found)[bank] if len(found) > 1 else found[0])
            start += width
        return m

    def _block(
        self, width: int, read_address: Value, word: Signal, write_address: Value,
        write_enable: Value, written: Value,
    ) -> Instance:
        # The mode, and the pins that a word of so many bits has.
        mode, pins = {16: (0, range(16)), 8: (1, range(0, 16, 2)), 4: (2, range(1, 16, 4)),
                      2: (3, range(3, 16, 8))}[width]
        data_in: list[Value] = [Const(0)] * 16
        data_out: list[Value] = [Signal(name=f"unused_{pin}") for pin in range(16)]
        for bit, pin in enumerate(pins):
            data_in[pin] = written[bit] if bit < len(written) else Const(0)
            data_out[pin] = word[bit]
        return Instance(
            "SB_RAM40_4K",
            p_READ_MODE=mode, p_WRITE_MODE=mode,
            i_RCLK=ClockSignal(), i_RCLKE=Const(1), i_RE=Const(1),
            i_RADDR=Cat(read_address, Const(0, 11 - len(read_address))), o_RDATA=Cat(data_out),
            i_WCLK=ClockSignal(), i_WCLKE=write_enable, i_WE=Const(1),
            i_WADDR=Cat(write_address, Const(0, 11 - len(write_address))), i_WDATA=Cat(data_in),
            i_MASK=Const(0, 16),
        )


class SinglePortRAM(LineMemory):
    """Line memory in SB_SPRAM256KA, which either read or write in a cycle.

    Two words that follow each other, at an even address and the odd one behind it, share one of the
    memory's. They are read together with the even one, so that the memory is free to be written in
    every cycle in which no even word is read. A pair to be written waits for such a cycle: even
    words are two cycles apart, and so are pairs, so that it never waits for more than one. The last
    word of an odd number has no other to go with; it is a register.

    Parameters
    ----------
    shape, depth, shorter
        As of any line memory; up to 32 bits a word, and 32768 words.
    """

    read_latency = 1
    turnaround = read_latency + 4

    def __init__(self, shape: ShapeLike, depth: int, *, shorter: bool = False) -> None:
        super().__init__(shape, depth, shorter=shorter)
        self._bits = Shape.cast(shape).width

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        bits = self._bits
        written, read_data = Value.cast(self.write_data), Value.cast(self.read_data)

        # The last of an odd number.
        reads_last = self._alone(self.read_address, self.read_last)
        writes_last = self._alone(self.write_address, self.write_last)

        reads = Signal()
        m.d.comb += reads.eq(self.read_enable & ~self.read_address[0] & ~reads_last)

        # A pair on its way into the memory.
        first = Signal(bits, reset_less=True)
        low = Signal(bits, reset_less=True)
        high = Signal(bits, reset_less=True)
        pair = Signal(len(self.write_address) - 1, reset_less=True)
        waits = Signal()
        with m.If(self.write_enable & ~self.write_address[0] & ~writes_last):
            m.d.sync += first.eq(written)
        with m.If(self.write_enable & self.write_address[0]):
            m.d.sync += [
                low.eq(first),
                high.eq(written),
                pair.eq(self.write_address[1:]),
                waits.eq(1),
            ]
        with m.Elif(~reads):
            m.d.sync += waits.eq(0)

        # A pair on its way out: the even word at once, the odd one out of a register.
        evens = []
        odds = []
        address = Signal(14)
        m.d.comb += address.eq(Mux(reads, self.read_address[1:], pair))
        for number, start in enumerate(range(0, bits, _SPRAM_BITS)):
            end = min(start + _SPRAM_BITS, bits)
            data = Signal(16, name=f"data_{number}")
            words = Signal(16, name=f"words_{number}")
            m.d.comb += data.eq(Cat(low[start:end], Const(0, start + _SPRAM_BITS - end),
                                    high[start:end]))
            m.submodules[f"spram_{number}"] = Instance(
                "SB_SPRAM256KA",
                i_CLOCK=ClockSignal(), i_ADDRESS=address, i_DATAIN=data, o_DATAOUT=words,
                i_WREN=~reads & waits, i_MASKWREN=Const(0b1111, 4), i_CHIPSELECT=Const(1),
                i_STANDBY=Const(0), i_SLEEP=Const(0), i_POWEROFF=Const(1),  # active low
            )
            evens.append(words[: end - start])
            odds.append(words[_SPRAM_BITS : _SPRAM_BITS + end - start])

        came = Signal()
        is_odd = Signal(reset_less=True)
        odd = Signal(bits, reset_less=True)
        m.d.sync += [came.eq(reads), is_odd.eq(self.read_address[0])]
        with m.If(came):
            m.d.sync += odd.eq(Cat(odds))
        m.d.comb += read_data.eq(Mux(is_odd, odd, Cat(evens)))
        if self._depth % 2 or self._shorter:
            last = Signal(bits, reset_less=True)
            was_last = Signal(reset_less=True)
            m.d.sync += was_last.eq(reads_last)
            with m.If(self.write_enable & writes_last):
                m.d.sync += last.eq(written)
            with m.If(was_last):
                m.d.comb += read_data.eq(last)
        return m

    def _alone(self, address: Value, last: Value) -> Value:
        """Whether the word has no odd one behind it."""
        if self._shorter:
            return last & ~address[0]
        return (address == self._depth - 1) if self._depth % 2 else Const(0)


class Queue(BlockQueue):
    """In SB_RAM40_4K: LUTs are no memory here."""

    _ram_style = "block"


class RegisterQueue(DistributedQueue):
    """In flip-flops."""

    _ram_style = "registers"


def short_queue(shape: ShapeLike, in_flight: int, spare: int = 0) -> OutputQueue:
    """The queue where there are many of them; parameters as of :class:`~.OutputQueue`."""
    values = in_flight + 1 + RegisterQueue.latency + spare
    kind = RegisterQueue if values * Shape.cast(shape).width <= _REGISTER_BITS else Queue
    return kind(shape, in_flight, spare)


class DSP(Multiplier):
    """Product in an SB_MAC16 with its input and output registers, and a register behind it."""

    factor_bits: ClassVar[int] = 16
    can_hold: ClassVar[bool] = False  # its enable is for all registers, its BHOLD is the inverse

    def _block(self, m: Module, name: str, a: Value, b: Value) -> Value:
        factors: dict[str, Any] = {}
        for side, factor in (("A", a), ("B", b)):
            wide = self._widened(m, f"{name}_{side.lower()}", factor)
            signed = wide.shape().signed
            factors |= {f"i_{side}": wide, f"p_{side}_SIGNED": Const(int(signed), 1),
                        f"p_{side}_REG": Const(1, 1)}
        product = Signal(32, name=name)
        m.submodules[name] = Instance(
            "SB_MAC16",
            p_PIPELINE_16x16_MULT_REG2=Const(1, 1),
            p_TOPOUTPUT_SELECT=Const(3, 2), p_BOTOUTPUT_SELECT=Const(3, 2),
            i_CLK=ClockSignal(), i_CE=Const(1), i_C=Const(0, 16), i_D=Const(0, 16),
            o_O=product, **factors, **_unused(),
        )
        return product.as_signed() if a.shape().signed or b.shape().signed else product


class DSPPair(wiring.Component):
    """Two products of up to 8 by 8 bits in one SB_MAC16 with its input and output registers, and a
    register behind it.

    yosys 0.70 infers a block for each.

    Parameters
    ----------
    a, b : :class:`~windrow.model.interval.Interval`
        Ranges of the factors, of both products alike.

    Members
    -------
    a_0, b_0, a_1, b_1 : :py:`In`
        The factors.
    product_0, product_1 : :py:`Out`
        Their products, as many cycles later as of any :class:`~.multiplier.Multiplier`.
    """

    factor_bits: ClassVar[int] = 8

    def __init__(self, a: Interval, b: Interval) -> None:
        super().__init__({
            f"{name}_{half}": flow(interval_shape(interval)) for half in range(2)
            for name, flow, interval in (("a", In, a), ("b", In, b), ("product", Out, a.times(b)))})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        ports: dict[str, Any] = {}
        for side in "ab":
            both = Signal(16, name=side)
            factors = [getattr(self, f"{side}_{half}") for half in range(2)]
            for half, factor in enumerate(factors):
                wide = Signal(Shape(8, signed=factor.shape().signed), name=f"{side}_{half}")
                m.d.comb += [wide.eq(factor), both[8 * half:8 * half + 8].eq(wide)]
            ports |= {f"i_{side.upper()}": both, f"p_{side.upper()}_REG": Const(1, 1),
                      f"p_{side.upper()}_SIGNED": Const(int(factors[0].shape().signed), 1)}
        found = Signal(32, name="products")
        m.submodules.block = Instance(
            "SB_MAC16", p_MODE_8x8=Const(1, 1),
            p_TOP_8x8_MULT_REG=Const(1, 1), p_BOT_8x8_MULT_REG=Const(1, 1),
            p_TOPOUTPUT_SELECT=Const(2, 2), p_BOTOUTPUT_SELECT=Const(2, 2),
            i_CLK=ClockSignal(), i_CE=Const(1), i_C=Const(0, 16), i_D=Const(0, 16),
            o_O=found, **ports, **_unused(),
        )
        for half in range(2):
            product = getattr(self, f"product_{half}")
            later = Signal.like(product, name=f"later_{half}", reset_less=True)
            m.d.sync += later.eq(found[16 * half:16 * half + 16])
            m.d.comb += product.eq(later)
        return m


def _unused() -> dict[str, Value]:
    """Inputs of an SB_MAC16 that are for sums."""
    return {f"i_{pin}": Const(0) for pin in (
        "AHOLD", "BHOLD", "CHOLD", "DHOLD", "IRSTTOP", "IRSTBOT", "ORSTTOP", "ORSTBOT",
        "OLOADTOP", "OLOADBOT", "ADDSUBTOP", "ADDSUBBOT", "OHOLDTOP", "OHOLDBOT", "CI",
        "ACCUMCI", "SIGNEXTIN")}
