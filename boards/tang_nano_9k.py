"""Sipeed Tang Nano 9K, with a Gowin GW1NR-9."""

from typing import Any

from .board import Board, DVIPins, Still


__all__ = ["BOARDS"]


def _platform() -> Any:
    from amaranth_boards.tang_nano_9k import TangNano9kPlatform

    return TangNano9kPlatform()


BOARDS = (
    Board(
        name="tang-nano-9k",
        title="Sipeed Tang Nano 9K, GW1NR-9",
        family="gowin",
        platform=_platform,
        video=DVIPins(),
        modes=("640x480p60", "1280x720p60"),
        buttons=(("button", 0), ("button", 1)),
        still=Still(scale=8, pixel_format="rgb332"),
        loader="tangnano9k",
        led=("led", 0),
    ),
)
