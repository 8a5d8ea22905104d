"""The core behind AXI4-Stream Video ports, and its registers behind an AXI4-Lite one."""

from dataclasses import dataclass
from typing import Any

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ...model import Filter
from ...model.format import Format as FrameFormat
from ...model.pipeline import Pipeline
from ..controlled_core import ControlledCore
from ..network.planned import PlannedNetwork
from ..stream.input_fifo import InputFifo
from .interfaces import CONTROL_PORT


__all__ = ["VideoCore", "VideoPort"]


@dataclass(frozen=True)
class VideoPort:
    """One AXI4-Stream Video interface: its name and what it carries."""

    interface: str
    format: FrameFormat

    @property
    def entry(self) -> dict[str, Any]:
        """What a manifest says of it."""
        return {
            "interface": self.interface,
            "width": self.format.width,
            "height": self.format.height,
            "pixel": str(self.format.sample),
            "channels": self.format.channels,
            "pixels_per_clock": self.format.pixels_per_clock,
            **({"beats_per_pixel": self.format.beats_per_pixel}
               if self.format.beats_per_pixel > 1 else {}),
            "tdata_bits": self.format.tdata_bits,
            "tkeep_bits": self.format.tkeep_bits,
        }

    def members(self, data: Any, back: Any) -> dict[str, Any]:
        """Signature members; ``data`` is the flow of the samples, ``back`` that of ``tready``."""
        return {
            f"{self.interface}_tdata": data(self.format.tdata_bits),
            **({f"{self.interface}_tkeep": data(self.format.tkeep_bits)}
               if self.format.tkeep_bits else {}),
            f"{self.interface}_tvalid": data(1),
            f"{self.interface}_tready": back(1),
            f"{self.interface}_tuser": data(1),
            f"{self.interface}_tlast": data(1),
        }


