"""What a screen is sent in one pixel clock."""

from amaranth.lib import data


__all__ = ["Beam"]


class Beam(data.StructLayout):
    """One pixel clock of a video output, before it becomes a signal on pins.

    Members
    -------
    red, green, blue : unsigned(8)
        The pixel; 0 in blanking.
    hsync, vsync : 1 bit
        Sync signals in the polarity of the timing.
    active : 1 bit
        There is a pixel (DE).
    """

    def __init__(self) -> None:
        super().__init__({"red": 8, "green": 8, "blue": 8, "hsync": 1, "vsync": 1, "active": 1})
