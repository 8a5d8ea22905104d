"""Where the samples of a stage come from."""

from dataclasses import dataclass

from .axis import AnyAxis, Axis
from .format import Format
from .sides import Sides


__all__ = ["Window"]


@dataclass(frozen=True)
class Window:
    """A window that moves over a frame, which is extended by a border.

    Parameters
    ----------
    height, width : :class:`int`
        Rows and columns of the window.
    pads : :class:`~.sides.Sides` of :class:`int`
        Rows and columns that the border adds on each side.
    borders : :class:`~.sides.Sides` of :class:`str`
        The border of each side.
    border_value : :class:`int`
        Sample of a constant border.
    """

    height: int
    width: int
    pads: Sides[int]
    borders: Sides[str]
    border_value: int = 0

    @classmethod
    def point(cls) -> "Window":
        """A window that shows the pixel alone."""
        return cls(1, 1, Sides(0, 0, 0, 0), Sides(*["replicate"] * 4))

    @property
    def shows_border_value(self) -> bool:
        """Whether a constant border is ever under the window."""
        return any(border == "constant" and count
                   for border, count in zip(self.borders, self.pads, strict=True))

    def axes(
        self, frame: Format, *, adjustable: bool = False, least_delay: tuple[int, int] = (0, 0)
    ) -> tuple[Axis, Axis]:
        """The rows and the columns of a frame under the window.

        Parameters
        ----------
        frame : :class:`~.format.Format`
            The frame, at least as large as the window.
        adjustable : :class:`bool`
            Whether the borders can be changed while the hardware runs.
        least_delay : (:class:`int`, :class:`int`)
            Least delay of the rows and of the columns.
        """
        pads, borders = self.pads, self.borders
        rows = (frame.height, self.height, pads.top, pads.bottom, borders.top, borders.bottom)
        columns = (frame.width, self.width, pads.left, pads.right, borders.left, borders.right,
                   frame.pixels_per_clock)
        down, along = least_delay
        if adjustable:
            return (AnyAxis(*rows, least_delay=down),
                    AnyAxis(*columns, least_delay=along, least_age=1))
        return Axis(*rows, least_delay=down), Axis(*columns, least_delay=along)
