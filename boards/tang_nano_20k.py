"""Sipeed Tang Nano 20K, with a Gowin GW2AR-18."""

from typing import Any

from .board import Board, DVIPins, Still


__all__ = ["BOARDS"]


def _platform() -> Any:
    from amaranth.build import Attrs, Clock, DiffPairs, Pins, Resource, Subsignal
    from amaranth.vendor import GowinPlatform
    from amaranth_boards.resources import ButtonResources, LEDResources, UARTResource

    # Source of the pins: Sipeed, TangNano-20K-example, hdmi/src/hdmi.cst, uart/src/top.cst and
    # led/flow_led/src/flow_led.cst; the second button: LiteX-Boards, sipeed_tang_nano_20k.py.
    class Platform(GowinPlatform):
        part = "GW2AR-LV18QN88C8/I7"
        family = "GW2AR-18C"
        default_clk: Any = "clk27"
        resources: Any = [
            Resource("clk27", 0, Pins("4", dir="i"), Clock(27e6), Attrs(IO_TYPE="LVCMOS33")),
            *ButtonResources(pins="88 87", attrs=Attrs(IO_TYPE="LVCMOS33")),
            *LEDResources(pins="15 16 17 18 19 20", invert=True, attrs=Attrs(IO_TYPE="LVCMOS33")),
            UARTResource(0, rx="70", tx="69", attrs=Attrs(IO_TYPE="LVCMOS33", PULL_MODE="UP")),
            Resource("hdmi", 0,
                     Subsignal("clk", DiffPairs(p="33", n="34", dir="o")),
                     Subsignal("d", DiffPairs(p="35 37 39", n="36 38 40", dir="o")),
                     Attrs(IO_TYPE="LVDS25")),
        ]
        connectors: Any = []

    return Platform()


BOARDS = (
    Board(
        name="tang-nano-20k",
        title="Sipeed Tang Nano 20K, GW2AR-18",
        family="gowin",
        platform=_platform,
        video=DVIPins(gowin_buffer="TLVDS_OBUF"),
        modes=("640x480p60", "1280x720p60"),
        buttons=(("button", 0), ("button", 1)),
        still=Still(scale=4, pixel_format="rgb565"),
        loader="tangnano20k",
        led=("led", 0),
        unchecked=(
            "Nobody has run it: pins are those of published constraint files.",
            "The voltage of the lights' bank: Sipeed's example says 1.8 V, others 3.3 V.",
            "Jitter of the rPLL, and the serialisers: nextpnr times no path at their fast clock.",
            "Multipliers, for whose delays nextpnr has no numbers.",
            "What a monitor makes of true LVDS, which swings less than DVI wants.",
        ),
    ),
)
