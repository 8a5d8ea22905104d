"""A camera's parallel port (DVP): two bytes a pixel, and where lines and frames begin."""

from typing import Any

from amaranth import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out


__all__ = ["DVPCapture", "DVPWord"]


class DVPWord(data.StructLayout):
    """A pixel of a camera, as raw as it comes.

    Members
    -------
    first_byte, second_byte : unsigned(8)
        In the order in which they came.
    first : 1 bit
        The frame's first pixel.
    last : 1 bit
        Its line's last one.
    """

    def __init__(self) -> None:
        super().__init__({"second_byte": 8, "first_byte": 8, "first": 1, "last": 1})


class DVPCapture(wiring.Component):
    """Takes pixels off the pins. All of it is in the domain ``camera``, the camera's pixel clock.

    A line is what comes while ``href`` is high, however long; which of its pixels is the last shows
    when it falls, so that a pixel is put out as the next one is whole, or the line is over. A
    single byte at a line's end is dropped. The first pixel behind a ``vsync`` starts a frame.

    Members
    -------
    vsync : :py:`In(1)`
        High between frames.
    href : :py:`In(1)`
        ``data`` hold a byte.
    data : :py:`In(8)`
        A byte.
    o : :py:`Out(DVPWord)`
        A pixel.
    valid : :py:`Out(1)`
        There is one in this cycle. Nothing can hold it up.
    """

    vsync: Signal
    href: Signal
    data: Signal
    o: Any
    valid: Signal

    def __init__(self) -> None:
        super().__init__({
            "vsync": In(1),
            "href": In(1),
            "data": In(8),
            "o": Out(DVPWord()),
            "valid": Out(1),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        # The pins once through registers, which tools place next to them.
        vsync, href, byte = Signal(), Signal(), Signal(8)
        m.d.camera += [vsync.eq(self.vsync), href.eq(self.href), byte.eq(self.data)]

        pending: Any = Signal(DVPWord())  # the last pixel
        early = Signal(8)
        second = Signal()  # the next byte is a pixel's second one
        whole = Signal()  # the last pixel waits to be put out
        starts = Signal()  # a frame begins with the next pixel
        complete = href & second
        m.d.camera += [
            second.eq(href & ~second),
            self.valid.eq(whole & (complete | ~href)),
            self.o.eq(pending),
            self.o.last.eq(~href),
        ]
        with m.If(~href):
            m.d.camera += whole.eq(0)
        with m.Elif(~second):
            m.d.camera += early.eq(byte)
        with m.Else():
            m.d.camera += [
                whole.eq(1),
                pending.first_byte.eq(early),
                pending.second_byte.eq(byte),
                pending.first.eq(starts),
                starts.eq(0),
            ]
        with m.If(vsync & ~href):
            m.d.camera += starts.eq(1)
        return m
