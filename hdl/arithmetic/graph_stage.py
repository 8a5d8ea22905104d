"""A graph at work in every lane and channel of a beat."""

from typing import Any

from amaranth import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ...model.graph import Graph
from ..beat import Beat, as_bits, part
from ..delay import delayed, line
from ..devices import Device
from ..text import Text
from .graph_pipeline import GraphPipeline, held_name


__all__ = ["GraphStage"]


class GraphStage(wiring.Component):
    """What a graph makes of neighbouring columns, for each of some lanes and in each channel.

    A beat of as many columns as lanes gives the graph one column; a window of ``Kw - 1`` more gives
    it Kw. Lane ``p`` sees the columns from ``p`` on. The beat's place comes along.

    Latency is :attr:`latency` cycles, throughput is one beat a cycle.

    Parameters
    ----------
    beat : :class:`~.beat.Beat`
        What comes in.
    lanes : :class:`int`
        Pixels a clock.
    graph : :class:`~windrow.model.graph.Graph`
        Its inputs are the values of the first column, of the second, and so on. Those that it has
        no input for, behind the others of their column, are left out.
    device : :class:`~.devices.Device`
        Whose multipliers and adders to use.
    settings : :class:`~amaranth.lib.data.StructLayout` or ``None``
        What its parameters are, where the filter has a register port.

    Members
    -------
    i : :py:`In(Beat)`
        Columns.
    settings : :py:`In(Settings)`
        Those of the newest frame. Only where it has parameters.
    o : :py:`Out(Beat)`
        The graph's outputs, a column a lane.
    switched : :py:`Out(1)`
        The last step takes the newest frame's settings, for one cycle a frame. Only where the beat
        says when a frame starts.
    """

    i: Any
    settings: Any
    o: Any
    switched: Signal

    def __init__(
        self, beat: Beat, lanes: int, graph: Graph, device: Device,
        settings: data.StructLayout | None = None,
    ) -> None:
        self._span = beat.count - lanes + 1
        count = device.multiplier_count if settings is not None else None
        if count is not None:
            count //= beat.channels * lanes
        self._lanes = lanes
        self._make = lambda: GraphPipeline(graph, device, settings, count)
        self._pipeline = self._make()
        self._asks = bool(self._pipeline.wanted or self._pipeline.loaded)
        self._values = len(graph.inputs) // self._span
        super().__init__({
            "i": In(beat),
            **({"settings": In(settings)} if settings is not None and self._asks else {}),
            **({"switched": Out(1)} if beat.switches else {}),
            "o": Out(beat.of([graph.interval(term) for term in graph.outputs], lanes)),
        })

    @property
    def latency(self) -> int:
        """Cycles from a beat to what is made of it."""
        return self._pipeline.latency

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        pipelines = self._pipelines(m, platform)
        for lane, channels in enumerate(pipelines):
            for channel, pipeline in enumerate(channels):
                # In one statement: each takes as long as the signal is wide.
                values = [part(self.i, "columns", lane + column, channel, number)
                          for column in range(self._span) for number in range(self._values)]
                # A sample may be wider than what is known of its values.
                values = [as_bits(value, field.width) for value, (_, field) in zip(
                    values, pipeline.i.shape(), strict=True)]
                m.d.comb += [
                    Value.cast(pipeline.i).eq(Cat(values)),
                    self.o.columns[lane][channel].eq(pipeline.o),
                ]
        if self.i.shape().switches:
            self._switch(m, [each for channels in pipelines for each in channels])
        m.d.comb += [
            self.o.valid.eq(delayed(m, self.i.valid, self.latency, name="valid")),
            self.o.place.eq(delayed(m, self.i.place, self.latency, name="place",
                                    reset_less=True)),
        ]
        return m

    def _pipelines(self, m: Module, platform: Any) -> list[list[Any]]:
        """One for each lane and channel, in a text all of one module."""
        count = self._lanes * self.i.shape().channels
        made: list[Any] = []
        if isinstance(platform, Text) and count > 1 and self.latency > 0:
            module = platform.part(self._pipeline)
            for number in range(count):
                ports = self._pipeline.signature.create(path=(f"pipeline_{number}",))
                m.submodules[f"pipeline_{number}"] = platform.instance(
                    module, self._pipeline.signature, ports)
                made.append(ports)
        else:
            for number in range(count):
                pipeline = self._pipeline if number == 0 else self._make()
                m.submodules[f"pipeline_{number}"] = pipeline
                made.append(pipeline)
        return [made[at : at + self.i.shape().channels]
                for at in range(0, count, self.i.shape().channels)]

    def _switch(self, m: Module, pipelines: list[Any]) -> None:
        """Holds what is wanted of the settings, each until the next frame comes to its cycle.

        What multipliers load themselves they are given as it is.
        """
        switches = line(m, self.i.frame_switch, self.latency, name="frame_switch")
        m.d.comb += [
            self.o.frame_switch.eq(switches[-1]),
            self.switched.eq(switches[self.latency - 1]),
        ]
        given: dict[str, Value] = {}
        for cycle, name, of in self._pipeline.wanted:
            value = of(self.settings)
            given[held_name(cycle, name)] = held = Signal(value.shape(), name=name, reset_less=True)
            with m.If(switches[cycle]):
                m.d.sync += held.eq(value)
        for cycle, name, of in self._pipeline.loaded:
            # A register half-way: they come from one place, and multipliers lie far apart.
            given[held_name(cycle, name)] = delayed(
                m, of(self.settings), 1, name=name, reset_less=True)
            given[held_name(cycle, "load")] = switches[cycle + 1]
        for pipeline in pipelines:
            m.d.comb += [pipeline.held[name].eq(value) for name, value in given.items()]
