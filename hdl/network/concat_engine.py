"""Channels of several tensors, side by side."""

from dataclasses import replace
from typing import Any

from amaranth import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from ...model.network.join import Concat
from ..beat import sample_shape
from ..devices import Device
from .point_engine import TableEngine
from .repack import beat_counts
from .rom import loop


__all__ = ["ConcatEngine"]


class ConcatEngine(wiring.Component):
    """Of each pixel all beats of the first input, then all of the next ones.

    Throughput is a beat a cycle.

    Parameters
    ----------
    layer : :class:`~windrow.model.network.join.Concat`
    lanes : :class:`int`
        Samples of a beat, of the inputs and of the output.
    device : :class:`~..devices.Device`
        Whose queue to use behind a table.

    Attributes
    ----------
    taken : tuple of tuples of :class:`int`
        Samples of each beat of a pixel, of each input.
    given : tuple of :class:`int`
        The same at ``o``.

    Members
    -------
    i_0, i_1, ... : streams of arrays of samples
        Inputs.
    o : stream of arrays of samples
        Output.
    """

    o: stream.Interface

    def __init__(self, layer: Concat, lanes: int, device: Device) -> None:
        self.taken = tuple(beat_counts(source.channels, lanes) for source in layer.sources)
        self.given = tuple(count for counts in self.taken for count in counts)
        # An input's table stands before the row of inputs, as a layer of its own would.
        self._tables = [
            None if values is None else TableEngine(
                source, replace(source, sample=layer.sample, zero_point=0), lanes, device,
                [values], prompt=True)
            for source, values in zip(layer.sources, layer.tables, strict=True)]
        super().__init__({
            **{f"i_{number}": In(stream.Signature(
                data.ArrayLayout(sample_shape(source.sample), lanes)))
               for number, source in enumerate(layer.sources)},
            "o": Out(stream.Signature(data.ArrayLayout(sample_shape(layer.sample), lanes))),
        })

    @property
    def inputs(self) -> list[Any]:
        """The streams of the inputs."""
        return [getattr(self, f"i_{number}") for number in range(len(self.taken))]

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        beat, _ = loop(m, len(self.given), self.o.valid & self.o.ready, "beat")
        start = 0
        for number, (port, engine, counts) in enumerate(
                zip(self.inputs, self._tables, self.taken, strict=True)):
            source = port
            if engine is not None:
                m.submodules[f"table_{number}"] = engine
                wiring.connect(m, wiring.flipped(port), engine.inputs[0])
                source = engine.o
            turn = Signal(name=f"turn_{number}")
            m.d.comb += turn.eq((beat >= start) & (beat < start + len(counts)))
            start += len(counts)
            with m.If(turn):
                m.d.comb += [
                    Value.cast(self.o.payload).eq(Value.cast(source.payload)),
                    self.o.valid.eq(source.valid),
                    source.ready.eq(self.o.ready),
                ]
        return m
