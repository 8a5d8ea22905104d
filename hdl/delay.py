"""Registers in a row: values some cycles later, flags some steps older."""

from typing import Any, TypeVar

from amaranth import *
from amaranth.hdl import ValueCastable, ValueLike


__all__ = ["ages", "delayed", "late_reset", "line"]

T = TypeVar("T", Value, ValueCastable)


def delayed(m: Module, value: T, cycles: int, *, name: str, reset_less: bool = False) -> T:
    """``value`` as it was ``cycles`` clock cycles ago, in a row of registers."""
    return line(m, value, cycles, name=name, reset_less=reset_less)[-1]


def line(m: Module, value: T, cycles: int, *, name: str, reset_less: bool = False) -> list[T]:
    """``value`` as it is now and as it was 1, 2, ... ``cycles`` clock cycles ago."""
    if not len(Value.cast(value)):  # Verilog has no signal without bits
        return [value] * (cycles + 1)
    values = [value]
    for _ in range(cycles):
        later: Any = Signal(value.shape(), name=name, reset_less=reset_less)
        m.d.sync += Value.cast(later).eq(values[-1])
        values.append(later)
    return values


def late_reset(m: Module, *values: Any) -> None:
    """Give registers without a reset their initial values a cycle after the others'.

    For those that nothing asks for so soon: the reset has hundreds less to reach in one cycle.
    """
    late = delayed(m, ResetSignal(allow_reset_less=True), 1, name="late_reset", reset_less=True)
    with m.If(late):
        for value in values:
            signal = Value.cast(value)
            assert isinstance(signal, Signal)
            assert signal.reset_less
            m.d.sync += signal.eq(signal.init)


def ages(m: Module, step: ValueLike, flag: Value, oldest: int) -> list[Value]:
    """``flag`` as it is now and as it was 1, 2, ... ``oldest`` steps ago.

    A step is a clock edge at which ``step`` is true.
    """
    seen = [flag]
    for age in range(1, oldest + 1):
        older = Signal(name=f"{getattr(flag, 'name', 'flag')}_age_{age}")
        with m.If(step):
            m.d.sync += older.eq(seen[-1])
        seen.append(older)
    return seen
