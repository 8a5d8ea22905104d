"""A memory that is deeper than a block RAM."""

from typing import Any

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .devices import Device


__all__ = ["DeepMemory"]


class DeepMemory(wiring.Component):
    """Words in banks of block RAM, read and written in any order.

    Parameters
    ----------
    bits : :class:`int`
        Of a word.
    depth : :class:`int`
        Number of words.
    device : :class:`~windrow.hdl.devices.Device`
        Whose memories they are.

    Members
    -------
    read_address : :py:`In`
        Address to read.
    read_data : :py:`Out(bits)`
        The word there :attr:`latency` cycles earlier. Undefined where that was written in the same
        cycle.
    write_enable, write_address, write_data : :py:`In`
        Write, at the end of the cycle.
    """

    read_address: Signal
    read_data: Signal
    write_enable: Signal
    write_address: Signal
    write_data: Signal

    def __init__(self, bits: int, depth: int, device: Device) -> None:
        self._bits = bits
        self._depth = depth
        self._memory = device.memory
        self._bank_depth = device.bank_depth or max(depth, 2)
        self.latency = self._memory.read_latency
        address = In(range(max(depth, 2)))
        super().__init__({
            "read_address": address,
            "read_data": Out(bits),
            "write_enable": In(1),
            "write_address": address,
            "write_data": In(bits),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        words = []
        low = (self._bank_depth - 1).bit_length()
        for number, start in enumerate(range(0, self._depth, self._bank_depth)):
            depth = max(min(self._bank_depth, self._depth - start), 2)
            m.submodules[f"bank_{number}"] = bank = self._memory(unsigned(self._bits), depth)
            m.d.comb += [
                bank.read_enable.eq(1),
                bank.read_address.eq(self.read_address[:low]),
                bank.write_enable.eq(self.write_enable & (self.write_address[low:] == number)),
                bank.write_address.eq(self.write_address[:low]),
                bank.write_data.eq(self.write_data),
            ]
            words.append(bank.read_data)
        select: Value = self.read_address[low:]
        if len(words) > 1:
            for cycle in range(self.latency):
                later = Signal(len(select), name=f"select_{cycle}", reset_less=True)
                m.d.sync += later.eq(select)
                select = later
            m.d.comb += self.read_data.eq(Array(words)[select])
        else:
            m.d.comb += self.read_data.eq(words[0])
        return m
