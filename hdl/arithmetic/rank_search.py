"""The value at one place of some others in ascending order, bit by bit."""

from collections.abc import Sequence

from amaranth import *

from ...model.lowering.threshold import ONE, threshold
from ...model.nodes import Rank
from ..delay import delayed


__all__ = ["rank_search"]


def rank_search(m: Module, node: Rank, values: Sequence[Value], bits: int, signed: bool) -> Value:
    """The value of a :class:`~windrow.model.nodes.Rank` node, its cycles later.

    For each bit, from the highest: the values that are still candidates show theirs, the others the
    bit that parted them from the result; the ones are counted, as far as it takes to know whether
    the wanted value is among them.
    """
    words = [Value.cast(value)[:bits] for value in values]
    if signed:  # in the order of unsigned numbers
        words = [Cat(word[:-1], ~word[-1]) for word in words]
    top = bits - 1
    shown: list[Value] = [word[top] for word in words]
    parted = shown
    result: Value = Const(0, 0)

    def wait(cycles: int) -> None:
        nonlocal shown, parted, words, result
        shown, parted, words, (result,) = (
            [delayed(m, each, cycles, name=name, reset_less=True) for each in row]
            for name, row in (("shown", shown), ("parted", parted), ("word", words),
                              ("result", [result])))

    for bit in reversed(range(bits)):
        found = _at_least(m, shown, node, f"bit_{bit}")
        words = [word[:bit] for word in words]
        wait(node.cycles_per_bit)  # everything else waits for the answer
        result = Cat(found, result)
        if not bit:
            break
        # Until the second bit is found, what parts a value is its highest bit against the result's,
        # which saves a LUT of each value.
        gone = [mine ^ result[-1] if bit >= top - 1 else mine for mine in parted]
        if bit < top:
            gone = parted = [before | (mine ^ found)
                             for before, mine in zip(gone, shown, strict=True)]
        if bit == top - 1 and node.large:
            wait(1)
            gone = parted
        shown = [Mux(out, mine, word[bit - 1])
                 for out, mine, word in zip(gone, shown, words, strict=True)]
    if signed:
        return Cat(result[:-1], ~result[-1]).as_signed()
    return result


def _at_least(m: Module, ones: Sequence[Value], node: Rank, name: str) -> Value:
    """Whether enough of a bit's values show 1, :attr:`~windrow.model.nodes.Rank.cycles_per_bit`
    later."""
    tree, cycles = threshold(len(ones), len(ones) - node.rank), node.cycles_per_bit
    per_cycle = max(-(-(tree.levels - 1) // max(cycles - 1, 1)), 1)
    # Each bit, and the cycle in which it comes; out of registers in the cycles after that.
    made: dict[int, tuple[Value, int]] = {number: (one, 0) for number, one in enumerate(ones)}
    kept: dict[tuple[int, int], Value] = {}

    def at(bit: int, cycle: int) -> Value:
        if bit == ONE:
            return Const(1)
        value, comes = made[bit]
        if cycle == comes:
            return value
        if (bit, cycle) not in kept:
            kept[bit, cycle] = delayed(m, at(bit, cycle - 1), 1, name=name, reset_less=True)
        return kept[bit, cycle]

    for adder in tree.adders:
        # The answer to the bit before comes a long way to all that it shows: one level beside that.
        cycle = -(-(adder.level - 1) // per_cycle)
        a, b, c = (*(at(bit, cycle) for bit in adder.bits), Const(0))[:3]
        made[adder.total] = a ^ b ^ c, cycle
        made[adder.carry] = (a & b) | (c & (a ^ b)), cycle
    found = Signal(name=name, reset_less=True)
    m.d.sync += found.eq(Cat(at(bit, cycles - 1) for bit in tree.answer).any())
    return found
