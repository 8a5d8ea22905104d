"""1BitSquared iCEBreaker, with a Lattice iCE40UP5K, and a DVI PMOD."""

from typing import Any

from .board import Board, ParallelPins, Still


__all__ = ["BOARDS"]


def _platform() -> Any:
    from amaranth.build import Attrs, Pins, Resource, Subsignal
    from amaranth_boards.icebreaker import ICEBreakerPlatform

    platform = ICEBreakerPlatform()
    platform.add_resources(platform.break_off_pmod)
    # 1BitSquared's 12-bit DVI PMOD on PMOD1A (0) and PMOD1B (1). Source: icebreaker-pmod,
    # dvi-12bit/icebreaker.pcf.
    platform.add_resources([Resource(
        "dvi", 0,
        Subsignal("clk", Pins("pmod_1:2", dir="o")),
        Subsignal("de", Pins("pmod_1:9", dir="o")),
        Subsignal("hs", Pins("pmod_1:4", dir="o")),
        Subsignal("vs", Pins("pmod_1:10", dir="o")),
        Subsignal("d", Pins("pmod_1:3 pmod_1:8 pmod_1:7 pmod_1:1 "  # blue
                            "pmod_0:10 pmod_0:4 pmod_0:9 pmod_0:3 "  # green
                            "pmod_0:8 pmod_0:2 pmod_0:7 pmod_0:1", dir="o")),  # red
        Attrs(IO_STANDARD="SB_LVCMOS"),
    )])
    return platform


BOARDS = (
    Board(
        name="icebreaker",
        title="1BitSquared iCEBreaker with the 12-bit DVI PMOD, iCE40UP5K",
        family="ice40",
        platform=_platform,
        video=ParallelPins(),
        modes=("640x480p60",),
        buttons=(("button", 0), ("button", 1), ("button", 2), ("button", 3)),
        # 128 x 96 pixels in the 16 greys that the PMOD shows: 12 block RAMs. Of the demo's nine
        # products eight are in the multipliers, the ninth is in LUTs.
        still=Still(scale=5, pixel_format="grey4"),
        loader="ice40_generic",
        led=("led_g", 0),
        unchecked=(
            "Nobody has run it: pins are those of amaranth-boards and of the PMOD's own file.",
            "Set-up and hold times of the PMOD's transmitter: its clock rises in mid-pixel.",
            "A monitor that is strict about 25.175 MHz: it gets 25.125 MHz.",
            "The buttons 1 to 3 are on the part that breaks off; without it their pins float.",
            "Jitter of the PLL.",
        ),
    ),
)
