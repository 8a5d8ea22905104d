"""One value for each side of a frame."""

from typing import Generic, NamedTuple, TypeVar


__all__ = ["Sides"]

T = TypeVar("T")


class Sides(NamedTuple, Generic[T]):
    """One value for each side of a frame, in the order of the key ``padding``."""

    top: T
    bottom: T
    left: T
    right: T
