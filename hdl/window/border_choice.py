"""Which border is in force at both ends of an axis, where that is chosen while the core runs."""

from typing import Any

from amaranth import *

from ...model.axis import Flag
from ...model.borders import BORDERS


__all__ = ["BorderChoice"]


class BorderChoice:
    """The border of the frame whose output is made.

    A step is a clock edge at which ``step`` is true. What is asked here is about the next step, so
    that the answer can be registered at this one.

    Parameters
    ----------
    m : :class:`~amaranth.hdl.Module`
        Where the registers go.
    settings : :class:`~.settings.Settings`
        Those of the newest frame.
    before, after : :class:`str`
        The sides of the frame that the axis ends at.
    step : :class:`~amaranth.hdl.Value`
        A step.
    turns : :class:`~amaranth.hdl.Value`
        With ``step``: the next step is the newest frame's first output.
    """

    def __init__(
        self, m: Module, settings: Any, before: str, after: str, step: Value, turns: Value
    ) -> None:
        self._in_force: dict[str, Value] = {}
        for side, name in (("before", before), ("after", after)):
            border = Signal(settings[name].shape(), name=f"border_{name}", reset_less=True)
            with m.If(step & turns):
                m.d.sync += border.eq(settings[name])
            self._in_force[side] = Mux(turns, settings[name], border)

    def allows(self, flag: Flag) -> Value:
        """Whether a flag's border is in force at the next step."""
        if not flag.borders:
            return Const(1)
        border = self._in_force[flag.side]
        return Cat(border == BORDERS.index(name) for name in flag.borders).any()
