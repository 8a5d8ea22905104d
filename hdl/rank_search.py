"""The value at one place of some others in ascending order, bit by bit."""

from collections.abc import Sequence

from amaranth import *

from ..model.nodes import Rank
from .delay import delayed


__all__ = ["rank_search"]


def rank_search(m: Module, node: Rank, values: Sequence[Value], bits: int, signed: bool) -> Value:
    """The value of a :class:`~windrow.model.nodes.Rank` node, its cycles later.

    For each bit, from the highest: the values that are still candidates show theirs, the others the
    bit that parted them from the result; the ones are counted, a few levels of full adders a cycle,
    and the count is compared with a constant.
    """
    words = [Value.cast(value)[:bits] for value in values]
    if signed:  # in the order of unsigned numbers
        words = [Cat(word[:-1], ~word[-1]) for word in words]
    count = len(values)
    wait = node.cycles_per_bit
    shown: list[Value] = [word[bits - 1] for word in words]
    parted: list[Value] = [Const(0)] * count
    result: Value = Const(0, 0)
    for bit in reversed(range(bits)):
        found = _more_than(m, shown, count - 1 - node.rank, wait, f"bit_{bit}")
        # Everything else waits for the answer.
        shown, parted, words = (
            [delayed(m, each, wait, name=name, reset_less=True) for each in row]
            for name, row in (("shown", shown), ("parted", parted),
                              ("word", [word[:bit] for word in words])))
        result = Cat(found, delayed(m, result, wait, name="result", reset_less=True))
        if bit:
            parted = [gone | (mine ^ found) for gone, mine in zip(parted, shown, strict=True)]
            shown = [Mux(gone, mine, word[bit - 1])
                     for gone, mine, word in zip(parted, shown, words, strict=True)]
    if signed:
        return Cat(result[:-1], ~result[-1]).as_signed()
    return result


def _more_than(m: Module, ones: Sequence[Value], most: int, cycles: int, name: str) -> Value:
    """Whether more than ``most`` of some bits are 1, ``cycles`` later."""
    # Bits to add up, by weight; a full adder makes two of three.
    columns: list[list[Value]] = [list(ones)]
    for cycle in range(cycles - 1):
        for _ in range(3):
            columns = _added(columns)
        columns = [
            [delayed(m, each, 1, name=f"{name}_{cycle}", reset_less=True) for each in column]
            for column in columns]
    total = sum((sum(column, Const(0)) << weight for weight, column in enumerate(columns)),
                Const(0))
    found = Signal(name=name, reset_less=True)
    m.d.sync += found.eq(total > most)
    return found


def _added(columns: list[list[Value]]) -> list[list[Value]]:
    """A level of full adders; half adders where two are left of the lowest weight."""
    made: list[list[Value]] = [[] for _ in range(len(columns) + 1)]
    for weight, column in enumerate(columns):
        full = len(column) // 3 * 3
        for at in range(0, full, 3):
            a, b, c = column[at : at + 3]
            made[weight].append(a ^ b ^ c)
            made[weight + 1].append((a & b) | (c & (a ^ b)))
        made[weight] += column[full:]
    return made if made[-1] else made[:-1]
