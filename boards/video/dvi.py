"""DVI: three encoded channels and a clock."""

from typing import Any

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .beam import Beam
from .serialiser import Serialiser
from .tmds import Encoder


__all__ = ["DVIOutput"]


class DVIOutput(wiring.Component):
    """Sends a picture over DVI, or HDMI without any of its extras.

    Source of the channels' order and control bits: DVI 1.0, figure 3-2. CTL0 to CTL3 are 0.

    Parameters
    ----------
    serialiser : :class:`~.serialiser.Serialiser`
        What puts the symbols onto the pins; it needs the domain ``shift`` beside ``sync``.

    Members
    -------
    i : :py:`In(Beam)`
        The picture, a pixel each clock cycle of ``sync``.
    pins : :py:`Out(4)`
        Blue, green, red, clock.
    """

    i: Any
    pins: Signal

    def __init__(self, serialiser: Serialiser) -> None:
        self._serialiser = serialiser
        super().__init__({"i": In(Beam()), "pins": Out(4)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.serialiser = serialiser = self._serialiser
        controls = {"blue": Cat(self.i.hsync, self.i.vsync), "green": Const(0), "red": Const(0)}
        for channel, (name, control) in enumerate(controls.items()):
            m.submodules[name] = encoder = Encoder()
            m.d.comb += [
                encoder.data.eq(self.i[name]),
                encoder.control.eq(control),
                encoder.active.eq(self.i.active),
                serialiser.symbols[channel].eq(encoder.symbol),
            ]
        m.d.comb += self.pins.eq(serialiser.pins)
        return m
