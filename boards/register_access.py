"""An AXI4-Lite master that does one access at a time."""

from typing import Any

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ..hdl.control.axi_lite import AxiLiteSignature


__all__ = ["RegisterAccess"]


class RegisterAccess(wiring.Component):
    """Reads and writes registers, one access at a time.

    An access takes two cycles more than its register port does.

    Parameters
    ----------
    address_bits : :class:`int`
        Width of the addresses, which are of bytes.

    Members
    -------
    write, read : :py:`In(1)`
        Begin one; for one cycle, while none is under way.
    address : :py:`In(address_bits)`, data : :py:`In(32)`
        Of the access; to be held until it is done.
    done : :py:`Out(1)`
        It is answered; for one cycle.
    error : :py:`Out(1)`
        With ``done``: the answer is an error.
    word : :py:`Out(32)`
        With ``done``: what was read.
    bus : :py:`Out(AxiLiteSignature(address_bits))`
        The port.
    """

    write: Signal
    read: Signal
    address: Signal
    data: Signal
    done: Signal
    error: Signal
    word: Signal
    bus: Any

    def __init__(self, address_bits: int) -> None:
        super().__init__({
            "write": In(1),
            "read": In(1),
            "address": In(address_bits),
            "data": In(32),
            "done": Out(1),
            "error": Out(1),
            "word": Out(32),
            "bus": Out(AxiLiteSignature(address_bits)),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        bus = self.bus
        m.d.comb += [
            bus.awaddr.eq(self.address),
            bus.araddr.eq(self.address),
            bus.wdata.eq(self.data),
            bus.wstrb.eq(0b1111),
            bus.bready.eq(1),
            bus.rready.eq(1),
            self.done.eq(bus.bvalid | bus.rvalid),
            self.error.eq(Mux(bus.bvalid, bus.bresp[1], bus.rresp[1])),
            self.word.eq(bus.rdata),
        ]
        for valid, ready, begins in (
            (bus.awvalid, bus.awready, self.write),
            (bus.wvalid, bus.wready, self.write),
            (bus.arvalid, bus.arready, self.read),
        ):
            m.d.sync += valid.eq(begins | (valid & ~ready))
        return m
