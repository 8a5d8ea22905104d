"""The shapes in which a block RAM can be used."""

from collections.abc import Sequence
from typing import NamedTuple


__all__ = ["BlockShape", "side_by_side"]


class BlockShape(NamedTuple):
    """One way to use a block: its words, the bits of a word, the address bits below the word's."""

    words: int
    bits: int
    low: int


def side_by_side(shapes: Sequence[BlockShape], bits: int, depth: int) -> tuple[BlockShape, int]:
    """The first shape that is deep enough for a memory, and how many of it are as wide.

    ``shapes`` begin with the widest; the last is deep enough for any line.
    """
    shape = next(shape for shape in shapes if shape.words >= depth)
    return shape, -(-bits // shape.bits)
