"""Values out of a table."""

from collections.abc import Sequence

from amaranth import *

from ...model.interval import Interval
from ...model.nodes import Table
from ..beat import interval_shape


__all__ = ["looked_up"]

_BLOCK = 64
"""Entries that are chosen from in one cycle where the table is made of LUTs."""

_LARGEST = 256
"""Entries of the largest table in LUTs."""


def looked_up(m: Module, node: Table, index: Value, interval: Interval) -> Value:
    """The value of a :class:`~windrow.model.nodes.Table` node, two cycles later.

    A small table is made of LUTs: blocks of entries, and then a choice among the blocks. A large
    one is a case statement with two registers behind it, which synthesis makes a block memory of.
    """
    low, high = interval
    values = node.values[low - node.first : high - node.first + 1]
    shape = interval_shape(node.interval(interval))
    width = max(high - low, 1).bit_length()
    place = Signal(width, name="place")
    m.d.comb += place.eq(index - low)
    if len(values) > _LARGEST:
        word = _chosen(m, place, values, shape, "word")
        result = Signal(shape, name="entry", reset_less=True)
        m.d.sync += result.eq(word)
        return result
    bits = (_BLOCK - 1).bit_length()
    blocks = [_chosen(m, place[:bits], values[at : at + _BLOCK], shape, f"block_{at}")
              for at in range(0, len(values), _BLOCK)]
    result = Signal(shape, name="entry", reset_less=True)
    if len(blocks) == 1:
        m.d.sync += result.eq(blocks[0])
        return result
    block = Signal(width - bits, name="block", reset_less=True)
    m.d.sync += block.eq(place[bits:])
    with m.Switch(block):
        for number, word in enumerate(blocks):
            with m.Case(number):
                m.d.sync += result.eq(word)
    return result


def _chosen(
    m: Module, place: Value, values: Sequence[int], shape: Shape, name: str
) -> Signal:
    word = Signal(shape, name=name, reset_less=True)
    with m.Switch(place):
        for number, value in enumerate(values):
            with m.Case(number):
                m.d.sync += word.eq(value)
    return word
