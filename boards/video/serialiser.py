"""Ten-bit symbols onto pins, at ten times the pixel clock."""

from typing import Any

from amaranth import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out


__all__ = ["SERIALISERS", "DDRSerialiser", "ECP5Serialiser", "GowinSerialiser", "Serialiser"]

CHANNELS = 4
"""Blue, green, red and the clock."""


class Serialiser(wiring.Component):
    """Sends a ten-bit symbol a pixel clock on each of four pins.

    Symbols come in the domain ``sync``, the pixel clock. The domain ``shift`` has five times its
    frequency, from the same PLL: both edges of it send a bit.

    Each sibling is what one device family has for this. :class:`DDRSerialiser` by itself is made of
    nothing but logic, to be simulated.

    Members
    -------
    symbols : :py:`In(ArrayLayout(10, 4))`
        Bit 0 goes first.
    pins : :py:`Out(4)`
        To the output buffers, with nothing in between.
    """

    symbols: Any
    pins: Signal

    def __init__(self) -> None:
        super().__init__({"symbols": In(data.ArrayLayout(10, CHANNELS)), "pins": Out(CHANNELS)})

    def elaborate(self, platform: Any) -> Module:
        raise NotImplementedError


class DDRSerialiser(Serialiser):
    """Shift registers of two bits a clock, and output cells for both edges.

    Where in the pixel clock the shift registers are loaded is found once, after a reset of
    ``shift``: two and three cycles of it behind the edge that changes the symbols (or one more),
    which leaves them time from one domain to the other that no tool has to know of.

    A load signal for all channels would be the slowest net of the domain, and yosys 0.70 makes one
    of several that are the same. So half of the channels are loaded a cycle before the others, half
    of each with an inverted signal, and none with one of the ring's own. A whole output for 720p
    with nextpnr 0.11 on an LFE5U-25F of speed grade 6: 425 to 470 MHz in six seeds, where a single
    load signal reached 330 to 372 MHz in three; 371 MHz are needed.
    """

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        # A bit that changes with the symbols, as the fast domain sees it.
        toggle = Signal()
        m.d.sync += toggle.eq(~toggle)
        seen = Signal(2)
        started = Signal()
        phase = Signal(5)
        change = seen[0] ^ seen[1]
        m.d.shift += [
            seen.eq(Cat(toggle, seen[0])),
            started.eq(started | change),
            phase.eq(Cat(phase[-1] | (change & ~started), phase[:-1])),
        ]
        for channel in range(CHANNELS):
            early, inverted = channel % 2, channel // 2
            load = Signal(name=f"load_{channel}", init=inverted)
            bits = Signal(10 + 2 * early, name=f"bits_{channel}")
            # Around, and not in from nowhere: yosys would make a load signal the reset of what
            # takes constants.
            m.d.shift += [
                load.eq((phase[-1 - early] & started) ^ inverted),
                bits.eq(bits.rotate_right(2)),
            ]
            with m.If(load ^ inverted):
                m.d.shift += bits[2 * early :].eq(self.symbols[channel])
            self._send(m, f"output_{channel}", bits[:2], self.pins[channel])
        return m

    def _send(self, m: Module, name: str, pair: Value, pin: Value) -> None:
        """Put ``pair`` on ``pin``: bit 0 while the clock is high, then bit 1 while it is low."""
        held = Signal(2, name=name)
        m.d.shift += held.eq(pair)
        m.d.comb += pin.eq(Mux(ClockSignal("shift"), held[0], held[1]))


class ECP5Serialiser(DDRSerialiser):
    """Output cells of Lattice ECP5. Source: Lattice FPGA-TN-02035, "ECP5 and ECP5-5G High-Speed I/O
    Interface", ODDRX1F."""

    def _send(self, m: Module, name: str, pair: Value, pin: Value) -> None:
        m.submodules[name] = Instance(
            "ODDRX1F", i_SCLK=ClockSignal("shift"), i_RST=Const(0),
            i_D0=pair[0], i_D1=pair[1], o_Q=pin)


class GowinSerialiser(Serialiser):
    """Ten-to-one output serialisers of Gowin. Source: Gowin UG289, "Gowin Programmable IO (GPIO)
    User Guide", OSER10."""

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        for channel in range(CHANNELS):
            symbol = self.symbols[channel]
            m.submodules[f"output_{channel}"] = Instance(
                "OSER10", p_GSREN="false", p_LSREN="true",
                i_PCLK=ClockSignal("sync"), i_FCLK=ClockSignal("shift"),
                i_RESET=ResetSignal("sync", allow_reset_less=True),
                **{f"i_D{bit}": symbol[bit] for bit in range(10)},
                o_Q=self.pins[channel])
        return m


SERIALISERS: dict[str, type[Serialiser]] = {
    "generic": DDRSerialiser,
    "ecp5": ECP5Serialiser,
    "gowin": GowinSerialiser,
}
"""By device family; ``generic`` is for simulation."""
