"""IP-XACT: 1685-2009 in the dialect of Vivado's catalogue, and 1685-2014 with Arm's bus types."""

from xml.sax.saxutils import escape

from ..hdl.ports.interfaces import VIVADO_BUSES
from ..hdl.ports.verilog import Build
from .words import fill


__all__ = ["files"]

# Sources: AMD UG1118; Arm's IP-XACT bus definitions of AMBA 4.
_AMBA = {"stream": "amba.com:AMBA4:AXI4Stream:r0p0_1",
         "axi-lite": "amba.com:AMBA4:AXI4-Lite:r0p0_0"}


def files(build: Build) -> dict[str, str]:
    """Text of each file, by path. Vivado wants the name component.xml, so it has its own folder."""
    def component(old: bool) -> str:
        buses = VIVADO_BUSES if old else _AMBA
        return fill("component.xml", build, old=old, escape=escape,
                    bus_types={kind: each.split(":") for kind, each in buses.items()},
                    sources=["v", *(["xdc"] if build.constraints else [])],
                    file_types={"v": "verilogSource", "xdc": "user"})

    return {f"{build.name}_ip/component.xml": component(True),
            f"{build.name}_1685-2014.xml": component(False)}
