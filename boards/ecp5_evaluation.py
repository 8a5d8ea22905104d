"""Lattice ECP5-5G evaluation board: no screen, pictures over the UART.

Any other board with an ECP5, a clock and a UART is added like this.
"""

from typing import Any

from .board import Board


__all__ = ["BOARDS"]


def _platform() -> Any:
    from amaranth_boards.ecp5_5g_evn import ECP55GEVNPlatform

    return ECP55GEVNPlatform()


BOARDS = (
    Board(
        name="ecp5-evn",
        title="Lattice ECP5-5G evaluation board, LFE5UM5G-85F",
        family="ecp5",
        platform=_platform,
        video=None,
        modes=(),
        buttons=(),
        still=None,
        loader="ecp5_evn",
        filter={"kernel": "sobel-x", "overflow": "abs-saturate", "border": "reflect101",
                "width": 320, "height": 240},
        unchecked=(
            "Nobody has run it: pins are those of amaranth-boards.",
            "The UART reaches the USB socket only behind two resistors that must be moved and a "
            "new set-up of the FTDI chip: section 6.2 of the board's user manual.",
            "Whether the computer's serial port keeps up with 1 Mbaud.",
        ),
    ),
)
