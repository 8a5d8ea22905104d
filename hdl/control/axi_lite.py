"""The register port's protocol: AXI4-Lite, one access at a time in either direction."""

from typing import Any

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


__all__ = ["OKAY", "SLVERR", "AxiLite", "AxiLiteSignature"]

OKAY, SLVERR = 0b00, 0b10


class AxiLiteSignature(wiring.Signature):
    """An AXI4-Lite interface of 32 bits, seen from the master.

    Source: Arm IHI 0022, "AMBA AXI and ACE Protocol Specification", part B.

    Parameters
    ----------
    address_bits : :class:`int`
        Width of the addresses, which are of bytes.
    """

    def __init__(self, address_bits: int) -> None:
        super().__init__({
            "awaddr": Out(address_bits),
            "awprot": Out(3),
            "awvalid": Out(1),
            "awready": In(1),
            "wdata": Out(32),
            "wstrb": Out(4),
            "wvalid": Out(1),
            "wready": In(1),
            "bresp": In(2),
            "bvalid": In(1),
            "bready": Out(1),
            "araddr": Out(address_bits),
            "arprot": Out(3),
            "arvalid": Out(1),
            "arready": In(1),
            "rdata": In(32),
            "rresp": In(2),
            "rvalid": In(1),
            "rready": Out(1),
        })


class AxiLite(wiring.Component):
    """Turns AXI4-Lite into plain reads and writes, each with an answer.

    Every output is a register, so that no path leads from one channel to another. Address and data
    of a write may come in any order. In each direction the next access is taken when the last one's
    answer has been; ``prot`` is not looked at.

    The packages that offer such a port for Amaranth are a placeholder (amaranth-soc on PyPI) or
    part of another system, hence one of our own.

    Parameters
    ----------
    address_bits : :class:`int`
        Width of the addresses.

    Members
    -------
    bus : :py:`In(AxiLiteSignature(address_bits))`
        The port.
    write, read : :py:`Out(1)`
        An access begins; 1 for one cycle.
    write_address, write_data, write_strobe, read_address : Out
        Of the access; they stay until it is answered, and do not change before the next begins.
    write_done, read_done : :py:`In(1)`
        The access is answered in this cycle, one or more after it began.
    write_error, read_error : :py:`In(1)`
        With ``done``: the answer is an error.
    read_data : :py:`In(32)`
        With ``read_done``: what was read.
    """

    bus: Any
    write: Signal
    write_address: Signal
    write_data: Signal
    write_strobe: Signal
    write_done: Signal
    write_error: Signal
    read: Signal
    read_address: Signal
    read_done: Signal
    read_data: Signal
    read_error: Signal

    def __init__(self, address_bits: int) -> None:
        super().__init__({
            "bus": In(AxiLiteSignature(address_bits)),
            "write": Out(1),
            "write_address": Out(address_bits),
            "write_data": Out(32),
            "write_strobe": Out(4),
            "write_done": In(1),
            "write_error": In(1),
            "read": Out(1),
            "read_address": Out(address_bits),
            "read_done": In(1),
            "read_data": In(32),
            "read_error": In(1),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        bus = self.bus

        # A register each that is 1 while the channel has nothing to answer for.
        address_free = Signal(init=1)
        data_free = Signal(init=1)
        writing = Signal()
        m.d.comb += [bus.awready.eq(address_free), bus.wready.eq(data_free)]
        with m.If(bus.awvalid & bus.awready):
            m.d.sync += address_free.eq(0)
        with m.If(bus.wvalid & bus.wready):
            m.d.sync += data_free.eq(0)
        begins = ~address_free & ~data_free & ~writing
        m.d.sync += [self.write.eq(begins), writing.eq(writing | begins)]
        with m.If(self.write_done):
            m.d.sync += [bus.bvalid.eq(1), bus.bresp.eq(Mux(self.write_error, SLVERR, OKAY))]
        with m.If(bus.bvalid & bus.bready):
            m.d.sync += [bus.bvalid.eq(0), writing.eq(0), address_free.eq(1), data_free.eq(1)]

        read_free = Signal(init=1)
        m.d.comb += bus.arready.eq(read_free)
        asks = bus.arvalid & bus.arready
        m.d.sync += self.read.eq(asks)
        with m.If(asks):
            m.d.sync += read_free.eq(0)
        with m.If(self.read_done):
            m.d.sync += [bus.rvalid.eq(1), bus.rdata.eq(self.read_data),
                         bus.rresp.eq(Mux(self.read_error, SLVERR, OKAY))]
        with m.If(bus.rvalid & bus.rready):
            m.d.sync += [bus.rvalid.eq(0), read_free.eq(1)]

        for enable, given, kept in (
            (bus.awvalid & bus.awready, bus.awaddr, self.write_address),
            (bus.wvalid & bus.wready, bus.wdata, self.write_data),
            (bus.wvalid & bus.wready, bus.wstrb, self.write_strobe),
            (asks, bus.araddr, self.read_address),
        ):
            register = Signal.like(kept, reset_less=True)
            m.d.comb += kept.eq(register)
            with m.If(enable):
                m.d.sync += register.eq(given)
        return m
