"""Icepi Zero, with a Lattice ECP5-25F, in the shape of a Raspberry Pi Zero."""

from typing import Any

from .board import Board, DVIPins, Still


__all__ = ["BOARDS"]


def _platform() -> Any:
    from amaranth_boards.icepi_zero import IcepiZero1_3Platform

    return IcepiZero1_3Platform()


BOARDS = (
    Board(
        name="icepi-zero",
        title="Icepi Zero 1.3, LFE5U-25F",
        family="ecp5",
        platform=_platform,
        video=DVIPins(),
        modes=("640x480p60", "1280x720p60"),
        buttons=(("button", 0), ("button", 1)),
        still=Still(scale=4, pixel_format="rgb565"),
        loader="icepi-zero",
        led=("led", 0),
        unchecked=(
            "Nobody has run it: pins are those of amaranth-boards.",
            "Jitter of the PLL, and the delays of the cells that drive the pins.",
            "What a monitor makes of DVI by 3.3 V outputs, and over which cable.",
        ),
    ),
)
