"""A memory that is only read."""

from collections.abc import Sequence
from typing import Any

from amaranth import *
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out


__all__ = ["ConstantMemory"]


class ConstantMemory(wiring.Component):
    """Constants by number, as any vendor's tools infer them: in block RAM or, a few, in LUTs.

    The word has a register of its own, as block RAM wants it. A device's own block takes the place
    of this one where inference loses that register: see :mod:`.devices`.

    Parameters
    ----------
    words : sequence of :class:`int`
        The constants, not negative.
    width : :class:`int`
        Bits of each.

    Members
    -------
    address : :py:`In`
        Which is wanted.
    data : :py:`Out(width)`
        The one that was wanted :attr:`latency` cycles ago.
    """

    latency = 2
    """Cycles from an address to its word."""

    address: Signal
    data: Signal

    def __init__(self, words: Sequence[int], width: int) -> None:
        self._words = list(words)
        super().__init__({"address": In(range(max(len(words), 2))), "data": Out(width)})

    def elaborate(self, platform: Any) -> Module:
        return self._inferred()

    def _inferred(self, **attributes: str) -> Module:
        """The memory with attributes that tell tools what to make of it."""
        m = Module()
        storage: memory.Memory = memory.Memory(
            shape=self.data.shape(), depth=len(self._words), init=self._words, attrs=attributes)
        m.submodules.storage = storage
        read = storage.read_port()
        word = Signal(self.data.shape(), reset_less=True)
        m.d.comb += [read.addr.eq(self.address), read.en.eq(1), self.data.eq(word)]
        m.d.sync += word.eq(read.data)
        return m
