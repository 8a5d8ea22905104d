"""Going through the pixels of a frame, as a source of frames does."""

from typing import Any

from amaranth import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import Out

from ...model import InputError


__all__ = ["Place", "Scan"]


class Place(data.StructLayout):
    """Where a pixel is.

    Members
    -------
    x, y : unsigned
        Column and row.
    first : 1 bit
        The frame's first pixel.
    last : 1 bit
        Its line's last one.
    end : 1 bit
        The frame's last one.
    """

    def __init__(self, width: int, height: int) -> None:
        super().__init__({"x": range(width), "y": range(height), "first": 1, "last": 1, "end": 1})


class Scan(wiring.Component):
    """The places of a frame's pixels, line by line, for ever: one each clock cycle.

    To stop it, give its domain an enable (:class:`amaranth.hdl.EnableInserter`).

    Parameters
    ----------
    width, height : :class:`int`
        Of the frame, in pixels; at least 2 each.

    Members
    -------
    o : :py:`Out(Place)`
        In a register; after reset the frame's first pixel.
    """

    o: Any

    def __init__(self, width: int, height: int) -> None:
        if width < 2 or height < 2:
            raise InputError(f"a frame must be at least 2x2 pixels, not {width}x{height}")
        self._width = width
        self._height = height
        super().__init__({"o": Out(Place(width, height))})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        init: Any = {"first": 1}
        place: Any = Signal(Place(self._width, self._height), init=init)
        bottom = Signal()
        m.d.comb += self.o.eq(place)
        m.d.sync += [
            place.x.eq(place.x + 1),
            place.first.eq(place.end),
            place.last.eq(place.x == self._width - 2),
            place.end.eq((place.x == self._width - 2) & bottom),
        ]
        with m.If(place.last):
            m.d.sync += [
                place.x.eq(0),
                place.y.eq(place.y + 1),
                bottom.eq(place.y == self._height - 2),
            ]
        with m.If(place.end):
            m.d.sync += place.y.eq(0)
        return m
