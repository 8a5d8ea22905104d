"""Constants that are read in order, and small tables of logic."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from amaranth import *
from amaranth.hdl import ShapeLike
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ..constant_memory import ConstantMemory


__all__ = ["CyclicROM", "loop", "table"]


class CyclicROM(wiring.Component):
    """Words that are read one after the other, and again from the first.

    Parameters
    ----------
    words : sequence of :class:`int`
        What is read. Not negative.
    width : :class:`int`
        Bits of a word.
    kind : class
        The :class:`~..constant_memory.ConstantMemory` to use.

    Members
    -------
    step : :py:`In(1)`
        The next word is wanted.
    data : :py:`Out(width)`
        The word that was wanted :attr:`latency` cycles ago.
    """

    latency = ConstantMemory.latency
    """Cycles from a step to its word."""

    step: Signal
    data: Signal

    @classmethod
    def of(cls, words: Sequence[Sequence[int]], shape: Shape,
           kind: type[ConstantMemory]) -> "CyclicROM":
        """Words of several numbers of one shape, the first in the lowest bits."""
        mask = (1 << shape.width) - 1
        return cls([sum((number & mask) << at * shape.width for at, number in enumerate(word))
                    for word in words], shape.width * len(words[0]), kind)

    def __init__(self, words: Sequence[int], width: int, kind: type[ConstantMemory]) -> None:
        self._words = list(words)
        self._width = width
        self._kind = kind
        super().__init__({"step": In(1), "data": Out(width)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        if len(set(self._words)) == 1:
            m.d.comb += self.data.eq(self._words[0])
            return m
        m.submodules.words = words = self._kind(self._words, self._width)
        address, _ = loop(m, len(self._words), self.step, "address")
        m.d.comb += [words.address.eq(address), self.data.eq(words.data)]
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
