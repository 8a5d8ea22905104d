"""The borders that can be streamed, as one table."""

from collections.abc import Callable, Mapping


__all__ = ["BORDERS", "INWARD"]

INWARD: Mapping[str, Callable[[int], int] | None] = {
    "constant": None,
    "replicate": lambda past: 0,
    "symmetric": lambda past: past - 1,
    "reflect101": lambda past: past,
}
"""How far inside the frame the sample lies that a border shows ``past`` samples beyond its edge
(1: next to it); ``None``: the border's own value."""

BORDERS = tuple(INWARD)
"""Their names. A register holds a border as its number."""
