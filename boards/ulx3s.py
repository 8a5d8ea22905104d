"""Radiona ULX3S, with an ECP5 of four sizes."""

from typing import Any

from amaranth.build import Attrs, Pins, Resource, Subsignal

from .board import Board, DVIPins, Still


__all__ = ["BOARDS"]


CAMERA = Resource(
    "camera", 0,
    # From the header's end with 3.3 V on: one row has the clocks and the controls, the other data.
    Subsignal("pclk", Pins("0+", dir="i", conn=("gpio", 0))),
    Subsignal("vsync", Pins("1+", dir="i", conn=("gpio", 0))),
    Subsignal("href", Pins("2+", dir="i", conn=("gpio", 0))),
    Subsignal("xclk", Pins("3+", dir="o", conn=("gpio", 0))),
    Subsignal("scl", Pins("4+", dir="io", conn=("gpio", 0)), Attrs(PULLMODE="UP")),
    Subsignal("sda", Pins("5+", dir="io", conn=("gpio", 0)), Attrs(PULLMODE="UP")),
    Subsignal("d", Pins("0- 1- 2- 3- 4- 5- 6- 7-", dir="i", conn=("gpio", 0))),
    Attrs(IO_TYPE="LVCMOS33"),
)
"""A camera module, by wires, on the pins GP0 to GP5 and GN0 to GN7."""


def _board(size: int, still: Still) -> Board:
    def platform() -> Any:
        from amaranth_boards import ulx3s

        made = getattr(ulx3s, f"ULX3S_{size}F_Platform")()
        made.add_resources([CAMERA])
        return made

    return Board(
        name=f"ulx3s-{size}f",
        title=f"Radiona ULX3S, LFE5U-{size}F",
        family="ecp5",
        platform=platform,
        video=DVIPins(),
        modes=("640x480p60", "800x600p60", "1280x720p60", "1280x720p30", "1920x1080p30"),
        buttons=(("button_fire", 0), ("button_fire", 1), ("button_left", 0), ("button_right", 0)),
        still=still,
        loader="ulx3s",
        camera="camera",
        header="gpio pin 0+ is printed GP0, 0- is printed GN0, and so on; 3.3 V and GND are at the "
               "end of the header where pin 0 is",
        led=("led", 0),
        # Low, it tells the ESP32 to take the board over.
        held_high=("esp32.gpio0",),
        unchecked=(
            "Nobody has run it: pins are those of amaranth-boards.",
            "Jitter of the PLL, and the delays of the cells that drive the pins.",
            "What a monitor makes of DVI by 3.3 V outputs, and over which cable.",
            "A camera's wires, and what a monitor makes of frames that are some lines longer while "
            "its start is looked for.",
        ),
    )


BOARDS = (
    _board(12, Still(scale=4, pixel_format="rgb565")),
    _board(25, Still(scale=4, pixel_format="rgb565")),
    _board(45, Still(scale=4, pixel_format="rgb888")),
    _board(85, Still(scale=2, pixel_format="rgb565")),
)
