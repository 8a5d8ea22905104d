"""Ten-bit symbols and their clock onto pins, at ten times the pixel clock."""

from typing import Any

from amaranth import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out


__all__ = ["SERIALISERS", "DDRSerialiser", "ECP5Serialiser", "GowinSerialiser", "Serialiser"]

CHANNELS = 3
"""Of data: blue, green and red."""

_CLOCK = 0b0000011111
"""The clock as a symbol: high first. Source: DVI 1.0, figure 3-2."""


class Serialiser(wiring.Component):
    """Sends a ten-bit symbol a pixel clock on each of three pins, and the pixel clock on a fourth.

    Symbols come in the domain ``sync``, the pixel clock. The domain ``shift`` has five times its
    frequency, from the same PLL: both edges of it send a bit.

    Each sibling is what one device family has for this. :class:`DDRSerialiser` by itself is made of
    nothing but logic, to be simulated.

    Members
    -------
    symbols : :py:`In(ArrayLayout(10, 3))`
        Bit 0 goes first.
    pins : :py:`Out(4)`
        The symbols, and the clock, which rises with them. To the output buffers, with nothing in
        between.
    """

    symbols: Any
    pins: Signal

    def __init__(self) -> None:
        super().__init__({"symbols": In(data.ArrayLayout(10, CHANNELS)), "pins": Out(CHANNELS + 1)})

    def elaborate(self, platform: Any) -> Module:
        raise NotImplementedError


class DDRSerialiser(Serialiser):
    """Shift registers of two bits a clock, and output cells for both edges.

    Where in the pixel clock the shift registers are loaded is found once, after a reset of
    ``shift``: three or four cycles of it behind the edge that changes the symbols, which leaves
    them time from one domain to the other that no tool has to know of.

    A load signal for all channels would be the slowest net of the domain, and yosys 0.70 makes one
    of several that are the same. So there are two for each channel, and each starts a cycle behind
    the one before, which makes them different for good. nextpnr 0.11, LFE5U-25F of speed grade 6,
    with a pattern, a filter and a display for 720p beside it: 417 to 460 MHz in four seeds, and 331
    to 372 with a single load signal; 371 are needed.
    """

    _HALF = 6
    """Bits of a symbol with one of the load signals; the others have the other one."""

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        # A bit that changes with the symbols, as the fast domain sees it.
        toggle = Signal()
        m.d.sync += toggle.eq(~toggle)
        seen = Signal(2)
        change = seen[0] ^ seen[1]
        started = Signal(2 * CHANNELS)
        phase = Signal(5)
        loads = Signal(2 * CHANNELS)
        m.d.shift += [
            seen.eq(Cat(toggle, seen[0])),
            started.eq(Cat(started[0] | change, started[:-1])),
            phase.eq(Cat(phase[-1] | (change & ~started[0]), phase[:-1])),
            loads.eq(started & phase[-1].replicate(len(loads))),
        ]
        for channel in range(CHANNELS):
            bits = Signal(10, name=f"bits_{channel}")
            # Around, and not in from nowhere: yosys would make a load signal the reset of what
            # takes constants.
            m.d.shift += bits.eq(bits.rotate_right(2))
            for load, part in zip(loads[2 * channel :], (slice(self._HALF), slice(self._HALF, 10)),
                                  strict=False):
                with m.If(load):
                    m.d.shift += bits[part].eq(self.symbols[channel][part])
            self._send(m, f"output_{channel}", bits[:2], self.pins[channel])
        # The clock in the same cycles, first bit first: 11, 11, 10, 00, 00. It begins with the
        # first symbol that all channels have.
        clock = Signal(2)
        m.d.shift += [
            clock[0].eq(loads[-1] | (clock[0] & ~phase[3])),
            clock[1].eq(loads[-1] | (clock[1] & ~phase[2])),
        ]
        self._send(m, "output_clock", clock, self.pins[CHANNELS])
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
        symbols = [*(self.symbols[channel] for channel in range(CHANNELS)), Const(_CLOCK, 10)]
        for channel, symbol in enumerate(symbols):
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
