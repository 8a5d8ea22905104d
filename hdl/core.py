"""The streaming convolution core: pixels in, filtered pixels out."""

from collections.abc import Sequence
from typing import Any

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from ..model import Filter
from .beat import PixelBeat
from .control.handover import Handover
from .control.taking import hand_over, ports
from .devices import Device, device
from .framing.sequencer import Sequencer
from .geometry import Geometry
from .strategies import choose
from .stream.ending import end_in


__all__ = ["Core", "frame_geometry"]


def frame_geometry(filter: Filter, device: Device) -> Geometry:
    """The geometry of a filter's frame in a core for a device family."""
    return Geometry.of(filter, max(device.line_memory.turnaround, Sequencer.shortest_row))


class Core(wiring.Component):
    """Filters a video stream.

    ``i`` to sequencer to the strategy's stages to output queue to ``o``. The pipeline between the
    sequencer and the queue never stops; the sequencer makes a push only while the queue has room
    for all that is in flight.

    The output is bit-exact to :meth:`Filter.compute <windrow.model.Filter.compute>`. Throughput is
    one beat a cycle, or in ``clocks_per_pixel`` cycles, frames back to back, as long as the output
    is taken: see :attr:`cycles_per_frame`. A frame's last output comes without further input; once
    a next frame has begun, it is that frame's beats that push it out.

    With ``control``, what a frame is filtered with is what was committed before its start: see
    :class:`~.handover.Handover`. Neither latency nor throughput depend on it.

    Parameters
    ----------
    filter : :class:`~windrow.model.Filter`
        The filter.
    target : :class:`str`
        A device family of :data:`.devices.DEVICES`.
    strategy : :class:`str`
        ``auto``, or a strategy of :data:`.strategies.STRATEGIES`.

    Members
    -------
    i : stream of :class:`~.beat.PixelBeat`
        Input frames. What becomes of any others is said in :mod:`windrow.model.framing`. In the
        cycle behind a reset ``ready`` is 0.
    reset_follows : :py:`In(1)`
        The next cycle ends in a reset; no beat is taken in it.
    o : stream of :class:`~.beat.PixelBeat`
        Output frames.

    Where the filter has a register port (``control``), there are also the following. Unconnected,
    they are what the filter says.

    settings : :py:`In(Settings)`
        What was committed.
    extent : :py:`In(Extent)`
        Likewise the size of the input frame.
    pending : :py:`In(1)`
        A commit waits to be taken. True from the cycle before its settings are there.
    resized : :py:`In(1)`
        With ``pending``: that commit wrote the size.
    enable : :py:`In(1)`
        Frames that start from the next cycle on are filtered; else they are dropped.
    events : :py:`Out(Events)`
        What happens.
    """

    i: stream.Interface
    o: stream.Interface
    reset_follows: Signal
    settings: Any
    extent: Any
    pending: Signal
    resized: Signal
    enable: Signal
    events: Any

    def __init__(
        self, filter: Filter, *, target: str = "generic", strategy: str = "auto"
    ) -> None:
        self._filter = filter
        family = device(target)
        self._geometry = geometry = frame_geometry(filter, family)

        self._sequencer = Sequencer(geometry)
        chosen = choose(filter, geometry, family, strategy)
        self._strategy = chosen.strategy
        self._stages = chosen.stages()
        self._runtime = filter.registers
        output = PixelBeat(filter.output, filter.output_format.samples_per_beat)
        on_their_way = self._sequencer.most_on_their_way(self._pipeline_latency)
        self._queue = chosen.queue(output, on_their_way - 1)
        super().__init__({
            "i": In(stream.Signature(
                PixelBeat(filter.pixel, geometry.frame.samples_per_beat))),
            "reset_follows": In(1),
            "o": Out(stream.Signature(output)),
            **ports(filter),
        })
        if self._runtime:
            # Between a frame's start and its first beat at the end there is room for so many more.
            shortest = geometry.rows.kernel * Sequencer.shortest_row * filter.clocks_per_pixel
            self._handover = Handover(filter, 2 + self._pipeline_latency // shortest,
                                      Sequencer.sizing_cycles)

    @property
    def strategy(self) -> str:
        """Name of the strategy that makes the sums; the one chosen, where that was ``auto``."""
        return self._strategy

    @property
    def design(self) -> Filter:
        """The filter."""
        return self._filter

    @property
    def geometry(self) -> Geometry:
        """How frames are swept."""
        return self._geometry

    @property
    def stages(self) -> Sequence[Any]:
        """The components from the sequencer to the output queue, each with ``i``, ``o`` and
        ``latency``."""
        return self._stages

    @property
    def _pipeline_latency(self) -> int:
        """Cycles from an input beat to the output queue."""
        return self._sequencer.latency + sum(stage.latency for stage in self._stages)

    @property
    def latency(self) -> int:
        """Clock cycles from the edge that takes a frame's first input beat to the one that gives
        its first output beat, input always valid and output always ready."""
        return (self._geometry.first_output_push * self._filter.clocks_per_pixel
                + self._pipeline_latency + self._queue.latency)

    late_cycles = 0
    """As :attr:`.PipelineCore.late_cycles`."""

    first_may_wait = False
    """Whether a first frame may come some cycles after ``latency``, or before it."""

    @property
    def restart_cycles(self) -> int:
        """As :attr:`.OutputQueue.restart_cycles`."""
        return self._queue.restart_cycles * self._filter.clocks_per_pixel

    @property
    def cycles_per_frame(self) -> int:
        """Clock cycles a frame, back to back, input always valid and output always ready."""
        return self._geometry.cycles_per_frame

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.sequencer = sequencer = self._sequencer
        m.submodules.queue = queue = self._queue

        if self._runtime:
            hand_over(m, self, self._handover, sequencer, self._stages[-1].switched)
            for stage in self._stages:
                if "settings" in stage.signature.members:
                    m.d.comb += stage.settings.eq(self._handover.taken)
        wiring.connect(m, wiring.flipped(self.i), sequencer.i)
        m.d.comb += [
            sequencer.room.eq(queue.room),
            sequencer.reset_follows.eq(self.reset_follows),
            queue.reset_follows.eq(self.reset_follows),
        ]
        beat = sequencer.o
        for stage in self._stages:
            m.submodules += stage
            m.d.comb += stage.i.eq(beat)
            beat = stage.o

        end_in(m, beat, queue, self._filter.output_format)
        wiring.connect(m, queue.o, wiring.flipped(self.o))
        return m
