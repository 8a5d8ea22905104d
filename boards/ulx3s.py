"""Radiona ULX3S, with an ECP5 of four sizes."""

from typing import Any

from .board import Board, DVIPins, Still


__all__ = ["BOARDS"]


def _board(size: int, still: Still) -> Board:
    def platform() -> Any:
        from amaranth_boards import ulx3s

        return getattr(ulx3s, f"ULX3S_{size}F_Platform")()

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
        led=("led", 0),
        # Low, it tells the ESP32 to take the board over.
        held_high=("esp32.gpio0",),
    )


BOARDS = (
    _board(12, Still(scale=4, pixel_format="rgb565")),
    _board(25, Still(scale=4, pixel_format="rgb565")),
    _board(45, Still(scale=4, pixel_format="rgb888")),
    _board(85, Still(scale=2, pixel_format="rgb565")),
)