class VideoCore(wiring.Component):
    """A :class:`~.controlled_core.ControlledCore` with flat UG934 ports, its own clock and reset.

    It adds no cycle but those of an input FIFO. ``tkeep`` of the input is not looked at: which
    bytes of a line's last beat hold pixels follows from the width.

    What is inside is reset by a register, a cycle after ``aresetn``: no gate is on the way of the
    reset to every flag. Meanwhile nothing comes out, and for two cycles behind it no beat is taken.

    Parameters
    ----------
    design : :class:`~windrow.model.Filter`, :class:`~windrow.model.pipeline.Pipeline` or \
:class:`~.network.planned.PlannedNetwork`
        The filter, the pipeline or the network.

    Members
    -------
    aclk : :py:`In(1)`
        Clock; everything happens on its rising edge.
    aresetn : :py:`In(1)`
        Synchronous reset, active low.
    s_axis_video_* : In
        Input frames.
    m_axis_video_* : Out
        Output frames.
    s_axis_video_aclk : :py:`In(1)`
        Only with an input FIFO: clock of ``s_axis_video_*``, in any relation to ``aclk``. Its reset
        is made of ``aresetn``: :class:`~.input_fifo.InputFifo` says how.
    s_axis_video_overflow : :py:`Out(1)`
        Only with an input FIFO: high for one cycle of ``aclk`` after beats that were offered while
        the FIFO was full. A source that does not look at ``tready`` has lost them.
    s_axi_ctrl_* : In
        AXI4-Lite port of the registers, where the design has one.
    interrupt : :py:`Out(1)`
        The registers' interrupt.
    incomplete : :py:`Out(1)`
        Only where edges are followed through some lines: as of
        :class:`~windrow.hdl.hysteresis.Hysteresis`.
    tap_N_tdata, tap_N_tvalid : Out
        Only of a network with taps, for its layer number N: the beats of its output as they go.
    """

    aclk: Signal
    aresetn: Signal
    s_axis_video_tdata: Signal
    s_axis_video_tvalid: Signal
    s_axis_video_tready: Signal
    s_axis_video_tuser: Signal
    s_axis_video_tlast: Signal
    m_axis_video_tdata: Signal
    m_axis_video_tkeep: Signal
    m_axis_video_tvalid: Signal
    m_axis_video_tready: Signal
    m_axis_video_tuser: Signal
    m_axis_video_tlast: Signal
    s_axis_video_aclk: Signal
    s_axis_video_overflow: Signal
    interrupt: Signal
    incomplete: Signal

    def __init__(
        self, design: Filter | Pipeline | PlannedNetwork, *, target: str = "generic",
        strategy: str = "auto"
    ) -> None:
        self._inner = ControlledCore(design, target=target, strategy=strategy)
        self.core = self._inner.core
        self.registers = self._inner.registers
        self.input = VideoPort("s_axis_video", design.format)
        self.output = VideoPort("m_axis_video", design.output_format)
        self._fifo = design.input_fifo
        self.taps = {name: VideoPort(f"tap_{number}", design.stream(name)) for number, name in
                     enumerate(design.tapped)} if isinstance(design, PlannedNetwork) else {}
        super().__init__({
            "aclk": In(1),
            "aresetn": In(1),
            **self.input.members(In, Out),
            **self.output.members(Out, In),
            **({"s_axis_video_aclk": In(1), "s_axis_video_overflow": Out(1)}
               if design.input_fifo else {}),
            **self._control_members(),
            **{f"{tap.interface}_{name}": Out(bits) for tap in self.taps.values()
               for name, bits in (("tdata", tap.format.tdata_bits), ("tvalid", 1))},
            **({"incomplete": Out(1)} if "incomplete" in self._inner.signature.members else {}),
        })

    @property
    def latency(self) -> int:
        """As :attr:`.Core.latency`. An input FIFO adds its own, if its clock is the core's."""
        return self.core.latency + (InputFifo.latency if self._fifo else 0)

    def _control_members(self) -> dict[str, Any]:
        """The registers' port, flat."""
        if self.registers is None:
            return {}
        bus = self.registers.bus.signature.members
        return {f"{CONTROL_PORT}_{name}": member for name, member in bus.items()} | {
            "interrupt": Out(1)}

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        domain: Any = ClockDomain("sync")
        domain.clk = self.aclk
        m.domains += domain
        resets = Signal(reset_less=True)
        m.d.sync += resets.eq(~self.aresetn)
        m.d.comb += [domain.rst.eq(resets), self._inner.reset_follows.eq(~self.aresetn)]
        m.submodules.core = core = self._inner

        source: Any = core.i
        if self._fifo:
            m.domains += (pixels := ClockDomain("source"))
            pixels.clk = self.s_axis_video_aclk
            m.submodules.fifo = fifo = InputFifo(
                core.i.payload.shape(), self._fifo)
            wiring.connect(m, fifo.o, core.i)
            m.d.comb += self.s_axis_video_overflow.eq(fifo.overflow)
            if self.registers is not None:
                m.d.comb += core.overflow.eq(fifo.overflow)
            source = fifo.i
        m.d.comb += [
            Value.cast(source.payload.samples).eq(self.s_axis_video_tdata),
            # `tready` follows `first` in the same cycle, and must be known where an idle source's
            # `tuser` is not.
            source.payload.first.eq(self.s_axis_video_tuser & self.s_axis_video_tvalid),
            source.payload.last.eq(self.s_axis_video_tlast),
            source.valid.eq(self.s_axis_video_tvalid),
            self.s_axis_video_tready.eq(source.ready),

            self.m_axis_video_tdata.eq(Value.cast(core.o.payload.samples)),
            self.m_axis_video_tuser.eq(core.o.payload.first),
            self.m_axis_video_tlast.eq(core.o.payload.last),
            self.m_axis_video_tvalid.eq(core.o.valid & ~resets),
            core.o.ready.eq(self.m_axis_video_tready),
        ]
        if self.output.format.tkeep_bits:
            m.d.comb += self.m_axis_video_tkeep.eq(
                Mux(core.o.payload.last, (1 << self.output.format.last_bytes) - 1, -1))
        if "incomplete" in self.signature.members:
            m.d.comb += self.incomplete.eq(core.incomplete)
        if self.registers is not None:
            for name, member in core.bus.signature.members.items():
                port, inner = getattr(self, f"{CONTROL_PORT}_{name}"), getattr(core.bus, name)
                shown = inner & ~resets if name.endswith(("ready", "valid")) else inner
                m.d.comb += inner.eq(port) if member.flow is In else port.eq(shown)
            m.d.comb += self.interrupt.eq(core.interrupt)
        for name, tap in self.taps.items():
            shown = self.core.taps[name]
            m.d.comb += [getattr(self, f"{tap.interface}_tvalid").eq(shown.valid & ~resets),
                         getattr(self, f"{tap.interface}_tdata").eq(shown.samples)]
        return m
