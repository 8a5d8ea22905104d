"""From a platform's ports to signals and back."""

from typing import Any

from amaranth import *
from amaranth.lib import io
from amaranth.vendor import GowinPlatform


__all__ = ["drive", "take"]


def take(m: Module, name: str, signal: Value, port: Any) -> None:
    """Have a signal follow input pins."""
    m.submodules[name] = buffer = io.Buffer(io.Direction.Input, port)
    m.d.comb += signal.eq(buffer.i)


def drive(m: Module, name: str, port: Any, value: Value) -> None:
    """Put a value on output pins."""
    m.submodules[name] = pins = _Output(port)
    m.d.comb += pins.value.eq(value)


class _Output(Elaboratable):
    """A buffer of each output pin.

    On Gowin one that cannot be switched off. Amaranth takes ones that can, and Apycula 0.32 leaves
    these out where it looks for the voltage of a bank: it would set up 1.2 V.
    """

    def __init__(self, port: Any) -> None:
        self._port = port
        self.value = Signal(len(port))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        if not isinstance(platform, GowinPlatform):
            m.submodules.buffer = buffer = io.Buffer(io.Direction.Output, self._port)
            m.d.comb += buffer.o.eq(self.value)
            return m
        for bit, inverted in enumerate(self._port.invert):
            m.submodules[f"buffer_{bit}"] = Instance(
                "OBUF", i_I=self.value[bit] ^ inverted, o_O=self._port.io[bit])
        return m
