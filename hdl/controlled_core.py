"""A core together with its registers."""

from typing import Any

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from ..model import Filter
from ..model.pipeline import Pipeline
from .control import Registers
from .core import Core
from .network.core import NetworkCore
from .network.planned import PlannedNetwork
from .pipeline_core import PipelineCore


__all__ = ["ControlledCore"]


class ControlledCore(wiring.Component):
    """The core of a design, and where that has a register port its :class:`Registers`.

    It adds no cycle.

    Parameters
    ----------
    design, target, strategy
        As for :class:`~.core.Core`.

    Attributes
    ----------
    core : :class:`~.core.Core`, :class:`~.pipeline_core.PipelineCore` or \
:class:`~.network.core.NetworkCore`
        The core.
    registers : :class:`~.control.Registers` or ``None``
        Its registers.

    Members
    -------
    i, o : streams of :class:`~.beat.PixelBeat`
        The core's.
    reset_follows : :py:`In(1)`
        The core's.

    incomplete : :py:`Out(1)`
        The core's, where it has one.

    Where there are registers, there are also the following.

    bus : :py:`In(AxiLiteSignature(address_bits))`
        Their port.
    overflow : :py:`In(1)`
        A FIFO before ``i`` loses a beat, for one cycle a time.
    interrupt : :py:`Out(1)`
        1 while there is an event whose interrupt is enabled.
    """

    i: stream.Interface
    o: stream.Interface
    reset_follows: Signal
    bus: Any
    overflow: Signal
    interrupt: Signal
    incomplete: Signal

    def __init__(
        self, design: Filter | Pipeline | PlannedNetwork, *, target: str = "generic",
        strategy: str = "auto"
    ) -> None:
        self.core: Any
        least_size = None
        if isinstance(design, Pipeline):
            self.core = PipelineCore(design, target=target, strategy=strategy)
            least_size = None if self.core.fixed else self.core.least_size
        elif isinstance(design, PlannedNetwork):
            self.core = NetworkCore(design.network, plan=design.plan, target=target,
                                    taps=design.taps)
        else:
            self.core = Core(design, target=target, strategy=strategy)
        self.registers = (Registers(design, least_size)
                          if not isinstance(design, PlannedNetwork) and design.registers else None)
        members = {name: self.core.signature.members[name]
                   for name in ("i", "o", "reset_follows", "incomplete")
                   if name in self.core.signature.members}
        if self.registers is not None:
            members |= {"bus": self.registers.signature.members["bus"],
                        "overflow": In(1), "interrupt": Out(1)}
        super().__init__(members)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        core: Any = self.core
        m.submodules.core = core
        connect(m, flipped(self.i), core.i)
        connect(m, core.o, flipped(self.o))
        m.d.comb += core.reset_follows.eq(self.reset_follows)
        if "incomplete" in self.signature.members:
            m.d.comb += self.incomplete.eq(core.incomplete)
        if self.registers is None:
            return m
        m.submodules.registers = registers = self.registers
        connect(m, flipped(self.bus), registers.bus)
        m.d.comb += [
            core.settings.eq(registers.settings),
            core.extent.eq(registers.extent),
            core.enable.eq(registers.enable),
            core.pending.eq(registers.pending),
            core.resized.eq(registers.resized),
            registers.events.eq(core.events),
            *([core.tables.eq(registers.tables)] if "tables" in core.signature.members else ()),
            registers.overflow.eq(self.overflow),
            registers.incomplete.eq(core.incomplete if "incomplete" in core.signature.members
                                    else 0),
            self.interrupt.eq(registers.interrupt),
        ]
        return m
