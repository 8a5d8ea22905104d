"""The block RAM under the line buffer."""

from typing import Any

from amaranth import *
from amaranth.hdl import ShapeLike
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from ..text import Text


__all__ = ["LineMemory"]


class LineMemory(wiring.Component):
    """Simple dual-port memory with a registered output, as any vendor's tools infer it.

    A device's own block RAM takes its place where inference loses the output register: see
    :mod:`.devices`. Whatever stands here is used as lines are, and may rely on it: words are read
    in the order of their addresses, from the first to the last and again from the first, with a
    pause of any length anywhere, and every word that was read is written a fixed number of
    cycles later, :attr:`read_latency` of them or more.

    Parameters
    ----------
    shape : :ref:`shape-like <lang-shapelike>`
        One word: a column of the lines.
    depth : :class:`int`
        Number of words.
    shorter : :class:`bool`
        A line may end before the last of them.

    Members
    -------
    read_enable : :py:`In(1)`
        The word at ``read_address`` is wanted.
    read_address : :py:`In`
        Address to read.
    read_last : :py:`In(1)`
        The word there is the last of its line. Only where lines may be ``shorter``.
    read_data : :py:`Out(shape)`
        The word that was wanted :attr:`read_latency` cycles earlier; for that cycle. Undefined
        where the same word was wanted less than :attr:`turnaround` cycles before.
    write_enable, write_address, write_last, write_data : :py:`In`
        Write, at the end of the cycle.
    """

    read_latency = 2
    """Cycles from an address to its word: one for the memory, one for its output register."""

    turnaround = read_latency + 1
    """Cycles from reading a word to reading back what was written over it as soon as it came."""

    read_enable: Signal
    read_address: Signal
    read_last: Signal
    read_data: Any
    write_enable: Signal
    write_address: Signal
    write_last: Signal
    write_data: Any

    def __init__(self, shape: ShapeLike, depth: int, *, shorter: bool = False) -> None:
        self._shape = shape
        self._depth = depth
        self._shorter = shorter
        # No signal may have no bits: Verilog has none, and yosys writes one as [-1:0], two bits.
        address = In(range(max(depth, 2)))
        super().__init__({
            "read_enable": In(1),
            "read_address": address,
            "read_last": In(1),
            "read_data": Out(shape),
            "write_enable": In(1),
            "write_address": address,
            "write_last": In(1),
            "write_data": In(shape),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        depth = max(self._depth, 2)
        if isinstance(platform, Text):
            m.submodules.lines = platform.line_memory(
                depth, self.read_address, Value.cast(self.read_data), self.write_enable,
                self.write_address, Value.cast(self.write_data))
            return m
        # No word is read while it is written: yosys need not see to what would come then.
        attributes: dict[str, Any] = {"no_rw_check": 1}
        lines: memory.Memory = memory.Memory(
            shape=Shape.cast(self._shape), depth=depth, init=[], attrs=attributes)
        m.submodules.lines = lines
        read = lines.read_port()
        write = lines.write_port()
        m.d.comb += [
            read.addr.eq(self.read_address),
            read.en.eq(1),
            write.en.eq(self.write_enable),
            write.addr.eq(self.write_address),
            write.data.eq(Value.cast(self.write_data)),
        ]
        word: Any = Signal(self._shape, reset_less=True)
        m.d.sync += Value.cast(word).eq(read.data)
        m.d.comb += self.read_data.eq(word)
        return m
