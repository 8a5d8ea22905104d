"""Colorlight i5, a module with a Lattice ECP5-25F, on Muse Lab's extension board."""

from typing import Any

from .board import Board, DVIPins, Still


__all__ = ["BOARDS"]


def _platform() -> Any:
    from amaranth.build import Attrs, Clock, DiffPairs, Pins, Resource, Subsignal
    from amaranth.vendor import LatticeECP5Platform
    from amaranth_boards.resources import LEDResources, UARTResource

    # Source of the pins: Muse Lab, Colorlight-FPGA-Projects, src/i5/common/io.lpf and
    # src/i5-v6.0/hdmi_test_pattern/ulx3s_v20_segpdi.lpf; the UART: LiteX-Boards, colorlight_i5.py.
    class Platform(LatticeECP5Platform):
        device = "LFE5U-25F"
        package = "BG381"
        speed = "6"
        default_clk: Any = "clk25"
        resources: Any = [
            Resource("clk25", 0, Pins("P3", dir="i"), Clock(25e6), Attrs(IO_TYPE="LVCMOS33")),
            *LEDResources(pins="U16", invert=True, attrs=Attrs(IO_TYPE="LVCMOS33")),
            UARTResource(0, rx="H18", tx="J17", attrs=Attrs(IO_TYPE="LVCMOS33", PULLMODE="UP")),
            Resource("hdmi", 0,
                     Subsignal("clk", DiffPairs(p="J19", n="K19", dir="o")),
                     Subsignal("d", DiffPairs(p="G19 E20 C20", n="H20 F19 D19", dir="o")),
                     Attrs(IO_TYPE="LVCMOS33D", DRIVE="4")),
        ]
        connectors: Any = []

    return Platform()


BOARDS = (
    Board(
        name="colorlight-i5",
        title="Colorlight i5 on Muse Lab's extension board, LFE5U-25F",
        family="ecp5",
        platform=_platform,
        video=DVIPins(),
        modes=("640x480p60", "1280x720p60"),
        buttons=(),
        still=Still(scale=4, pixel_format="rgb565"),
        loader="colorlight-i5",
        led=("led", 0),
        unchecked=(
            "Nobody has run it: pins are those of published constraint files.",
            "The light's polarity, and whether the extension board's revision has the same pins.",
            "Jitter of the PLL, and the delays of the cells that drive the pins.",
            "What a monitor makes of DVI by 3.3 V outputs, and over which cable.",
        ),
    ),
)
