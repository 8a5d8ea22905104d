"""Olimex GateMateA1-EVB: pictures over a UART at its PMOD socket."""

from typing import Any

from .board import Board


__all__ = ["BOARDS"]


def _platform() -> Any:
    from .gatemate_platform import GateMateA1EVB

    return GateMateA1EVB()


BOARDS = (
    Board(
        name="gatemate-evb",
        title="Olimex GateMateA1-EVB, CCGM1A1",
        family="gatemate",
        platform=_platform,
        video=None,
        modes=(),
        buttons=(),
        still=None,
        loader="olimex_gatemateevb",
        filter={"kernel": "sobel-x", "overflow": "abs-saturate", "border": "reflect101",
                "width": 320, "height": 240},
        unchecked=(
            "Nobody has run it: pins are those of Olimex's and NEORV32's files of constraints.",
            "A UART at the PMOD socket, 3.3 V: pin 1 (IO_EA_A4) sends, pin 7 (IO_EA_B4) receives.",
            "Whether the computer's serial port keeps up with 1 Mbaud.",
        ),
    ),
)
