# pyright: reportMissingImports=false, reportOperatorIssue=false
# pyright: reportOptionalMemberAccess=false

"""A LiteX SoC with a generated core: its registers on the SoC's bus, its streams through LiteX's.

Run as a program in the folder of the core; writes ``build/gateware/soc.v``.
"""

import sys

from litex.build.generic_platform import Pins, Subsignal
from litex.build.lattice import LatticePlatform
from litex.gen import LiteXModule
from litex.soc.integration.builder import Builder
from litex.soc.integration.soc import SoCRegion
from litex.soc.integration.soc_core import SoCCore
from litex.soc.interconnect import stream, wishbone
from migen import ClockDomain


sys.path.insert(0, ".")
from live_litex import Live  # type: ignore[import-not-found]


def pads(name, **widths):
    return (name, 0, *(
        Subsignal(each, Pins(" ".join(f"X{name}_{each}_{bit}" for bit in range(width))))
        for each, width in widths.items()))


VIDEO = {"data": 8, "valid": 1, "ready": 1, "user": 1, "last": 1}
IO = [
    ("clk", 0, Pins("C1")), ("rst", 0, Pins("R1")), ("irq", 0, Pins("I1")),
    pads("video_in", **VIDEO), pads("video_out", **VIDEO),
    pads("host", adr=30, dat_w=32, dat_r=32, sel=4, cyc=1, stb=1, we=1, ack=1, err=1, cti=3, bte=2),
]


class Clock(LiteXModule):
    def __init__(self, platform):
        self.cd_sys = ClockDomain()
        self.comb += [self.cd_sys.clk.eq(platform.request("clk")),
                      self.cd_sys.rst.eq(platform.request("rst"))]


class SoC(SoCCore):
    def __init__(self, platform):
        SoCCore.__init__(self, platform, int(50e6), cpu_type=None, with_uart=False,
                         with_timer=False, ident="windrow")
        self.crg = Clock(platform)
        host = wishbone.Interface(data_width=32, adr_width=30, addressing="word")
        self.bus.add_master("host", master=host)
        self.comb += host.connect_to_pads(platform.request("host"), mode="slave")

        self.filter = core = Live(platform)
        self.bus.add_slave("filter", core.bus, SoCRegion(origin=0x40000000, size=0x1000,
                                                         cached=False))
        self.buffer = buffer = stream.Buffer(core.sink.description)
        i, o = platform.request("video_in"), platform.request("video_out")
        self.comb += [
            buffer.sink.valid.eq(i.valid), buffer.sink.data.eq(i.data),
            buffer.sink.user.eq(i.user), buffer.sink.last.eq(i.last), i.ready.eq(buffer.sink.ready),
            buffer.source.connect(core.sink),
            o.valid.eq(core.source.valid), o.data.eq(core.source.data),
            o.user.eq(core.source.user), o.last.eq(core.source.last),
            core.source.ready.eq(o.ready), platform.request("irq").eq(core.interrupt),
        ]


if __name__ == "__main__":
    soc = SoC(LatticePlatform("LFE5U-25F-6BG381C", IO, toolchain="trellis"))
    Builder(soc, output_dir="build", compile_gateware=False, compile_software=False).build(
        build_name="soc", run=False)
