"""Flags that grow old with the samples they came with."""

from amaranth import *
from amaranth.hdl import ValueLike


__all__ = ["ages"]


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
