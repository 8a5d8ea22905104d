"""From a platform's ports to signals and back."""

from typing import Any

from amaranth import *
from amaranth.lib import io


__all__ = ["drive", "take"]


def take(m: Module, name: str, signal: Value, port: Any) -> None:
    """Have a signal follow input pins."""
    m.submodules[name] = buffer = io.Buffer("i", port)
    m.d.comb += signal.eq(buffer.i)


def drive(m: Module, name: str, port: Any, value: Value) -> None:
    """Put a value on output pins."""
    m.submodules[name] = buffer = io.Buffer("o", port)
    m.d.comb += buffer.o.eq(value)
