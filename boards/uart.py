"""Bytes over a serial line: a UART of 8 data bits, no parity, one stop bit.

The line is high while nothing is sent. A byte is a low start bit, its bits from the lowest up, and
a high stop bit, each as long as the others.
"""

from typing import Any

from amaranth import *
from amaranth.lib import cdc, stream, wiring
from amaranth.lib.wiring import In, Out

from ..model import InputError


__all__ = ["UARTReceiver", "UARTTransmitter"]

LEAST_CYCLES = 8
"""Clock cycles of a bit: with fewer, the cycle in which an edge falls is too large a part of it."""

LARGEST_ERROR = 0.02


class UARTReceiver(wiring.Component):
    """Receives bytes.

    A bit is sampled in its middle, counted from the start bit's edge. A low pulse of less than half
    a bit is no start bit. A byte without a stop bit is dropped, and then nothing is received until
    the line is high again, as after a break.

    The sender's rate may be off this receiver's, which ``clock`` and the whole number of its cycles
    that a bit takes make, by 3.9 %: half a bit in 9.5 of them, less the cycle in which the edge
    falls.

    A byte is there 9.5 bits and three cycles after its start. It waits until it is taken; a byte
    that ends before that is lost.

    Parameters
    ----------
    clock : :class:`float`
        Frequency of ``sync``, in hertz.
    baud : :class:`float`
        Bits a second.

    Raises
    ------
    :exc:`InputError`
        If a bit takes less than 8 cycles, or no whole number of them makes ``baud`` within 2 %.

    Members
    -------
    rx : :py:`In(1)`
        The line, not in time with ``sync``.
    o : stream of :py:`unsigned(8)`
        Bytes.
    """

    rx: Signal
    o: stream.Interface

    def __init__(self, clock: float, baud: float) -> None:
        self._cycles = _bit_cycles(clock, baud)
        receives: Any = In  # `init` is missing in amaranth-stubs 0.5.0
        super().__init__({
            "rx": receives(1, init=1),
            "o": Out(stream.Signature(8)),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        line = Signal(init=1)
        m.submodules.synchroniser = cdc.FFSynchronizer(self.rx, line, init=1)
        timer = Signal(range(self._cycles))
        left = Signal(range(10))
        byte = Signal(8)

        with m.If(self.o.ready):
            m.d.sync += self.o.valid.eq(0)
        with m.FSM():
            with m.State("idle"):
                m.d.sync += [timer.eq(self._cycles // 2 - 1), left.eq(9)]
                with m.If(~line):
                    m.next = "bits"
            with m.State("bits"):
                m.d.sync += timer.eq(timer - 1)
                with m.If(timer == 0):
                    m.d.sync += [
                        timer.eq(self._cycles - 1),
                        left.eq(left - 1),
                        byte.eq(Cat(byte[1:], line)),
                    ]
                    with m.If((left == 9) & line):
                        m.next = "idle"
                    with m.If((left == 0) & line):
                        m.next = "idle"
                        with m.If(~self.o.valid | self.o.ready):
                            m.d.sync += [self.o.valid.eq(1), self.o.payload.eq(byte)]
                    with m.If((left == 0) & ~line):
                        m.next = "broken"
            with m.State("broken"), m.If(line):
                m.next = "idle"
        return m


class UARTTransmitter(wiring.Component):
    """Sends bytes.

    A byte takes ten bits and a clock cycle. Its start bit begins in the cycle after the one in
    which it is taken.

    Parameters
    ----------
    clock, baud
        As for :class:`UARTReceiver`.

    Raises
    ------
    :exc:`InputError`
        As for :class:`UARTReceiver`.

    Members
    -------
    i : stream of :py:`unsigned(8)`
        Bytes.
    tx : :py:`Out(1)`
        The line, straight from a register.
    """

    i: stream.Interface
    tx: Signal

    def __init__(self, clock: float, baud: float) -> None:
        self._cycles = _bit_cycles(clock, baud)
        sends: Any = Out  # `init` is missing in amaranth-stubs 0.5.0
        super().__init__({
            "i": In(stream.Signature(8)),
            "tx": sends(1, init=1),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        timer = Signal(range(self._cycles))
        left = Signal(range(11))
        bits = Signal(9, init=-1)
        m.d.comb += [self.tx.eq(bits[0]), self.i.ready.eq(left == 0)]
        with m.If(left == 0):
            m.d.sync += timer.eq(self._cycles - 1)
            with m.If(self.i.valid):
                m.d.sync += [bits.eq(Cat(Const(0, 1), self.i.payload)), left.eq(10)]
        with m.Else():
            m.d.sync += timer.eq(timer - 1)
            with m.If(timer == 0):
                m.d.sync += [
                    timer.eq(self._cycles - 1),
                    left.eq(left - 1),
                    bits.eq(Cat(bits[1:], Const(1, 1))),
                ]
        return m


def _bit_cycles(clock: float, baud: float) -> int:
    """Clock cycles of a bit."""
    if not baud > 0:
        raise InputError(f"baud must be greater than 0, not {baud:g}")
    cycles = round(clock / baud)
    if cycles < LEAST_CYCLES:
        raise InputError(f"baud {baud:g} is too fast for a clock of {clock:g} Hz: "
                         f"a bit must take at least {LEAST_CYCLES} cycles")
    made = clock / cycles
    if abs(made / baud - 1) > LARGEST_ERROR:
        raise InputError(f"baud {baud:g} cannot be made of a clock of {clock:g} Hz: {cycles} "
                         f"cycles a bit make {made:.6g}, which is more than 2 % off")
    return cycles
