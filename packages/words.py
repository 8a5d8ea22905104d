"""What all templates are given of a core."""

from typing import Any

from ..distribution import version
from ..hdl.ports.interfaces import interfaces, parameters
from ..hdl.ports.verilog import Build
from ..hdl.rendering import render


__all__ = ["fill", "vlnv"]


def vlnv(build: Build) -> tuple[str, str, str, str]:
    """Vendor, library, name and version by which IP catalogues know the core."""
    return "windrow", "filter", build.name, ".".join(version().split(".")[:2])


def fill(template: str, build: Build, **more: Any) -> str:
    """A template of this package, filled in for a core."""
    buses = interfaces(port.name for port in build.ports)
    vendor, library, name, release = vlnv(build)
    joined = {port for bus in buses for port in bus.ports.values()}
    return render(__package__ or "", template, {
        "name": name, "vendor": vendor, "library": library, "release": release,
        "title": build.title, "version": version(), "ports": build.ports, "buses": buses,
        "streams": [bus for bus in buses if bus.kind == "stream"],
        "control": next((bus for bus in buses if bus.kind == "axi-lite"), None),
        "parameters": {bus.name: parameters(bus, buses) for bus in buses},
        "alone": [port for port in build.ports if port.name not in joined],
        "manifest": build.manifest, "registers": build.registers,
        "widths": {port.name: port.width for port in build.ports},
        "inputs": {port.name for port in build.ports if port.is_input}, **more,
    })
