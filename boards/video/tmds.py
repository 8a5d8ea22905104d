"""TMDS: eight bits as ten, with few transitions and as many ones as zeros.

Source: Digital Display Working Group, "Digital Visual Interface", revision 1.0, section 3.2 and
figure 3-5.
"""

from typing import Any

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ...hdl.delay import delayed


__all__ = ["CONTROL_WORDS", "Encoder"]

CONTROL_WORDS = (0b1101010100, 0b0010101011, 0b0101010100, 0b1010101011)
"""What is sent in blanking, by ``C1 C0``; bit 0 goes first. Source: DVI 1.0, figure 3-5."""


class Encoder(wiring.Component):
    """Encodes one of DVI's three data channels.

    Latency is :attr:`latency` cycles, throughput is a symbol a cycle. It never stops: what is at
    the inputs in a cycle is sent.

    The one loop is that of the running disparity, counted in pairs of bits: -4 to 4. Both of its
    possible next values are computed side by side, so that a cycle holds one small adder and the
    choice.

    Members
    -------
    data : :py:`In(8)`
        Sent where ``active`` is set.
    control : :py:`In(2)`
        ``C1 C0``, sent where it is not.
    active : :py:`In(1)`
        Data enable.
    symbol : :py:`Out(10)`
        Bit 0 goes first. A control word in reset.
    """

    latency = 4
    """Cycles from the inputs to ``symbol``."""

    data: Signal
    control: Signal
    active: Signal
    symbol: Signal

    def __init__(self) -> None:
        super().__init__({
            "data": In(8),
            "control": In(2),
            "active": In(1),
            "symbol": Out(10),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()

        # First stage: how many ones; more than four take XNOR, which leaves fewer transitions.
        data = Signal(8)
        use_xnor = Signal()
        ones = _ones(self.data)
        m.d.sync += [
            data.eq(self.data),
            use_xnor.eq((ones > 4) | ((ones == 4) & ~self.data[0])),
        ]

        # Second stage: each bit against the one before.
        chain = [data[0]]
        for bit in range(1, 8):
            chain.append(chain[-1] ^ data[bit] ^ use_xnor)
        shorter = Signal(9)
        m.d.sync += shorter.eq(Cat(chain, ~use_xnor))

        # Third stage: how much the word, and the word inverted, add to the disparity.
        word = Signal(9)
        keeps = Signal(signed(4))
        inverts = Signal(signed(4))
        balanced = Signal()
        heavy = Signal()
        surplus = Signal(signed(4))
        m.d.comb += surplus.eq(_ones(shorter[:8]) - 4)
        m.d.sync += [
            word.eq(shorter),
            keeps.eq(surplus - ~shorter[8]),
            inverts.eq(shorter[8] - surplus),
            balanced.eq(surplus == 0),
            heavy.eq(surplus > 0),
        ]

        # Fourth stage: the loop. Without a preference bit 8 decides, so that bits 8 and 9 differ.
        active = delayed(m, self.active, 3, name="active")
        control = delayed(m, self.control, 3, name="control", reset_less=True)
        disparity = Signal(signed(4))
        symbol = Signal(10, init=CONTROL_WORDS[0])
        m.d.comb += self.symbol.eq(symbol)
        free = balanced | (disparity == 0)
        invert = Mux(free, ~word[8], (disparity < 0) ^ heavy)
        m.d.sync += [
            disparity.eq(Mux(invert, disparity + inverts, disparity + keeps)),
            symbol.eq(Cat(word[:8] ^ invert.replicate(8), word[8], invert)),
        ]
        with m.If(~active):
            m.d.sync += [
                disparity.eq(0),
                symbol.eq(Array(CONTROL_WORDS)[control]),
            ]
        return m


def _ones(bits: Value) -> Value:
    """How many bits are set, as a tree of adders."""
    if len(bits) == 1:
        return bits
    half = len(bits) // 2
    return _ones(bits[:half]) + _ones(bits[half:])
