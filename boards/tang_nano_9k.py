"""Sipeed Tang Nano 9K, with a Gowin GW1NR-9."""

from typing import Any

from .board import Board, DVIPins, Still


__all__ = ["BOARDS"]


def _platform() -> Any:
    from amaranth.build import Attrs
    from amaranth_boards.resources import ButtonResources, LEDResources
    from amaranth_boards.tang_nano_9k import TangNano9kPlatform

    # Buttons and lights are in a bank that has 1.8 V, and the buttons need a pull-up. Source:
    # Sipeed, TangNano-9K-example, led/src/9K_LED_project.cst.
    bank = {"IO_TYPE": "LVCMOS18", "PULL_MODE": "UP"}

    class Platform(TangNano9kPlatform):
        resources = [
            *(each for each in TangNano9kPlatform.resources if each.name not in ("button", "led")),
            *ButtonResources(pins="3 4", invert=True, attrs=Attrs(**bank)),
            *LEDResources(pins="10 11 13 14 15 16", invert=True, attrs=Attrs(**bank)),
        ]

    return Platform()


BOARDS = (
    Board(
        name="tang-nano-9k",
        title="Sipeed Tang Nano 9K, GW1NR-9",
        family="gowin",
        platform=_platform,
        video=DVIPins(),
        modes=("640x480p60", "1280x720p60"),
        buttons=(("button", 0), ("button", 1)),
        # As many pixels as fit into a bit plane of one block RAM each.
        still=Still(scale=5, pixel_format="rgb565"),
        loader="tangnano9k",
        led=("led", 0),
        unchecked=(
            "Nobody has run it: pins are those of amaranth-boards and Sipeed's examples.",
            "Jitter of the rPLL, and the serialisers: nextpnr times no path at their fast clock.",
            "Multipliers, for whose delays nextpnr has no numbers.",
            "What a monitor makes of emulated LVDS, and over which cable.",
        ),
    ),
)
