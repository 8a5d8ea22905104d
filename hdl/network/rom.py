"""Constants that are read in order, and small tables of logic."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from amaranth import *
from amaranth.hdl import ShapeLike
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out


__all__ = ["CyclicROM", "loop", "table"]


class CyclicROM(wiring.Component):
    """Words that are read one after the other, and again from the first.

    Tools make block RAM of it or LUTs, as its size suggests; the word has a register of its own, as
    block RAM wants it.

    Parameters
    ----------
    words : sequence of :class:`int`
        What is read. Not negative.
    width : :class:`int`
        Bits of a word.

    Members
    -------
    step : :py:`In(1)`
        The next word is wanted.
    data : :py:`Out(width)`
        The word that was wanted :attr:`latency` cycles ago.
    """

    latency = 2
    """Cycles from a step to its word."""

    step: Signal
    data: Signal

    @classmethod
    def of(cls, words: Sequence[Sequence[int]], shape: Shape) -> "CyclicROM":
        """Words of several numbers of one shape, the first in the lowest bits."""
        mask = (1 << shape.width) - 1
        return cls([sum((number & mask) << at * shape.width for at, number in enumerate(word))
                    for word in words], shape.width * len(words[0]))

    def __init__(self, words: Sequence[int], width: int) -> None:
        self._words = list(words)
        self._width = width
        super().__init__({"step": In(1), "data": Out(width)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        if len(set(self._words)) == 1:
            m.d.comb += self.data.eq(self._words[0])
            return m
        storage: memory.Memory = memory.Memory(
            shape=unsigned(self._width), depth=len(self._words), init=self._words)
        m.submodules.storage = storage
        read = storage.read_port()
        address, _ = loop(m, len(self._words), self.step, "address")
        word = Signal(self._width, reset_less=True)
        m.d.comb += [read.addr.eq(address), read.en.eq(1), self.data.eq(word)]
        m.d.sync += word.eq(read.data)
        return m


def loop(m: Module, count: int, step: Value, name: str) -> tuple[Value, Value]:
    """Counts steps from 0 to ``count - 1`` and again: the count, and whether it is the last."""
    if count == 1:
        return Const(0, 1), Const(1, 1)
    value = Signal(range(count), name=name)
    last = Signal(name=f"{name}_last")
    with m.If(step):
        m.d.sync += [value.eq(Mux(last, 0, value + 1)), last.eq(value == count - 2)]
    return value, last


def table(
    m: Module, values: Sequence[int], shape: ShapeLike, index: Value, name: str, *,
    registered: bool = True,
) -> Value:
    """The value of a number; a cycle later where it is ``registered``.

    What most numbers have costs nothing.
    """
    common = Counter(values).most_common(1)[0][0]
    if len(set(values)) == 1:
        return Const(common, shape)
    found = Signal(shape, name=name, reset_less=registered)
    domain = m.d.sync if registered else m.d.comb
    domain += found.eq(common)
    with m.Switch(index):
        for number, value in enumerate(values):
            if value != common:
                with m.Case(number):
                    domain += found.eq(value)
    return found
