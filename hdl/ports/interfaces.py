"""Which bus each port of a core belongs to: the one table that every package reads."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


__all__ = [
    "CONTROL_PORT", "VIVADO_BUSES", "Interface", "Port", "interface_attributes", "interfaces",
    "parameters",
]

CONTROL_PORT = "s_axi_ctrl"


@dataclass(frozen=True)
class Port:
    """One port of the top module.

    Attributes
    ----------
    name : :class:`str`
        Its name.
    is_input : :class:`bool`
        Whether the core reads it.
    width : :class:`int`
        Its bits.
    meaning : :class:`str`
        A few words.
    """

    name: str
    is_input: bool
    width: int
    meaning: str


@dataclass(frozen=True)
class Interface:
    """Ports that one connection joins.

    Attributes
    ----------
    name : :class:`str`
        What its ports' names begin with, or the one port's own.
    kind : :class:`str`
        ``clock``, ``reset``, ``interrupt``, ``stream`` or ``axi-lite``.
    is_slave : :class:`bool`
        Whether the other side begins a transfer; for clocks and resets, whether it is an input.
    ports : mapping of :class:`str` to :class:`str`
        Port of each signal, whose name is the bus's own: ``TDATA``.
    clock : :class:`str`
        Port of the clock that it runs on.
    """

    name: str
    kind: str
    is_slave: bool
    ports: dict[str, str]
    clock: str = "aclk"


def interfaces(names: Iterable[str]) -> list[Interface]:
    """The interfaces of a core with ports of these names, clocks first.

    A port that is none's, such as the overflow pulse of an input FIFO, is connected by itself.
    """
    names = list(names)
    input_clock = "s_axis_video_aclk"
    found = [Interface(name, kind, name != "interrupt", {signal: name})
             for name, kind, signal in (
                 ("aclk", "clock", "CLK"), (input_clock, "clock", "CLK"),
                 ("aresetn", "reset", "RST"), ("interrupt", "interrupt", "INTERRUPT"))
             if name in names]
    own = (input_clock, "s_axis_video_overflow")
    for bus, kind in (("s_axis_video", "stream"), ("m_axis_video", "stream"),
                      (CONTROL_PORT, "axi-lite")):
        ports = {name.removeprefix(f"{bus}_").upper(): name for name in names
                 if name.startswith(f"{bus}_") and name not in own}
        if ports:
            clock = input_clock if bus == "s_axis_video" and input_clock in names else "aclk"
            found.append(Interface(bus, kind, bus.startswith("s_"), ports, clock))
    return found


# Kind -> Vivado's bus. Source: AMD UG994, "Inferring Control Signals", and UG1118.
VIVADO_BUSES = {
    "clock": "xilinx.com:signal:clock:1.0",
    "reset": "xilinx.com:signal:reset:1.0",
    "interrupt": "xilinx.com:signal:interrupt:1.0",
    "stream": "xilinx.com:interface:axis:1.0",
    "axi-lite": "xilinx.com:interface:aximm:1.0",
}


def parameters(interface: Interface, among: Iterable[Interface]) -> dict[str, str]:
    """What Vivado has to be told of an interface, beside its ports."""
    if interface.kind == "clock":
        buses = [each.name for each in among
                 if each.kind in ("stream", "axi-lite") and each.clock == interface.name]
        reset = {"ASSOCIATED_RESET": "aresetn"} if interface.name == "aclk" else {}
        return {"ASSOCIATED_BUSIF": ":".join(buses)} | reset
    return {"reset": {"POLARITY": "ACTIVE_LOW"}, "interrupt": {"SENSITIVITY": "LEVEL_HIGH"},
            "axi-lite": {"PROTOCOL": "AXI4LITE"}}.get(interface.kind, {})


def interface_attributes(names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Verilog attributes by which Vivado knows what each port is, by port."""
    found = interfaces(names)
    attributes: dict[str, dict[str, Any]] = {}
    for each in found:
        for signal, port in each.ports.items():
            attributes[port] = {
                "X_INTERFACE_INFO": f"{VIVADO_BUSES[each.kind]} {each.name} {signal}"}
        first = next(iter(each.ports.values()))
        if words := parameters(each, found):
            attributes[first]["X_INTERFACE_PARAMETER"] = ", ".join(
                f"{name} {value}" for name, value in words.items())
    return attributes
