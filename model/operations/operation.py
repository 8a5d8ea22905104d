"""What every operation can say of itself."""

from typing import Protocol

from ..golden import Integers
from ..interval import Interval


__all__ = ["Operation"]


class Operation(Protocol):
    """What becomes of each window of a frame: one exact integer for each of its outputs.

    Attributes
    ----------
    height, width : :class:`int`
        Rows and columns of the window.
    outputs : tuple of :class:`str`
        Their names; ``("",)`` for a single one that needs none.
    title : :class:`str`
        What it is, for people: ``3x3 median``.
    """

    @property
    def height(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def outputs(self) -> tuple[str, ...]: ...
    @property
    def title(self) -> str: ...

    def compute(self, padded: Integers) -> Integers:
        """The outputs at every place where the window lies wholly inside.

        Parameters
        ----------
        padded : (Hp, Wp) or (Hp, Wp, C)
            The frame with its border.

        Returns
        -------
        (outputs, Hp - height + 1, Wp - width + 1) or the same with C
        """
        ...

    def ranges(self, pixel: Interval) -> tuple[Interval, ...]:
        """Exact range of each output, over all frames of such samples; both ends are reached."""
        ...
